"""
Secrets in text: where they are, and how a text is shown without them.

Keys of known services are found by the detectors of detect-secrets, without its verification, which would send them
over the network. What people write in prose ("the password is …", "door code 4711") is found here: a word for a
secret, and beside it a value that looks like one. Order numbers, checksums, UUIDs and ids of this service are none.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import NamedTuple

from dreamflow.core.secret_forms import HINTS, Form, formed_secrets, forms_with
from dreamflow.core.secret_hints import Hints
from dreamflow.core.secret_keys import KeyForm, key_spans, keys_in
from dreamflow.core.secret_lines import Found, LineAlone, announces, spans_around
from dreamflow.core.secret_values import Looks, looks_of
from dreamflow.core.secret_vocabulary import STEMS
from dreamflow.core.secret_words import named_secrets

__all__ = [
    "Span",
    "mask",
    "masked_for_edit",
    "may_reach_lines",
    "secret_spans",
    "shortened",
    "spans_of",
    "spans_of_lines",
    "tells_of_lines",
    "unmasked",
    "without",
]

#: Characters of a line that are searched at once, and how far two pieces overlap: keeps one line of 100 kB linear.
_PIECE, _OVERLAP = 4_000, 400
#: Lines that are searched at once for what none of them may hold.
_BLOCK = 32
_HINTS = Hints((*STEMS, *HINTS))
#: A line of a key file by itself: base64 from end to end.
_KEY_LINE = re.compile(r"\s*(?=[^\n]*[a-z])(?=[^\n]*[A-Z])(?=[^\n]*[0-9])[A-Za-z0-9+/]{56,80}={0,2}\s*")
#: What nobody writes but a machine: as long as keys are, of small and capital letters and figures.
_LONG = 30
_RUN = re.compile(rf"(?<![\w/.+=@%:-])[A-Za-z0-9]{{{_LONG},128}}(?![\w/+=@%-])")
#: Figures of a placeholder's number that are looked at: Python reads no number of thousands of them.
_FIGURES = 6
_PLACEHOLDER = re.compile(r"⟦secret (\d+)⟧")


class Span(NamedTuple):
    """A secret in a line: ``line[start:end]``, and what kind it is, in words of ours."""

    start: int
    end: int
    kind: str


class _MayHold(NamedTuple):
    """What a text may hold of words for secrets, and of forms of secrets and keys: the others need no search."""

    stems: tuple[str, ...]
    forms: tuple[Form, ...]
    keys: tuple[KeyForm, ...] | None


def secret_spans(line: str) -> list[Span]:
    """Return the secrets of one line, from left to right, none within another."""
    return _apart(_found_in(line, _may_hold(line.lower(), line)))


def mask(text: str) -> str:
    """Return a text in which of every secret only its beginning stands, and its kind. Lines stay lines."""
    return _replaced(text, lambda number, secret, kind: shortened(secret, kind))


def masked_for_edit(text: str) -> str:
    """Return a text to be edited: ``⟦secret 1⟧`` in place of the first secret, and so on. See ``unmasked``."""
    first = _first_number(text)
    return _replaced(text, lambda number, secret, kind: f"⟦secret {first + number}⟧")


def unmasked(edited: str, original: str) -> str:
    """Return an edited text with the secrets of the original put back where its placeholders stand."""
    first = _first_number(original)
    secrets = [original[start:end] for start, end, _ in spans_of(original)]

    def put_back(match: re.Match[str]) -> str:
        number = int(match[1]) - first if len(match[1]) <= _FIGURES + 1 else -1
        return secrets[number] if 0 <= number < len(secrets) else match[0]

    return _PLACEHOLDER.sub(put_back, edited)


def shortened(secret: str, kind: str) -> str:
    """Return what is shown in place of a secret: at most four of its characters, and never a third of it."""
    return f"{secret[: min(4, len(secret) // 4)]}…[{kind}]"


def _first_number(text: str) -> int:
    """Return the number of a text's first placeholder: one above those that it holds already, of up to six figures."""
    return (
        max((int(number) for number in _PLACEHOLDER.findall(text) if len(number) <= _FIGURES), default=0) + 1
    )


def without(text: str, spans: Iterable[Span]) -> str:
    """Return a text in which of each of these secrets only its beginning stands, and its kind."""
    return _replaced(text, lambda number, secret, kind: shortened(secret, kind), spans)


def may_reach_lines(text: str) -> bool:
    """Tell whether a text may hold secrets that only other lines give away: to mask it line by line is not enough."""
    return "PRIVATE KEY" in text or bool(_HINTS.present(text.lower()))


def tells_of_lines(text: str) -> bool:
    """Tell whether a heading, a table's head or a key's first line may give away secrets in lines far below it."""
    if "PRIVATE KEY" in text or "PuTTY" in text or "Private-" in text:
        return True
    lowered = text.lower()
    stems = _stems_in(_HINTS.present(lowered))
    lines = zip(text.split("\n"), lowered.split("\n"), strict=True) if stems else ()
    return any(announces(line, stems) for line, lower in lines if any(stem in lower for stem in stems))


def _replaced(
    text: str, replacement: Callable[[int, str, str], str], spans: Iterable[Span] | None = None
) -> str:
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
        text = "\n".join(block)
        may_hold = _may_hold(text.lower(), text)
        for line in block:
            yield LineAlone(line, may_hold.stems, _found_in(line, may_hold))


def _may_hold(lowered: str, text: str) -> _MayHold:
    hints = _HINTS.present(lowered)
    return _MayHold(_stems_in(hints), forms_with(hints) if hints else (), keys_in(text))


def _stems_in(hints: frozenset[str]) -> tuple[str, ...]:
    return tuple([stem for stem in STEMS if stem in hints]) if hints else ()


def _found_in(line: str, may_hold: _MayHold) -> list[Found]:
    if len(line) <= _PIECE:
        return list(_found(line, may_hold))
    return [
        (start + offset, end + offset, kind)
        for offset in range(0, len(line), _PIECE - _OVERLAP)
        for start, end, kind in _found(line[offset : offset + _PIECE], may_hold)
    ]


def _found(line: str, may_hold: _MayHold) -> Iterator[Found]:
    if _KEY_LINE.fullmatch(line):
        yield len(line) - len(line.lstrip()), len(line.rstrip()), "key material"
        return
    lowered = line.lower()
    for run in _RUN.finditer(line) if len(line) >= _LONG and len(max(line.split(), key=len)) >= _LONG else ():
        if looks_of(run[0]) == Looks.RANDOM and not (run[0].islower() or run[0].isupper()):
            yield *run.span(), "key"
    if may_hold.keys is not None:
        yield from key_spans(line, may_hold.keys)
    yield from named_secrets(line, lowered, may_hold.stems)
    yield from formed_secrets(line, lowered, may_hold.forms)


def _apart(spans: Iterable[Found]) -> list[Span]:
    """Return spans that don't overlap: of those that do one, over all of them, of the first's kind."""
    apart: list[Span] = []
    for span in sorted((Span(*found) for found in spans), key=lambda span: (span.start, -span.end)):
        if apart and span.start < apart[-1].end:
            apart[-1] = apart[-1]._replace(end=max(apart[-1].end, span.end))
        else:
            apart.append(span)
    return apart
