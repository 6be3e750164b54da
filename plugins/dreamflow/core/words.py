"""Texts as words: as a search sees them, and as quotations and names are looked for."""

from __future__ import annotations

import re

__all__ = ["COMMON", "OWNERS", "plain", "search_words", "singular"]

#: How a word says that something is its own.
OWNERS = frozenset({"'s", "’s"})  # noqa: RUF001
_ARTICLES = frozenset({"a", "an", "the"})
_PLAIN_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)*")
#: With signs inside them: of an address, an identifier, or words that are joined.
_SEARCH_WORD = re.compile(r"\w+(?:[-./:@'’&+]\w+)*")  # noqa: RUF001
#: Words that no search is for.
COMMON = frozenset(
    """
    a an and are as at be by can could did do does for from had has have how i if in is it its me my of on or our she
    he her his that the their them they this to was we were what when where which who why will with would you your
    about any there
    """.split()  # noqa: SIM905
)


def plain(text: str) -> str:
    """
    Return the words of ``text`` in lower case, one blank between them, without articles and the 's of an owner.

    That is what quotations and names are looked for in: a quotation that lost an article is still one.
    """
    low = text.replace("’", "'").casefold()  # noqa: RUF001
    words = [word for word in _PLAIN_WORD.findall(low) if word not in _ARTICLES]
    return " ".join([word.removesuffix("'s") for word in words] if "'s" in low else words)


def search_words(text: str) -> list[str]:
    """Return the words of ``text`` in lower case, as they stand."""
    return _SEARCH_WORD.findall(text.lower())


def singular(word: str) -> str:
    """Return an English word without the s of a plural."""
    return word[:-1] if len(word) > 3 and word[-1] == "s" and word.isalpha() else word
