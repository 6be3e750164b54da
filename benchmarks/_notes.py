"""Notes and talk with something specific in most lines, none like another: what a review must look through."""

from __future__ import annotations

from dataclasses import dataclass

from benchmarks._filling import Contents, text_lines

__all__ = ["Notes", "talk"]

_PHRASES = [line[13:] for line in text_lines(60_000)]
_NAMES = (
    "Mia Li",
    "Omar Diaz",
    "Ines Novak",
    "Raj Patel",
    "Sofia Khan",
    "Noah Muller",
    "Ana Silva",
    "Yara Lopez",
)
#: Where the talk's lines begin among all, and those that nobody said. A text has fewer than a hundred thousand,
#: a message than a thousand.
_TALK, _UNSAID, _TEXT, _MESSAGE = 10**9, 2 * 10**9, 100_000, 1_000
#: In a memory that differs, every so manieth line is another; of those, every so manieth nobody said.
_STRIDE, _MADE_UP = 20, 10


def _line(number: int) -> str:
    """Return the line of that number among all that there are, always the same."""
    x = (number * 6364136223846793005 + 1442695040888963407) % 2**64
    x ^= x >> 29
    x = x * 0xBF58476D1CE4E5B9 % 2**64 >> 8
    phrase = _PHRASES[x % len(_PHRASES)]
    thing = (
        f"booking QX{x % 90000 + 10000}",
        f"${x % 2000}.{x % 90 + 10}",
        f"flight HAT{x % 900 + 100} at {x % 12 + 1} pm",
        f"{_NAMES[x % len(_NAMES)]} said so",
        f"guest{x % 5000}@example.com",
        f"seat {x % 60 + 1}C",
        "as before",
        "nothing more",
    )[x >> 10 & 7]
    return f"- 2026-{(x >> 13) % 12 + 1:02d}-{(x >> 17) % 28 + 1:02d} {phrase}, {thing}"


def _text(first: int, size: int) -> str:
    lines, length = list[str](), 0
    while length <= size:
        lines.append(_line(first + len(lines)))
        length += len(lines[-1]) + 1
    return "\n".join(lines)


def talk(session: int, message: int, size: int) -> str:
    """Return the text of a session's message."""
    return _text(_TALK + session * _TEXT + message * _MESSAGE, size)[:size]


@dataclass(frozen=True)
class Notes(Contents):
    """
    Memories of their own lines. Of one that differs, every 20th is another: what a session says, or nobody.

    :ivar sessions: how many sessions there are.
    """

    sessions: int = 1

    def memory(self, number: int) -> tuple[str, str]:
        path, _ = super().memory(number)
        lines = _text(number * _TEXT, self.size).split("\n")
        if self.differs(number):
            for n in range(0, len(lines), _STRIDE):
                part = n // _STRIDE
                session, line = number % self.sessions, part * _MESSAGE + number // self.sessions
                lines[n] = _line((_TALK if part % _MADE_UP else _UNSAID) + session * _TEXT + line)
        return path, "\n".join([f"# Notes {number}", *lines])[: self.size]
