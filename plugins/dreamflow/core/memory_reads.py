"""Which memories an agent read, by the tools it used: a store is mounted below ``/mnt/memory/<slug of its name>/``."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TypeVar

from dreamflow.core.objects import SaidText

__all__ = ["memories_read", "of_store"]

T = TypeVar("T")

#: The agent toolset's and the memory tool's names for looking into one file.
_READING = frozenset({"read", "view", "grep", "glob", "edit", "str_replace"})
_COMMANDS = re.compile(r"\b(?:cat|head|tail|less|more|nl|bat|grep|rg|awk|sed|wc|diff|cut|sort|view)\b")
_PATH_KEYS = ("file_path", "path", "pattern")
_MOUNTED = re.compile(r"/mnt/memory/([^/\s'\"]+)(/[^\n'\"]+)")
_IN_COMMAND = re.compile(r"/mnt/memory/([^/\s'\";|&<>]+)(/(?:\\ |[^\s'\";|&<>])+|/[^'\"]+(?=['\"]))")


def memories_read(said: SaidText) -> Iterator[tuple[str, str]]:
    """Yield the folder of the mount and the path below it, of each memory that an event reads."""
    given = said.tool_input
    command = given.get("command")
    if said.tool in _READING or (said.tool == "memory" and command == "view"):
        texts = [given[key] for key in _PATH_KEYS if isinstance(given.get(key), str)]
        for text in texts:
            if match := _MOUNTED.match(posixpath.normpath(text)):
                yield match[1], match[2]
    elif isinstance(command, str) and _COMMANDS.search(command):
        for match in _IN_COMMAND.finditer(command):
            yield match[1], posixpath.normpath(match[2].replace("\\ ", " "))


def of_store(reads: Mapping[str, T], name: str) -> Sequence[T]:
    """Return what was read in the folder that is named as the store; of all folders, where none is."""
    named = [read for folder, read in reads.items() if _plain(folder) == _plain(name)]
    return named or list(reads.values())


def _plain(name: str) -> str:
    """Return a name without what a slug leaves out, and without the number that tells two of one name apart."""
    return "".join(c for c in name.casefold() if c.isalnum()).rstrip("0123456789")
