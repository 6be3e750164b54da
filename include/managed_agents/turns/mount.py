"""
Mount a memory store as a directory: fill it with the memories, and save what the agent changes.

Before each tool call the directory is brought up to the store, so that an agent sees what other sessions
wrote; after it, what the agent wrote becomes a memory version by its session. A file that has changed in
the store since the agent read it in this turn is not overwritten: the agent is told, and looks again.
"""

from __future__ import annotations

import posixpath
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from include.managed_agents.access import Actor
from include.managed_agents.database import Database
from include.managed_agents.errors import ApiError
from include.managed_agents.memories.schemas import MemoryCreate, MemoryUpdate, Precondition
from include.managed_agents.memories.service import Memories, sha256_of
from include.managed_agents.reading import describe

__all__ = ["Mount", "NotSaved"]

MAX_NAME_BYTES = 255  # of one file name, on every common file system


class NotSaved(Exception):
    """What the agent wrote can't become a memory. The message tells it why."""


@dataclass
class Mount:
    """
    One store below a session's root directory.

    :param root: the session's own ``/``; nothing above it is reachable.
    :param resource: the store as the session's resources show it.
    """

    database: Database
    session_id: str
    root: Path
    resource: dict[str, Any]
    #: What the directory shows: sha256 by memory path.
    _seen: dict[str, str] = field(default_factory=dict)
    #: What the agent found when it last read or wrote a memory: its sha256, or None where there was none.
    _read: dict[str, str | None] = field(default_factory=dict)
    #: When each file was last written by us, in nanoseconds: others have been changed by the agent.
    _written: dict[Path, int] = field(default_factory=dict)
    #: Memories that no file can show, such as /a beside /a/b.
    hidden: frozenset[str] = frozenset()

    @property
    def path(self) -> str:
        """Where the agent finds it, such as ``/mnt/memory/notes``."""
        return str(self.resource["mount_path"])

    @property
    def directory(self) -> Path:
        return self.root / self.path.lstrip("/")

    @property
    def is_read_only(self) -> bool:
        return bool(self.resource["access"] == "read_only")

    def pull(self) -> None:
        """Bring the directory up to the store."""
        self.directory.mkdir(parents=True, exist_ok=True)
        with self.database.read() as unit:
            memories = self._memories(unit)
            rows = memories.heads()
            self.hidden = unshowable([row.path for row in rows])
            shown = {row.path: row for row in rows if row.path not in self.hidden}
            changed = [row for path, row in shown.items() if self._seen.get(path) != row.content_sha256]
            contents = memories.contents_of(changed)
        for path in set(self._seen) - set(shown):
            self._forget(path)
        for row in changed:
            self._put(row.path, contents[row.memory_version_id])

    def note_read(self, file_path: str) -> None:
        """Keep in mind which text the agent goes by from now on."""
        path = self._path_of(file_path)
        if path is not None:
            self._read[path] = self._seen.get(path)

    def refuse_stale(self, file_path: str) -> None:
        """
        Refuse to overwrite what somebody else wrote after the agent read the file, or looked for it in vain.

        :raises NotSaved: which tells the agent to read it again.
        """
        path = self._path_of(file_path)
        if path is not None and path in self._read and self._read[path] != self._seen.get(path):
            raise NotSaved(f"{file_path}: not saved: it has changed since you read it; read it again")

    def push(self) -> list[str]:
        """
        Save what the agent changed, and return the paths.

        :raises NotSaved: for the first file that can't be saved; the directory is then as the store is.
        """
        saved = []
        for file in sorted(self.directory.rglob("*")):
            if file.is_symlink() or not file.is_file():
                continue
            if self._written.get(file) == file.stat().st_mtime_ns:
                continue
            path = "/" + file.relative_to(self.directory).as_posix()
            try:
                self._save(path, read_text(file))
            except NotSaved:
                # The next pull shows what the store has there, if anything.
                self._forget(path)
                raise
            self._written[file] = file.stat().st_mtime_ns
            saved.append(path)
        return saved

    def _save(self, path: str, content: str | None) -> None:
        if content is None:
            raise NotSaved(f"{self.path}{path}: not saved: memories are UTF-8 text")
        try:
            with self.database.write() as unit:
                self._write(self._memories(unit), path, content)
        except ApiError as error:
            raise NotSaved(f"{self.path}{path}: not saved: {error.message}") from error
        except ValidationError as error:
            raise NotSaved(f"{self.path}{path}: not saved: {describe(error)}") from error
        self._seen[path] = self._read[path] = sha256_of(content)

    def _write(self, memories: Memories, path: str, content: str) -> None:
        """Write on condition that the store still holds what the agent saw."""
        seen = self._seen.get(path)
        existing = memories.at(path)
        if seen is None or existing is None:
            memories.create(MemoryCreate(path=path, content=content))
        else:
            expected = Precondition(type="content_sha256", content_sha256=seen)
            memories.update(existing.id, MemoryUpdate(content=content, precondition=expected))

    def _put(self, path: str, content: str) -> None:
        file = self._file(path)
        if file.is_dir():
            shutil.rmtree(file)
        for parent in reversed(file.relative_to(self.directory).parents):
            folder = self.directory / parent
            if folder.is_file():
                folder.unlink()
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content.encode())
        self._written[file] = file.stat().st_mtime_ns
        self._seen[path] = sha256_of(content)

    def _forget(self, path: str) -> None:
        file = self._file(path)
        file.unlink(missing_ok=True)
        self._written.pop(file, None)
        self._seen.pop(path, None)

    def _path_of(self, file_path: str) -> str | None:
        """Return the memory path of a file that the agent names, if it lies in this store."""
        full = posixpath.normpath(f"/{file_path}").replace("//", "/")
        return full.removeprefix(self.path) if full.startswith(f"{self.path}/") else None

    def _file(self, path: str) -> Path:
        return self.directory / path.lstrip("/")

    def _memories(self, unit: Any) -> Memories:
        return Memories(unit, self.resource["memory_store_id"], Actor.of_session(self.session_id))


def read_text(file: Path) -> str | None:
    try:
        return file.read_bytes().decode()
    except UnicodeDecodeError:
        return None


def unshowable(paths: list[str]) -> frozenset[str]:
    """Return the paths that can't be files: those that are folders of others, and names that are too long."""
    folders = {
        path[:place] for path in paths for place, character in enumerate(path) if character == "/" and place
    }
    too_long = {
        path for path in paths if any(len(part.encode()) > MAX_NAME_BYTES for part in path.split("/"))
    }
    return frozenset(folders & set(paths)) | too_long
