"""Collecting the sessions that the next dream reads."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from airflow.sdk.exceptions import AirflowSkipException

from dreamflow.core.lineage import check_room, read_lineage
from dreamflow.core.selection import select_sessions, sessions_to_set_aside
from dreamflow.errors import NotFound, StateError
from dreamflow.tasks import PipelineOperator

if TYPE_CHECKING:
    from collections.abc import Sequence

    from airflow.sdk import Context

    from dreamflow.core.objects import Dream, MemoryStore, Session

__all__ = ["CollectSessions"]

#: How long before its session a dream may have been created: the longest wait in the service's queue that we allow for.
_QUEUE_SLACK = timedelta(days=2)


class CollectSessions(PipelineOperator):
    """
    Choose the sessions for the next dream, and name the live store that it starts from.

    The run is skipped where fewer than ``sessions.minimum`` qualify.

    :raises StateError: the live store can't be dreamed over.
    """

    def execute(self, context: Context) -> dict[str, Any]:
        live = self.hook.retrieve_store(self.targets[0].read())
        if live.archived_at is not None:
            raise StateError(
                f"{self.targets[0].name} names memory store {live.id}, which is archived. "
                "Point the targets at a store that is not."
            )
        check_room(live)
        lineage = read_lineage(live)
        scope = self.pipeline.sessions.scope
        since = lineage.through_in(scope) if lineage else None
        cutoff = datetime.now(UTC) - self.pipeline.sessions.max_age
        listed_from = self.hook.service_time()
        sessions = self._list_sessions(live, cutoff)
        changed = [session for session in sessions if since is None or session.updated_at > since]
        dreams = self._recent_dreams(changed)
        set_aside = sessions_to_set_aside(dreams, self.pipeline.sessions.set_aside_after)
        for session_id, failures in set_aside.items():
            self.log.warning("session %s is set aside: it made %d dreams fail", session_id, failures)
        chosen = select_sessions(
            sessions,
            since=since,
            covered=self._covered(live, changed, cutoff),
            limit=int(context["params"]["limit"]),
            listed_from=listed_from,
            excluded={dream.session_id for dream in dreams if dream.session_id} | set_aside.keys(),
        )
        count, minimum = len(chosen.session_ids), self.pipeline.sessions.minimum
        self.log.info(
            "%d sessions qualify: %d for this run, %d left for the next; %d are still running",
            count + len(chosen.left_for_next_run),
            count,
            len(chosen.left_for_next_run),
            len(chosen.still_running),
        )
        if count < minimum:
            raise AirflowSkipException(
                f"{count} sessions qualify, fewer than sessions.minimum: {minimum}. Nothing is dreamed tonight."
            )
        return {
            "input_store_id": live.id,
            "session_ids": list(chosen.session_ids),
            "since": since.isoformat() if since else None,
            "left_for_next_run": len(chosen.left_for_next_run),
            "through": chosen.through.isoformat() if chosen.through else None,
            "scope": scope,
            "set_aside": sorted(set_aside),
        }

    def _list_sessions(self, live: MemoryStore, cutoff: datetime) -> list[Session]:
        filters: dict[str, Any] = {"created_at_gte": cutoff, "include_archived": True, "order": "asc"}
        if self.pipeline.sessions.agent_id:
            filters["agent_id"] = self.pipeline.sessions.agent_id
        sessions = self.hook.list_sessions(**filters)
        if not self.pipeline.sessions.mounted:
            return list(sessions)
        from dreamflow.core.ancestry import ids_since

        history = ids_since(self.hook.find_store, live.id, cutoff)
        return [s for s in sessions if any(mount.memory_store_id in history for mount in s.stores)]

    def _covered(
        self, live: MemoryStore, changed: Sequence[Session], cutoff: datetime
    ) -> dict[str, datetime]:
        """
        Return, by session, up to when the dreams in the store's history have read it.

        A session that was read, and has changed since without a new turn (a title, an archive), counts as read.
        """
        read_at = self._read_at(live, changed, cutoff)
        for session in changed:
            moment = read_at.get(session.id)
            if moment and session.updated_at > moment and not self.hook.has_turns_after(session.id, moment):
                read_at[session.id] = session.updated_at
        return read_at

    def _read_at(
        self, live: MemoryStore, changed: Sequence[Session], cutoff: datetime
    ) -> dict[str, datetime]:
        """Walk the history back as far as it could have read a session that changed since."""
        from dreamflow.core.ancestry import walk_content

        if not changed:
            return {}
        oldest = max(cutoff, min(session.created_at for session in changed))
        read_at: dict[str, datetime] = {}
        for store in walk_content(self.hook.find_store, live.id):
            lineage = read_lineage(store)
            if lineage is None:
                break
            if not lineage.dream:
                continue  # a restored store: what its content has read is further back
            try:
                dream = self.hook.retrieve_dream(lineage.dream)
            except NotFound:
                continue
            if dream.created_at <= oldest:
                break
            for session_id in dream.session_ids:
                read_at.setdefault(session_id, dream.created_at)
        return read_at

    def _recent_dreams(self, changed: Sequence[Session]) -> list[Dream]:
        """Return the dreams that could have run, or failed on, one of the sessions."""
        if not changed:
            return []
        return list(self.hook.list_dreams(since=min(s.created_at for s in changed) - _QUEUE_SLACK))
