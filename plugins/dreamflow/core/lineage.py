"""
Where a store came from, as short pairs in its own metadata.

The pairs are written before a store becomes live. Following ``dreamflow_parent`` from the live store gives the
history; following ``dreamflow_content`` instead, where it is there, gives the history of what the store *holds*:
a restore adopts a clone of an ancestor, and has not seen the sessions dreamed since that ancestor.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from dreamflow.core.objects import MemoryStore
from dreamflow.errors import StateError

__all__ = [
    "CLONE_OF",
    "METADATA_LIMIT",
    "PREFIX",
    "Lineage",
    "adopted_metadata",
    "check_room",
    "metadata_of_clone",
    "origin_of_heir",
    "read_lineage",
]

PREFIX = "dreamflow_"
#: The pair of a store that a restore has made, until it is adopted: what it is a clone of.
CLONE_OF = f"{PREFIX}clone_of"
#: Pairs that one store's metadata can hold, and the length of a value (memory_store_update_params.py).
METADATA_LIMIT = 16
_VALUE_LIMIT = 512
#: dreamflow_ pairs that an adopted store carries at most.
_OWN_PAIRS = 10


@dataclass(frozen=True)
class Lineage:
    pipeline: str
    parent: str
    dream: str
    run: str
    through: datetime | None
    adopted_at: datetime
    adopted_by: str
    #: The store whose content this one continues, where that isn't the parent (after a restore).
    content: str | None = None
    #: Which sessions ``through`` speaks of. Under another scope it says nothing.
    scope: str = ""
    #: The first store of the line, which no dream made. Empty where that is not known.
    origin: str = ""

    def through_in(self, scope: str) -> datetime | None:
        """Return the moment up to which the scope's sessions are covered: None where another scope's are."""
        return self.through if scope == self.scope else None

    def pairs(self) -> dict[str, str]:
        """Return the metadata pairs, each cut to what a value can hold."""
        values = {
            "pipeline": self.pipeline,
            "parent": self.parent,
            "dream": self.dream,
            "run": self.run,
            "through": self.through.isoformat() if self.through else "",
            "adopted_at": self.adopted_at.isoformat(),
            "adopted_by": self.adopted_by,
            "content": self.content or "",
            "scope": self.scope,
            "origin": self.origin,
        }
        return {PREFIX + key: value[:_VALUE_LIMIT] for key, value in values.items() if value}


def read_lineage(store: MemoryStore) -> Lineage | None:
    """Return the store's lineage, or None for a store that Dreamflow did not adopt."""
    pairs = {
        key.removeprefix(PREFIX): value for key, value in store.metadata.items() if key.startswith(PREFIX)
    }
    if "parent" not in pairs or "adopted_at" not in pairs:
        return None
    try:
        return Lineage(
            pipeline=pairs.get("pipeline", ""),
            parent=pairs["parent"],
            dream=pairs.get("dream", ""),
            run=pairs.get("run", ""),
            through=_moment(pairs["through"]) if pairs.get("through") else None,
            adopted_at=_moment(pairs["adopted_at"]),
            adopted_by=pairs.get("adopted_by", ""),
            content=pairs.get("content"),
            scope=pairs.get("scope", ""),
            origin=pairs.get("origin", ""),
        )
    except ValueError as e:
        raise StateError(
            f"memory store {store.id}: its {PREFIX}… metadata can't be read ({e}). "
            "Correct the pair by hand; Dreamflow will not guess where the store came from."
        ) from e


def metadata_of_clone(pipeline: str, run: str, noted_at: datetime, ancestor_id: str) -> dict[str, str]:
    """
    Return the pairs by which a clone is found again where the reply to its create was lost.

    :param noted_at: when the run noted it: another Airflow may have a pipeline and a run of these names.
    """
    pairs = {"pipeline": pipeline, "run": run, "noted_at": noted_at.isoformat(), "clone_of": ancestor_id}
    return {PREFIX + key: value[:_VALUE_LIMIT] for key, value in pairs.items()}


def origin_of_heir(parent: MemoryStore) -> str:
    """Return the origin that a store has which replaces the parent."""
    lineage = read_lineage(parent)
    return parent.id if lineage is None else lineage.origin


def _moment(text: str) -> datetime:
    """Return the moment; one that a person wrote without a zone is UTC."""
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def check_room(store: MemoryStore) -> None:
    """Raise before anything is spent, where the store's own pairs leave no room for lineage."""
    own = sum(1 for key in store.metadata if not key.startswith(PREFIX))
    if own + _OWN_PAIRS > METADATA_LIMIT:
        raise StateError(
            f"memory store {store.id} has {own} metadata pairs of its own; an adopted store needs "
            f"{_OWN_PAIRS} of the {METADATA_LIMIT} for its lineage. Remove {own + _OWN_PAIRS - METADATA_LIMIT} or more."
        )


def adopted_metadata(
    parent: MemoryStore, output_metadata: Mapping[str, str], lineage: Lineage
) -> dict[str, str | None]:
    """
    Return the metadata update that makes the output the parent's heir.

    The parent's own pairs and the lineage are set; whatever else the clone brought is removed (None).
    """
    wanted = {key: value for key, value in parent.metadata.items() if not key.startswith(PREFIX)}
    wanted.update(lineage.pairs())
    removed: dict[str, str | None] = {key: None for key in output_metadata if key not in wanted}
    return {**removed, **wanted}
