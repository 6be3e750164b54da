"""Render the files of a store: a subject's file, and the index that leads to every memory."""

from __future__ import annotations

import re
from collections.abc import Sequence
from urllib.parse import quote

from include.managed_agents.dreams.offline.cues import Cue, cue_of
from include.managed_agents.dreams.offline.lines import Fact, pack, render_line

__all__ = [
    "INDEX",
    "NOTICES",
    "index_entry",
    "is_index",
    "is_index_entry",
    "is_scaffold",
    "render_facts",
    "render_index",
    "title_of",
]

INDEX = "/index.md"
FILE_NOTICE = (
    "Extract made without a model: every line is a statement as it was made, with when, who and where. "
    "A date in square brackets was worked out from the words before it."
)
INDEX_NOTICE = (
    "Extract made without a model. Find a memory by subject here, or grep the store for a name, an order or a date: "
    "every line stands on its own."
)
NOTICES = frozenset({FILE_NOTICE, INDEX_NOTICE})
_INDEX_TITLE = "# Index"


def render_facts(path: str, facts: Sequence[Fact], foreign: str) -> str:
    """Return the content of a memory: what others wrote in it, then our facts by kind, the latest first."""
    if not facts:
        return foreign
    parts = [foreign.rstrip("\n"), ""] if foreign.strip() else [f"# {title_of(path)}", ""]
    parts += [FILE_NOTICE, ""]
    for cue in Cue:
        lines = [render_line(group) for group in lines_of(facts) if cue_of(group[0].text) is cue]
        if lines:
            parts += [f"## {cue.value}", "", *lines, ""]
    return "\n".join(parts)


def lines_of(facts: Sequence[Fact]) -> list[tuple[Fact, ...]]:
    """Return the facts of a memory in groups of one line each, those of a kind together."""
    return [group for cue in Cue for group in pack(fact for fact in facts if cue_of(fact.text) is cue)]


def render_index(entries: Sequence[str], remark: str = "") -> str:
    """Return a page of the index."""
    return "\n".join([_INDEX_TITLE, "", INDEX_NOTICE, "", *([remark, ""] if remark else []), *entries, ""])


def index_entry(path: str, about: str) -> str:
    """Return the line of the index that leads to ``path``."""
    return f"- [{_shown(path)}]({_link(path)})" + (f": {about}" if about else "")


def is_index(path: str) -> bool:
    """Whether the memory at ``path`` is an index: the root's, or a further page of ours."""
    return re.fullmatch(r"/index(?:-(?:more-)*\d{1,3})?\.md", path) is not None


def is_index_entry(line: str) -> bool:
    """Whether ``line`` is an entry of an index of ours."""
    return re.match(r"- \[/[^\]]*\]\(/[^)]*\)(?:: |$)", line) is not None


def is_scaffold(line: str) -> bool:
    """Whether ``line`` is a heading as ours are."""
    return line.startswith("# ") or line in {f"## {cue.value}" for cue in Cue}


def title_of(path: str) -> str:
    """Return the heading of the file at ``path``."""
    name = re.sub(r"\.\w{1,5}$", "", path.rsplit("/", 1)[-1])
    words = " ".join(re.split(r"[-\s]+", name)).strip() or "Memory"
    return words if any(c.isdigit() or c in "_@." for c in words) else words[0].upper() + words[1:]


def _shown(path: str) -> str:
    return path.replace("[", "(").replace("]", ")")


def _link(path: str) -> str:
    return quote(path, safe="/")
