"""Collecting the sessions that the next dream reads."""

from __future__ import annotations

import logging
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from itertools import islice
from typing import TYPE_CHECKING, Any

from croniter import croniter
from pendulum import timezone

from dreamflow.core.ancestry import ids_since, walk_content
from dreamflow.core.beside import late_path
from dreamflow.core.handoffs import Collected, Settled
from dreamflow.core.lineage import check_room, read_lineage
from dreamflow.core.selection import Selection, select_sessions, sessions_to_set_aside
from dreamflow.errors import NotFound, SkipRun, StateError

if TYPE_CHECKING:
    from dreamflow.core.objects import Dream, MemoryStore, Session
    from dreamflow.steps.world import World

__all__ = ["collect"]

log = logging.getLogger(__name__)

#: How long before its session a dream may have been created: the longest wait in the service's queue that we allow for.
_QUEUE_SLACK = timedelta(days=2)
#: Sessions beyond ``max_age`` that are counted at most: a page.
_OLDER_COUNTED = 100


def collect(world: World, settled: Settled, *, limit: int, until: datetime | None = None) -> Collected:
    """
    Choose the sessions for the next dream, and name the live store that it starts from.

    :param until: take none that changed after this moment.
    :raises SkipRun: fewer than ``sessions.minimum`` qualify.
    :raises StateError: the live store can't be dreamed over, or ``sessions.agent_id`` names no agent.
    """
    sessions = world.pipeline.sessions
    _check_agent(world)
    live = world.live_store()
    if live.id != settled.live_store_id:
        log.info("the targets were repointed since they were settled: %s is live now", live.id)
    check_room(live)
    lineage = read_lineage(live)
    since = lineage.through_in(sessions.scope) if lineage else None
    cutoff = world.now() - sessions.max_age
    listed_from = world.hook.service_time()
    history = ids_since(world.hook.find_store, live.id, cutoff) if sessions.mounted else None
    listed = _list_sessions(world, history, cutoff)
    changed = [session for session in listed if since is None or session.updated_at > since]
    dreams = _recent_dreams(world, changed, since, history, cutoff)
    failures = sessions_to_set_aside(dreams, sessions.set_aside_after)
    chosen = select_sessions(
        listed,
        since=since,
        covered=_covered(world, live, changed, cutoff),
        limit=limit,
        listed_from=listed_from,
        excluded={dream.session_id for dream in dreams if dream.session_id},
        set_aside=failures.keys(),
        until=until,
    )
    _say(world, chosen, failures)
    if len(chosen.session_ids) < sessions.minimum:
        raise SkipRun(_why_none(world, chosen, cutoff))
    return Collected(
        input_store_id=live.id,
        session_ids=chosen.session_ids,
        since=since,
        through=chosen.through,
        scope=world.pipeline.shown(sessions.scope),
        left_for_next_run=len(chosen.left),
        left_until=chosen.left_until,
        set_aside=tuple(sorted(session.id for session in chosen.set_aside)),
        late=len(world.hook.list_memories(live.id, below=late_path("/"))),
    )


def _check_agent(world: World) -> None:
    """An agent that is not there would be a quiet night, every night."""
    agent_id = world.pipeline.sessions.agent_id
    if agent_id is None:
        return
    try:
        world.hook.retrieve_agent(agent_id)
    except NotFound as e:
        raise StateError(
            f"sessions.agent_id: there is no agent {world.pipeline.shown(agent_id)} in this workspace. "
            "Correct it in the pipeline's file. Nothing was spent."
        ) from e


def _say(world: World, chosen: Selection, failures: dict[str, int]) -> None:
    for session in chosen.set_aside:
        log.warning("session %s is set aside: it made %d dreams fail", session.id, failures[session.id])
    if aging := chosen.aging_out(_next_run(world) - world.pipeline.sessions.max_age):
        log.warning(
            "%d sessions will be older than sessions.max_age before the next run, and never be dreamed: %s. "
            "Raise sessions.limit or sessions.max_age.",
            len(aging),
            ", ".join(aging[:10]),
        )
    count, left = len(chosen.session_ids), len(chosen.left)
    log.info(
        "%d sessions qualify: %d for this run, %d left for the next; %d are still running",
        count + left,
        count,
        left,
        len(chosen.running),
    )


def _next_run(world: World) -> datetime:
    """Return when the next scheduled run begins; where nothing is scheduled, in a day."""
    schedule, now = world.pipeline.schedule, world.now()
    if schedule is None:
        return now + timedelta(days=1)
    local = now.astimezone(timezone(schedule.timezone))
    following: datetime = croniter(schedule.cron, local).get_next(datetime)
    return following


def _why_none(world: World, chosen: Selection, cutoff: datetime) -> str:
    """Return why a run is skipped: what was seen, and why each of it does not qualify."""
    older = 0
    if world.pipeline.member is None:
        sessions = world.hook.list_sessions(**_filters(world), created_at_lt=cutoff)
        older = sum(1 for _ in islice(sessions, _OLDER_COUNTED))
    seen = [
        (chosen.dreamed, "already dreamed"),
        (len(chosen.running), "running"),
        (len(chosen.set_aside), "set aside"),
        (len(chosen.later), "newer than what this catch-up is for"),
        (
            older,
            "or more older than sessions.max_age"
            if older == _OLDER_COUNTED
            else "older than sessions.max_age",
        ),
    ]
    told = ", ".join(f"{count} {what}" for count, what in seen if count) or "none at all"
    return (
        f"{len(chosen.session_ids)} sessions qualify, fewer than sessions.minimum: "
        f"{world.pipeline.sessions.minimum}. Nothing is dreamed tonight. Of the others that were seen: {told}."
    )


def _filters(world: World) -> dict[str, Any]:
    agent_id = world.pipeline.sessions.agent_id
    return {"include_archived": True, **({"agent_id": agent_id} if agent_id else {})}


def _list_sessions(world: World, history: Collection[str] | None, cutoff: datetime) -> list[Session]:
    """:param history: the stores one of which they have to mount; None: any, or none."""
    filters = {**_filters(world), "created_at_gte": cutoff, "order": "asc"}
    if history is None:
        return list(world.hook.list_sessions(**filters))
    return world.hook.list_sessions_mounting(history, **filters)


def _covered(
    world: World, live: MemoryStore, changed: Sequence[Session], cutoff: datetime
) -> dict[str, datetime]:
    """
    Return, by session, up to when the dreams in the store's history have read it.

    A session that was read, and has changed since without a new turn (a title, an archive), counts as read.
    """
    read_at = _read_at(world, live, changed, cutoff)
    for session in changed:
        moment = read_at.get(session.id)
        if moment and session.updated_at > moment and not world.hook.has_turns_after(session.id, moment):
            read_at[session.id] = session.updated_at
    return read_at


def _read_at(
    world: World, live: MemoryStore, changed: Sequence[Session], cutoff: datetime
) -> dict[str, datetime]:
    """Walk the history back as far as it could have read a session that changed since."""
    if not changed:
        return {}
    oldest = max(cutoff, min(session.created_at for session in changed))
    read_at: dict[str, datetime] = {}
    for store in walk_content(world.hook.find_store, live.id):
        lineage = read_lineage(store)
        if lineage is None:
            break
        if not lineage.dream:
            continue  # a restored store: what its content has read is further back
        try:
            dream = world.hook.retrieve_dream(lineage.dream)
        except NotFound:
            continue
        if dream.created_at <= oldest:
            break
        for session_id in dream.session_ids:
            read_at.setdefault(session_id, dream.created_at)
    return read_at


def _recent_dreams(
    world: World,
    changed: Sequence[Session],
    since: datetime | None,
    history: Collection[str] | None,
    cutoff: datetime,
) -> list[Dream]:
    """
    Return the dreams that could have run one of the sessions, or failed on it after it was last covered.

    Where only one agent's sessions are listed, none is a dream's own, and what is covered needs no looking back.
    """
    if not changed:
        return []
    if world.pipeline.member is not None:
        return world.hook.list_dreams_over(history or (), since=cutoff - _QUEUE_SLACK)
    oldest = min(session.created_at for session in changed)
    bound = max(oldest, since) if since and world.pipeline.sessions.agent_id else oldest
    return list(world.hook.list_dreams(since=bound - _QUEUE_SLACK))
