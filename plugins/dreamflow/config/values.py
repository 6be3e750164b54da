"""The kinds of value that stand in a pipeline file."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from typing import Annotated, Any

from croniter import CroniterError
from pendulum.tz.exceptions import InvalidTimezone
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

from dreamflow.config.variables import FromVariable

__all__ = [
    "AnyDuration",
    "Boolean",
    "Duration",
    "Number",
    "PositiveDuration",
    "Strict",
    "Text",
    "Whole",
    "checked_by",
    "off_word",
]


def _number_of(value: Any) -> Any:
    if isinstance(value, FromVariable):
        for kind in (int, float):
            with suppress(ValueError):
                return kind(value)
        return {"true": True, "false": False}.get(value.lower(), value)
    return value


def off_word(value: Any) -> Any:
    """YAML reads a bare ``off`` as false."""
    return "off" if value is False else value


def _iso_duration(value: Any) -> Any:
    """YAML reads 6:00 as 360, and pydantic a bare number as seconds: only the ISO form says what is meant."""
    if not isinstance(value, timedelta) and not str(value).startswith(("P", "-P")):
        raise PydanticCustomError("time_delta_parsing", "is not a duration")
    return value


def checked_by(kind: str, check: Callable[[str], object]) -> AfterValidator:
    """Return a validator that refuses what the check can't read; ``mistakes`` has the words for each kind."""

    def checked(value: str) -> str:
        try:
            check(value)
        except (CroniterError, InvalidTimezone, ValueError, OSError) as e:
            raise PydanticCustomError(kind, "can't be read") from e
        return value

    return AfterValidator(checked)


Whole = Annotated[int, Field(strict=True), BeforeValidator(_number_of)]
Number = Annotated[float, Field(strict=True, allow_inf_nan=False), BeforeValidator(_number_of)]
Boolean = Annotated[bool, Field(strict=True), BeforeValidator(_number_of)]
AnyDuration = Annotated[timedelta, Field(le=timedelta(days=36_500)), BeforeValidator(_iso_duration)]
PositiveDuration = Annotated[AnyDuration, Field(gt=timedelta(0))]
Duration = Annotated[AnyDuration, Field(ge=timedelta(0))]
Text = Annotated[str, Field(min_length=1)]


class Strict(BaseModel):
    """What a file says in one place: no key that is not known, and never its value in an error."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=False, hide_input_in_errors=True)
