"""The Trigger form: where each value starts, and what a run makes of it."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

import pytest

from dreamflow.config import Pipeline
from dreamflow.params import run_params, run_settings
from tests.unit.config.conftest import TARGETS, Load, load

__all__ = ["load"]

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
        assert asdict(run_settings(pipeline, started(pipeline))) == FILES
        assert asdict(run_settings(pipeline, {})) == FILES


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
        assert asdict(run_settings(pipeline, said)) == said


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
