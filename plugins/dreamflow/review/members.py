"""
The members of a fleet's run, as its page lists them.

The list is one small file a shard, which the task that asks wrote; what was decided or mended here since is noted
beside it; and of those that are shown, each one's own journal is read.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TypeVar

from dreamflow.core.fleet_review import MemberRow, MemberState, counted, worst_first
from dreamflow.core.fleets import Member
from dreamflow.core.masking import mask
from dreamflow.errors import StateError
from dreamflow.records.files import RunRecords
from dreamflow.review.access import AirflowRun
from dreamflow.review.question import Question
from dreamflow.steps.fleet_rows import Standing, member_row, standing_of
from dreamflow.steps.world import World

__all__ = ["PAGE_ROWS", "Members", "Selection"]

#: Members on one page of the list.
PAGE_ROWS = 50
#: Seconds for which a shard's list is taken as it was read: a page asks every few seconds.
_LIST_HOLDS = 2.0
#: Files that are read at once: the storage may be far away.
_AT_ONCE = 16

A = TypeVar("A")
B = TypeVar("B")


@dataclass(frozen=True)
class Selection:
    """:ivar rows: those of one page. :ivar count: how many match on all pages. :ivar pages: how many there are."""

    rows: Sequence[MemberRow]
    count: int
    page: int
    pages: int
    state: str = ""
    text: str = ""


@dataclass(frozen=True)
class Members:
    """
    Those of one run.

    :ivar world: the fleet's. :ivar run: the fleet's own records of the run.
    """

    airflow: AirflowRun
    world: World
    run: RunRecords

    @cached_property
    def by_shard(self) -> dict[int, list[MemberRow]]:
        """Return all rows, each with what was noted of it last."""
        now = int(time.monotonic() / _LIST_HOLDS)
        names = self.run.noted_rows()
        noted = {row.id: row for row in _at_once(lambda name: _noted(self.run, name), names) if row}
        return {
            shard: [noted.get(row.id, row) for row in _listed(self.run, shard, now)]
            for shard in self.run.shards()
        }

    @cached_property
    def rows(self) -> list[MemberRow]:
        """Return all of them, the worst first."""
        return worst_first(row for rows in self.by_shard.values() for row in rows)

    @cached_property
    def counts(self) -> dict[MemberState, int]:
        return counted(self.rows)

    @cached_property
    def _by_id(self) -> dict[str, tuple[MemberRow, int]]:
        return {row.id: (row, shard) for shard, rows in self.by_shard.items() for row in rows}

    def row_of(self, member_id: str) -> MemberRow | None:
        row, _ = self._by_id.get(member_id, (None, 0))
        return row

    def question_about(self, member_id: str) -> Question:
        """Return the question that a member is part of."""
        _, shard = self._by_id[member_id]
        return next((one for one in self.airflow.questions if one.shard == shard), Question())

    @property
    def waiting(self) -> list[Question]:
        """Return the questions that wait for an answer."""
        return [one for one in self.airflow.questions if one.status == "waiting"]

    def run_of(self, member_id: str) -> RunRecords:
        """Return a member's own records of the run."""
        return self.world.records.member(member_id).run(self.run.run_id)

    def select(self, state: str = "", text: str = "", page: int = 1) -> Selection:
        """Return one page of those in a state, whose names or ids have a text; each as its own journal has it now."""
        wanted = text.casefold()
        found = [row for row in self.rows if state in ("", row.state) and wanted in row.called.casefold()]
        pages = max(-(-len(found) // PAGE_ROWS), 1)
        page = min(max(page, 1), pages)
        rows = _at_once(self._as_of_now, found[(page - 1) * PAGE_ROWS : page * PAGE_ROWS])
        return Selection(rows, len(found), page, pages, state, text)

    def beside(self, row: MemberRow) -> tuple[MemberRow | None, MemberRow | None]:
        """Return the undecided members with findings to look at that come before a member, and after it."""
        key = row.model_copy(update={"state": "waiting"}).rank
        others = [
            one for one in self.rows if one.state == "waiting" and one.flags + one.blocks and one.id != row.id
        ]
        before = [one for one in others if one.rank < key]
        after = [one for one in others if one.rank > key]
        return before[-1] if before else None, after[0] if after else None

    def note(self, member_id: str) -> None:
        """Enter a member into the list as its journal and its review are now."""
        row = self.row_of(member_id)
        assert row is not None
        cleared = self.question_about(member_id).cleared
        now = member_row(Member(id=row.id, name=row.name), self.run_of(member_id), cleared)
        now = now.model_copy(update=self.standing(member_id)._asdict())
        if now != row:
            self.run.note_row(now)

    def standing(self, member_id: str) -> Standing:
        """Return how a member stands, as its own journal has it; where that does not say, as the list has it."""
        row, cleared = self._by_id[member_id][0], self.question_about(member_id).cleared
        try:
            now = standing_of(self.run_of(member_id).journal(), cleared)
        except StateError as e:
            return Standing("failed", why=mask(str(e)))
        if now.state == "waiting" and row.state not in ("waiting", "chosen"):
            return Standing(row.state, row.decision, row.by, row.why)  # it never came to a review
        return now

    def _as_of_now(self, row: MemberRow) -> MemberRow:
        known = row.model_copy(update=self.standing(row.id)._asdict())
        if known != row and self.question_about(row.id).status == "waiting":
            self.run.note_row(known)  # the process died that changed it
        return known


@lru_cache(maxsize=64)
def _listed(run: RunRecords, shard: int, _: int) -> tuple[MemberRow, ...]:
    return run.read_rows(shard)


@lru_cache(maxsize=4096)
def _noted(run: RunRecords, name: str) -> MemberRow | None:
    return run.read_noted(name)


def _at_once(read: Callable[[A], B], things: Iterable[A]) -> list[B]:
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        return list(pool.map(read, things))
