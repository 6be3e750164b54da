"""The page, and the fragments of it that are asked for later."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, HTTPException, Query, Request
from fastapi.responses import HTMLResponse

from dreamflow.core.review import Severity, Side
from dreamflow.review.access import ReadableRun
from dreamflow.review.desk import Desk, desk_of, members_of
from dreamflow.review.fleet import fleet_context
from dreamflow.review.pages import (
    LATE_ROWS,
    changes_context,
    links_of,
    memory_context,
    page_context,
    rendered,
    ticks_context,
)
from dreamflow.review.rows import Gap, View, gap_rows
from dreamflow.review.tree import Item, Outline, outline_of
from dreamflow.review.words import findings_in_groups
from dreamflow.steps.carry import forecast
from dreamflow.steps.history import history

__all__ = ["router"]

router = APIRouter(prefix="/review/{dag_id}/{run_id}", default_response_class=HTMLResponse)

Path = Annotated[str, Query(max_length=4096)]
Page = Annotated[int, Query(ge=1, le=100_000)]
Line = Annotated[int, Query(ge=1, le=1_000_000)]


def _html(name: str, **context: object) -> HTMLResponse:
    return HTMLResponse(rendered(name, **context))


def _item(desk: Desk, path: str, side: Side) -> tuple[Item, Outline]:
    outline = outline_of(desk.reviewed())
    item = outline.of(path, side)
    if item is None:
        raise HTTPException(404, "This run changed no memory of that path.")
    return item, outline


@router.get("")
def whole_page(
    request: Request,
    run: ReadableRun,
    page: Page = 1,
    view: View | None = None,
    state: Annotated[str, Query(max_length=16)] = "",
    text: Annotated[str, Query(max_length=256)] = "",
) -> HTMLResponse:
    """Return the page, with one page of its changes; of a fleet's run with one page of its members."""
    if members := members_of(run):
        return _html("fleet.html", **fleet_context(request, members, members.select(state, text, page)))
    desk = desk_of(run)
    seen: View = view or ("split" if request.cookies.get("dreamflow_view") == "split" else "unified")
    with desk.telling():
        return _html("page.html", **page_context(request, desk, page, seen))


@router.get("/changes")
def changes(request: Request, run: ReadableRun, page: Page = 1, view: View = "unified") -> HTMLResponse:
    """Return one page of the changes."""
    desk = desk_of(run)
    with desk.telling():
        review = desk.reviewed()
        links = links_of(request, run, desk.world.hook.console_url)
        return _html("changes.html", **changes_context(desk, review, links, page, view))


@router.get("/memory")
def memory(
    request: Request,
    run: ReadableRun,
    path: Path,
    side: Side = "after",
    view: View = "unified",
    page: Page = 1,
    line: Line | None = None,
) -> HTMLResponse:
    """Return one memory's diff; or, of one that did not change, its text."""
    desk = desk_of(run)
    with desk.telling():
        review = desk.reviewed()
        outline = outline_of(review)
        links = links_of(request, run, desk.world.hook.console_url)
        item = outline.of(path, side)
        if item is None:
            text = desk.whole(path, side)
            held = desk.base[path]  # it is the same on both sides
            editable = desk.is_open and run.may_act
            return _html("whole.html", path=path, text=text, held=held, editable=editable)
        at = (side, line) if line else None
        return _html("memory.html", **memory_context(desk, links, item, outline, view, page, at))


@router.get("/findings")
def findings(
    request: Request,
    run: ReadableRun,
    check: Annotated[str, Query(max_length=64)],
    severity: Severity,
    view: View = "unified",
) -> HTMLResponse:
    """Return all findings of one check, where the page shows the first of them."""
    desk = desk_of(run)
    with desk.telling():
        review = desk.reviewed()
        groups = (group for group in findings_in_groups(review, None) if group.severity == severity)
        found = next((rows for group in groups for rows in group.checks if rows.name == check), None)
        if found is None:
            raise HTTPException(404, "That check found nothing.")
        return _html(
            "findings_fragment.html",
            check=found,
            review=review,
            outline=outline_of(review),
            **ticks_context(desk, review),
            links=links_of(request, run, desk.world.hook.console_url),
            view=view,
        )


@router.get("/lines")
def lines(
    request: Request,
    run: ReadableRun,
    path: Path,
    before: Line,
    after: Line,
    count: Line,
    view: View = "unified",
) -> HTMLResponse:
    """Return unchanged lines that were folded, as rows."""
    desk = desk_of(run)
    with desk.telling():
        item, outline = _item(desk, path, "after")
        ((old, new),) = desk.texts([item.change]).values()
        rows, rest = gap_rows(old or "", new or "", Gap(before, after, count))
        links = links_of(request, run)
        return _html(
            "lines.html", rows=rows, rest=rest, key=item.key, view=view, links=links, outline=outline
        )


@router.get("/history")
def past(request: Request, run: ReadableRun, path: Path) -> HTMLResponse:
    """Return a memory's versions, in the output and in the stores that it came of."""
    desk = desk_of(run)
    with desk.telling():
        review = desk.reviewed()
        rows = history(desk.world, desk.run, path)
        if not rows and outline_of(review).of(path) is None:
            raise HTTPException(404, "Neither this run's memory nor one that it came of ever had that path.")
        names = {review.output.id: "the new memory", review.input.id: "the old memory"}
        editable = desk.is_open and run.may_act
        links = links_of(request, run, desk.world.hook.console_url)
        return _html("history.html", rows=rows, names=names, editable=editable, links=links, path=path)


@router.get("/late")
def late(request: Request, run: ReadableRun, page: Page = 1) -> HTMLResponse:
    """Return one page of the late writes as of now."""
    desk = desk_of(run)
    with desk.telling():
        # Before they are looked at: what is chosen in between is noticed.
        choices, review = desk.run.marks().choices, desk.reviewed()
        links = links_of(request, run)
        notes, warning = review.late, review.late_warning
        if desk.is_open:
            store = desk.world.hook.retrieve_store(review.input.id)
            notes, warning = forecast(desk.world, desk.run, store, review.output.id)
        return _html(
            "late_fragment.html",
            late=notes,
            warning=warning,
            choices=choices,
            page=min(page, max(1, -(-len(notes) // LATE_ROWS))),
            links=links,
            outline=outline_of(review),
            editable=desk.is_open and run.may_act,
            is_open=desk.is_open,
        )
