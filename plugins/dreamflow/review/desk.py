"""One review on the desk: from the names in an address to the world, the run's files, and the texts."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from threading import Lock
from typing import TYPE_CHECKING, Any

from airflow.sdk.log import mask_secret
from fastapi import HTTPException

from dreamflow import storage
from dreamflow.config import Pipeline, load_named, pipeline_files, pipelines_folder
from dreamflow.core.comparing import joined
from dreamflow.core.fleets import Member
from dreamflow.core.objects import MemoryEntry
from dreamflow.core.review import Change, Held, Review, Side
from dreamflow.errors import ConfigError, DreamflowError
from dreamflow.links import airflow_url
from dreamflow.records.files import Records, RunRecords
from dreamflow.records.journal import RESTORE_KEY
from dreamflow.records.rosters import restored_member
from dreamflow.review.access import AirflowRun
from dreamflow.review.last_read import LAST_READ
from dreamflow.review.members import Members
from dreamflow.review.watch import WATCH
from dreamflow.steps.bodies import BODIES
from dreamflow.steps.fleet_rows import Standing
from dreamflow.steps.review import current
from dreamflow.steps.stores import has_output
from dreamflow.steps.world import World
from dreamflow.targets import hidden_words
from dreamflow.tasks import RESTORE_DAG_ID

if TYPE_CHECKING:
    from dreamflow.core.objects import Listing

__all__ = ["Desk", "desk_of", "members_of"]

_PREFIX = "dream__"
#: Seconds for which a pipeline's file and connection are taken as they were read.
_WORLD_HOLDS = 30.0
#: Seconds that a request may wait where the service asks for fewer: a person looks at the page.
_PATIENCE = 10.0
#: A review is made anew by one request at a time.
_MAKING = Lock()


@dataclass(frozen=True)
class Desk:
    """
    One run's review, and what it takes to show and mend it.

    :ivar members: of a fleet, all of them; the review is one member's then, and so are world and records.
    """

    airflow: AirflowRun
    world: World
    run: RunRecords
    members: Members | None = None

    @cached_property
    def known(self) -> Review | None:
        """Return the review as it was kept last."""
        return LAST_READ.of(self.run)

    @cached_property
    def review(self) -> Review | None:
        """Return the run's review as of now; None while there is none."""
        known = self.known
        if known is not None and (not self.is_open or self.digest() == known.digest):
            return known.model_copy(update={"edits": self.run.edits() or known.edits})
        # While the output is asked about, a review that is not there is cut: it is made anew.
        if not self.is_open or (known is None and not has_output(self.run)):
            return None
        with _MAKING:
            return current(self.world, self.run)

    def reviewed(self) -> Review:
        """:raises HTTPException: the run has no review yet."""
        if self.review is None:
            raise HTTPException(404, "This run has no review yet.")
        return self.review

    @property
    def is_open(self) -> bool:
        """Tell whether the output may still change before it is decided on."""
        return self.status == "waiting" and (self.standing is None or self.standing.state == "waiting")

    @property
    def status(self) -> str:
        """Return how the question stands: of a fleet's member, ``chosen`` where it was decided by itself."""
        chosen = self.standing is not None and self.standing.state == "chosen"
        waits = self.airflow.question.status == "waiting"
        return "chosen" if chosen and waits else self.airflow.question.status

    @cached_property
    def standing(self) -> Standing | None:
        """Return how a fleet's member stands in the run; None where it is no fleet's."""
        return self.members.standing(self.airflow.member) if self.members else None

    def list_anew(self) -> None:
        """See that the fleet's list has its member as it is now, while the question about it waits."""
        if self.members is not None and self.airflow.question.status == "waiting":
            self.members.note(self.airflow.member)

    @cached_property
    def base(self) -> Listing:
        """Return the input's memories as they were compared."""
        return self.run.launch_listing()

    def digest(self, *, at_once: bool = False) -> str:
        """Return the digest of the output as it was a moment ago; or, at once, as it is."""
        known = self.known
        return WATCH.digest(self.world.hook, known.output.id, at_once=at_once) if known else ""

    def made_anew(self) -> Review:
        """Return the review after an edit of ours."""
        with _MAKING:
            review = current(self.world, self.run)
        WATCH.digest(self.world.hook, review.output.id, at_once=True)
        self.list_anew()
        return review

    # Texts

    def texts(self, changes: list[Change]) -> dict[str, tuple[str | None, str | None]]:
        """
        Return the texts of both sides of each change, by its path and side; see ``place_of``.

        Of what came of several memories, the old side has them one after the other. None: it was redacted.
        """
        review = self.review
        assert review is not None
        olds = {path: self.base[path] for change in changes for path in self.origins(change)}
        news = {change.path: entry_of(change.after) for change in changes if change.after}
        before = BODIES.read(self.world.hook, review.input.id, olds)
        after = BODIES.read(self.world.hook, review.output.id, news)
        found: dict[str, tuple[str | None, str | None]] = {}
        for change in changes:
            parts = [before[path] for path in self.origins(change)]
            old = None if None in parts else joined([part for part in parts if part is not None])
            found[place_of(change)] = old, after[change.path] if change.after else ""
        return found

    def origins(self, change: Change) -> list[str]:
        """Return the input's memories that a change's came of."""
        own = (change.path,) if change.before is not None and not change.origins else change.origins
        return [path for path in own if path in self.base]

    def whole(self, path: str, side: Side) -> str | None:
        """
        Return the text of any memory of either store; None where it was redacted.

        :raises HTTPException: this run knows no memory of that path.
        """
        review = self.review
        assert review is not None
        changed = next((c.after for c in review.changes if c.path == path and c.after is not None), None)
        if side == "after" and changed is not None:
            return BODIES.read(self.world.hook, review.output.id, {path: entry_of(changed)})[path]
        gone = {c.path for c in review.changes if c.after is None} if side == "after" else set()
        if path not in self.base or path in gone:
            raise HTTPException(404, "This run has no memory of that path.")
        return BODIES.read(self.world.hook, review.input.id, {path: self.base[path]})[path]

    def held_text(self, path: str) -> str | None:
        """Return what the output's memory holds, as the review has it; None where it has none, or it was redacted."""
        try:
            return self.whole(path, "after")
        except HTTPException:
            return None

    def editable(self, path: str) -> MemoryEntry:
        """
        Return the output's memory of that path, changed or not.

        :raises HTTPException: it has none; or it holds something else by now than the review knows.
        """
        review = self.review
        assert review is not None
        changed = next((c for c in review.changes if c.path == path and c.after is not None), None)
        if changed is not None and changed.after is not None:
            return entry_of(changed.after)
        gone = any(change.path == path for change in review.changes)
        if gone or path not in self.base:
            raise HTTPException(404, "The output has no memory of that path that could be edited.")
        held = self.world.hook.find_memory(review.output.id, path)
        if held is None or held.sha256 != self.base[path].sha256:
            raise HTTPException(409, "The memory was changed a moment ago. Look at the page again.")
        return held

    # Errors

    @contextmanager
    def telling(self) -> Iterator[None]:
        """Let errors say what the pipeline's file says, and not what its variables hold."""
        pipeline = self.world.pipeline
        try:
            yield
        except DreamflowError as e:
            text = str(e)
            for secret, name in hidden_words(pipeline.secrets, pipeline.shown).items():
                text = text.replace(secret, name)
            e.args = (text, *e.args[1:])
            raise


def place_of(change: Change) -> str:
    """Return what tells a change from others: a path may have gone from the one store, and come into the other."""
    return f"{'after' if change.after is not None else 'before'}:{change.path}"


def entry_of(held: Held) -> MemoryEntry:
    return MemoryEntry(held.memory_id, held.sha256, held.version_id, held.size)


def desk_of(run: AirflowRun) -> Desk:
    """
    Return the desk of a run, or of one member of a fleet's run.

    :raises HTTPException: as ``_opened``; or a member is named where there is none of that id, or none where it has to.
    """
    world, records = _opened(run)
    if not _is_fleet(world):
        if run.member:
            raise HTTPException(404, "This run is of one memory, and has no members.")
        return Desk(run, world, records)
    members = Members(run, world, records)
    row = members.row_of(run.member)
    if row is None:
        raise HTTPException(404, "This run has no such member. Its page lists them.")
    own = _of_member(world, Member(id=row.id, name=row.name))
    asked = replace(run, question=members.question_about(row.id))
    return Desk(asked, own, members.run_of(row.id), members)


def members_of(run: AirflowRun) -> Members | None:
    """Return the members of a fleet's run; None where it is no fleet's, or one of them is looked at."""
    if run.member:
        return None
    world, records = _opened(run)
    return Members(run, world, records) if _is_fleet(world) else None


def _is_fleet(world: World) -> bool:
    """Tell whether a run is of many members: a restore is of one."""
    return world.pipeline.fleet is not None and world.pipeline.member is None


def _opened(run: AirflowRun) -> tuple[World, RunRecords]:
    """
    Return the world of a run's pipeline, and the run's records.

    :raises HTTPException: its DAG is none of a pipeline that is there; or it is named as a restore's files are, which
        who may see dreams need not see.
    """
    name, key = _pipeline_name(run.dag_id, run.conf), run.run_id
    is_restore = run.dag_id == RESTORE_DAG_ID
    if key.startswith(RESTORE_KEY) and not is_restore:
        raise HTTPException(404, f"A dream's run can't be reviewed whose name begins with {RESTORE_KEY}.")
    try:
        world = _world(name, int(time.monotonic() / _WORLD_HOLDS))
    except ConfigError as e:
        raise HTTPException(404, "This is not a run of a Dreamflow pipeline that is there and right.") from e
    if is_restore and world.pipeline.fleet is not None:
        member = restored_member(world.records, key)
        if member is None:
            raise HTTPException(404, "This run has not begun, or names no member of its fleet.")
        world = _of_member(world, member)
    return world, world.records.run(f"{RESTORE_KEY}{key}" if is_restore else key)


def _of_member(world: World, member: Member) -> World:
    """Return a fleet's world as it is for one of its members."""
    pipeline, records = world.pipeline.of_member(member), world.records.member(member.id)
    return replace(world, pipeline=pipeline, records=records)


def _pipeline_name(dag_id: str, conf: Mapping[str, Any]) -> str:
    if dag_id != RESTORE_DAG_ID:
        return dag_id.removeprefix(_PREFIX) if dag_id.startswith(_PREFIX) else ""
    # A single pipeline is chosen already: a run that was triggered without a form does not name it.
    files = pipeline_files(pipelines_folder())
    return str(conf.get("pipeline") or (files[0].stem if len(files) == 1 else ""))


@lru_cache(maxsize=32)
def _world(name: str, _: int) -> World:
    """Return a pipeline's world, without its targets: nothing here may touch what is live."""
    from dreamflow.hooks.managed_agents import ManagedAgentsHook  # noqa: PLC0415 - it imports anthropic

    pipeline: Pipeline = load_named(name)
    for secret in hidden_words(pipeline.secrets, pipeline.shown):
        mask_secret(secret)
    records = Records(storage, storage.report_location(pipeline.reports.location), pipeline.name)
    hook = ManagedAgentsHook(conn_id=pipeline.conn_id)
    hook.patience = _PATIENCE
    return World(pipeline, hook, (), records, airflow=airflow_url())
