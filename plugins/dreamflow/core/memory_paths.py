"""What a memory's path may be (the Managed Agents memory guide), and what it says to its reader."""

from __future__ import annotations

import unicodedata

__all__ = ["MAX_PATH_BYTES", "MAX_SEGMENTS", "as_line", "mistake_in"]

MAX_PATH_BYTES = 1024
MAX_SEGMENTS = 20
#: Letters of an ending, such as `.md`; what is longer is a part of the name.
MAX_ENDING = 5
#: Control, format, surrogate, line and paragraph separator characters.
_FORBIDDEN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})


def as_line(path: str) -> str:
    """Return a path as a line that says the same: an agent reads it in listings. Without slashes and its ending."""
    folder, _, name = path.rpartition("/")
    stem, dot, ending = name.rpartition(".")
    own = stem if dot and stem and ending.isalpha() and len(ending) <= MAX_ENDING else name
    return " ".join(f"{folder}/{own}".replace("/", " ").split())


def mistake_in(path: str) -> str:
    """Return which rule a path breaks, in words that follow "it"; an empty text where it breaks none."""
    segments = path[1:].split("/")
    if not path.startswith("/"):
        return "must start with a slash, such as /notes/travel.md"
    if any(unicodedata.category(char) in _FORBIDDEN for char in path):
        return "can't have control or format characters"
    if len(path.encode()) > MAX_PATH_BYTES:
        return f"is {len(path.encode()):,} bytes long, and can be {MAX_PATH_BYTES:,} at most"
    if len(segments) > MAX_SEGMENTS:
        return f"has {len(segments)} segments, and can have {MAX_SEGMENTS} at most"
    if any(segment in ("", ".", "..") for segment in segments):
        return "can't have a segment that is empty, '.' or '..'"
    if not unicodedata.is_normalized("NFC", path):
        return "must be in Unicode Normalization Form C"
    return ""
