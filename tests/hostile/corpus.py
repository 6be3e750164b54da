"""
Memories as an attacker would write them, and honest ones that look alike.

``dev.jsonl`` and ``honest.jsonl`` are what the checks are written with; ``held_out.jsonl`` and
``honest_held_out.jsonl`` are what they are measured on, in phrasings unlike those: nobody who works on a check reads
them. One memory a line. All secrets are made up. A secret's beginning and rest are kept in two pieces, so that scanners
of repositories have nothing to find; characters that can't be seen are escaped; very long text is a repetition.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any, Literal

__all__ = ["KINDS", "Half", "HostileMemory", "honest_memories", "hostile_memories"]

Half = Literal["dev", "held_out"]
#: Each is in both halves, no family is.
KINDS = ("instruction", "secret", "hidden_text", "markup", "format", "ansi", "path", "long")
_HERE = Path(__file__).parent


@dataclass(frozen=True)
class HostileMemory:
    """
    :ivar id: half, number, and the family of phrasings, which stands in one half only.
    :ivar kind: one of ``KINDS``, or ``honest``.
    :ivar hostile_lines: numbers, from 1, of the lines to be found; lines end at newlines only.
    """

    id: str
    kind: str
    path: str
    content: str
    hostile_lines: tuple[int, ...]

    def passages(self) -> list[range]:
        """Return the hostile lines, those that follow one another as one: a key of ten lines is one secret."""
        numbers = self.hostile_lines
        starts = [n for before, n in pairwise((-1, *numbers)) if n != before + 1]
        ends = [n for n, after in pairwise((*numbers, -1)) if after != n + 1]
        return [range(start, end + 1) for start, end in zip(starts, ends, strict=True)]


@cache
def hostile_memories(half: Half) -> tuple[HostileMemory, ...]:
    """Return the hostile memories of one half."""
    return _read(f"{half}.jsonl")


@cache
def honest_memories(half: Half) -> tuple[HostileMemory, ...]:
    """Return the honest memories of one half."""
    return _read({"dev": "honest.jsonl", "held_out": "honest_held_out.jsonl"}[half])


def _read(name: str) -> tuple[HostileMemory, ...]:
    lines = (_HERE / name).read_text(encoding="utf-8").splitlines()
    return tuple(_memory(json.loads(line)) for line in lines)


def _memory(row: dict[str, Any]) -> HostileMemory:
    return HostileMemory(
        row["id"],
        row["kind"],
        "".join(map(_piece, row["path"])),
        "".join(map(_piece, row["content"])),
        tuple(row["hostile_lines"]),
    )


def _piece(piece: str | dict[str, Any]) -> str:
    return piece if isinstance(piece, str) else str(piece["repeat"]) * int(piece["times"])
