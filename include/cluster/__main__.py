"""``python -m include.cluster``: start the cluster, look at it, take parts of it away, and end it."""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from rich.console import Console

from include.cluster.cluster import Cluster
from include.cluster.errors import ClusterError
from include.cluster.notes import alive, hold, read_note, release
from include.cluster.place import place_in
from include.cluster.servers import missing_programs
from include.cluster.sessions import kill_session, members
from include.demo.errors import DemoError
from include.demo.interrupts import INTERRUPTS, own_terminal
from include.demo.settings import PROJECT

_LOOK_EVERY = 1.0
#: Seconds that the program that keeps the cluster gets to end it.
_DOWN = 180.0

console = Console(highlight=False, soft_wrap=True)


def main(arguments: Sequence[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    options.folder = options.folder.expanduser().absolute()
    command: Callable[[argparse.Namespace], int] = options.command
    try:
        return command(options)
    except DemoError as e:
        Console(stderr=True, highlight=False, soft_wrap=True).print(f"cluster: {e}", markup=False)
        return 1


def _up(options: argparse.Namespace) -> int:
    return _keep(options, None)


def _run(options: argparse.Namespace) -> int:
    return _keep(options, [word for word in options.words if word != "--"] or ["true"])


def _keep(options: argparse.Namespace, words: list[str] | None) -> int:
    """Start the cluster and keep it up until a signal comes or the command of the words ends."""
    with own_terminal():
        INTERRUPTS.watch()
        try:
            _refuse_second(options.folder)
            settings = dict(word.split("=", 1) for word in options.set)
            place = place_in(options.folder, port=options.port, settings=settings)
            with Cluster(place, pipelines=options.pipelines, pace=options.pace, tell=_tell) as cluster:
                cluster.start()
                _tell(
                    f"Airflow is up at {place.url}: user {cluster.airflow.username}, password in cluster.json"
                )
                return _stay(cluster, words)
        except KeyboardInterrupt as e:
            _tell("Everything that the cluster started is stopped.")
            return 0 if e.args == (signal.SIGINT,) else 128 + int(e.args[0])


def _stay(cluster: Cluster, words: list[str] | None) -> int:
    if words is None:
        _tell("It stays up. Ctrl-C stops it.")
        while True:
            cluster.look()
            time.sleep(_LOOK_EVERY)
    place = cluster.place
    environment = {
        **os.environ,
        "AIRFLOW_URL": place.url,
        "AIRFLOW_USER": cluster.airflow.username,
        "AIRFLOW_PASSWORD": place.variables["AIRFLOW_ADMIN_PASSWORD"],
        "ANTHROPIC_BASE_URL": place.agents_url,
        "ANTHROPIC_API_KEY": place.variables["ANTHROPIC_API_KEY"],
    }
    with subprocess.Popen(words, env=environment) as process:  # noqa: S603 - the command that the user named
        try:
            while process.poll() is None:
                cluster.look()
                time.sleep(_LOOK_EVERY)
        except BaseException:
            process.terminate()
            raise
    return process.returncode


def _check(_options: argparse.Namespace) -> int:
    for sentence in missing_programs():
        console.print(sentence)
    return 1 if missing_programs() else 0


def _status(options: argparse.Namespace) -> int:
    noted = read_note(options.folder)
    up = alive(noted["keeper"])
    console.print(f"{'up' if up else 'down'}: {noted['url']}, embedded server {noted['agents_url']}")
    for name, part in noted["running"].items():
        state = "runs" if alive(part) else "has ended"
        console.print(f"  {name:<16} {state}, process {part['pid']}, started {part['starts']} times")
    return 0 if up else 1


def _stop(options: argparse.Namespace) -> int:
    """Stop parts, and wait until they are."""
    for name in options.parts:
        _known(options.folder, name)
        hold(options.folder, name)
    for name in options.parts:
        _wait(lambda name=name: name not in read_note(options.folder)["running"], f"{name} to stop")  # type: ignore[misc]
    return 0


def _start(options: argparse.Namespace) -> int:
    for name in options.parts:
        release(options.folder, name)
    for name in options.parts:
        _wait(lambda name=name: name in read_note(options.folder)["running"], f"{name} to start")  # type: ignore[misc]
    return 0


def _kill(options: argparse.Namespace) -> int:
    """Kill parts with all that they started, as when a machine runs out of memory; the cluster starts them again."""
    for name in options.parts:
        kill_session(_known(options.folder, name))
    return 0


def _down(options: argparse.Namespace) -> int:
    """Let the program that keeps the cluster end it; end by force what one that was killed has left."""
    noted = read_note(options.folder)
    if alive(noted["keeper"]):
        os.kill(noted["keeper"]["pid"], signal.SIGTERM)
        _wait(lambda: not alive(noted["keeper"]), "the cluster to stop")
    for part in noted["running"].values():
        if alive(part) or members(part["pid"]):
            kill_session(part["pid"])
    return 0


def _known(folder: Path, name: str) -> int:
    running = read_note(folder)["running"]
    if name not in running:
        raise ClusterError(f"{name} does not run; these do: {', '.join(running) or 'none'}")
    return int(running[name]["pid"])


def _wait(reached: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + _DOWN
    while not reached():
        if time.monotonic() > deadline:
            raise ClusterError(f"waited {_DOWN:.0f} s for {what}, in vain")
        time.sleep(0.2)


def _refuse_second(folder: Path) -> None:
    with suppress(ClusterError):
        if alive(read_note(folder)["keeper"]):
            raise _Running(
                f"a cluster runs in {folder}: end it with down, or name another folder with --folder"
            )


class _Running(DemoError):
    """A cluster runs in the folder already."""


def _tell(line: str) -> None:
    console.print(f"{time.strftime('%H:%M:%S')}  {line}", markup=False)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m include.cluster", description=__doc__)
    parser.add_argument(
        "--folder", type=Path, default=PROJECT / ".cluster", help="where its state and logs go"
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def command(name: str, run: Callable[[argparse.Namespace], int], help_: str) -> argparse.ArgumentParser:
        made = commands.add_parser(name, help=help_, description=help_)
        made.set_defaults(command=run)
        return made

    for name, run, help_ in (
        ("up", _up, "start it, and keep it up until Ctrl-C"),
        ("run", _run, "start it, run a command with its addresses in the environment, and end it"),
    ):
        made = command(name, run, help_)
        made.add_argument("--port", type=int, help="the web server's port; any that is free")
        made.add_argument(
            "--pipelines", type=Path, help="the folder of the pipeline files; include/pipelines"
        )
        made.add_argument(
            "--pace",
            type=float,
            default=0.0,
            help="seconds that a dream of the embedded server lasts at least",
        )
        made.add_argument(
            "--set", action="append", default=[], metavar="NAME=VALUE", help="a variable of .env.example"
        )
        if name == "run":
            made.add_argument("words", nargs=argparse.REMAINDER, metavar="-- CMD", help="the command")
    command("check", _check, "say which programs of Debian's are missing here")
    command("status", _status, "say what runs")
    command("down", _down, "end it, from another terminal")
    for name, run, help_ in (
        ("stop", _stop, "stop parts, and leave them so"),
        ("start", _start, "start parts that were stopped"),
        ("kill", _kill, "kill parts with -9; they are started again"),
    ):
        command(name, run, help_).add_argument("parts", nargs="+", metavar="PART")
    return parser


if __name__ == "__main__":
    sys.exit(main())
