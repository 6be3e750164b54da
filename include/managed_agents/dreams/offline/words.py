"""The words of a statement: which of them tell something, and which may go."""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import lru_cache

from include.managed_agents.dreams.offline.specifics import find_specifics, specifics_of

__all__ = ["STOP_WORDS", "stem", "terse", "vocatives", "words_of"]

_STOP_WORDS = """
a about above after again all also am an and any are as at be because been before being both but by can could did do
does doing down during each few for from further get got had has have having he her here hers him his how i if in into
is it its itself just let like me might more most my of off on once one only or other our ours out over own please
really same shall she should so some such than thank thanks that the their theirs them then there these they this those
through to too under until up us very was we were what when where which while who whom why will with would yes you your
yours sure okay ok right well now hi hello i'm it's i'll i'd i've you're we're that's let's don't there's here's can't
may noted understood done actually
"""
STOP_WORDS = frozenset(_STOP_WORDS.split())
_ENDING = re.compile(r"(?<=\w\w\w)(?:ing|ed|es|(?<!s)s|e)$")
_WORD = re.compile(r"[^\W_]+(?:['_./@:-][^\W_]+)*")
_INTERJECTION = (
    r"(?:sure(?: thing)?|yes|yeah|yep|ok|okay|right|well|great|perfect|alright|noted|understood|got it|oh|aw|ah|hi|"
    r"hello|hey|wow|cool|nice|awesome|congrats|haha|good morning|morning|unfortunately|certainly|of course|absolutely|"
    r"definitely|totally|(?:thanks|thank you)(?! (?:for|so|very)))(?: there)?"
)
#: Words that only open a sentence. "No" is none of them: "No, I do not" says something.
_OPENERS = re.compile(rf"^(?:(?:{_INTERJECTION}[,.!:]+|and|also|so|but|please note that) +)+(?=\S)", re.I)
#: Articles, intensifiers, and words that only say that something is said. They go where no specific is near and where
#: they say nothing: "the last week" is not the week before this, "a few" are more than few, "not really" is no "not".
_FILLERS = re.compile(
    r"(?<![\w'-])(?<!not )(?<!n't )(?:[Tt]he|[Aa]n?|really|very|pretty|super|totally|absolutely|definitely|truly|just"
    r"|actually|quite|even) (?=[a-z])"
    r"(?!last|previous|next|coming|few|little|couple|minute|hour|day|week|fortnight|month|year)"
    r"|^(?:I (?:think|guess|mean)|You know|Plus),? (?=\w)"
)
#: The first letter of an ordinary word: "checkout.express" and "v2" stay as they are.
_CAPITAL = re.compile(r"[a-z](?=[a-z']*(?:[\s,!?;:]|\.(?!\w)|$))")


@lru_cache(maxsize=65536)
def stem(word: str) -> str:
    """Return a word without its common English endings. Short words and words with digits stay as they are."""
    word = word.lower()
    if len(word) < 5 or any(c.isdigit() for c in word):
        return word
    return _ENDING.sub("", re.sub(r"ies$", "y", word))


def words_of(text: str) -> list[str]:
    """Return the content words of ``text``, lower case, in order."""
    return [word for word in _WORD.findall(text.lower()) if word not in STOP_WORDS]


def vocatives(names: Collection[str]) -> re.Pattern[str]:
    """Return a pattern of where a sentence calls one of ``names``, or the short form of one."""
    firsts = sorted({name.split()[0] for name in names if len(name.split()[0]) > 2})
    called = "|".join(f"{re.escape(first[:3])}(?:{re.escape(first[3:])})?" for first in firsts) or "(?!)"
    alone = rf"^(?:(?i:{_INTERJECTION})[,!.]? )?(?:{called})[,!.]+(?: +(?=\S)|$)"
    return re.compile(rf"{alone}|, (?:{called})(?=[.!?]+$)")


def terse(text: str, called: re.Pattern[str]) -> str:
    """Return a statement without openers, fillers and whom it calls. Negations and specifics stay."""
    short = _OPENERS.sub("", called.sub("", text))
    short = short if find_specifics(short) else _FILLERS.sub("", short)
    short = short[0].upper() + short[1:] if _CAPITAL.match(short) else short
    return short if specifics_of(short) == specifics_of(text) else text
