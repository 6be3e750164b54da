"""A person's decision on a dream."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, ClassVar

from airflow.providers.standard.operators.hitl import HITLBranchOperator
from airflow.sdk import Param

from dreamflow.config import INSTRUCTIONS_LIMIT
from dreamflow.core.handoffs import ADOPT, AGAIN, REJECT, Reviewed
from dreamflow.errors import AnswerIncomplete, StateError
from dreamflow.notify import ApprovalNotice
from dreamflow.operators.base import PipelineOperator, night_part
from dreamflow.steps.decide import decide
from dreamflow.steps.ledger import why_night_is_over
from dreamflow.tasks import CARRY_LATE_WRITES, DISCARD_OUTPUT, DREAM_AGAIN

if TYPE_CHECKING:
    from airflow.sdk import Context

    from dreamflow.config import ApprovalMode, Pipeline

__all__ = ["ADOPT", "AGAIN", "REJECT", "ApproveDream"]

_COMMENT = "comment"
_DIGEST = "digest"
#: Characters of the report that the approval's page shows; the report itself is whole.
_BODY_LIMIT = 60_000


class ApproveDream(PipelineOperator, HITLBranchOperator):
    """
    Ask a person to adopt the dream's output, and branch on the answer.

    No answer within ``approval.timeout`` counts as Reject. Where the pipeline wants no person, the answer is Adopt at
    once. The answer is left in XCom before the branch is taken, bound to the digest of what was reviewed.
    """

    # Not subject and body: the body holds memory text, which must never be a template.
    template_fields = ("given",)
    step_timeout = None

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
        self.subject = self.question.format(pipeline.name)
        self.response_timeout = pipeline.approval.timeout
        self.notifiers = [ApprovalNotice(pipeline, self.what.format(pipeline.name))]
        self.assigned_users = [{"id": name, "name": name} for name in pipeline.approval.assignees] or None

    def begin(self, context: Context) -> None:
        super().begin(context)
        self._ask_as(self.pipeline)

    def approval_mode(self, context: Context) -> ApprovalMode:
        return self.settings(context).approval_mode

    def work(self, context: Context) -> Any:
        reviewed = self.handed(Reviewed)
        mode = self.approval_mode(context)
        if mode == "never" or (mode == "when_flagged" and reviewed.verdict == "clean"):
            self.log.info(
                "approval.mode is %s and the review is %s: adopted without asking", mode, reviewed.verdict
            )
            return self._decide(context, ADOPT, f"approval.mode: {mode}", datetime.now(UTC), "")
        self._prepare_form(context, reviewed)
        self.log.info(
            f"asking. Until there is an answer, {self.waiting}, at most %s. No answer by then counts as Reject.",
            self.pipeline.dag_id,
            self.response_timeout,
        )
        return HITLBranchOperator.execute(self, context)

    def execute_complete(self, context: Context, event: dict[str, Any]) -> Any:
        """
        Take the answer.

        :raises AnswerIncomplete: something that must be there is not; the retry asks again.
        """
        self.begin(context)
        if "error" in event:
            self.process_trigger_event_error(event)
        form = event.get("params_input") or {}
        comment = str(form.get(_COMMENT) or "").strip()
        chosen = list(event.get("chosen_options") or [])
        if len(chosen) != 1 or chosen[0] not in self.options:
            raise AnswerIncomplete("choose one of the answers")
        (decision,) = chosen
        if decision == ADOPT:
            self._check_seen(context, form.get(_DIGEST))
        if decision == AGAIN:
            self._check_may_follow(context, comment)
        user = event.get("responded_by_user") or {}
        who = user.get("name") or user.get("id") or "nobody (no answer in time)"
        at = event.get("responded_at") or datetime.now(UTC)
        return self._decide(context, decision, who, at, comment)

    def _check_seen(self, context: Context, digest: str | None) -> None:
        """
        Check that what would be adopted is what the person was shown.

        :param digest: what the form came back with; one that came back empty has none.
        """
        # A question from before the upgrade is noted nowhere; its form came back with what it showed.
        asked, reviewed = self.run_of(context).journal().asked or digest, self.handed(Reviewed).digest
        if not asked or {asked, reviewed, digest or asked} != {asked}:
            raise AnswerIncomplete(
                f"the answer names digest {digest!r}, the review that was shown has {asked!r}, and the newest one "
                f"{reviewed!r}"
            )

    def _check_may_follow(self, context: Context, comment: str) -> None:
        """Refuse “Dream again” where the dream could not be: the output would be given up for nothing."""
        if not comment:
            raise AnswerIncomplete("“Dream again” needs a comment: it becomes the next dream's instructions")
        part, standing = night_part(context), self.settings(context).instructions
        if why := why_night_is_over(self.pipeline, self.records, part.night):
            raise AnswerIncomplete(f"{why}: nothing can be dreamed again tonight")
        over = len(part.with_words(comment).instructions(standing) or "") - INSTRUCTIONS_LIMIT
        if over > 0:
            raise AnswerIncomplete(
                f"the comment is {over} characters too long: with the standing instructions a dream takes "
                f"{INSTRUCTIONS_LIMIT}"
            )

    def _prepare_form(self, context: Context, reviewed: Reviewed) -> None:
        """Put the report into the body and its digest into the form, and note the digest."""
        run = self.run_of(context)
        report = run.read_report()
        if report is None:
            raise StateError(
                f"{reviewed.report_uri} is not there, so there is nothing to decide on. "
                "Clear review_changes: it writes the report again."
            )
        asked = run.journal().asked
        # Airflow keeps a question's body and form as they were first asked, through retries and clears.
        if asked and asked != reviewed.digest:
            raise StateError(
                f"the output changed since this run's review was first shown (digest {asked[:16]} then, "
                f"{reviewed.digest[:16]} now), and Airflow goes on showing the first. Nothing was adopted. "
                "Trigger a new run; it archives this one's output."
            )
        run.note(asked=reviewed.digest, decision=None)
        self.body = _cut(report, reviewed.report_uri)
        self.params[_DIGEST] = Param(
            reviewed.digest,
            type=["string", "null"],
            title="Digest of the output that you see",
            description="Leave it as it is: it binds your answer to this review.",
        )

    def _decide(self, context: Context, decision: str, who: str, at: datetime, comment: str) -> Any:
        """Note the answer and leave it, then branch: the branch's skip is raised before a return value is stored."""
        decided = decide(self.run_of(context), self.handed(Reviewed), decision, who, at, comment)
        context["ti"].xcom_push(key="return_value", value=decided.to_json())
        self.log.info("%s, by %s", decision, who)
        return self.do_branch(context, [self.options_mapping[decision]])


def _cut(report: str, uri: str) -> str:
    """Return the report, cut at a line end where it is longer than a page should be."""
    if len(report) <= _BODY_LIMIT:
        return report
    return f"{report[:_BODY_LIMIT].rsplit(chr(10), 1)[0]}\n\nCut here. The whole report: `{uri}`"
