"""What a line of text hides from its reader: unseen characters, turned order, letters that pass for others."""

from __future__ import annotations

import re
import unicodedata

from dreamflow.core.hiding.letters import disguised
from dreamflow.core.hiding.markup import unrendered
from dreamflow.core.visible import unseen_characters

__all__ = ["hidden_in"]

_RIGHT_TO_LEFT = re.compile(r"[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")
#: Scripts that need joiners, or breaks without a space, to be written well.
_JOINING = re.compile(r"[\u0600-\u08ff\u0900-\u0dff\u0e00-\u0eff\u0f00-\u109f\u1780-\u18af\ufb50-\ufeff]")
_IDEOGRAPH = re.compile(r"[\u2e80-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
#: Flags of nations and states that are written with tags: England, Scotland, Wales, states of the US, of Canada.
_FLAG = re.compile(
    "\U0001f3f4(?:\U000e0067\U000e0062(?:\U000e0065\U000e006e\U000e0067|\U000e0073\U000e0063\U000e0074|"
    "\U000e0077\U000e006c\U000e0073|\U000e006e\U000e0069\U000e0072)|(?:\U000e0075\U000e0073|\U000e0063\U000e0061)"
    "[\U000e0061-\U000e007a]{2})\U000e007f"
)
_ESCAPE = re.compile(r"\x1b[\[\]()P_^X#%=>78cNOM]|[\x90\x9b\x9d]")
_WIDE_GAP = re.compile(r"\S[\s\u2800\u3164]{60,}[^\s|]|^[ \u00a0\u3000]{80,}\S|(?<!\t)\t{12,}\S")
#: Spaces that are not the bar's, but for no-break ones; and characters that keep an odd space company.
_ODD_SPACE = re.compile(r"[\u1680\u2000-\u200a\u205f\u3000]")
_ODD_RUN = re.compile(
    r"(?<![ \t\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000])[ \t\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]{3,}"
)
_NO_BREAK = re.compile(r"(?<=[^\W\d_]{2})[\u00a0\u202f](?=[^\W\d_]{2})")
#: Spaces and tabs in turn, where a table or an indent has one kind; spaces that trail.
_TURNS = re.compile(r"(?<![ \t])(?: +\t+){2,} *|(?<![ \t])(?:\t+ +){3,}")
_TRAILING = re.compile(r"(?<![ \t])[ \t]{12,}$")
_DOUBLE_GAP = re.compile(r"(?<=[^\W\d_]) {2,3}(?=[^\W\d_])")
_SINGLE_GAP = re.compile(r"(?<=\w) (?=\w)")
_SOFT_HYPHEN, _JOINER, _BYTE_ORDER = "\u00ad", "\u200c\u200d", "\ufeff"
#: A soft hyphen is at home in a word so long that it may need one, and there are few of them.
_SOFT_HYPHENS_LIMIT, _LONG_WORD = 5, 12
#: Signs of categories that are seen, but have nothing to show; signs of Arabic and others that are shown.
_EMPTY_SIGNS = re.compile("[\ufffc\U0001d159\u1a7f\u16fe4\U0001da8a]".replace("\u16fe4", "\U00016fe4"))
_SHOWN = re.compile("[\u0600-\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd]")
_EMBEDDED = re.compile("[\u202a\u202b\u2066-\u2068]")
#: What both an emoji and its plain form have: these may be told which to show.
_VARIES = re.compile(
    "[#*0-9\u00a9\u00ae\u203c\u2049\u2122\u2139\u2194-\u21aa\u231a-\u23ff\u24c2\u25aa-\u27bf\u2934\u2935\u2b05-\u2b55"
    "\u3030\u303d\u3297\u3299\U0001f000-\U0001faff]"
)
_SPACES_LIMIT = 4
#: Characters of a line in which markup is looked for at once, and how far two pieces overlap.
_PIECE, _OVERLAP = 2_000, 300


def hidden_in(line: str, is_first: bool = False) -> str:
    """
    Return what a line hides, in words of ours; empty where it hides nothing.

    Emoji, accents, any script written as it is, no-break spaces and a few soft hyphens hide nothing.

    :param is_first: it is the first of its text, where a byte order mark may stand.
    """
    if line.isascii():
        plain = line.rstrip("\r")
        if plain.isprintable() or not re.search(r"[\x00-\x08\x0b-\x1f\x7f]", plain):
            return _written(line)
        return _controls(line)
    found = (_unseen(line, is_first), _spaces(line), disguised(line), _written(line))
    return "; ".join(dict.fromkeys(filter(None, found)))


def _written(line: str) -> str:
    """Return what hides by how it is written, not by its characters."""
    if "  " in line or "\t" in line:
        if len(line) > 12 and _WIDE_GAP.search(line):
            return "text behind a wide gap"
        if _TURNS.search(line) or (_TRAILING.search(line) and "|" not in line):
            return "spaces that may be a code"
        if (
            len(_DOUBLE_GAP.findall(line)) >= 4
            and len(_SINGLE_GAP.findall(line)) >= 3
            and not line.startswith(("    ", "\t"))
        ):
            return "spaces that may be a code"
    if len(line) <= _PIECE:
        return unrendered(line)
    pieces = (line[at : at + _PIECE] for at in range(0, len(line), _PIECE - _OVERLAP))
    return next(filter(None, map(unrendered, pieces)), "")


def _spaces(line: str) -> str:
    """Return whether spaces of many kinds stand in a line as a code."""
    odd = _ODD_SPACE.findall(line)
    if odd and _IDEOGRAPH.search(line):
        odd = [space for space in odd if space != "\u3000"]
    if len(odd) >= _SPACES_LIMIT or len(set(odd)) >= 2:
        return "spaces that may be a code"
    runs = [
        run
        for run in _ODD_RUN.findall(line)
        if len(set(run) - {" "}) >= 2 or run.strip(" ")[:1] not in ("", "\t")
    ]
    if len(_NO_BREAK.findall(line)) >= 6 or any(len(set(run)) >= 2 and len(run) >= 4 for run in runs):
        return "spaces that may be a code"
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
    if _EMPTY_SIGNS.search(line):
        kinds["invisible characters"] = None
    return ", ".join(kinds)


def _splits_short_words(line: str) -> bool:
    words = (word for word in line.split() if _SOFT_HYPHEN in word)
    return any(sum(map(str.isalnum, word)) < _LONG_WORD for word in words)


def _kind(char: str, line: str, at: int) -> str:
    """Return what an unseen character is; empty where it is at home."""
    before, after = line[at - 1 : at] if at else "", line[at + 1 : at + 2]
    code, category = ord(char), unicodedata.category(char)
    if category == "Zs" or char == _SOFT_HYPHEN or _SHOWN.match(char):
        return ""
    if char in "\u202d\u202e":
        return "characters that turn the order of the text"
    if char in "\u200e\u200f\u061c\u202a\u202b\u202c\u2066\u2067\u2068\u2069":
        return "" if _turns_rightly(char, line) else "characters that turn the order of the text"
    if 0xFE00 <= code <= 0xFE0F or 0xE0100 <= code <= 0xE01EF:
        return "" if _selects(code, before, after) else "variation selectors on nothing that varies"
    if 0xE0000 <= code <= 0xE0FFF:
        return "tag characters, in which text can be hidden"
    if char in _JOINER and before and (_JOINING.match(before) or _joins_pictures(char, line, at)):
        return ""
    if char == "\u200b" and _JOINING.match(before or after or " "):
        return ""
    if 0x180B <= code <= 0x180F and before and _JOINING.match(before):
        return ""
    if char == "\u2800" and (0x2800 < ord(before or " ") <= 0x28FF or 0x2800 < ord(after or " ") <= 0x28FF):
        return ""
    if category == "Co":
        return "characters for private use"
    if category == "Cc":
        return _controls(line)
    if category == "Cn":
        # Emoji and ideographs that are newer than the Python that runs this.
        return "" if 0x1F000 <= code <= 0x1FAFF or 0x20000 <= code < 0x3FFFE else "characters that are none"
    return "invisible characters"


def _turns_rightly(char: str, line: str) -> bool:
    """Tell whether a mark of direction stands in a line that is partly written from right to left."""
    right = len(_RIGHT_TO_LEFT.findall(line))
    if right < 2 or right * 8 < sum(map(str.isalpha, line)):
        return False
    return char in "\u200e\u200f\u061c" or len(_EMBEDDED.findall(line)) == len(
        re.findall("[\u202c\u2069]", line)
    )


def _selects(code: int, before: str, after: str) -> bool:
    """Tell whether a variation selector stands after something that it may vary."""
    if not before or unicodedata.category(before)[0] in "ZC":
        return False
    if 0xFE0E <= code <= 0xFE0F:
        return bool(_VARIES.match(before)) and (before not in "#*0123456789" or after == "\u20e3")
    if code >= 0xE0100:
        return bool(_IDEOGRAPH.match(before))
    if bool(_JOINING.match(before)):
        return code == 0xFE00
    return code <= 0xFE02 and (
        bool(_IDEOGRAPH.match(before)) or unicodedata.category(before) == "Sm" or before == "0"
    )


def _joins_pictures(char: str, line: str, at: int) -> bool:
    """Tell whether a joiner stands between two emoji, which it makes one."""
    before = line[at - 2 : at - 1] if line[at - 1 : at] == "\ufe0f" else line[at - 1 : at]
    return char == "\u200d" and all(
        one and (unicodedata.category(one) in ("So", "Sk", "Cn") or one in "\u2194\u2195\u27a1")
        for one in (before, line[at + 1 : at + 2])
    )
