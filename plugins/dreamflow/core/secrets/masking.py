"""
Secrets in text: where they are, and how a text is shown without them.

Keys of known services are found by the detectors of detect-secrets, without its verification, which would send them
over the network. What people write in prose ("the password is …", "door code 4711") is found here: a word for a
secret, and beside it a value that looks like one. Order numbers, checksums, UUIDs and ids of this service are none.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from functools import lru_cache, partial
from typing import NamedTuple

from dreamflow.core.secrets.forms import FORMS, PHRASE_HINTS, Form, formed_secrets
from dreamflow.core.secrets.hints import Held, Hints
from dreamflow.core.secrets.keys import LONG, KeyForm, key_spans, keys_in
from dreamflow.core.secrets.lines import Found, LineAlone, announces, has_rest, may_be_rest, spans_around
from dreamflow.core.secrets.values import Looks, looks_of
from dreamflow.core.secrets.vocabulary import STEMS
from dreamflow.core.secrets.words import named_secrets
from dreamflow.core.strings import Finder

__all__ = [
    "SECRET_WORDS",
    "Span",
    "mask",
    "may_reach_lines",
    "replaced",
    "secret_spans",
    "shortened",
    "spans_in",
    "spans_of",
    "spans_of_lines",
    "tells_of_lines",
    "without",
]

#: Characters of a line that are searched at once, and how far two pieces overlap: keeps one line of 100 kB linear.
_PIECE, _OVERLAP = 4_000, 400
#: Lines that are searched at once for what none of them may hold.
_BLOCK = 32
#: A line of a key file by itself: base64 from end to end.
_KEY_LINE = re.compile(r"\s*(?=[^\n]*[a-z])(?=[^\n]*[A-Z])(?=[^\n]*[0-9])[A-Za-z0-9+/]{56,80}={0,2}\s*")
#: What nobody writes but a machine: as long as keys are, of small and capital letters and figures.
_LONG_RUN = 30
_RUN = re.compile(rf"(?<![\w/.+=@%:-])[A-Za-z0-9]{{{_LONG_RUN},128}}(?![\w/+=@%-])")
#: Lengths of words that matter.
_LENGTHS = (LONG, LONG + 1, _LONG_RUN)
_HINTS = Hints(
    (*STEMS, *(hint for form in FORMS for group in form.hints for hint in group), *PHRASE_HINTS), _LENGTHS
)
_STEM_BITS, _PHRASE_BITS = _HINTS.bits(STEMS), _HINTS.bits(PHRASE_HINTS)
#: Parts of the words that ``tells_of_lines`` looks at.
SECRET_WORDS = Finder(part.encode() for part in _HINTS.letters(_STEM_BITS))
_GROUPS = tuple(tuple(map(_HINTS.bits, form.hints)) for form in FORMS)


#: Characters of a secret that are shown, at most.
_SHOWN = 4
#: What ``shortened`` ends with, and so what was masked: what it stands for, and the word for its kind, tell nothing.
_MASKED = re.compile(
    r"…\[(?:[\w-]+ ){0,3}(?:key|token|password|passphrase|code|answer|material|hash|seed|secret|credentials)"
    r"(?: in a URL)?\]",
    re.IGNORECASE,
)
#: How often a text is masked until nothing more of it is: what is masked may make a secret of what stands beside it.
_ROUNDS = 5


class Span(NamedTuple):
    """A secret in a line: ``line[start:end]``, and what kind it is, in words of ours."""

    start: int
    end: int
    kind: str


class _MayHold(NamedTuple):
    """
    What a text may hold of words for secrets, of forms of secrets, and of forms of keys: its lines hold no other.

    :ivar stems: their bits in ``_HINTS``. :ivar forms: by number, a bit each.
    """

    stems: int
    forms: int
    keys: tuple[KeyForm, ...] | None


def secret_spans(line: str) -> list[Span]:
    """Return the secrets of one line, from left to right, none within another."""
    return _apart(next(_alone([line], None)).found())


def mask(text: str) -> str:
    """
    Return a text in which of every secret only its beginning stands, and its kind. Lines stay lines.

    What is masked stays as it is: to mask it again changes nothing.
    """
    for _ in range(_ROUNDS):
        if (masked := without(text, _unmasked_spans(text))) == text:
            break
        text = masked
    return text


def shortened(secret: str, kind: str) -> str:
    """Return what is shown in place of a secret: at most four of its characters, and never a third of it."""
    return f"{secret[: min(_SHOWN, len(secret) // 4)]}…[{kind}]"


def without(text: str, spans: Iterable[Span]) -> str:
    """Return a text in which of each of these secrets only its beginning stands, and its kind."""
    return replaced(text, lambda number, secret, kind: shortened(secret, kind), spans)


@lru_cache(8)  # Checks, and both sides of a diff, ask in turn about one memory.
def may_reach_lines(text: str) -> bool:
    """Tell whether a text may hold secrets that only other lines give away: to mask it line by line is not enough."""
    return tells_of_lines(text)


def tells_of_lines(text: str, runs: Callable[[], AbstractSet[bytes]] | None = None) -> bool:
    """
    Tell whether a heading, a table's head, a key's first line or a value's may give away secrets far below it.

    :param runs: returns the runs of letters and digits of the text, in lower case, that hold one of ``SECRET_WORDS``.
    """
    if "PRIVATE KEY" in text or "PuTTY" in text or "Private-" in text or has_rest(text):
        return True
    lowered = text.lower()
    stems = _stems_of(_HINTS.told(lowered, _STEM_BITS, runs() if runs and text.isascii() else None))
    own: defaultdict[int, list[str]] = defaultdict(list)
    for stem in stems:
        for number in _lines_with(lowered, stem):
            own[number].append(stem)
    lines = text.split("\n") if own else []
    return any(announces(lines[number], tuple(held)) for number, held in own.items())


def _lines_with(text: str, part: str) -> Iterator[int]:
    """Yield the numbers, from 0, of the lines that have a part."""
    number = counted = 0
    at = text.find(part)
    while at >= 0:
        number, counted = number + text.count("\n", counted, at), at
        yield number
        line_end = text.find("\n", at)
        at = text.find(part, line_end) if line_end >= 0 else -1


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


def _unmasked_spans(text: str) -> Iterator[Span]:
    """Yield the secrets of a text but for those that are masked in it, and for what those words alone tell of."""
    done = [match.span() for match in _MASKED.finditer(text)] if "…[" in text else []
    hidden = _MASKED.sub(lambda match: "…" * len(match[0]), text) if done else text
    for first, end, kind in spans_of(hidden):
        within = [(begin, stop) for begin, stop in done if begin < end and first < stop]
        start = first
        for begin, stop in within:
            if begin - start > _SHOWN:
                yield Span(start, begin, kind)
            start = max(start, stop)
        if start < end and (not within or re.search(r"\w", text[start:end])):
            yield Span(start, end, kind)


def spans_of(text: str) -> Iterator[Span]:
    """Yield the secrets of a text, those that only other lines give away included. None overlap."""
    lines = text.split("\n")
    offset = 0
    for line, spans in zip(lines, spans_of_lines(lines), strict=True):
        yield from (Span(offset + start, offset + end, kind) for start, end, kind in spans)
        offset += len(line) + 1


def spans_of_lines(lines: Sequence[str], asked: Container[int] | None = None) -> Iterator[list[Span]]:
    """
    Yield the secrets of each line, those that only its neighbours give away included.

    Between a private key's first and last line all is secret; under "Recovery codes:" is a code what looks like one.

    :param asked: the lines that matter, from 0. Of others is looked for only what tells of those.
    """
    return map(_apart, spans_around(_alone(lines, asked)))


@lru_cache(8)  # Checks ask in turn about one memory's lines.
def spans_in(text: str, numbers: tuple[int, ...]) -> Mapping[int, list[Span]]:
    """Return the secrets of some of a text's lines by the line's number, from 1, as ``spans_of_lines`` finds them."""
    lines, asked = text.split("\n"), frozenset(numbers)
    if may_reach_lines(text):
        found = enumerate(spans_of_lines(lines, {number - 1 for number in asked}), 1)
        return {number: spans for number, spans in found if number in asked}
    # No line gives another's secrets away: each is looked at by itself.
    in_order = sorted(asked)
    return dict(zip(in_order, spans_of_lines([lines[number - 1] for number in in_order]), strict=True))


def _alone(lines: Sequence[str], asked: Container[int] | None) -> Iterator[LineAlone]:
    """Yield each line with the secrets that it gives away by itself. What many lines lack is looked for once."""
    for at in range(0, len(lines), _BLOCK):
        block = lines[at : at + _BLOCK]
        lowered = list(map(str.lower, block))
        held = _HINTS.held(lowered)
        may_hold = _may_hold(block, held)
        each = zip(block, lowered, held.each, held.longest, strict=True)
        for number, (line, low, hints, longest) in enumerate(each, at):
            found = partial(_found_in, line, low, hints, longest, may_hold)
            is_asked = asked is None or number in asked or may_be_rest(*lines[number + 1 : number + 2])
            yield LineAlone(line, _stems_of(hints & may_hold.stems), found, is_asked)


def _may_hold(lines: Sequence[str], held: Held) -> _MayHold:
    long = [
        word
        for line, longest in zip(lines, held.longest, strict=True)
        if longest
        for word in line.split()
        if len(word) >= LONG
    ]
    return _MayHold(held.together & _STEM_BITS, _announced(held.together), keys_in("\n".join(lines), long))


def _found_in(line: str, lowered: str, hints: int, longest: int, may_hold: _MayHold) -> list[Found]:
    """
    Return the secrets that a line gives away by itself.

    :param hints: those of ``_HINTS`` that it holds. :param longest: the most of ``_LENGTHS`` that a word of it has.
    """
    if len(line) > _PIECE:
        return [
            (start + offset, end + offset, kind)
            for offset in range(0, len(line), _PIECE - _OVERLAP)
            for start, end, kind in _found_in_piece(line[offset : offset + _PIECE], longest, may_hold)
        ]
    forms = may_hold.forms & _announced(hints)
    forms = forms and forms & _complete(_HINTS.within_folded(lowered, hints))
    may_be_phrase = bool(hints & _PHRASE_BITS)
    stems = _stems_of(hints & may_hold.stems)
    return list(_found(line, lowered, longest, stems, _forms_of(forms), may_hold.keys, may_be_phrase))


def _found_in_piece(piece: str, longest: int, may_hold: _MayHold) -> list[Found]:
    lowered = piece.lower()
    return _found_in(piece, lowered, _HINTS.within(lowered), longest, may_hold)


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
    longest: int,
    stems: tuple[str, ...],
    forms: tuple[Form, ...],
    keys: tuple[KeyForm, ...] | None,
    may_be_phrase: bool,
) -> Iterator[Found]:
    if longest >= _LONG_RUN and _KEY_LINE.fullmatch(line):
        yield len(line) - len(line.lstrip()), len(line.rstrip()), "key material"
        return
    for run in _RUN.finditer(line) if longest >= _LONG_RUN else ():
        if looks_of(run[0]) == Looks.RANDOM and not (run[0].islower() or run[0].isupper()):
            yield *run.span(), "key"
    if keys is not None:
        yield from key_spans(line, lowered, keys, longest)
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
