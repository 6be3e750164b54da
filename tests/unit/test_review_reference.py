"""docs/review.md and the schema beside it are what the code makes; what a run keeps is what they say."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]
from pydantic import BaseModel

from dreamflow import storage
from dreamflow.config import Pipeline
from dreamflow.core.checks import CHECKS
from dreamflow.core.handoffs import AGAIN
from dreamflow.steps.examining import _OF_DREAMS_ONLY
from dreamflow.steps.review import current, keep_decision, review
from tests.support.review_reference import MODELS, PAGE, SCHEMA, meanings_of, page_with, schema
from tests.unit.running import night_of, write_late
from tests.unit.service import Service

TEXT = PAGE.read_text(encoding="utf-8")


def test_the_reference_is_the_one_that_the_models_make() -> None:
    made = "PYTHONPATH=plugins .venv/bin/python -m tests.support.review_reference makes it anew"
    assert page_with(TEXT) == TEXT, made
    assert SCHEMA.read_text(encoding="utf-8") == schema(), made


@pytest.mark.parametrize("model", MODELS)
def test_every_key_says_what_it_means(model: type[BaseModel]) -> None:
    what, meanings = meanings_of(model)
    assert what
    assert list(meanings.keys() ^ model.model_fields.keys()) == []


def test_what_a_run_keeps_of_its_review_is_what_the_schema_says(service: Service, tmp_path: Path) -> None:
    before = {"/gone.md": "Order HAT271 is for Mia.\n", "/a.md": "Bring 3 of 40 boxes on 2026-11-02.\n"}
    night = night_of(service, f"file://{tmp_path}/reports", before, {"/a.md": "Bring 3 of 90 boxes.\n"})
    night.run.note(decision=None, swap=None)
    session = service.talk(service.agent(), night.input_id, said="Please bring all 90 boxes to the dock.")
    dreamed = night.dreamed()
    night.run.note_dream("drm_1", session_ids=(session,))
    write_late(night, {"/late.md": "late\n"})
    reviewed = review(night.world, night.run, dreamed)
    write_late(night, {"/new.md": "It is due on 2031-01-01.\n"}, night.output_id)
    made = current(night.world, night.run)
    keep_decision(night.world, night.run, night.decide(AGAIN, reviewed))

    validator = Draft202012Validator(json.loads(SCHEMA.read_text(encoding="utf-8")))
    kept = json.loads(storage.read_text(f"{night.run.folder}/review.json"))
    assert [error.message for error in validator.iter_errors(kept)] == []
    assert all(kept[key] for key in ("changes", "findings", "late", "dream", "decision", "counts"))
    assert kept["digest"] == made.digest
    assert not validator.is_valid({**kept, "verdict": "fine"})


def test_the_checks_are_listed_as_they_run_each_with_its_own_severity() -> None:
    table = TEXT.partition("\n## The checks\n")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| `(\w+)` \| `(\w+)` \| .* \| (.*?) ?\|$", table, re.MULTILINE)
    assert [(name, default) for name, default, _ in rows] == [
        (check.name, check.severity) for check in CHECKS
    ]
    words = {"off": "Off in a restore", "note": "A note in a restore"}
    said = {name: leaves for name, _, leaves in rows if "in a restore" in leaves}
    assert said.keys() == _OF_DREAMS_ONLY.keys()
    assert all(leaves.endswith(words[_OF_DREAMS_ONLY[name]]) for name, leaves in said.items())


def test_every_check_is_a_key_of_a_pipeline_file() -> None:
    keys = type(Pipeline.model_fields["checks"].default).model_fields
    assert {check.name for check in CHECKS} == keys.keys() - {"protect", "max_removed", "max_shrunk"}
