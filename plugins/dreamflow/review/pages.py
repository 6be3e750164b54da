"""What the templates print: values of the review, and one page of its changes with their texts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import quote

from fastapi import Request
from jinja2 import Environment

from dreamflow.config import INSTRUCTIONS_LIMIT
from dreamflow.core.fleet_review import MemberRow
from dreamflow.core.late_notes import LateNote
from dreamflow.core.review import Change, Review
from dreamflow.records.journal import Answer
from dreamflow.rendering.environment import environment
from dreamflow.rendering.filters import marked
from dreamflow.rendering.lines import fate_in_words
from dreamflow.review.access import AirflowRun
from dreamflow.review.desk import Desk, place_of
from dreamflow.review.proof import marks_of
from dreamflow.review.rows import DiffPage, View, diff_page
from dreamflow.review.tree import Item, Outline, outline_of
from dreamflow.review.where import FOUND_NOTHING, whereabouts_of
from dreamflow.review.words import fates_in_words, findings_in_groups, words_of
from dreamflow.steps.fleet_rows import Standing
from dreamflow.tasks import APPROVE

__all__ = [
    "LATE_ROWS",
    "Links",
    "ShownMemory",
    "changes_context",
    "links_of",
    "memory_context",
    "page_context",
    "rendered",
    "shown_memories",
    "ticks_context",
]


#: Late writes on one page of them.
LATE_ROWS = 200


@dataclass(frozen=True)
class Links:
    """
    Addresses, each encoded.

    :ivar page: of this page. :ivar api: of the review as JSON. :ivar task: of the question's task, in Airflow.
    :ivar console: where dreams and sessions are looked at.
    :ivar own: what a query begins with, of a fleet's member: which one.
    """

    page: str
    api: str
    static: str
    task: str
    console: str
    own: str = ""

    @property
    def answer(self) -> str:
        """Return the address of Airflow's own route for answers."""
        return self.answer_to(-1)

    def answer_to(self, map_index: int) -> str:
        return f"{self.task}/{map_index}/hitlDetails"


@dataclass(frozen=True)
class ShownMemory:
    """
    :ivar problem: why its text can't be shown.
    :ivar is_looked_through: whether the lines that went were looked for in all other memories.
    """

    item: Item
    diff: DiffPage
    fates: str
    problem: str = ""
    is_looked_through: bool = True


@dataclass(frozen=True)
class MemberContext:
    """
    :ivar before: the member with findings to look at that comes before this one in the list. :ivar after: after it.
    :ivar answer: what was chosen for it, and may be taken back.
    """

    row: MemberRow
    standing: Standing
    before: MemberRow | None
    after: MemberRow | None
    answer: Answer | None


@cache
def templates() -> Environment:
    made = environment("dreamflow.review")
    made.filters["marked"] = marked
    made.filters["fate_in_words"] = fate_in_words
    made.filters["choices_first"] = _choices_first
    made.globals["late_page"] = LATE_ROWS
    return made


def _choices_first(late: Sequence[LateNote]) -> Sequence[LateNote]:
    """Return late writes as they are paged: where they are many, those that leave a choice, or had one, come first."""
    return (
        late if len(late) <= LATE_ROWS else sorted(late, key=lambda note: not (note.late_path or note.choice))
    )


def rendered(name: str, **context: Any) -> str:
    return templates().get_template(name).render(**context)


def links_of(request: Request, run: AirflowRun, console: str = "") -> Links:
    """Return the addresses of a run's page, wherever Airflow is served."""
    root = str(request.scope.get("root_path", "")).rstrip("/")
    airflow = root.rpartition("/")[0]
    dag_id, run_id = quote(run.dag_id, safe=""), quote(run.run_id, safe="")
    return Links(
        page=f"{root}/review/{dag_id}/{run_id}",
        api=f"{root}/api/reviews/{dag_id}/{run_id}",
        static=f"{root}/static",
        task=f"{airflow}/api/v2/dags/{dag_id}/dagRuns/{run_id}/taskInstances/{APPROVE}",
        console=console,
        own=f"member={quote(run.member, safe='')}&" if run.member else "",
    )


def page_context(request: Request, desk: Desk, page: int, view: View) -> dict[str, Any]:
    """Return what the whole page is printed from."""
    # Before it is looked at what was chosen: what is chosen in between is noticed.
    choices, review, run = desk.run.marks().choices, desk.review, desk.airflow
    links = links_of(request, run, desk.world.hook.console_url)
    known = {
        "member": _member_of(desk),
        "run": run,
        "question": run.question,
        "status": desk.status,
        "review": review,
        "choices": choices,
        "links": links,
        "static": links.static,
        "view": view,
    }
    if review is None:
        return known
    refused = desk.run.journal().refused
    desk.list_anew()
    return {
        **known,
        **changes_context(desk, review, links, page, view),
        "words": words_of(review, run, _chosen(desk)),
        "groups": findings_in_groups(review),
        "decided": review.decision is not None,
        "is_open": desk.is_open,
        **ticks_context(desk, review),
        "refused": refused[-1] if refused else None,
        "comment_limit": INSTRUCTIONS_LIMIT,
    }


def _member_of(desk: Desk) -> MemberContext | None:
    """Return what is told of a fleet's member, beside its review; None where it is no fleet's."""
    if desk.members is None or desk.standing is None:
        return None
    row = desk.members.row_of(desk.airflow.member)
    assert row is not None
    before, after = desk.members.beside(row)
    return MemberContext(row, desk.standing, before, after, _chosen(desk))


def _chosen(desk: Desk) -> Answer | None:
    """Return what was chosen for a fleet's member by itself, and may be taken back."""
    return desk.run.own_answer(desk.airflow.question.cleared).answer if desk.status == "chosen" else None


def ticks_context(desk: Desk, review: Review) -> dict[str, Any]:
    """Return what findings are printed from: whether their ticks are given, and which."""
    given = review.decision or _chosen(desk)
    return {"settled": given is not None, "ticked": given.ticked if given else ()}


def changes_context(desk: Desk, review: Review, links: Links, page: int, view: View) -> dict[str, Any]:
    """Return what one page of changes is printed from."""
    outline = outline_of(review)
    page = min(max(page, 1), outline.pages)
    return {
        "outline": outline,
        "page": page,
        "view": view,
        "links": links,
        "memories": shown_memories(desk, outline.page(page), view),
        "editable": desk.is_open and desk.airflow.may_act,
    }


def memory_context(
    desk: Desk,
    links: Links,
    item: Item,
    outline: Outline,
    view: View,
    part: int = 1,
    at: tuple[str, int] | None = None,
) -> dict[str, Any]:
    """Return what one memory is printed from."""
    (memory,) = shown_memories(desk, [item], view, part, at)
    return {
        "outline": outline,
        "view": view,
        "links": links,
        "memory": memory,
        "editable": desk.is_open and desk.airflow.may_act,
    }


def shown_memories(
    desk: Desk, items: Sequence[Item], view: View, part: int = 1, at: tuple[str, int] | None = None
) -> list[ShownMemory]:
    """Return the changes with one page of each one's diff."""
    review = desk.review
    assert review is not None
    texts = desk.texts([item.change for item in items])
    where = whereabouts_of(desk, [item.change for item in items], texts)
    shown = []
    for item in items:
        before, after = texts[place_of(item.change)]
        found = where.get(place_of(item.change), FOUND_NOTHING)
        diff = diff_page(
            before or "",
            after or "",
            view=view,
            page=part,
            at=at,
            marks=marks_of(review, item.change),
            fates=found.fates,
        )
        problem = _problem(item.change, before, after)
        words = fates_in_words(item.change)
        shown.append(ShownMemory(item, diff, words, problem, found.is_looked_through))
    return shown


def _problem(change: Change, before: str | None, after: str | None) -> str:
    """Say what of a memory's text is not to be read any more."""
    sides = [side for side, text in (("input", before), ("output", after)) if text is None]
    if not sides:
        return ""
    return f"The text of the {' and the '.join(sides)} was redacted: what it said can't be shown any more."
