"""The demo as a person runs it: one command, in a process of its own."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from include.demo.settings import PROJECT, free_port
from tests.e2e.leftovers import KEEP_ENVIRONMENT, processes_of
from tests.e2e.world import World
from tests.support.server import LocalServer

pytestmark = pytest.mark.e2e

AIRLINE = PROJECT.parent / "shared" / "data" / "airline" / "sessions.jsonl.gz"
#: Seconds for a whole demo, on a busy machine.
PATIENCE = 1_200.0


@dataclass
class Demo:
    """One demo under way, in a folder of its own."""

    folder: Path
    output: Path
    process: subprocess.Popen[bytes]

    def end(self) -> int:
        """Wait until the demo has ended, and return its exit code."""
        try:
            return self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            pytest.fail(f"the demo still runs after {PATIENCE:.0f} s; it said:\n{self.said}", pytrace=False)

    @property
    def said(self) -> str:
        return self.output.read_text()

    @property
    def summary(self) -> dict[str, Any]:
        return dict(json.loads((self.folder / "summary.json").read_text()))

    def wait_for(self, text: str) -> None:
        deadline = time.monotonic() + PATIENCE
        while text not in self.said:
            assert self.process.poll() is None, f"the demo ended before it said {text!r}:\n{self.said}"
            assert time.monotonic() < deadline, f"the demo does not say {text!r}:\n{self.said}"
            time.sleep(0.2)


StartDemo = Callable[..., Demo]


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[StartDemo]:
    """Start the demo with free ports and these variables; whatever happens, it is gone afterwards."""
    started: list[Demo] = []
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("AIRFLOW_")}

    def start(**variables: str) -> Demo:
        folder, output = tmp_path / "demo", tmp_path / "output.txt"
        ports = {"AIRFLOW_PORT": str(free_port()), "AGENTS_PORT": str(free_port())}
        env = {**inherited, **KEEP_ENVIRONMENT, "DEMO_DIR": str(folder), **ports, **variables}
        with output.open("wb") as out:
            process = subprocess.Popen(
                [sys.executable, "-m", "include.demo"], cwd=PROJECT, env=env, stdout=out, stderr=out
            )
        started.append(Demo(folder, output, process))
        return started[-1]

    yield start
    for demo in started:
        if demo.process.poll() is None:
            demo.process.send_signal(signal.SIGINT)
            demo.process.wait(60)
    assert processes_of(tmp_path) == []


def world_of(summary: dict[str, Any], server: LocalServer) -> World:
    return World(server.client, summary["agent"], summary["deployment"], summary["input_store"])


def test_an_approved_demo_exits_with_0_and_leaves_everything_on_the_output(
    demo: StartDemo, tmp_path: Path
) -> None:
    """Settings of another Airflow are around, whose database must not be touched."""
    other = tmp_path / "other.db"
    run = demo(
        APPROVE="yes",
        AIRFLOW__DATABASE__SQL_ALCHEMY_CONN=f"sqlite:///{other}",
        AIRFLOW__CORE__PARALLELISM="x",
    )
    assert run.end() == 0, run.said
    assert processes_of(tmp_path) == []
    assert not other.exists()

    summary = run.summary
    assert (summary["decision"], summary["state"]) == ("Adopt", "success")
    assert (summary["sessions_dreamed"], summary["sessions_left"]) == (19, 0)
    assert summary["run_id"].startswith("manual__")
    assert summary["seconds"] > 0
    with LocalServer(run.folder / "managed_agents.db") as server:
        world = world_of(summary, server)
        output = summary["output_store"]
        assert world.live_stores() == (output, output)
        assert world.is_archived(world.store)
        assert "/index.md" in world.memories(output)
        metadata = server.client.beta.memory_stores.retrieve(output).metadata
        assert metadata["dreamflow_parent"] == world.store
        assert metadata["dreamflow_dream"] == summary["dream"]
        assert server.client.beta.environments.retrieve(summary["environment"]).id == summary["environment"]
    assert summary["database"] == f"sqlite:///{run.folder}/managed_agents.db"
    assert summary["server_url"].startswith("http://127.0.0.1:")


@pytest.mark.skipif(not AIRLINE.exists(), reason="the airline sessions are not beside the project")
def test_a_rejected_demo_over_ones_own_sessions_leaves_the_targets_as_they_were(
    demo: StartDemo, tmp_path: Path
) -> None:
    """120 sessions, of which a dream takes 100; on a server that runs already, and goes on running."""
    with LocalServer(tmp_path / "own.db") as server:
        run = demo(
            APPROVE="no",
            TRANSCRIPTS=str(AIRLINE),
            AGENTS_URL=server.url,
            AGENTS_API_KEY=server.client.api_key or "",
        )
        assert run.end() == 0, run.said
        summary = run.summary
        assert (summary["decision"], summary["state"]) == ("Reject", "success")
        assert (summary["sessions_dreamed"], summary["sessions_left"]) == (100, 20)
        assert "20 are beyond what one dream takes, and are left for the next run" in run.said
        assert (summary["server_url"], summary["database"]) == (server.url, None)
        world = world_of(summary, server)
        assert world.live_stores() == (world.store, world.store)
        assert not world.is_archived(world.store)
        assert world.is_archived(summary["output_store"])
        assert "/index.md" in world.memories(summary["output_store"])


def test_ctrl_c_in_the_middle_of_a_run_says_what_it_stops_and_ends_everything(
    demo: StartDemo, tmp_path: Path
) -> None:
    run = demo(DREAM_PACE="600")
    run.wait_for("launch_dream            success")
    assert len(processes_of(tmp_path)) > 5
    run.process.send_signal(signal.SIGINT)
    assert run.end() == 0
    *_, stopping, one, other, done = run.said.splitlines()
    assert stopping.startswith("Stopping the embedded server and Airflow")
    assert {line.split()[0] for line in (one, other)} == {"the", "Airflow"}
    assert done == "Everything that the demo started is stopped."
    assert processes_of(tmp_path) == []


@pytest.mark.parametrize("variable", ["AIRFLOW_PORT", "AGENTS_PORT"])
def test_a_port_in_use_is_one_line_that_names_the_variable(demo: StartDemo, variable: str) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as busy:
        port = busy.getsockname()[1]
        run = demo(**{variable: str(port)})
        assert run.end() == 1
    assert run.said.startswith(f"demo: port {port} is in use")
    assert run.said.endswith(f"set {variable} to another\n")
    assert run.said.count("\n") == 1


def test_transcripts_that_are_not_there_are_one_line(demo: StartDemo) -> None:
    run = demo(TRANSCRIPTS="/nowhere/sessions.jsonl")
    assert run.end() == 1
    assert (
        run.said
        == "demo: TRANSCRIPTS=/nowhere/sessions.jsonl: there is no such file. Name a .jsonl or .jsonl.gz file\n"
    )


def test_a_key_that_the_named_server_refuses_is_one_line(demo: StartDemo, tmp_path: Path) -> None:
    with LocalServer(tmp_path / "own.db") as server:
        run = demo(AGENTS_URL=server.url, AGENTS_API_KEY="not-the-key")
        assert run.end() == 1
    assert run.said.splitlines()[-1] == (
        f"demo: the embedded server at {server.url} refuses AGENTS_API_KEY: set the key that it was started with"
    )
    assert "Traceback" not in run.said


def test_a_named_server_that_is_down_is_one_line(demo: StartDemo) -> None:
    run = demo(AGENTS_URL="http://127.0.0.1:1", AGENTS_API_KEY="any")
    assert run.end() == 1
    assert "the embedded server at http://127.0.0.1:1, which AGENTS_URL names, to answer" in run.said
    assert run.said.count("\n") == 1


def test_a_broken_line_17_is_named_and_nothing_is_imported(demo: StartDemo, tmp_path: Path) -> None:
    lines = (PROJECT / "include" / "transcripts" / "demo.jsonl").read_text().splitlines()
    lines[16] = '{"id": "broken", "messages": ['
    file = tmp_path / "sessions.jsonl"
    file.write_text("\n".join(lines) + "\n")
    run = demo(TRANSCRIPTS=str(file))
    assert run.end() == 1
    (line,) = (line for line in run.said.splitlines() if line.startswith("demo:"))
    assert f"{file}: line 17: not JSON" in line
    assert processes_of(tmp_path) == []
    with LocalServer(run.folder / "managed_agents.db") as server:
        assert list(server.client.beta.sessions.list()) == []


def test_a_folder_that_holds_other_files_is_refused_and_left_alone(demo: StartDemo, tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "thesis.txt").write_text("Do not delete.")
    run = demo(DEMO_DIR=str(folder))
    assert run.end() == 1
    assert "holds files that are not a demo's" in run.said
    assert (folder / "thesis.txt").read_text() == "Do not delete."
