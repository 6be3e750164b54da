"""
Whether a text is in the mood of orders: it directs its reader, instead of telling how things are.

A command is a verb in its base form that opens a clause, without a subject before it: at the start of a sentence, after
"please" or "always", a label and its colon, or the comma of an "if" or "when". Prohibitions, "you", what an agent must
do, and statements that lift a rule direct the reader too. Signs weigh, those of one kind once: at ``ENOUGH`` a person must
look. What people note for each other ("ask Marek next week") is a command as well, but takes another sign beside it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

from dreamflow.core import order_words as words
from dreamflow.core import order_words_abroad as abroad

__all__ = ["ENOUGH", "GRAVE", "declared_in", "mood_of"]

#: What signs of different kinds must weigh together for a line to be an order.
ENOUGH = 2.0
#: What a sign weighs that is one in anybody's words.
GRAVE = 3.0
_MILD = 1.5
_SENSITIVE = 0.5
_TOKEN = re.compile(r"[\w'][\w'/-]*|[^\w\s]")
_WORD = re.compile(r"[a-z][a-z'0-9-]*")
#: Letters by which a word's beginning is told.
_STEM = 4
_BRACES = re.compile(r"\{([A-Z]+)\}")
_PLACES = {"": r"\b", "^": r"^\W*\b", ".": r"(?:^|[.:!?;@(] ?)\W*\b"}
_STARTS = frozenset(".!?:;(>|–—-*•#[]{}…→=~")  # noqa: RUF001
_ENDS = frozenset(".!?:;")
_QUOTES = frozenset("\"'“«„`")
_NO_VERB = frozenset("=:|")
_ALL_COMMANDS = words.VERBS | words.MILD | words.FORBIDDING | {"please", "do", "no"}
_UNSURE = words.NOUNS_TOO | words.MILD
#: What forbids to give away a secret, or to keep it where it does not belong: a caution, no attacker's order.
_CAUTION = re.compile(
    r"\b(?:never|do not|don't) (?:\w+ )?(?:share|paste|store|write|post|reveal|disclose|ask for|send|read out|type|"
    r"save|e-?mail|give)\b[^.,;:!?]{0,25}?\b(?:passwords?|cards?|keys?|pins?|tokens?|credentials?|secrets?|cvv)\b"
)
_QUOTED_YOU = re.compile(r"[\"“«„][^\"”»“]*\byou[^\"”»“]*[\"”»“]|\bthank you")


class _Statement(NamedTuple):
    kind: str
    weight: float
    pattern: re.Pattern[str]


def mood_of(text: str) -> dict[str, float]:
    """Return the kinds of signs in a text (lower case, no accents), each with its weight."""
    if "never" in text or "do not" in text or "don't" in text:
        text = _CAUTION.sub("", text)
    tokens = _TOKEN.findall(text)
    held = set(tokens)
    found = {
        kind: _SENSITIVE if kind == "sensitive" else 1.0
        for kind, beside in words.BESIDE.items()
        if not held.isdisjoint(beside)
    }
    if not held.isdisjoint(words.YOU) and not _QUOTED_YOU.search(text):
        found["addressed"] = ENOUGH
    if not held.isdisjoint(_ALL_COMMANDS) and (weight := _commanded(tokens)):
        found["command"] = weight
    for kind, weight in declared_in(text):
        found[kind] = max(weight, found.get(kind, 0))
    if _is_foreign_order(text, tokens, held):
        found["foreign"] = ENOUGH
    if "up to" in text:  # A limit that is told is a fact, such as what an agent may grant.
        found.pop("permission", None)
    return found


def declared_in(text: str, least: float = 0.0) -> Iterator[tuple[str, float]]:
    """Yield the statements in a text that are orders, with what they weigh: at least so much."""
    by_stem = _declarations()
    seen = set()
    for stem in {word[:_STEM] for word in _WORD.findall(text)}:
        for statement in by_stem.get(stem, ()):
            if statement.weight >= least and statement not in seen and statement.pattern.search(text):
                yield statement.kind, statement.weight
            seen.add(statement)


def _commanded(tokens: list[str]) -> float:
    """Return what the most telling command weighs."""
    most, opener = 0.0, ""
    for at, word in enumerate(tokens):
        if at == 0 or tokens[at - 1] in _ENDS or (at < 4 and tokens[at - 1] in _STARTS):
            opener = word
        if word in _ALL_COMMANDS and (way := _way_in(tokens, at, opener)):
            most = max(most, _weight(word, tokens[at + 1] if at + 1 < len(tokens) else "", way))
            if most >= ENOUGH:
                break
    return most


def _way_in(tokens: list[str], at: int, opener: str) -> str:
    """Return how a word opens a clause, if it does: at its start, behind adverbs, a comma, a condition."""
    back = at - 1
    while back >= 0 and tokens[back] in words.ADVERBS:
        back -= 1
    if back >= 0 and tokens[back] in _QUOTES and (back == 0 or tokens[back - 1] in _STARTS):
        back -= 1
    if back < 0 or tokens[back] in _STARTS or (back == 0 and tokens[0].isdigit()):
        return "start" if back == at - 1 else "adverb"
    if tokens[back] == ",":
        return "condition" if opener in words.OPENERS else "comma"
    return "phrase" if back and tokens[back - 1] == opener and opener in words.OPENERS else ""


def _weight(word: str, follows: str, way: str) -> float:
    """Return what a verb weighs that opens a clause, by what follows it."""
    if word == "please":
        return ENOUGH if follows.isalpha() else 0.0
    if word == "no":
        return ENOUGH if follows == "need" else 0.0
    if word in words.FORBIDDING or word == "do":
        return ENOUGH
    if not follows or follows in words.FINITE or follows in _NO_VERB or follows.endswith("ed"):
        return 0.0
    confirmed = follows in words.CONFIRMING or "_" in follows or follows == "`"
    if way == "phrase":
        return ENOUGH if confirmed and word not in _UNSURE else 0.0
    if way == "condition" or (way == "adverb" and word not in words.MILD):
        return ENOUGH
    if word in words.NOUNS_TOO and not confirmed and way != "adverb":
        return 0.0
    if word in words.MILD:
        return 0.0 if way == "comma" and not confirmed else _MILD
    return ENOUGH


def _is_foreign_order(text: str, tokens: list[str], held: set[str]) -> bool:
    """Say whether a text in another language holds two words of orders, or one that opens a clause."""
    if not text.isascii() and len(set(_letters().findall(text))) > 1:
        return True
    if not held.isdisjoint(words.ENGLISH):
        return False
    telling = len(held & abroad.WEAK)
    if telling > 1 or (telling and not held.isdisjoint(abroad.YOU)):
        return True
    return bool(telling or not held.isdisjoint(abroad.FUNCTION)) and any(
        word in abroad.COMMANDS and _way_in(tokens, at, "if") for at, word in enumerate(tokens)
    )


@cache
def _letters() -> re.Pattern[str]:
    return re.compile("|".join(map(re.escape, abroad.LETTERS)))


@cache
def _declarations() -> dict[str, list[_Statement]]:
    """Return the statements by how words begin without which they are not there: only those are looked for."""
    by_stem: dict[str, list[_Statement]] = {}
    for line in words.DECLARED.strip().split("\n"):
        head, *parts = (part.strip(" ") for part in line.split("::"))
        first, rest, *others = (_BRACES.sub(lambda match: words.LISTS[match[1]], part) for part in parts)
        kind, weight, *places = head.split()
        pattern = re.compile(f"{_PLACES[''.join(places)]}(?:{first}){rest}")
        statement = _Statement(kind, float(weight), pattern)
        for stem in {stem for way in (others or [first])[0].split("|") for stem in _stems(way)}:
            by_stem.setdefault(stem, []).append(statement)
    return by_stem


def _stems(way: str) -> set[str]:
    """Return how a word begins that a regular expression stands for: ``rules?`` is rule and rules."""
    letters = _WORD.match(way)
    if letters is None:
        raise ValueError(f"order_words.DECLARED: {way!r} begins with no letter")
    optional = way[letters.end() : letters.end() + 1] == "?"
    return {letters[0][:_STEM], letters[0][:-1][:_STEM]} if optional else {letters[0][:_STEM]}
