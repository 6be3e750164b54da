"""Working through the members of a fleet: each by itself, with what became of it in its own journal."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import structlog

from dreamflow.core.fleets import Member, Outcome, Tally
from dreamflow.errors import (
    DreamFailed,
    DreamflowError,
    MembersFailed,
    NotYet,
    RateLimited,
    ServiceUnavailable,
    SkipRun,
    StorageUnavailable,
)
from dreamflow.steps.clearing import forget_what_followed, stands
from dreamflow.steps.fleet_course import LAST_TASKS, branch_of, failures_of, tasks_before
from dreamflow.steps.holding import see_to, why_lost
from dreamflow.tasks import AFTER_THE_SWAP, APPROVE, BEFORE

if TYPE_CHECKING:
    from dreamflow.records.files import Records, RunRecords
    from dreamflow.records.journal import Journal

__all__ = ["Round", "Worked", "is_passing"]

log = logging.getLogger(__name__)

#: Members that an error names.
_TOLD = 20

W = TypeVar("W")


def is_passing(error: Exception) -> bool:
    """Tell whether a later try may go better."""
    if isinstance(error, DreamFailed):
        return error.passing
    return isinstance(error, ServiceUnavailable | StorageUnavailable | NotYet | OSError)


@dataclass
class Worked(Generic[W]):
    """
    What one try of a task made of the members that it was due for.

    :ivar outcomes: by member's id, what became of those that are finished, now or before.
    :ivar waiting: what those wait for that are not. :ivar passing: what went wrong with those that a later try may
        finish.
    """

    outcomes: dict[str, Outcome] = field(default_factory=dict)
    waiting: dict[str, W] = field(default_factory=dict)
    passing: dict[str, Exception] = field(default_factory=dict)


@dataclass(frozen=True)
class Round:
    """
    One task of a fleet's run, at work.

    :ivar records: the fleet's. :ivar members: whom the task could work on, of the shard. :ivar cleared: the life of the
        task.
    :ivar decision: of those that were decided on, it works only on these.
    :ivar new_dream: the run wants new dreams when ``launch_dream`` is cleared.
    :ivar only_say: it is a dry run's, which needs no member to itself.
    :ivar has_dream: tells whether a member is this run's, with a dream that can still be used. The service is asked.
    :ivar shown: tells a text without what variables brought into the pipeline's file: people read the outcomes.
    """

    records: Records
    run_id: str
    task_id: str
    members: tuple[Member, ...]
    at_once: int
    shard: int = 0
    cleared: int = 0
    decision: str | None = None
    new_dream: bool = False
    only_say: bool = False
    has_dream: Callable[[Member], bool] = lambda _: False
    shown: Callable[[str], str] = str

    def run_of(self, member: Member) -> RunRecords:
        return self.records.member(member.id).run(self.run_id)

    def work(
        self,
        work: Callable[[Member, RunRecords, Any], Any],
        *,
        waits: type[W] | None = None,
        keeps: Callable[[Member, RunRecords], str | None] = lambda *_: None,
        is_last: bool = False,
    ) -> Worked[W]:
        """
        Work on every member that is due, a few at a time, and note what became of each.

        One member's failure stops no other. One whose cause may pass is noted only where this is the last try.

        :param work: is given the member, its run, and what the task before left of it; returns what it hands on.
        :param waits: what the work returns of a member that has to be waited for.
        :param keeps: tells why a member can't be worked on, and keeps all that was made of it. None: it can.
        """
        worked: Worked[W] = Worked()

        def one(member: Member) -> Any:
            with structlog.contextvars.bound_contextvars(member=member.called):
                run = self.run_of(member)
                journal = run.journal()
                if (noted := self._noted(member, journal, is_last=is_last)) is not None:
                    return noted
                if (given := self._given(journal)) is None:
                    return self._note_lost(run, journal)
                if not self.only_say and BEFORE.get(self.task_id) and (why := why_lost(run, journal)):
                    # Whom this run had left out it still leaves out: that is no failure.
                    was = journal.tasks.get(self.task_id)
                    is_idle = was is not None and was.state == "skipped"
                    lost = Outcome(state="skipped" if is_idle else "failed", cleared=self.cleared, why=why)
                    return self._note(run, lost)
                if self.task_id in AFTER_THE_SWAP and (other := see_to(run, self.run_id, shard=self.shard)):
                    # Not noted: that run writes the journal now.
                    why = (
                        f"run {other} is at work on what this run left of it: the old store, and what follows"
                    )
                    return Outcome(state="skipped", cleared=self.cleared, why=why)
                try:
                    if why_kept := keeps(member, run):
                        log.error("%s keeps what was done for it: %s", member.called, why_kept)
                        return Outcome(state="failed", cleared=self.cleared, why=self.shown(why_kept))
                    forget_what_followed(self.task_id, run, journal)
                    left = work(member, run, given.left)
                except SkipRun as e:
                    return self._note(
                        run, Outcome(state="skipped", cleared=self.cleared, why=self.shown(str(e)))
                    )
                except Exception as e:
                    if is_passing(e) and not is_last:
                        log.warning("%s is not done: %s", member.called, e)
                        return e
                    log.error("%s failed: %s", member.called, e, exc_info=not isinstance(e, DreamflowError))
                    why = str(e) if isinstance(e, DreamflowError) else f"{type(e).__name__}: {e}"
                    failed = Outcome(state="failed", cleared=self.cleared, why=self.shown(why))
                    return self._note(run, failed)
                if isinstance(left, Outcome):
                    return self._note(run, left)
                if waits is not None and isinstance(left, waits):
                    return left
                return self._note(run, Outcome(state="done", cleared=self.cleared, left=left))

        with ThreadPoolExecutor(self.at_once, thread_name_prefix="member") as pool:
            futures = {pool.submit(one, member): member for member in self.members}
            try:
                for future in as_completed(futures):
                    member = futures[future]
                    self._sort(worked, member, self._result(member, future, is_last=is_last), waits)
            except BaseException:
                pool.shutdown(wait=False, cancel_futures=True)
                raise
        return worked

    def due(self) -> tuple[dict[str, Journal], list[str]]:
        """Return the journals of those that the task is due for, by id; and who was skipped by the task before."""
        due: dict[str, Journal] = {}
        idle: list[str] = []
        for member in self.members:
            try:
                journal = self.run_of(member).journal()
            except DreamflowError:
                continue  # what is wrong with it is told where it is worked on
            before = journal.tasks.get(BEFORE.get(self.task_id, ""))
            noted = journal.tasks.get(self.task_id)
            if self._given(journal) is not None or (noted is not None and noted.state == "done"):
                due[member.id] = journal
            elif before is not None and before.state == "skipped":
                idle.append(member.id)
        return due, idle

    def _sort(self, worked: Worked[W], member: Member, result: Any, waits: type[W] | None) -> None:
        if isinstance(result, Outcome):
            worked.outcomes[member.id] = result
        elif isinstance(result, Exception):
            worked.passing[member.id] = result
        elif waits is not None and isinstance(result, waits):
            worked.waiting[member.id] = result

    def _result(self, member: Member, future: Any, *, is_last: bool) -> Any:
        """Return what became of a member. A journal that can't be read is its own failure, and no other's."""
        try:
            return future.result()
        except (DreamflowError, OSError) as e:
            if is_passing(e) and not is_last:
                return e
            log.error("%s", e)
            failed = Outcome(state="failed", cleared=self.cleared, why=self.shown(str(e)))
            # Where this can't be noted either, the next task finds that it is not.
            with suppress(DreamflowError, OSError):
                self._note(self.run_of(member), failed)
            return failed

    def _note_lost(self, run: RunRecords, journal: Journal) -> None:
        """Note the failure of a member that should have come as far as this task, where nothing says why it has not."""
        came = next((task_id for task_id in tasks_before(self.task_id) if task_id in journal.tasks), "")
        last = journal.tasks.get(came, Outcome(state="done"))
        if last.state != "done" or (came == APPROVE and last.left["decision"] != branch_of(self.task_id)):
            return
        if self.task_id in AFTER_THE_SWAP and run.claimed_by().run not in ("", self.run_id):
            return  # another run sees to it
        missing = next(task_id for task_id in tasks_before(self.task_id) if BEFORE.get(task_id, "") == came)
        why = "what became of it is not known: the log of the task says why that could not be noted"
        run.note(tasks={**journal.tasks, missing: Outcome(state="failed", cleared=-1, why=why)})

    def _noted(self, member: Member, journal: Journal, *, is_last: bool) -> Outcome | None:
        """Return what became of a member already; None where it is to be worked on, or is not this task's."""
        noted = journal.tasks.get(self.task_id)
        if noted is None or noted.cleared == self.cleared:
            return noted

        def has_dream() -> bool:
            try:
                return self.has_dream(member)
            except (DreamflowError, OSError) as e:
                if is_passing(e) and not is_last:
                    raise
                log.warning(
                    "%s keeps what was done for it: its dream can't be looked at: %s", member.called, e
                )
                return True

        is_kept = stands(self.task_id, journal, new_dream=self.new_dream, has_dream=has_dream)
        return noted if is_kept else None

    def _given(self, journal: Journal) -> Outcome | None:
        """Return what the task before left of a member; None where the member is not this task's."""
        before = BEFORE.get(self.task_id)
        if before is None:
            return Outcome(state="done")
        given = journal.tasks.get(before)
        if given is None or given.state != "done":
            return None
        if self.decision is not None and given.left["decision"] != self.decision:
            return None
        return given

    def _note(self, run: RunRecords, outcome: Outcome) -> Outcome:
        tasks = run.journal().tasks
        if tasks.get(self.task_id) != outcome:
            run.note(tasks={**tasks, self.task_id: outcome})
        return outcome

    def note(self, member: Member, task_id: str, left: Any) -> None:
        """Note what another task would have left of the member: this one did it."""
        run = self.run_of(member)
        outcome = Outcome(state="done", cleared=self.cleared, left=left)
        run.note(tasks={**run.journal().tasks, task_id: outcome})

    # What is left, and told

    def unfinished(self, worked: Worked[Any]) -> DreamflowError:
        """Return the error of a try after which members are left that a later one may finish."""
        told = self._told({id_: str(error) for id_, error in worked.passing.items()})
        message = f"{len(worked.passing)} of {len(self.members)} members are not done: {told}"
        waits = [
            e.retry_after for e in worked.passing.values() if isinstance(e, RateLimited) and e.retry_after
        ]
        return RateLimited(message, retry_after=max(waits)) if waits else ServiceUnavailable(message)

    def tally(self, worked: Worked[Any]) -> Tally:
        """
        Return what the task leaves in XCom.

        :raises MembersFailed: none is left to go on with, and some failed.
        :raises SkipRun: none is left, and none failed.
        """
        called = {member.id: member.called for member in self.members}
        tally = Tally.of(worked.outcomes, called, self.shown(self.records.run(self.run_id).folder))
        log.info(
            "%d of %d members are done, %d skipped, %d failed",
            tally.done,
            tally.members,
            tally.skipped,
            tally.failed,
        )
        for id_, outcome in sorted(worked.outcomes.items()):
            if outcome.state == "skipped":
                log.info("%s was left out: %s", called[id_], outcome.why)
        if not tally.done:
            if failed := self._failures(worked):
                raise MembersFailed(self._all_told(failed))
            raise SkipRun(
                f"none of {len(self.members)} members is left to go on with: the log says why of each"
            )
        return tally

    def failed(self, worked: Worked[Any]) -> MembersFailed | None:
        """
        Return what one of a run's last tasks is to fail with: whoever failed, in whichever task, and why.

        Where several branches were taken, the first of their last tasks tells of what came before them.
        """
        decisions = self.decisions()
        first = next((task_id for task_id, one in LAST_TASKS.items() if one in decisions), self.task_id)
        failed = self._failures(worked)
        if first != self.task_id:
            failed = {id_: why for id_, why in failed.items() if id_ in worked.outcomes}
        return MembersFailed(self._all_told(failed)) if failed else None

    def _failures(self, worked: Worked[Any]) -> dict[str, str]:
        """Return why members failed, by id: also what could not be noted."""
        own = {id_: one.why for id_, one in worked.outcomes.items() if one.state == "failed"}
        failed = {id_: f"{self.task_id}: {why}" for id_, why in own.items()}
        return failed | failures_of(self.records, self.run_id, self.members)

    def decisions(self) -> set[str]:
        """Return what was decided on the members, each decision once."""
        return {
            outcome.left["decision"]
            for member in self.members
            if (outcome := self._decided(member)) is not None and outcome.state == "done"
        }

    def _decided(self, member: Member) -> Outcome | None:
        try:
            return self.run_of(member).journal().tasks.get(APPROVE)
        except DreamflowError:
            return None  # what is wrong with it is told as its failure

    def _all_told(self, failed: Mapping[str, str]) -> str:
        return (
            f"{len(failed)} of {len(self.members)} members failed; the others are done. {self._told(failed)}"
        )

    def _told(self, why: Mapping[str, str]) -> str:
        """Say why, of as many as people read: the log has a line for each."""
        called = {member.id: member.called for member in self.members}
        told = [f"{called[id_]}: {self.shown(text)}" for id_, text in sorted(why.items())[:_TOLD]]
        more = len(why) - len(told)
        return "; ".join([*told, f"and {more} more: the log of the task names each"] if more else told)
