"""What a fleet's run keeps of its members, so that the page that lists them reads no thousand reviews."""

from __future__ import annotations

import hashlib
import re
import time
import uuid
from collections.abc import Iterable
from contextlib import suppress
from typing import Any, NamedTuple

from dreamflow.core.fleet_review import MemberRow
from dreamflow.errors import StateError
from dreamflow.records.folder import Folder

__all__ = ["FLEET_FILES", "Claim", "FleetFiles"]

_SHARD = re.compile(r"members-(\d+)\.json")
#: A member's row as the tab left it, by a checksum of the member's id. Each has a name of its own, and never changes.
_ROW = re.compile(r"row-([0-9a-f]{16})-\d{20}-[0-9a-f]{8}\.json")
_CLAIM = re.compile(r"claim-(\d+)\.json")
FLEET_FILES = re.compile(rf"roster-\d+\.json|{_CLAIM.pattern}|{_SHARD.pattern}|{_ROW.pattern}")
#: The newest claims, which stay: who has seen one of these only can't take the number of another.
_CLAIMS_KEPT = 2


class Claim(NamedTuple):
    """
    Which run sees to what another left of a member.

    :ivar number: how many did until now. :ivar run: empty: none yet. :ivar shard: of that run; None: of the whole.
    """

    number: int = 0
    run: str = ""
    shard: int | None = None


class FleetFiles(Folder):
    """The list of members in the folder of a fleet's run: a file a shard, and what the tab noted since."""

    def write_rows(self, shard: int, rows: Iterable[MemberRow]) -> list[MemberRow]:
        """
        Keep a shard's rows, in place of what was kept and noted of those members before, and return them.

        :param rows: they are made as they are asked for, so that nothing is lost that is noted meanwhile.
        """
        noted = self.noted_rows()
        made = list(rows)
        self._write(f"members-{shard}", {"version": 1, "rows": [row.model_dump(mode="json") for row in made]})
        own = {_mark(row.id) for row in made}
        for name in noted:
            if _mark_in(name) in own:
                self._delete(name)
        return made

    def claimed_by(self) -> Claim:
        """Return which run sees to what this one left of a member: the newest claim."""
        while numbers := self._claims():
            if (by := self._read(f"claim-{numbers[-1]}", _claimant)) is not None:
                return Claim(numbers[-1], *by)
        return Claim()

    def claim(self, number: int, run_id: str, shard: int | None = None) -> bool:
        """
        Let another run, or a shard of it, see to it, after so many; False where somebody was faster.

        Claims long before are deleted. Who has seen none since could create one of their numbers: it is none then.
        """
        if not self._create(f"claim-{number + 1}", {"run": run_id, "shard": shard}):
            return False
        numbers = self._claims()
        for old in numbers[:-_CLAIMS_KEPT]:
            self._delete(f"claim-{old}.json")
        return numbers[-1] == number + 1

    def _claims(self) -> list[int]:
        return sorted(int(match[1]) for name in self._names() if (match := _CLAIM.fullmatch(name)))

    def shards(self) -> list[int]:
        """Return the shards whose rows are kept."""
        return sorted(int(match[1]) for name in self._names() if (match := _SHARD.fullmatch(name)))

    def read_rows(self, shard: int) -> tuple[MemberRow, ...]:
        """
        Return a shard's rows as they were kept, without what was noted since.

        :raises StateError: they are cut, or not ours.
        """
        rows = self._read(f"members-{shard}", lambda kept: tuple(map(MemberRow.model_validate, kept["rows"])))
        return rows or ()

    def note_row(self, row: MemberRow) -> None:
        """Note a member's row anew: the tab has changed it."""
        mark, before = _mark(row.id), self.noted_rows()
        name = f"row-{mark}-{time.time_ns():020}-{uuid.uuid4().hex[:8]}"
        self._write(name, row.model_dump(mode="json"))
        for old in before:
            if _mark_in(old) == mark:
                self._delete(old)

    def noted_rows(self) -> list[str]:
        """Return the names of the files that hold what was noted, oldest first."""
        names = (name for name in self._names() if _ROW.fullmatch(name))
        return sorted(names, key=lambda name: name[21:])

    def read_noted(self, name: str) -> MemberRow | None:
        """Return what such a file holds; None where it was replaced meanwhile, or is cut."""
        with suppress(StateError):
            return self._read(name.removesuffix(".json"), MemberRow.model_validate)
        return None


def _mark(member_id: str) -> str:
    return hashlib.sha256(member_id.encode()).hexdigest()[:16]


def _mark_in(name: str) -> str:
    return name[4:20]


def _claimant(kept: dict[str, Any]) -> tuple[str, int | None]:
    return str(kept["run"]), kept.get("shard")
