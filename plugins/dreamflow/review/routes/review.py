"""The review as JSON, its state, and what a reviewer does to the output."""

from __future__ import annotations

import json
from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Query, Request, Response
from fastapi.responses import HTMLResponse, JSONResponse

from dreamflow.core.late_notes import NO_CHOICES
from dreamflow.core.secrets.masking import mask
from dreamflow.errors import EditRefused, MendConflict
from dreamflow.review.access import ReadableRun, WritableRun
from dreamflow.review.deciding import MemberAnswer, decide_member, take_back
from dreamflow.review.desk import Desk, desk_of, members_of
from dreamflow.review.edit_box import boxed, unboxed
from dreamflow.review.fleet import listed, state_of
from dreamflow.review.pages import links_of, rendered
from dreamflow.review.proof import prove
from dreamflow.review.sent import Sent
from dreamflow.review.tree import outline_of
from dreamflow.steps.choosing import LateChoiceRequest, choose_late
from dreamflow.steps.fleet_rows import Standing
from dreamflow.steps.mend import MendRequest, mend

__all__ = ["router"]

router = APIRouter(prefix="/api/reviews/{dag_id}/{run_id}")

#: Keys of a review below which paths stand, which it has whole, sentences that name them, and quotes, which an earlier
#: release may have masked: by what it knew of secrets.
_MASKED_ANEW = frozenset(
    {"path", "origins", "into", "paths", "late_path", "left_behind", "quote", "why", "late_warning"}
)


@router.get("")
def whole(run: ReadableRun) -> Response:
    """Return review.json as of now; of a fleet's run the list of its members."""
    if members := members_of(run):
        return JSONResponse(listed(members))
    desk = desk_of(run)
    with desk.telling():
        if desk.review is None:
            raise HTTPException(404, "This run has no review yet.")
        told = _without_secrets(desk.review.model_dump(mode="json"))
        return Response(json.dumps(told, indent=1), media_type="application/json")


def _without_secrets(part: Any, key: str = "") -> Any:
    """Return a part of a review, as JSON has it, with its paths and quotes as the page shows them."""
    if isinstance(part, dict):
        return {name: _without_secrets(value, name) for name, value in part.items()}
    if isinstance(part, list):
        return [_without_secrets(value, key) for value in part]
    return mask(part) if key in _MASKED_ANEW and isinstance(part, str) else part


@router.get("/state")
def state(run: ReadableRun) -> dict[str, Any]:
    """Return what the page asks for every few seconds."""
    if members := members_of(run):
        return state_of(members)
    desk = desk_of(run)
    with desk.telling():
        return _state(desk)


@router.get("/state.svg")
def picture(run: ReadableRun) -> Response:
    """Return the same as a small picture, for the question in Airflow: its text stays as it was first asked."""
    if members := members_of(run):
        return _picture(f"{state_of(members)['waiting']:,} of {len(members.rows):,} to decide on", "dim")
    desk = desk_of(run)
    with desk.telling():
        known, asked = desk.known, desk.run.journal().asked
        if known is None or not desk.is_open:
            words, tone = "This question is not open", "dim"
        elif desk.digest() == asked:
            words, tone = "Up to date", "good"
        else:
            words, tone = "Out of date: open the Review tab", "bad"
        return _picture(words, tone)


def _picture(words: str, tone: str) -> Response:
    return Response(rendered("state.svg", words=words, tone=tone), media_type="image/svg+xml")


@router.get("/evidence")
def evidence(
    request: Request,
    run: ReadableRun,
    path: Annotated[str, Query(max_length=4096)],
    line: Annotated[int, Query(ge=1, le=1_000_000)],
    start: Annotated[int, Query(ge=0, le=1_000_000)],
) -> Response:
    """Return where a specific of the output's memory was said, as a fragment of the page."""
    desk = desk_of(run)
    with desk.telling():
        review = desk.review
        outline = outline_of(review) if review else None
        item = outline.of(path, "after") if outline else None
        if review is None or item is None or item.change.after is None:
            raise HTTPException(404, "This run changed no memory of that path.")
        text = desk.whole(item.change.path, "after")
        proof = prove(desk, review, item.change, text or "", line, start)
        if proof is None:
            raise HTTPException(404, "Nothing specific stands there.")
        links = links_of(request, run, desk.world.hook.console_url)
        context = {"proof": proof, "links": links, "outline": outline, "view": "unified"}
        return HTMLResponse(rendered("proof.html", **context))


@router.post("/edits")
def edit(run: WritableRun, sent: Sent) -> JSONResponse:
    """
    Do one edit, and return the review's state after it; or, where the memory is another by now, both texts.

    ``was`` is the output's digest just before: a page that shows another one has not shown what others edited.
    """
    desk = desk_of(run)
    _check_open(desk)
    with desk.telling():
        if desk.known is None:
            desk.made_anew()  # it was lost: what a change came of is in it
        asked = _asked(desk, sent)
        was = desk.digest(at_once=True)
        try:
            mend(desk.world, desk.run, asked, by=run.user)
        except MendConflict as e:
            held = None if e.held_text is None else boxed(e.held_text, str(e.held_sha256))
            return JSONResponse({"detail": mask(str(e)), "held": held, "held_sha256": e.held_sha256}, 409)
        review = desk.made_anew()
        now = _state(desk_of(run))
        return JSONResponse({**now, "digest": review.digest, "was": was})


@router.post("/late")
def choose(run: WritableRun, sent: Sent) -> dict[str, Any]:
    """
    Note what becomes of a late write that can't be merged, and return it, with the checksum of all choices.

    ``was`` is that just before: a page that shows another one has not shown what others chose.
    """
    desk = desk_of(run)
    _check_open(desk)
    try:
        asked = LateChoiceRequest.model_validate(sent)
    except ValueError as e:
        raise HTTPException(422, "This is no choice: see LateChoiceRequest.") from e
    with desk.telling():
        was = desk.run.marks().choices
        note = choose_late(desk.world, desk.run, asked, by=run.user)
        desk.list_anew()
        return {**note.model_dump(mode="json"), "choices": desk.run.marks().choices, "was": was}


@router.post("/answer")
def answer(run: WritableRun, sent: Sent) -> dict[str, Any]:
    """Decide on one member of a fleet, or take that back, and return the state of its review after it."""
    desk = desk_of(run)
    if desk.members is None:
        raise HTTPException(409, "This question is answered in Airflow: it is about one memory.")
    try:
        asked = MemberAnswer.model_validate(sent)
    except ValueError as e:
        raise HTTPException(422, "This is no answer: see MemberAnswer.") from e
    with desk.telling():
        if asked.decision is None:
            take_back(desk)
        else:
            decide_member(desk, asked)
        return _state(desk_of(run))


def _check_open(desk: Desk) -> None:
    if not desk.is_open:
        raise HTTPException(409, "The question is answered, or not asked yet: nothing can be changed now.")


def _asked(desk: Desk, sent: dict[str, Any]) -> MendRequest:
    """
    Read what is asked for. What a box holds has placeholders: they stand for what the box was filled with.

    :raises HTTPException: it can't be read, or would show a secret.
    """
    shown, ends = str(sent.pop("shown_version", "") or ""), sent.pop("shown_ends", None)
    try:
        asked = MendRequest.model_validate(sent)
    except ValueError as e:
        raise HTTPException(422, "This is no edit: see MendRequest.") from e
    if asked.action != "write" or asked.content is None:
        return asked
    original = _shown_text(desk, shown, asked.content) or ("\r\n" if ends == "crlf" else "")
    try:
        return asked.model_copy(update={"content": unboxed(asked.content, original, shown)})
    except EditRefused as e:
        raise HTTPException(422, str(e)) from e


def _shown_text(desk: Desk, version: str, edited: str) -> str:
    """
    Return the text that an edit box was filled with: of that version, though its memory may be gone; none: of none.

    :param edited: what the box holds now: without placeholders it stands for itself, whatever it began from.
    """
    review = desk.review
    if review is None or not version:
        return ""
    read = desk.world.hook.read_history(review.output.id, f"version {version}", [version], 1)
    if version not in read and "⟦" in edited:
        raise HTTPException(
            409,
            "What this edit began from is not there any more, so what ⟦…⟧ stands for is not known: write it without.",
        )
    return read.get(version, "")


def _state(desk: Desk) -> dict[str, Any]:
    known, question = desk.known, desk.airflow.question
    if known is None:
        return {"digest": "", "verdict": "", "edits": 0, "choices": NO_CHOICES, "question": desk.status}
    standing = desk.standing or Standing("waiting")
    journal, marks = desk.run.journal(), desk.run.marks()
    decided, refused = journal.decision, journal.refused[-1] if journal.refused else None
    return {
        "digest": desk.digest() if desk.is_open else known.digest,
        "verdict": known.verdict,
        "edits": marks.edits,
        "choices": marks.choices,
        "question": desk.status,
        "decision": decided.decision if decided else standing.decision or question.answer,
        "by": decided.by if decided else standing.by or question.by,
        "decided": decided is not None,
        "refused": {"why": refused.why, "by": refused.by, "at": refused.at.isoformat()} if refused else None,
    }
