"""The Managed Agents API, as Dreamflow uses it: every call, sync and async."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from itertools import islice
from typing import Any

from dreamflow.core.launching import DreamRequest
from dreamflow.core.objects import IN_FLIGHT, Agent, Deployment, Dream, MemoryStore, SaidText, Session
from dreamflow.errors import NotFound, RequestRejected
from dreamflow.hooks._convert import (
    agent_of,
    deployment_of,
    dream_of,
    list_cost_usd_of,
    said_of,
    service_time_of,
    session_of,
    store_of,
    translated,
)
from dreamflow.hooks._memories import MemoryCalls
from dreamflow.hooks.asynchronous import PAGE

__all__ = ["ManagedAgentsHook"]

#: Events that make a turn; a change of status, title or archive is none.
TURN_EVENTS: Any = [
    *("user.message", "user.define_outcome", "user.tool_result", "user.custom_tool_result", "system.message"),
    *("agent.message", "agent.tool_use", "agent.tool_result", "agent.custom_tool_use", "agent.mcp_tool_use"),
    *("agent.mcp_tool_result", "agent.thread_message_received", "agent.thread_message_sent"),
]


class ManagedAgentsHook(MemoryCalls):
    """
    Call the Managed Agents API with the connection's key, in values and errors of our own.

    Reads are retried by the SDK (twice), and wait where the service asks for fewer (``Patience``); so do writes that
    can be repeated. ``create_dream`` and ``create_store`` can't: they are sent once.

    :param conn_id: an Airflow connection of type ``anthropic``; its host may be an embedded server's URL.
    """

    # Memory stores

    def retrieve_store(self, store_id: str) -> MemoryStore:
        with translated(f"read memory store {store_id}"):
            return store_of(self.client.beta.memory_stores.retrieve(store_id))

    def find_store(self, store_id: str) -> MemoryStore | None:
        """Return the store, or None where there is none of that id."""
        with suppress(NotFound):
            return self.retrieve_store(store_id)
        return None

    def list_stores(self, *, since: datetime | None = None) -> Iterator[MemoryStore]:
        """Yield the stores of the workspace that are not archived, newest first."""
        filters: Any = {"created_at_gte": since} if since else {}
        with translated("list memory stores"):
            for store in self.client.beta.memory_stores.list(limit=PAGE, **filters):
                yield store_of(store)

    def create_store(self, *, name: str, description: str, metadata: Mapping[str, str]) -> MemoryStore:
        """
        Create a store, with one request: the service has no idempotency key for it.

        :raises ServiceUnavailable: the store may or may not exist now.
        """
        known: Any = {"description": description} if description else {}
        with translated("create a memory store"):
            stores = self.client.with_options(max_retries=0).beta.memory_stores
            return store_of(stores.create(name=name, metadata=dict(metadata), **known))

    def update_store(
        self, store_id: str, *, name: str, description: str, metadata: Mapping[str, str | None]
    ) -> MemoryStore:
        """Set name and description, and merge metadata by key (None removes a key)."""
        changed: Any = {"name": name, "description": description, "metadata": dict(metadata)}
        with translated(f"update memory store {store_id}"):
            return store_of(self.client.beta.memory_stores.update(store_id, **changed))

    def archive_store(self, store_id: str) -> MemoryStore:
        """Archive the store: one-way, and harmless where it already is."""
        with translated(f"archive memory store {store_id}"):
            return store_of(self.client.beta.memory_stores.archive(store_id))

    # Sessions

    def list_sessions(self, **filters: Any) -> Iterator[Session]:
        """Yield sessions. Filters are those of ``sessions.list``; archived ones come only when asked for."""
        with translated("list sessions"):
            for session in self.client.beta.sessions.list(limit=PAGE, **filters):
                yield session_of(session)

    def list_sessions_mounting(self, store_ids: Collection[str], **filters: Any) -> list[Session]:
        """Return the sessions that mount one of the stores. Filters are those of ``sessions.list``."""
        return [
            session
            for session in self.list_sessions(**filters)
            if any(mount.memory_store_id in store_ids for mount in session.stores)
        ]

    def missing_sessions(self, session_ids: Iterable[str]) -> set[str]:
        """Return those of the ids that no session has: it was deleted, or was never there."""

        def find(session_id: str) -> object:
            with suppress(NotFound), translated(f"read session {session_id}"):
                return self.client.beta.sessions.retrieve(session_id)
            return None

        asked = list(session_ids)
        return {asked[i] for i, found in enumerate(self._each(find, asked)) if found is None}

    def service_time(self) -> datetime:
        """Return the service's own time, as its answers are dated, and rather too early than too late."""
        with translated("ask for the time"):
            answer = self.client.beta.sessions.with_raw_response.list(limit=1)
            return service_time_of(answer.headers.get("date"), datetime.now(UTC))

    def each_event(self, session_id: str) -> Iterator[SaidText]:
        """Yield what the session's events say, oldest first, a page in memory at a time; signals are left out."""
        with translated(f"read the events of session {session_id}"):
            for event in self.client.beta.sessions.events.list(session_id, limit=PAGE, order="asc"):
                if (said := said_of(event)) is not None:
                    yield said

    def transcript_bytes(self, session_id: str) -> int:
        """Return the size of the text of a session's events, in bytes of UTF-8."""
        return sum(len(said.text.encode()) for said in self.each_event(session_id))

    def has_turns_after(self, session_id: str, moment: datetime) -> bool:
        """Tell whether anything was said or done in the session after the moment."""
        with translated(f"read the events of session {session_id}"):
            events = self.client.beta.sessions.events
            return bool(events.list(session_id, created_at_gt=moment, types=TURN_EVENTS, limit=1).data)

    def retrieve_list_cost(self, session_id: str) -> float | None:
        """Return what the session cost at list price, in US dollars; None where the service does not tell."""
        with translated(f"read session {session_id}"):
            return list_cost_usd_of(self.client.beta.sessions.retrieve(session_id))

    # Dreams

    def create_dream(self, request: DreamRequest) -> Dream:
        """
        Create the dream, with one request: the service has no idempotency key for it.

        :raises ServiceUnavailable: the dream may or may not exist now.
        """
        asked: dict[str, Any] = {"instructions": request.instructions} if request.instructions else {}
        asked["inputs"] = [
            {"type": "memory_store", "memory_store_id": request.input_store_id},
            {"type": "sessions", "session_ids": list(request.session_ids)},
        ]
        with translated("create the dream"):
            dreams = self.client.with_options(max_retries=0).beta.dreams
            return dream_of(dreams.create(model=request.model, **asked))

    def retrieve_dream(self, dream_id: str) -> Dream:
        with translated(f"read dream {dream_id}"):
            return dream_of(self.client.beta.dreams.retrieve(dream_id))

    def find_dream(self, dream_id: str) -> Dream | None:
        """Return the dream, or None where there is none of that id."""
        with suppress(NotFound):
            return self.retrieve_dream(dream_id)
        return None

    def list_dreams(
        self, *, in_flight: bool = False, since: datetime | None = None, anew: bool = False
    ) -> Iterator[Dream]:
        """
        Yield dreams, newest first: those in flight, or all of them, archived ones too.

        :param anew: all that were created by now are to be there, whatever was listed for others.
        """
        filters: dict[str, Any] = {"statuses": sorted(IN_FLIGHT)} if in_flight else {"include_archived": True}
        if since is not None:
            filters["created_at_gt"] = since
        with translated("list dreams"):
            for dream in self.client.beta.dreams.list(limit=PAGE, **filters):
                yield dream_of(dream)

    def list_dreams_over(self, store_ids: Collection[str], *, since: datetime) -> list[Dream]:
        """Return the dreams over one of the stores that were created after the moment, newest first."""
        return [dream for dream in self.list_dreams(since=since) if dream.input_store_id in store_ids]

    def newest_dreams(self) -> tuple[Dream, ...]:
        """Return the newest dreams as they are now, newest first: as many as one request lists."""
        return tuple(islice(self.list_dreams(anew=True), PAGE))

    def cancel_dream(self, dream_id: str) -> Dream:
        """Cancel the dream, and return it as it is then: one that ended by itself meanwhile, as it ended."""
        try:
            with translated(f"cancel dream {dream_id}"):
                return dream_of(self.client.beta.dreams.cancel(dream_id))
        except RequestRejected:
            dream = self.retrieve_dream(dream_id)
            if dream.status in IN_FLIGHT:
                raise
            return dream

    # Targets

    def retrieve_deployment(self, deployment_id: str) -> Deployment:
        with translated(f"read deployment {deployment_id}"):
            return deployment_of(self.client.beta.deployments.retrieve(deployment_id))

    def list_deployments(self) -> Iterator[Deployment]:
        """Yield every deployment of the workspace that is not archived, newest first."""
        with translated("list deployments"):
            for deployment in self.client.beta.deployments.list(limit=PAGE):
                yield deployment_of(deployment)

    def deployments_mounting(self, store_id: str, *, anew: bool = False) -> list[Deployment]:
        """
        Return the deployments of the workspace that mount the store.

        :param anew: as they are now, whatever was listed for others.
        """
        return [
            deployment
            for deployment in self.list_deployments()
            if any(mount.memory_store_id == store_id for mount in deployment.memory_stores)
        ]

    def replace_deployment_resources(
        self, deployment_id: str, resources: Iterable[Mapping[str, Any]]
    ) -> Deployment:
        with translated(f"update deployment {deployment_id}"):
            rewritten: Any = list(resources)
            return deployment_of(self.client.beta.deployments.update(deployment_id, resources=rewritten))

    def retrieve_agent(self, agent_id: str) -> Agent:
        with translated(f"read agent {agent_id}"):
            return agent_of(self.client.beta.agents.retrieve(agent_id))

    def update_agent_metadata(self, agent_id: str, *, version: int, metadata: Mapping[str, str]) -> Agent:
        """Merge metadata by key, if and only if ``version`` is the agent's latest."""
        with translated(f"update agent {agent_id}"):
            agents = self.client.beta.agents
            return agent_of(agents.update(agent_id, version=version, metadata=dict(metadata)))
