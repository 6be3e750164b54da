"""A pipeline file that is wrong becomes a placeholder that says so, and disturbs nobody else."""

from __future__ import annotations

from pathlib import Path

import pytest
from airflow.serialization.serialized_objects import DagSerialization

from dreamflow.errors import ConfigError
from tests.dags.conftest import GOOD, Parse


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("targets: [", ["not YAML"]),
        (f"{GOOD}sessions: {{limit: 0}}", ["sessions.limit", "0 is below 1"]),
        (f"{GOOD}colour: blue", ["colour", "is not a key"]),
        (f"{GOOD}conn_id: ${{NOT_SET_ANYWHERE}}", ["conn_id", "${NOT_SET_ANYWHERE} is not set"]),
        ("", ["expected keys such as targets:"]),
    ],
)
def test_the_placeholder_names_file_key_value_and_what_was_expected(
    parse: Parse, text: str, said: list[str]
) -> None:
    bag = parse(broken=text, support=GOOD)
    assert not bag.import_errors
    assert len(bag.dags["dream__support"].tasks) > 1
    placeholder = bag.dags["dream__broken"]
    (task,) = placeholder.tasks
    with pytest.raises(ConfigError) as raised:
        task.execute({})
    for words in ["broken.yaml", *said]:
        assert words in str(raised.value)
        assert words in (placeholder.doc_md or "")


def test_a_placeholder_is_never_scheduled_and_its_task_never_retried(parse: Parse) -> None:
    placeholder = parse(broken="targets: 5").dags["dream__broken"]
    assert placeholder.schedule is None
    (task,) = placeholder.tasks
    assert task.retries == 0
    DagSerialization.to_dict(placeholder)


@pytest.mark.xfail(
    strict=True,
    reason="dags/nightly_dream.py placeholder(): indents the first line of the error only; a key may hold line ends",
)
def test_a_placeholders_page_renders_nothing_that_the_file_says(parse: Parse) -> None:
    """What a file says, keys included, stands in a code block of the DAG's page."""
    text = f'{GOOD}"a\\n\\n![x](http://evil/x.png)": 1\n'
    doc = parse(broken=text).dags["dream__broken"].doc_md or ""
    _, _, said = doc.partition("\n\n")
    assert all(line.startswith("    ") for line in said.splitlines() if line.strip())


@pytest.mark.xfail(
    strict=True,
    reason="dags/nightly_dream.py placeholder(): makes a DAG id of the very name that was refused as one; Airflow's error "
    "takes every pipeline down",
)
@pytest.mark.parametrize("name", ["my pipeline", "x" * 247, "a&b"])
def test_a_file_whose_name_can_be_no_dag_id_disturbs_no_other(
    parse: Parse, folder: Path, name: str
) -> None:
    (folder / f"{name}.yaml").write_text(GOOD)
    bag = parse(support=GOOD)
    assert not bag.import_errors
    assert "dream__support" in bag.dags
    assert len(bag.dags) == 2


@pytest.mark.xfail(
    strict=True,
    reason="dags/nightly_dream.py: support.yml replaces support.yaml in globals(), and nobody is told",
)
def test_two_files_of_one_name_are_said_to_be_two(parse: Parse, folder: Path) -> None:
    (folder / "support.yml").write_text(f"{GOOD}conn_id: other")
    bag = parse(support=GOOD)
    assert not bag.import_errors
    (task,) = bag.dags["dream__support"].tasks
    with pytest.raises(ConfigError, match=r"support\.yaml.*support\.yml|support\.yml.*support\.yaml"):
        task.execute({})


def test_a_file_that_goes_away_while_it_is_read_disturbs_no_other(parse: Parse, folder: Path) -> None:
    (folder / "dangling.yaml").symlink_to(folder / "gone.yaml")
    (folder / "folder.yaml").mkdir()
    bag = parse(support=GOOD)
    assert not bag.import_errors
    assert sorted(bag.dags) == ["dream__dangling", "dream__folder", "dream__support"]
