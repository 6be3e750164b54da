"""
Who may see a review, who may act on it, and which run it is of.

Airflow mounts a plugin's app without a login: every route here depends on one of these. Looking needs read access to
the DAG's runs; acting needs the right to answer its question, as Airflow's own route for answers wants it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import urlsplit

from airflow.api_fastapi.app import get_auth_manager
from airflow.api_fastapi.auth.managers.base_auth_manager import COOKIE_NAME_JWT_TOKEN
from airflow.api_fastapi.auth.managers.models.resource_details import DagAccessEntity, DagDetails
from airflow.api_fastapi.common.db.common import SessionDep
from airflow.api_fastapi.core_api.security import GetUserDep, get_user, requires_access_dag
from airflow.models.dag import DagModel
from airflow.models.dagrun import DagRun
from fastapi import Depends, HTTPException, Query, Request
from sqlalchemy import select

from dreamflow.links import airflow_url
from dreamflow.review.question import Question, foremost, questions_of

__all__ = ["SIGNED_IN", "AirflowRun", "ReadableRun", "WritableRun", "may_act"]

#: The header that a page of another site can't set without asking first, which is refused.
HEADER = "x-dreamflow"
#: What a route depends on that is about no run.
SIGNED_IN = Depends(get_user)


@dataclass(frozen=True)
class AirflowRun:
    """
    What Airflow knows of the run, and of the person who looks at it.

    :ivar conf: what it was triggered with. :ivar state: as Airflow has it, such as ``running``.
    :ivar may_act: whether the person may edit, and answer the question.
    :ivar questions: those of a fleet's shards; ``question`` is the one that is looked at.
    :ivar member: of a fleet the id of the one that is looked at; empty: the run as a whole.
    """

    dag_id: str
    run_id: str
    conf: dict[str, Any]
    state: str
    question: Question
    user: str
    may_act: bool
    questions: tuple[Question, ...] = ()
    member: str = ""


def may_act(user: Any, dag_id: str, question: Question) -> bool:
    """Tell whether Airflow would take this person's answer: the right to answer, and named where somebody is."""
    manager = get_auth_manager()
    allowed = manager.is_authorized_dag(
        method="PUT",
        access_entity=DagAccessEntity.HITL_DETAIL,
        details=DagDetails(id=dag_id, team_name=DagModel.get_team_name(dag_id)),
        user=user,
    )
    named = set(question.assignees)
    return allowed and (not named or manager.is_authorized_hitl_task(assigned_users=named, user=user))


def _run(
    dag_id: str,
    run_id: str,
    user: GetUserDep,
    session: SessionDep,
    _: Annotated[None, Depends(requires_access_dag("GET", DagAccessEntity.RUN))],
    member: Annotated[str, Query(max_length=256)] = "",
) -> AirflowRun:
    """
    Return the run, for who may read it.

    :raises HTTPException: Airflow has no such run of this DAG.
    """
    run = session.scalar(select(DagRun).where(DagRun.dag_id == dag_id, DagRun.run_id == run_id))
    if run is None:
        raise HTTPException(404, "There is no such run of this DAG.")
    questions = questions_of(session, dag_id, run_id)
    question = foremost(questions)
    conf, state = dict(run.conf or {}), str(run.state)
    # A request may take long: it asks the service. Airflow's other pages have fifteen connections with it.
    session.close()
    return AirflowRun(
        dag_id=dag_id,
        run_id=run_id,
        conf=conf,
        state=state,
        question=question,
        user=user.get_name(),
        may_act=may_act(user, dag_id, question),
        questions=questions,
        member=member,
    )


ReadableRun = Annotated[AirflowRun, Depends(_run)]


def _from_here(request: Request) -> None:
    """
    Refuse what another site's page sent with the reader's cookie.

    A browser lets such a page send a form, or plain text, without asking; it asks before this header and JSON, and is
    told no. Where the browser says who asks, that must be a page of ours too.

    :raises HTTPException: the request is not the page's own.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if request.headers.get(HEADER) != "1" or kind != "application/json":
        raise HTTPException(403, "Send JSON, with the header X-Dreamflow: 1.")
    if COOKIE_NAME_JWT_TOKEN not in request.cookies:
        return
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    if site == "same-origin":
        return  # a browser says so, and no page can
    # Behind a proxy the host that a browser knows is another: [api] base_url has it.
    own = {request.url.netloc, urlsplit(airflow_url()).netloc} - {""}
    if site or (origin and urlsplit(origin).netloc not in own):
        raise HTTPException(403, "This request came from another site's page.")


def _writable(
    run: ReadableRun,
    _: Annotated[None, Depends(requires_access_dag("PUT", DagAccessEntity.HITL_DETAIL))],
    __: Annotated[None, Depends(_from_here)],
) -> AirflowRun:
    """
    Return the run, for who may act on it.

    :raises HTTPException: the question names others.
    """
    if not run.may_act:
        raise HTTPException(403, "The question names others to answer it.")
    return run


WritableRun = Annotated[AirflowRun, Depends(_writable)]
