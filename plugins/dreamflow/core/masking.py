"""
Secrets in text: where they are, and how a text is shown without them.

Keys of known services are found by the detectors of detect-secrets, without its verification, which would send them
over the network. What people write in prose ("the password is …", "door code 4711") is found here: a word for a
secret, and beside it a value that looks like one. Order numbers, checksums, UUIDs and ids of this service are none.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import islice
from typing import NamedTuple

from dreamflow.core.secret_forms import FORMS, PHRASE_HINTS, Form, formed_secrets
from dreamflow.core.secret_hints import Hints, Present
from dreamflow.core.secret_keys import LONG, KeyForm, key_spans, keys_in
from dreamflow.core.secret_lines import Found, LineAlone, announces, spans_around
from dreamflow.core.secret_values import Looks, looks_of
from dreamflow.core.secret_vocabulary import STEMS
from dreamflow.core.secret_words import named_secrets

__all__ = [
    "Span",
    "mask",
    "may_reach_lines",
    "replaced",
    "secret_spans",
    "shortened",
    "spans_of",
    "spans_of_lines",
    "tells_of_lines",
    "without",
]

#: Characters of a line that are searched at once, and how far two pieces overlap: keeps one line of 100 kB linear.
_PIECE, _OVERLAP = 4_000, 400
#: Lines that are searched at once for what none of them may hold.
_BLOCK = 32
_HINTS = Hints((*STEMS, *(hint for form in FORMS for group in form.hints for hint in group), *PHRASE_HINTS))
_STEM_BITS, _PHRASE_BITS = _HINTS.bits(STEMS), _HINTS.bits(PHRASE_HINTS)
_GROUPS = tuple(tuple(map(_HINTS.bits, form.hints)) for form in FORMS)
#: A text without any of these gives no secret of one of its lines away in another.
_TELLING_BITS = _HINTS.bits((*STEMS, *(hint for form in FORMS for hint in form.hints[0])))
#: A line of a key file by itself: base64 from end to end.
_KEY_LINE = re.compile(r"\s*(?=[^\n]*[a-z])(?=[^\n]*[A-Z])(?=[^\n]*[0-9])[A-Za-z0-9+/]{56,80}={0,2}\s*")
_SHORTEST_KEY_LINE = 56
#: What nobody writes but a machine: as long as keys are, of small and capital letters and figures.
_LONG_RUN = 30
_RUN = re.compile(rf"(?<![\w/.+=@%:-])[A-Za-z0-9]{{{_LONG_RUN},128}}(?![\w/+=@%-])")


class Span(NamedTuple):
    """A secret in a line: ``line[start:end]``, and what kind it is, in words of ours."""

    start: int
    end: int
    kind: str


class _MayHold(NamedTuple):
    """
    What a text may hold of ``_HINTS``, of forms of secrets, and of forms of keys: its lines hold no other.

    :ivar forms: by number, a bit each. :ivar longest: characters of its longest word.
    """

    hints: Present
    forms: int
    keys: tuple[KeyForm, ...] | None
    longest: int


def secret_spans(line: str) -> list[Span]:
    """Return the secrets of one line, from left to right, none within another."""
    may_hold, hints = _may_hold([line])
    return _apart(_found_in(line, *hints, may_hold)[1])


def mask(text: str) -> str:
    """Return a text in which of every secret only its beginning stands, and its kind. Lines stay lines."""
    return replaced(text, lambda number, secret, kind: shortened(secret, kind))


def shortened(secret: str, kind: str) -> str:
    """Return what is shown in place of a secret: at most four of its characters, and never a third of it."""
    return f"{secret[: min(4, len(secret) // 4)]}…[{kind}]"


def without(text: str, spans: Iterable[Span]) -> str:
    """Return a text in which of each of these secrets only its beginning stands, and its kind."""
    return replaced(text, lambda number, secret, kind: shortened(secret, kind), spans)


def may_reach_lines(text: str) -> bool:
    """Tell whether a text may hold secrets that only other lines give away: to mask it line by line is not enough."""
    return "PRIVATE KEY" in text or bool(_HINTS.present([text.lower()])[0].bits & _TELLING_BITS)


def tells_of_lines(text: str) -> bool:
    """Tell whether a heading, a table's head or a key's first line may give away secrets in lines far below it."""
    if "PRIVATE KEY" in text or "PuTTY" in text or "Private-" in text:
        return True
    lines = text.split("\n")
    present, hints = _HINTS.present(map(str.lower, lines))
    stems = present.bits & _STEM_BITS
    return stems != 0 and any(
        announces(line, _stems_of(own & stems)) for line, own in zip(lines, hints, strict=True) if own & stems
    )


def replaced(
    text: str, replacement: Callable[[int, str, str], str], spans: Iterable[Span] | None = None
) -> str:
    """
    Return a text with something else in place of its secrets.

    :param replacement: of the number of one, from 0, the secret and its kind. :param spans: where they are, if known.
    """
    pieces, done = [], 0
    for number, (start, end, kind) in enumerate(spans_of(text) if spans is None else spans):
        pieces += [text[done:start], replacement(number, text[start:end], kind)]
        done = end
    return "".join([*pieces, text[done:]])


def spans_of(text: str) -> Iterator[Span]:
    """Yield the secrets of a text, those that only other lines give away included. None overlap."""
    lines = text.split("\n")
    offset = 0
    for line, spans in zip(lines, spans_of_lines(lines), strict=True):
        yield from (Span(offset + start, offset + end, kind) for start, end, kind in spans)
        offset += len(line) + 1


def spans_of_lines(lines: Iterable[str]) -> Iterator[list[Span]]:
    """
    Yield the secrets of each line, those that only its neighbours give away included.

    Between a private key's first and last line all is secret; under "Recovery codes:" is a code what looks like one.
    """
    return map(_apart, spans_around(_alone(iter(lines))))


def _alone(lines: Iterator[str]) -> Iterator[LineAlone]:
    """Yield each line with the secrets that it gives away by itself. What many lines lack is looked for once."""
    while block := list(islice(lines, _BLOCK)):
        may_hold, hints = _may_hold(block)
        for line, within in zip(block, hints, strict=True):
            yield LineAlone(line, *_found_in(line, within, may_hold))


def _may_hold(lines: list[str]) -> tuple[_MayHold, list[int]]:
    """Return what lines may hold, and of ``_HINTS`` each of them."""
    text = "\n".join(lines)
    present, hints = _HINTS.present(map(str.lower, lines))
    words = text.split()
    longest = max(map(len, words), default=0)
    long = [word for word in words if len(word) >= LONG] if longest >= LONG else []
    return _MayHold(present, _announced(present.bits), keys_in(text, long), longest), hints


def _found_in(line: str, hints: int, may_hold: _MayHold) -> tuple[tuple[str, ...], list[Found]]:
    """
    Return the words for secrets that a line may hold, and the secrets that it gives away by itself.

    :param hints: those of ``_HINTS`` that it holds.
    """
    if len(line) > _PIECE:
        return (), [
            (start + offset, end + offset, kind)
            for offset in range(0, len(line), _PIECE - _OVERLAP)
            for piece in [line[offset : offset + _PIECE]]
            for start, end, kind in _found_in(piece, _HINTS.within(piece.lower(), may_hold.hints), may_hold)[
                1
            ]
        ]
    lowered = line.lower()
    forms = may_hold.forms & _announced(hints)
    forms = forms and forms & _complete(_HINTS.within_folded(lowered, may_hold.hints, hints))
    stems = _stems_of(hints & may_hold.hints.bits & _STEM_BITS)
    may_be_phrase = bool(hints & _PHRASE_BITS)
    return stems, list(_found(line, lowered, may_hold, stems, _forms_of(forms), may_be_phrase))


@lru_cache(1 << 14)
def _announced(hints: int) -> int:
    """Return the forms of which hints of the first group are there, by number, a bit each."""
    return sum(1 << number for number, groups in enumerate(_GROUPS) if hints & groups[0])


@lru_cache(1 << 14)
def _complete(hints: int) -> int:
    """Return the forms of which hints of every other group are there, by number, a bit each."""
    return sum(1 << number for number, groups in enumerate(_GROUPS) if all(map(hints.__and__, groups[1:])))


@lru_cache(1 << 12)
def _forms_of(numbers: int) -> tuple[Form, ...]:
    return tuple([form for number, form in enumerate(FORMS) if numbers >> number & 1])


@lru_cache(1 << 12)
def _stems_of(hints: int) -> tuple[str, ...]:
    return tuple([stem for number, stem in enumerate(STEMS) if hints >> number & 1])


def _found(
    line: str,
    lowered: str,
    may_hold: _MayHold,
    stems: tuple[str, ...],
    forms: tuple[Form, ...],
    may_be_phrase: bool,
) -> Iterator[Found]:
    if len(line) >= _SHORTEST_KEY_LINE and _KEY_LINE.fullmatch(line):
        yield len(line) - len(line.lstrip()), len(line.rstrip()), "key material"
        return
    longest = max(map(len, line.split()), default=0) if may_hold.longest > LONG else 0
    for run in _RUN.finditer(line) if longest >= _LONG_RUN else ():
        if looks_of(run[0]) == Looks.RANDOM and not (run[0].islower() or run[0].isupper()):
            yield *run.span(), "key"
    if may_hold.keys is not None:
        yield from key_spans(line, may_hold.keys, is_long=longest > LONG)
    if stems:
        yield from named_secrets(line, lowered, stems)
    yield from formed_secrets(line, forms, may_be_phrase=may_be_phrase)


def _apart(spans: Sequence[Found]) -> list[Span]:
    """Return spans that don't overlap: of those that do one, over all of them, of the first's kind."""
    apart: list[Span] = []
    if not spans:
        return apart
    for span in sorted((Span(*found) for found in spans), key=lambda span: (span.start, -span.end)):
        if apart and span.start < apart[-1].end:
            apart[-1] = apart[-1]._replace(end=max(apart[-1].end, span.end))
        else:
            apart.append(span)
    return apart
