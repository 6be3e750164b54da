"""What a memory's path may be (SDK docstring of ``memories.create``)."""

from __future__ import annotations

import unicodedata
from typing import Annotated

from pydantic import AfterValidator

__all__ = ["MemoryPath", "PathPrefix", "check_path"]

MAX_PATH_BYTES = 1024
MAX_SEGMENTS = 20
#: Control, format, line and paragraph separators. Surrogates can't occur: the body is valid UTF-8.
FORBIDDEN_CATEGORIES = frozenset({"Cc", "Cf", "Zl", "Zp"})


def check_path(path: str) -> str:
    """Return the path. :raises ValueError: with the rule that it breaks."""
    if not path.startswith("/"):
        raise ValueError("must start with '/'")
    if len(path.encode()) > MAX_PATH_BYTES:
        raise ValueError(f"must be at most {MAX_PATH_BYTES} bytes long")
    segments = path[1:].split("/")
    if len(segments) > MAX_SEGMENTS:
        raise ValueError(f"must have at most {MAX_SEGMENTS} segments")
    if any(segment in {"", ".", ".."} for segment in segments):
        raise ValueError("a segment can't be empty, '.' or '..'")
    if any(unicodedata.category(character) in FORBIDDEN_CATEGORIES for character in path):
        raise ValueError("must not contain control or format characters")
    if not unicodedata.is_normalized("NFC", path):
        raise ValueError("must be in Unicode Normalization Form C")
    return path


def check_prefix(prefix: str) -> str:
    if not (prefix.startswith("/") and prefix.endswith("/")):
        raise ValueError("must start and end with '/', such as /notes/")
    if len(prefix.encode()) > MAX_PATH_BYTES:
        raise ValueError(f"must be at most {MAX_PATH_BYTES} bytes long")
    return prefix


MemoryPath = Annotated[str, AfterValidator(check_path)]
PathPrefix = Annotated[str, AfterValidator(check_prefix)]
