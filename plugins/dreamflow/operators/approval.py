"""A person's decision on a dream."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

from airflow.providers.standard.operators.hitl import HITLBranchOperator
from airflow.sdk import Param

from dreamflow.config import INSTRUCTIONS_LIMIT
from dreamflow.errors import AnswerIncomplete, StateError
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
#: Keys of the task's state: digests shown, and what the last answer lacked.
_ASKED = "asked"
_NOTE = "note"
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
            assigned_users=[{"id": name, "name": name} for name in pipeline.approval.assignees] or None,
            **kwargs,
        )
        self.pipeline = pipeline
        self.params[_COMMENT] = Param(
            "",
            type=["string", "null"],
            maxLength=INSTRUCTIONS_LIMIT,
            title="Comment",
            description="Why. For “Dream again”, this is required: it becomes the next dream's instructions.",
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

        :raises AnswerIncomplete: something that must be there is not; a retry asks again and says what.
        """
        if "error" in event:
            self.process_trigger_event_error(event)
        form = event.get("params_input") or {}
        comment = str(form.get(_COMMENT) or "").strip()
        asked = self._asked(context)
        try:
            decision = _decision(list(event.get("chosen_options") or []), comment, form.get(_DIGEST), asked)
        except AnswerIncomplete as e:
            context["task_state_store"].set(_NOTE, str(e))
            raise
        user = event.get("responded_by_user")
        who = (user.get("name") or user.get("id")) if isinstance(user, dict) else getattr(user, "name", None)
        at = event.get("responded_at") or datetime.now(UTC)
        self._leave(context, decision, asked[-1], who or "nobody (no answer in time)", at, comment)
        return self.do_branch(context, [self.options_mapping[decision]])

    def _prepare_form(self, context: Context, review: dict[str, Any]) -> None:
        """Put the report into the body and the digest into the form, and note which digest was shown."""
        report = RunFiles(self._location, self.pipeline.name, str(context["run_id"])).read_report()
        if report is None:
            raise StateError(
                f"{review['report_uri']} is not there, so there is nothing to decide on. "
                "Clear review_changes: it writes the report again."
            )
        noted = context["task_state_store"]
        note = noted.get(_NOTE)
        self.body = "\n\n".join(
            part for part in (f"**{note}**" if note else "", _cut(report, review["report_uri"])) if part
        )
        self.params[_DIGEST] = Param(
            review["digest"],
            type=["string", "null"],
            title="Digest of the output that you see",
            description="Leave it as it is: it binds your answer to this review.",
        )
        noted.set(
            _ASKED,
            [*(digest for digest in self._asked(context) if digest != review["digest"]), review["digest"]],
        )

    @staticmethod
    def _asked(context: Context) -> list[str]:
        """Return the digests that were shown in this run, the newest last."""
        noted = context["task_state_store"].get(_ASKED)
        return [str(digest) for digest in noted] if isinstance(noted, list) else []

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


def _decision(chosen: list[str], comment: str, digest: object, asked: list[str]) -> str:
    """
    Return the one option chosen, where the answer is complete.

    :param digest: the digest that the form came back with; forms that came back empty have none.
    :param asked: the digests that were shown in this run. Where there were several, only the form tells which one
        the reviewer saw.
    """
    if len(chosen) != 1 or chosen[0] not in (ADOPT, REJECT, AGAIN):
        raise AnswerIncomplete("Choose one of the three.")
    if chosen[0] == ADOPT and not asked:
        raise AnswerIncomplete("The review that was shown is not known any more. Please look at it again.")
    if chosen[0] == ADOPT and (digest or len(asked) > 1) and digest != asked[-1]:
        raise AnswerIncomplete("Your answer was to an earlier review. Please look at this one.")
    if chosen[0] == AGAIN and not comment:
        raise AnswerIncomplete("“Dream again” needs a comment: what should the next dream do otherwise?")
    return chosen[0]


def _cut(report: str, uri: str) -> str:
    """Return the report, cut at a line end where it is longer than a page should be."""
    if len(report) <= _BODY_LIMIT:
        return report
    return f"{report[:_BODY_LIMIT].rsplit(chr(10), 1)[0]}\n\nCut here. The whole report: `{uri}`"
