"""What a ``${VARIABLE}`` of a pipeline file holds stands nowhere that people look."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from airflow.sdk import DAG
from airflow.serialization.serialized_objects import DagSerialization
from pydantic import BaseModel

from dreamflow.config import Pipeline, load_pipeline
from dreamflow.core.checks import CHECKS
from tests.dags.conftest import Parse, Run
from tests.dags.secret_night import Record, Told, WiredNight, listening
from tests.support.server import KEY, LocalServer
from tests.support.workspace import Workspace, make_workspace, new_sessions

#: Keys whose value Airflow itself keeps: a variable is refused there.
KEPT_BY_AIRFLOW = {
    "conn_id",
    "pool",
    "schedule.cron",
    "schedule.timezone",
    "approval.assignees",
    "fleet.shards",
}
#: What the tests' values are, by key. None of them occurs anywhere else, where that can be.
VALUES: dict[str, str] = {
    "sessions.agent_id": "agent_fromavariable",
    "sessions.limit": "2",
    "sessions.minimum": "1",
    "sessions.max_age": "P2345D",
    "sessions.mounted": "false",
    "sessions.catch_up": "true",
    "sessions.set_aside_after": "45678",
    "dream.model": "claude-fromavariable",
    "dream.instructions": "Keep an index fromavariable",
    "dream.timeout": "PT12345S",
    "dream.poll_interval": "PT2345S",
    "dream.budget.tokens": "987654321",
    "dream.budget.usd": "8765.4321",
    "night.budget.tokens": "987654322",
    "night.budget.usd": "8765.4322",
    "night.dreams": "56789",
    "approval.mode": "when_flagged",
    "approval.timeout": "PT34567S",
    "targets.0.deployment_id": "depl_fromavariable",
    "targets.0.replaces": "memstore_fromavariable",
    "targets.0.github_conn_id": "github_fromavariable",
    "targets.1.agent_id": "agent_targetfromavariable",
    "targets.1.metadata_key": "key_fromavariable",
    "targets.2.path": "file:///fromavariable/live.json",
    "targets.2.key": "dotted.fromavariable",
    "checks.protect.0": "/policies_fromavariable/**",
    "checks.max_removed": "0.23456",
    "checks.max_shrunk": "0.34567",
    **{f"checks.{check.name}": check.severity for check in CHECKS},
    "retire.idle_for": "PT0.23456S",
    "retire.drain_timeout": "PT23456S",
    "retire.grace": "PT0.12345S",
    "reports.location": "file:///fromavariable/reports",
    "reports.keep": "P3456D",
    "notify.0": "json://ops:hunter22@127.0.0.1:1/fromavariable",
}
#: Words of ours that a variable chooses among.
WORDS = {"approval.mode", "sessions.mounted", *(f"checks.{check.name}" for check in CHECKS)}
#: The ids of what the run itself works on: told by the service, whoever wrote them into the file.
_OF_THE_RUN = {"targets.0.replaces", "targets.0.github_conn_id"}


def keys_of(model: type[BaseModel], at: str = "") -> Iterator[str]:
    """Yield the keys of a pipeline file that hold a value."""
    for name, info in model.model_fields.items():
        kinds = [info.annotation, *getattr(info.annotation, "__args__", ())]
        nested = [kind for kind in kinds if isinstance(kind, type) and issubclass(kind, BaseModel)]
        if nested:
            yield from keys_of(nested[0], f"{at}{name}.")
        elif name not in ("name", "targets"):
            yield f"{at}{name}"


def variable_of(key: str) -> str:
    return f"DREAMFLOW_TEST_{key.upper().replace('.', '_')}"


def filled(values: dict[str, str]) -> dict[str, Any]:
    """Return the data of a pipeline file that takes each value from a variable of its own."""
    data: dict[str, Any] = {"targets": [{"type": kind} for kind in ("deployment", "agent", "file")]}
    for key in values:
        *path, last = key.split(".")
        holder: Any = data
        for part in path:
            holder = holder[int(part)] if part.isdigit() else holder.setdefault(part, {})
        holder[last] = f"${{{variable_of(key)}}}"
    for holder, name in ((data, "notify"), (data["checks"], "protect")):
        holder[name] = list(holder.get(name, {}).values())
    data["conn_id"] = "proxied"
    return data


@pytest.fixture
def write(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Write the pipeline file, and set its variables."""

    def write_file(values: dict[str, str]) -> Path:
        for key, value in values.items():
            monkeypatch.setenv(variable_of(key), value)
        path = folder / "support.yaml"
        path.write_text(yaml.safe_dump(filled(values)))
        return path

    return write_file


def secrets(values: dict[str, str]) -> dict[str, str]:
    """Return what must not be told, by key: shorter values can't be told from other text."""
    return {key: value for key, value in values.items() if len(value) >= 5 and key not in WORDS}


def dag_of(parse: Parse) -> DAG:
    bag = parse()
    assert not bag.import_errors
    return bag.dags["dream__support"]


def test_the_file_has_a_variable_in_every_key_that_takes_one(write: Any) -> None:
    pipeline = load_pipeline(write(VALUES))
    keys = {key for key in keys_of(Pipeline) if not key.startswith("fleet.")} - KEPT_BY_AIRFLOW
    assert {key for key in keys if not pipeline.came_from_variable(key)} == set()
    assert all(pipeline.came_from_variable(key) for key in VALUES)


def test_no_value_of_a_variable_stands_in_the_serialized_dag(write: Any, parse: Parse) -> None:
    """It is in Airflow's database, and ``GET /dags/{id}/details`` serves it to whoever may look at the DAG."""
    write(VALUES)
    dag = dag_of(parse)
    serialized = json.dumps(DagSerialization.to_dict(dag), ensure_ascii=False)
    told = json.dumps([dag.default_args, dag.params.dump(), dag.doc_md], default=str) + serialized
    assert {key for key, value in secrets(VALUES).items() if value in told} == set()
    assert "hunter22" not in told


def test_a_dag_is_serialized_the_same_by_every_process(write: Any, run: Run) -> None:
    """Else the DAG processor would make a new version of it at every look."""
    write(VALUES)
    code = (
        "import json\n"
        "from airflow.dag_processing.dagbag import DagBag\n"
        "from airflow.models.serialized_dag import SerializedDagModel\n"
        "from airflow.sdk import conf\n"
        "from airflow.serialization.serialized_objects import DagSerialization\n"
        "for dag in DagBag(conf.get('core', 'dags_folder')).dags.values():\n"
        "    serialized = DagSerialization.to_dict(dag)\n"
        "    text = json.dumps(serialized, sort_keys=True)\n"
        "    print('DAG', SerializedDagModel.hash(serialized), text, dag.default_args)\n"
    )
    one, other = (run(code, PYTHONHASHSEED=seed).stdout.partition("DAG ")[2] for seed in ("1", "2"))
    assert one == other
    assert "dream__support" in one
    assert "restore_memory_store" in one


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[LocalServer]:
    with LocalServer(tmp_path / "server.db") as server:
        connection = {"conn_type": "anthropic", "host": server.url, "password": KEY}
        monkeypatch.setenv("AIRFLOW_CONN_PROXIED", json.dumps(connection))
        yield server


def real_values(workspace: Workspace, folder: Path) -> dict[str, str]:
    """Return values with which a night passes."""
    return {
        **{key: value for key, value in VALUES.items() if key not in _OF_THE_RUN},
        "sessions.agent_id": workspace.agent,
        "dream.model": "claude-opus-4-8",
        "approval.mode": "required",
        "targets.0.deployment_id": workspace.deployment,
        "targets.1.agent_id": workspace.agent,
        "targets.1.metadata_key": "store_fromavariable",
        "targets.2.path": f"file://{folder}/live.json",
        "reports.location": f"file://{folder}/reports",
        "retire.idle_for": "PT0.0001S",
        "retire.grace": "PT0.0001S",
    }


@pytest.fixture
def stage(server: LocalServer, tmp_path_factory: pytest.TempPathFactory, write: Any) -> Any:
    """A workspace whose live store three targets name, and the file of a pipeline over it."""
    folder = tmp_path_factory.mktemp("fromavariable")
    workspace = make_workspace(server.client)
    server.client.beta.agents.update(
        workspace.agent, version=1, metadata={"store_fromavariable": workspace.store}
    )
    (folder / "live.json").write_text(json.dumps({"dotted": {"fromavariable": workspace.store}}))
    values = real_values(workspace, folder)
    write(values)
    return server.client, workspace, folder, values


def test_no_value_of_a_variable_stands_where_a_run_is_looked_at(stage: Any, parse: Parse) -> None:
    client, workspace, folder, values = stage
    new_sessions(client, workspace, "one", "two", "three")
    dag = dag_of(parse)
    cut = folder / "reports" / "support" / "open" / "cut.json"
    cut.parent.mkdir(parents=True)
    cut.write_text("{")
    with listening() as told:
        first = night(dag, folder, told, "first")
        assert first.run(UP_TO_THE_REVIEW) == "success", first.errors
        first.answer("Adopt")
        assert first.run(["carry_late_writes", "repoint"]) == "success", first.errors
        # The swap was interrupted, as far as the next run can see: it finishes it, and says so.
        client.beta.agents.update(
            workspace.agent, version=3, metadata={"store_fromavariable": workspace.store}
        )
        second = night(dag, folder, told, "second")
        assert second.run(UP_TO_THE_REVIEW) == "success", second.errors
        second.answer("Dream again", "Shorter lines.")
        assert second.run(["dream_again"]) == "success", second.errors
        assert first.run(["verify_targets", "drain_sessions", "retire_input", "catch_up"]) == "success"
    # A trigger holds a budget to what it is: Airflow keeps its arguments encrypted, and shows them to nobody.
    assert told.leaks(secrets(values), folder / "reports") == {"triggers": BUDGETS}
    assert "run cut was not settled" in str(told.xcoms)
    assert all(vars(told).values()), told


def test_nor_does_it_where_a_restore_is_looked_at(stage: Any, parse: Parse) -> None:
    client, workspace, folder, values = stage
    new_sessions(client, workspace, "one")
    bag = parse()
    with listening() as told:
        first = night(bag.dags["dream__support"], folder, told, "first")
        assert first.run(UP_TO_THE_REVIEW) == "success", first.errors
        first.answer("Adopt")
        assert first.run([*SWAP, "catch_up"]) == "success", first.errors
        back = night(bag.dags["restore_memory_store"], folder, told, "back")
        asking = ["settle_earlier_runs", "clone_ancestor", "review_changes"]
        assert back.run(asking) == "success", back.errors
        back.answer("Adopt")
        assert back.run(SWAP) == "success", back.errors
    told.triggers.clear()
    assert told.leaks(secrets(values), folder / "reports") == {}
    assert [asked["subject"] for asked in told.asked][1:] == [
        "Let the memory of support go back to what the review shows?"
    ]
    live = client.beta.agents.retrieve(workspace.agent).metadata["store_fromavariable"]
    lineage = client.beta.memory_stores.retrieve(live).metadata
    assert (lineage["dreamflow_content"], lineage["dreamflow_run"]) == (workspace.store, "restore__back")
    (event,) = [e for events in told.events for found in events.values() for e in getattr(found, "added", ())]
    assert event[0].name == "memory_store__support"
    assert event[1]["ancestor_id"] == workspace.store


@pytest.mark.parametrize(
    ("key", "wrong"),
    [
        ("sessions.agent_id", "agent_01NoSuchAgentAtAll"),
        ("targets.0.deployment_id", "depl_01NoSuchDeployment"),
        ("targets.1.agent_id", "agent_01NoSuchAgentAtAll"),
        ("targets.1.metadata_key", "no_such_metadata_key"),
        ("targets.2.path", "file:///no/such/folder/live.json"),
        ("targets.2.path", "nosuchscheme://token@bucket/live.json"),
        ("targets.2.key", "no.such.key.in.it"),
    ],
)
def test_no_value_of_a_variable_stands_in_what_a_run_fails_with(
    stage: Any, write: Any, parse: Parse, key: str, wrong: str
) -> None:
    client, workspace, folder, values = stage
    values = {**values, key: wrong}
    write(values)
    new_sessions(client, workspace, "one")
    with listening() as told:
        failed = night(dag_of(parse), folder, told, "failed")
        assert failed.run(UP_TO_THE_REVIEW) == "failed"
    assert told.messages
    assert told.leaks(secrets(values), folder / "reports") == {}


def test_a_place_from_a_variable_is_not_told_either_by_those_who_leave_out_its_scheme(
    stage: Any, parse: Parse
) -> None:
    client, workspace, folder, values = stage
    new_sessions(client, workspace, "one")
    (folder / "reports").write_text("a file, where a folder should be")
    with listening() as told:
        failed = night(dag_of(parse), folder, told, "failed")
        assert failed.run(UP_TO_THE_REVIEW) == "failed"
    path = values["reports.location"].removeprefix("file://")
    assert any(path in str(error) for error in failed.errors)
    assert not any(path in str(line) for line in [*told.logs, *told.messages])


SWAP = ["carry_late_writes", "repoint", "verify_targets", "drain_sessions", "retire_input"]
BUDGETS = {"dream.budget.tokens", "dream.budget.usd"}
UP_TO_THE_REVIEW = [
    "settle_earlier_runs",
    "collect_sessions",
    "launch_dream",
    "wait_for_dream",
    "review_changes",
]


def night(dag: DAG, folder: Path, told: Told, run_id: str) -> WiredNight:
    pipeline = load_pipeline(Path(os.environ["DREAMFLOW_PIPELINES"]) / "support.yaml")
    params = {name: param.value for name, param in dag.params.items()}
    return WiredNight(pipeline, Record(run_id, told), params, dag=dag, told=told)
