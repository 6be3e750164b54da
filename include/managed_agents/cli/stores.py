"""
Read and write a memory store as files: one JSON file, or a folder that mirrors its paths.

The JSON is ``{"name", "description"?, "metadata"?, "memories": [{"path", "content"}]}``. A folder holds each
memory at its path, and name, description and metadata in ``.memory-store.json``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from include.managed_agents.cli.errors import CommandError
from include.managed_agents.memories.paths import MemoryPath, check_path
from include.managed_agents.memories.schemas import Content
from include.managed_agents.reading import describe
from include.managed_agents.wire import Description, Metadata, Name

__all__ = ["StoreFiles", "read_store", "write_store"]

CARD = ".memory-store.json"
EXPECTED = '{"name", "description"?, "metadata"?, "memories": [{"path", "content"}]}'


@dataclass(frozen=True)
class StoreFiles:
    """A store's name, description and metadata, and its contents by path."""

    name: str
    description: str = ""
    metadata: Mapping[str, str] = field(default_factory=dict)
    memories: Mapping[str, str] = field(default_factory=dict)


class Card(BaseModel):
    model_config = ConfigDict(extra="ignore", strict=True)

    name: Name
    description: Description = ""
    metadata: Metadata = {}


class OneMemory(BaseModel):
    model_config = ConfigDict(extra="ignore", strict=True)

    path: MemoryPath
    content: Content


class StoreJson(Card):
    memories: list[OneMemory]


def read_store(path: Path) -> StoreFiles:
    """
    Read a store from a JSON file or a folder.

    :raises CommandError: naming the file and what is wrong with it.
    """
    return read_folder(path) if path.is_dir() else read_json(path)


def read_json(path: Path) -> StoreFiles:
    try:
        store = StoreJson.model_validate(json.loads(read_text(path)))
    except ValidationError as error:
        raise CommandError(f"{path}: {describe(error)}; expected {EXPECTED}") from error
    except (ValueError, RecursionError) as error:
        raise CommandError(f"{path}: not JSON ({error}); expected {EXPECTED}") from error
    memories = {memory.path: memory.content for memory in store.memories}
    if len(memories) < len(store.memories):
        raise CommandError(f"{path}: memories: a path stands there twice; paths are unique in a store")
    return StoreFiles(store.name, store.description, store.metadata, memories)


def read_folder(folder: Path) -> StoreFiles:
    memories = {}
    for file in sorted(folder.rglob("*")):
        path = "/" + file.relative_to(folder).as_posix()
        if file.is_symlink() or not file.is_file() or path == f"/{CARD}":
            continue
        try:
            memories[check_path(path)] = read_text(file)
        except ValueError as error:
            raise CommandError(f"{file}: can't be a memory: its path {error}") from error
    card = folder / CARD
    if not card.exists():
        return StoreFiles(folder.resolve().name, memories=memories)
    try:
        known = Card.model_validate(json.loads(read_text(card)))
    except (ValidationError, ValueError) as error:
        raise CommandError(
            f"{card}: not a name card; expected {{'name', 'description'?, 'metadata'?}}"
        ) from error
    return StoreFiles(known.name, known.description, known.metadata, memories)


def read_text(file: Path) -> str:
    try:
        return file.read_bytes().decode()
    except UnicodeDecodeError as error:
        raise CommandError(f"{file}: not UTF-8 text") from error
    except OSError as error:
        raise CommandError(f"{file}: can't be read: {error.strerror or error}") from error


def write_store(store: StoreFiles, target: Path) -> None:
    """Write a store to a new JSON file, or to a new or empty folder. :raises CommandError: if it can't be."""
    card: dict[str, Any] = {
        "name": store.name,
        "description": store.description,
        "metadata": dict(store.metadata),
    }
    try:
        if target.suffix == ".json":
            memories = [{"path": path, "content": content} for path, content in store.memories.items()]
            write_new(target, as_json({**card, "memories": memories}))
            return
        if target.exists() and any(target.iterdir()):
            raise CommandError(f"{target}: not empty; choose a new folder")
        for path, content in store.memories.items():
            write_new(target / path.lstrip("/"), content)
        write_new(target / CARD, as_json(card))
    except FileExistsError as error:
        raise CommandError(f"{error.filename}: is there already; choose a new file or folder") from error
    except OSError as error:
        hint = "a path that no file can have? Export to a .json file instead"
        raise CommandError(f"{target}: can't be written: {error.strerror or error}; {hint}") from error


def write_new(file: Path, content: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("xb") as stream:
        stream.write(content.encode())


def as_json(content: Any) -> str:
    return json.dumps(content, ensure_ascii=False, indent=2) + "\n"
