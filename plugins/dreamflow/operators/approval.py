"""A person's decision on a dream."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from airflow.providers.standard.operators.hitl import HITLBranchOperator
from airflow.sdk import Param

from dreamflow.config import INSTRUCTIONS_LIMIT
from dreamflow.core.handoffs import ADOPT, AGAIN, REJECT, Reviewed
from dreamflow.errors import AnswerIncomplete, StateError
from dreamflow.notify import ApprovalNotice
from dreamflow.operators.base import night_part, open_records
from dreamflow.params import run_settings
from dreamflow.records.files import RunRecords
from dreamflow.steps.decide import decide
from dreamflow.steps.ledger import why_night_is_over
from dreamflow.tasks import CARRY_LATE_WRITES, DISCARD_OUTPUT, DREAM_AGAIN

if TYPE_CHECKING:
    from airflow.sdk import Context

    from dreamflow.config import Pipeline

__all__ = ["ADOPT", "AGAIN", "REJECT", "ApproveDream"]

_COMMENT = "comment"
_DIGEST = "digest"
#: Characters of the report that the approval's page shows; the report itself is whole.
_BODY_LIMIT = 60_000


class ApproveDream(HITLBranchOperator):
    """
    Ask a person to adopt the dream's output, and branch on the answer.

    No answer within ``approval.timeout`` counts as Reject. Where the pipeline wants no person, the answer is Adopt at
    once. The answer is left in XCom before the branch is taken, bound to the digest of what was reviewed.
    """

    # Not subject and body: the body holds memory text, which must never be a template.
    template_fields = ("given",)

    def __init__(self, *, pipeline: Pipeline, given: Any = None, **kwargs: Any) -> None:
        super().__init__(
            subject=f"Adopt what the dream of {pipeline.name} made of its memory?",
            options=[ADOPT, REJECT, AGAIN],
            options_mapping={ADOPT: CARRY_LATE_WRITES, REJECT: DISCARD_OUTPUT, AGAIN: DREAM_AGAIN},
            defaults=REJECT,
            response_timeout=pipeline.approval.timeout,
            notifiers=ApprovalNotice(pipeline),
            assigned_users=[{"id": name, "name": name} for name in pipeline.approval.assignees] or None,
            **kwargs,
        )
        self.pipeline = pipeline
        self.given = given
        self.params[_COMMENT] = Param(
            "",
            type=["string", "null"],
            maxLength=INSTRUCTIONS_LIMIT,
            title="Comment (“Dream again” needs one)",
            description="Why. After “Dream again” these words are the next dream's, beside the standing instructions; "
            "without words nothing is dreamed, and you are asked again.",
        )

    def _run(self, context: Context) -> RunRecords:
        return open_records(self.pipeline).run(str(context["run_id"]))

    def _reviewed(self) -> Reviewed:
        return Reviewed.of(self.given, "review_changes")

    def execute(self, context: Context) -> Any:
        reviewed = self._reviewed()
        mode = run_settings(self.pipeline, context["params"]).approval_mode
        if mode == "never" or (mode == "when_flagged" and reviewed.verdict == "clean"):
            self.log.info(
                "approval.mode is %s and the review is %s: adopted without asking", mode, reviewed.verdict
            )
            self._leave(context, ADOPT, f"approval.mode: {mode}", datetime.now(UTC), "")
            return self.do_branch(context, [CARRY_LATE_WRITES])
        self._prepare_form(context, reviewed)
        self.log.info(
            "asking. Until there is an answer, no other run of %s begins: the next night waits for it, at most %s. "
            "No answer by then counts as Reject.",
            self.pipeline.dag_id,
            self.response_timeout,
        )
        return super().execute(context)

    def execute_complete(self, context: Context, event: dict[str, Any]) -> Any:
        """
        Take the answer.

        :raises AnswerIncomplete: something that must be there is not; the retry asks again.
        """
        if "error" in event:
            self.process_trigger_event_error(event)
        form = event.get("params_input") or {}
        comment = str(form.get(_COMMENT) or "").strip()
        asked = self._run(context).journal().asked
        decision = _decision(list(event.get("chosen_options") or []), comment, form.get(_DIGEST), asked)
        if decision == AGAIN:
            self._check_again(context, comment)
        user = event.get("responded_by_user")
        who = (user.get("name") or user.get("id")) if isinstance(user, dict) else getattr(user, "name", None)
        at = event.get("responded_at") or datetime.now(UTC)
        self._leave(context, decision, who or "nobody (no answer in time)", at, comment)
        return self.do_branch(context, [self.options_mapping[decision]])

    def _check_again(self, context: Context, comment: str) -> None:
        """Refuse “Dream again” where the dream could not be: the output would be given up for nothing."""
        part = night_part(context)
        if why := why_night_is_over(self.pipeline, open_records(self.pipeline), part.night):
            raise AnswerIncomplete(f"{why}: nothing can be dreamed again tonight")
        standing = part.instructions(run_settings(self.pipeline, context["params"]).instructions)
        over = len(comment) + (len(standing) + 2 if standing else 0) - INSTRUCTIONS_LIMIT
        if over > 0:
            raise AnswerIncomplete(
                f"the comment is {over} characters too long: with the standing instructions a dream takes "
                f"{INSTRUCTIONS_LIMIT}"
            )

    def _prepare_form(self, context: Context, reviewed: Reviewed) -> None:
        """Put the report into the body and its digest into the form, and note the digest."""
        run = self._run(context)
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

    def _leave(self, context: Context, decision: str, who: str, at: Any, comment: str) -> None:
        """Leave the answer before branching: the branch's skip would be raised before a return value is stored."""
        moment = at if isinstance(at, datetime) else datetime.fromisoformat(str(at))
        decided = decide(self._run(context), self._reviewed(), decision, who, moment, comment)
        context["ti"].xcom_push(key="return_value", value=decided.to_json())
        self.log.info("%s, by %s", decision, who)


def _decision(chosen: list[str], comment: str, digest: object, asked: object) -> str:
    """
    Return the one option chosen, where the answer is complete.

    :param digest: the digest that the form came back with; a form that came back empty has none.
    :param asked: the digest of the review that was shown.
    """
    if len(chosen) != 1 or chosen[0] not in (ADOPT, REJECT, AGAIN):
        raise AnswerIncomplete("choose one of the three")
    if chosen[0] == ADOPT and (not asked or (digest or asked) != asked):
        raise AnswerIncomplete(
            f"the answer names digest {digest!r}, and the review that was shown has {asked!r}"
        )
    if chosen[0] == AGAIN and not comment:
        raise AnswerIncomplete("“Dream again” needs a comment: it becomes the next dream's instructions")
    return chosen[0]


def _cut(report: str, uri: str) -> str:
    """Return the report, cut at a line end where it is longer than a page should be."""
    if len(report) <= _BODY_LIMIT:
        return report
    return f"{report[:_BODY_LIMIT].rsplit(chr(10), 1)[0]}\n\nCut here. The whole report: `{uri}`"
