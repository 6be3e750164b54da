"""Read a request's JSON body or query string into a model, within the server's limits."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar, get_args, get_origin

from fastapi import Request
from pydantic import BaseModel, ValidationError
from pydantic_core import from_json

from include.managed_agents.errors import InvalidRequest, TooLarge

__all__ = ["body_of", "query_of"]

M = TypeVar("M", bound=BaseModel)


def body_of(model: type[M]) -> Callable[[Request], Awaitable[M]]:
    """Return a dependency that reads the request's JSON body as ``model``."""

    async def read(request: Request) -> M:
        raw = await read_limited(request)
        try:
            content = from_json(raw, allow_inf_nan=False) if raw.strip() else {}
        except ValueError as error:
            raise InvalidRequest(f"the request body is not valid JSON: {error}") from error
        if not isinstance(content, dict):
            raise InvalidRequest("the request body must be a JSON object")
        return validate(model, content)

    return read


async def read_limited(request: Request) -> bytes:
    """Read the body, and stop reading where it goes over the limit."""
    limit: int = request.app.state.settings.max_body_bytes
    too_large = TooLarge(
        f"the request body is over this server's limit of {limit:,} bytes; send less at a time"
    )
    declared = request.headers.get("content-length", "")
    if declared.isdigit() and int(declared) > limit:
        raise too_large
    chunks = bytearray()
    async for chunk in request.stream():
        chunks += chunk
        if len(chunks) > limit:
            raise too_large
    return bytes(chunks)


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
                raise InvalidRequest(f"{name}: given more than once")
            else:
                values[name] = value
        return validate(model, values)

    return read


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
    first = error.errors(include_url=False, include_input=False, include_context=False)[0]
    field = ".".join(str(part) for part in first["loc"] if not str(part).startswith("function-"))
    message = first["msg"].removeprefix("Value error, ")
    more = error.error_count() - 1
    rest = f" (and {more} more)" if more else ""
    return f"{field}: {message}{rest}" if field else f"{message}{rest}"


def is_list(annotation: Any) -> bool:
    return get_origin(annotation) is list or any(is_list(part) for part in get_args(annotation))
