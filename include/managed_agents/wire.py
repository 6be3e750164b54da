"""What goes over the wire: strict request models, replies, and the types that several resources share."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints
from starlette.responses import Response

from include.managed_agents.decoding import mended

__all__ = [
    "Description",
    "Limit",
    "LongDescription",
    "Metadata",
    "MetadataPatch",
    "Name",
    "PlainText",
    "QueryModel",
    "RecordedTime",
    "Reply",
    "RequestModel",
    "Timestamp",
    "at_most_16_pairs",
    "to_json",
]

MAX_PAIRS = 16  # metadata, everywhere: 16 pairs, keys to 64 and values to 512 characters (SDK docstrings)
MAX_BODY_BYTES = 32 * 1024 * 1024  # the Messages API's own limit
FIRST_YEAR, LAST_YEAR = (
    1900,
    2999,
)  # of a recorded time: sessions have times after it, which must be times too


class RequestModel(BaseModel):
    """A JSON body. An unknown key is an error: a typo must not pass silently."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class QueryModel(BaseModel):
    """A query string. Values arrive as text, so types are coerced; unknown parameters are errors."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=False)


class Reply(Response):
    """A JSON response, encoded where it is made: in the worker thread, not in the event loop."""

    media_type = "application/json"

    def render(self, content: Any) -> bytes:
        return to_json(content)


def to_json(content: Any) -> bytes:
    """Return the JSON of what is shown. What only earlier versions took and stored is shown mended."""
    try:
        return encode(content)
    except ValueError:
        return encode(mended(content))


def encode(content: Any) -> bytes:
    return json.dumps(content, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()


def no_control_characters(text: str) -> str:
    if any(ord(character) < 32 or ord(character) == 127 for character in text):
        raise ValueError("must not contain control characters")
    return text


def no_nul(text: str) -> str:
    if "\0" in text:
        raise ValueError("must not contain NUL characters")
    return text


def not_blank(text: str) -> str:
    if not text.strip():
        raise ValueError("must not be blank")
    return text


def at_most_16_pairs(metadata: dict[str, Any]) -> dict[str, Any]:
    if len(metadata) > MAX_PAIRS:
        raise ValueError(f"has {len(metadata)} pairs; at most {MAX_PAIRS} are allowed")
    return metadata


def as_aware_time(value: Any) -> Any:
    """Refuse numbers: pydantic would read them as Unix times, which the API doesn't take."""
    if isinstance(value, str) and not value.replace(".", "").lstrip("+-").isdigit():
        return value
    if isinstance(value, datetime):
        return value
    raise ValueError("must be a time in RFC 3339, such as 2026-11-20T02:30:00Z")


def as_utc(moment: datetime) -> datetime:
    """A time without a zone is UTC, as everything that the API answers."""
    try:
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except OverflowError as error:
        raise ValueError("must be between the years 1 and 9999 in UTC") from error


def plausible(moment: datetime) -> datetime:
    if not FIRST_YEAR <= moment.year <= LAST_YEAR:
        raise ValueError(f"must be between the years {FIRST_YEAR} and {LAST_YEAR}")
    return moment


Name = Annotated[
    str,
    StringConstraints(min_length=1, max_length=255),
    AfterValidator(no_control_characters),
    AfterValidator(not_blank),
]
#: What tools outside read as text that ends at a NUL. Contents and messages may hold one: they are kept as they are.
PlainText = Annotated[str, AfterValidator(no_nul)]
Description = Annotated[PlainText, StringConstraints(max_length=1024)]
LongDescription = Annotated[PlainText, StringConstraints(max_length=2048)]
Key = Annotated[PlainText, StringConstraints(min_length=1, max_length=64)]
Value = Annotated[PlainText, StringConstraints(max_length=512)]
Metadata = Annotated[dict[Key, Value], AfterValidator(at_most_16_pairs)]
MetadataPatch = dict[Key, Value | None]
Timestamp = Annotated[datetime, Field(strict=False), BeforeValidator(as_aware_time), AfterValidator(as_utc)]
#: When something happened that is kept, as opposed to a bound of a list.
RecordedTime = Annotated[Timestamp, AfterValidator(plausible)]
Limit = Annotated[int, Field(ge=1, le=100)]
