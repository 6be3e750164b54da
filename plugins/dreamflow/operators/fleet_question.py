"""The one question about a fleet's members: those that need nobody are adopted first, the others are asked about."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from dreamflow.core.fleet_review import (
    MemberRow,
    check_rest,
    question_text,
    row_of,
    to_tick,
    undecided,
    undecided_digest,
)
from dreamflow.core.fleets import Member
from dreamflow.core.handoffs import AGAIN, Decided, Reviewed
from dreamflow.core.late_notes import bound_to
from dreamflow.core.report import picture_url, run_url
from dreamflow.core.secrets.masking import mask
from dreamflow.core.visible import visible
from dreamflow.errors import AnswerIncomplete, DreamflowError
from dreamflow.notify import ApprovalNotice
from dreamflow.operators.base import clear_number, is_last_try, shard_of_task
from dreamflow.records.journal import Answer, Refused
from dreamflow.steps.adopting import adopt
from dreamflow.steps.answering import for_member, keep_room
from dreamflow.steps.fleet_rows import member_row
from dreamflow.steps.review import current
from dreamflow.tasks import APPROVE

if TYPE_CHECKING:
    from airflow.sdk import Context

    from dreamflow.operators.asking import AskPerson
    from dreamflow.records.files import RunRecords
    from dreamflow.steps.fleet import Round, Worked

__all__ = ["FleetQuestion"]


@dataclass(frozen=True)
class FleetQuestion:
    """
    A fleet's ``approve``, at one try: asks about the members that a person has to decide on.

    Members that need nobody are decided and adopted at once, so that they wait for no one. A member that was decided by
    itself in the tab is taken as it was; the answer to the question is for the others.
    """

    operator: AskPerson
    context: Context

    def work(self, answer: Answer | None) -> Any:
        """
        Decide on whom there is an answer, ask about the others, and branch once all are decided.

        :param answer: the one to the question; None: it was not asked yet in this try.
        """
        run = self._fleet_run
        if answer is not None:
            # Before anything that may fail is read: a try that dies takes nobody's answer with it.
            run.note(answer=answer)
        elif (noted := run.journal().answer) is not None and noted.cleared == clear_number(self.context):
            answer = noted
        now, is_new = self.operator.round(self.context), answer is None
        taken = self._taken(answer, now) if answer is not None else None
        worked: Worked[MemberRow] = now.work(
            lambda member, run, given: self._one(
                now, member, run, Reviewed.of(given, "review_changes"), taken
            ),
            waits=MemberRow,
            is_last=is_last_try(self.context),
        )
        if worked.passing:
            raise now.unfinished(worked)
        if worked.waiting:
            return self._ask(now, list(worked.waiting.values()), is_new=is_new)
        self._fleet_run.write_rows(shard_of_task(self.context), self._rows(now))
        return self._branch(now, worked)

    @property
    def _fleet_run(self) -> RunRecords:
        return self.operator.run_of(self.context)

    @property
    def _was_asked(self) -> bool:
        """Tell whether the question was put already in this life of the task."""
        return self._asked_in_life == clear_number(self.context)

    @property
    def _was_cleared(self) -> bool:
        """Tell whether it was put in an earlier life, and not yet in this one."""
        return self._asked_in_life not in (None, clear_number(self.context))

    @property
    def _asked_in_life(self) -> int | None:
        wait = self._fleet_run.journal().waits.get(APPROVE)
        return wait.cleared if wait is not None else None

    # One member

    def _one(
        self,
        now: Round,
        member: Member,
        run: RunRecords,
        reviewed: Reviewed,
        answer: Answer | None,
    ) -> dict[str, Any] | MemberRow:
        """
        Return what was decided on a member; its row where nobody has yet.

        :param answer: to the question, once it was taken.
        """
        own = self.operator.of_member(member, reviewed.to_json())
        journal = run.journal()
        if journal.decision is not None:
            # Of an earlier life of the task, or of a try that died before anything was done of it: with it noted, the
            # review would be taken as it was kept.
            run.note(decision=None)
        review = current(own.world, run)
        if self._was_cleared:
            run.keep_answer(now.cleared, review.digest)
        chosen = run.own_answer(now.cleared).answer
        is_meant = answer is not None and member.id in (answer.taken_for or {})
        # What was asked about is a person's to decide, though it was mended to be clean since.
        is_untouched = chosen is None and not is_meant and not self._was_asked and not run.edits()
        if is_untouched and (nobody := own.without_asking(self.context, review)):
            return self._decided(now, member, own.settle_on(self.context, reviewed, nobody, review))
        rest = for_member(answer, member.id, review) if answer is not None and is_meant else None
        # Read anew, and from here on the run's: what is noted in the tab by now is taken, and nothing after it.
        mine = run.take_answer(now.cleared, rest) if answer is not None else None
        if mine is None:
            return row_of(
                member,
                review,
                "chosen" if chosen else "waiting",
                decision=chosen.decision if chosen else "",
                by=chosen.by if chosen else "",
            )
        try:
            checked = own.checked(self.context, mine)
            if mine.decision == AGAIN:
                keep_room(own.world)
        except AnswerIncomplete as e:
            run.note_refused(Refused.of(mine, e))
            run.drop_answer(now.cleared)
            return row_of(member, review, "waiting", why=str(e))
        return self._decided(now, member, own.settle_on(self.context, reviewed, mine, checked))

    def _decided(self, now: Round, member: Member, decided: Decided) -> dict[str, Any]:
        """Adopt at once what is to be adopted: where that can't be done now, the tasks that follow do it."""
        now.note(member, APPROVE, decided.to_json())
        if decided.swap is not None:
            own = self.operator.of_member(member, None)
            try:
                adopt(own.world, own.run_of(self.context), decided.swap, partial(now.note, member))
            except (DreamflowError, OSError) as e:
                self.operator.log.warning("%s is adopted by the tasks that follow: %s", member.called, e)
        return decided.to_json()

    # The question

    def _taken(self, answer: Answer, now: Round) -> Answer | None:
        """
        Return the answer with whom it is for, all who are undecided; None where it can't be: nothing is done of it.

        An earlier try may have decided on some by it, and have died: then it was taken, and is for the same.
        """
        if answer.taken_for is not None:
            return answer
        rows = list(self._rows(now))
        try:
            check_rest(
                rows,
                answer.decision,
                digest=answer.digest or self._fleet_run.journal().asked or "",
                ticked=answer.ticked,
                options=self.operator.options,
            )
        except AnswerIncomplete as e:
            self._fleet_run.note_refused(Refused.of(answer, e))
            self.operator.log.warning(
                "%s, by %s, was not taken: %s. Nothing was adopted or given up by it, and the question stands: %s",
                answer.decision or "the answer",
                answer.by,
                e,
                self._url,
            )
            return None
        bound = {row.id: bound_to(row.digest, row.choices) for row in undecided(rows)}
        answer = answer.model_copy(update={"taken_for": bound})
        self._fleet_run.note(answer=answer)
        return answer

    def _ask(self, now: Round, rows: list[MemberRow], *, is_new: bool) -> Any:
        operator, run = self.operator, self._fleet_run
        everyone = run.write_rows(shard_of_task(self.context), self._rows(now))
        rest = undecided(everyone)
        digest = undecided_digest(rest)
        journal = run.journal()
        run.note(asked=journal.asked or digest, answer=None)
        picture = picture_url(str(self.context["ti"].dag_id), now.run_id, operator.world.airflow)
        ticks = {row.id: visible(mask(row.called)) for row in to_tick(rest)}
        operator.fill_form(
            question_text(everyone, self._url, picture), digest, ticks, "Members whose flags you looked at"
        )
        told = [f"{row.called}: {row.verdict}" for row in rest[:20]]
        notice = ApprovalNotice(operator.pipeline, f"a fleet: {len(rest)} members", told=told, url=self._url)
        operator.notifiers = [notice] if is_new else []
        operator.log.info("asking about %d of %d members; the others go on", len(rows), len(now.members))
        return operator.wait_for_answer(self.context)

    @property
    def _url(self) -> str:
        return run_url(
            str(self.context["ti"].dag_id), str(self.context["run_id"]), self.operator.world.airflow
        )

    def _rows(self, now: Round) -> Iterator[MemberRow]:
        """Yield how every member stands: from its journal and its review."""
        return (member_row(member, now.run_of(member), now.cleared) for member in now.members)

    def _branch(self, now: Round, worked: Worked[MemberRow]) -> Any:
        """Leave what became of the members, and go on with the branches of all decisions that were taken."""
        tally = now.tally(worked).model_dump(mode="json")
        self.context["ti"].xcom_push(key="return_value", value=tally)
        branches = {
            self.operator.branches[outcome.left["decision"]]
            for outcome in worked.outcomes.values()
            if outcome.state == "done"
        }
        self.operator.do_branch(self.context, sorted(branches))
        # A mapped task ends without the branch's skip, and leaves what it returns.
        return tally
