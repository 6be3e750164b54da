"""The shapes of a store's files: what people wrote, then lines of sessions below one heading; and the index."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable
from typing import TypeVar
from urllib.parse import quote, unquote

from include.managed_agents.dreams.offline.lines import Line, parse_line

__all__ = ["INDEX", "index_entry", "join", "join_index", "name_of", "split", "split_index"]

INDEX = "/index.md"
HEADING = "## From sessions, latest first"
#: Stands once in a store, in its index.
NOTICE = (
    "Extract made without a model: lines of sessions are what people said, with when, who and where; dates in square "
    "brackets were worked out. Where two differ, the later stands first. Every line stands on its own: grep for a word."
)
MORE = "More of [the index](/index.md)."
INSTRUCTED = "Of what this dream was asked, this extract has an index and absolute dates: the rest takes a model."
_ENTRY = re.compile(r"- \[/[^\]]*\]\((/[^)\s]*)\)(?:: (.*))?")
_T = TypeVar("_T")


def name_of(path: str) -> str:
    """Return the last segment of a path, without its ending."""
    return re.sub(r"\.\w{1,5}$", "", path.rsplit("/", 1)[-1])


def split(path: str, content: str) -> tuple[str, list[Line]]:
    """Return what people wrote in a memory, byte for byte, and the lines of sessions in it."""
    return _split(path, content, HEADING, parse_line)


def join(path: str, own: str, lines: Iterable[str]) -> str:
    """Return the content of a memory: what people wrote, then the lines."""
    below = "\n".join(lines)
    return f"{_ended(own) or _title(path)}\n{HEADING}\n\n{below}\n" if below else own


def split_index(path: str, content: str) -> tuple[str, dict[str, str]]:
    """Return what people wrote in a page of the index, and what our entries in it say of each path."""
    own, entries = _split(path, content, NOTICE if path == INDEX else MORE, _ENTRY.fullmatch)
    return own, {unquote(entry[1]): entry[2] or "" for entry in entries}


def join_index(path: str, own: str, entries: Iterable[str], gone: Collection[str], instructed: bool) -> str:
    """Return a page of the index: what people wrote, save entries of what is gone, then the entries."""
    head = [MORE] if path != INDEX else [NOTICE, "", INSTRUCTED] if instructed else [NOTICE]
    links = ((line, _ENTRY.fullmatch(line.rstrip("\r"))) for line in own.split("\n"))
    own = "\n".join(line for line, link in links if link is None or unquote(link[1]) not in gone)
    return "\n".join([_ended(own) or _title(path), *head, "", *entries, ""])


def index_entry(path: str, about: str) -> str:
    """Return the line of the index that leads to ``path``."""
    shown = path.replace("[", "(").replace("]", ")")
    return f"- [{shown}]({quote(path, safe='/')})" + (f": {about}" if about else "")


def _split(path: str, content: str, mark: str, parse: Callable[[str], _T | None]) -> tuple[str, list[_T]]:
    before, found, after = f"\n{content}".partition(f"\n{mark}\n")
    if not found:
        return content, []
    below = [(text, parse(text)) for text in after.split("\n")]
    own = _ended(before[1:])
    remark = "\n".join(t for t, parsed in below if parsed is None and t not in (mark, INSTRUCTED)).strip("\n")
    own = ("" if own == _title(path) else own) + _ended(remark)
    return own, [parsed for _, parsed in below if parsed is not None]


def _title(path: str) -> str:
    """Return the heading of a file of ours."""
    name = name_of(path)
    is_code = any(c.isdigit() or c in "_@." for c in name)
    return f"# {name if is_code else ' '.join(re.split('[- ]+', name)).strip().title()}\n"


def _ended(text: str) -> str:
    return text if not text or text.endswith("\n") else text + "\n"
