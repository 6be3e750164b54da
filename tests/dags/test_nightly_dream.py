"""The DAG of a pipeline: its tasks, their order, and what the Trigger form offers."""

from __future__ import annotations

import ast
import json
from copy import copy
from datetime import timedelta

import pytest
from airflow.dag_processing.dagbag import DagBag
from airflow.sdk import DAG, XComArg
from airflow.sdk.definitions.context import _AIRFLOW_PARSING_CONTEXT_DAG_ID
from airflow.serialization.serialized_objects import DagSerialization

from dreamflow.operators.approval import ADOPT, AGAIN, REJECT, ApproveDream
from tests.dags.conftest import GOOD, PROJECT, Parse, Run
from tests.support.run_record import RunRecord

#: DESIGN's table: every task of a dream's DAG, and what follows it. Ids and edges are a contract.
EDGES = {
    "settle_earlier_runs": {"collect_sessions"},
    "collect_sessions": {"launch_dream"},
    "launch_dream": {"wait_for_dream"},
    "wait_for_dream": {"review_changes"},
    "review_changes": {"approve"},
    "approve": {"carry_late_writes", "discard_output", "dream_again"},
    "carry_late_writes": {"repoint"},
    "repoint": {"verify_targets"},
    "verify_targets": {"drain_sessions"},
    "drain_sessions": {"retire_input"},
    "retire_input": {"catch_up"},
    "catch_up": set(),
    "discard_output": set(),
    "dream_again": set(),
}
DOCUMENTED = """
conn_id: anthropic_eu
schedule: {cron: "30 2 * * *", timezone: Europe/London}
sessions: {agent_id: "${AGENT}", limit: 42, minimum: 1, max_age: P30D, catch_up: true}
dream: {model: claude-opus-5, instructions: "Keep an index.", timeout: PT6H, poll_interval: PT30S, budget: {usd: 25}}
approval: {mode: when_flagged, assignees: [ada], timeout: PT20H}
targets:
  - {type: deployment, deployment_id: "${DEPLOYMENT}"}
  - {type: agent, agent_id: "${AGENT}", metadata_key: memory_store_id}
checks: {protect: ["/policies/**"], max_removed: 0.25}
retire: {idle_for: PT1H, drain_timeout: PT6H, grace: PT0S}
reports: {location: "file:///opt/airflow/dreamflow-reports"}
notify: []
"""


@pytest.fixture
def dag(parse: Parse, monkeypatch: pytest.MonkeyPatch) -> DAG:
    monkeypatch.setenv("AGENT", "agent_1")
    monkeypatch.setenv("DEPLOYMENT", "depl_1")
    bag = parse(support=DOCUMENTED)
    assert not bag.import_errors
    return bag.dags["dream__support"]


def test_the_tasks_and_their_order_are_the_designs(dag: DAG) -> None:
    assert {task.task_id: set(task.downstream_task_ids) for task in dag.tasks} == EDGES


def test_no_backfill_can_run_beside_a_night(dag: DAG) -> None:
    assert dag.max_active_runs == 1
    again = DagSerialization.from_dict(DagSerialization.to_dict(dag))
    assert again.allowed_run_types is not None
    assert {str(kind) for kind in again.allowed_run_types} == {
        "scheduled",
        "manual",
        "operator_triggered",
    }


def test_one_task_repoints_every_target(dag: DAG) -> None:
    assert not [task.task_id for task in dag.tasks if task.is_mapped]


def test_each_task_is_given_what_its_one_predecessor_leaves(dag: DAG) -> None:
    for task in dag.tasks:
        given = vars(task)["given"]
        told_of = [(source.task_id, key) for source, key in XComArg.iter_xcom_references(given)]
        assert told_of == [(before, "return_value") for before in task.upstream_task_ids], task.task_id
        assert len(told_of) == (task.task_id != "settle_earlier_runs"), task.task_id


def test_nothing_looks_another_task_up_by_its_id() -> None:
    for path in [*PROJECT.glob("dags/*.py"), *PROJECT.glob("plugins/**/*.py")]:
        looked_up = {"xcom_pull", "get_task", "get_task_instance", "XCom", "get_one", "get_value"}
        names = {
            name
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
            for name in (getattr(node, "attr", None), getattr(node, "id", None))
        }
        assert not names & looked_up, path


def test_verify_runs_after_a_failed_repoint_and_not_after_a_reject(dag: DAG) -> None:
    assert dag.get_task("verify_targets").trigger_rule == "none_skipped"


def test_runs_never_overlap_and_the_past_is_not_made_up(dag: DAG) -> None:
    assert dag.max_active_runs == 1
    assert dag.catchup is False


def test_the_schedule_is_the_pipelines(dag: DAG) -> None:
    serialized = DagSerialization.to_dict(dag)["dag"]["timetable"]["__var"]
    assert (serialized["expression"], serialized["timezone"]) == ("30 2 * * *", "Europe/London")


def test_the_approval_offers_the_three_answers_and_silence_is_a_reject(dag: DAG) -> None:
    approve = dag.get_task("approve")
    assert isinstance(approve, ApproveDream)
    assert approve.options == [ADOPT, REJECT, AGAIN]
    assert approve.defaults == [REJECT]
    assert approve.response_timeout == timedelta(hours=20)
    assert approve.options_mapping == {
        ADOPT: "carry_late_writes",
        REJECT: "discard_output",
        AGAIN: "dream_again",
    }


def test_memory_text_is_never_a_template(dag: DAG) -> None:
    """What a task is given stays as it was left, whatever it says: no word of it is rendered."""
    left = {"digest": "{{ 1/0 }}", "applied": [{"path": "/{{ conn.anthropic_default.password }}.md"}]}
    record = RunRecord("manual__1")
    for task_id in EDGES:
        record.leave(task_id, "return_value", left)
    for task in dag.tasks:
        assert tuple(task.template_fields) == ("given",), task.task_id
        shown = copy(task)
        shown.render_template_fields(record.context(task.task_id, {}))
        given = vars(shown)["given"]
        assert given == (left if task.upstream_task_ids else None), task.task_id


def test_the_trigger_form_starts_from_the_pipelines_values_with_types_bounds_and_help(dag: DAG) -> None:
    defaults = {name: param.value for name, param in dag.params.items()}
    assert defaults == {
        "limit": 42,
        "model": "claude-opus-5",
        "instructions": "Keep an index.",
        "approval_mode": "when_flagged",
        "dry_run": False,
        "new_dream": False,
    }
    for name in defaults:
        param = dag.params.get_param(name)
        assert param.schema.get("type"), name
        assert param.schema.get("title"), name
        assert param.description, name


@pytest.mark.parametrize(
    ("name", "value"),
    [("limit", 0), ("limit", 101), ("limit", "many"), ("model", ""), ("approval_mode", "maybe"),
     ("instructions", "x" * 4097), ("dry_run", "perhaps")],
)  # fmt: skip
def test_a_value_out_of_bounds_is_refused_by_the_form(dag: DAG, name: str, value: object) -> None:
    with pytest.raises(Exception, match=r"(?i)param"):
        dag.params[name] = value
        dag.params.validate()


def test_the_dag_travels_between_airflows_components(dag: DAG) -> None:
    serialized = json.loads(json.dumps(DagSerialization.to_dict(dag)))
    again = DagSerialization.from_dict(serialized)
    assert {task.task_id: set(task.downstream_task_ids) for task in again.tasks} == EDGES


@pytest.mark.parametrize("cron", ["30 2 * * *", "*/5 * * * *", "@daily", "0 0 1 1 mon"])
def test_a_schedule_that_a_pipeline_may_have_is_one_that_airflow_can_plan(parse: Parse, cron: str) -> None:
    bag = parse(support=f'{GOOD}schedule: {{cron: "{cron}"}}')
    dag = DagSerialization.from_dict(DagSerialization.to_dict(bag.dags["dream__support"]))
    assert dag.next_dagrun_info(last_automated_run_info=None) is not None


def test_parsing_imports_no_anthropic(run: Run, parse: Parse) -> None:
    parse(support=GOOD, broken="targets: 5")
    done = run(
        "import sys\n"
        "from airflow.dag_processing.dagbag import DagBag\n"
        "from airflow.sdk import conf\n"
        "bag = DagBag(conf.get('core', 'dags_folder'))\n"
        "assert not bag.import_errors, bag.import_errors\n"
        "assert sorted(bag.dags) == ['dream__broken', 'dream__support', 'restore_memory_store'], bag.dags\n"
        "heavy = [name for name in sys.modules if name.split('.')[0] == 'anthropic'\n"
        "         or name.startswith('airflow.providers.anthropic.hooks')]\n"
        "assert not heavy, heavy\n"
    )
    assert done.returncode == 0, done.stderr


def test_a_hundred_pipelines_parse(parse: Parse) -> None:
    bag = parse(**{f"pipeline_{i}": f'{GOOD}schedule: {{cron: "{i % 60} 2 * * *"}}' for i in range(100)})
    assert not bag.import_errors
    assert len(own(bag)) == 100
    assert {len(dag.tasks) for dag in own(bag).values()} == {len(EDGES)}


@pytest.mark.parametrize("name", ["support", "broken", "no name for a DAG"])
def test_a_worker_builds_the_dag_whose_task_it_runs_and_no_other(
    parse: Parse, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    files = {"support": GOOD, "sales": GOOD, "broken": "targets: 5", "no name for a DAG": GOOD}
    dag_id = next(dag_id for dag_id in parse(**files).dags if name.replace(" ", "_") in dag_id)
    monkeypatch.setenv(_AIRFLOW_PARSING_CONTEXT_DAG_ID, dag_id)
    assert list(own(parse())) == [dag_id]


def test_an_empty_folder_is_no_error(parse: Parse) -> None:
    bag = parse()
    assert not bag.import_errors
    assert own(bag) == {}


def own(bag: DagBag) -> dict[str, DAG]:
    return {dag_id: dag for dag_id, dag in bag.dags.items() if dag_id.startswith("dream__")}
