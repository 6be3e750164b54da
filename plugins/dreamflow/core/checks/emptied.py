"""The output holds nothing at all."""

from __future__ import annotations

from dreamflow.core.checks.finding import Examined, Finding

__all__ = ["check"]


def check(examined: Examined) -> list[Finding]:
    """Find an output that is empty where the input was not."""
    return [Finding("The output store is empty.")] if examined.before and not examined.after else []
