"""
Split the text of a message or a memory into statements: single lines that can be read, compared and stored.

Everything here treats text as data. Markup is taken off rather than interpreted, invisible characters are dropped,
and no statement is longer than ``MAX_STATEMENT`` characters.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from include.managed_agents.dreams.offline.specifics import specifics_of

__all__ = ["MAX_STATEMENT", "clauses", "clean", "plain", "sentences", "statements"]

#: Agents read single lines that grep found: a line should fit on a few rows of a terminal.
MAX_STATEMENT = 300
#: A heading or label longer than this is no longer repeated before its items.
_MAX_LABEL = 80
#: Lists are nested no deeper; what is, counts as this deep.
_DEEPEST = 8
_UNUSUAL = re.compile(r"[^\n\x20-\x7e]")
_HIDDEN = re.compile(r"<(script|style)\b.*?(?:</\1\s*>|\Z)|<!--.*?(?:-->|\Z)", re.IGNORECASE | re.DOTALL)
_TAG = re.compile(r"</?[A-Za-z][^<>\n]{0,400}>")
_IMAGE = re.compile(r"!\[([^\[\]\n]{0,200})\]\([^()\n]{0,500}\)")
_LINK = re.compile(r"\[([^\[\]\n]{0,200})\]\(\s*<?([^\s()<>]{1,500})>?(?:\s+\"[^\"\n]*\")?\s*\)")
_EMPHASIS = re.compile(r"\*{1,3}(?=\S)|(?<=\S)\*{1,3}|(?<!\w)_{1,3}(?=\S)|(?<=\S)_{1,3}(?!\w)|`+|~~")
_LINE = re.compile(r"( *)(?:> ?)*((?:[-*+•]|\d{1,3}[.)]) +)?(\#{1,6} +)?(.*)")
_TABLE_RULE = re.compile(r"\|?[\s:|-]*-[\s:|-]*\|?")
#: A full stop ends a sentence before a blank and a capital, a digit, a quote or a bracket: not in "e.g. this", "14.30",
#: "Dr. May", "J. May". What stands in brackets at the end, "[shares a photo: …]", is no part of the sentence.
_SENTENCE_END = re.compile(
    r"(?<=[.!?…])(?<!\b[A-Z]\.)(?<!\b(?:Dr|Mr|Ms|St|No|Nr|vs|ca)\.)(?<!\b(?:Mrs|etc|e\.g|i\.e)\.)[\"'”’)\]]*\s+"  # noqa: RUF001
    r"(?=[\"'“‘(\[]?[A-Z0-9À-ÞА-Я£$€])|(?<=[。！？])"  # noqa: RUF001
    r"|\s+(?=\[[a-z][^\[\]]{20,}\]$)"
)
_AND_SO = re.compile(r",? (?:and|so) (?=(?:I|we|it|he|she|they|that|you|this|my|there)\b)|; ", re.I)
_LEAST_CLAUSE = 18


def clean(text: str) -> str:
    """Return ``text`` in NFC without control, format and private characters; newlines stay, tabs become blanks."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", "    ")
    return _UNUSUAL.sub(_visible, unicodedata.normalize("NFC", text))


def _visible(match: re.Match[str]) -> str:
    """Return a character, a blank for one that breaks text apart, and nothing for one that only hides in it."""
    category = unicodedata.category(match[0])
    return " " if category in {"Cc", "Zl", "Zp"} else "" if category[0] == "C" else match[0]


def plain(text: str) -> str:
    """Return one line of ``text`` without Markdown and HTML; a link's address stays beside its words."""
    text = _IMAGE.sub(r"\1", text)
    text = _LINK.sub(lambda m: f"{m[1]}: {m[2]}" if m[1].strip() else m[2], text)
    text = _EMPHASIS.sub("", _TAG.sub(" ", text))
    return " ".join(text.replace("’", "'").split())  # noqa: RUF001


@dataclass
class _Node:
    """A line of a message with the lines that are nested below it: items, and what an item or a label opens."""

    text: str
    indent: int
    opens: bool
    children: list[_Node] = field(default_factory=list)

    @property
    def flat(self) -> str:
        below = "; ".join(child.flat for child in self.children)
        return f"{self.text.rstrip(':')}: {below}" if below else self.text


def statements(text: str) -> list[str]:
    """Return the statements of a message: sentences; of a list or table, as many items as fit, behind its label."""
    lines = _HIDDEN.sub(" ", clean(text)).split("\n")
    return [s for node in _tree(_without_tables(lines)) for s in _statements(node) if re.search(r"\w", s)]


def clauses(statement: str) -> list[str]:
    """Return a sentence as its clauses that "and" or "so" joins; what "but" or "because" adds can't stand alone."""
    parts = _AND_SO.split(statement)
    if min(map(len, parts)) < _LEAST_CLAUSE or specifics_of(statement):
        return [statement]
    *before, last = (part[0].upper() + part[1:] for part in parts)
    return [*(f"{part.rstrip(',')}." for part in before), last]


def sentences(text: str) -> list[str]:
    """Split one line of plain text into sentences, none longer than ``MAX_STATEMENT`` characters."""
    return [part for piece in _SENTENCE_END.split(text) for part in _cut(piece.strip())]


def _without_tables(lines: list[str]) -> Iterator[str]:
    """Yield the lines, the rows of Markdown tables as list items that name their columns."""
    names: list[str] = []
    for line, following in zip(lines, [*lines[1:], ""], strict=True):
        row = line.strip()
        cells = [cell.strip() for cell in row.strip("|").split("|")]
        if not row.startswith("|"):
            names = []
            yield line
        elif not names and _TABLE_RULE.fullmatch(following.strip()):
            names = cells
        elif not _TABLE_RULE.fullmatch(row):
            named = zip(names if len(names) == len(cells) else [""] * len(cells), cells, strict=True)
            yield "- " + ", ".join(f"{name}: {cell}" if name else cell for name, cell in named if cell)


def _tree(lines: Iterable[str]) -> list[_Node]:
    """Nest the lines by their indentation, and items below their label. A blank line ends it, save before an item."""
    roots: list[_Node] = []
    stack: list[_Node] = []
    after_blank = False
    for line in lines:
        indent, mark, hashes, rest = _LINE.fullmatch(line).groups("")  # type: ignore[union-attr]
        if after_blank and line.strip() and not (mark or indent):
            stack.clear()
        after_blank = not line.strip()
        if text := plain(rest):
            node = _Node(text, len(indent) + bool(mark), bool(mark or hashes) or text.endswith(":"))
            del stack[_DEEPEST:]
            while stack and not (stack[-1].opens and stack[-1].indent < node.indent):
                stack.pop()
            (stack[-1].children if stack else roots).append(node)
            stack.append(node)
    return roots


def _statements(node: _Node) -> Iterator[str]:
    """Yield a line with what is below it as few statements: as many items in one, behind their label, as fit."""
    if not node.children:
        yield from _cut(node.text) if node.opens else sentences(node.text)
        return
    *before, label = sentences(node.text)
    yield from before
    label = f"{label.rstrip(': ')}: "
    if len(label) > _MAX_LABEL:
        yield label[:-2]
        label = ""
    packed = ""
    for item in (part for child in node.children for part in _cut(child.flat, MAX_STATEMENT - len(label))):
        if packed and len(packed) + len(item) + 2 > MAX_STATEMENT:
            yield packed
            packed = ""
        packed = f"{packed}; {item}" if packed else label + item
    yield packed


def _cut(text: str, limit: int = MAX_STATEMENT) -> Iterator[str]:
    start = 0
    while len(text) - start > limit:
        middle, end = start + limit // 2, start + limit
        at = next((at for mark in ("; ", ", ", " ") if (at := text.rfind(mark, middle, end) + 1)), end)
        yield text[start:at].strip()
        start = at
    if text[start:].strip():
        yield text[start:].strip()
