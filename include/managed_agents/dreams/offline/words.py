"""The words of a statement, prepared for comparison: content words, names, things, values, negation."""

from __future__ import annotations

import re
from functools import cached_property, lru_cache

from include.managed_agents.dreams.offline.dates import without_computed
from include.managed_agents.dreams.offline.specifics import Kind, Specific, find_specifics

__all__ = ["STOP_WORDS", "Wording", "specifics_of", "stem", "words_of"]

_STOP_WORDS = """
a about above after again all also am an and any are as at be because been before being both but by
can could did do does doing down during each few for from further get got had has have having he her
here hers him his how i if in into is it its itself just let like me might more most my of off on
once one only or other our ours out over own please really same shall she should so some such than
thank thanks that the their theirs them then there these they this those through to too under until
up us very was we were what when where which while who whom why will with would yes you your yours
sure okay ok right well now hi hello i'm it's i'll i'd i've you're we're that's let's don't there's
here's can't may noted understood done so actually
"""
STOP_WORDS = frozenset(_STOP_WORDS.split())
_NEGATION = re.compile(
    r"\b(?:no|not|never|none|cannot|without|unable|unfortunately|neither|nor)\b|n't\b", re.I
)
_WORD = re.compile(r"[^\W_]+(?:['_./@:-][^\W_]+)*")
_NAME = re.compile(r"(?<![.!?:;] )(?<!^)\b[A-Z][a-zà-ÿ]+\b")
_PERSONAL = re.compile(r"\b(?:i|me|my|mine|we|us|our|you|your|yours|i'm|i'll|i'd|i've|you're|we're)\b", re.I)


@lru_cache(maxsize=65536)
def stem(word: str) -> str:
    """Return a word without its common English endings. Short words and words with digits stay as they are."""
    word = word.lower()
    if len(word) < 5 or any(c.isdigit() for c in word):
        return word
    for ending, rest in (("ies", "y"), ("sses", "ss"), ("ing", ""), ("ed", ""), ("es", ""), ("s", "")):
        if word.endswith(ending) and len(word) - len(ending) >= 3 and not word.endswith("ss"):
            word = word[: -len(ending)] + rest
            break
    return word.removesuffix("e") if len(word) > 4 else word


def words_of(text: str) -> tuple[str, ...]:
    """Return the content words of ``text``, lower case, in order."""
    found = (match[0].lower() for match in _WORD.finditer(text))
    return tuple(word for word in found if word not in STOP_WORDS)


class Wording:
    """A statement, seen as what must agree before two statements can be one."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._specifics = tuple(find_specifics(text))

    @cached_property
    def things(self) -> frozenset[str]:
        """The identifiers and e-mail addresses: which thing is meant."""
        return frozenset(s.key for s in self._specifics if s.kind.names_a_thing)

    @cached_property
    def values(self) -> frozenset[str]:
        """The dates, times, amounts, links, phone numbers and numbers."""
        return frozenset(s.key for s in self._specifics if not s.kind.names_a_thing)

    @cached_property
    def specifics(self) -> frozenset[str]:
        """The things and the values."""
        return self.things | self.values

    @cached_property
    def stated(self) -> tuple[Specific, ...]:
        """Every specific as it was said, in order: without the dates that were worked out."""
        plain = without_computed(self.text)
        return self._specifics if plain == self.text else tuple(find_specifics(plain))

    @cached_property
    def stated_words(self) -> tuple[str, ...]:
        """The content words as they were said."""
        return words_of(without_computed(self.text))

    @cached_property
    def stated_values(self) -> frozenset[tuple[Kind, str]]:
        """The values that were said, with their kinds."""
        return frozenset((s.kind, s.key) for s in self.stated if not s.kind.names_a_thing)

    @cached_property
    def weighty(self) -> frozenset[str]:
        """The specifics that a memory must not lose: all but plain numbers of one or two digits."""
        return frozenset(s.key for s in self._specifics if s.kind is not Kind.NUMBER or len(s.text) > 2)

    @cached_property
    def words(self) -> tuple[str, ...]:
        """The content words, lower case, in order."""
        return words_of(self.text)

    @cached_property
    def stems(self) -> frozenset[str]:
        """The stems of the content words, specifics among them."""
        return frozenset(stem(w) for w in self.words)

    @cached_property
    def masked(self) -> frozenset[str]:
        """The stems with every value replaced by its kind: two statements of one fact differ only there."""
        out: list[str] = []
        at = 0
        for specific in self._specifics:
            if not specific.kind.names_a_thing:
                out.append(self.text[at : specific.start] + f" value{specific.kind.value} ")
                at = specific.end
        rest = "".join(out) + self.text[at:]
        return frozenset(stem(w) for w in words_of(rest))

    @cached_property
    def names(self) -> frozenset[str]:
        """The capitalised words inside sentences, lower case."""
        return frozenset(m[0].lower() for m in _NAME.finditer(self.text))

    @cached_property
    def negated(self) -> bool:
        """Whether the statement denies something."""
        return _NEGATION.search(self.text) is not None

    @cached_property
    def personal(self) -> bool:
        """Whether it speaks of "me" or "you": then it belongs to the people of its session."""
        return _PERSONAL.search(self.text) is not None


def specifics_of(text: str) -> set[str]:
    """Return the keys of the specifics that a memory must not lose: all but plain numbers of one or two digits."""
    return {s.key for s in find_specifics(text) if s.kind is not Kind.NUMBER or len(s.text) > 2}
