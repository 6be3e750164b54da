"""A thin HTTP client for the commands, whose errors are lines for a person."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from types import TracebackType
from typing import Any
from urllib.parse import quote

import httpx

from include.managed_agents.access import AGENTS_BETA, DREAMING_BETA
from include.managed_agents.cli.errors import CommandError, Missing
from include.managed_agents.cli.options import require_key, require_url

__all__ = ["Client", "at"]

TIMEOUT_SECONDS = 120.0


class Client:
    """
    Sends requests to a server, and raises `CommandError` for what goes wrong.

    :param url: where the server listens.
    :param api_key: its key. :raises CommandError: if there is none, or either can't be one.
    """

    def __init__(self, url: str, api_key: str | None) -> None:
        if not api_key:
            raise CommandError("no API key: pass --api-key or set AGENTS_API_KEY to the server's key")
        require_key(api_key)
        require_url(url)
        headers = {"x-api-key": api_key, "anthropic-beta": f"{AGENTS_BETA},{DREAMING_BETA}"}
        self._url = url
        self._http = httpx.Client(base_url=url, headers=headers, timeout=TIMEOUT_SECONDS)

    def __enter__(self) -> Client:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._http.close()

    def post(self, path: str, body: dict[str, Any]) -> Any:
        return self._request(
            "POST", path, json={key: value for key, value in body.items() if value is not None}
        )

    def get(self, path: str, **query: Any) -> Any:
        known = {name: value for name, value in query.items() if value is not None}
        return self._request("GET", path, params=known)

    def pages(self, path: str, **query: Any) -> Iterator[dict[str, Any]]:
        """Yield the items of a list, page after page."""
        cursor: dict[str, str] = {}
        while True:
            page = self.get(path, **query, **cursor)
            yield from page["data"]
            if not page["next_page"]:
                return
            cursor = {"page": page["next_page"]}

    @contextmanager
    def stream(self, path: str) -> Iterator[Iterator[dict[str, Any]]]:
        """Give the events of a session as they come: all that happen from now on."""
        with self._told(), self._http.stream("GET", path) as response:
            if not response.is_success:
                response.read()
            self._require_success(response)
            yield events_of(response)

    def _request(self, method: str, path: str, **arguments: Any) -> Any:
        given_up_at = time.monotonic() + TIMEOUT_SECONDS
        with self._told():
            response = self._http.request(method, path, **arguments)
            while (seconds := seconds_to_wait(response)) and time.monotonic() + seconds <= given_up_at:
                time.sleep(seconds)
                response = self._http.request(method, path, **arguments)
        self._require_success(response)
        return response.json()

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            kind = type(error).__name__
            raise CommandError(
                f"{self._url}: no server answers there ({kind}); start one with `serve`"
            ) from error

    def _require_success(self, response: httpx.Response) -> None:
        if not response.is_success:
            kind = Missing if response.status_code == HTTPStatus.NOT_FOUND else CommandError
            raise kind(f"{self._url}: {response.status_code}: {message_of(response)}")


def seconds_to_wait(response: httpx.Response) -> int:
    """Return how long to wait where the server asks for fewer requests (`serve --rates`); else 0."""
    told = response.headers.get("retry-after", "")
    is_too_many = response.status_code == HTTPStatus.TOO_MANY_REQUESTS
    return int(told) if is_too_many and told.isdecimal() else 0


def at(*parts: str) -> str:
    """
    Return the path of an object or a list. An id is one segment, whatever stands in it.

    :raises CommandError: if an id is empty.
    """
    if not all(parts):
        raise CommandError("an id is empty; is the shell's variable set?")
    return "/v1/" + "/".join(quote(part, safe="") for part in parts)


def events_of(response: httpx.Response) -> Iterator[dict[str, Any]]:
    """Yield the events of a stream. A line ends with a newline only: texts may hold other separators."""
    rest = b""
    for chunk in response.iter_bytes():
        *lines, rest = (rest + chunk).split(b"\n")
        for line in lines:
            event = json.loads(line[5:]) if line.startswith(b"data:") else {"type": "ping"}
            if event["type"] != "ping":
                yield event


def message_of(response: httpx.Response) -> str:
    try:
        return str(response.json()["error"]["message"])
    except (ValueError, KeyError, TypeError):
        return "the answer is not one of this server's; is --url right?"
