"""A thin HTTP client for the commands, whose errors are lines for a person."""

from __future__ import annotations

from collections.abc import Iterator
from types import TracebackType
from typing import Any

import httpx

from include.managed_agents.access import AGENTS_BETA
from include.managed_agents.cli.errors import CommandError

__all__ = ["Client"]

TIMEOUT_SECONDS = 120.0


class Client:
    """
    Sends requests to a server, and raises `CommandError` for what goes wrong.

    :param url: where the server listens.
    :param api_key: its key. :raises CommandError: if there is none.
    """

    def __init__(self, url: str, api_key: str | None) -> None:
        if not api_key:
            raise CommandError("no API key: pass --api-key or set AGENTS_API_KEY to the server's key")
        headers = {"x-api-key": api_key, "anthropic-beta": AGENTS_BETA}
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
        return self._request("GET", path, params=query)

    def pages(self, path: str, **query: Any) -> Iterator[dict[str, Any]]:
        """Yield the items of a list, page after page."""
        cursor: dict[str, str] = {}
        while True:
            page = self.get(path, **query, **cursor)
            yield from page["data"]
            if not page["next_page"]:
                return
            cursor = {"page": page["next_page"]}

    def _request(self, method: str, path: str, **arguments: Any) -> Any:
        try:
            response = self._http.request(method, path, **arguments)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            kind = type(error).__name__
            raise CommandError(
                f"{self._url}: no server answers there ({kind}); start one with `serve`"
            ) from error
        if response.is_success:
            return response.json()
        raise CommandError(f"{self._url}: {response.status_code}: {message_of(response)}")


def message_of(response: httpx.Response) -> str:
    try:
        return str(response.json()["error"]["message"])
    except (ValueError, KeyError, TypeError):
        return "the answer is not one of this server's; is --url right?"
