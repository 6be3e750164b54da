"""A run's tasks in a process of their own, which may be killed at any step, as a worker or a triggerer may be."""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
from collections.abc import Callable
from dataclasses import asdict, dataclass
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

from anthropic import _base_client

from dreamflow import storage
from tests.support.faulty_proxy import PHASE_PATH
from tests.support.night import Night, pipeline_of
from tests.support.run_record import RunRecord

__all__ = ["Orders", "start"]

_PRELOAD = ["airflow.sdk", "dreamflow.hooks.managed_agents", "tests.support.night", "anthropic.types.beta"]


@dataclass(frozen=True)
class Orders:
    """
    What a process is to do.

    :ivar connection: the Airflow connection ``proxied``, as JSON.
    :ivar proxy_url: where to tell the phase of the run.
    :ivar record: the file of the run's record.
    :ivar steps: a file that gets a line for each write to the run's files, before and after it.
    :ivar die_at: the line of ``steps``, from 1, at which the process kills itself; 0 for none.
    """

    pipeline: dict[str, Any]
    connection: str
    proxy_url: str
    record: str
    steps: str
    die_at: int = 0


def start(orders: Orders) -> BaseProcess:
    """Start a process that goes on with the run where its record says it is."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(_PRELOAD)
    process = context.Process(target=_run, args=(json.dumps(asdict(orders)),))
    process.start()
    return process


def _run(orders_json: str) -> None:
    orders = Orders(**json.loads(orders_json))
    os.environ["AIRFLOW_CONN_PROXIED"] = orders.connection
    setattr(_base_client, "INITIAL_RETRY_DELAY", 0.005)  # noqa: B010 - a private name of the SDK's
    step = _counted(orders)
    for name in ("write_text", "delete"):
        setattr(storage, name, _stepping(getattr(storage, name), step))
    record = RunRecord("tonight", Path(orders.record))
    night = Night(pipeline_of(orders.pipeline), record, enter=lambda phase: _tell(orders.proxy_url, phase))
    night.run()


def _counted(orders: Orders) -> Callable[[str], None]:
    log = Path(orders.steps)
    taken = 0

    def step(name: str) -> None:
        nonlocal taken
        taken += 1
        with log.open("a") as lines:
            lines.write(f"{name}\n")
        if taken == orders.die_at:
            os.kill(os.getpid(), signal.SIGKILL)

    return step


def _stepping(write: Callable[..., None], step: Callable[[str], None]) -> Callable[..., None]:
    def wrapped(uri: str, *rest: Any) -> None:
        name = f"{write.__name__} {uri.rsplit('/', 2)[-2]}/{uri.rsplit('/', 1)[-1]}"
        step(name)
        write(uri, *rest)
        step(f"{name}: done")

    return wrapped


def _tell(proxy_url: str, phase: str) -> None:
    urlopen(Request(f"{proxy_url}{PHASE_PATH}{phase}", method="PUT"), timeout=60).close()
