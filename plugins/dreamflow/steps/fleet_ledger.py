"""What a fleet's night may still use: one ledger for all members that a task works on at once."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from threading import RLock
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from dreamflow.core.turns import LEFT_OUT, Allowance, Share, admit, share_of, turns_after
from dreamflow.core.verdicts import Budget, Spent
from dreamflow.errors import StateError
from dreamflow.records.rosters import find_roster
from dreamflow.steps.roster import shard_of

if TYPE_CHECKING:
    from dreamflow.config import Pipeline
    from dreamflow.records.files import Records
    from dreamflow.records.journal import Journal

__all__ = ["FleetLedger", "night_share"]

log = logging.getLogger(__name__)

#: Members' files that are read at once.
_READERS = 16


def night_share(pipeline: Pipeline, fleet: Records, night: str, shard: int) -> Share:
    """
    Return a shard's part of what the fleet's file allows a night, by its number of members.

    As the run that began the night found them: one that follows it up is for few, and the parts are to sum to the whole
    over all runs of the night.

    :raises StateError: the roster of that run can't be read.
    """
    assert pipeline.fleet is not None
    began, shards = find_roster(fleet, night, shard), pipeline.fleet.shards
    sizes = began.sizes if began is not None and len(began.sizes) == shards else (1,) * shards
    night_may, dream = pipeline.night, pipeline.dream.budget
    whole = Allowance(night_may.dreams, Budget(night_may.budget.tokens, night_may.budget.usd))
    return share_of(whole, Budget(dream.tokens, dream.usd), shard, sizes)


class FleetLedger:
    """
    What the dreams of one shard of a fleet use in a night, and may. All threads of a task share one.

    What a dream may use at most is kept for it, from before it is created until what it used is known: its row in
    ``nights/<night>.json`` of its member says so until then. So what all of them use together stays within the share.
    """

    def __init__(self, pipeline: Pipeline, fleet: Records, share: Share) -> None:
        dream = pipeline.dream.budget
        self._fleet, self._share, self._each = fleet, share, Budget(dream.tokens, dream.usd)
        self._dreams_a_member = pipeline.dreams_a_night
        self._lock = RLock()
        #: What each dream used, or may, by member and dream.
        self._rows: dict[tuple[str, str], Spent] = {}
        #: What is kept for members whose dream is not created yet.
        self._kept: dict[str, Spent] = {}
        self._members: list[str] = []
        self._last_turn: dict[str, datetime] = {}
        #: Who had its turn tonight, or needed none.
        self._had_turn: set[str] = set()

    @classmethod
    def open(
        cls, pipeline: Pipeline, fleet: Records, members: Iterable[str], night: str, share: Share
    ) -> FleetLedger:
        """
        Read what the night's dreams used so far, also those of members that are not in this run, or are gone.

        :param fleet: the fleet's own records. :param members: ids of those that the shard works on.
        :raises StorageUnavailable: no answer.
        """
        ledger = cls(pipeline, fleet, share)
        ledger._members = list(members)
        if share.allowance.is_bounded:
            known = map(unquote, fleet.storage.list_names(f"{fleet.folder}/members"))
            ids = sorted({*ledger._members, *filter(ledger._has, known)})
            with ThreadPoolExecutor(_READERS) as pool:
                for rows in pool.map(lambda member_id: ledger._read(member_id, night), ids):
                    ledger._rows.update(rows)
        return ledger

    def _has(self, member_id: str) -> bool:
        """Tell whether a member, or one that is none any more, is of this shard."""
        return shard_of(member_id, self._share.shards) == self._share.shard

    def _read(self, member_id: str, night: str) -> dict[tuple[str, str], Spent]:
        try:
            rows = self._fleet.member(member_id).night_rows(night)
        except StateError as e:
            log.error("what member %s used this night is counted as the most it may: %s", member_id, e)
            most, count = self._each, self._dreams_a_member
            return {(member_id, ""): Spent(count, count * (most.tokens or 0), count * (most.usd or 0.0))}
        return {(member_id, dream_id): _spent(row) for dream_id, row in rows.items()}

    def spent(self) -> Spent:
        """Return what the dreams used so far; of those in flight, and of those to come, what they may use."""
        with self._lock:
            every = [*self._rows.values(), *self._kept.values()]
        return Spent(
            sum(one.dreams for one in every),
            sum(one.tokens for one in every),
            sum(one.usd for one in every),
        )

    def why_over(self, most: Budget | None = None) -> str | None:
        """
        Return why the night has no room for another dream; None where it has.

        :param most: what the dream may use at most; without it, as much as any.
        """
        spent, whose = self.spent(), "this shard's members" if self._share.shards > 1 else "all members"
        left = self._share.allowance.less(spent)
        if left.room(most or self._each) != 0:
            return None
        if left.dreams == 0:
            return f"this night has had {spent.dreams} dreams of {whose}, as many as night.dreams allows"
        return (
            f"this night's dreams of {whose} have used, or may yet use, {spent.tokens:,} tokens and USD "
            f"{spent.usd:.2f}: night.budget has no room for another"
        )

    def reserve(self, member_id: str, most: Budget) -> str | None:
        """Keep what a dream may use that is about to be created. Return why that can't be; None where it is kept."""
        with self._lock:
            why = None if member_id in self._kept else self.why_over(most)
            if why is None:
                self._keep(member_id, most)
        return why

    def _keep(self, member_id: str, most: Budget) -> None:
        self._kept[member_id] = Spent(1, most.tokens or 0, most.usd or 0.0)

    def entered(self, member_id: str, dream_id: str, row: Mapping[str, Any], *, is_new: bool) -> None:
        """Take over how a dream was entered into its member's night; one that was created is not kept for any more."""
        with self._lock:
            self._rows[member_id, dream_id] = _spent(row)
            if is_new:
                self._kept.pop(member_id, None)

    def kept_for(self, member_id: str, dream_id: str | None) -> Budget:
        """Return what was kept for a dream in flight; no bound where none was."""
        with self._lock:
            row = self._rows.get((member_id, dream_id or ""), Spent())
        return Budget(row.tokens or None, row.usd or None)

    def admit(self, journals: Mapping[str, Journal], idle: Iterable[str] = ()) -> dict[str, str]:
        """
        Say who is left out tonight, and why, and keep for everybody else what its dream may use.

        Who has begun a dream in this run goes on: it may be paid for.

        :param journals: by member's id, the run's, of those that need a dream and of those that have begun one.
        :param idle: those that were found to need none.
        """
        self._last_turn = self._read_turns()
        with self._lock:
            self._kept = {}
            begun = {member_id for member_id, journal in journals.items() if journal.dreams}
            for member_id in begun:
                # Its create got no answer: whether it spends is not known.
                if (newest := journals[member_id].dream) and newest.dream_id is None:
                    self._keep(member_id, self._each.less(journals[member_id].spent()))
            room = self._share.allowance.less(self.spent()).room(self._each)
            admitted, left_out = admit(journals.keys() - begun, self._last_turn, room)
            for member_id in admitted:
                self._keep(member_id, self._each)
            self._had_turn = {*journals, *idle} - {*left_out}
        return dict.fromkeys(left_out, LEFT_OUT)

    def note_turns(self, now: datetime) -> None:
        """Note who had its turn, once a try is over: the one after a try that died before that admits the same."""
        turns = turns_after(self._last_turn, {*self._members, *self._had_turn}, self._had_turn, now)
        own = {one: moment.isoformat() for one, moment in sorted(turns.items()) if self._has(one)}
        self._fleet.storage.write_text(
            f"{self._turns_folder}/{self._share.shard}.json", json.dumps(own, indent=1)
        )

    @property
    def _turns_folder(self) -> str:
        return f"{self._fleet.folder}/turns"

    def _read_turns(self) -> dict[str, datetime]:
        """Return since when each member waits, as all shards noted it: there may have been others than now."""
        turns: dict[str, datetime] = {}
        for name in self._fleet.storage.list_names(self._turns_folder):
            if not name.endswith(".json"):
                continue  # what a writer left that was killed
            try:
                noted = self._fleet.read(f"{self._turns_folder}/{name}", _moments) or {}
            except StateError as e:
                log.error("who has waited longest is not known of some members, and begins anew: %s", e)
                continue
            turns.update((one, max(moment, turns.get(one, moment))) for one, moment in noted.items())
        return turns


def _spent(row: Mapping[str, Any]) -> Spent:
    return Spent(1, row["tokens"], row["usd"] or 0.0)


def _moments(noted: dict[str, str]) -> dict[str, datetime]:
    moments = {member_id: datetime.fromisoformat(moment) for member_id, moment in noted.items()}
    if any(moment.tzinfo is None for moment in moments.values()):
        raise ValueError("a moment without its time zone")
    return moments
