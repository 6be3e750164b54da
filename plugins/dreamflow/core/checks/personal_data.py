"""Personal data that the input store did not hold came in."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from dreamflow.core.checks.check import Check, Found, Memory
from dreamflow.core.grounding import address_key, telling
from dreamflow.core.personal import ADDRESS, Personal, half_masked, personal_in

__all__ = ["PersonalData"]


class PersonalData(Check):
    """Find e-mail addresses, telephone, card and account numbers and postal addresses that are new."""

    name: ClassVar[str] = "personal_data"

    def look(self, memory: Memory) -> Iterable[Found]:
        told: set[str] = set()
        for line in memory.added:
            new = [one for one in personal_in(line.text) if one.key not in told and self._is_new(one, memory)]
            told |= {one.key for one in new}
            if new:
                shown = ", ".join(f"{one.kind} {half_masked(one.value)}" for one in new)
                yield Found(
                    f"Personal data that the input did not hold: {shown}.",
                    memory.path,
                    line.number,
                    about="\0".join(one.key for one in new),  # two may look alike as they are shown
                )

    def _is_new(self, one: Personal, memory: Memory) -> bool:
        if one.value in memory.before:
            return False
        if one.kind == ADDRESS:  # its only specific is the house's number
            return not self.examined.said.memories(address_key(one.value))
        keys = [specific.key for specific in telling(one.value)]
        return not keys or not all(self.examined.said.memories(key) for key in keys)
