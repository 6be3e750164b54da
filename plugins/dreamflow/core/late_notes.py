"""What became of a late write, and what a reviewer chose for one that can't be merged."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from pydantic import BaseModel, ConfigDict

from dreamflow.core.handoffs import Moment

__all__ = ["NO_CHOICES", "Choice", "Choices", "LateChoice", "LateNote", "bound_to", "parts_of"]

#: What can be chosen: to keep beside what can't be merged, to take the late write whole, to keep the dream's.
Choice = Literal["beside", "late", "dream"]


class LateNote(BaseModel):
    """
    What became, or would become, of one late write.

    :ivar path: where its writer has the memory, or had it. :ivar into: where it lies in the output, or was merged,
        where that is not there alone.
    :ivar late_path: where that stands which could not be merged.
    :ivar how: ``created``, ``updated``, ``merged``, ``moved``, ``deleted``; ``beside`` where nothing of it could be
        merged, ``same`` where there was nothing to do, ``dropped`` where a reviewer chose so.
    :ivar by: who wrote it, in words. :ivar at: when, last.
    :ivar sha256: what they wrote last; None where they deleted it.
    :ivar writes: how many writes of the input it takes together. :ivar why: what stood in the way.
    :ivar choice: what a reviewer chose for it; empty where nobody did, or it can't be done.
    :ivar chosen_by: who chose.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    path: str
    into: tuple[str, ...] = ()
    late_path: str | None = None
    how: str
    by: str
    at: Moment
    writes: int = 1
    why: str = ""
    sha256: str | None = None
    choice: str = ""
    chosen_by: str = ""


class LateChoice(BaseModel):
    """
    What a reviewer chose for one late write. It holds for that very write: not once its memory is written again.

    :ivar path: where its writer has the memory. :ivar sha256: what they wrote last; None where they deleted it.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    path: str
    sha256: str | None
    choice: Choice
    by: str
    at: Moment


#: What reviewers chose, by path and checksum of the late write.
Choices = Mapping[tuple[str, str | None], LateChoice]

#: The checksum of choices where nobody chose anything.
NO_CHOICES = "none"


def bound_to(digest: str, choices: str) -> str:
    """
    Return what an answer says in the one field that a form has for what it is about.

    :param digest: of the output that was shown. :param choices: the checksum of the choices for late writes that were;
        empty: whoever answers does not say.
    """
    return f"{digest}+{choices}" if choices else digest


def parts_of(bound: str) -> tuple[str, str]:
    """Return the digest and the checksum of the choices that an answer is bound to."""
    digest, _, choices = bound.partition("+")
    return digest, choices
