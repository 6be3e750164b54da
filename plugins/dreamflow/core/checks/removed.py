"""Too large a share of the memories is gone."""

from __future__ import annotations

from dreamflow.core.checks.finding import Examined, Finding

__all__ = ["check"]


def check(examined: Examined) -> list[Finding]:
    """Find that more memories are gone than ``checks.max_removed`` allows."""
    gone, held = len(examined.changes.removed), len(examined.before)
    share = gone / held if held else 0.0
    if share <= examined.max_removed:
        return []
    return [
        Finding(
            f"{gone} of {held} memories are gone: {share:.0%}, over checks.max_removed: "
            f"{examined.max_removed:.0%}. Their content may have moved into other files."
        )
    ]
