"""
From the text of a message or a memory to statements: single lines that can be read, compared and stored.

Everything here treats text as data. Markup is taken off rather than interpreted, invisible characters are dropped,
and no statement is longer than ``MAX_STATEMENT`` characters.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field

__all__ = ["MAX_STATEMENT", "clean", "plain", "sentences", "statements"]

#: Agents read single lines that grep found: a line should fit on a few rows of a terminal.
MAX_STATEMENT = 360
#: A heading or label longer than this is no longer repeated before each of its items.
MAX_LABEL = 80

_INVISIBLE = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
_SCRIPT = re.compile(r"<(script|style)\b.*?(?:</\1\s*>|\Z)", re.IGNORECASE | re.DOTALL)
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_TAG = re.compile(r"</?[A-Za-z][^<>\n]{0,400}>")
_IMAGE_OR_LINK = re.compile(r"!?\[([^\[\]\n]{0,200})\]\(\s*<?([^\s()<>]{1,500})>?(?:\s+\"[^\"\n]*\")?\s*\)")
_EMPHASIS = re.compile(r"\*{1,3}(?=\S)|(?<=\S)\*{1,3}|(?<!\w)_{1,3}(?=\S)|(?<=\S)_{1,3}(?!\w)|`+|~~")
_LINE = re.compile(
    r"(?P<indent>[ ]*)(?P<quote>(?:>[ ]?)+)?(?P<mark>(?:[-*+•]|\d{1,3}[.)])[ ]+)?(?P<hash>\#{1,6}[ ]+)?(?P<text>.*)"
)
_TABLE_RULE = re.compile(r"\|?[\s:|-]*-[\s:|-]*\|?")
# A full stop ends a sentence before white space and a capital, a digit, a quote or a bracket: not in "e.g. this" or "14.30".
_SENTENCE_END = re.compile(r"(?<=[.!?…])[\"'”’)\]]*\s+(?=[\"'“‘(\[]?[A-Z0-9À-ÞА-Я£$€])|(?<=[。！？])")  # noqa: RUF001
_ABBREVIATION = re.compile(
    r"(?:\b(?:e\.g|i\.e|etc|vs|approx|no|nr|st|dr|mr|mrs|ms|prof|inc|ltd|dept|ca)|\b[A-Z])\.$", re.I
)
_SPACES = re.compile(r"\s+")
_CONTINUES = re.compile(
    r"(?:it|its|it's|it’s|they|their|them|that|that's|that’s|this|these|those|he|she|his|her|which|both|there)\b",
    re.I,
)


def clean(text: str) -> str:
    """Return ``text`` in NFC without control, format and private characters; newlines stay, tabs become spaces."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", "    ")
    text = unicodedata.normalize("NFC", text)
    return "".join(c for c in text if c == "\n" or unicodedata.category(c) not in _INVISIBLE)


def plain(text: str) -> str:
    """Return one line of ``text`` without Markdown and HTML; a link's address stays beside its words."""
    text = _IMAGE_OR_LINK.sub(lambda m: f"{m[1]}: {m[2]}" if m[1].strip() else m[2], text)
    text = _TAG.sub(" ", text)
    text = _EMPHASIS.sub("", text)
    return _SPACES.sub(" ", text).strip()


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

    Prose gives a statement a sentence; a sentence that opens with a pronoun stays with the one before it. A list item and
    what is nested below it are one statement, behind the label of its list. A table row is one, with its column names.
    """
    text = _COMMENT.sub(" ", _SCRIPT.sub(" ", clean(text)))
    found: list[str] = []
    for paragraph in re.split(r"\n\s*\n(?=\S)(?![-*+•]|\d{1,3}[.)] )", text):
        for node in _tree(_tables_to_lines(paragraph.split("\n"))):
            found.extend(_node_statements(node))
    return [s for s in found if re.search(r"\w", s)]


def sentences(text: str) -> list[str]:
    """Split one line of plain text into sentences, none longer than ``MAX_STATEMENT`` characters."""
    pieces: list[str] = []
    for piece in _SENTENCE_END.split(text):
        piece = piece.strip()
        if not piece:
            continue
        if pieces and _ABBREVIATION.search(pieces[-1]):
            pieces[-1] = f"{pieces[-1]} {piece}"
        else:
            pieces.append(piece)
    return [part for piece in pieces for part in _cut(piece)]


def _node_statements(node: _Node) -> Iterator[str]:
    if node.children:
        yield from _list_statements(node)
    elif node.is_item or node.is_label:
        yield from _cut(node.text)
    else:
        yield from _joined(sentences(node.text))


def _list_statements(node: _Node) -> Iterator[str]:
    """Yield the node with everything below it as few statements: together while they fit, else item by item."""
    *before, label = sentences(node.text) or [""]
    yield from _joined(before)
    label = label.rstrip(":").strip()
    flat = [_flat(child) for child in node.children]
    prefix = f"{label}: " if label and len(label) <= MAX_LABEL else ""
    if label and not prefix:
        yield label
    whole = prefix + "; ".join(flat)
    if len(whole) <= MAX_STATEMENT and (node.is_item or all(len(f) <= MAX_LABEL for f in flat)):
        yield whole
        return
    for child, text in zip(node.children, flat, strict=True):
        if len(prefix + text) <= MAX_STATEMENT:
            yield prefix + text
        elif child.children:
            yield from _list_statements(
                _Node(prefix + child.text, child.indent, child.is_item, child.is_label, child.children)
            )
        else:
            yield from (prefix + s for s in _cut(text, MAX_STATEMENT - len(prefix)))


def _flat(node: _Node) -> str:
    if not node.children:
        return node.text
    return f"{node.text.rstrip(':')}: " + "; ".join(_flat(child) for child in node.children)


def _joined(parts: list[str]) -> Iterator[str]:
    held = ""
    for part in parts:
        if held and _CONTINUES.match(part) and len(held) + len(part) < MAX_STATEMENT:
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
        while stack and not _holds(stack[-1], node):
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
