"""A pipeline file that is wrong becomes a placeholder that says so, and disturbs nobody else."""

from __future__ import annotations

from pathlib import Path

import pytest
from airflow.sdk import DAG
from airflow.serialization.serialized_objects import DagSerialization

from dreamflow.errors import ConfigError
from dreamflow.operators.broken_pipeline import BrokenPipeline
from tests.dags.conftest import GOOD, Parse


def error_of(placeholder: DAG) -> str:
    """Return what the only task of a placeholder fails with."""
    (task,) = placeholder.tasks
    assert isinstance(task, BrokenPipeline)
    with pytest.raises(ConfigError) as raised:
        task.execute({})
    return str(raised.value)


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
    message = error_of(placeholder)
    for words in ["broken.yaml", *said]:
        assert words in message
        assert words in (placeholder.doc_md or "")


def test_a_placeholder_is_never_scheduled_and_its_task_never_retried(parse: Parse) -> None:
    placeholder = parse(broken="targets: 5").dags["dream__broken"]
    (task,) = placeholder.tasks
    assert task.retries == 0
    again = DagSerialization.from_dict(DagSerialization.to_dict(placeholder))
    assert again.next_dagrun_info(last_automated_run_info=None) is None


def test_a_placeholders_page_renders_nothing_that_the_file_says(parse: Parse) -> None:
    """What a file says, keys included, stands in a code block of the DAG's page."""
    text = f'{GOOD}"a\\n\\n![x](http://evil/x.png)": 1\n'
    doc = parse(broken=text).dags["dream__broken"].doc_md or ""
    _, _, said = doc.partition("\n\n")
    assert all(line.startswith("    ") for line in said.splitlines() if line.strip())


@pytest.mark.parametrize("name", ["my pipeline", "x" * 247, "a&b"])
def test_a_file_whose_name_can_be_no_dag_id_disturbs_no_other(parse: Parse, folder: Path, name: str) -> None:
    (folder / f"{name}.yaml").write_text(GOOD)
    bag = parse(support=GOOD)
    assert not bag.import_errors
    assert "dream__support" in bag.dags
    assert len(bag.dags) == 2


def test_two_files_of_one_name_are_said_to_be_two(parse: Parse, folder: Path) -> None:
    (folder / "support.yml").write_text(f"{GOOD}conn_id: other")
    bag = parse(support=GOOD)
    assert not bag.import_errors
    message = error_of(bag.dags["dream__support"])
    assert "support.yaml" in message
    assert "support.yml" in message


def test_a_file_that_goes_away_while_it_is_read_disturbs_no_other(parse: Parse, folder: Path) -> None:
    (folder / "dangling.yaml").symlink_to(folder / "gone.yaml")
    (folder / "folder.yaml").mkdir()
    bag = parse(support=GOOD)
    assert not bag.import_errors
    assert sorted(bag.dags) == ["dream__dangling", "dream__folder", "dream__support"]


def test_a_folder_that_is_not_there_is_an_import_error_that_names_it(
    parse: Parse, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DREAMFLOW_PIPELINES", str(folder / "elsewhere"))
    bag = parse()
    (message,) = bag.import_errors.values()
    assert f"{folder}/elsewhere is not a folder" in message
    assert "DREAMFLOW_PIPELINES" in message
