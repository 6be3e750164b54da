"""Cron schedules: what an expression may be, and when it matches next. Nothing fires them here."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from croniter import croniter
from pydantic import StringConstraints, model_validator

from include.managed_agents.wire import RequestModel

__all__ = ["Schedule", "upcoming_runs"]

UPCOMING = 5
#: Room for every field in full. It is computed whenever its deployment is shown: 2 MB took 7 s.
MAX_EXPRESSION = 1000
FIELD = re.compile(r"[0-9A-Za-z*,/-]+")
NAMES = re.compile(r"(?i)^(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|sun|mon|tue|wed|thu|fri|sat)$")


class Schedule(RequestModel):
    """Five POSIX fields and an IANA time zone; no seconds, years, L, W, #, ? or @daily."""

    type: Literal["cron"]
    expression: Annotated[str, StringConstraints(max_length=MAX_EXPRESSION)]
    timezone: str

    @model_validator(mode="after")
    def can_match(self) -> Schedule:
        check_timezone(self.timezone)
        check_expression(self.expression)
        return self


def check_timezone(name: str) -> None:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise ValueError("timezone: must be an IANA time zone, such as Europe/London") from error


def check_expression(expression: str) -> None:
    fields = expression.split()
    plain = len(fields) == 5 and all(FIELD.fullmatch(field) for field in fields)
    words = [word for field in fields for word in re.findall(r"[A-Za-z]+", field)]
    if not plain or not all(NAMES.match(word) for word in words) or not matches_some_day(expression):
        raise ValueError("expression: must be a 5-field POSIX cron expression, such as '0 9 * * 1-5'")


def matches_some_day(expression: str) -> bool:
    try:
        croniter(expression, datetime(2024, 1, 1, tzinfo=UTC)).get_next(datetime)
    except (ValueError, KeyError, OverflowError):
        return False
    return True


def upcoming_runs(expression: str, timezone: str, now: datetime) -> list[datetime]:
    """Return the next times at which the expression matches on the clocks of ``timezone``."""
    times = croniter(expression, now.astimezone(ZoneInfo(timezone)))
    return [times.get_next(datetime).astimezone(UTC) for _ in range(UPCOMING)]
