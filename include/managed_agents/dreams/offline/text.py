"""
Split the text of a message or a memory into statements: single lines that can be read, compared and stored.

Everything here treats text as data. Markup is taken off rather than interpreted, invisible characters are dropped,
and no statement is longer than ``MAX_STATEMENT`` characters.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field

from include.managed_agents.dreams.offline.cues import continues
from include.managed_agents.dreams.offline.words import specifics_of

__all__ = ["MAX_STATEMENT", "clean", "plain", "sentences", "statements"]

#: Agents read single lines that grep found: a line should fit on a few rows of a terminal.
MAX_STATEMENT = 300
#: A heading or label longer than this is no longer repeated before each of its items.
MAX_LABEL = 80

#: Lists are nested no deeper; what is, counts as this deep.
_DEEPEST = 8
#: What breaks text apart becomes a blank; what only hides in it goes.
_BREAKING = {"Cc", "Zl", "Zp"}
_INVISIBLE = {"Cf", "Cs", "Co", "Cn"}
_UNUSUAL = re.compile(r"[^\n\x20-\x7e]")
_SCRIPT = re.compile(r"<(script|style)\b.*?(?:</\1\s*>|\Z)", re.IGNORECASE | re.DOTALL)
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_TAG = re.compile(r"</?[A-Za-z][^<>\n]{0,400}>")
_IMAGE = re.compile(r"!\[([^\[\]\n]{0,200})\]\([^()\n]{0,500}\)")
_LINK = re.compile(r"\[([^\[\]\n]{0,200})\]\(\s*<?([^\s()<>]{1,500})>?(?:\s+\"[^\"\n]*\")?\s*\)")
_EMPHASIS = re.compile(r"\*{1,3}(?=\S)|(?<=\S)\*{1,3}|(?<!\w)_{1,3}(?=\S)|(?<=\S)_{1,3}(?!\w)|`+|~~")
_LINE = re.compile(
    r"(?P<indent>[ ]*)(?P<quote>(?:>[ ]?)+)?(?P<mark>(?:[-*+•]|\d{1,3}[.)])[ ]+)?(?P<hash>\#{1,6}[ ]+)?(?P<text>.*)"
)
_ITEM = re.compile(r"[-*+•]|\d{1,3}[.)] ")
_TABLE_RULE = re.compile(r"\|?[\s:|-]*-[\s:|-]*\|?")
# A full stop ends a sentence before a blank and a capital, a digit, a quote or a bracket: not in "e.g. this", "14.30".
# What stands in brackets at the end, "[shares a photo: …]", is no part of the sentence.
_SENTENCE_END = re.compile(
    r"(?<=[.!?…])[\"'”’)\]]*\s+(?=[\"'“‘(\[]?[A-Z0-9À-ÞА-Я£$€])|(?<=[。！？])"  # noqa: RUF001
    r"|\s+(?=\[[a-z][^\[\]]{20,}\]$)"
)
# A clause that says something of its own is a sentence of its own: "I paint - it calms me, and I sell some".
_CLAUSE_END = re.compile(
    r"(?<=[a-z!)]) +(?:-|–|—) +(?=[a-zI])|(?<=[a-z])[,;] +(?=(?:and|so) (?:I|we|it|they|he|she|my|our|that|there)\b)"  # noqa: RUF001
)
_ABBREVIATION = re.compile(
    r"(?:\b(?:e\.g|i\.e|etc|vs|approx|no|nr|st|dr|mr|mrs|ms|prof|inc|ltd|dept|ca)|(?-i:(?:^|[\s(])[A-Z]))\.$",
    re.I,
)
#: A label that only announces its list: nothing is lost without it.
_EMPTY_LABEL = re.compile(
    r"(?:(?:here(?:'s)?|these|this|below|the following|following)\b|please\b|to (?:proceed|assist|confirm|help)\b|"
    r"(?:could|can|would) you\b|(?:i|we)(?:'ll| will| would)? (?:need|found|have)\b)(?!.*\d)(?!(?-i:.*\b[A-Z]{3,}\b))",
    re.IGNORECASE,
)
_WORDS = re.compile(r"[a-z]{3}.*\b[A-Za-z][a-z]{2}")
_SPACES = re.compile(r"\s+")


def clean(text: str) -> str:
    """Return ``text`` in NFC without control, format and private characters; newlines stay, tabs become blanks."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", "    ")
    text = unicodedata.normalize("NFC", text)
    return _UNUSUAL.sub(_visible, text)


def _visible(match: re.Match[str]) -> str:
    category = unicodedata.category(match[0])
    return " " if category in _BREAKING else "" if category in _INVISIBLE else match[0]


def plain(text: str) -> str:
    """Return one line of ``text`` without Markdown and HTML; a link's address stays beside its words."""
    text = _IMAGE.sub(r"\1", text)
    text = _LINK.sub(lambda m: f"{m[1]}: {m[2]}" if m[1].strip() else m[2], text)
    text = _TAG.sub(" ", text)
    text = _EMPHASIS.sub("", text)
    return _SPACES.sub(" ", text.replace("’", "'")).strip()  # noqa: RUF001


@dataclass
class _Node:
    """A line of a message with the lines that are nested below it."""

    text: str
    indent: int
    is_item: bool
    is_label: bool
    children: list[_Node] = field(default_factory=list)


def statements(text: str) -> list[str]:
    """
    Split a message into statements.

    Prose gives a statement a sentence; one with a specific that opens with a pronoun stays with the one before it. Of
    a list, as many items as fit are one statement, behind its label. A table row is an item, with its column names.
    """
    text = _COMMENT.sub(" ", _SCRIPT.sub(" ", clean(text)))
    found: list[str] = []
    for paragraph in _paragraphs(text.split("\n")):
        for node in _tree(_tables_to_lines(paragraph)):
            found.extend(_node_statements(node))
    return [s for s in found if re.search(r"\w", s)]


def _paragraphs(lines: list[str]) -> Iterator[list[str]]:
    """Yield the lines between blank ones; a list that follows a blank line still belongs to what announces it."""
    paragraph: list[str] = []
    after_blank = False
    for line in lines:
        if not line.strip():
            after_blank = True
            continue
        if after_blank and not line[0].isspace() and not _ITEM.match(line):
            yield paragraph
            paragraph = []
        paragraph.append(line)
        after_blank = False
    yield paragraph


def sentences(text: str) -> list[str]:
    """Split one line of plain text into sentences, none longer than ``MAX_STATEMENT`` characters."""
    pieces: list[str] = []
    for piece in filter(None, map(str.strip, _SENTENCE_END.split(text))):
        if pieces and _ABBREVIATION.search(pieces[-1]):
            pieces[-1] = f"{pieces[-1]} {piece}"
        else:
            pieces.append(piece)
    return [part for piece in pieces for clause in _clauses(piece) for part in _cut(clause)]


def _clauses(sentence: str) -> list[str]:
    *before, last = _CLAUSE_END.split(sentence)
    return [*(f"{clause}." if clause[-1].isalnum() else clause for clause in before), last]


def _node_statements(node: _Node) -> Iterator[str]:
    if node.children:
        yield from _list_statements(node)
    elif node.is_item or node.is_label:
        yield from _cut(node.text)
    else:
        yield from _joined(sentences(node.text))


def _list_statements(node: _Node) -> Iterator[str]:
    """Yield the node with what is below it as few statements: as many items in one, behind its label, as fit."""
    *before, label = sentences(node.text) or [""]
    yield from _joined(before)
    label = label.rstrip(":").strip()
    if len(label) > MAX_LABEL:
        yield label
    only_announces = _EMPTY_LABEL.match(label) and all(_WORDS.search(_flat(child)) for child in node.children)
    prefix = f"{label}: " if label and len(label) <= MAX_LABEL and not only_announces else ""
    packed = ""
    for child in node.children:
        item = _flat(child)
        if packed and len(packed) + len(item) + 2 <= MAX_STATEMENT:
            packed = f"{packed}; {item}"
            continue
        if packed:
            yield packed
            packed = ""
        if len(prefix) + len(item) <= MAX_STATEMENT:
            packed = prefix + item
        elif child.children:
            yield from _list_statements(
                _Node(prefix + child.text, child.indent, child.is_item, child.is_label, child.children)
            )
        else:
            yield from (prefix + part for part in _cut(item, MAX_STATEMENT - len(prefix)))
    if packed:
        yield packed


def _flat(node: _Node) -> str:
    if not node.children:
        return node.text
    return f"{node.text.rstrip(':')}: " + "; ".join(_flat(child) for child in node.children)


def _joined(parts: list[str]) -> Iterator[str]:
    held = ""
    for part in parts:
        if held and continues(part) and specifics_of(part) and len(held) + len(part) < MAX_STATEMENT:
            held = f"{held} {part}"
            continue
        if held:
            yield held
        held = part
    if held:
        yield held


def _cut(text: str, limit: int = MAX_STATEMENT) -> Iterator[str]:
    limit = max(limit, 40)
    while len(text) > limit:
        at = max(text.rfind(mark, limit // 2, limit) + len(mark) - 1 for mark in ("; ", ", ", " "))
        at = at if at > limit // 2 else limit
        yield text[:at].strip()
        text = text[at:].strip()
    if text:
        yield text


def _tree(lines: list[str]) -> list[_Node]:
    """Nest the lines by their indentation; items without a blank line before them belong to the label above them."""
    roots: list[_Node] = []
    stack: list[_Node] = []
    for line in lines:
        match = _LINE.fullmatch(line)
        text = plain(match["text"]) if match else ""
        if match is None or not text:
            continue
        is_item = match["mark"] is not None
        is_label = match["hash"] is not None or text.endswith(":")
        node = _Node(text, len(match["indent"]) + (1 if is_item else 0), is_item, is_label)
        while stack and (len(stack) > _DEEPEST or not _holds(stack[-1], node)):
            stack.pop()
        (stack[-1].children if stack else roots).append(node)
        stack.append(node)
    return roots


def _holds(parent: _Node, child: _Node) -> bool:
    if not child.is_item:
        return parent.is_item and child.indent > parent.indent
    return child.indent > parent.indent and (parent.is_item or parent.is_label)


def _tables_to_lines(lines: list[str]) -> list[str]:
    """Rewrite the rows of Markdown tables as list items that name their columns."""
    out: list[str] = []
    header: list[str] | None = None
    for number, line in enumerate(lines):
        cells = (
            [cell.strip() for cell in line.strip().strip("|").split("|")]
            if line.lstrip().startswith("|")
            else []
        )
        if not cells:
            header = None
            out.append(line)
        elif _TABLE_RULE.fullmatch(line.strip()):
            continue
        elif header is None and number + 1 < len(lines) and _TABLE_RULE.fullmatch(lines[number + 1].strip()):
            header = cells
        else:
            names = header if header and len(header) == len(cells) else [""] * len(cells)
            out.append(
                "- " + ", ".join(f"{n}: {c}" if n else c for n, c in zip(names, cells, strict=True) if c)
            )
    return out
