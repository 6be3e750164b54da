"""A run's tasks in a process of their own, which may be killed at any point, as a worker or a triggerer may be."""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable
from dataclasses import asdict, dataclass
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import httpx2
from anthropic import _base_client

from dreamflow import storage
from tests.support.faulty_proxy import PHASE_PATH, kind_of
from tests.support.night import NIGHT, Night, pipeline_of
from tests.support.restore_night import RestoreNight
from tests.support.run_record import RunRecord

__all__ = ["Orders", "die_after", "start"]

_PRELOAD = [
    "airflow.sdk",
    "dreamflow.hooks.managed_agents",
    "tests.support.restore_night",
    "anthropic.types.beta",
]


@dataclass(frozen=True)
class Orders:
    """
    What a process is to do.

    :ivar connection: the Airflow connection of the pipeline, as JSON.
    :ivar proxy_url: where to tell the phase of the run; empty for nowhere.
    :ivar record: the file of the run's record.
    :ivar steps: a file that gets a line for each write to the run's files, before and after it.
    :ivar die_at: the line of ``steps``, from 1, at which the process kills itself; 0 for none.
    :ivar writes: a file that gets a line for each request that can change something, once it is answered.
    :ivar die_after: the line of ``writes``, from 1, at which the process kills itself; 0 for none.
    :ivar tasks: what to run of the run.
    :ivar restore: its Params, where it is one of restore_memory_store.
    :ivar pipelines: the folder of the pipeline files, for that.
    """

    pipeline: dict[str, Any]
    connection: str
    proxy_url: str
    record: str
    steps: str
    die_at: int = 0
    writes: str = os.devnull
    die_after: int = 0
    run_id: str = "tonight"
    tasks: tuple[str, ...] = NIGHT
    restore: dict[str, Any] | None = None
    pipelines: str = ""


def start(orders: Orders) -> BaseProcess:
    """Start a process that goes on with the run where its record says it is."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(_PRELOAD)
    process = context.Process(target=_run, args=(json.dumps(asdict(orders)),))
    process.start()
    return process


def _run(orders_json: str) -> None:
    orders = Orders(**json.loads(orders_json))
    pipeline = pipeline_of(orders.pipeline)
    os.environ[f"AIRFLOW_CONN_{pipeline.conn_id.upper()}"] = orders.connection
    setattr(_base_client, "INITIAL_RETRY_DELAY", 0.005)  # noqa: B010 - a private name of the SDK's
    step = _counted(orders.steps, orders.die_at)
    for name in ("write_text", "create_text", "delete"):
        setattr(storage, name, _stepping(getattr(storage, name), step))
    _note_each_write(_counted(orders.writes, orders.die_after))
    record = RunRecord(orders.run_id, Path(orders.record))
    os.environ["DREAMFLOW_PIPELINES"] = orders.pipelines
    kind = Night if orders.restore is None else RestoreNight
    night = kind(pipeline, record, orders.restore or {}, enter=lambda phase: _tell(orders.proxy_url, phase))
    night.run(orders.tasks)


def die_after(writes: int) -> None:
    """Let this process kill itself once it has written so often, to the service or to a file."""
    step = _counted(os.devnull, writes)

    def written(name: str) -> None:
        if not name.startswith(("write_text", "create_text", "delete")) or name.endswith("done"):
            step(name)

    for name in ("write_text", "create_text", "delete"):
        setattr(storage, name, _stepping(getattr(storage, name), written))
    _note_each_write(step)


def _note_each_write(step: Callable[[str], None]) -> None:
    """Note each request that can change something when the service has answered, and nobody has heard of it."""
    handle = httpx2.HTTPTransport.handle_request

    def noting(transport: httpx2.HTTPTransport, request: httpx2.Request) -> httpx2.Response:
        response = handle(transport, request)
        if request.method != "GET":
            response.read()
            step(kind_of(request.method, request.url.raw_path.decode()))
        return response

    setattr(httpx2.HTTPTransport, "handle_request", noting)  # noqa: B010 - a method is not to be assigned to


def _counted(log: str, die_at: int) -> Callable[[str], None]:
    lock = threading.Lock()
    taken = 0

    def step(name: str) -> None:
        nonlocal taken
        with lock:
            taken += 1
            with Path(log).open("a") as lines:
                lines.write(f"{name}\n")
            if taken == die_at:
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
    if proxy_url:
        urlopen(Request(f"{proxy_url}{PHASE_PATH}{phase}", method="PUT"), timeout=60).close()
