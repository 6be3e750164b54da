"""The Trigger form: where each value starts, and what a run makes of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from dreamflow import storage
from dreamflow.config import DeploymentTarget, Pipeline
from dreamflow.errors import ConfigError
from dreamflow.params import pipeline_chosen, pipeline_named, run_params, run_settings
from dreamflow.records.files import Records
from dreamflow.records.rosters import MembersNote, note_members
from tests.unit.config.conftest import TARGETS, Load, load

__all__ = ["load"]

FLEET = "fleet: {deployments: {name: support-*}}\n"
WRITTEN = (
    "sessions: {limit: 20}\n"
    "dream: {model: claude-opus-5, instructions: Keep an index.}\n"
    "approval: {mode: when_flagged}\n"
)
VARIABLES = (
    "sessions: {limit: '${LIMIT}'}\n"
    "dream: {model: '${MODEL}', instructions: 'Keep ${WHAT}.'}\n"
    "approval: {mode: '${MODE}'}\n"
)
ENVIRON = {"LIMIT": "20", "MODEL": "claude-opus-5", "WHAT": "an index", "MODE": "when_flagged"}
FILES = {
    "limit": 20,
    "model": "claude-opus-5",
    "instructions": "Keep an index.",
    "approval_mode": "when_flagged",
    "dry_run": False,
    "new_dream": False,
}


@pytest.fixture
def written(load: Load) -> Pipeline:
    return load(TARGETS + WRITTEN)


@pytest.fixture
def variables(load: Load) -> Pipeline:
    return load(TARGETS + VARIABLES, ENVIRON)


def started(pipeline: Pipeline) -> dict[str, Any]:
    """Return what a run gets where nobody changed the form."""
    return {name: param.resolve() for name, param in run_params(pipeline).items()}


def test_a_run_that_nobody_changed_is_as_the_file_says(written: Pipeline, variables: Pipeline) -> None:
    for pipeline in (written, variables):
        assert asdict(run_settings(pipeline, started(pipeline))) == {**FILES, "members": ()}
        assert asdict(run_settings(pipeline, {})) == {**FILES, "members": ()}


def test_the_form_shows_what_is_written_and_never_what_a_variable_holds(
    written: Pipeline, variables: Pipeline
) -> None:
    assert started(written) == FILES
    assert started(variables) == {**dict.fromkeys(FILES), "dry_run": False, "new_dream": False}
    kept = json.dumps({name: param.dump() for name, param in run_params(variables).items()}, default=str)
    assert "claude-opus-5" not in kept
    assert "an index" not in kept
    for name in ("limit", "model", "instructions", "approval_mode"):
        assert "empty: as the pipeline file says" in run_params(variables)[name].schema["title"]
        assert "empty: as" not in run_params(written)[name].schema["title"]


def test_what_the_form_says_holds_for_the_run(written: Pipeline, variables: Pipeline) -> None:
    said = {
        "limit": 5,
        "model": "claude-sonnet-5",
        "instructions": "Less.",
        "approval_mode": "never",
        "dry_run": True,
        "new_dream": True,
    }
    for pipeline in (written, variables):
        params = run_params(pipeline)
        assert {name: params[name].resolve(value) for name, value in said.items()} == said
        assert asdict(run_settings(pipeline, said)) == {**said, "members": ()}


@pytest.mark.parametrize("empty", [None, ""])
def test_emptied_instructions_are_none_unless_they_come_from_a_variable(
    written: Pipeline, variables: Pipeline, empty: str | None
) -> None:
    assert run_settings(written, {"instructions": empty}).instructions is None
    assert run_settings(variables, {"instructions": empty}).instructions == "Keep an index."


@pytest.mark.parametrize(
    ("name", "value"),
    [("limit", 0), ("limit", 101), ("model", ""), ("approval_mode", "maybe"), ("limit", "a")],
)
def test_bounds_hold_for_what_comes_from_a_variable_too(
    variables: Pipeline, name: str, value: object
) -> None:
    with pytest.raises(Exception, match="Failed validating"):
        run_params(variables)[name].resolve(value)


class TestMembers:
    def test_only_a_fleet_asks_for_members_and_none_named_is_all(self, load: Load, written: Pipeline) -> None:
        fleet = load(FLEET)
        assert run_params(fleet).keys() - run_params(written).keys() == {"members"}
        assert started(fleet)["members"] == []
        for said, members in [(None, ()), ([], ()), ([" depl_1 ", ""], ("depl_1",))]:
            assert run_settings(fleet, {"members": said}).members == members
            assert run_settings(written, {"members": said}).members == ()
        with pytest.raises(Exception, match="Failed validating"):
            run_params(fleet)["members"].resolve("depl_1")


class TestWhoGoesBack:
    @pytest.fixture
    def choose(
        self, load: Load, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> Callable[[str, str | None], Pipeline]:
        """Return what chooses by the Params of a restore, among a plain pipeline and a fleet of three."""
        monkeypatch.setenv("DREAMFLOW_PIPELINES", str(tmp_path / "include" / "pipelines"))
        load(TARGETS)
        load(f"{FLEET}reports: {{location: 'file://{tmp_path}/reports'}}", name="fleet.yaml")
        names = {"depl_1": "support-a", "depl_2": "support-b", "depl_3": "support-b"}
        records = Records(storage, f"file://{tmp_path}/reports", "fleet")
        note_members(records, MembersNote(run="manual__1", members=names))
        records.member("depl_0").run("manual__0").note(closed="by the test")
        return lambda pipeline, member: pipeline_chosen({"pipeline": pipeline, "member": member}, "manual__1")

    @pytest.mark.parametrize(
        ("called", "member_id"),
        [("depl_1", "depl_1"), (" support-a ", "depl_1"), ("depl_3", "depl_3"), ("depl_0", "depl_0")],
    )
    def test_a_member_of_a_fleet_by_its_id_or_name(
        self, choose: Callable[..., Pipeline], called: str, member_id: str
    ) -> None:
        pipeline = choose("fleet", called)
        assert pipeline.name == "fleet"
        assert pipeline.member is not None
        assert pipeline.member.id == member_id
        assert pipeline.targets == (DeploymentTarget(type="deployment", deployment_id=member_id),)

    @pytest.mark.parametrize(
        ("called", "said"),
        [
            (None, "is a fleet: name the member"),
            ("depl_9", "has had no member depl_9"),
            ("../fleet", "has had no member"),
            ("support-b", "2 members are called support-b: depl_2, depl_3"),
        ],
    )
    def test_whom_nobody_knows_is_one_plain_error(
        self, choose: Callable[..., Pipeline], called: str | None, said: str
    ) -> None:
        with pytest.raises(ConfigError, match=said):
            choose("fleet", called)
        assert pipeline_named({"pipeline": "fleet", "member": called}).name == "fleet"

    def test_it_stays_the_same_member_when_the_name_is_anothers(
        self, choose: Callable[..., Pipeline], tmp_path: Path
    ) -> None:
        first = choose("fleet", "support-a").member
        records = Records(storage, f"file://{tmp_path}/reports", "fleet")
        note_members(records, MembersNote(run="manual__2", members={"depl_1": "x", "depl_2": "support-a"}))
        assert choose("fleet", "support-a").member == first

    def test_a_plain_pipeline_has_no_members(self, choose: Callable[..., Pipeline]) -> None:
        assert choose("support", None).member is None
        with pytest.raises(ConfigError, match="has no fleet"):
            choose("support", "depl_1")
