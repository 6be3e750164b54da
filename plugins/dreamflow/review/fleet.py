"""What a fleet's page prints: its members in a list, and the answer for those that nobody has decided on."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from fastapi import Request

from dreamflow.config import INSTRUCTIONS_LIMIT
from dreamflow.core.fleet_review import MemberRow, MemberState, to_tick, undecided, undecided_digest
from dreamflow.records.journal import Refused
from dreamflow.review.members import Members, Selection
from dreamflow.review.pages import Links, links_of
from dreamflow.review.question import Question
from dreamflow.review.words import CHOSEN, gone

__all__ = ["fleet_context", "listed", "state_of"]

#: What is said of a member in each state, and of how many are in it.
STATES: dict[MemberState, str] = {
    "waiting": "to decide on",
    "chosen": "decided here",
    "failed": "failed",
    "left_out": "left out",
    "again": "dreamed again",
    "rejected": "rejected",
    "adopted": "adopted",
}
_DONE = {"Adopt": "adopted", "Reject": "rejected", "Dream again": "dreamed again"}


@dataclass(frozen=True)
class Rest:
    """
    Those that nobody has decided on.

    :ivar count: how many they are. :ivar blocked: of those, how many can't be adopted as they are.
    :ivar questions: as JSON, for each question that waits: where its answer goes, and which digest it is for; what has
        to be ticked first, each with the digest that the tick is for.
    :ivar done: in words, what becomes of all where nothing is left to decide.
    """

    count: int
    verdict: str
    grave: str
    blocked: int
    flagged: int
    questions: str
    done: str


def fleet_context(request: Request, members: Members, selection: Selection) -> dict[str, Any]:
    """Return what the page is printed from."""
    run, links = members.airflow, links_of(request, members.airflow)
    return {
        "run": run,
        "question": run.question,
        "pipeline": members.world.pipeline.name,
        "links": links,
        "static": links.static,
        "total": len(members.rows),
        "counts": [(state, STATES[state], count) for state, count in members.counts.items()],
        "selection": selection,
        "rest": _rest(members, links),
        "digest": undecided_digest(members.rows),
        "answered": [one for one in run.questions if one.status == "answered"],
        "state_words": _state_words,
        "tick": _tick,
        "refused": _refused(members),
        "comment_limit": INSTRUCTIONS_LIMIT,
        "gone": gone(run),
    }


def state_of(members: Members) -> dict[str, Any]:
    """Return what the page asks for every few seconds."""
    question, refused = members.airflow.question, _refused(members)
    return {
        "digest": undecided_digest(members.rows),
        "question": question.status,
        "waiting": members.counts.get("waiting", 0),
        "counts": members.counts,
        "decision": question.answer,
        "by": question.by,
        "refused": {"why": refused.why, "by": refused.by, "at": refused.at.isoformat()} if refused else None,
    }


def listed(members: Members) -> dict[str, Any]:
    """Return the list of members as JSON."""
    rows = [row.model_dump(mode="json") for row in members.rows]
    run = members.airflow
    return {
        "version": 1,
        "pipeline": members.world.pipeline.name,
        "dag_id": run.dag_id,
        "run_id": run.run_id,
        "digest": undecided_digest(members.rows),
        "members": rows,
    }


def _refused(members: Members) -> Refused | None:
    """Return the newest answer that was not taken, to whichever shard's question."""
    journals = [members.run.of_shard(shard).journal() for shard in members.by_shard]
    refused = [journal.refused[-1] for journal in journals if journal.refused]
    return max(refused, key=lambda one: one.at, default=None)


def _rest(members: Members, links: Links) -> Rest:
    rest = undecided(members.rows)
    counts = {name: sum(row.verdict == name for row in rest) for name in ("blocked", "flagged", "clean")}
    return Rest(
        count=len(rest),
        verdict=next((name for name, count in counts.items() if count), "clean"),
        grave=", ".join(f"{count:,} {name}" for name, count in counts.items() if count),
        blocked=sum(row.blocks > 0 for row in rest),
        flagged=len(to_tick(rest)),
        questions=json.dumps([_asked(members, links, one) for one in members.waiting]),
        done=_done(members.rows),
    )


def _asked(members: Members, links: Links, question: Question) -> dict[str, Any]:
    rows = members.by_shard.get(question.shard, [])
    return {
        "answer": links.answer_to(question.map_index),
        "digest": undecided_digest(rows),
        "ticks": [_tick(row) for row in to_tick(rows)],
    }


def _tick(row: MemberRow) -> str:
    """Return what a tick is kept under: it is for the member's output as it was shown, and for no other."""
    return f"{row.id} {row.digest[:16]}"


def _done(rows: list[MemberRow]) -> str:
    decided = [row.decision for row in rows if row.decision]
    counts = ((words, decided.count(decision)) for decision, words in _DONE.items())
    return ", ".join(f"{count:,} {words}" for words, count in counts if count) or "nothing to decide"


def _state_words(row: MemberRow) -> str:
    """Say in what state a member is."""
    if row.state == "chosen":
        return f"{CHOSEN.get(row.decision, row.decision)}, chosen by {row.by}"
    by = f" by {row.by}" if row.by and row.state in ("adopted", "rejected", "again") else ""
    return f"{STATES[row.state]}{by}"
