"""What a check is: it looks at one changed memory after the other, and then at the whole."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import ClassVar, NamedTuple, Protocol

from dreamflow.core.objects import Listing
from dreamflow.core.review import Change, Evidence, Score, Severity, Side
from dreamflow.core.text_lines import compared, tells

__all__ = ["Check", "CheckSettings", "Examined", "Found", "Line", "LookUp", "Memory", "Read"]


class Line(NamedTuple):
    """A line of a memory: its number, from 1, and its text, without the line end. Memory text: hostile."""

    number: int
    text: str


@dataclass(frozen=True)
class Memory:
    """
    One changed memory with its texts, as they are looked at one after the other.

    :ivar before: the input's text, of all its origins one after the other; empty where it was added.
    :ivar after: the output's; empty where it was removed.
    :ivar added: lines of ``after`` that are not in ``before``; ``removed``: the other way round. Line numbers of
        ``removed`` count in ``before``: where there are several origins, from the first one's on.
    """

    change: Change
    before: str
    after: str
    added: tuple[Line, ...]
    removed: tuple[Line, ...]

    @property
    def path(self) -> str:
        return self.change.path


@dataclass(frozen=True)
class Read:
    """That a session read a memory of the input: its events say so."""

    session_id: str
    event_id: str
    at: datetime | None


class LookUp(Protocol):
    """Where a specific was said (``dreamflow.core.evidence`` has it)."""

    def sessions(self, key: str) -> Sequence[Evidence]:
        """Return where the sessions say it, a few places of each, oldest first; at most a dozen."""

    def memories(self, key: str) -> Sequence[Evidence]:
        """Return where the input's memories said it: a place each of a few."""

    def stands(self, key: str) -> Sequence[Evidence]:
        """Return where the output's memories say it, unchanged ones included."""

    @property
    def session_count(self) -> int:
        """Return how many sessions were read."""

    def spread(self, key: str) -> int:
        """Return which sessions say it, one bit each."""


@dataclass(frozen=True)
class CheckSettings:
    """
    What the pipeline's file says of the checks.

    :ivar severities: of each check by name; one that is not named has its own, ``off`` leaves it out.
    :ivar protect: gitignore-style patterns. :ivar max_removed: share of the input's memories that may go.
    :ivar max_shrunk: share of a memory's bytes that may go, and of the store's.
    """

    severities: Mapping[str, str] = field(default_factory=dict)
    protect: Sequence[str] = ()
    max_removed: float = 0.25
    max_shrunk: float = 0.5


@dataclass(frozen=True)
class Examined:
    """
    What every check may ask.

    :ivar reads: by path of the input, which sessions of the last days read it.
    :ivar unchanged_nights: nights before this one, in a row, whose dreams changed nothing that matters.
    :ivar unseen: paths whose change no page shows whole, with the reason.
    :ivar text_after: returns what the output's memory says, ``text_before`` the input's.
    :ivar went: whether a line went from its place in a memory that changed, whatever blanks end it.
    """

    before: Listing
    after: Listing
    changes: Sequence[Change]
    settings: CheckSettings
    said: LookUp
    reads: Mapping[str, Sequence[Read]] = field(default_factory=dict)
    score: Score = field(default_factory=Score)
    unchanged_nights: int = 0
    unseen: Mapping[str, str] = field(default_factory=dict)
    text_after: Callable[[str], str] = lambda path: ""
    text_before: Callable[[str], str] = lambda path: ""
    went: Callable[[str], bool] = lambda line: False

    def stood(self, memory: Memory, line: Line) -> bool:
        """Tell whether an added line only moved: it stood in the memory before, or went from another one."""
        form = compared(line.text)
        return tells(form) and (form in _forms(memory.before) or self.went(form))


@lru_cache(maxsize=2)
def _forms(text: str) -> frozenset[str]:
    return frozenset(map(compared, text.split("\n")))


class Found(NamedTuple):
    """
    What a check found, before it has its severity.

    :ivar about: tells this finding from others of the memory, whatever its line's number: the line's text, or the
        specific. It goes into the finding's id only.
    :ivar at_most: how grave it is at most, whatever the check is set to.
    :ivar lines: all lines, and ``specifics``: how many, where it stands for many that were found.
    """

    message: str
    path: str = ""
    line: int | None = None
    side: Side = "after"
    about: str = ""
    evidence: tuple[Evidence, ...] = ()
    paths: tuple[str, ...] = ()
    lines: Sequence[int] = ()
    specifics: int = 0
    at_most: Severity = "block"


class Check:
    """
    One check of one review. A module each, named as the check is.

    ``look`` is called once for each changed memory, ``conclude`` once after them: what is about the whole store, or
    needs all of it. Both yield what they find. A check holds no memory's text on: a store may have 200 MB.

    :cvar name: as in a pipeline's file and in a finding. :cvar severity: where the file says nothing.
    :cvar of_texts: it asks of what changed alone: not what was said, read or found, nor what could not be looked at.
    """

    name: ClassVar[str]
    severity: ClassVar[Severity] = "flag"
    of_texts: ClassVar[bool] = False

    def __init__(self, examined: Examined) -> None:
        self.examined = examined

    def look(self, memory: Memory) -> Iterable[Found]:
        return ()

    def conclude(self) -> Iterable[Found]:
        return ()
