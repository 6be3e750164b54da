"""
SQLite through SQLAlchemy: the tables' base, and the unit of work.

Readers see one snapshot each and never wait (WAL). Writers queue on a lock of this process before they
ask SQLite for its own, so that ``database is locked`` never reaches a client, however many write at once.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import BigInteger, Engine, Text, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.types import TypeDecorator

from include.managed_agents.clock import Clock, from_micros, to_micros
from include.managed_agents.database_file import DatabaseError, FileLock, plainly, require_ours

__all__ = ["Base", "Database", "DatabaseError", "Moment", "Unit"]

BUSY_TIMEOUT_MS = 60_000
DRIVERS = frozenset({"sqlite", "sqlite+pysqlite"})


class Moment(TypeDecorator[datetime]):
    """A time, stored as microseconds since 1970: exact, compact, and ordered as numbers."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> int | None:
        return None if value is None else to_micros(value)

    def process_result_value(self, value: int | None, dialect: Any) -> datetime | None:
        return None if value is None else from_micros(value)


class Base(DeclarativeBase):
    """All tables."""

    type_annotation_map = {datetime: Moment, str: Text}  # noqa: RUF012 (SQLAlchemy's own idiom)


@dataclass
class Unit:
    """One unit of work: everything in it is committed together, or not at all."""

    session: Session
    clock: Clock
    #: Sessions whose log grew: those who follow them are told once it is durable.
    touched_sessions: set[str] = field(default_factory=set)
    _after_commit: list[Callable[[], None]] = field(default_factory=list)

    def after_commit(self, action: Callable[[], None]) -> None:
        """Run ``action`` once the work is durable: nothing may be announced that could still be undone."""
        self._after_commit.append(action)

    def announce(self) -> None:
        for action in self._after_commit:
            action()


class Database:
    """
    The file, and who may write to it. One of them uses a file at a time, in this process or any other.

    :param url: ``sqlite:///relative.db`` or ``sqlite:////absolute.db``.
    :raises DatabaseError: if the URL names no SQLite file, the file is used already, or it can't be a database.
    """

    def __init__(self, url: str, clock: Clock | None = None) -> None:
        self.clock = clock or Clock()
        self._writing = threading.Lock()
        self._followers: list[Callable[[set[str]], None]] = []
        self.file = file_of(url)
        self._lock = FileLock(self.file)
        try:
            require_ours(self.file)
            self.engine = open_engine(url)
        except BaseException:
            self._lock.release()
            raise

    @contextmanager
    def read(self) -> Iterator[Unit]:
        """Give a snapshot to read from."""
        with Session(self.engine, expire_on_commit=False) as session:
            yield Unit(session, self.clock)

    @contextmanager
    def write(self) -> Iterator[Unit]:
        """Give a unit of work, and commit it at the end, or take it back on any exception."""
        with self._writing, Session(self.engine, expire_on_commit=False) as session:
            session.connection(execution_options={"begin": "IMMEDIATE"})
            unit = Unit(session, self.clock)
            yield unit
            session.commit()
        unit.announce()
        if unit.touched_sessions:
            for tell in self._followers:
                tell(unit.touched_sessions)

    @contextmanager
    def set_up(self) -> Iterator[Unit]:
        """Give the unit of work that makes the file ready. :raises DatabaseError: if the file doesn't take it."""
        with plainly(self.file), self.write() as unit:
            yield unit
            # Written always: what can't be written shows at the start, not at a client's first request.
            unit.session.connection().exec_driver_sql("PRAGMA user_version=1")

    def follow(self, tell: Callable[[set[str]], None]) -> None:
        """Call ``tell`` with the ids of sessions after each commit that added events to them."""
        self._followers.append(tell)

    def close(self) -> None:
        self.engine.dispose()
        self._lock.release()


def file_of(url: str) -> Path:
    """Return the file that a URL names. :raises DatabaseError: if it names none."""
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise DatabaseError(f"{url!r} is not a database URL; expected sqlite:///FILE") from error
    name = parsed.database or ":memory:"
    is_file = not (name.startswith((":memory:", "file:")) or "\0" in name or parsed.query)
    if parsed.drivername not in DRIVERS or not is_file:
        raise DatabaseError(f"{url!r} names no SQLite file; expected sqlite:///FILE")
    return Path(name)


def open_engine(url: str) -> Engine:
    # hide_parameters: a failing statement must not print memory contents into the log.
    engine = create_engine(url, hide_parameters=True, pool_size=20, max_overflow=-1)
    event.listen(engine, "connect", set_up_connection)
    event.listen(engine, "begin", begin)
    return engine


def set_up_connection(connection: Any, _record: Any) -> None:
    # The driver's own transactions start late and never IMMEDIATE: take them over (see `begin`).
    connection.isolation_level = None
    cursor = connection.cursor()
    try:
        cursor.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")
        (mode,) = cursor.execute("PRAGMA journal_mode=WAL").fetchone()
        if mode != "wal":
            raise DatabaseError(
                "the file's file system can't share memory, which SQLite needs; use a local disk"
            )
        cursor.execute("PRAGMA synchronous=NORMAL")
        cursor.execute("PRAGMA foreign_keys=ON")
    finally:
        cursor.close()


def begin(connection: Any) -> None:
    mode = connection.get_execution_options().get("begin", "DEFERRED")
    connection.exec_driver_sql(f"BEGIN {mode}")
