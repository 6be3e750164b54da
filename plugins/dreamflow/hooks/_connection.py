"""Opening the API's clients from an Airflow connection."""

from __future__ import annotations

import logging
import shlex
import weakref
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar, cast

from airflow.providers.anthropic.hooks.anthropic import AnthropicHook
from airflow.sdk.exceptions import AirflowNotFoundException, AirflowRuntimeError
from asgiref.sync import sync_to_async

from dreamflow.errors import ConfigError, DreamflowError, ServiceUnavailable
from dreamflow.hooks._convert import translated
from dreamflow.hooks.asynchronous import AsyncManagedAgents
from dreamflow.hooks.patience import PATIENCE, Patience

if TYPE_CHECKING:
    from airflow.sdk import Connection
    from anthropic import Anthropic, AsyncAnthropic

__all__ = ["Connected"]

# One line a request, in whichever log is open: a poll would fill a trigger's log with the requests of all others.
logging.getLogger("httpx2").setLevel(logging.WARNING)

T = TypeVar("T")
R = TypeVar("R")

#: Seconds to wait for one answer.
REQUEST_TIMEOUT = 60.0
#: Requests under way at once where many objects are read.
PARALLEL_READS = 8
#: The Console's page of a workspace; another one is set in the connection's extra.
CONSOLE_URL = "https://platform.claude.com/workspaces/default"


class Connected(AnthropicHook):
    """
    A hook with its clients: from an Airflow connection of type ``anthropic``, whose host may be another URL.

    :ivar patience: seconds that a request waits in all where the service asks for fewer; for tasks, unless it is set.
    """

    patience = PATIENCE

    @classmethod
    def get_connection(cls, conn_id: str, conn_type: str = "anthropic") -> Connection:
        """
        Return the connection.

        :param conn_type: the type that a connection of this use has, for whoever has to add it.
        :raises ConfigError: there is none; with the command that adds it.
        :raises ServiceUnavailable: Airflow, or the place where it keeps connections, did not answer.
        """
        try:
            return super().get_connection(conn_id)
        except (AirflowNotFoundException, AirflowRuntimeError) as e:
            raise _why_not_found(conn_id, conn_type) from e

    @classmethod
    async def aget_connection(cls, conn_id: str) -> Connection:
        try:
            return await super().aget_connection(conn_id)
        except (AirflowNotFoundException, AirflowRuntimeError) as e:
            raise await sync_to_async(_why_not_found)(conn_id, "anthropic") from e

    @cached_property
    def client(self) -> Anthropic:
        """
        Return the SDK's client, with our timeout. It is closed when the hook is gone.

        The SDK's own ``__del__`` may be too late: in a cycle, the collector may end a socket before its client.
        """
        with translated(f"use connection {self.conn_id}"):
            client = cast("Anthropic", self.get_conn()).with_options(timeout=REQUEST_TIMEOUT)
            client = client.with_middleware(Patience(self.patience))
        weakref.finalize(self, client.close)
        return client

    async def open_async(self) -> AsyncManagedAgents:
        """Open the async twin, for triggers; close it when done. No retries: a trigger polls anyway."""
        with translated(f"use connection {self.conn_id}"):
            client = cast("AsyncAnthropic", await self.get_async_conn())
        return AsyncManagedAgents(client.with_options(timeout=REQUEST_TIMEOUT, max_retries=0))

    @property
    def console_url(self) -> str:
        """Return where a person looks at dreams and sessions: as the extra says, else the host, else the Console."""
        connection = self._connection
        named = connection.extra_dejson.get("console_url") or (
            connection.host and f"{connection.host.rstrip('/')}/v1"
        )
        return str(named or CONSOLE_URL).rstrip("/")

    def _each(self, call: Callable[[T], R], items: Iterable[T]) -> list[R]:
        with ThreadPoolExecutor(PARALLEL_READS, thread_name_prefix="managed-agents") as pool:
            return list(pool.map(call, items))


def _why_not_found(conn_id: str, conn_type: str) -> DreamflowError:
    """Ask one by one who keeps connections: Airflow says "not defined" too where one of them did not answer."""
    from airflow.sdk.execution_time import comms, secrets, supervisor, task_runner  # noqa: PLC0415 - seldom needed

    cause = "it was not found, and is there now"
    try:
        for backend in supervisor.ensure_secrets_backend_loaded():
            if isinstance(backend, secrets.ExecutionAPISecretsBackend):
                answer = task_runner.SUPERVISOR_COMMS.send(comms.GetConnection(conn_id=conn_id))
            else:
                answer = backend.get_connection(conn_id=conn_id)
            if answer is not None and not isinstance(answer, comms.ErrorResponse):
                break
        else:
            return ConfigError(
                f"connection {conn_id} is not defined in Airflow. Add it: airflow connections add "
                f"{shlex.quote(conn_id)} --conn-type {conn_type} --conn-password …"
            )
    except Exception as e:
        cause = type(e).__name__  # what it says may hold a part of the connection's secret
    return ServiceUnavailable(
        f"connection {conn_id} could not be looked up in Airflow just now ({cause}). It may pass: try again."
    )
