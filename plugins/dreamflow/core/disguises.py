"""Readings of a line that is disguised: base64, spaced letters, digits for letters, escapes, text turned round."""

from __future__ import annotations

import base64
import binascii
import codecs
import html
import re
from collections import Counter
from collections.abc import Iterator
from urllib.parse import unquote

from dreamflow.core.letters import as_read
from dreamflow.core.misspelt import put_right, right_word

__all__ = ["readings_of"]

_BASE64 = re.compile(r"(?<![\w+/=-])[A-Za-z0-9+/_-]{20,2000}={0,2}(?![\w+/=-])")
_LONG_RUN = re.compile(r"[A-Za-z0-9+/_-]{20}|(?:[0-9a-fA-F]{2}[ ,:]){10}|\\x")
_HEX = re.compile(r"(?<![\w])(?:0x|\\x)?(?:[0-9a-f]{2}[ ,:]?(?:\\x|0x)?){12,1000}", re.IGNORECASE)
_SPACED = re.compile(r"(?<!\w)(?:\w(?:[ .\-_*|/]{1,3})){4,}\w(?!\w)")
_LEET = re.compile(r"(?<!\w)(?=[\d@$!|]*[a-z])[a-z013457@$!|]+")
_FIGURE_IN_WORD = re.compile(r"(?<![a-z0-9])(?:[a-z]+[013457@$!|]{1,2}[a-z]|[013457@$!|]{1,2}[a-z]{2})")
_LEET_TABLE = str.maketrans("013457@$!|", "oieastasil")
_ESCAPED = re.compile(r"%[0-9a-fA-F]{2}|&#?\w{2,8};|\\u[0-9a-fA-F]{4}")
#: "ignore", "previous", "instruct", "system", "approve" in the code that turns the alphabet by thirteen, and backwards.
_TURNED = re.compile(r"\b(?:vtaber|qvfertneq|cerivbhf|vafgehpg\w*|flfgrz|nccebir)\b")
_BACKWARDS = re.compile(r"(?:snoitcurtsni|suoiverp|erongi|metsys|tpmorp|evorppa|dragersid)(?!\w)")
#: Words joined by underscores, or one word in several strings that are added up.
_JOINED = re.compile(r"[a-z]_[a-z]+_[a-z]|[\"'] ?\+ ?[\"']|[a-z]-[a-z]+-[a-z]+-[a-z]")
_SEAMS = re.compile(r"[_-]|[\"'] ?\+ ?[\"']")
#: The same without anything between its words.
_GLUED = re.compile(
    r"(?:ignore|disregard|forget|override|bypass)(?:all|any|every|the|your|my)?(?:of)?(?:the|"
    r"your)?(?:previous|prior|"
    r"earlier|above|system|instruct|rules|polic|safety|prompt|everything|guideline|limits|checks)"
)
_LETTERS = re.compile(r"[a-z]{4,}")
_AN_ORDER = "ignore all previous instructions"
#: Words seen before that are no disguise, how many are kept, and what is too long for one.
_FINE: set[str] = set()
_KEPT, _LONG = 50_000, 12
#: Nothing but words, which hides no code; a run of letters as long as code is in none.
_PLAIN = re.compile(r"(?:[A-Za-z]{0,19}[ ,.:;()!?'-])*[A-Za-z]{0,19}")
_PROSE = re.compile(r"[A-Za-z]{2,}[ ,.:]+(?:[A-Za-z]+[ ,.:]+)+[A-Za-z]{2,}")


def readings_of(line: str) -> Iterator[tuple[str, bool]]:
    """
    Yield how a line may be read, each in lower case and without accents: first as it stands, then undone.

    The second of a pair says that it stood there in code: prose in code is strange by itself.
    """
    plain = as_read(line)
    yield plain, False
    if _SPACED.search(plain):
        yield _SPACED.sub(lambda match: _unspaced(match[0]), plain), False
    only_words = _PLAIN.fullmatch(line) is not None
    if not only_words:
        yield from _undone(line, plain)
    unknown = set(_LETTERS.findall(plain)) - _FINE
    if right := put_right(plain, unknown, plain=only_words):
        yield right, False
    if _is_torn(plain):
        yield _AN_ORDER, True
    if unknown:
        yield from _unscrambled(plain)
        if len(_FINE) < _KEPT:
            _FINE.update(word for word in unknown if len(word) < _LONG and not _is_strange(word))


def _unscrambled(plain: str) -> Iterator[tuple[str, bool]]:
    if _GLUED.search(plain):
        yield _AN_ORDER, True
    if _TURNED.search(plain):
        yield codecs.decode(plain, "rot13"), True
    if _BACKWARDS.search(plain):
        yield plain[::-1], True
        yield " ".join(word[::-1] for word in plain.split()), True


def _is_strange(word: str) -> bool:
    return bool(right_word(word) or _TURNED.search(word) or _BACKWARDS.search(word))


def _is_torn(plain: str) -> bool:
    """Say whether words of an order are torn apart: they stand there but for blanks."""
    squeezed = plain.replace(" ", "")
    return any(
        verb in squeezed and verb not in plain for verb in ("ignore", "disregard", "override", "bypass")
    ) and bool(_GLUED.search(squeezed))


def _undone(line: str, plain: str) -> Iterator[tuple[str, bool]]:
    """Yield the readings of a line that holds more than words."""
    if _LONG_RUN.search(line):
        yield from _decodings(line)
    if _ESCAPED.search(line):
        undone = re.sub(
            r"\\u([0-9a-fA-F]{4})", lambda match: chr(int(match[1], 16)), unquote(html.unescape(line))
        )
        yield as_read(undone), False
    if len(_FIGURE_IN_WORD.findall(plain)) >= 2:
        plain = _LEET.sub(lambda match: match[0].translate(_LEET_TABLE), plain)
        yield plain, False
    if _JOINED.search(plain):
        yield _SEAMS.sub(lambda match: " " if match[0] in "_-" else "", plain), False


def _decodings(line: str) -> Iterator[tuple[str, bool]]:
    for match in _BASE64.finditer(line):
        if (text := _from_base64(match[0])) and _PROSE.search(text):
            yield as_read(text), True
    for match in _HEX.finditer(line):
        digits = re.sub(r"0x|\\x|[ ,:]", "", match[0], flags=re.IGNORECASE)
        if (text := _decoded(bytes.fromhex(digits[: len(digits) // 2 * 2]))) and _PROSE.search(text):
            yield as_read(text), True


def _from_base64(token: str) -> str:
    standard = token.rstrip("=").replace("-", "+").replace("_", "/")
    try:
        return _decoded(base64.b64decode(standard + "=" * (-len(standard) % 4), validate=True))
    except (binascii.Error, ValueError):
        return ""


def _decoded(data: bytes) -> str:
    """Return bytes as text, or nothing where they are none."""
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return ""
    return text if text.isprintable() or text.replace("\n", " ").isprintable() else ""


def _unspaced(text: str) -> str:
    """Return words whose letters stood apart: what stands most often between them is no gap between words."""
    between = Counter(re.findall(r"[ .\-_*|/]{1,3}", text)).most_common(1)[0][0]
    return re.sub(r"[ .\-_*|/]{1,3}", lambda match: "" if match[0] == between else " ", text)
