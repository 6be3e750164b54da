"""How the files look: a subject's file, and the index that leads to every memory."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from urllib.parse import quote

from .cues import Cue, cue_of
from .lines import Fact, render_fact

__all__ = ["INDEX", "NOTICES", "is_index_entry", "is_scaffold", "render_facts", "render_index", "title_of"]

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
    ordered = sorted(facts, key=lambda f: (f.said, f.text, f.who), reverse=True)
    for cue in Cue:
        lines = [render_fact(fact) for fact in ordered if cue_of(fact.text) is cue]
        if lines:
            parts += [f"## {cue.value}", "", *lines, ""]
    return "\n".join(parts)


def render_index(entries: Iterable[tuple[str, str]], instructions: str = "") -> str:
    """Return the index: one line a memory, its path as a link and what it is about."""
    lines = [
        f"- [{_shown(path)}]({_link(path)})" + (f": {about}" if about else "") for path, about in entries
    ]
    return "\n".join(
        [_INDEX_TITLE, "", INDEX_NOTICE, "", *([instructions, ""] if instructions else []), *lines, ""]
    )


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
