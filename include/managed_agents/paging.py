"""Page lists by keyset: a cursor holds the last row's sort key, so a page costs the same however deep it is."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, Protocol, TypeVar

from sqlalchemy import ColumnElement, Select, tuple_
from sqlalchemy.orm import InstrumentedAttribute, Session

from include.managed_agents.clock import from_micros, to_micros
from include.managed_agents.decoding import decode
from include.managed_agents.errors import InvalidRequest

__all__ = ["Keyset", "Page", "TimeRange", "by_age", "decode_cursor", "encode_cursor"]

T = TypeVar("T")
Column = InstrumentedAttribute[Any] | ColumnElement[Any]


@dataclass(frozen=True)
class Page(Generic[T]):
    """One page, and the cursors to its neighbours (None where there is none)."""

    items: Sequence[T]
    next_page: str | None = None
    prev_page: str | None = None

    def render(self, item: Callable[[T], dict[str, Any]]) -> dict[str, Any]:
        return {"data": [item(row) for row in self.items], "next_page": self.next_page}

    def render_both_ways(self, item: Callable[[T], dict[str, Any]]) -> dict[str, Any]:
        return {**self.render(item), "prev_page": self.prev_page}


@dataclass(frozen=True)
class TimeRange:
    """Bounds on a time, each open if None."""

    gt: datetime | None = None
    gte: datetime | None = None
    lt: datetime | None = None
    lte: datetime | None = None

    def narrow(self, statement: Select[Any], column: Column) -> Select[Any]:
        if self.gt is not None:
            statement = statement.where(column > self.gt)
        if self.gte is not None:
            statement = statement.where(column >= self.gte)
        if self.lt is not None:
            statement = statement.where(column < self.lt)
        if self.lte is not None:
            statement = statement.where(column <= self.lte)
        return statement


@dataclass(frozen=True)
class Keyset(Generic[T]):
    """
    An order that a list is paged in.

    :param scope: names the list, so that a cursor of another list is refused.
    :param columns: a time and a tie-breaker, both in the same direction.
    :param key: gives a row's values of ``columns``.
    """

    scope: str
    columns: tuple[Column, Column]
    key: Callable[[T], tuple[datetime, Any]]
    descending: bool = True

    def page(self, session: Session, statement: Select[T], limit: int, cursor: str | None) -> Page[T]:
        """Run ``statement`` for one page. :raises InvalidRequest: if the cursor is not one of this list's."""
        start, backwards = self._decode(cursor) if cursor else (None, False)
        falling = self.descending != backwards
        columns = tuple_(*self.columns)
        if start is not None:
            statement = statement.where(columns < start if falling else columns > start)
        order = [column.desc() if falling else column.asc() for column in self.columns]
        rows = list(session.scalars(statement.order_by(*order).limit(limit + 1)))
        more, rows = len(rows) > limit, rows[:limit]
        if backwards:
            rows.reverse()
        has_next, has_previous = (bool(rows), more) if backwards else (more, start is not None)
        return Page(
            rows,
            next_page=self._encode(rows[-1], backwards=False) if has_next and rows else None,
            prev_page=self._encode(rows[0], backwards=True) if has_previous and rows else None,
        )

    def _encode(self, row: T, *, backwards: bool) -> str:
        moment, tie = self.key(row)
        return encode_cursor([self.scope, self.descending, backwards, to_micros(moment), tie])

    def _decode(self, cursor: str) -> tuple[tuple[datetime, Any], bool]:
        match decode_cursor(cursor):
            case [self.scope, self.descending, bool(backwards), int(micros), str() | int() as tie]:
                return (from_micros(micros), tie), backwards
        raise InvalidRequest(
            "page: not a cursor of this list; pass next_page of an earlier response unchanged"
        )


class Aged(Protocol):
    """A row that knows when it was created."""

    id: str
    created_at: datetime


R = TypeVar("R", bound=Aged)


def by_age(scope: str, table: type[R], *, descending: bool = True) -> Keyset[R]:
    """Order by the time of creation, with the id as tie-breaker."""
    # Where a row has values, its class has columns.
    columns: tuple[Any, Any] = (table.created_at, table.id)
    return Keyset(scope, columns, lambda row: (row.created_at, row.id), descending)


def encode_cursor(parts: list[Any]) -> str:
    return "page_" + base64.urlsafe_b64encode(json.dumps(parts, ensure_ascii=False).encode()).decode().rstrip(
        "="
    )


def decode_cursor(cursor: str) -> Any:
    """Return the parts of a cursor, or None if it is not one."""
    if not cursor.startswith("page_"):
        return None
    text = cursor.removeprefix("page_")
    try:
        return decode(base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True))
    except ValueError:  # no base64, or no JSON that this server writes
        return None
