"""Keep what the server remembers about itself: the salt of its key, and the agents and environments of its own."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy.orm import Mapped, Session, mapped_column

from include.managed_agents.database import Base

__all__ = ["FactRow", "fact"]


class FactRow(Base):
    __tablename__ = "facts"

    key: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[str]


def fact(session: Session, key: str, make: Callable[[], str]) -> str:
    """Return what is remembered under ``key``; the first time, remember what ``make`` returns."""
    row = session.get(FactRow, key)
    if row is None:
        row = FactRow(key=key, value=make())
        session.add(row)
        session.flush()
    return row.value
