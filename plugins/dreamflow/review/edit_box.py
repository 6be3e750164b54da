"""
A memory's text in a box to be edited, and back.

Secrets, and characters that nobody sees, stand in it as ``⟦secret 3f2a-1⟧`` and ``⟦U+202E⟧``. What is saved has them
again: a browser makes one kind of line end of all, and shows nothing of the others. No secret becomes text that a page
shows by that, and what stands for one in the box of another text stands for none here.
"""

from __future__ import annotations

import hashlib
import re
from bisect import bisect_right

from dreamflow.core.secrets.masking import replaced, spans_of
from dreamflow.core.visible import unseen_characters
from dreamflow.errors import EditRefused

__all__ = ["boxed", "is_windows", "unboxed"]

_BARE = re.compile(r"(?<!\r)\n")
_SECRET = re.compile(r"⟦secret ([0-9a-f]{4,})-([0-9]{1,6})⟧")


def boxed(text: str, version: str) -> str:
    """Return the text as it is edited. :param version: what names it: what stands for its secrets has that in it."""
    name, word = _name(text, version), _word(text)
    shown = replaced(text, lambda number, secret, kind: f"⟦secret {name}-{number + 1}⟧")
    if is_windows(text):
        shown = shown.replace("\r\n", "\n")
    return unseen_characters().sub(lambda match: f"⟦{word}{ord(match[0]):04X}⟧", shown)


def unboxed(edited: str, original: str, version: str) -> str:
    """
    Return what an edited text stands for.

    :param original: the text that the box was filled with, before it was ``boxed``. :param version: its name.
    :raises EditRefused: a secret of it would stand where nothing tells that it is one, or a placeholder is not its own.
    """
    text = edited.replace("\r\n", "\n")
    if is_windows(original):
        text = text.replace("\n", "\r\n")
    text = re.sub(rf"⟦{re.escape(_word(original))}([0-9A-F]{{4,6}})⟧", _character, text)
    return _with_secrets(text, original, _name(original, version))


def _with_secrets(text: str, original: str, name: str) -> str:
    """Return the text with the original's secrets where its placeholders stand."""
    secrets = [original[start:end] for start, end, _ in spans_of(original)]
    pieces, done, length = list[str](), 0, 0
    places: list[tuple[int, int, str]] = []
    for match in _SECRET.finditer(text):
        number = int(match[2]) - 1
        if match[1] != name or not 0 <= number < len(secrets):
            if match[0] in original:
                continue
            raise EditRefused(
                f"{match[0]} stands for nothing here: it was copied from another text, or an earlier one. Take it out, "
                "and write what you mean. Nothing was changed."
            )
        pieces += [text[done : match.start()], secrets[number]]
        start = length + match.start() - done
        length, done = start + len(secrets[number]), match.end()
        places.append((start, length, match[0]))
    whole = "".join([*pieces, text[done:]])
    spans = list(spans_of(whole)) if places else []
    for start, end, placeholder in places:
        before = bisect_right(spans, start, key=lambda span: span.start)
        if not before or spans[before - 1].end < end:
            raise EditRefused(
                f"{placeholder} would be shown in full: nothing around it tells any more that it is a secret. Leave "
                "what tells it, such as the heading or the word before it, or take it out. Nothing was changed."
            )
    return whole


def _name(text: str, version: str) -> str:
    """Return what the placeholders of a text's secrets are told from others' by: nothing in the text has it."""
    name = hashlib.blake2b(version.encode(errors="replace"), digest_size=2).hexdigest()
    while f"⟦secret {name}-" in text:
        name += "0"
    return name


def _word(text: str) -> str:
    """Return how a placeholder for a character begins: as nothing in the text does."""
    word = "U+"
    while f"⟦{word}" in text:
        word = f"character {word}"
    return word


def is_windows(text: str) -> bool:
    """Tell whether every line ends as Windows ends them."""
    return "\r\n" in text and not _BARE.search(text)


def _character(match: re.Match[str]) -> str:
    code = int(match[1], 16)
    return chr(code) if code <= 0x10FFFF and not 0xD800 <= code <= 0xDFFF else match[0]
