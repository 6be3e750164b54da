"""
What one task hands to the next: typed here, and stable as JSON in XCom, because people and other DAGs read it.

A moment is ISO 8601. Keys may be added; one that an older release did not leave has a default.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, PlainSerializer, ValidationError

from dreamflow.errors import StateError

#: The decisions on a dream, in the words of the question.
ADOPT, REJECT, AGAIN = "Adopt", "Reject", "Dream again"

__all__ = [
    "ADOPT",
    "AGAIN",
    "REJECT",
    "Collected",
    "Decided",
    "Dreamed",
    "HandOff",
    "LateWrites",
    "Launched",
    "Moment",
    "Restored",
    "Reviewed",
    "Settled",
    "Swap",
]

#: What becomes of what agents wrote since the store that a restore goes back to.
LateWrites = Literal["carry", "list"]
Moment = Annotated[datetime, PlainSerializer(datetime.isoformat, return_type=str)]


class HandOff(BaseModel):
    """What a task leaves for its successor."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    def to_json(self) -> dict[str, Any]:
        return self.model_dump(mode="json")

    @classmethod
    def of(cls, left: Any, task_id: str) -> Self:
        """
        Read what the task left.

        :raises StateError: it left nothing: it did not run, or its XCom was cleared or is another release's.
        """
        try:
            return cls.model_validate(left)
        except ValidationError as e:
            raise StateError(
                f"{task_id} left nothing to go on in this run. Clear it and what follows, or trigger a new run."
            ) from e


class Settled(HandOff):
    """What settle found live, and what it did or would have done, a sentence each."""

    live_store_id: str
    did: tuple[str, ...] = ()


class Collected(HandOff):
    """
    Which sessions the dream reads, and what counts as covered once it was adopted.

    :ivar through: every session last changed up to this moment is covered then. None: nothing more than before.
    :ivar left_until: when the newest session that was left over had last changed: a catch-up takes none from after it.
    :ivar late: memories of the live store that stand below ``/late/``, for the dream to fold in.
    """

    input_store_id: str
    session_ids: tuple[str, ...]
    since: Moment | None = None
    through: Moment | None = None
    scope: str = ""
    left_for_next_run: int = 0
    left_until: Moment | None = None
    set_aside: tuple[str, ...] = ()
    late: int = 0


class Launched(HandOff):
    dream_id: str


class Dreamed(HandOff):
    """
    How the dream ended: ``list_cost`` in US dollars, None where the service does not tell it.

    :ivar session_id: the session that ran it.
    """

    dream_id: str
    output_store_id: str
    input_store_id: str = ""
    created_at: Moment | None = None
    usage: dict[str, int] = {}
    list_cost: float | None = None
    seconds: float | None = None
    session_id: str = ""


class Restored(HandOff):
    """
    The clone of an earlier store that is to replace the live one.

    :ivar ancestor_id: the store to go back to. :ivar input_store_id: the live one. :ivar output_store_id: the clone.
    :ivar paths: the patterns of what is brought back; none: the whole store.
    :ivar late_writes: whether what agents wrote since is carried, or listed and left behind: ``since`` counts it.
    :ivar warnings: what a person has to know before deciding, a sentence each.
    """

    ancestor_id: str
    input_store_id: str
    output_store_id: str
    paths: tuple[str, ...] = ()
    late_writes: LateWrites = "carry"
    since: dict[str, int] = {}
    warnings: tuple[str, ...] = ()


class Reviewed(HandOff):
    """
    What a person, or nobody, is to decide on. The digest names every path and byte of the output.

    :ivar unchanged_nights: for how many nights in a row, this one included, the dream changed nothing that matters,
        where the check ``unchanged`` notes it; else 0.
    """

    report_uri: str
    digest: str
    counts: dict[str, int] = {}
    verdict: str = "flagged"
    dream_id: str = ""
    ancestor_id: str = ""
    input_store_id: str = ""
    output_store_id: str = ""
    unchanged_nights: int = 0


class Swap(HandOff):
    """
    One store taking another's place: what every step after the decision needs, and nothing else.

    :ivar before: the store that the targets name. :ivar after: the one that they are to name.
    :ivar reviewed: the digest of ``after`` that was decided on.
    :ivar ancestor_id: the store that it goes back to, where it is no dream's; ``content`` names it too where the whole
        of it is taken: what was dreamed since then counts as not read.
    :ivar adopted: its digest with the late writes; None until they are carried.
    :ivar through: up to when sessions are covered by it; ``scope_mark`` tells of which sessions.
    :ivar begun_at: when the first target was about to name it: from then on, agents may write to it.
    :ivar verified_at: when every target was seen to name it.
    :ivar counts: memories added, changed, removed and unchanged, as the review showed them.
    """

    before: str
    after: str
    reviewed: str
    by: str
    at: Moment
    dream_id: str = ""
    ancestor_id: str = ""
    content: str = ""
    through: Moment | None = None
    scope_mark: str = ""
    adopted: str | None = None
    begun_at: Moment | None = None
    verified_at: Moment | None = None
    counts: dict[str, int] = {}


class Decided(HandOff):
    """
    What was decided on a dream's output, by whom, on which digest; the swap that follows, where it was adopted.

    :ivar ticked: ids of the findings that the reviewer said to have looked at.
    :ivar looked: whether a person looked: not where ``approval.mode`` asked nobody, or nobody answered in time.
    """

    decision: str
    by: str
    at: Moment
    comment: str = ""
    digest: str = ""
    output_store_id: str = ""
    ticked: tuple[str, ...] = ()
    looked: bool = True
    swap: Swap | None = None
