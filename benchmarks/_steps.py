"""Steps of the product in a process of their own: the world that they work in, and what each takes."""

from __future__ import annotations

import logging
import re
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from dreamflow import storage
from dreamflow.config import Pipeline
from dreamflow.hooks.managed_agents import ManagedAgentsHook
from dreamflow.records.files import Records
from dreamflow.steps.world import World
from dreamflow.targets import open_target

#: A line of the HTTP client's log, and an object's id in a path.
_REQUEST, _ID = (
    re.compile(r"HTTP Request: (\w+) https?://[^/]+(/[^? ]*)"),
    re.compile(r"/[a-z]+_[A-Za-z0-9]{16,}"),
)

__all__ = ["Pass", "Requests", "bodies_of", "timed", "world_over"]


@dataclass(frozen=True)
class Pass:
    seconds: float
    requests: int


class Requests(logging.Handler):
    """
    Counts the lines that the SDK's HTTP client logs: one a request.

    :ivar routes: requests by method and route, such as ``GET /v1/dreams/{id}``.
    """

    def __init__(self) -> None:
        super().__init__(logging.INFO)
        self.count = 0
        self.routes: Counter[str] = Counter()
        logger = logging.getLogger("httpx2")
        logger.setLevel(logging.INFO)
        logger.propagate = False
        logger.addHandler(self)

    def emit(self, record: logging.LogRecord) -> None:
        if (request := _REQUEST.match(record.getMessage())) is not None:
            self.count += 1
            self.routes[f"{request[1]} {_ID.sub('/{id}', request[2])}"] += 1

    def close(self) -> None:
        """Count no more, and leave the client's log as it is in the product."""
        logger = logging.getLogger("httpx2")
        logger.removeHandler(self)
        logger.setLevel(logging.WARNING)
        logger.propagate = True
        super().close()


def timed(work: Callable[[], object], requests: Requests) -> Pass:
    count, began = requests.count, time.perf_counter()
    work()
    return Pass(time.perf_counter() - began, requests.count - count)


def world_over(reports: str, target: Mapping[str, Any]) -> World:
    """Return the world of a pipeline with this target, over the connection ``benchmark``."""
    data = {"name": "benchmark", "conn_id": "benchmark", "targets": [target]}
    pipeline = Pipeline.model_validate(data)
    hook = ManagedAgentsHook("benchmark")
    records = Records(storage, f"file://{reports}", pipeline.name)
    return World(pipeline, hook, [open_target(one, hook) for one in pipeline.targets], records)


def bodies_of(hook: ManagedAgentsHook, store_id: str) -> dict[str, str]:
    """Return all contents by path, with as few requests as the service allows: 20 a page."""
    listed = hook.client.beta.memory_stores.memories.list(store_id, view="full", limit=20)
    return {memory.path: memory.content or "" for memory in listed if memory.type == "memory"}
