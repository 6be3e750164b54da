"""The checks that a review runs on what a dream changed: one module each, and the tuple that names them all."""

from __future__ import annotations

from collections.abc import Sequence

from dreamflow.core.checks import emptied, protected, removed
from dreamflow.core.checks.finding import Check, Examined, Finding

__all__ = ["CHECKS", "Examined", "Finding", "run_checks", "verdict"]

#: Every check, in the order of the review.
CHECKS: tuple[Check, ...] = (emptied.check, protected.check, removed.check)


def run_checks(examined: Examined) -> list[Finding]:
    """Return what all checks find."""
    return [finding for check in CHECKS for finding in check(examined)]


def verdict(findings: Sequence[Finding]) -> str:
    """Return ``flagged`` where a check found something, else ``clean``."""
    return "flagged" if findings else "clean"
