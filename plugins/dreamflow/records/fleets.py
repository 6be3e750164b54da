"""What a fleet's run keeps of its members and their question: no page that lists them reads a thousand reviews."""

from __future__ import annotations

import hashlib
import re
import time
import uuid
from collections.abc import Iterable
from contextlib import suppress
from typing import Any

from pydantic import BaseModel, ConfigDict

from dreamflow.core.fleet_review import MemberRow
from dreamflow.errors import StateError
from dreamflow.records.folder import Folder
from dreamflow.records.journal import Answer, Refused

__all__ = ["FLEET_FILES", "FleetFiles", "QuestionNote"]

_SHARD = re.compile(r"members-(\d+)\.json")
#: A member's row as the tab left it, by a checksum of the member's id. Each has a name of its own, and never changes.
_ROW = re.compile(r"row-([0-9a-f]{16})-\d{20}-[0-9a-f]{8}\.json")
FLEET_FILES = re.compile(rf"(roster|question)-\d+\.json|{_SHARD.pattern}|{_ROW.pattern}")
#: Answers that were not taken, kept for the page to tell.
_REFUSED_KEPT = 50


class QuestionNote(BaseModel):
    """
    A shard's question: each shard has its own, and its task writes it alone.

    :ivar asked: the digest that was shown first. :ivar answer: the newest answer, as it came, until it is done.
    :ivar taken: once it was found to be one that can be acted on, the members that it is for, with their digests: a
        retry goes on with those. :ivar refused: answers that were not taken.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    asked: str = ""
    answer: Answer | None = None
    taken: dict[str, str] | None = None
    refused: tuple[Refused, ...] = ()


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

    def question(self, shard: int) -> QuestionNote:
        """
        Return what was noted of a shard's question.

        :raises StateError: it is cut, or not ours.
        """
        return self._read(f"question-{shard}", QuestionNote.model_validate) or QuestionNote()

    def note_question(self, shard: int, **changes: Any) -> QuestionNote:
        note = self.question(shard).model_copy(update=changes)
        self._write(f"question-{shard}", note.model_dump(mode="json"))
        return note

    def note_unanswered(self, shard: int, refused: Refused) -> None:
        """Note an answer to a shard's question that was not taken: the page tells of it."""
        kept = (*self.question(shard).refused, refused)[-_REFUSED_KEPT:]
        self.note_question(shard, answer=None, taken=None, refused=kept)

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
