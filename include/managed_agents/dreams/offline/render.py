"""The shapes of a store's files: what people wrote, then lines of sessions below one heading; and the index."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from urllib.parse import quote, unquote

from include.managed_agents.dreams.offline.lines import Line, parse_line, render_line

__all__ = [
    "INDEX",
    "index_entry",
    "join",
    "join_index",
    "split",
    "split_index",
    "title_of",
    "without_entries",
]

INDEX = "/index.md"
HEADING = "## From sessions, latest first"
#: Stands once in a store, in its index.
NOTICE = (
    "Extract made without a model: the lines of sessions are what people said, with when, who and where; dates in square "
    "brackets were worked out. Where two lines differ, the later one stands first. Find a memory by name here, or grep "
    "the store for a word, an order or a date: every line stands on its own."
)
MORE = "More of [the index](/index.md)."
INSTRUCTED = (
    "This dream was given instructions. Following them takes a model: this extract keeps an index and absolute dates, "
    "and did nothing else about them."
)
_ENTRY = re.compile(r"- \[/[^\]]*\]\((/[^)\s]*)\)(?:: (.*))?")


def split(path: str, content: str) -> tuple[str, list[Line]]:
    """Return what people wrote in a memory, byte for byte, and the lines of sessions in it."""
    before, heading, after = f"\n{content}".partition(f"\n{HEADING}\n")
    if not heading:
        return content, []
    own = _ended(before[1:])
    lines: list[Line] = []
    others: list[str] = []
    for text in after.split("\n"):
        line = parse_line(text)
        if line is not None:
            lines.append(line)
        elif text != HEADING:
            others.append(text)
    own = "" if own == f"# {title_of(path)}\n" else own
    remark = "\n".join(others).strip("\n")
    return (f"{own}{remark}\n" if remark else own), lines


def join(path: str, own: str, lines: Iterable[str]) -> str:
    """Return the content of a memory: what people wrote, then the lines."""
    below = "\n".join(lines)
    if not below:
        return own
    head = _ended(own) or f"# {title_of(path)}\n"
    return f"{head}\n{HEADING}\n\n{below}\n"


def split_index(path: str, content: str) -> tuple[str, dict[str, str]]:
    """Return what people wrote in an index, and what our entries in it say of each path."""
    mark = NOTICE if path == INDEX else MORE
    before, found, after = f"\n{content}".partition(f"\n{mark}\n")
    if not found:
        return content, {}
    entries: dict[str, str] = {}
    others: list[str] = []
    for text in after.split("\n"):
        match = _ENTRY.fullmatch(text)
        if match:
            entries[unquote(match[1])] = match[2] or ""
        elif text != INSTRUCTED:
            others.append(text)
    own = _ended(before[1:])
    remark = "\n".join(others).strip("\n")
    own = "" if own == _index_title(path) else own
    return (f"{own}{remark}\n" if remark else own), entries


def join_index(path: str, own: str, entries: Sequence[str], *, instructed: bool) -> str:
    """Return a page of the index."""
    head = [NOTICE if path == INDEX else MORE, *([INSTRUCTED] if instructed and path == INDEX else [])]
    return (_ended(own) or _index_title(path)) + "\n" + "\n\n".join(head) + "\n\n" + "\n".join([*entries, ""])


def without_entries(own: str, gone: Collection[str]) -> str:
    """Return what people wrote in an index without its entries of memories that are gone."""
    kept = [
        line
        for line in own.split("\n")
        if (match := _ENTRY.fullmatch(line.rstrip("\r"))) is None or unquote(match[1]) not in gone
    ]
    return "\n".join(kept)


def index_entry(path: str, about: str) -> str:
    """Return the line of the index that leads to ``path``."""
    shown = path.replace("[", "(").replace("]", ")")
    return f"- [{shown}]({quote(path, safe='/')})" + (f": {about}" if about else "")


def title_of(path: str) -> str:
    """Return the heading of the file at ``path``."""
    name = re.sub(r"\.\w{1,5}$", "", path.rsplit("/", 1)[-1])
    words = name if re.fullmatch(r"\d{4}-\d\d", name) else " ".join(re.split(r"[-\s]+", name)).strip() or "Memory"
    return words if any(c.isdigit() or c in "_@." for c in words) else words.title()


def _index_title(path: str) -> str:
    return "# Index\n" if path == INDEX else f"# {title_of(path)}\n"


def _ended(text: str) -> str:
    return text if not text or text.endswith("\n") else text + "\n"
