"""From the SDK's objects and exceptions to our values and errors."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

import anthropic

from dreamflow.core.objects import (
    Agent,
    Deployment,
    Dream,
    MemoryEntry,
    MemoryStore,
    MountedStore,
    Session,
    TokenUsage,
)
from dreamflow.errors import (
    AccessDenied,
    Conflict,
    NotFound,
    RateLimited,
    RequestRejected,
    ServiceError,
    ServiceUnavailable,
)

if TYPE_CHECKING:
    from anthropic.types.beta import (
        BetaDream,
        BetaManagedAgentsAgent,
        BetaManagedAgentsDeployment,
        BetaManagedAgentsMemoryStore,
        BetaManagedAgentsSession,
    )
    from anthropic.types.beta.memory_stores import BetaManagedAgentsMemory

__all__ = [
    "agent_of",
    "conflicting_memory_of",
    "deployment_of",
    "dream_of",
    "entry_of",
    "list_cost_usd_of",
    "service_time_of",
    "session_of",
    "store_of",
    "text_bytes_of",
    "translated",
]

#: The longest wait that a retry-after is believed for, in seconds.
_RETRY_AFTER_LIMIT = 3600.0


def store_of(store: BetaManagedAgentsMemoryStore) -> MemoryStore:
    return MemoryStore(
        id=store.id,
        name=store.name,
        description=store.description or "",
        metadata=dict(store.metadata or {}),
        created_at=_moment(store.created_at),
        archived_at=_moment_or_none(store.archived_at),
    )


def session_of(session: BetaManagedAgentsSession) -> Session:
    return Session(
        id=session.id,
        status=session.status,
        created_at=_moment(session.created_at),
        updated_at=_moment(session.updated_at),
        agent_id=session.agent.id,
        archived_at=_moment_or_none(session.archived_at),
        stores=tuple(
            MountedStore(resource.memory_store_id, resource.access or "read_write")
            for resource in session.resources
            if resource.type == "memory_store"
        ),
    )


def dream_of(dream: BetaDream) -> Dream:
    store_id = ""
    session_ids: tuple[str, ...] = ()
    for entry in dream.inputs:
        if entry.type == "memory_store":
            store_id = entry.memory_store_id
        elif entry.type == "sessions":
            session_ids = tuple(entry.session_ids)
    return Dream(
        id=dream.id,
        status=dream.status,
        created_at=_moment(dream.created_at),
        input_store_id=store_id,
        session_ids=session_ids,
        model=dream.model.id,
        instructions=dream.instructions,
        ended_at=_moment_or_none(dream.ended_at),
        archived_at=_moment_or_none(dream.archived_at),
        output_store_id=dream.outputs[0].memory_store_id if dream.outputs else None,
        session_id=dream.session_id,
        error_type=dream.error.type if dream.error else None,
        error_message=dream.error.message if dream.error else None,
        usage=TokenUsage(
            dream.usage.input_tokens,
            dream.usage.output_tokens,
            dream.usage.cache_read_input_tokens,
            dream.usage.cache_creation_input_tokens,
        ),
    )


def deployment_of(deployment: BetaManagedAgentsDeployment) -> Deployment:
    return Deployment(
        id=deployment.id,
        name=deployment.name,
        archived_at=_moment_or_none(deployment.archived_at),
        resources=tuple(entry.model_dump(mode="json", exclude_none=True) for entry in deployment.resources),
    )


def agent_of(agent: BetaManagedAgentsAgent) -> Agent:
    return Agent(
        id=agent.id,
        name=agent.name,
        version=agent.version,
        metadata=dict(agent.metadata or {}),
        archived_at=_moment_or_none(agent.archived_at),
    )


def entry_of(memory: BetaManagedAgentsMemory) -> MemoryEntry:
    return MemoryEntry(memory.id, memory.content_sha256, memory.memory_version_id, memory.content_size_bytes)


def list_cost_usd_of(session: BetaManagedAgentsSession) -> float | None:
    """Return the session's list price in US dollars (the API tells cents), or None where it isn't tracked."""
    cost = session.usage.list_cost if session.usage else None
    return float(cost.amount) / 100 if cost is not None and cost.currency == "USD" else None


def service_time_of(dated: str | None, now: datetime) -> datetime:
    """
    Return the time of an answer's ``Date`` header, a minute back: the clock that dates a service's answers need not
    be the one that dates its objects. Where the header can't be read, ``now``, which is ours, five minutes back.
    """
    try:
        return _moment(parsedate_to_datetime(dated or "")) - timedelta(minutes=1)
    except (ValueError, TypeError, OverflowError):
        return now - timedelta(minutes=5)


def text_bytes_of(event: Any) -> int:
    """Return the size of what an event says: its text blocks, or a tool's input."""
    blocks = getattr(event, "content", None) or []
    size = sum(len((getattr(block, "text", None) or "").encode()) for block in blocks)
    tool_input = getattr(event, "input", None)
    return size + (len(json.dumps(tool_input, default=str).encode()) if tool_input else 0)


@contextmanager
def translated(what: str) -> Iterator[None]:
    """Raise the SDK's failures inside the block as our own errors. ``what`` completes "could not …"."""
    try:
        yield
    except anthropic.APIStatusError as e:
        raise _error_of_status(what, e) from e
    except anthropic.APITimeoutError as e:
        raise ServiceUnavailable(f"could not {what}: no answer in time. It may pass: try again.") from e
    except anthropic.APIConnectionError as e:
        cause = e.__cause__ or e
        raise ServiceUnavailable(
            f"could not {what}: no connection ({type(cause).__name__}: {cause}). "
            "Check the connection's host, and that the service is up."
        ) from e
    except (anthropic.APIError, ValueError, AttributeError, TypeError) as e:
        raise ServiceUnavailable(
            f"could not {what}: the answer can't be read ({type(e).__name__}: {str(e)[:200]}). "
            "If it stays, check that the connection's host is the Managed Agents API."
        ) from e
    except anthropic.AnthropicError as e:
        raise AccessDenied(f"could not {what}: {e}. Set the connection's password to an API key.") from e


def _error_of_status(what: str, e: anthropic.APIStatusError) -> ServiceError:
    status = e.status_code
    said = _message_of(e)
    text = f"could not {what}: {status} {said}"
    if status in (429, 529):
        wait = _retry_after(e)
        return RateLimited(
            f"{text}. The service asks to wait{f' {wait:.0f} s' if wait else ''}.",
            status=status,
            retry_after=wait,
        )
    if status in (401, 403):
        return AccessDenied(
            f"{text}. Check the API key in the connection's password, and its workspace.", status=status
        )
    if status == 404:
        return NotFound(
            f"{text}. Check the id, and that the API key is of the same workspace.", status=status
        )
    if status == 409:
        return Conflict(f"{text}. It changed since it was read.", status=status)
    if status == 408 or status >= 500:
        return ServiceUnavailable(
            f"{text}. It may pass: try again.", status=status, retry_after=_retry_after(e)
        )
    return RequestRejected(f"{text}. The same request will be refused again: correct it.", status=status)


def _message_of(e: anthropic.APIStatusError) -> str:
    body: Any = e.body
    if isinstance(body, dict) and isinstance(body.get("error"), dict):
        error = body["error"]
        return f"{error.get('type', '')}: {str(error.get('message', ''))[:500]}"
    return type(e).__name__


def conflicting_memory_of(error: ServiceError) -> str | None:
    """Return the id of the memory that has the path, where a refused write was told of it."""
    body: Any = getattr(error.__cause__, "body", None)
    said = body.get("error") if isinstance(body, dict) else None
    for part in (said, said.get("details")) if isinstance(said, dict) else ():
        if isinstance(part, dict) and part.get("conflicting_memory_id"):
            return str(part["conflicting_memory_id"])
    return None


def _retry_after(e: anthropic.APIStatusError) -> float | None:
    try:
        seconds = float(e.response.headers.get("retry-after", ""))
    except ValueError:
        return None
    return min(seconds, _RETRY_AFTER_LIMIT) if seconds >= 0 else None


def _moment(value: datetime | str) -> datetime:
    moment = datetime.fromisoformat(value) if isinstance(value, str) else value
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _moment_or_none(value: datetime | str | None) -> datetime | None:
    return _moment(value) if value else None
