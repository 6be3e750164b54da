"""The notes of a session: one file a session, named so that a person finds it, one line a message, with its time."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from include.managed_agents.session_log.log import texts_of
from include.managed_agents.turns.model import Event, Turn
from include.managed_agents.turns.words import telling_words

__all__ = ["FOLDER", "Notes", "note_line", "stamp"]

FOLDER = "notes"
MAX_NOTE = 2_000
NAME_WORDS = 5
MAX_NAME = 48
#: Sessions of one name on one day that are told apart by a number; more are by the id of their first event.
MAX_NUMBERED = 9
MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


class Notes:
    """
    Where a session writes down what it is told.

    The file stays the same for the whole session, whatever becomes of its title: which one it is stands in the
    session's own events.
    """

    def __init__(self, turn: Turn, mount: str) -> None:
        self._turn = turn
        self._folder = f"{mount}/{FOLDER}/"

    async def add(self, lines: Sequence[str]) -> tuple[str, str | None]:
        """
        Write lines down that don't stand there yet, and return the file, and what went wrong, if anything.

        A file that another session has written meanwhile is left to it.
        """
        failed: str | None = None
        for file in self._files():
            before = await self._turn.use_tool("read", {"file_path": file})
            if not before.is_error and not self._wrote(file, before.text):
                continue
            kept = [] if before.is_error else before.text.splitlines()
            content = "\n".join([*kept, *(line for line in lines if line not in kept), ""])
            if not before.is_error and content == before.text:
                return file, None
            written = await self._turn.use_tool("write", {"file_path": file, "content": content})
            if not written.is_error:
                return file, None
            failed = written.text
            if not (await self._turn.use_tool("read", {"file_path": file})).is_error:
                continue
            break
        return self._folder, failed or "no name is free"

    def _files(self) -> Iterator[str]:
        """Yield where this session has written already, then names that may be free."""
        yield from (str(use.fields["input"]["file_path"]) for use in self._writes(done=True)[-1:])
        name = file_name(self._turn)
        yield f"{self._folder}{name}.md"
        yield from (f"{self._folder}{name}-{number}.md" for number in range(2, MAX_NUMBERED + 1))
        yield f"{self._folder}{name}-{self._turn.history[0].id.removeprefix('sevt_')}.md"

    def _wrote(self, file: str, text: str) -> bool:
        """Tell whether a file is this session's: it wrote it, or a crash kept it from hearing that it had."""
        return any(use.fields["input"]["file_path"] == file for use in self._writes(done=True)) or any(
            use.fields["input"] == {"file_path": file, "content": text} for use in self._writes(done=False)
        )

    def _writes(self, *, done: bool) -> list[Event]:
        """Return the calls that wrote notes: those that are known to have worked, or those that nobody heard of."""
        history = self._turn.history
        outcomes = {e.fields["tool_use_id"]: bool(e.fields.get("is_error")) for e in history if is_result(e)}
        return [
            event
            for event in history
            if event.type == "agent.tool_use"
            and event.fields["name"] == "write"
            and str(event.fields["input"].get("file_path", "")).startswith(self._folder)
            and outcomes.get(event.id) is (False if done else None)
        ]


def is_result(event: Event) -> bool:
    return event.type == "agent.tool_result"


def note_line(text: str, at: datetime) -> str:
    """Return a message as a line of notes, such as ``- 27 November 2026, 17:19:05: The keynote moves to 10:00.``"""
    said = " ".join(text.split())
    return f"- {stamp(at)}: {said if len(said) <= MAX_NOTE else said[:MAX_NOTE] + ' …'}"


def stamp(at: datetime) -> str:
    """Return a time as people write it, in UTC."""
    at = at.astimezone(UTC)
    return f"{at.day} {MONTHS[at.month - 1]} {at.year}, {at:%H:%M:%S}"


def file_name(turn: Turn) -> str:
    """Return a day and a few words: the session's title, or what it began with."""
    said = (texts_of(event.fields.get("content")) for event in turn.history if event.type == "user.message")
    first = next((text for text in said if text.strip()), "")
    words = slug(turn.title or "") or slug(" ".join(telling_words(first)[:NAME_WORDS])) or "session"
    return f"{turn.started.astimezone(UTC):%Y-%m-%d}-{words}"


def slug(text: str) -> str:
    """Return words as they may stand in a path anywhere: letters and digits, joined by hyphens."""
    plain = re.sub(r"[\W_]+", "-", unicodedata.normalize("NFKC", text).lower())
    return unicodedata.normalize("NFC", plain)[:MAX_NAME].strip("-")
