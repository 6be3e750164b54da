"""
Offline dreams at the limits: 100 sessions of 1 MB, over 2,000 memories of 100 kB and over a store with room.

    python -m benchmarks.dream_limits [--scale 0.1]
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import psutil

from benchmarks import _talk
from benchmarks._filling import create, open_client
from benchmarks._processes import BenchmarkError, Server, embedded_server
from benchmarks._report import Limit, Report, megabytes
from include.managed_agents.access import DREAMING_BETA

__all__ = ["run"]

SESSIONS, SESSION_BYTES = 100, 1_000_000
MEMORIES, MEMORY_BYTES = 2_000, 100_000
ROOMY = 1_400  # memories of the store with room
PEAK_BYTES = 2**30
SECONDS = 600.0
SLOWEST_SECONDS = 1.0
#: Sends small requests so often, and looks at the server's memory.
EVERY_SECONDS = 0.1
_AT_ONCE = 4


@dataclass
class Watch:
    """What other requests took, and the server's peak of memory, while something ran."""

    peak: int = 0
    slowest: dict[str, float] = field(default_factory=dict)
    errors: int = 0
    sent: int = 0

    def note(self, kind: str, seconds: float, answer: httpx.Response) -> None:
        self.slowest[kind] = max(seconds, self.slowest.get(kind, 0.0))
        self.errors += not answer.is_success
        self.sent += 1


@dataclass(frozen=True)
class Dreamed:
    name: str
    dream: dict[str, Any]
    seconds: float
    watch: Watch
    #: Memories and bytes of the output store, and bytes by which the database grew.
    memories: int
    size: int
    growth: int

    @property
    def error(self) -> str:
        return str((self.dream["error"] or {}).get("message", ""))

    @property
    def is_plain(self) -> bool:
        """Whether it ended well, or with one error that says what to do."""
        completed: bool = self.dream["status"] == "completed"
        return completed or "delete" in self.error or "fewer" in self.error


def run(quick: bool, scale: float = 1.0) -> Iterator[Report]:
    scale = 0.01 if quick else scale
    with (
        tempfile.TemporaryDirectory(prefix="dreamflow-bench-") as folder,
        embedded_server(Path(folder)) as server,
    ):
        yield _report(list(_measure(server, Path(folder), scale)), scale)


def _measure(server: Server, folder: Path, scale: float) -> Iterator[Dreamed]:
    count, full, roomy = (max(2, round(limit * scale)) for limit in (SESSIONS, MEMORIES, ROOMY))
    sessions = _imported(server, count)
    probed = _filled(server, "Probed", 1)
    for name, memories in (("with room", roomy), ("full", full)):
        store = _filled(server, name, memories)
        before = _database_bytes(folder)
        yield _dreamed(server, f"{name}: {memories:,} memories", store, sessions, probed, folder, before)


def _dreamed(
    server: Server, name: str, store: str, sessions: list[str], probed: str, folder: Path, before: int
) -> Dreamed:
    inputs = [
        {"type": "memory_store", "memory_store_id": store},
        {"type": "sessions", "session_ids": sessions},
    ]
    with open_client(server) as client:
        client.headers["anthropic-beta"] += f",{DREAMING_BETA}"
        watch = Watch()
        with Watching(server, watch, probed):
            dream = create(client, "/v1/dreams", {"model": "offline", "inputs": inputs})
            gone = time.monotonic() + 2 * SECONDS
            while dream["status"] in {"pending", "running"}:
                if time.monotonic() > gone:
                    raise BenchmarkError(f"{name}: the dream did not end in {2 * SECONDS:.0f} s")
                time.sleep(EVERY_SECONDS)
                dream = _got(client, f"/v1/dreams/{dream['id']}")
        memories, size = _size_of(client, dream["outputs"][0]["memory_store_id"])
    began, ended = (datetime.fromisoformat(dream[key]) for key in ("created_at", "ended_at"))
    growth = _database_bytes(folder) - before
    return Dreamed(name, dream, (ended - began).total_seconds(), watch, memories, size, growth)


class Watching:
    """Sends one small request of each kind after the other, while the block runs."""

    def __init__(self, server: Server, watch: Watch, probed: str) -> None:
        self._server = server
        self._watch = watch
        self._probed = probed
        self._over = threading.Event()
        self._threads = [threading.Thread(target=loop) for loop in (self._probe, self._sample)]

    def __enter__(self) -> None:
        for thread in self._threads:
            thread.start()

    def __exit__(self, *exception: object) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join()

    def _probe(self) -> None:
        memories = f"/v1/memory_stores/{self._probed}/memories"
        with open_client(self._server) as client:
            one = _got(client, memories, limit="1")["data"][0]["id"]
            requests: dict[str, Callable[[int], httpx.Response]] = {
                "GET": lambda _: client.get(f"/v1/memory_stores/{self._probed}"),
                "list": lambda _: client.get(memories, params={"limit": "20"}),
                "POST": lambda n: client.post(f"{memories}/{one}", json={"content": f"{n}"}),
            }
            number = 0
            while not self._over.wait(EVERY_SECONDS):
                number += 1
                for kind, send in requests.items():
                    began = time.perf_counter()
                    answer = send(number)
                    self._watch.note(kind, time.perf_counter() - began, answer)

    def _sample(self) -> None:
        process = psutil.Process(self._server.pid)
        while not self._over.wait(EVERY_SECONDS):
            tree = [process, *process.children(recursive=True)]
            self._watch.peak = max(self._watch.peak, sum(one.memory_info().rss for one in tree))


def _imported(server: Server, count: int) -> list[str]:
    def send(number: int) -> str:
        body = {"transcripts": [_talk.session(number, SESSION_BYTES)]}
        with open_client(server) as client:
            return str(create(client, "/_control/sessions/import", body)["data"][0]["session_id"])

    with ThreadPoolExecutor(_AT_ONCE) as pool:
        return list(pool.map(send, range(count)))


def _filled(server: Server, name: str, count: int) -> str:
    with open_client(server) as client, ThreadPoolExecutor(_AT_ONCE) as pool:
        store = str(create(client, "/v1/memory_stores", {"name": name})["id"])

        def write(number: int) -> None:
            path, content = _talk.memory(number, MEMORY_BYTES)
            create(client, f"/v1/memory_stores/{store}/memories", {"path": path, "content": content})

        for _ in pool.map(write, range(count)):
            pass
    return store


def _got(client: httpx.Client, path: str, **params: str) -> dict[str, Any]:
    answer = client.get(path, params=params)
    answer.raise_for_status()
    got: dict[str, Any] = answer.json()
    return got


def _size_of(client: httpx.Client, store: str) -> tuple[int, int]:
    params, sizes = {"limit": "100"}, []
    while True:
        page = _got(client, f"/v1/memory_stores/{store}/memories", **params)
        sizes += [one["content_size_bytes"] for one in page["data"]]
        if not page["next_page"]:
            return len(sizes), sum(sizes)
        params["page"] = page["next_page"]


def _database_bytes(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.glob("agents.db*"))


def _report(dreams: list[Dreamed], scale: float) -> Report:
    peak = max(one.watch.peak for one in dreams)
    seconds = max(one.seconds for one in dreams)
    slowest = max((t, kind) for one in dreams for kind, t in one.watch.slowest.items())
    sent, errors = (sum(getattr(one.watch, what) for one in dreams) for what in ("sent", "errors"))
    return Report(
        f"dream_limits: offline dreams of {max(2, round(SESSIONS * scale))} sessions of 1 MB",
        "The server as `serve` runs it. Half of the sessions are chats, half use tools; the memories are 100 kB each. "
        f"While a dream runs, a client sends a GET, a list and a POST every {EVERY_SECONDS} s. Baseline: none, these "
        "are the service's limits.",
        ("store", "ended", "seconds", "peak", "memories after", "bytes after", "database grew"),
        [
            (
                one.name,
                one.dream["status"],
                f"{one.seconds:.0f}",
                megabytes(one.watch.peak),
                f"{one.memories:,}",
                megabytes(one.size),
                megabytes(one.growth),
            )
            for one in dreams
        ],
        [
            Limit(
                "every dream ends well, or with one plain error",
                "; ".join(one.error or one.dream["status"] for one in dreams),
                all(one.is_plain for one in dreams),
                counted=True,
            ),
            Limit("no error of other requests", f"{errors} of {sent:,}", errors == 0, counted=True),
            Limit("peak under 1 GiB", megabytes(peak), peak < PEAK_BYTES),
            Limit(f"a dream in {SECONDS:.0f} s", f"{seconds:.0f} s", seconds < SECONDS),
            Limit(
                "other requests under a second",
                f"{slowest[0] * 1000:.0f} ms ({slowest[1]})",
                slowest[0] < SLOWEST_SECONDS,
            ),
        ],
    )


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--scale", type=float, default=1.0, help="share of sessions and memories (default: 1)"
    )
    failed = False
    for report in run(quick=False, scale=parser.parse_args().scale):
        print(report)
        failed = failed or any(not limit.met for limit in report.limits)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
