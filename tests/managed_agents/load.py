"""
Load: many clients at once, mixed requests, and whether every acknowledged write stands at the end.

``python -m tests.managed_agents.load --clients 50 --requests 10000`` starts a server of its own and prints the rate.
"""

from __future__ import annotations

import argparse
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2

__all__ = ["Result", "run"]

ROOT = Path(__file__).parents[2]
KEY = "load-key"
HEADERS = {"x-api-key": KEY, "anthropic-beta": "managed-agents-2026-04-01"}


@dataclass
class Result:
    """What a run came to. Latencies are in seconds."""

    seconds: float = 0.0
    latencies: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    lost_updates: int = 0

    def percentile(self, share: float) -> float:
        return sorted(self.latencies)[int(len(self.latencies) * share)]

    def __str__(self) -> str:
        rate = len(self.latencies) / self.seconds
        times = ", ".join(
            f"p{share * 100:.0f} {self.percentile(share) * 1000:.0f} ms" for share in (0.5, 0.99)
        )
        return (
            f"{len(self.latencies):,} requests in {self.seconds:.1f} s: {rate:.0f} a second, {times}; "
            f"{len(self.errors)} errors, {self.lost_updates} lost updates"
        )


class Client:
    """One client: it works on memories of its own, and on one that all clients add their lines to."""

    def __init__(self, url: str, store: str, number: int, shared: str) -> None:
        self._http = httpx2.Client(base_url=url, headers=HEADERS, timeout=60)
        self._memories = f"/v1/memory_stores/{store}/memories"
        self._number = number
        self._shared = shared
        self._random = random.Random(number)
        self.written: dict[str, str] = {}
        self.lines: list[str] = []
        self.latencies: list[float] = []
        self.errors: list[str] = []

    def work(self, requests: int) -> None:
        while len(self.latencies) < requests:
            kind = self._random.random()
            if not self.written or (kind < 0.15 and len(self.written) < 35):
                self._create()
            elif kind < 0.45:
                self._update()
            elif kind < 0.75:
                self._send("GET", f"{self._memories}/{self._any()}")
            elif kind < 0.9:
                self._send("GET", self._memories, params={"limit": 100, "path_prefix": f"/{self._number}/"})
            else:
                self._add_line()
        self._http.close()

    def _any(self) -> str:
        return self._random.choice(list(self.written))

    def _create(self) -> None:
        content = f"{self._number} {self._random.random()} " * 50
        body = {"path": f"/{self._number}/{len(self.written)}.md", "content": content}
        made = self._send("POST", self._memories, json=body)
        if made is not None:
            self.written[made["id"]] = made["content_sha256"]

    def _update(self) -> None:
        memory = self._any()
        precondition = {"type": "content_sha256", "content_sha256": self.written[memory]}
        body = {"content": f"{self._random.random()} " * 100, "precondition": precondition}
        changed = self._send("POST", f"{self._memories}/{memory}", json=body)
        if changed is not None:
            self.written[memory] = changed["content_sha256"]

    def _add_line(self) -> None:
        """Add a line to the shared memory, on condition that nobody changed it meanwhile."""
        now = self._send("GET", f"{self._memories}/{self._shared}")
        if now is None:
            return
        line = f"{self._number}-{len(self.lines)}"
        precondition = {"type": "content_sha256", "content_sha256": now["content_sha256"]}
        body = {"content": f"{now['content']}{line}\n", "precondition": precondition}
        if self._send("POST", f"{self._memories}/{self._shared}", json=body, accepted={409}) is not None:
            self.lines.append(line)

    def _send(
        self, method: str, path: str, accepted: frozenset[int] | set[int] = frozenset(), **more: Any
    ) -> Any:
        started = time.perf_counter()
        answer = self._http.request(method, path, **more)
        self.latencies.append(time.perf_counter() - started)
        if answer.status_code == 200:
            return answer.json()
        if answer.status_code not in accepted:
            self.errors.append(f"{method} {path}: {answer.status_code} {answer.text[:200]}")
        return None


@contextmanager
def server() -> Iterator[str]:
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "include.managed_agents", "serve", "--port", "0", "--api-key", KEY]
        command += ["--database", f"sqlite:///{Path(folder) / 'load.db'}"]
        process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, env=os.environ)
        assert process.stdout is not None
        try:
            yield process.stdout.readline().split()[-1]
        finally:
            process.terminate()
            process.wait()
            process.stdout.close()


def run(clients: int, requests: int) -> Result:
    """Let ``clients`` send ``requests`` between them, and check afterwards what stands."""
    with server() as url, httpx2.Client(base_url=url, headers=HEADERS, timeout=60) as http:
        store = http.post("/v1/memory_stores", json={"name": "Load"}).json()["id"]
        memories = f"/v1/memory_stores/{store}/memories"
        shared = http.post(memories, json={"path": "/shared.md", "content": ""}).json()["id"]
        crowd = [Client(url, store, number, shared) for number in range(clients)]
        started = time.perf_counter()
        with ThreadPoolExecutor(clients) as pool:
            list(pool.map(lambda client: client.work(requests // clients), crowd))
        result = Result(seconds=time.perf_counter() - started)
        lines = http.get(f"{memories}/{shared}").json()["content"].split()
        result.lost_updates = len({line for client in crowd for line in client.lines} ^ set(lines))
        for client in crowd:
            result.latencies += client.latencies
            result.errors += client.errors
            for memory, sha256 in client.written.items():
                stands = http.get(f"{memories}/{memory}", params={"view": "basic"}).json()["content_sha256"]
                result.lost_updates += stands != sha256
    return result


def main() -> None:
    parser = argparse.ArgumentParser(
        description="Load the embedded server, and check that no update is lost."
    )
    parser.add_argument("--clients", type=int, default=50)
    parser.add_argument("--requests", type=int, default=10_000)
    options = parser.parse_args()
    result = run(options.clients, options.requests)
    print(result)  # noqa: T201
    for error in result.errors[:10]:
        print(error, file=sys.stderr)  # noqa: T201
    sys.exit(bool(result.errors or result.lost_updates))


if __name__ == "__main__":
    main()
