"""What a whole review finds in dreams of real talk: nothing that is false, and everything that was planted in them."""

from __future__ import annotations

import gzip
import json
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from itertools import accumulate, pairwise
from pathlib import Path
from typing import Any

import pytest

from benchmarks.dream_quality import AIRLINE, DEMO, Sessions, dream_in_a_row
from dreamflow import storage
from dreamflow.core.handoffs import Dreamed
from dreamflow.core.review import Finding, Review
from dreamflow.steps.review import review
from tests.managed_agents.support import import_transcripts
from tests.support.planted import PLANTS, Expected, dropped_email, emptied_file
from tests.unit.evidence import demo, transcripts
from tests.unit.running import Night, night_of
from tests.unit.service import Service

#: What a dream brings in is personal, and is said so: that is no mistake.
TRUE = {"personal_data"}


#: Memories of another desk stand beside what the sessions say, as they do for whoever tries Dreamflow on theirs.
AIRLINE_BESIDE = replace(AIRLINE, store=DEMO.store)


def reviewed(
    service: Service,
    folder: Path,
    sessions: Sessions,
    before: Mapping[str, str],
    after: Mapping[str, str],
    part: slice = slice(100),
    **checks: Any,
) -> tuple[Night, Review]:
    """
    Review the change as a night does, over sessions that the service has.

    :param part: which of the file's.
    """
    opened = gzip.open if sessions.transcripts.suffix == ".gz" else open
    with opened(sessions.transcripts, "rt", encoding="utf-8") as file:
        talks = [json.loads(line) for line in file if line.strip()][part]
    for talk, heard in zip(talks, transcripts(sessions.transcripts)[part], strict=True):
        talk.setdefault("created_at", heard.started_at.isoformat())
    rows = import_transcripts(service.client, talks)
    named = {talk["id"]: str(row["session_id"]) for talk, row in zip(talks, rows, strict=True)}

    def told(text: str) -> str:
        """Name the sessions as the service does: it gives them ids of its own."""
        for name in sorted(named, key=len, reverse=True):
            text = text.replace(f"({name}", f"({named[name]}").replace(f", {name}", f", {named[name]}")
        return text

    new = {path: told(text) for path, text in after.items()}
    night = night_of(service, f"file://{folder}/reports", before, new, settings={"checks": checks})
    night.run.note(decision=None, swap=None)
    night.run.note_dream("drm_1", session_ids=tuple(named.values()))
    made = Dreamed(dream_id="drm_1", output_store_id=night.output_id, input_store_id=night.input_id)
    review(night.world, night.run, made)
    kept = night.run.read_review()
    assert kept is not None
    return night, kept


def is_found(expected: Expected, findings: tuple[Finding, ...]) -> bool:
    return any(
        finding.check == expected.check
        and set(expected.paths) <= {finding.path, *finding.paths}
        and expected.line in (None, finding.line)
        and (not expected.what or expected.what in finding.model_dump_json())
        for finding in findings
    )


@pytest.mark.parametrize(
    ("sessions", "counts"),
    [(DEMO, [100]), (AIRLINE_BESIDE, [100]), (AIRLINE_BESIDE, [50, 50, 20])],
    ids=["demo", "airline", "airline in three dreams"],
)
def test_a_dreams_own_change_has_nothing_above_a_note_that_is_false(
    service: Service, tmp_path: Path, sessions: Sessions, counts: list[int]
) -> None:
    if not sessions.transcripts.exists():
        pytest.skip(f"{sessions.transcripts} is not there")
    stores = pairwise(dream_in_a_row(sessions, *counts))
    parts = pairwise(accumulate(counts, initial=0))
    for (before, after), (first, end) in zip(stores, parts, strict=True):
        _, kept = reviewed(service, tmp_path / str(end), sessions, before, after, slice(first, end))
        assert [f for f in kept.findings if f.severity != "note" and f.check not in TRUE] == []


@pytest.mark.parametrize("name", PLANTS)
def test_what_is_planted_in_the_demos_dream_is_found(service: Service, tmp_path: Path, name: str) -> None:
    before, after = demo()[1:]
    plant = partial(dropped_email, among=before) if PLANTS[name] is dropped_email else PLANTS[name]
    # What a dream adds and leaves empty was never lost: a file of the input is emptied.
    kept_on = (
        {path: text for path, text in after.items() if path in before} if plant is emptied_file else after
    )
    planted = plant(kept_on)
    night, kept = reviewed(
        service,
        tmp_path,
        DEMO,
        before,
        {**(after if plant is emptied_file else {}), **planted.contents},
        protect=["/policies/**"],
    )
    assert [expected for expected in planted.expected if not is_found(expected, kept.findings)] == []
    if planted.hidden:
        files = storage.list_names(night.run.folder)
        assert files
        assert not [f for f in files if planted.hidden in storage.read_text(f"{night.run.folder}/{f}")]
