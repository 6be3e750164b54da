"""A pipeline file that is wrong becomes a placeholder that says so, and disturbs nobody else."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from airflow.sdk import DAG
from airflow.sdk.definitions.context import _AIRFLOW_PARSING_CONTEXT_DAG_ID, _AIRFLOW_PARSING_CONTEXT_TASK_ID
from airflow.serialization.serialized_objects import DagSerialization

from dreamflow.errors import ConfigError
from dreamflow.operators.broken_pipeline import BrokenPipeline, pipelines_limit
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
        (f"{GOOD}notify: ['${{NOT_SET_ANYWHERE}}']", ["notify.0", "${NOT_SET_ANYWHERE} is not set"]),
        ("", ["the file is empty"]),
        ("targets:\n\t- {type: agent}", ["line 2 is indented with a tab: use spaces"]),
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


def next_run(dag: DAG) -> str | None:
    """Return when Airflow's scheduler would run the DAG first: hour, minute and offset."""
    info = DagSerialization.from_dict(DagSerialization.to_dict(dag)).next_dagrun_info(
        last_automated_run_info=None
    )
    at = info and info.logical_date
    return at.in_timezone("Europe/London").strftime("%H:%M") if at else None


def test_a_wrong_file_fails_on_the_schedule_that_it_had_and_is_never_tried_again(parse: Parse) -> None:
    """A typo must not take the schedule away: nights would be missing, and everything green."""
    placeholder = parse(
        broken=f'{GOOD}schedule: {{cron: "30 2 * * *", timezone: Europe/London}}\nsessions: {{limit: 0}}'
    ).dags["dream__broken"]
    assert next_run(placeholder) == "02:30"
    assert not placeholder.catchup
    (task,) = placeholder.tasks
    assert task.retries == 0


def test_a_wrong_file_without_a_schedule_fails_when_it_is_triggered(parse: Parse) -> None:
    assert next_run(parse(broken="targets: 5").dags["dream__broken"]) is None


def test_a_wrong_file_is_seen_in_the_list_of_dags(parse: Parse) -> None:
    placeholder = parse(broken="targets: 5").dags["dream__broken"]
    assert placeholder.tags == {"dreamflow", "broken"}
    assert placeholder.dag_display_name == "dream__broken (broken)"


def test_a_placeholder_says_nothing_of_what_a_variable_holds(
    parse: Parse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET", "json://ops:hunter22@example.com")
    placeholder = parse(broken=f"{GOOD}sessions: {{limit: '${{SECRET}}'}}\nnotify: ['${{SECRET}}']").dags[
        "dream__broken"
    ]
    assert "sessions.limit: '${SECRET}' is not a whole number" in error_of(placeholder)
    assert "hunter22" not in json.dumps(DagSerialization.to_dict(placeholder))
    assert "hunter22" not in error_of(placeholder)


class TestSharedTargets:
    TARGET = "targets: [{type: deployment, deployment_id: depl_1}]\n"
    SCHEDULE = 'schedule: {cron: "30 2 * * *", timezone: Europe/London}\n'

    def test_each_of_two_pipelines_that_name_one_target_says_the_other(self, parse: Parse) -> None:
        bag = parse(one=self.TARGET + self.SCHEDULE, two=self.TARGET, three=GOOD)
        assert not bag.import_errors
        assert len(bag.dags["dream__three"].tasks) > 1
        assert "one.yaml: targets.0: the same deployment is a target of " in error_of(bag.dags["dream__one"])
        assert "one.yaml (targets.0)" in error_of(bag.dags["dream__two"])
        assert next_run(bag.dags["dream__one"]) == "02:30"
        assert next_run(bag.dags["dream__two"]) is None

    def test_the_worker_of_the_placeholders_task_comes_to_the_same(
        self, parse: Parse, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv(_AIRFLOW_PARSING_CONTEXT_DAG_ID, "dream__one")
        monkeypatch.setenv(_AIRFLOW_PARSING_CONTEXT_TASK_ID, "broken_pipeline_file")
        bag = parse(one=self.TARGET, two=self.TARGET, three=GOOD)
        assert [dag_id for dag_id in bag.dags if dag_id.startswith("dream__")] == ["dream__one"]
        assert "two.yaml" in error_of(bag.dags["dream__one"])

    def test_a_run_that_is_under_way_when_the_other_file_comes_goes_on(
        self, parse: Parse, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv(_AIRFLOW_PARSING_CONTEXT_DAG_ID, "dream__one")
        monkeypatch.setenv(_AIRFLOW_PARSING_CONTEXT_TASK_ID, "repoint")
        bag = parse(one=self.TARGET, two=self.TARGET)
        assert bag.dags["dream__one"].has_task("repoint")


class TestManyPipelines:
    def test_too_many_for_one_dag_file_is_said_while_all_of_them_work(
        self, parse: Parse, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("AIRFLOW__DAG_PROCESSOR__DAG_FILE_PROCESSOR_TIMEOUT", "0.3")
        bag = parse(one=GOOD, two=GOOD, three=GOOD)
        assert "too_many_pipelines__nightly_dream" not in bag.dags
        bag = parse(four=GOOD)
        assert all(len(bag.dags[f"dream__{name}"].tasks) > 1 for name in ("one", "two", "three", "four"))
        told = bag.dags["too_many_pipelines__nightly_dream"]
        assert "4 pipelines" in error_of(told)
        assert "nightly_dream_2.py" in error_of(told)
        assert next_run(told) is not None
        assert told.is_paused_upon_creation is False

    @pytest.mark.parametrize(
        ("key", "least", "most"), [("", 400, 700), ("CORE__DAGBAG_IMPORT_TIMEOUT", 30, 60)]
    )
    def test_the_limit_is_half_of_what_airflow_has_the_time_for(
        self, monkeypatch: pytest.MonkeyPatch, key: str, least: int, most: int
    ) -> None:
        if key:
            monkeypatch.setenv(f"AIRFLOW__{key}", "1")
        assert least < pipelines_limit() < most


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
    assert len(bag.dags) == 3


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
    assert sorted(bag.dags) == [
        "dream__dangling",
        "dream__folder",
        "dream__support",
        "restore_memory_store",
    ]


def test_a_folder_that_is_not_there_is_an_import_error_that_names_it(
    parse: Parse, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DREAMFLOW_PIPELINES", str(folder / "elsewhere"))
    bag = parse()
    (message, *_) = bag.import_errors.values()
    assert f"{folder}/elsewhere is not a folder" in message
    assert "DREAMFLOW_PIPELINES" in message
