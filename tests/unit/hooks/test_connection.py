"""A connection that is missing is told from one that could not be looked up."""

from __future__ import annotations

import asyncio
import gc
import socket
import warnings
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from airflow.sdk.exceptions import AirflowRuntimeError, ErrorType
from airflow.sdk.execution_time import task_runner
from airflow.sdk.execution_time.comms import ErrorResponse

from dreamflow.errors import ConfigError, DreamflowError, ServiceUnavailable
from dreamflow.hooks.managed_agents import ManagedAgentsHook
from dreamflow.retry import RetryByCause

Open = Callable[[], object]

NOT_FOUND = ErrorResponse(error=ErrorType.CONNECTION_NOT_FOUND, detail={"conn_id": "missing"})
API_ERROR = ErrorResponse(error=ErrorType.API_SERVER_ERROR, detail={"status_code": 500})


class Supervisor:
    """What stands between a task, or a trigger, and Airflow's API server."""

    def __init__(self, answer: ErrorResponse | Exception) -> None:
        self.answer = answer

    def send(self, msg: Any) -> ErrorResponse:
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer

    async def asend(self, msg: Any) -> ErrorResponse:
        return self.send(msg)


def open_sync() -> object:
    return ManagedAgentsHook("missing").retrieve_store("memstore_1")


def open_console_url() -> object:
    return ManagedAgentsHook("missing").console_url


def open_async() -> object:
    return asyncio.run(ManagedAgentsHook("missing").open_async())


every_way = pytest.mark.parametrize("open_it", [open_sync, open_console_url, open_async])


def supervised(monkeypatch: pytest.MonkeyPatch, answer: ErrorResponse | Exception) -> None:
    monkeypatch.setattr(task_runner, "SUPERVISOR_COMMS", Supervisor(answer), raising=False)


def is_tried_again(error: DreamflowError) -> bool:
    delay = RetryByCause(timedelta(seconds=1)).evaluate(error, 1, 6)
    return delay.action.name == "RETRY"


@every_way
@pytest.mark.parametrize("inside", ["a task", "no task"])
def test_a_connection_that_is_missing_is_said_once_with_the_command_that_adds_it(
    monkeypatch: pytest.MonkeyPatch, open_it: Open, inside: str
) -> None:
    if inside == "a task":
        supervised(monkeypatch, NOT_FOUND)
    with pytest.raises(
        ConfigError,
        match=r"^connection missing is not defined in Airflow\. Add it: "
        r"airflow connections add missing --conn-type anthropic --conn-password …$",
    ) as raised:
        open_it()
    assert not is_tried_again(raised.value)


@every_way
@pytest.mark.parametrize(
    "answer", [AirflowRuntimeError(API_ERROR), ConnectionResetError("gone")], ids=["error", "cut"]
)
def test_an_airflow_that_does_not_answer_makes_no_connection_a_missing_one(
    monkeypatch: pytest.MonkeyPatch, open_it: Open, answer: Exception
) -> None:
    supervised(monkeypatch, answer)
    with pytest.raises(ServiceUnavailable, match=r"connection missing could not be looked up") as raised:
        open_it()
    assert is_tried_again(raised.value)


@every_way
def test_a_connection_that_can_not_be_read_is_said_so_without_its_secrets(
    monkeypatch: pytest.MonkeyPatch, open_it: Open
) -> None:
    monkeypatch.setenv("AIRFLOW_CONN_MISSING", "anthropic://:secret@host:secret/")
    with pytest.raises(ServiceUnavailable, match="could not be looked up") as raised:
        open_it()
    assert "secret" not in str(raised.value)


def test_a_hook_that_is_collected_in_a_cycle_leaves_no_socket_open(service_url: str) -> None:
    """Nor where the collector comes upon the socket first, as it does where an error's traceback holds it."""
    hook = ManagedAgentsHook("anthropic_default")
    hook.find_store("memstore_1")
    port = int(service_url.rsplit(":", 1)[1])
    sockets = [
        it for it in gc.get_objects() if issubclass(type(it), socket.socket) and _peer_port(it) == port
    ]
    assert sockets
    cycle: list[Any] = [*sockets, hook]
    cycle.append(cycle)
    del hook, sockets
    gc.collect()
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        del cycle
        gc.collect()
    assert not [str(warning.message) for warning in seen]


def _peer_port(connected: socket.socket) -> int | None:
    try:
        return int(connected.getpeername()[1])
    except OSError:
        return None
