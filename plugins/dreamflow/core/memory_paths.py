"""What a memory's path may be (the Managed Agents memory guide)."""

from __future__ import annotations

import unicodedata

__all__ = ["MAX_PATH_BYTES", "MAX_SEGMENTS", "mistake_in"]

MAX_PATH_BYTES = 1024
MAX_SEGMENTS = 20
#: Control, format, surrogate, line and paragraph separator characters.
_FORBIDDEN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})


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
