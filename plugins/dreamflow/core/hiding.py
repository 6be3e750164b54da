"""What a line of text hides from its reader: unseen characters, turned order, letters that pass for others."""

from __future__ import annotations

import re
import unicodedata

from dreamflow.core.letters import LOOK_ALIKES
from dreamflow.core.visible import unseen_characters

__all__ = ["hidden_in"]

_RIGHT_TO_LEFT = re.compile(r"[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")
#: Scripts that need joiners, or breaks without a space, to be written well.
_JOINING = re.compile(r"[\u0600-\u08ff\u0900-\u0dff\u0e00-\u0eff\u0f00-\u109f\u1780-\u18af\ufb50-\ufeff]")
_IDEOGRAPH = re.compile(r"[\u2e80-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
_FLAG = re.compile("\U0001f3f4[\U000e0020-\U000e007e]{2,6}\U000e007f")
_ESCAPE = re.compile(r"\x1b[\[\]()P_^X#%=>78cNOM]|[\x90\x9b\x9d]")
_MARKS = re.compile(r"[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff]{4,}")
_STYLED = re.compile(
    r"[\U0001d400-\U0001d7ff\u24b6-\u24e9\U0001f130-\U0001f189\u1d00-\u1d22\ua730\ua731\ua7af\u0262\u0274\u0280]"
)
_FULL_WIDTH = re.compile(r"[\uff21-\uff3a\uff41-\uff5a]")
_WIDE_GAP = re.compile(r"\S[\s\u2800\u3164]{100,}\S")
_WORD = re.compile(r"[^\W\d_]{3,}")
_LATIN = re.compile(r"[A-Za-z]")
#: What Markdown and HTML don't show, where it is more than a mark for a tool.
_UNRENDERED = re.compile(
    r"<!--\s*(?:[^\s>]+\s+){3,}|\[//\]:\s*#|\[comment\]:|display\s*:\s*none|visibility\s*:\s*hidden|"
    r"font-size\s*:\s*0|opacity\s*:\s*0(?![.\d]*[1-9])|color\s*[:=]\s*[\"']?(?:white|transparent|#fff)|"
    r"<\w+[^>]{0,80}\shidden\b",
    re.IGNORECASE,
)
_SOFT_HYPHEN, _JOINER, _BYTE_ORDER = "\u00ad", "\u200c\u200d", "\ufeff"
#: A soft hyphen is at home in a word so long that it may need one, and there are few of them.
_SOFT_HYPHENS_LIMIT, _LONG_WORD = 5, 12


def hidden_in(line: str, is_first: bool = False) -> str:
    """
    Return what a line hides, in words of ours; empty where it hides nothing.

    Emoji, accents, any script written as it is, no-break spaces and a few soft hyphens hide nothing.

    :param is_first: it is the first of its text, where a byte order mark may stand.
    """
    if line.isascii():
        plain = line.rstrip("\r").isprintable() or not re.search(
            r"[\x00-\x08\x0b-\x1f\x7f]", line.rstrip("\r")
        )
        return _written(line) if plain else _controls(line)
    return "; ".join(dict.fromkeys(filter(None, (_unseen(line, is_first), _letters(line), _written(line)))))


def _written(line: str) -> str:
    """Return what hides by how it is written, not by its characters."""
    if len(line) > 100 and _WIDE_GAP.search(line):
        return "text behind a gap of a hundred spaces"
    if ("<" in line or "[" in line or ":" in line) and _UNRENDERED.search(line):
        return "text that a page doesn't show"
    return ""


def _controls(line: str) -> str:
    return "commands to a terminal" if _ESCAPE.search(line) else "control characters"


def _unseen(line: str, is_first: bool) -> str:
    without_flags = _FLAG.sub("", line)
    start = 1 if is_first and line.startswith(_BYTE_ORDER) else 0
    kinds = dict.fromkeys(
        kind
        for match in unseen_characters().finditer(without_flags.rstrip("\r"), start)
        if (kind := _kind(match[0], without_flags, match.start()))
    )
    hyphens = without_flags.count(_SOFT_HYPHEN)
    if hyphens > _SOFT_HYPHENS_LIMIT or (hyphens and _splits_short_words(without_flags)):
        kinds["soft hyphens in short words"] = None
    return ", ".join(kinds)


def _splits_short_words(line: str) -> bool:
    words = (word for word in line.split() if _SOFT_HYPHEN in word)
    return any(sum(map(str.isalnum, word)) < _LONG_WORD for word in words)


def _kind(char: str, line: str, at: int) -> str:
    """Return what an unseen character is; empty where it is at home."""
    before, after = line[at - 1 : at], line[at + 1 : at + 2]
    code = ord(char)
    if unicodedata.category(char) == "Zs" or char == _SOFT_HYPHEN:
        return ""
    if char in "\u202d\u202e":
        return "characters that turn the order of the text"
    if char in "\u200e\u200f\u061c\u202a\u202b\u202c\u2066\u2067\u2068\u2069":
        return "" if _RIGHT_TO_LEFT.search(line) else "characters that turn the order of the text"
    if 0xFE00 <= code <= 0xFE0F or 0xE0100 <= code <= 0xE01EF:
        return "" if _selects(code, before) else "variation selectors on nothing that varies"
    if 0xE0000 <= code <= 0xE0FFF:
        return "tag characters, in which text can be hidden"
    if char in _JOINER and (_JOINING.match(before) or (_is_picture(before, line, at) and after)):
        return ""
    if char == "\u200b" and _JOINING.match(before or after or " "):
        return ""
    if 0x180B <= code <= 0x180F and _JOINING.match(before):
        return ""
    if char == "\u2800" and (0x2800 < ord(before or " ") <= 0x28FF or 0x2800 < ord(after or " ") <= 0x28FF):
        return ""
    if unicodedata.category(char) == "Co":
        return "characters for private use"
    if unicodedata.category(char) == "Cc":
        return _controls(line)
    return "" if unicodedata.category(char) == "Cn" else "invisible characters"


def _selects(code: int, before: str) -> bool:
    """Tell whether a variation selector stands after something that it may vary."""
    if not before or unicodedata.category(before)[0] in "ZC":
        return False
    if code >= 0xFE0E and code <= 0xFE0F:
        return (
            not before.isalpha() and unicodedata.category(before)[0] != "M"
        ) or before in "\u2139\u24c2\u3297\u3299"
    return bool(_IDEOGRAPH.match(before)) or (code < 0xFE0E and unicodedata.category(before) == "Sm")


def _is_picture(before: str, line: str, at: int) -> bool:
    previous = before if before not in "\ufe0f" else line[at - 2 : at - 1]
    return bool(previous) and unicodedata.category(previous) in ("So", "Sk")


def _letters(line: str) -> str:
    if _MARKS.search(line):
        return "a pile of accents"
    if len(_STYLED.findall(line)) >= 3 or (
        len(_FULL_WIDTH.findall(line)) >= 3 and not _IDEOGRAPH.search(line)
    ):
        return "letters in disguise"
    if any(char in LOOK_ALIKES for char in line) and any(
        _is_mixed(word[0], line) for word in _WORD.finditer(line)
    ):
        return "letters of another script that look like Latin ones"
    return ""


def _is_mixed(word: str, line: str) -> bool:
    """Tell whether a word passes for a Latin one with letters that aren't."""
    alike = [char for char in word if char in LOOK_ALIKES]
    if not alike or word.isascii():
        return False
    latin = len(_LATIN.findall(word))
    if latin:
        return latin + len(alike) >= len(word) - 1 and not (
            len(alike) == 1 and word[-1] == alike[0] and latin < 4
        )
    rest = [char for char in line if char.isalpha()]
    return len(alike) == len(word) >= 4 and len(_LATIN.findall(line)) >= 0.7 * len(rest)
