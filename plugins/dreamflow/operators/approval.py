"""A person's decision on a dream."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

from airflow.providers.standard.operators.hitl import HITLBranchOperator
from airflow.sdk import Param

from dreamflow.config import INSTRUCTIONS_LIMIT
from dreamflow.errors import AnswerIncomplete, StateError
from dreamflow.notify import ApprovalNotice
from dreamflow.run_files import RunFiles, report_location
from dreamflow.tasks import CARRY_LATE_WRITES, DISCARD_OUTPUT, DREAM_AGAIN, REVIEW_CHANGES, pull

if TYPE_CHECKING:
    from airflow.sdk import Context

    from dreamflow.config import Pipeline

__all__ = ["ADOPT", "AGAIN", "REJECT", "ApproveDream"]

ADOPT = "Adopt"
REJECT = "Reject"
AGAIN = "Dream again"

_COMMENT = "comment"
_DIGEST = "digest"
#: Key of the task's state: the digest of the review that was shown. Airflow keeps a question's body and form as they
#: were first asked, through retries and clears, so there can be only one.
_ASKED = "asked"
#: Characters of the report that the approval's page shows; the report itself is whole.
_BODY_LIMIT = 60_000


class ApproveDream(HITLBranchOperator):
    """
    Ask a person to adopt the dream's output, and branch on the answer.

    No answer within ``approval.timeout`` counts as Reject. Where the pipeline wants no person, the answer is Adopt at
    once. The answer is left in XCom before the branch is taken, bound to the digest of what was reviewed.
    """

    # Not subject and body: the body holds memory text, which must never be a template.
    template_fields = ()

    def __init__(self, *, pipeline: Pipeline, **kwargs: Any) -> None:
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
        self.params[_COMMENT] = Param(
            "",
            type=["string", "null"],
            maxLength=INSTRUCTIONS_LIMIT,
            title="Comment",
            description="Why. “Dream again” needs one, as the next dream's instructions; without, you are asked again.",
        )

    @cached_property
    def _location(self) -> str:
        return report_location(self.pipeline.reports.location)

    def execute(self, context: Context) -> Any:
        review = pull(context, REVIEW_CHANGES)
        mode = str(context["params"]["approval_mode"])
        if mode == "never" or (mode == "when_flagged" and review["verdict"] == "clean"):
            self.log.info(
                "approval.mode is %s and the review is %s: adopted without asking", mode, review["verdict"]
            )
            self._leave(context, ADOPT, review["digest"], f"approval.mode: {mode}", datetime.now(UTC), "")
            return self.do_branch(context, [CARRY_LATE_WRITES])
        self._prepare_form(context, review)
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
        asked = context["task_state_store"].get(_ASKED)
        decision = _decision(list(event.get("chosen_options") or []), comment, form.get(_DIGEST), asked)
        user = event.get("responded_by_user")
        who = (user.get("name") or user.get("id")) if isinstance(user, dict) else getattr(user, "name", None)
        at = event.get("responded_at") or datetime.now(UTC)
        self._leave(context, decision, str(asked), who or "nobody (no answer in time)", at, comment)
        return self.do_branch(context, [self.options_mapping[decision]])

    def _prepare_form(self, context: Context, review: dict[str, Any]) -> None:
        """Put the report into the body and its digest into the form, and note the digest."""
        report = RunFiles(self._location, self.pipeline.name, str(context["run_id"])).read_report()
        if report is None:
            raise StateError(
                f"{review['report_uri']} is not there, so there is nothing to decide on. "
                "Clear review_changes: it writes the report again."
            )
        noted = context["task_state_store"]
        asked = noted.get(_ASKED)
        if asked and asked != review["digest"]:
            raise StateError(
                f"the output changed since this run's review was first shown (digest {str(asked)[:16]} then, "
                f"{review['digest'][:16]} now), and Airflow goes on showing the first. Nothing was adopted. "
                "Trigger a new run; it archives this one's output."
            )
        noted.set(_ASKED, review["digest"])
        self.body = _cut(report, review["report_uri"])
        self.params[_DIGEST] = Param(
            review["digest"],
            type=["string", "null"],
            title="Digest of the output that you see",
            description="Leave it as it is: it binds your answer to this review.",
        )

    def _leave(self, context: Context, decision: str, digest: str, who: str, at: Any, comment: str) -> None:
        """Leave the answer before branching: the branch's skip would be raised before a return value is stored."""
        answer = {
            "decision": decision,
            "by": who,
            "at": at.isoformat() if isinstance(at, datetime) else str(at),
            "comment": comment,
            "digest": digest,
        }
        context["ti"].xcom_push(key="return_value", value=answer)
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
