"""The words of a message: which are worth looking for, and which forms of a word are the same."""

from __future__ import annotations

import re
from functools import lru_cache

__all__ = ["is_idle", "is_question", "sentences", "stem", "stems_of", "telling_words", "words"]

MAX_KEYWORD = 30


def words(text: str) -> frozenset[str]:
    return frozenset(text.split())


QUESTION_WORDS = words(
    """who whom whose what what's when when's where where's which why how how's is are was were do does did can could
    will would should has have"""
)
ASKING = ("tell me", "show me", "give me", "list ")
COMMON = words(
    """about after again also and any anything are because been before being but can could did does done everything for
    from get give got had has have her here him his how into its just know let like list look may more much must need
    not now our out please remember remind say should show some something tell than that that's the their them then
    there these they this those too want was were what what's when when's where where's which who whom whose why will
    with would you your yours"""
)
#: Words that are polite, and say nothing.
IDLE = words(
    """a again all and any bye day evening fine for good goodbye great hello help hey hi i it's lot morning much nice no
    noted now ok okay perfect please right so sure thank thanks that that's the then there very well yes you your"""
)
WORD = re.compile(r"[^\W_](?:[\w@.:/#'’-]*\w)?", re.UNICODE)  # noqa: RUF001
#: Where a sentence ends: not after a title or a number that goes on.
END = re.compile(
    r"(?<=[.!?])(?<!\b[A-Z]\.)(?<!\bDr\.)(?<!\bMr\.)(?<!\bMrs\.)(?<!\bMs\.)(?<!\bNo\.)(?<!\bSt\.)\s+(?=[^\sa-z])"
)
ENDINGS = ("'s", "ing", "ed", "es", "s")
#: What is left of a word like "move" without its ending, unlike one like "fix".
SHORTENED = re.compile(r"[^aeiou][aeiou][^aeiouwxy]")


def telling_words(text: str) -> list[str]:
    """Return the words worth looking for, each once, in their order."""
    found = dict.fromkeys(word.lower() for word in WORD.findall(text.replace("’", "'")))  # noqa: RUF001
    return [word for word in found if len(word) > 2 and word not in COMMON]


@lru_cache(maxsize=2_000)
def stems_of(text: str) -> frozenset[str]:
    return frozenset(stem(word) for word in telling_words(text))


def stem(word: str) -> str:
    """Return what the forms of an English word share: ``start`` for ``starting``, ``move`` for ``moved``."""
    short = word[:MAX_KEYWORD]
    if any(map(str.isdigit, short)):
        return short
    if short.endswith("ies") and len(short) > 4:
        return f"{short[:-3]}y"
    ending = next((end for end in ENDINGS if short.endswith(end) and len(short) - len(end) > 2), "")
    short = short.removesuffix(ending)
    if len(short) > 3 and short[-1] == short[-2]:
        return short[:-1]
    if ending in {"ing", "ed", "es"} and SHORTENED.fullmatch(short):
        return f"{short}e"
    return short[:-1] if len(short) > 4 and short[-1] == "e" else short


def sentences(text: str) -> list[str]:
    return [sentence for part in text.splitlines() for sentence in END.split(part.strip()) if sentence]


def is_question(sentence: str) -> bool:
    said = sentence.lower().strip(" \"'”)")
    if said.endswith("?") or said.startswith(ASKING):
        return True
    return not said.endswith((".", "!")) and said.partition(" ")[0].strip(",:") in QUESTION_WORDS


def is_idle(text: str) -> bool:
    """Tell whether a message is mere politeness."""
    return all(word.lower() in IDLE for word in WORD.findall(text))
