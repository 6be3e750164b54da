"""What running the checks promises, whatever a check does."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

import pytest

from dreamflow.core.checks.check import Check, Found, Memory
from dreamflow.core.review import Severity, verdict_of
from dreamflow.errors import ServiceUnavailable
from tests.unit.core.checks.examining import checked

BEFORE, AFTER = {"/a.md": "one\n", "/b.md": "two\n"}, {"/a.md": "the secret word\n", "/b.md": "three\n"}


class Fragile(Check):
    name: ClassVar[str] = "fragile"
    severity: ClassVar[Severity] = "note"
    error: ClassVar[Exception] = ValueError("can't read 'the secret word'")

    def look(self, memory: Memory) -> Iterable[Found]:
        yield Found("Seen.", memory.path)
        if memory.path == "/a.md":
            raise self.error


def test_a_check_that_breaks_down_fails_no_review_and_is_looked_at_by_a_person() -> None:
    found = checked(Fragile, BEFORE, AFTER)
    (broken,) = [finding for finding in found if "broke down" in finding.message]
    assert broken.severity == "flag"
    assert "ValueError, test_run.py:" in broken.message
    assert "the secret word" not in broken.message
    assert verdict_of(found) == "flagged"


def test_a_text_that_cannot_be_fetched_just_now_is_no_fault_of_a_check(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(Fragile, "error", ServiceUnavailable("no answer"))
    with pytest.raises(ServiceUnavailable):
        checked(Fragile, BEFORE, AFTER)
