"""What tests of checks share: two stores as dictionaries, compared and checked as a review does it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dreamflow.core.checks.check import Check, CheckSettings, Examined, Memory
from dreamflow.core.checks.run import run_checks
from dreamflow.core.comparing import memory_of
from dreamflow.core.evidence import SaidBuilder
from dreamflow.core.review import Finding
from tests.support.bodies import compared
from tests.unit.support import listing_of

__all__ = ["checked", "examined_of"]


def checked(
    check: type[Check], before: Mapping[str, str], after: Mapping[str, str], **more: Any
) -> tuple[Finding, ...]:
    """Return what one check finds. ``more`` goes to the settings, and to what is examined."""
    return run_checks([check], *examined_of(before, after, **more))


def examined_of(
    before: Mapping[str, str], after: Mapping[str, str], **more: Any
) -> tuple[Examined, list[Memory]]:
    """Return what checks may ask, and the changed memories. ``more`` is as for ``checked``."""
    found = compared(before, after)
    known = {key: more.pop(key) for key in ("unchanged_nights", "unseen") if key in more}
    examined = Examined(
        listing_of(before),
        listing_of(after),
        found.changes,
        CheckSettings(**more),
        SaidBuilder(()).said(),
        text_after=lambda path: after[path],
        went=found.whereabouts.went,
        **known,
    )
    memories = [
        memory_of(change, [before[path] for path in change.origins], after.get(change.path, ""))
        for change in found.changes
    ]
    return examined, memories
