"""
The database file: what it must be, who may use it, and plain words for what SQLite says of it.

One server uses a file at a time: two would run the same dreams twice. The operating system holds the lock, on a file
beside the database (``x.db-lock``), so that it goes with the process however that ends, and never touches the locks
that SQLite keeps on the database itself.
"""

from __future__ import annotations

import fcntl
import os
import sqlite3
import weakref
from collections.abc import Iterator
from contextlib import closing, contextmanager
from errno import ENOSPC
from pathlib import Path

from sqlalchemy.exc import DBAPIError

__all__ = ["DatabaseError", "FileLock", "plainly", "require_ours"]

#: What SQLite's errors mean for the person who starts the server, by the error's name.
REASONS = {
    "BUSY": "another program holds it; close that program, or pass another file",
    "CANTOPEN": "it, or a file that SQLite keeps beside it (-wal, -shm), can't be opened; see who may write them",
    "CORRUPT": "is damaged or cut short; restore a copy of it, or pass another file",
    "FULL": "the disk is full; make room, or pass a file on another disk",
    "IOERR": "can't be read or written; is the disk full or failing?",
    "NOTADB": "is no SQLite database; pass another file",
    "READONLY": "it, or a file that SQLite keeps beside it (-wal, -shm), can't be written; see who may write them",
}
BUSY_SECONDS = 2.0
#: Every file of this server has had these.
OUR_TABLES = frozenset({"facts", "memory_stores", "session_events"})


class DatabaseError(Exception):
    """The database can't be used. The message says why and what to do."""


class FileLock:
    """
    Held by the one server that uses a database file, until it is released or its process is gone.

    :raises DatabaseError: if the file can't be a database here, or another server uses it.
    """

    def __init__(self, file: Path) -> None:
        with failing_plainly(file):
            require_place(file)
            beside = Path(f"{os.path.realpath(file)}-lock")  # of a circle of links, too
            descriptor = os.open(beside, os.O_RDWR | os.O_CREAT, 0o644)
            self.release = weakref.finalize(self, os.close, descriptor)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise DatabaseError(
                    f"{file}: {holder(descriptor)} uses it; stop that one, or pass another file"
                ) from error
            os.ftruncate(descriptor, 0)
            os.pwrite(descriptor, str(os.getpid()).encode(), 0)


def holder(descriptor: int) -> str:
    """Say who holds a lock, as far as the file tells."""
    process = os.pread(descriptor, 20, 0).decode(errors="replace")
    return f"another server (process {process})" if process.isdecimal() else "another server"


@contextmanager
def failing_plainly(file: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno == ENOSPC:
            raise DatabaseError(f"{file}: {REASONS['FULL']}") from error
        named = f" ({error.filename})" if error.filename not in {None, str(file)} else ""
        raise DatabaseError(f"{file}: {error.strerror or error}{named}; pass another file") from error


def require_place(file: Path) -> None:
    """Check that the file is or can be a regular one, and may be written, as may its folder."""
    if not file.parent.is_dir():
        raise DatabaseError(f"{file}: the folder {str(file.parent)!r} doesn't exist; make it first")
    if file.is_dir():
        raise DatabaseError(f"{file}: is a folder; name a file in it, such as {file / 'managed_agents.db'}")
    if file.exists() and not file.is_file():
        raise DatabaseError(f"{file}: is no regular file; pass another one")
    if file.exists() and not os.access(file, os.R_OK | os.W_OK):
        raise DatabaseError(f"{file}: this user may not read and write it; change that, or pass another file")
    if not os.access(Path(os.path.realpath(file)).parent, os.W_OK | os.X_OK):
        raise DatabaseError(
            f"{file}: this user may not write into its folder, where SQLite keeps files beside it; change that, or "
            "pass another file"
        )


def require_ours(file: Path) -> None:
    """
    Check that a file is new or this server's, and that no other program holds it.

    It stays as it is, unless its program was killed in the middle of a change: who looks at it takes that back.

    :raises DatabaseError: if it is not.
    """
    if not file.exists() or not file.stat().st_size:
        return
    with plainly(file), closing(sqlite3.connect(file, timeout=BUSY_SECONDS)) as connection:
        rows = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
        tables = [name for (name,) in rows]
        if tables and not OUR_TABLES.issubset(tables):
            raise DatabaseError(
                f"{file}: holds another program's tables ({', '.join(tables[:3])}); pass another file"
            )
        connection.execute("BEGIN IMMEDIATE")


@contextmanager
def plainly(file: Path) -> Iterator[None]:
    """Turn what SQLite says of a file into one line for a person."""
    try:
        yield
    except (sqlite3.Error, DBAPIError) as error:
        cause = error.orig if isinstance(error, DBAPIError) else error
        name = getattr(cause, "sqlite_errorname", "SQLITE_UNKNOWN")
        reason = REASONS.get(name.split("_")[1], f"SQLite says {name}: {cause}; pass another file")
        raise DatabaseError(f"{file}: {reason}") from error
