"""Two texts of one memory that are looked at beside the changes, a part of their difference at a time."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from dreamflow.review.rows import DiffPage, diff_page

__all__ = ["Compared", "compared"]


@dataclass(frozen=True)
class Compared:
    """
    What became of a text.

    :ivar whose: whose doing that is. :ivar key: names it in the page, and holds none of its text.
    :ivar diff: None where one of the two is not to be read any more.
    :ivar is_new: whether there was no text before. :ivar is_gone: whether there is none after.
    """

    whose: str
    path: str
    key: str
    diff: DiffPage | None
    is_new: bool = False
    is_gone: bool = False


def compared(whose: str, path: str, before: str | None, after: str | None, page: int = 1) -> Compared:
    """Compare two texts; None is one that was redacted, an empty one that of no memory."""
    key = f"t{hashlib.sha256(f'{whose}{path}'.encode(errors='replace')).hexdigest()[:12]}"
    if before is None or after is None:
        return Compared(whose, path, key, None)
    diff = diff_page(before, after, view="unified", page=page)
    return Compared(whose, path, key, diff, not before and bool(after), bool(before) and not after)
