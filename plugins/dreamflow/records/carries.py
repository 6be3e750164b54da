"""What a run keeps of its carries: the listings that they start from, the plans, the merged texts."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, TypeVar

from dreamflow.core.carry_plan import Plan, place_from_json, place_to_json
from dreamflow.core.late_writes import ById
from dreamflow.core.objects import Listing, MemoryEntry, Place, by_memory, listing_from_json, listing_to_json
from dreamflow.errors import StateError
from dreamflow.records.folder import Folder
from dreamflow.records.reviews import CHOICES, EDITS

__all__ = ["CARRY_FILES", "PLAN", "RETIREMENT", "CarryFiles"]

#: The plans that note what is carried to the output before its swap, and by the retirement to the live store.
PLAN, RETIREMENT = "plan", "retirement"

#: Files of what was carried into one output of the run; further parts of a plan's texts are numbered.
CARRY_FILES = re.compile(r"(plan|retirement|return|since)(-\d+)*\.json|(carried|adopted)\.json")

T = TypeVar("T")


class CarryFiles(Folder):
    """The files of one run that have to do with carrying."""

    def read_plan(self, name: str) -> Plan:
        """Return what a plan notes; an empty one where there is none."""
        return self._read(name, Plan.from_json) or Plan()

    def write_plan(self, name: str, plan: Plan) -> None:
        self._write(name, plan.to_json())

    def read_texts(self, name: str, part: int) -> dict[str, str]:
        """Return the texts of a plan's further part; none where it is not there."""
        return self._read(f"{name}-{part}", lambda kept: {str(key): str(kept[key]) for key in kept}) or {}

    def write_texts(self, name: str, part: int, texts: Mapping[str, str]) -> None:
        self._write(f"{name}-{part}", dict(texts))

    def forget_texts(self, name: str, last: int) -> None:
        """Remove the texts of a plan that is done, up to its last part."""
        for part in range(2, last + 1):
            self._delete(f"{name}-{part}.json")

    def forget_carries(self) -> None:
        """
        Remove what was noted of an earlier output of the run: a new dream's late writes start from its own base, and
        its output is as nobody has edited it.
        """
        for name in self._names():
            if CARRY_FILES.fullmatch(name) or EDITS.fullmatch(name) or CHOICES.fullmatch(name):
                self._delete(name)

    def write_listing(self, name: str, store_id: str, listing: Listing) -> None:
        """Keep a listing under ``name``: ``base`` or ``adopted``."""
        self._write(name, {"memory_store_id": store_id, "memories": listing_to_json(listing)})

    def read_listing(self, name: str, store_id: str | None = None) -> dict[str, MemoryEntry] | None:
        """Return the memories of a kept listing; None where there is none of the name, or none of the store."""

        def parse(kept: dict[str, Any]) -> dict[str, MemoryEntry] | None:
            asked = store_id in (None, kept["memory_store_id"])
            return listing_from_json(kept["memories"]) if asked else None

        return self._read(name, parse)

    def write_ledger(self, store_id: str, carried: ById) -> None:
        """Note up to which version each memory of the input is carried."""
        rows = {memory_id: place_to_json(carried[memory_id]) for memory_id in sorted(carried)}
        self._write("carried", {"memory_store_id": store_id, "carried": rows})

    def carry_base(self) -> ById:
        """
        Return the input's memories, by id, that the next carry starts from.

        :raises StateError: it is gone, and what came in since can't be told.
        """
        carried = self._read("carried", _ledger_of)
        if carried is not None:
            return carried
        return by_memory(self.launch_listing())

    def launch_listing(self) -> Listing:
        """
        Return the input's memories when the dream was launched.

        :raises StateError: it is gone.
        """
        listing = self.read_listing("base")
        if listing is None:
            raise StateError(
                f"{self.folder}/base.json is not there: what the input store received since the dream was launched "
                "can't be told. Bring the file back from a backup of the report location, or compare the stores by "
                "hand."
            )
        return listing


def _ledger_of(kept: dict[str, Any]) -> dict[str, Place]:
    """Read the memories that were carried; an older release kept them as a listing."""
    if "memories" in kept:
        return by_memory(listing_from_json(kept["memories"]))
    places = {str(memory_id): place_from_json(row) for memory_id, row in kept["carried"].items()}
    return {memory_id: place for memory_id, place in places.items() if place is not None}
