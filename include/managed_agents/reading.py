"""Read a request's JSON body or query string into a model, within the server's limits."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeVar, get_args, get_origin

from fastapi import Request
from fastapi.routing import APIRoute
from pydantic import BaseModel, ValidationError
from starlette.concurrency import run_in_threadpool

from include.managed_agents.decoding import NotJson, NotKeepable, decode, place_name
from include.managed_agents.errors import InvalidRequest, TooLarge, TooSlow

__all__ = ["Read", "body_of", "query_of", "reads_of", "refuse_stray_query"]

M = TypeVar("M", bound=BaseModel)


@dataclass(frozen=True)
class Read:
    """What a dependency reads: the body or the query of a request, as a model."""

    part: Literal["body", "query"]
    model: type[BaseModel]


#: What each dependency made here reads, for those who describe or check routes.
MODELS: dict[Callable[..., Any], Read] = {}

#: What pydantic calls a text among other choices.
TEXTS = frozenset({"str", "constrained-str"})
SMALL_BODY_BYTES = 2 * 1024 * 1024  # a system prompt of 100,000 characters, each escaped, beside its tools
READ_AT_ONCE_BYTES = 16 * 1024  # what takes the event loop under a millisecond or two


def body_of(model: type[M], *, large: bool = False) -> Callable[[Request], Awaitable[M]]:
    """
    Return a dependency that reads the request's JSON body as ``model``.

    :param large: take as much as the server takes at all: for what carries transcripts, messages or documents.
    """

    async def read(request: Request) -> M:
        settings = request.app.state.settings
        limit = settings.max_body_bytes if large else min(SMALL_BODY_BYTES, settings.max_body_bytes)
        try:
            async with asyncio.timeout(settings.body_seconds):
                raw = await read_limited(request, limit)
        except TimeoutError as error:
            raise TooSlow(
                f"the request body was not complete after {settings.body_seconds:g} seconds; send less at a time"
            ) from error
        if len(raw) <= READ_AT_ONCE_BYTES:
            return parse(model, raw)
        # In a thread, where the interpreter lets the event loop have its turns.
        return await run_in_threadpool(parse, model, raw)

    MODELS[read] = Read("body", model)
    return read


async def read_limited(request: Request, limit: int) -> bytes:
    """Read the body, and stop reading where it goes over the limit."""
    too_large = TooLarge(f"the request body is over the limit of {limit:,} bytes here; send less at a time")
    declared = request.headers.get("content-length", "")
    if declared.isdigit() and int(declared) > limit:
        raise too_large
    chunks = bytearray()
    async for chunk in request.stream():
        chunks += chunk
        if len(chunks) > limit:
            raise too_large
    return bytes(chunks)


def parse(model: type[M], raw: bytes) -> M:
    try:
        content = decode(raw) if raw.strip() else {}
    except NotJson as error:
        raise InvalidRequest(f"the request body is not valid JSON: {error}") from error
    except NotKeepable as error:
        raise InvalidRequest(str(error)) from error
    if not isinstance(content, dict):
        raise InvalidRequest("the request body must be a JSON object")
    return validate(model, content)


def query_of(model: type[M]) -> Callable[[Request], Awaitable[M]]:
    """
    Return a dependency that reads the query string as ``model``.

    A list comes as ``statuses=a&statuses=b`` or ``statuses[]=a&statuses[]=b`` (the SDKs differ), a range
    as ``created_at[gte]=…``. ``beta=true``, which the SDKs add to every call, says nothing and is skipped.
    """
    lists = {field.alias or name for name, field in model.model_fields.items() if is_list(field.annotation)}

    async def read(request: Request) -> M:
        values: dict[str, Any] = {}
        for name, value in request.query_params.multi_items():
            key = name.removesuffix("[]")
            if key in lists:
                values.setdefault(key, []).append(value)
            elif name == "beta":
                continue
            elif name in values:
                raise InvalidRequest(f"{place_name([name])}: given more than once")
            else:
                values[name] = value
        return validate(model, values)

    MODELS[read] = Read("query", model)
    return read


def reads_of(route: APIRoute) -> list[Read]:
    """Return what a route reads of its requests, beside their path."""
    calls = (dependency.call for dependency in route.dependant.dependencies)
    return [MODELS[call] for call in calls if call in MODELS]


async def refuse_stray_query(request: Request) -> None:
    """Refuse query parameters where none are read: a typo must not pass silently there either."""
    stray = next((name for name in request.query_params if name != "beta"), None)
    if stray is not None and all(read.part != "query" for read in reads_of(request.scope["route"])):
        raise InvalidRequest(f"{place_name([stray])}: Extra inputs are not permitted")


def validate(model: type[M], values: dict[str, Any]) -> M:
    try:
        return model.model_validate(values)
    except ValidationError as error:
        raise InvalidRequest(describe(error)) from error


def describe(error: ValidationError) -> str:
    """
    Name the first field that is wrong, and what was expected of it.

    The value itself stays out: it may be a memory's content or a secret.
    """
    first, place, alike = telling(error.errors(include_url=False, include_input=False))
    field = place_name(part for part in place if not str(part).startswith("function-"))
    message = first["msg"].removeprefix("Value error, ")
    if first["type"] == "union_tag_invalid":  # pydantic's own message quotes what came instead
        message = f"{first['ctx']['discriminator']} must be one of {first['ctx']['expected_tags']}"
    more = error.error_count() - alike
    rest = f" (and {more} more)" if more else ""
    return f"{field}: {message}{rest}" if field else f"{message}{rest}"


def telling(errors: Sequence[Any]) -> tuple[Any, tuple[int | str, ...], int]:
    """
    Return the error to tell, its place, and how many tell of the same value.

    Where a text or an object may stand, the library has an error for either: what an object lacks is told of it.
    """
    first, second = errors[0], errors[min(1, len(errors) - 1)]
    depth = len(first["loc"]) - 1
    is_choice = depth >= 0 and first["loc"][depth] in TEXTS and second["loc"][:depth] == first["loc"][:depth]
    if second is first or not is_choice:
        return first, first["loc"], 1
    told = second if len(second["loc"]) > depth + 1 else first
    return told, (*told["loc"][:depth], *told["loc"][depth + 1 :]), 2


def is_list(annotation: Any) -> bool:
    return get_origin(annotation) is list or any(is_list(part) for part in get_args(annotation))
