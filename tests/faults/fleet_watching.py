"""One trigger for many dreams, and what it says and leaves."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from dreamflow.triggers.all_of import AllOf
from tests.faults.stage import Stage
from tests.faults.watching import POLL, dream_in_flight, is_list
from tests.support.faulty_proxy import Rule
from tests.support.injected_faults import refusal, rewriting

__all__ = ["all_dreams", "canceled", "in_flight", "in_seconds", "lost_sight_of", "said"]

DREAM = "dreamflow.triggers.dream.DreamTrigger"


def in_seconds(seconds: float) -> str:
    return (datetime.now(UTC) + timedelta(seconds=seconds)).isoformat()


def all_dreams(dreams: dict[str, str], *, seconds: float = 600.0, **more: Any) -> AllOf:
    common = {"conn_id": "proxied", "poll_interval": POLL, "deadline": in_seconds(seconds), **more}
    return AllOf(DREAM, common, {key: {"dream_id": dream} for key, dream in dreams.items()})


def in_flight(stage: Stage, count: int) -> dict[str, str]:
    return {f"depl_{n}": dream_in_flight(stage) for n in range(count)}


def said(logs: Any, *levels: str) -> list[str]:
    return [log["event"] % log.get("positional_args", ()) for log in logs if log["log_level"] in levels]


def canceled(stage: Stage, dreams: dict[str, str]) -> set[str]:
    read = {key: stage.client.beta.dreams.retrieve(dream) for key, dream in dreams.items()}
    return {key for key, dream in read.items() if dream.status == "canceled"}


def lost_sight_of(stage: Stage, dream: str, trigger: AllOf) -> AllOf:
    """Let the service show the dream neither in a list nor by itself for its first five polls."""

    def without(page: Any) -> Any:
        page["data"] = [item for item in page["data"] if item["id"] != dream]
        return page

    stage.proxy.add(Rule(rewriting(without), is_list, times=5))
    stage.proxy.add(Rule(refusal(500), lambda r: r.path == f"/v1/dreams/{dream}", times=5))
    return trigger
