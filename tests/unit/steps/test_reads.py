"""What agents looked up in the last days: it counts after the night that dreamed of it, and for a week."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from dreamflow import storage
from dreamflow.core.checks.check import Read
from dreamflow.core.handoffs import Dreamed
from dreamflow.records.files import Records
from dreamflow.steps.reads import with_last_days
from dreamflow.steps.review import review
from tests.managed_agents.support import TOOLSET
from tests.unit.running import Night, night_of
from tests.unit.service import Service
from tests.unit.support import NOON


@pytest.fixture
def records(tmp_path: Path) -> Records:
    return Records(storage, f"file://{tmp_path}", "support")


#: What the input holds.
HELD = {"/a.md", "/b.md", *(f"/{n}.md" for n in range(6_000))}


def heard(
    records: Records, days: float, reads: Mapping[str, Sequence[Read]] | None = None
) -> dict[str, list[str]]:
    """Return which sessions count as readers so many days after noon, by path."""
    world: Any = SimpleNamespace(records=records, now=lambda: NOON + timedelta(days=days))
    return {
        path: [r.session_id for r in found]
        for path, found in with_last_days(world, reads or {}, HELD).items()
    }


def read(session_id: str, at: datetime | None = NOON) -> Read:
    return Read(session_id, f"{session_id}_event", at)


def test_a_read_counts_for_seven_days_and_no_longer(records: Records) -> None:
    assert heard(records, 0, {"/a.md": [read("s1")]}) == {"/a.md": ["s1"]}
    assert heard(records, 6.9) == {"/a.md": ["s1"]}
    assert heard(records, 7.1) == {}
    assert records.past_reads() == {}


def test_what_the_dream_itself_read_counts_however_old_it_is(records: Records) -> None:
    old = {"/a.md": [read("s1", NOON - timedelta(days=30)), read("s2", None)]}
    assert heard(records, 0, old) == {"/a.md": ["s1", "s2"]}
    assert heard(records, 0) == {}


def test_a_review_that_is_made_again_counts_no_session_twice(records: Records) -> None:
    heard(records, 0, {"/a.md": [read("s1")]})
    for _ in range(3):
        assert heard(records, 1, {"/a.md": [read("s2")]}) == {"/a.md": ["s2", "s1"]}
    assert heard(records, 1) == {"/a.md": ["s2", "s1"]}


def test_paths_that_the_input_does_not_hold_push_none_out(records: Records) -> None:
    heard(records, 0, {"/a.md": [read("s1")]})
    made_up = {f"/made/up/{n}.md": [read("s2", NOON + timedelta(hours=1))] for n in range(5_000)}
    assert heard(records, 0, made_up) == {"/a.md": ["s1"]}
    assert heard(records, 1) == {"/a.md": ["s1"]}


def test_what_is_kept_is_bounded_to_the_newest(records: Records) -> None:
    minutes = [NOON - timedelta(minutes=n) for n in range(6_000)]
    heard(records, 0, {f"/{n}.md": [read(f"s{n}", minutes[n])] for n in range(6_000)})
    heard(records, 0, {"/0.md": [read(f"t{n}", minutes[n]) for n in range(12)]})
    kept = records.past_reads()
    assert len(kept) == 4_000
    assert [row[0] for row in kept["/0.md"]] == ["t0", "s0", "t1", "t2", "t3", "t4"]
    assert "/3999.md" in kept


@pytest.mark.parametrize(
    "spoilt", ['{"/a.md": [["s1"', '{"/a.md": [["s1"]]}', '{"/a.md": [[1, 2, "noon"]]}', "[]"]
)
def test_a_file_that_is_cut_or_not_ours_fails_no_review_and_is_written_anew(
    records: Records, spoilt: str
) -> None:
    storage.write_text(f"{records.folder}/reads.json", spoilt)
    assert heard(records, 0, {"/b.md": [read("s2")]}) == {"/b.md": ["s2"]}
    assert heard(records, 0) == {"/b.md": ["s2"]}


def test_a_memory_that_yesterdays_sessions_read_is_missed_the_night_after(
    service: Service, tmp_path: Path
) -> None:
    before = {"/notes.md": "Gate 2 is broken.\n", "/keep.md": "Dock 4 is wet.\n"}
    first = night_of(service, f"file://{tmp_path}/reports", before, before)
    agent = service.client.beta.agents.create(name="A", model="claude-opus-4-8", tools=[TOOLSET]).id
    session = service.talk(agent, first.input_id, said="Which gate is broken?")
    assert _still_read(first, session) == []
    service.remove(first.output_id, "/notes.md")
    (found,) = _still_read(replace(first, run_id="manual__2"))
    assert found.path == "/notes.md"
    assert found.evidence[0].session_id == session


def _still_read(night: Night, *session_ids: str) -> list[Any]:
    dreamed: Dreamed = night.dreamed()
    night.run.note(decision=None, swap=None)
    night.run.note_dream("drm_1", session_ids=session_ids)
    review(night.world, night.run, dreamed)
    kept = night.run.read_review()
    assert kept is not None
    return [finding for finding in kept.findings if finding.check == "still_read"]
