"""The words of a statement: which of them tell something, which are specifics, which may go."""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import lru_cache

from include.managed_agents.dreams.offline.specifics import Kind, find_specifics

__all__ = ["COMMON_WORDS", "STOP_WORDS", "specifics_of", "stem", "terse", "vocatives", "words_of"]

_STOP_WORDS = """
a about above after again all also am an and any are as at be because been before being both but by can
could did do does doing down during each few for from further get got had has have having he her here hers
him his how i if in into is it its itself just let like me might more most my of off on once one only or
other our ours out over own please really same shall she should so some such than thank thanks that the
their theirs them then there these they this those through to too under until up us very was we were what
when where which while who whom why will with would yes you your yours sure okay ok right well now hi hello
i'm it's i'll i'd i've you're we're that's let's don't there's here's can't may noted understood done
actually
"""
STOP_WORDS = frozenset(_STOP_WORDS.split())
#: Content words that people say about everything, or to be kind: no help in telling one statement from another.
_COMMON_WORDS = """
able absolutely accomplish achieve achievement add added ago agree alone already always amazing amount anyone anything
appreciate around ask asked away awesome back bad become began begin believe best better big bit bring brought call
called came care chance change check come comes coming congrats cool couple course crazy create created cute day days
deal decided definitely determination difference different dream dreams easy effort else embrace end enjoy enjoyed
enjoying enough especially even ever every everyone everything exactly excited exciting experience express face fact
fantastic far favorite favourite feel feeling feelings feels felt finally find fine fingers first focus focused follow
forget form forward found free fresh friend friends full fun future gave gets getting give gives giving glad goal
goals goes going gone gonna good grateful great grow growing growth guess guy guys half handle hang happen happened
happens happy hard hate hear heard heart help helped helpful helping helps hey high hit hold holding hope hopefully
hoping huge idea imagine important improve include incredible inspire inspired inspiring instead interesting journey
joy keep keeping keeps kept kind kinda kinds knew know knowing last lately later lead learn learned least leave left
less level life line little live living long look looked looking looks lot lots love loved lovely loves lucky made
main major make makes making many matter maybe mean meaning means meet met mind minute miss moment moments morning
motivate motivated motivation move moving much must name near need needed needs never new next nice night none nope
note nothing number obsessed often oh old ones open opened opportunity otherwise part pass passion passionate past pay
peace peaceful people perfect person personal pic pick picture place places plan planned planning plans point positive
possible power powerful prepare present pressure pretty probably problem progress proud pull pursue push pushing put
quite rather reach ready real realize reason recently relationship relax relaxing remember remind reminded reminds
rest return rewarding room run said saw say says see seeing seem seems seen sense seriously set shape share shared
sharing show showed shows side simple since situation small someone something sometimes soon sort sound sounds special
spend spent spot start started starting starts stay step steps still stop story strength strong struggle stuff
stunning success successful super support supporting supportive surely surprise sweet take taken takes taking talk
talked talking tell tells thankful thing things think thinking though thought thoughts time times today together told
tomorrow tonight tons took total totally touch tough tried true truly try trying turn turned turns two understand
unforgettable unique use used using usually vibe vibes view wait want wanted wanting wants watch way ways week weekend
weeks welcome went whatever whole wild win wish within wonder wonderful word words work worked working works world
worry worth wow yeah year years yep yesterday yet
"""
COMMON_WORDS = frozenset(_COMMON_WORDS.split())
_WORD = re.compile(r"[^\W_]+(?:['_./@:-][^\W_]+)*")
#: What every specific of more than two characters has, save those that are words, which have no weight.
_MAY_HOLD_SPECIFIC = re.compile(r"[\d@_/#]|\w\.[a-z]|[A-Z]{6}")
_INTERJECTION = (
    r"(?:sure(?: thing)?|yes|yeah|yep|ok|okay|right|well|great|perfect|alright|noted|understood|got it|oh|aw|ah|hi|"
    r"hello|hey|wow|cool|nice|awesome|congrats|haha|good morning|morning|unfortunately|certainly|of course|absolutely|"
    r"definitely|totally|(?:thanks|thank you)(?! (?:for|so|very)))(?: there)?"
)
#: Words that only open a sentence. "No" is none of them: "No, I do not" says something.
_OPENERS = re.compile(rf"(?:(?:{_INTERJECTION}[,.!:]+|and|also|so|but|please note that) +)+(?=\S)", re.I)
_GREETED = re.compile(rf"(?i:{_INTERJECTION}[,.!]? )+[A-Z][a-z]+[,!.] +(?=\S)")
_INTENSIFIERS = re.compile(
    r"(?<![\w'-])(?:really|very|pretty|super|totally|absolutely|definitely|truly|just) (?=[a-z])"
)
#: Not in "a few", which is more than few, nor in "once a week", "a year ago".
_ARTICLES = re.compile(
    r"(?<![\w'-])(?:[Aa]n?|[Tt]he) (?=[a-z])(?!(?:few|little|couple|lot|bit|while|hundred|thousand|million|\w*day|week|"
    r"fortnight|month|year|hour|minute|time|other|same)\b)"
)
#: The first letter of an ordinary word: "checkout.express" and "v2" stay as they are.
_CAPITAL = re.compile(r"[a-z](?=[a-z']*(?:[\s,!?;:]|\.(?!\w)|$))")


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


def words_of(text: str) -> list[str]:
    """Return the content words of ``text``, lower case, in order."""
    return [word for word in _WORD.findall(text.lower()) if word not in STOP_WORDS]


def specifics_of(text: str) -> set[str]:
    """Return the keys of the specifics that a memory must not lose: all but plain numbers of one or two digits."""
    if not _MAY_HOLD_SPECIFIC.search(text):
        return set()
    return {s.key for s in find_specifics(text) if s.kind is not Kind.NUMBER or len(s.text) > 2}


def vocatives(names: Collection[str]) -> re.Pattern[str] | None:
    """Return a pattern of where a sentence calls one of ``names``, or the short form of one; None without names."""
    firsts = sorted({name.split()[0] for name in names if len(name.split()[0]) > 2})
    called = "|".join(f"{re.escape(first[:3])}(?:{re.escape(first[3:])})?" for first in firsts)
    alone = rf"^(?:(?i:{_INTERJECTION})[,!.]? )?(?:{called})[,!.]+(?: +(?=\S)|$)"
    return re.compile(rf"{alone}|, (?:{called})(?=[.!?]+$)") if firsts else None


def terse(text: str, called: re.Pattern[str] | None = None, *, articles: bool = True) -> str:
    """
    Return a statement without openers, intensifiers and the listener's name. Negations and specifics stay.

    :param called: finds where the listener is called by name; see ``vocatives``.
    :param articles: whether they stay, too.
    """
    short = _GREETED.sub("", text, count=1) if _GREETED.match(text) else text
    opener = _OPENERS.match(short)
    short = short[opener.end() :] if opener else short
    short = _INTENSIFIERS.sub("", called.sub("", short) if called else short)
    short = short if articles else _ARTICLES.sub("", short)
    short = short[0].upper() + short[1:] if _CAPITAL.match(short) else short
    return short if specifics_of(short) == specifics_of(text) else text
