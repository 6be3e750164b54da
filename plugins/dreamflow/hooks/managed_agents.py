"""The Managed Agents API, as Dreamflow uses it: every call, sync and async."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime
from itertools import islice
from typing import Any, TypeVar, cast

from dreamflow.core.launching import DreamRequest
from dreamflow.core.objects import IN_FLIGHT, Agent, Deployment, Dream, MemoryEntry, MemoryStore, Session
from dreamflow.errors import Conflict, NotFound, RequestRejected
from dreamflow.hooks._connection import Connected
from dreamflow.hooks._convert import (
    agent_of,
    conflicting_memory_of,
    deployment_of,
    dream_of,
    entry_of,
    list_cost_usd_of,
    service_time_of,
    session_of,
    store_of,
    text_bytes_of,
    translated,
)
from dreamflow.hooks.asynchronous import PAGE

__all__ = ["ManagedAgentsHook"]

T = TypeVar("T")
R = TypeVar("R")

#: Events that make a turn; a change of status, title or archive is none.
TURN_EVENTS = (
    "user.message",
    "user.define_outcome",
    "user.tool_result",
    "user.custom_tool_result",
    "system.message",
    "agent.message",
    "agent.tool_use",
    "agent.tool_result",
    "agent.custom_tool_use",
    "agent.mcp_tool_use",
    "agent.mcp_tool_result",
    "agent.thread_message_received",
    "agent.thread_message_sent",
)
#: Requests under way at once where many bodies are fetched.
PARALLEL_READS = 8


class ManagedAgentsHook(Connected):
    """
    Call the Managed Agents API with the connection's key, in values and errors of our own.

    Reads are retried by the SDK (twice, honouring ``retry-after``); so are writes that can be repeated. The one
    that can't is ``create_dream``: it is sent once.

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

    def update_store(
        self, store_id: str, *, name: str, description: str, metadata: Mapping[str, str | None]
    ) -> MemoryStore:
        """Set name and description, and merge metadata by key (None removes a key)."""
        with translated(f"update memory store {store_id}"):
            return store_of(
                self.client.beta.memory_stores.update(
                    store_id, name=name, description=description, metadata=dict(metadata)
                )
            )

    def archive_store(self, store_id: str) -> MemoryStore:
        """Archive the store: one-way, and harmless where it already is."""
        with translated(f"archive memory store {store_id}"):
            return store_of(self.client.beta.memory_stores.archive(store_id))

    # Memories

    def list_memories(self, store_id: str) -> dict[str, MemoryEntry]:
        """Return every memory of the store by path, without contents."""
        listing: dict[str, MemoryEntry] = {}
        with translated(f"list the memories of {store_id}"):
            for item in self.client.beta.memory_stores.memories.list(store_id, view="basic", limit=PAGE):
                if item.type == "memory":
                    listing[item.path] = entry_of(item)
        return listing

    def read_bodies(self, store_id: str, entries: Mapping[str, MemoryEntry]) -> dict[str, str]:
        """
        Return contents by path, of exactly the versions that the entries name.

        A memory that changed since its entry was listed is read from its version.
        """
        return dict(
            zip(entries, self._each(lambda e: self._read_body(store_id, e), entries.values()), strict=True)
        )

    def _read_body(self, store_id: str, entry: MemoryEntry) -> str:
        with translated(f"read memory {entry.memory_id} of {store_id}"):
            try:
                memory = self.client.beta.memory_stores.memories.retrieve(
                    entry.memory_id, memory_store_id=store_id, view="full"
                )
                if memory.content_sha256 == entry.sha256 and memory.content is not None:
                    return memory.content
            except Exception as e:
                if getattr(e, "status_code", None) != 404:
                    raise
            version = self.client.beta.memory_stores.memory_versions.retrieve(
                entry.version_id, memory_store_id=store_id, view="full"
            )
        if version.content is None:
            raise NotFound(
                f"version {entry.version_id} of memory {entry.memory_id} in {store_id} was redacted: "
                "what it said can't be compared any more. Trigger a new run."
            )
        return version.content

    def write_memory(self, store_id: str, path: str, content: str, held: MemoryEntry | None) -> None:
        """
        Create the memory, or update the one that is there, if and only if the path holds what a listing told.

        Repeating it is harmless. Only a write that is refused looks what the path holds.

        :param held: the path's entry in the listing; None where it had none.
        :raises Conflict: the path holds something else.
        """
        memories = self.client.beta.memory_stores.memories
        try:
            with translated(f"write {path!r} to {store_id}"):
                if held is None:
                    memory = memories.create(store_id, path=path, content=content)
                else:
                    memory = memories.update(
                        held.memory_id,
                        memory_store_id=store_id,
                        content=content,
                        precondition={"type": "content_sha256", "content_sha256": held.sha256},
                    )
                stands = memory.path == path
        except (Conflict, NotFound) as e:
            # The reply to a write that stands may have been lost, and the SDK's second try was told of a conflict.
            there = self._held(store_id, path, conflicting_memory_of(e) or (held.memory_id if held else None))
            stands = there is not None and there.sha256 == hashlib.sha256(content.encode()).hexdigest()
        if not stands:
            raise Conflict(
                f"could not write {path!r} to {store_id}: it changed since it was read.", status=409
            )

    def delete_memory(self, store_id: str, path: str, held: MemoryEntry) -> None:
        """
        Delete the memory if and only if it holds what a listing told; one that is gone is no error.

        :param held: the path's entry in the listing.
        :raises Conflict: the path holds something else.
        """
        try:
            with translated(f"delete {path!r} from {store_id}"):
                self.client.beta.memory_stores.memories.delete(
                    held.memory_id, memory_store_id=store_id, expected_content_sha256=held.sha256
                )
        except NotFound as e:
            if self._held(store_id, path, None) is not None:
                raise Conflict(
                    f"could not delete {path!r} from {store_id}: another memory has its place since it was read.",
                    status=409,
                ) from e

    def _held(self, store_id: str, path: str, memory_id: str | None) -> MemoryEntry | None:
        """
        Return what the path holds now.

        :param memory_id: the memory that is likely there, which takes one request; to list a folder may take twenty.
        """
        memories = self.client.beta.memory_stores.memories
        what = f"look for {path!r} in {store_id}"
        if memory_id is not None:
            with suppress(NotFound), translated(what):
                memory = memories.retrieve(memory_id, memory_store_id=store_id, view="basic")
                if memory.path == path:
                    return entry_of(memory)
        folder = path.rsplit("/", 1)[0] + "/"
        with translated(what):
            for item in memories.list(store_id, path_prefix=folder, depth=1, view="basic", limit=PAGE):
                if item.type == "memory" and item.path == path:
                    return entry_of(item)
        return None

    def deleted_after(self, store_id: str, moment: datetime) -> dict[str, MemoryEntry]:
        """Return, by path, the memories that were deleted after the moment, as they were before."""
        with translated(f"list the deletions in {store_id}"):
            deletions = self.client.beta.memory_stores.memory_versions.list(
                store_id, operation="deleted", created_at_gte=moment, view="basic", limit=PAGE
            )
            memory_ids = {version.memory_id for version in deletions if version.created_at > moment}
        held = (self._newest_content(store_id, memory_id) for memory_id in sorted(memory_ids))
        return dict(entry for entry in held if entry is not None)

    def _newest_content(self, store_id: str, memory_id: str) -> tuple[str, MemoryEntry] | None:
        """Return path and entry of a deleted memory's last version that held something."""
        with translated(f"list the versions of memory {memory_id} in {store_id}"):
            for version in self.client.beta.memory_stores.memory_versions.list(
                store_id, memory_id=memory_id, view="basic", limit=PAGE
            ):
                if version.operation == "deleted":
                    continue
                if not version.path or not version.content_sha256:
                    return None  # redacted: what it said is to be gone, and an older word is not its last
                size = version.content_size_bytes or 0
                return version.path, MemoryEntry(memory_id, version.content_sha256, version.id, size)
        return None

    # Sessions

    def list_sessions(self, **filters: Any) -> Iterator[Session]:
        """Yield sessions. Filters are those of ``sessions.list``; archived ones come only when asked for."""
        with translated("list sessions"):
            for session in self.client.beta.sessions.list(limit=PAGE, **filters):
                yield session_of(session)

    def missing_sessions(self, session_ids: Iterable[str]) -> set[str]:
        """Return those of the ids that no session has: it was deleted, or was never there."""

        def is_missing(session_id: str) -> bool:
            try:
                with translated(f"read session {session_id}"):
                    self.client.beta.sessions.retrieve(session_id)
            except NotFound:
                return True
            return False

        asked = list(session_ids)
        answers = zip(asked, self._each(is_missing, asked), strict=True)
        return {session_id for session_id, missing in answers if missing}

    def service_time(self) -> datetime:
        """Return the service's own time, as its answers are dated, and rather too early than too late."""
        with translated("ask for the time"):
            answer = self.client.beta.sessions.with_raw_response.list(limit=1)
            return service_time_of(answer.headers.get("date"), datetime.now(UTC))

    def transcript_bytes(self, session_id: str) -> int:
        """Return the size of the text of a session's events, in bytes of UTF-8."""
        with translated(f"read the events of session {session_id}"):
            events = self.client.beta.sessions.events.list(session_id, limit=PAGE)
            return sum(text_bytes_of(event) for event in events)

    def has_turns_after(self, session_id: str, moment: datetime) -> bool:
        """Tell whether anything was said or done in the session after the moment."""
        with translated(f"read the events of session {session_id}"):
            turns = self.client.beta.sessions.events.list(
                session_id, created_at_gt=moment, types=cast("Any", list(TURN_EVENTS)), limit=1
            )
            return bool(turns.data)

    def retrieve_list_cost(self, session_id: str) -> float | None:
        """Return what the session cost at list price, in US dollars; None where the service does not tell."""
        with translated(f"read session {session_id}"):
            return list_cost_usd_of(self.client.beta.sessions.retrieve(session_id))

    # Dreams

    def create_dream(self, request: DreamRequest) -> Dream:
        """
        Create the dream, with one request and no retry: the service has no idempotency key for it.

        :raises ServiceUnavailable: the dream may or may not exist now.
        """
        extra: dict[str, Any] = {"instructions": request.instructions} if request.instructions else {}
        with translated("create the dream"):
            return dream_of(
                self.client.with_options(max_retries=0).beta.dreams.create(
                    inputs=[
                        {"type": "memory_store", "memory_store_id": request.input_store_id},
                        {"type": "sessions", "session_ids": list(request.session_ids)},
                    ],
                    model=request.model,
                    **extra,
                )
            )

    def retrieve_dream(self, dream_id: str) -> Dream:
        with translated(f"read dream {dream_id}"):
            return dream_of(self.client.beta.dreams.retrieve(dream_id))

    def find_dream(self, dream_id: str) -> Dream | None:
        """Return the dream, or None where there is none of that id."""
        with suppress(NotFound):
            return self.retrieve_dream(dream_id)
        return None

    def list_dreams(self, *, in_flight: bool = False, since: datetime | None = None) -> Iterator[Dream]:
        """Yield dreams, newest first: those in flight, or all of them, archived ones too."""
        filters: dict[str, Any] = {"statuses": sorted(IN_FLIGHT)} if in_flight else {"include_archived": True}
        if since is not None:
            filters["created_at_gt"] = since
        with translated("list dreams"):
            for dream in self.client.beta.dreams.list(limit=PAGE, **filters):
                yield dream_of(dream)

    def newest_dream_ids(self, count: int = 20) -> tuple[str, ...]:
        """Return the ids of the newest dreams, newest first."""
        return tuple(dream.id for dream in islice(self.list_dreams(), count))

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

    def replace_deployment_resources(
        self, deployment_id: str, resources: Iterable[Mapping[str, Any]]
    ) -> Deployment:
        with translated(f"update deployment {deployment_id}"):
            return deployment_of(
                self.client.beta.deployments.update(deployment_id, resources=cast("Any", list(resources)))
            )

    def retrieve_agent(self, agent_id: str) -> Agent:
        with translated(f"read agent {agent_id}"):
            return agent_of(self.client.beta.agents.retrieve(agent_id))

    def update_agent_metadata(self, agent_id: str, *, version: int, metadata: Mapping[str, str]) -> Agent:
        """Merge metadata by key, if and only if ``version`` is the agent's latest."""
        with translated(f"update agent {agent_id}"):
            return agent_of(
                self.client.beta.agents.update(agent_id, version=version, metadata=dict(metadata))
            )

    def _each(self, call: Callable[[T], R], items: Iterable[T]) -> list[R]:
        with ThreadPoolExecutor(PARALLEL_READS, thread_name_prefix="managed-agents") as pool:
            return list(pool.map(call, items))
