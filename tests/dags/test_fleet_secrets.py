"""What a ``${VARIABLE}`` of a fleet's file holds stands nowhere that people look."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from airflow.serialization.serialized_objects import DagSerialization

from dreamflow import tasks
from dreamflow.config import Pipeline, load_pipeline
from tests.dags.fleet_nights import AFTER_ADOPT, UP_TO_THE_REVIEW, Fleet, MakeFleet
from tests.dags.test_secrets import KEPT_BY_AIRFLOW, keys_of
from tests.support.workspace import Workspace

RUN = "tonight"
#: By key; those of a fleet that is a list of members stand below.
VALUES = {
    "fleet.deployments.name": "patternfromavariable-*",
    "fleet.deployments.metadata.team": "teamfromavariable",
    "fleet.concurrency": "3",
    "fleet.github_conn_id": "github_fromavariable",
    "dream.instructions": "Keep an index fromavariable",
    "dream.budget.tokens": "987654321",
    "night.budget.tokens": "4987654321",
    "night.dreams": "56789",
    "notify.0": "json://ops:hunter22@127.0.0.1:1/fromavariable",
}


def variable_of(key: str) -> str:
    return f"DREAMFLOW_TEST_{key.upper().replace('.', '_')}"


def filled(values: dict[str, str]) -> dict[str, Any]:
    """Return what a file says that takes each value from a variable of its own."""
    data: dict[str, Any] = {}
    for key in values:
        *path, last = key.split(".")
        holder = data
        for part in path:
            holder = holder.setdefault(part, {})
        holder[last] = f"${{{variable_of(key)}}}"
    if "notify" in data:
        data["notify"] = list(data["notify"].values())
    return data


@pytest.fixture
def secret_fleet(
    make_fleet: MakeFleet, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> Any:
    """Make a fleet whose file takes its values from variables, and return it with them."""

    def make(**changes: str) -> tuple[Fleet, dict[str, str]]:
        place = tmp_path_factory.mktemp("reports_fromavariable")
        values = {**VALUES, "reports.location": f"file://{place}", **changes}
        if "fleet.members" in values:
            values = {key: value for key, value in values.items() if "deployments" not in key}
        for key, value in values.items():
            monkeypatch.setenv(variable_of(key), value)
        fleet = make_fleet(**filled(values))
        fleet.location = values["reports.location"]
        return fleet, {key: value for key, value in values.items() if len(value) >= 5}

    return make


def member_of(fleet: Fleet, name: str) -> Workspace:
    """Make a member whose metadata and name are those that the file asks for."""
    member = fleet.member(name)
    fleet.client.beta.deployments.update(
        member.deployment, name=f"patternfromavariable-{name}", metadata={"team": "teamfromavariable"}
    )
    return member


def test_the_files_have_a_variable_in_every_key_that_takes_one(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = {key for key in keys_of(Pipeline) if key.startswith("fleet.")} - KEPT_BY_AIRFLOW
    listed = {"fleet.members": "file:///fromavariable/list.txt"}
    for key, value in {**VALUES, **listed}.items():
        monkeypatch.setenv(variable_of(key), value)
    for name, values in (("sought", VALUES), ("listed", listed)):
        (folder / f"{name}.yaml").write_text(json.dumps(filled(values)))
        pipeline = load_pipeline(folder / f"{name}.yaml")
        keys -= {key for key in keys if pipeline.came_from_variable(key)}
    assert keys == set()


def test_no_value_of_a_variable_stands_where_a_fleets_run_is_looked_at(secret_fleet: Any) -> None:
    fleet, values = secret_fleet()
    one, two, gone = (member_of(fleet, name) for name in ("one", "two", "gone"))
    serialized = json.dumps(DagSerialization.to_dict(fleet.dag), ensure_ascii=False)
    assert {key for key, value in values.items() if value in serialized} == set()
    night = fleet.night(RUN)
    assert night.run(UP_TO_THE_REVIEW[:4]) == "success", night.errors
    fleet.write(fleet.output(one, RUN), "/odd.md", "The owner is Zebulon Quux.")
    folder = Path(fleet.run(gone, RUN).folder.removeprefix("file://"))
    (folder / "journal.json").write_text("{")
    assert night.run((tasks.REVIEW_CHANGES,)) == "success", night.errors
    assert night.approve() == "asked"
    assert night.answer_rest("Adopt") == "decided"
    night.run(AFTER_ADOPT)
    assert "1 of 3 members failed" in str(night.errors[-1])
    assert fleet.live(two) != two.store
    fleet.told.triggers.clear()
    assert fleet.told.leaks(values, Path(fleet.location.removeprefix("file://"))) == {}
    assert fleet.told.messages
    assert fleet.told.asked


def test_no_value_of_a_variable_stands_in_what_members_are_called(
    make_fleet: MakeFleet, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A pattern of names that a variable begins has it in every member's name."""
    values = {"TENANT": "tenantfromavariable", "in a name": "sk-ant-api03-Zq8v2LmT4xRw9KbY7cNd"}
    monkeypatch.setenv("TENANT", values["TENANT"])
    fleet = make_fleet(fleet={"deployments": {"name": "${TENANT}-*"}})

    def member(name: str, called: str = "") -> Workspace:
        made = fleet.member(name)
        fleet.client.beta.deployments.update(made.deployment, name=f"{values['TENANT']}-{called or name}")
        return made

    one, odd, shared, left = (member(name) for name in ("one", "odd", "shared", "left"))
    hidden = member("hidden", f"hid\u202eden {values['in a name']}")
    beside = member("beside")
    fleet.client.beta.deployments.update(
        beside.deployment,
        resources=[{"type": "memory_store", "memory_store_id": shared.store, "access": "read_write"}],
    )
    night = fleet.night("before", members=[f"{values['TENANT']}-left"])
    assert night.run(UP_TO_THE_REVIEW[:1]) == "success", night.errors
    assert fleet.state(left, "before", tasks.SETTLE_EARLIER_RUNS) == "done"
    night = fleet.night(RUN)
    assert night.run(UP_TO_THE_REVIEW[:4]) == "success", night.errors
    for flagged in (odd, hidden):
        fleet.write(fleet.output(flagged, RUN), "/odd.md", "The owner is Zebulon Quux.")
    assert night.run(UP_TO_THE_REVIEW[4:]) == "success", night.errors
    assert night.approve() == "asked"
    assert night.answer_rest("Adopt") == "decided"
    night.run(AFTER_ADOPT)
    assert "2 of 6 members failed" in str(night.errors[-1])
    assert fleet.live(one) != one.store
    fleet.client.beta.deployments.archive(left.deployment)
    fleet.night("after").run(UP_TO_THE_REVIEW[:1])
    fleet.told.triggers.clear()
    assert fleet.told.leaks(values, fleet.folder / "reports") == {}
    told = [fleet.told.logs, fleet.told.messages, fleet.told.asked]
    assert "\u202e" not in json.dumps(told, ensure_ascii=False)
    assert "${TENANT}-odd" in json.dumps(fleet.told.asked)


@pytest.mark.parametrize(
    "changes",
    [
        {"fleet.deployments.name": "nobodyfromavariable-*"},
        {"fleet.members": "file:///no/such/fromavariable/list.txt"},
        {"fleet.members": "nosuchscheme://token@bucket/fromavariable/list.txt"},
        {"fleet.github_conn_id": "nosuchconnection_fromavariable"},
    ],
)
def test_no_value_of_a_variable_stands_in_what_a_fleets_run_fails_with(
    secret_fleet: Any, changes: dict[str, str]
) -> None:
    fleet, values = secret_fleet(**changes)
    member = member_of(fleet, "one")
    if "fleet.github_conn_id" in changes:
        fleet.client.beta.deployments.update(
            member.deployment,
            resources=[
                {"type": "memory_store", "memory_store_id": member.store, "access": "read_write"},
                {
                    "type": "github_repository",
                    "url": "https://github.com/a/b",
                    "mount_path": "/workspace/b",
                    "authorization_token": "ghp_x",
                },
            ],
        )
    night = fleet.night(RUN)
    if night.run(UP_TO_THE_REVIEW) == "success":
        # What is wrong with it shows at the swap.
        assert night.approve() == "decided"
        night.run_rest()
    assert night.errors
    fleet.told.triggers.clear()
    assert fleet.told.messages
    assert fleet.told.leaks(values, Path(fleet.location.removeprefix("file://"))) == {}


def test_shards_take_no_variable(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHARDS", "3")
    (folder / "wide.yaml").write_text('{"fleet": {"members": "file:///x", "shards": "${SHARDS}"}}')
    with pytest.raises(Exception, match=r"fleet.shards: \$\{SHARDS\} can't stand here"):
        load_pipeline(folder / "wide.yaml")
