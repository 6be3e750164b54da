"""The benchmark of the checks counts what a check finds, line by line."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

import pytest

from benchmarks._checker import check_named, lines_found
from dreamflow.core.checks.check import Check, Found, Memory


class Shouting(Check):
    name: ClassVar[str] = "shouting"

    def look(self, memory: Memory) -> Iterable[Found]:
        for line in memory.added:
            if line.text.isupper():
                yield Found("It shouts.", memory.path, line.number, about=line.text)


def test_the_lines_that_a_check_finds_are_told_by_number() -> None:
    assert lines_found(Shouting, "/a.md", "quiet\nLOUD\n\nquiet\u2028still quiet\nLOUD AGAIN") == {2, 5}


def test_a_check_that_is_not_there_is_named() -> None:
    with pytest.raises(LookupError, match="no check 'shouting'"):
        check_named("shouting")
