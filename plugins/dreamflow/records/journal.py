"""
The journal of one run: what it is about to do, did and decided. Written before money or memory is touched.

From the decision on it is enough to finish the run's swap, or to take it back, whatever became of Airflow's own state.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from dreamflow.core.fleets import Outcome
from dreamflow.core.handoffs import ADOPT, Decided, LateWrites, Moment, Swap
from dreamflow.core.late_writes import LateNote
from dreamflow.core.launching import Intent
from dreamflow.core.review import Edit, Score
from dreamflow.core.verdicts import Spent

__all__ = [
    "RESTORE_KEY",
    "Answer",
    "DreamNote",
    "Journal",
    "LateNote",
    "Refused",
    "RestoreNote",
    "Stop",
    "Wait",
    "Written",
]

#: What the records' key of a restore's run begins with: its Airflow run is another DAG's.
RESTORE_KEY = "restore__"


#: A moment that nobody noted.
_UNKNOWN = datetime.fromtimestamp(0, UTC)


class _Note(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class Stop(_Note):
    """Why a dream was canceled here: a later try finds it canceled, and has to tell."""

    status: str
    reason: str


class DreamNote(_Note):
    """
    One dream of the run, noted before it is created.

    :ivar through: up to when its sessions count as covered; ``scope_mark`` tells of which sessions that holds.
    :ivar left: sessions that were left over when it was asked for, the newest of them changed at ``left_until``.
    :ivar missing: sessions that were gone, and left out.
    :ivar late: memories of the input below ``/late/``: where there are any, the dream is asked to fold them in.
    :ivar redo: it failed for a cause that may pass, and is to be dreamed anew.
    :ivar anew: how many dreams failed so before it, since the launch.
    """

    input_store_id: str
    session_ids: tuple[str, ...] = ()
    asked: str = ""
    seen: tuple[str, ...] = ()
    through: Moment | None = None
    scope_mark: str = ""
    left: int = 0
    left_until: Moment | None = None
    missing: tuple[str, ...] = ()
    late: int = 0
    dream_id: str | None = None
    output_store_id: str | None = None
    created_at: Moment | None = None
    tokens: int = 0
    usd: float | None = None
    stop: Stop | None = None
    redo: bool = False
    anew: int = 0

    @property
    def intent(self) -> Intent:
        return Intent(self.input_store_id, self.session_ids, self.asked, self.seen)

    def again(self) -> DreamNote:
        """Return the note of another dream over the same sessions, in place of this one."""
        kept = {
            "input_store_id",
            "session_ids",
            "through",
            "scope_mark",
            "left",
            "left_until",
            "missing",
            "late",
        }
        return DreamNote(**self.model_dump(include=kept), anew=self.anew + self.redo)


class Written(_Note):
    """What agents did to a memory since: ``how`` is ``added``, ``changed`` or ``removed``."""

    store_id: str
    path: str
    how: str


class RestoreNote(_Note):
    """
    What a run goes back to, noted before the clone is created.

    :ivar input_store_id: the store that was live then. :ivar store_id: the clone, once it is known.
    :ivar noted_at: when it was first noted: the clone is no older, and has the moment on it.
    :ivar through: up to when sessions count as read by what is brought back; ``scope_mark`` tells of which sessions.
    :ivar content: the store whose content the clone continues; empty where that is the live one's.
    :ivar cloned: the clone was seen to be whole. From then on it is a reviewer's to edit.
    :ivar since_done: what agents wrote since was ``carried``, or ``listed``.
    """

    ancestor_id: str
    input_store_id: str
    noted_at: Moment
    store_id: str | None = None
    through: Moment | None = None
    scope_mark: str = ""
    content: str = ""
    paths: tuple[str, ...] = ()
    late_writes: LateWrites = "carry"
    warnings: tuple[str, ...] = ()
    cloned: bool = False
    since_done: bool = False
    carried: tuple[LateNote, ...] = ()
    listed: tuple[Written, ...] = ()


class Wait(_Note):
    """A wait of the run: when it began, in which life of its task (a person's clear begins another)."""

    began_at: Moment
    cleared: int = 0


class Answer(_Note):
    """
    An answer to the run's question, noted before it is looked at: a try that dies takes nobody's answer with it.

    :ivar digest: of the output as the form showed it; empty where the form came back without one.
    :ivar choices: the checksum of the choices for late writes as its writer saw them; empty: it does not say.
    :ivar ticked: ids of the findings that its writer said to have looked at.
    :ivar looked: whether a person looked at all. :ivar cleared: to which life of the task it was given.
    :ivar taken_for: of one to a fleet's question that was taken: whom it was for, with what each one's answer is
        bound to (``bound_to``). A later try takes it for the same.
    """

    decision: str
    by: str
    at: Moment
    comment: str = ""
    digest: str = ""
    choices: str = ""
    ticked: tuple[str, ...] = ()
    looked: bool = True
    cleared: int = 0
    taken_for: dict[str, str] | None = None


class Refused(_Note):
    """An answer that was not taken, and why: the question stood."""

    decision: str
    by: str
    at: Moment
    digest: str = ""
    why: str

    @classmethod
    def of(cls, answer: Answer, why: Exception) -> Refused:
        """Return what is noted of an answer that was not taken."""
        return cls(decision=answer.decision, by=answer.by, at=answer.at, digest=answer.digest, why=str(why))


class Journal(_Note):
    """
    :ivar dag_id: whose run it is, where that is not the pipeline's own DAG: a restore's.
    :ivar night: the run that began the night: catch-ups and dreams again are part of it, and of its budget.
    :ivar dreams: in the order in which they were asked for, but a second dream of one request; the last is the run's.
    :ivar restore: what it goes back to, where it dreams nothing.
    :ivar asked: the digest of the review that a person was first shown. Airflow's own form goes on showing it.
    :ivar answer: the newest answer, as it came. :ivar refused: those that were not taken.
    :ivar edits: what reviewers had done to the output when it was decided on. :ivar score: the review's.
    :ivar waits: by task id; those for a dream by its id too.
    :ivar adoptions: swaps of earlier runs that this one finished, by run, as their asset's events tell them.
    :ivar told_unchanged: whether people were told that dreams change nothing.
    :ivar late: what became of each late write, at the adoption and the retirement.
    :ivar tasks: what became of this member of a fleet in each task, by task id; it has what the next one is handed.
    :ivar closed: how the run ended; None while its stores are unaccounted for.
    """

    version: Literal[1] = 1
    pipeline: str
    run_id: str
    dag_id: str = ""
    night: str = ""
    launch_cleared: int | None = None
    dreams: tuple[DreamNote, ...] = ()
    restore: RestoreNote | None = None
    asked: str | None = None
    answer: Answer | None = None
    refused: tuple[Refused, ...] = ()
    edits: tuple[Edit, ...] = ()
    score: Score | None = None
    decision: Decided | None = None
    swap: Swap | None = None
    waits: dict[str, Wait] = {}
    adoptions: dict[str, dict[str, Any]] = {}
    told_unchanged: bool = False
    late: tuple[LateNote, ...] = ()
    tasks: dict[str, Outcome] = {}
    closed: str | None = None

    @property
    def dag_run(self) -> tuple[str, str]:
        """Return DAG id and run id of a restore's run, as Airflow knows them."""
        return self.dag_id, self.run_id.removeprefix(RESTORE_KEY)

    @property
    def dream(self) -> DreamNote | None:
        """Return the run's dream: the newest."""
        return self.dreams[-1] if self.dreams else None

    @property
    def swap_decided(self) -> Swap | None:
        """Return the swap, where it was seen to be whole, or the decision as it stands is to adopt."""
        adopts = self.decision is not None and self.decision.decision == ADOPT
        return self.swap if self.swap and (adopts or self.swap.verified_at) else None

    @property
    def missing(self) -> tuple[str, ...]:
        """Return the sessions that were found to be gone."""
        return tuple(sorted({session_id for note in self.dreams for session_id in note.missing}))

    def dream_named(self, dream_id: str) -> DreamNote | None:
        return next((note for note in reversed(self.dreams) if note.dream_id == dream_id), None)

    def spent(self, *, but: str | None = None) -> Spent:
        """Return what the run's dreams used, one of them left out."""
        return Spent.sum((note.tokens, note.usd) for note in self.dreams if note.dream_id not in (None, but))

    @classmethod
    def from_marker(cls, pipeline: str, run_id: str, facts: dict[str, Any], plan: dict[str, Any]) -> Journal:
        """Read what a run noted that began before there was a journal."""
        known = [facts.get(key) for key in ("intent", "dream_id", "output_store_id")]
        if not any(known):
            return cls(pipeline=pipeline, run_id=run_id, night=run_id)
        intent = Intent.from_marker(facts["intent"]) if facts.get("intent") else Intent("", (), "")
        note = DreamNote(
            input_store_id=intent.input_store_id,
            session_ids=intent.session_ids,
            asked=intent.asked,
            seen=intent.seen,
            dream_id=facts.get("dream_id"),
            output_store_id=facts.get("output_store_id"),
        )
        swap = decision = None
        if note.output_store_id and plan.get("digest_before"):
            swap = Swap(
                before=note.input_store_id,
                after=note.output_store_id,
                dream_id=note.dream_id or "",
                reviewed=plan["digest_before"],
                adopted=plan.get("digest_after"),
                by="a person, before the upgrade",
                at=_UNKNOWN,
                verified_at=_UNKNOWN,
            )
            decision = Decided(decision=ADOPT, by=swap.by, at=swap.at, output_store_id=swap.after)
        return cls(
            pipeline=pipeline, run_id=run_id, night=run_id, dreams=(note,), decision=decision, swap=swap
        )
