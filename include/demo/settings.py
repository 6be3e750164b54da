"""What the environment says about the demo: a variable each, as the README lists them."""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from include.demo.errors import DemoError

__all__ = ["PROJECT", "Settings", "free_port", "read_settings"]

PROJECT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Settings:
    """
    :ivar folder: where everything that the demo writes lies.
    :ivar approve: ``yes``, ``no``, or None to wait for a click.
    :ivar transcripts: the sessions to import.
    :ivar agents_url: an embedded server that runs already, or None to start one.
    :ivar api_key: the key for ``agents_url``.
    :ivar dream_pace: seconds that a dream lasts at least.
    """

    folder: Path
    approve: str | None
    transcripts: Path
    airflow_port: int
    agents_port: int
    agents_url: str | None
    api_key: str | None
    dream_pace: float


def read_settings(environ: Mapping[str, str] = os.environ) -> Settings:
    """:raises DemoError: a variable holds what it can't."""
    approve = environ.get("APPROVE") or None
    if approve not in (None, "yes", "no"):
        raise DemoError(f"APPROVE={approve}: expected yes or no, or nothing to decide in the browser")
    named = environ.get("TRANSCRIPTS") or ""
    transcripts = Path(named or PROJECT / "include" / "transcripts" / "demo.jsonl").expanduser()
    if not transcripts.is_file():
        raise DemoError(f"TRANSCRIPTS={named}: there is no such file. Name a .jsonl or .jsonl.gz file")
    agents_url = (environ.get("AGENTS_URL") or "").rstrip("/") or None
    api_key = environ.get("AGENTS_API_KEY") or None
    if agents_url and not api_key:
        raise DemoError("AGENTS_URL is set without AGENTS_API_KEY: set the key that this server accepts")
    if agents_url and not agents_url.startswith(("http://", "https://")):
        raise DemoError(f"AGENTS_URL={agents_url}: expected a URL such as http://127.0.0.1:8787")
    airflow_port, agents_port = _port(environ, "AIRFLOW_PORT", 8080), _port(environ, "AGENTS_PORT", 8787)
    if airflow_port == agents_port and not agents_url:
        raise DemoError(f"AIRFLOW_PORT and AGENTS_PORT are both {airflow_port}: set one of them to another")
    return Settings(
        folder=Path(environ.get("DEMO_DIR") or PROJECT / ".demo").expanduser().absolute(),
        approve=approve,
        transcripts=transcripts.absolute(),
        airflow_port=airflow_port,
        agents_port=agents_port,
        agents_url=agents_url,
        api_key=api_key,
        dream_pace=_seconds(environ, "DREAM_PACE"),
    )


def free_port() -> int:
    """Return a port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def refuse_used_port(port: int, variable: str, what: str) -> None:
    """:raises DemoError: something listens on the port already."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as e:
            raise DemoError(
                f"port {port} is in use, and {what} needs it: stop what listens there, or set {variable} to another"
            ) from e


def _port(environ: Mapping[str, str], variable: str, default: int) -> int:
    value = environ.get(variable) or str(default)
    if not value.isdecimal() or not 1 <= int(value) <= 65535:
        raise DemoError(f"{variable}={value}: expected a port, 1 to 65535")
    return int(value)


def _seconds(environ: Mapping[str, str], variable: str) -> float:
    value = environ.get(variable) or "0"
    try:
        seconds = float(value)
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds <= 86_400:
        raise DemoError(f"{variable}={value}: expected seconds, 0 to 86400")
    return seconds
