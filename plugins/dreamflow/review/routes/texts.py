"""Texts that a reviewer looks at before choosing one: a late write's, a version's, and the one in an edit box."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, HTTPException, Query, Request
from fastapi.responses import HTMLResponse
from markupsafe import escape

from dreamflow.core.memory_paths import mistake_in
from dreamflow.errors import EditRefused
from dreamflow.review.access import ReadableRun
from dreamflow.review.compared import compared
from dreamflow.review.desk import Desk, desk_of
from dreamflow.review.edit_box import boxed, is_windows
from dreamflow.review.pages import links_of, rendered
from dreamflow.review.tree import outline_of
from dreamflow.steps.bodies import BODIES
from dreamflow.steps.history import came_of, read_version
from dreamflow.steps.late_texts import late_texts

__all__ = ["router"]

router = APIRouter(prefix="/review/{dag_id}/{run_id}", default_response_class=HTMLResponse)

Path = Annotated[str, Query(max_length=4096)]
Id = Annotated[str, Query(max_length=200)]
Page = Annotated[int, Query(ge=1, le=100_000)]


@router.get("/box")
def edit_box(run: ReadableRun, path: Path) -> HTMLResponse:
    """Return a box with what the output's memory holds, to be edited."""
    desk = desk_of(run)
    with desk.telling():
        review = desk.reviewed()
        held = desk.editable(path)
        text = BODIES.read(desk.world.hook, review.output.id, {path: held})[path]
        if text is None:
            raise HTTPException(404, "The output has no memory of that path that could be edited.")
        # As it is: every character that is not seen has its placeholder.
        shown = escape(boxed(text, held.version_id))
        ends = "crlf" if is_windows(text) else "lf"
        box = rendered("box.html", text=shown, sha256=held.sha256, version=held.version_id, ends=ends)
        return HTMLResponse(box)


@router.get("/version")
def version(
    request: Request, run: ReadableRun, path: Path, store: Id, version: Id, page: Page = 1
) -> HTMLResponse:
    """Return what a version of a memory holds, against what stands there now."""
    desk = desk_of(run)
    with desk.telling():
        desk.reviewed()
        if mistake_in(path) or not came_of(desk.world, desk.run, store):
            raise HTTPException(404, "Neither this run's memory nor one that it came of has that version.")
        text = read_version(desk.world, store, path, version)
        if text is None:
            raise HTTPException(
                404, "That version has no content: it is a deletion, was redacted, or is gone."
            )
        now = desk.held_text(path)
        one = compared("version", path, "" if now is None else now, text, page)
        again = {"path": path, "store": store, "version": version}
        context = {"shown": [one], "is_there": now is not None}
        return _text("version_text.html", request, desk, "version", again, context)


@router.get("/late/text")
def late(
    request: Request,
    run: ReadableRun,
    path: Path,
    sha256: Annotated[str, Query(pattern="^([0-9a-f]{64})?$")] = "",
    page: Page = 1,
) -> HTMLResponse:
    """Return what a late write's writer made of a memory, what the dream did, and what would stand there."""
    desk = desk_of(run)
    with desk.telling():
        desk.reviewed()
        if not desk.is_open:
            raise HTTPException(404, "Late writes are shown while the question about them is open.")
        try:
            found = late_texts(desk.world, desk.run, path, sha256 or None)
        except EditRefused as e:
            raise HTTPException(404, str(e)) from e
        shown = [compared(turn.whose, turn.path, turn.before, turn.after, page) for turn in found.turns]
        again = {"path": path, "sha256": sha256}
        return _text("late_text.html", request, desk, "late/text", again, {"found": found, "shown": shown})


def _text(
    name: str, request: Request, desk: Desk, route: str, again: Mapping[str, str], context: Mapping[str, Any]
) -> HTMLResponse:
    """:param again: what this was asked for by: another part of it is asked for by the same."""
    links = links_of(request, desk.airflow)
    query = urlencode(again, errors="replace")
    return HTMLResponse(
        rendered(
            name,
            again=f"{links.page}/{route}?{links.own}{query}",
            outline=outline_of(desk.reviewed()),
            links=links,
            view="unified",
            **context,
        )
    )
