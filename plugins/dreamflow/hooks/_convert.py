"""From the SDK's objects and exceptions to our values and errors."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any, TypeVar

import anthropic

from dreamflow.core.objects import (
    Agent,
    Deployment,
    Dream,
    MemoryEntry,
    MemoryStore,
    MemoryVersion,
    MountedStore,
    SaidText,
    Session,
    TokenUsage,
)
from dreamflow.core.secrets.masking import mask
from dreamflow.errors import (
    AccessDenied,
    Conflict,
    NotFound,
    RateLimited,
    RequestRejected,
    ServiceError,
    ServiceUnavailable,
)
from dreamflow.hooks.patience import seconds_to_wait

if TYPE_CHECKING:
    from anthropic.types.beta import (
        BetaDream,
        BetaManagedAgentsAgent,
        BetaManagedAgentsDeployment,
        BetaManagedAgentsMemoryStore,
        BetaManagedAgentsSession,
    )
    from anthropic.types.beta.memory_stores import BetaManagedAgentsMemory, BetaManagedAgentsMemoryVersion

T = TypeVar("T")

#: The longest wait that a retry-after is believed for, in seconds.
_RETRY_AFTER_LIMIT = 3600.0
_DENIED = "Check the API key in the connection's password, and its workspace."
#: What a refusal is, by its status, and what to do.
_REFUSALS: dict[int, tuple[type[ServiceError], str]] = {
    401: (AccessDenied, _DENIED),
    403: (AccessDenied, _DENIED),
    404: (NotFound, "Check the id, and that the API key is of the same workspace."),
    409: (Conflict, "It changed since it was read."),
}


def store_of(store: BetaManagedAgentsMemoryStore) -> MemoryStore:
    return _like(MemoryStore, store, description=store.description or "", metadata=store.metadata or {})


def session_of(session: BetaManagedAgentsSession) -> Session:
    stores = tuple(
        MountedStore(resource.memory_store_id, resource.access or "read_write")
        for resource in session.resources
        if resource.type == "memory_store"
    )
    return _like(Session, session, agent_id=session.agent.id, stores=stores)


def dream_of(dream: BetaDream) -> Dream:
    stores = [entry.memory_store_id for entry in dream.inputs if entry.type == "memory_store"]
    sessions = [entry.session_ids for entry in dream.inputs if entry.type == "sessions"]
    return _like(
        Dream,
        dream,
        input_store_id=stores[-1] if stores else "",
        session_ids=tuple(sessions[-1]) if sessions else (),
        model=dream.model.id,
        output_store_id=dream.outputs[0].memory_store_id if dream.outputs else None,
        error_type=dream.error.type if dream.error else None,
        error_message=dream.error.message if dream.error else None,
        usage=_like(TokenUsage, dream.usage),
    )


def deployment_of(deployment: BetaManagedAgentsDeployment) -> Deployment:
    resources = (entry.model_dump(mode="json", exclude_none=True) for entry in deployment.resources)
    return _like(Deployment, deployment, resources=tuple(resources), metadata=deployment.metadata or {})


def agent_of(agent: BetaManagedAgentsAgent) -> Agent:
    return _like(Agent, agent, metadata=agent.metadata or {})


def entry_of(memory: BetaManagedAgentsMemory) -> MemoryEntry:
    return MemoryEntry(memory.id, memory.content_sha256, memory.memory_version_id, memory.content_size_bytes)


def version_of(version: BetaManagedAgentsMemoryVersion) -> MemoryVersion:
    return MemoryVersion(
        version.id,
        version.memory_id,
        version.operation,
        version.path,
        version.content_sha256,
        version.content_size_bytes or 0,
        _writer_of(version.created_by),
        _moment(version.created_at),
    )


def _writer_of(actor: Any) -> str:
    """Return who wrote, in words; a kind that is not known here by its own name."""
    kind = str(getattr(actor, "type", "") or "").removesuffix("_actor")
    key = {"api": "api_key_id"}.get(kind, f"{kind}_id")
    words = {"api": "API key"}.get(kind, kind.replace("_", " "))
    return f"{words} {getattr(actor, key, '')}".strip()


def _like(kind: type[T], theirs: Any, **ours: Any) -> T:
    """Return a value of the kind, each field as the SDK's object has it, except for those that are given."""
    for field in fields(kind):  # type: ignore[arg-type]
        if field.name not in ours:
            value = getattr(theirs, field.name)
            is_moment = field.type == "datetime" or (field.type == "datetime | None" and value)
            ours[field.name] = _moment(value) if is_moment else value
    return kind(**ours)


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


def said_of(event: Any) -> SaidText | None:
    """Return what an event says; None where it is a signal without words. Pictures and redacted blocks say nothing."""
    given = _as_text(getattr(event, "input", None))
    tool_input: dict[str, Any] = given if isinstance(given, dict) else {}
    texts: list[Any] = [*_block_texts(getattr(event, "content", None) or ())]
    # An outcome's description and rubric, why a tool was denied, how an outcome was graded.
    texts += [getattr(event, name, None) for name in ("description", "deny_message", "explanation")]
    texts.append(getattr(getattr(event, "rubric", None), "content", None))
    if isinstance(given, dict):
        texts.append(json.dumps(given, ensure_ascii=False, default=str))
    text = _as_text("\n".join(part for part in texts if isinstance(part, str) and part))
    if not text:
        return None
    at = getattr(event, "processed_at", None)
    tool = str(getattr(event, "name", "") or "tool") if isinstance(given, dict) else ""
    return SaidText(event.id, _role_of(event.type), _moment(at) if at else None, text, tool, tool_input)


def _as_text(value: Any) -> Any:
    """Return a value of JSON with half surrogate pairs replaced, which a tool may print: no file can hold them."""
    match value:
        case str():
            return value if value.isascii() else value.encode(errors="replace").decode()
        case dict():
            return {_as_text(key): _as_text(one) for key, one in value.items()}
        case list():
            return [_as_text(one) for one in value]
    return value


def _role_of(kind: str) -> str:
    """Return who speaks in a kind of event: a tool's result is the tool's, whoever sent it."""
    if kind.endswith("tool_result"):
        return "tool"
    return "user" if kind.startswith(("user.", "system.")) else "agent"


def _block_texts(blocks: Iterable[Any]) -> Iterator[str | None]:
    """Yield the texts of content blocks: text, documents given as text, and what a search found."""
    for block in blocks:
        source = getattr(block, "source", None)
        yield getattr(block, "text", None)
        yield getattr(block, "title", None)
        yield getattr(block, "context", None)
        yield source if isinstance(source, str) else getattr(source, "url", None)
        if getattr(source, "type", None) == "text":
            yield getattr(source, "data", None)
        yield from _block_texts(getattr(block, "content", None) or ())


@contextmanager
def translated(what: str) -> Iterator[None]:
    """
    Raise the SDK's failures inside the block as our own errors.

    :param what: completes "could not …". A secret in a path that it quotes, or the service does, is masked.
    """
    try:
        yield
    except anthropic.APIStatusError as e:
        raise _error_of_status(what, e) from e
    except anthropic.APITimeoutError as e:
        raise ServiceUnavailable(f"could not {mask(what)}: no answer in time. It may pass: try again.") from e
    except anthropic.APIConnectionError as e:
        cause = e.__cause__ or e
        raise ServiceUnavailable(
            f"could not {mask(what)}: no connection ({type(cause).__name__}: {cause}). "
            "Check the connection's host, and that the service is up."
        ) from e
    except (anthropic.APIError, ValueError, AttributeError, TypeError) as e:
        raise ServiceUnavailable(
            f"could not {mask(what)}: the answer can't be read ({type(e).__name__}: {mask(str(e))[:200]}). "
            "If it stays, check that the connection's host is the Managed Agents API."
        ) from e
    except anthropic.AnthropicError as e:
        raise AccessDenied(
            f"could not {mask(what)}: {e}. Set the connection's password to an API key."
        ) from e


def _error_of_status(what: str, e: anthropic.APIStatusError) -> ServiceError:
    status, wait = e.status_code, _retry_after(e)
    text = mask(f"could not {what}: {status} {_message_of(e)}.")
    if status in (429, 529):
        asked = f"{text} The service asks to wait{f' {wait:.0f} s' if wait else ''}."
        return RateLimited(asked, status=status, retry_after=wait)
    if status == 408 or status >= 500:
        return ServiceUnavailable(f"{text} It may pass: try again.", status=status, retry_after=wait)
    again = "The same request will be refused again: correct it."
    kind, advice = _REFUSALS.get(status, (RequestRejected, again))
    return kind(f"{text} {advice}", status=status)


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
    seconds = seconds_to_wait(e.response.headers)
    return None if seconds is None else min(seconds, _RETRY_AFTER_LIMIT)


def _moment(value: datetime | str) -> datetime:
    moment = datetime.fromisoformat(value) if isinstance(value, str) else value
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
