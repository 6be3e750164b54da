"""Asking a person to decide on a dream."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, ClassVar

from airflow.providers.standard.operators.hitl import HITLBranchOperator
from airflow.sdk import Param

from dreamflow.config import INSTRUCTIONS_LIMIT
from dreamflow.core.handoffs import ADOPT, AGAIN, REJECT, Decided, Reviewed
from dreamflow.core.late_notes import parts_of
from dreamflow.core.report import tab_url
from dreamflow.core.secrets.masking import mask
from dreamflow.core.visible import visible
from dreamflow.errors import AnswerIncomplete, StateError
from dreamflow.notify import ApprovalNotice
from dreamflow.operators.base import PipelineOperator, clear_number
from dreamflow.records.journal import Answer, Refused
from dreamflow.steps.answering import check_answer
from dreamflow.steps.decide import decide
from dreamflow.steps.review import current, keep_decision
from dreamflow.tasks import CARRY_LATE_WRITES, DISCARD_OUTPUT, DREAM_AGAIN

if TYPE_CHECKING:
    from airflow.sdk import Context

    from dreamflow.config import ApprovalMode, Pipeline
    from dreamflow.core.review import Review

__all__ = ["AskPerson"]

_COMMENT = "comment"
_DIGEST = "digest"
_LOOKED_AT = "looked_at"
#: What a question that is asked again is given at least, or all of its time where that is less: time to read why the
#: answer was not taken, and to mend it.
_SHORTEST_WAIT = timedelta(hours=1)
_NOBODY = "nobody (no answer in time)"


class AskPerson(PipelineOperator, HITLBranchOperator):
    """
    Ask a person to adopt the dream's output, and branch on the answer.

    Adopt is taken only where the answer names what the output holds now, no finding blocks it, and every flag was
    ticked; and Dream again only where something can be dreamed. Any other answer leaves the question standing, and is
    no failure. No answer within ``approval.timeout`` counts as Reject. Where the pipeline wants no person, the answer
    is Adopt at once, unless a finding blocks it. The answer is left in XCom before the branch is taken.
    """

    # Not subject and body: the body holds memory text, which must never be a template.
    template_fields = ("given",)
    step_timeout = None
    counts = True

    what: ClassVar[str] = "a dream"
    question: ClassVar[str] = "Adopt what the dream of {} made of its memory?"
    waiting: ClassVar[str] = "no other run of %s begins: the next night waits for it"
    branches: ClassVar[Mapping[str, str]] = {
        ADOPT: CARRY_LATE_WRITES,
        REJECT: DISCARD_OUTPUT,
        AGAIN: DREAM_AGAIN,
    }
    comment: ClassVar[tuple[str, str]] = (
        "Comment (“Dream again” needs one)",
        "Why. After “Dream again” these words are the next dream's, beside the standing instructions; "
        "without words nothing is dreamed, and you are asked again.",
    )

    def __init__(self, *, pipeline: Pipeline | None = None, **kwargs: Any) -> None:
        super().__init__(
            pipeline=pipeline,
            subject=self.question.format("a pipeline"),
            options=list(self.branches),
            options_mapping=dict(self.branches),
            defaults=REJECT,
            **kwargs,
        )
        title, description = self.comment
        self.params[_COMMENT] = Param(
            "",
            type=["string", "null"],
            maxLength=INSTRUCTIONS_LIMIT,
            title=title,
            description=description,
        )
        if pipeline is not None:
            self._ask_as(pipeline)

    def _ask_as(self, pipeline: Pipeline) -> None:
        """Ask whom the pipeline's file names, for as long as it says."""
        self.subject = self.question.format(pipeline.called)
        self.response_timeout = pipeline.approval.timeout
        self.notifiers = [ApprovalNotice(pipeline, self.what.format(pipeline.called))]
        self.assigned_users = [{"id": name, "name": name} for name in pipeline.approval.assignees] or None

    def begin(self, context: Context) -> None:
        super().begin(context)
        self._ask_as(self.pipeline)

    def approval_mode(self, context: Context) -> ApprovalMode:
        return self.settings(context).approval_mode

    def work(self, context: Context) -> Any:
        reviewed, run = self.handed(Reviewed), self.run_of(context)
        answer = run.journal().answer
        if answer is not None and answer.cleared == clear_number(context):
            # The try that was given it has died, or could not look at it.
            return self._take(context, answer)
        run.note(decision=None)
        review = current(self.world, run)
        if (nobody := self.without_asking(context, review)) is not None:
            return self._decide(context, reviewed, nobody, review)
        notice = ApprovalNotice(
            self.pipeline, self.what.format(self.pipeline.called), review, self.world.airflow
        )
        self.notifiers = [notice]
        self.log.info(
            f"asking. Until there is an answer, {self.waiting}, at most %s. No answer by then counts as Reject.",
            self.pipeline.dag_id,
            self.response_timeout,
        )
        return self._ask(context, review)

    def without_asking(self, context: Context, review: Review) -> Answer | None:
        """Return the answer where the pipeline wants no person for such a review; None where one is asked."""
        mode = self.approval_mode(context)
        if not (
            (review.verdict == "clean" and mode == "when_flagged")
            or (review.verdict != "blocked" and mode == "never")
        ):
            return None
        self.log.info(
            "approval.mode is %s and the review is %s: adopted without asking", mode, review.verdict
        )
        return Answer(decision=ADOPT, by=f"approval.mode: {mode}", at=datetime.now(UTC), looked=False)

    def execute_complete(self, context: Context, event: dict[str, Any]) -> Any:
        """Take the answer, or leave the question standing."""
        self.begin(context)
        if "error" in event:
            self.process_trigger_event_error(event)
        answer = _answer_of(event, clear_number(context))
        return self.answered(context, answer)

    def answered(self, context: Context, answer: Answer) -> Any:
        """Take the answer, which is noted before it is looked at."""
        self.run_of(context).note(answer=answer)
        return self._take(context, answer)

    def _take(self, context: Context, answer: Answer) -> Any:
        """Act on an answer; on one that can't be acted on, ask again, without any retry or another notification."""
        try:
            review = self.checked(context, answer)
        except AnswerIncomplete as e:
            run = self.run_of(context)
            run.note_refused(Refused.of(answer, e))
            review = current(self.world, run)
            self.log.warning(
                "%s, by %s, was not taken: %s. Nothing was adopted or given up, and the question stands. Answer again, "
                "in the Review tab: %s",
                answer.decision or "the answer",
                answer.by,
                e,
                tab_url(review, self.world.airflow),
            )
            self.notifiers = []
            return self._ask(context, review)
        return self._decide(context, self.handed(Reviewed), answer, review)

    def checked(self, context: Context, answer: Answer) -> Review | None:
        """
        Return the review that an Adopt is about; None for other answers, which are about no digest.

        :raises AnswerIncomplete: it can't be acted on.
        """
        return check_answer(
            self.world,
            self.run_of(context),
            answer,
            options=self.options,
            part=self.night_part(context),
            standing=self.settings(context).instructions,
        )

    def _ask(self, context: Context, review: Review) -> Any:
        """Ask, or ask again, for as long as the question has left since it was first asked."""
        self._prepare_form(context, review)
        return self.wait_for_answer(context)

    def wait_for_answer(self, context: Context) -> Any:
        """Put the question, which is ready, for as long as it has left."""
        run, now = self.run_of(context), datetime.now(UTC)
        since = now - run.began(self.task_id, clear_number(context), now)
        timeout = self.pipeline.approval.timeout
        self.response_timeout = max(timeout - since, min(timeout, _SHORTEST_WAIT))
        return HITLBranchOperator.execute(self, context)

    def _prepare_form(self, context: Context, review: Review) -> None:
        """
        Put the short review into the body, and its digest and flags into the form; note the digest.

        Airflow keeps body and form as they were first asked, through retries and clears: what changed since shows in
        the tab, and an answer from the form alone counts for what it was first asked about.
        """
        run = self.run_of(context)
        body = run.read_question()
        if body is None:
            raise StateError(
                f"{run.folder}/report.md is not there, so there is nothing to decide on. "
                "Clear review_changes: it writes the report again."
            )
        if run.journal().asked is None:
            run.note(asked=review.digest)
        flags = {flag.id: visible(mask(f"{flag.check} {flag.path}".strip())) for flag in review.flags()}
        self.fill_form(body, review.digest, flags, "Flags that you looked at")

    def fill_form(self, body: str, digest: str, ticks: Mapping[str, str], title: str) -> None:
        """:param ticks: what an Adopt needs to be ticked, by id, as a person reads it."""
        self.body = body
        self.params[_DIGEST] = Param(
            digest,
            type=["string", "null"],
            title="Digest of the output that you see",
            description="Leave it as it is: it binds your answer to this review.",
        )
        self.params[_LOOKED_AT] = Param(
            [],
            type=["array", "null"],
            items={"type": "string"},
            examples=list(ticks),
            values_display=dict(ticks),
            title=title,
            description="Adopt needs all of them. The Review tab shows what each is about.",
        )

    def _decide(self, context: Context, reviewed: Reviewed, answer: Answer, review: Review | None) -> Any:
        """Note the answer and leave it, then branch: the branch's skip is raised before a return value is stored."""
        decided = self.settle_on(context, reviewed, answer, review)
        context["ti"].xcom_push(key="return_value", value=decided.to_json())
        return self.do_branch(context, [self.options_mapping[answer.decision]])

    def settle_on(
        self, context: Context, reviewed: Reviewed, answer: Answer, review: Review | None
    ) -> Decided:
        """Note what is decided, and enter it into the review."""
        if review is not None:
            seen = {"digest": review.digest, "counts": review.counts, "verdict": review.verdict}
            reviewed = reviewed.model_copy(update=seen)
        run = self.run_of(context)
        decided = decide(
            run,
            reviewed,
            answer.decision,
            answer.by,
            answer.at,
            answer.comment,
            ticked=answer.ticked,
            looked=answer.looked,
        )
        keep_decision(self.world, run, decided)
        self.log.info("%s, by %s", answer.decision, answer.by)
        return decided


def _answer_of(event: Mapping[str, Any], cleared: int) -> Answer:
    """Return what Airflow hands over: what anybody may have sent who may answer."""
    form, chosen = event.get("params_input") or {}, list(event.get("chosen_options") or [])
    user, ticked = event.get("responded_by_user") or {}, form.get(_LOOKED_AT)
    who = user.get("name") or user.get("id")
    digest, choices = parts_of(_whole(form.get(_DIGEST) or ""))
    return Answer(
        decision=_whole(chosen[0]) if len(chosen) == 1 else "",
        by=_whole(who or _NOBODY),
        at=event.get("responded_at") or datetime.now(UTC),
        comment=_whole(form.get(_COMMENT) or "").strip(),
        digest=digest,
        choices=choices,
        ticked=tuple(map(_whole, ticked)) if isinstance(ticked, list | tuple) else (),
        looked=who is not None,
        cleared=cleared,
    )


def _whole(value: Any) -> str:
    """Return what came as text that a file can hold: an emoji that a form cut in half is a question mark."""
    return str(value).encode(errors="replace").decode()
