"""Telling people: that a review waits for them, that a run failed, and that dreams change nothing."""

from __future__ import annotations

import logging
from collections import Counter
from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseNotifier
from airflow.sdk.log import redact  # type: ignore[attr-defined]

from dreamflow.core.report import counts_line, tab_url
from dreamflow.core.secrets.masking import mask
from dreamflow.core.visible import visible
from dreamflow.errors import ConfigError, SwapNotBegun
from dreamflow.params import pipeline_named

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from airflow.sdk import Context

    from dreamflow.config import Pipeline
    from dreamflow.core.review import Review

__all__ = ["ApprovalNotice", "FailureNotice", "UnchangedNotice", "send"]

log = logging.getLogger(__name__)

#: Characters of an error that a message holds.
_ERROR_LIMIT = 600
#: Members that a message names.
_NAMED = 20
#: Signs of which a chat or a mail client makes a link, a picture, or a call to everybody, and what looks like them:
#: an error may quote a path, a deployment may be called so, and services escape them each in its own way, or not.
_INERT = str.maketrans("<>&@[]`", "＜＞＆＠［］｀")  # noqa: RUF001
#: The reason where no try of the task could say one: Airflow runs the notice in the DAG processor then.
_LOST = (
    "Airflow failed it without an error of the task's own: its worker or the broker was lost, or no worker took it in "
    "time. The scheduler's log says which."
)


def send(receivers: Sequence[str], title: str, body: str) -> list[str]:
    """
    Send a message to each receiver, and return what went wrong, without a receiver's secrets.

    A message that can't be sent is logged and never fails a task.

    :param receivers: Apprise URLs, or ids of Airflow connections of type ``apprise``.
    """
    failed: list[str] = []
    for position, receiver in enumerate(receivers):
        name = f"notify.{position}"
        try:
            if not _apprise_of(receiver).notify(title=title, body=body):
                failed.append(f"{name}: the service did not take the message")
        except Exception as e:
            # An Apprise URL holds its token; an exception may quote it.
            failed.append(f"{name}: {type(e).__name__}")
    for failure in failed:
        log.warning("a notification was not sent: %s", failure)
    return failed


def _apprise_of(receiver: str) -> Any:
    import apprise  # noqa: PLC0415 - most runs send nothing, and it is not small

    sender = apprise.Apprise()
    if "://" in receiver:
        if not sender.add(receiver):
            raise ValueError("not an Apprise URL")
        return sender
    from airflow.providers.apprise.hooks.apprise import AppriseHook  # noqa: PLC0415 - it imports apprise

    hook = AppriseHook(receiver)
    hook.set_config_from_conn(hook.get_connection(receiver), sender)
    return sender


class _Notice(BaseNotifier):
    """:param pipeline: whose people are told. None: the pipeline's that the run's Param ``pipeline`` names."""

    def __init__(self, pipeline: Pipeline | None = None) -> None:
        super().__init__()
        self._pipeline = pipeline

    def pipeline_of(self, context: Context) -> Pipeline | None:
        try:
            return self._pipeline or pipeline_named(context["params"])
        except (ConfigError, KeyError) as e:
            log.warning("nobody was told: whose pipeline it is can't be read: %s", e)
            return None

    def __repr__(self) -> str:
        # Airflow keeps str() of what a DAG is built with: the same in every process.
        return f"{type(self).__name__}({self._pipeline or ''})"


class ApprovalNotice(_Notice):
    """
    Say that a review waits, with a link to it. What a deployment is called is hostile text, and inert in it.

    :param what: what is reviewed. :param review: the review, once it is known.
    :param airflow: where Airflow is served; empty: its configuration does not say, and the message has no link.
    :param told: what is said of a fleet instead of the review, a line each. :param url: where it is reviewed.
    """

    def __init__(
        self,
        pipeline: Pipeline,
        what: str = "a dream",
        review: Review | None = None,
        airflow: str = "",
        *,
        told: Sequence[str] = (),
        url: str = "",
    ) -> None:
        super().__init__(pipeline)
        self.what = what
        self._told = tuple(told) or tuple(_told(review) if review else ())
        self._url = url or (tab_url(review, airflow) if review and airflow else "")

    def notify(self, context: Context) -> None:
        pipeline = self.pipeline_of(context)
        if pipeline and pipeline.notify:
            lines = [
                *map(_told_outside, self._told),
                self._url or "Open the run in Airflow: its tab Review.",
                f"No answer within {pipeline.approval.timeout} counts as Reject.",
            ]
            title = f"{context['ti'].dag_id}: {_told_outside(self.what)} waits for your review"
            send(pipeline.notify, title, "\n".join(lines))


def _told(review: Review) -> Iterator[str]:
    """Yield verdict, counts and findings by name: a message holds no memory text."""
    found = Counter(finding.check for finding in review.findings if finding.severity != "note")
    named = ", ".join(f"{check} ({count})" for check, count in found.items())
    yield f"Verdict: {review.verdict}{f': {named}' if named else ''}"
    yield f"Memories: {counts_line(review.counts)}"


class FailureNotice(_Notice):
    """Say that a task failed for good, and why: once for a run that stopped before its swap, or that Airflow failed."""

    def notify(self, context: Context) -> None:
        ti, error = context["ti"], context.get("exception")
        pipeline = self.pipeline_of(context)
        if not pipeline or not pipeline.notify or isinstance(error, SwapNotBegun):
            return
        if error is None and _another_failed(ti):
            return
        reason = _LOST if error is None else _told_outside(pipeline.shown(str(error) or type(error).__name__))
        send(
            pipeline.notify,
            f"{ti.dag_id}: {ti.task_id} failed",
            f"Run {ti.run_id}\n{reason[:_ERROR_LIMIT]}\n{ti.log_url}",
        )


class UnchangedNotice(_Notice):
    """
    Say that dreams changed nothing that matters, night after night: nobody may look at a review that is clean.

    :param nights: how many in a row. :param members: of a fleet, whose dreams.
    """

    def __init__(self, pipeline: Pipeline, nights: int, members: Sequence[str] = ()) -> None:
        super().__init__(pipeline)
        self._nights, self._members = nights, members

    def notify(self, context: Context) -> None:
        ti, pipeline = context["ti"], self.pipeline_of(context)
        if not pipeline or not pipeline.notify:
            return
        of = f" of {len(self._members):,} members" if self._members else ""
        named = [_told_outside(name) for name in self._members[:_NAMED]]
        more = len(self._members) - len(named)
        lines = [
            f"For {self._nights} nights in a row the dreams{of} have changed nothing that matters. Let them run less "
            "often, or see whether the sessions that they read are the right ones.",
            *named,
            *([f"and {more:,} more"] if more else ()),
            f"Run {ti.run_id}",
        ]
        send(pipeline.notify, f"{ti.dag_id}: dreams change nothing", "\n".join(lines))


def _told_outside(text: str) -> str:
    """Return an error or a name for a message, which leaves Airflow: what a log would mask is masked, nothing acts."""
    return visible(mask(str(redact(text)))).translate(_INERT)


def _another_failed(ti: Any) -> bool:
    """Tell whether another task of the run has failed, of which people were told; False where Airflow doesn't say."""
    try:
        states = ti.get_task_states(dag_id=ti.dag_id, run_ids=[ti.run_id])[ti.run_id]
    except Exception as e:
        log.warning("the states of the run's tasks could not be read: %s", type(e).__name__)
        return False
    return any(state == "failed" for task_id, state in states.items() if task_id != ti.task_id)
