"""The DAG that goes back to an earlier store: its tasks, their order, and what its Trigger form asks."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from airflow.sdk import DAG, XComArg
from airflow.sdk.definitions.context import _AIRFLOW_PARSING_CONTEXT_DAG_ID
from airflow.serialization.serialized_objects import DagSerialization

from dreamflow.errors import ConfigError
from dreamflow.operators.approval import ADOPT, REJECT
from dreamflow.operators.restore import ApproveRestore
from dreamflow.params import pipeline_chosen, wish_of
from tests.dags.conftest import GOOD, Parse, Run
from tests.support.run_record import RunRecord

DAG_ID = "restore_memory_store"
#: Ids and edges are a contract; where a task does what a dream's DAG does too, it has that one's id.
EDGES = {
    "settle_earlier_runs": {"clone_ancestor"},
    "clone_ancestor": {"review_changes"},
    "review_changes": {"approve"},
    "approve": {"carry_late_writes", "discard_output"},
    "carry_late_writes": {"repoint"},
    "repoint": {"verify_targets"},
    "verify_targets": {"drain_sessions"},
    "drain_sessions": {"retire_input"},
    "retire_input": set(),
    "discard_output": set(),
}
NO_CHOICE = "(no pipeline file is right: see the DAGs that are tagged broken)"


@pytest.fixture
def dag(parse: Parse) -> DAG:
    bag = parse(support=GOOD, sales=GOOD, broken="targets: 5")
    assert not bag.import_errors
    return bag.dags[DAG_ID]


def choices(dag: DAG) -> list[str]:
    return list(dag.params.get_param("pipeline").schema["enum"])


def test_the_tasks_and_their_order_are_the_designs(dag: DAG) -> None:
    assert {task.task_id: set(task.downstream_task_ids) for task in dag.tasks} == EDGES
    again = DagSerialization.from_dict(json.loads(json.dumps(DagSerialization.to_dict(dag))))
    assert {task.task_id: set(task.downstream_task_ids) for task in again.tasks} == EDGES


def test_each_task_is_given_what_its_one_predecessor_leaves(dag: DAG) -> None:
    for task in dag.tasks:
        told_of = [source.task_id for source, _ in XComArg.iter_xcom_references(vars(task)["given"])]
        assert told_of == list(task.upstream_task_ids), task.task_id
        assert tuple(task.template_fields) == ("given",), task.task_id


def test_it_runs_when_a_person_says_so_and_for_several_pipelines_at_once(dag: DAG) -> None:
    assert DagSerialization.to_dict(dag)["dag"]["timetable"]["__type"].endswith("NullTimetable")
    assert dag.max_active_runs > 1
    assert dag.is_paused_upon_creation is False


def test_the_question_offers_adopt_and_reject_and_silence_is_a_reject(dag: DAG) -> None:
    approve = dag.get_task("approve")
    assert isinstance(approve, ApproveRestore)
    assert (approve.options, approve.defaults) == ([ADOPT, REJECT], [REJECT])


def test_verify_runs_after_a_failed_repoint_and_not_after_a_reject(dag: DAG) -> None:
    assert dag.get_task("verify_targets").trigger_rule == "none_skipped"


def test_every_param_has_a_type_a_title_and_help(dag: DAG) -> None:
    assert list(dag.params) == ["pipeline", "member", "memory_store_id", "late_writes", "paths"]
    for name in dag.params:
        param = dag.params.get_param(name)
        assert param.schema.get("type"), name
        assert param.schema.get("title"), name
        assert param.description, name


def test_one_chooses_among_the_pipelines_whose_files_are_right(dag: DAG) -> None:
    assert choices(dag) == ["sales", "support"]
    assert not dag.params.get_param("pipeline").has_value


def test_the_only_pipeline_is_chosen_already(parse: Parse) -> None:
    dag = parse(support=GOOD).dags[DAG_ID]
    assert {name: param.value for name, param in dag.params.items()} == {
        "pipeline": "support",
        "member": "",
        "memory_store_id": "",
        "late_writes": "carry",
        "paths": [],
    }


@pytest.mark.parametrize("files", [{}, {"broken": "targets: 5"}])
def test_without_a_right_file_the_dag_is_there_and_says_so(parse: Parse, files: dict[str, str]) -> None:
    """One that went away would take the runs with it that wait in it."""
    bag = parse(**files)
    assert not bag.import_errors
    assert choices(bag.dags[DAG_ID]) == [NO_CHOICE]
    with pytest.raises(ConfigError, match="there is no pipeline"):
        pipeline_chosen({"pipeline": NO_CHOICE}, "manual__1")


@pytest.mark.parametrize(
    ("name", "value"),
    [("pipeline", "elsewhere"), ("memory_store_id", "../x"), ("memory_store_id", 5), ("member", 5),
     ("late_writes", "drop"), ("paths", "*.md"), ("paths", [1])],
)  # fmt: skip
def test_a_value_out_of_bounds_is_refused_by_the_form(dag: DAG, name: str, value: object) -> None:
    dag.params["pipeline"] = "support"
    with pytest.raises(Exception, match=r"(?i)param"):
        dag.params[name] = value
        dag.params.validate()


@pytest.mark.parametrize(
    ("params", "wish"),
    [
        ({}, ("", (), "carry")),
        ({"memory_store_id": None, "paths": None, "late_writes": "list"}, ("", (), "list")),
        (
            {"memory_store_id": " memstore_1 ", "paths": ["/a.md", " ", ""]},
            ("memstore_1", ("/a.md",), "carry"),
        ),
    ],
)
def test_a_form_that_came_back_empty_asks_for_the_usual(
    params: dict[str, Any], wish: tuple[Any, ...]
) -> None:
    assert tuple(wish_of(params).values()) == wish


def test_a_worker_reads_no_file_to_build_the_dag_and_the_task_says_that_its_pipelines_is_wrong(
    parse: Parse, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run goes on whose pipeline's file was right when it was triggered."""
    monkeypatch.setenv(_AIRFLOW_PARSING_CONTEXT_DAG_ID, DAG_ID)
    bag = parse(support=GOOD, broken="targets: 5")
    assert [dag_id for dag_id in bag.dags if not dag_id.startswith("dream__")] == [DAG_ID]
    dag = bag.dags[DAG_ID]
    assert choices(dag) == ["broken", "support"]
    task: Any = dag.get_task("repoint")
    with pytest.raises(ConfigError, match=r"broken\.yaml: targets"):
        task.execute(RunRecord("manual__1").context("repoint", {"pipeline": "broken"}))


def test_a_worker_of_another_dag_builds_none(parse: Parse, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(_AIRFLOW_PARSING_CONTEXT_DAG_ID, "dream__support")
    assert DAG_ID not in parse(support=GOOD).dags


def test_parsing_imports_no_anthropic(run: Run, parse: Parse) -> None:
    parse(support=GOOD)
    done = run(
        "import sys\n"
        "from airflow.dag_processing.dagbag import DagBag\n"
        "from airflow.sdk import conf\n"
        "bag = DagBag(conf.get('core', 'dags_folder') + '/restore_memory_store.py')\n"
        "assert not bag.import_errors, bag.import_errors\n"
        "assert list(bag.dags) == ['restore_memory_store'], bag.dags\n"
        "heavy = [name for name in sys.modules if name.split('.')[0] == 'anthropic'\n"
        "         or name.startswith('airflow.providers.anthropic.hooks')]\n"
        "assert not heavy, heavy\n"
    )
    assert done.returncode == 0, done.stderr
