"""
Whether a text is in the mood of orders: it directs its reader, instead of telling how things are.

A command is a verb in its base form that opens a clause, without a subject before it: at the start of a sentence, after
"please" or "always", a label and its colon, or the comma of an "if" or "when". Prohibitions, "you", what an agent must
do, and statements that lift a rule direct the reader too. Signs weigh, those of one kind once: at ``ENOUGH`` a person
must look. What people note for each other ("ask Marek next week") is a command as well, but takes another sign.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from dreamflow.core.letters import as_read
from dreamflow.core.orders import words
from dreamflow.core.orders import words_abroad as abroad
from dreamflow.core.orders import words_facts as facts
from dreamflow.core.orders import words_scripts as scripts
from dreamflow.core.orders.sense import sense_of

__all__ = ["ENOUGH", "GRAVE", "declared_in", "mood_of"]

#: What signs of different kinds must weigh together for a line to be an order.
ENOUGH = 2.0
#: What a sign weighs that is one in anybody's words.
GRAVE = 3.0
_MILD = 1.6
_SENSITIVE = 0.4
#: How far before a verb its clause may begin: a line of adverbs would take quadratic time.
_ADVERBS_AT_MOST = 10
_TOKEN = re.compile(r"[\w'][\w'/-]*|[^\w\s]")
_WORD = re.compile(r"[a-z][a-z'0-9-]*")
#: Letters by which a word's beginning is told.
_STEM = 4
_BRACES = re.compile(r"\{([A-Z]+)\}")
#: What may stand before a statement, by its flag.
_BEFORE = {"": None, "^": re.compile(r"\A\W*\Z"), ".": re.compile(r"(?:^|[.:!?;@(] ?)\W{0,8}\Z")}
_STARTS = frozenset(".!?:;(>|–—-*•#[]{}…→=~")
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
_PREFIX = re.compile(rf"^(?:{abroad.PREFIXES})(?=\w{{4}})")
_PHRASES = re.compile(abroad.PHRASES)
_AROUND = " \t\"'“”„«»「」。.!?…*>-•"
#: Words of English that other languages hardly have.
_NEARLY_ENGLISH = frozenset(
    re.findall(r"\S+", "is to of for it be at not if you any in on by a was he she they we")
)
_CHECKED, _LIFTED = re.compile(abroad.CHECKED), re.compile(abroad.LIFTED)
#: A limit that is told is a fact, such as what an agent may grant.
_LIMIT = re.compile(r"\bup to \W?\d")
_QUOTED_YOU = re.compile(r"[\"“«„][^\"”»“]{0,80}?\byou[^\"”»“]{0,80}[\"”»“]|\bthank you")


@dataclass(frozen=True, eq=False)  # Told apart by what they are, which is quick.
class _Statement:
    kind: str
    weight: float
    first: frozenset[str]
    before: re.Pattern[str] | None
    pattern: re.Pattern[str]

    def stands_in(self, text: str, places: dict[str, list[int]], stems: set[str]) -> bool:
        """Say whether the text holds it: it is looked for where its first words are."""
        for stem in self.first & stems:
            for at in places[stem]:
                if self.pattern.match(text, at) and (
                    self.before is None or self.before.search(_before(text, at))
                ):
                    return True
        return False


def _before(text: str, at: int) -> str:
    """Return what stands before a place: not much of it, with a letter in front where it is cut."""
    return text[:at] if at <= _STEM * 3 else f"x{text[at - _STEM * 3 : at]}"


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
    if not held.isdisjoint(words.YOU) and not words.YOU.isdisjoint(_TOKEN.findall(_QUOTED_YOU.sub("", text))):
        found["addressed"] = ENOUGH
    if not held.isdisjoint(_ALL_COMMANDS) and (weight := _commanded(tokens)):
        found["command"] = weight
    elif _commands_by_place(tokens):
        found["command"] = ENOUGH
    for kind, weight in (*declared_in(text), *sense_of(text)):
        found[kind] = max(weight, found.get(kind, 0))
    if _is_foreign_order(text, held):
        found["foreign"] = ENOUGH
    if _LIMIT.search(text):
        found.pop("permission", None)
    return found


def declared_in(text: str, least: float = 0.0) -> Iterator[tuple[str, float]]:
    """Yield the statements in a text that are orders, with what they weigh: at least so much."""
    by_stem, known = _declarations()
    places: dict[str, list[int]] = {}
    for word in _WORD.finditer(text):
        if (stem := word[0][:_STEM]) in known:
            places.setdefault(stem, []).append(word.start())
    stems = set(places)
    for statement in dict.fromkeys(statement for stem in places for statement in by_stem.get(stem, ())):
        if (
            statement.weight >= least
            and not statement.first.isdisjoint(stems)
            and statement.stands_in(text, places, stems)
        ):
            yield statement.kind, statement.weight


def _commanded(tokens: list[str]) -> float:
    """Return what the most telling command weighs."""
    most, opener = 0.0, ""
    for at, word in enumerate(tokens):
        if at == 0 or tokens[at - 1] in _ENDS or (at < 4 and tokens[at - 1] in _STARTS):
            opener = word
        if word in _ALL_COMMANDS and (way := _way_in(tokens, at, opener)):
            most = max(most, _weight(word, tokens[at + 1 : at + 6], way))
            if most >= ENOUGH:
                break
    return most


def _commands_by_place(tokens: list[str]) -> bool:
    """Say whether a text begins with a word in its base form and "the": a verb that no list has."""
    at = next((at for at, word in enumerate(tokens[:3]) if word[0].isalpha()), len(tokens))
    return (
        len(tokens) > at + 2
        and tokens[at + 1] in ("the", "every", "whatever", "any")
        and tokens[at].isalpha()
        and len(tokens[at]) > 2
        and tokens[at] not in words.NO_COMMANDS
        and not tokens[at].endswith(("s", "ed", "ing", "ly", "er", "o"))
    )


def _way_in(tokens: list[str], at: int, opener: str, adverbs: frozenset[str] = words.ADVERBS) -> str:
    """Return how a word opens a clause, if it does: at its start, behind adverbs, a comma, a condition."""
    back = at - 1
    while back >= 0 and back > at - _ADVERBS_AT_MOST and tokens[back] in adverbs:
        back -= 1
    if back >= 0 and tokens[back] in _QUOTES and (back == 0 or tokens[back - 1] in _STARTS):
        back -= 1
    if back < 0 or tokens[back] in _STARTS or (back == 0 and tokens[0].isdigit()):
        return "start" if back == at - 1 else "adverb"
    if opener in words.OPENERS and back >= 0 and tokens[back] == "on" and back < at - 1:
        return "adverb"
    if opener not in words.OPENERS:
        return "comma" if tokens[back] == "," else ""
    if tokens[back] == "," or (back < at - 1 and tokens[back + 1] == "then"):
        return "condition"
    return "phrase" if back and (tokens[back - 1] == opener or _runs_on(tokens, back, opener)) else ""


def _runs_on(tokens: list[str], back: int, opener: str) -> bool:
    """Say whether a condition without a comma may end here: no subject of the next word stands before it."""
    before = tokens[back]
    return (
        opener in words.CONDITIONS and back > 2 and before not in words.SUBJECTS and not before.endswith("s")
    )


def _weight(word: str, then: list[str], way: str) -> float:
    """Return what a verb weighs that opens a clause, by what follows it."""
    follows = then[0] if then else ""
    if word == "please":
        return ENOUGH if follows.isalpha() else 0.0
    if word == "no":
        return ENOUGH if follows == "need" else 0.0
    if word == "never" and follows not in _ALL_COMMANDS and follows.endswith(("s", "ed")):
        return 0.0
    if word in words.FORBIDDING or word == "do":
        return ENOUGH
    if not follows or follows in words.FINITE or follows in _NO_VERB or follows.endswith("ed"):
        return 0.0
    confirmed = follows in words.CONFIRMING or "_" in follows or follows == "`"
    if way == "phrase":
        return ENOUGH if confirmed and word not in _UNSURE else 0.0
    if word in words.NOUNS_TOO and not confirmed and way != "adverb":
        return _weight_of_noun(word, then, way)
    if word in words.MILD and way != "condition":
        return _MILD
    return ENOUGH


def _weight_of_noun(word: str, then: list[str], way: str) -> float:
    """Return what a word weighs that may be a noun, and by the word behind it rather is."""
    told = not words.FINITE.isdisjoint(then)
    if way == "condition":
        return 0.0 if told else ENOUGH
    if then[0].isdigit() and not words.RECEIVING.isdisjoint(then):
        return ENOUGH  # "Credit 500 to Vance": so much of a thing is no name for it.
    if word in words.MILD or then[0] not in words.SUPPORTING:
        return 0.0
    return _MILD if told or not _NO_VERB.isdisjoint(then) else ENOUGH


def _is_foreign_order(text: str, held: set[str]) -> bool:
    """Say whether a text in another language holds two words of orders, or one that opens a clause."""
    if not text.isascii() and (
        len(set(_letters().findall(text))) > 1 or _imperatives().search(text) or _commands_at_an_end(text)
    ):
        return True
    if not held.isdisjoint(words.ENGLISH):
        return False
    text = text.replace("'", " ").replace("-", " ")
    tokens = _TOKEN.findall(text)
    held = set(tokens)
    telling = len(held & abroad.WEAK)
    if telling > 1 or not held.isdisjoint(abroad.MUST) or (telling and not held.isdisjoint(abroad.YOU)):
        return True
    may_be_english = not telling and held.isdisjoint(abroad.FUNCTION)
    if may_be_english and not held.isdisjoint(_NEARLY_ENGLISH):
        return False
    if _lifts(text) or _PHRASES.search(text) is not None:
        return True
    return any(
        (word in abroad.CLOSING and (at + 1 == len(tokens) or tokens[at + 1] in ".,!;"))
        or (word in abroad.COMMANDS and not may_be_english and _way_in(tokens, at, "", abroad.ADVERBS))
        or (not may_be_english and _closes(tokens, at, held))
        for at, word in enumerate(tokens)
    )


def _commands_at_an_end(text: str) -> bool:
    """Say whether a text begins or ends as sentences do that command, in Chinese, Japanese, Korean or Arabic."""
    bare = text.strip(_AROUND)
    return bare.startswith(scripts.FIRST) or (
        bare.endswith(scripts.LAST) and not bare.endswith(scripts.HEARD)
    )


def _lifts(text: str) -> bool:
    """Say whether a text names what is checked, paid or ruled, and that it no longer is."""
    return _LIFTED.search(text) is not None and _CHECKED.search(text) is not None


def _closes(tokens: list[str], at: int, held: set[str]) -> bool:
    """Say whether an infinitive closes a clause, without a verb that it hangs on: a German command."""
    return (
        tokens[at].endswith("en")
        and _PREFIX.sub("", tokens[at]) in abroad.COMMANDS
        and (at + 1 == len(tokens) or tokens[at + 1] in _STARTS or tokens[at + 1] == ",")
        and held.isdisjoint(abroad.AUXILIARY)
    )


@cache
def _imperatives() -> re.Pattern[str]:
    return re.compile(
        rf"(?<!\w)(?:{'|'.join(scripts.IMPERATIVES)})(?:{as_read('те')}|{as_read('ся')})?(?!\w)"
    )


@cache
def _letters() -> re.Pattern[str]:
    return re.compile("|".join(map(re.escape, scripts.LETTERS)))


@cache
def _declarations() -> tuple[dict[str, list[_Statement]], frozenset[str]]:
    """Return the statements by how words begin without which they are not there, and how any of them begins."""
    by_stem: dict[str, list[_Statement]] = {}
    lists = words.LISTS | facts.LISTS
    for line in (words.DECLARED.strip() + facts.FACTS.rstrip()).split("\n"):
        head, *parts = (part.strip(" ") for part in line.split("::"))
        first, rest, *others = (_BRACES.sub(lambda match: lists[match[1]], part) for part in parts)
        kind, weight, *places = head.split()
        pattern = re.compile(rf"\b(?:{first}){rest}")
        statement = _Statement(
            kind, float(weight), frozenset(_stems(first)), _BEFORE["".join(places)], pattern
        )
        for stem in _stems(others[0]) if others else statement.first:
            by_stem.setdefault(stem, []).append(statement)
    firsts = (statement.first for statements in by_stem.values() for statement in statements)
    return by_stem, frozenset(by_stem).union(*firsts)


def _stems(ways: str) -> set[str]:
    """Return how words begin that a regular expression stands for: ``rules?`` is rule and rules."""
    stems = set()
    for way in ways.split("|"):
        letters = _WORD.match(way)
        if letters is None:
            raise ValueError(f"order_words.DECLARED: {way!r} begins with no letter")
        stems.add(letters[0][:_STEM])
        if way[letters.end() : letters.end() + 1] == "?":
            stems.add(letters[0][:-1][:_STEM])
    return stems
