"""Which memories an agent read, by the tools it used: a store is mounted below ``/mnt/memory/<slug of its name>/``."""

from __future__ import annotations

import posixpath
import re
import shlex
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
#: What a search over a store shows: the file, the line's number, the line.
_HIT = re.compile(r"^/mnt/memory/([^/\s:]+)(/[^\n:]+):\d+:", re.M)


def memories_read(said: SaidText) -> Iterator[tuple[str, str]]:
    """Yield the folder of the mount and the path below it, of each memory that an event reads."""
    if said.role == "tool" and "/mnt/memory/" in said.text:
        yield from dict.fromkeys((match[1], match[2]) for match in _HIT.finditer(said.text))
    given = said.tool_input
    command = given.get("command")
    if said.tool in _READING or (said.tool == "memory" and command == "view"):
        texts = [given[key] for key in _PATH_KEYS if isinstance(given.get(key), str)]
        for text in texts:
            if match := _MOUNTED.match(posixpath.normpath(text)):
                yield match[1], match[2]
    elif isinstance(command, str) and _COMMANDS.search(command):
        for word in _words(command):
            if match := _MOUNTED.search(posixpath.normpath(word.rstrip(");&|"))):
                yield match[1], match[2]


def _words(command: str) -> list[str]:
    try:
        return shlex.split(command)
    except ValueError:
        return command.split()  # a quotation mark that is left open


def of_store(reads: Mapping[str, T], name: str) -> Sequence[T]:
    """Return what was read in the folder that is named as the store; of all folders, where none is."""
    named = [read for folder, read in reads.items() if _plain(folder) == _plain(name)]
    return named or list(reads.values())


def _plain(name: str) -> str:
    """Return a name without what a slug leaves out, and without the number that tells two of one name apart."""
    return "".join(c for c in name.casefold() if c.isalnum()).rstrip("0123456789")
