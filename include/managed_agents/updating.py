"""Change objects as all services do: patch metadata, note the time of an update, archive."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol

from include.managed_agents.database import Unit
from include.managed_agents.errors import InvalidRequest
from include.managed_agents.wire import at_most_16_pairs

__all__ = ["archive_once", "merge_metadata", "note_update"]


class Updatable(Protocol):
    updated_at: datetime


class Archivable(Updatable, Protocol):
    archived_at: datetime | None


def merge_metadata(
    current: Mapping[str, str],
    patch: Mapping[str, str | None] | None,
    *,
    details: dict[str, Any] | None = None,
) -> dict[str, str]:
    """
    Apply a patch: a string sets a key, null removes it, a key left out stays.

    :param details: what the error says besides, where the API has a code for it.
    :raises InvalidRequest: if more than 16 pairs would remain.
    """
    merged = {**current, **(patch or {})}
    try:
        return at_most_16_pairs({key: value for key, value in merged.items() if value is not None})
    except ValueError as error:
        raise InvalidRequest(f"metadata: {error}", details=details) from error


def note_update(unit: Unit, row: Updatable) -> bool:
    """Set ``updated_at`` if anything in the row has changed, and return whether it has."""
    is_modified = unit.session.is_modified(row)
    if is_modified:
        row.updated_at = unit.clock.now()
    return is_modified


def archive_once(unit: Unit, row: Archivable) -> bool:
    """Archive what is not archived yet, and return whether that was so."""
    is_live = row.archived_at is None
    if is_live:
        row.archived_at = row.updated_at = unit.clock.now()
    return is_live
