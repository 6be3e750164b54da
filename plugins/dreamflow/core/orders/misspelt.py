"""
Words of orders that are misspelt on purpose: letters changed about or left out, or signs in their place.

A reader of "Ignroe yuor ru1es" takes it as it is meant, a model too. Only words of orders are put right.
"""

from __future__ import annotations

import re

__all__ = ["RIGHT", "put_right", "right_word"]

_LISTED = (
    "ignore ignored ignoring disregard forget override bypass previous earlier instructions instruction rules rule "
    "approve approved approval request requests refund refunds every everything system prompt policy policies "
    "guidelines password passwords customer customers credentials secret secrets without verification verify check "
    "checks send forward delete reveal disclose transcript assistant always never grant access admin user users "
    "safety follow obey token tokens please account accounts skip export upload above files keys limits over hand"
)
_WORDS = _LISTED.split()
#: A word in which signs or figures stand for letters: at least half of it is letters.
_SIGNED = re.compile(
    r"(?<![\w@.])[a-z]*(?:[a-z][*#!+$@%^&~?=013457]|[*#!+$@%^&~013457][a-z])[a-z*#!+$@%^&~?=013457]*"
)
_VOWELS = re.compile(r"(?<!^)[aeiou]")
_SIGNS = re.compile(r"[^a-z]")


def _letters(word: str) -> str:
    """Return a word's first letter, and the others in the order of the alphabet."""
    return word[0] + "".join(sorted(word[1:]))


def _bones(word: str) -> str:
    return _VOWELS.sub("", word)


def _skeleton(word: str) -> str:
    """Return a word without vowels, and each other letter once where it stands twice."""
    return re.sub(r"(.)\1+", r"\1", _bones(word))


def _almost(word: str) -> list[str]:
    """Return a word with each of its letters but the first left open: what has one wrong letter shares one of these."""
    return [f"{word[:at]}?{word[at + 1 :]}" for at in range(1, len(word))]


#: Letters of a word in which one may be wrong, or left out: of a shorter one too much would be.
_LONG, _LONGEST = 6, 16
_ALMOST = {almost: word for word in _WORDS if len(word) >= _LONG for almost in _almost(word)}
_SKELETONS = {_skeleton(word): word for word in reversed(_WORDS) if len(word) >= _LONG}
#: Words that are none of those, though they look it.
_FINE = frozenset({"accent", "accents", "counts", "customary", "potency", "reword"})
_CHANGED = {_letters(word): word for word in reversed(_WORDS) if len(word) > 3}
_BARE = {
    bones: word
    for word in reversed(_WORDS)
    for bones in (_bones(word).lstrip("aeiou"), _bones(word))
    if len(bones) > 2
}
RIGHT = frozenset(_WORDS)


def put_right(text: str, words: set[str], *, plain: bool) -> str:
    """
    Return a text with the words of orders put right in it, or nothing where fewer than two are wrong.

    :param text: in lower case. :param words: those of it that may be wrong.
    :param plain: it has no signs within its words.
    """
    changes = {word: right for word in words if (right := right_word(word))}
    for signed in set(_SIGNED.findall(text)) if not plain else ():
        if right := _without_signs(signed):
            changes[signed] = right
    if len(changes) < 2:
        return ""
    return re.sub(r"[^\s\"'(),.;:]+", lambda match: _replaced(match[0], changes), text)


def _replaced(word: str, changes: dict[str, str]) -> str:
    return changes.get(word) or changes.get(word.rstrip("!?")) or word


def right_word(word: str) -> str:
    """Return the word of orders that a word is meant to be, or nothing where it is none, or is right."""
    if word in RIGHT or word in ("flies", "nerve"):
        return ""
    if changed := _CHANGED.get(_letters(word)):
        return changed
    if _bones(word) == word:
        return _BARE.get(word, "")
    if not _LONG - 1 <= len(word) <= _LONGEST or word in _FINE:
        return ""
    right = next((_ALMOST[almost] for almost in _almost(word) if almost in _ALMOST), "")
    return right or _SKELETONS.get(_skeleton(word), "")


def _without_signs(signed: str) -> str:
    """Return the one word of orders that a word with signs in place of letters may be."""
    if not 3 <= len(signed) <= 20 or len(_SIGNS.findall(signed)) * 2 > len(signed):
        return ""
    if signed[:-1].isalpha():  # "user2", "keys?"
        return ""
    pattern = re.compile(_SIGNS.sub(".", re.sub(r"[!?.]+$", "", signed)))
    return next((word for word in _WORDS if pattern.fullmatch(word)), "")
