"""PostgreSQL and Redis from Debian's packages, set up as docker-compose.yaml sets up its own."""

from __future__ import annotations

import os
import pwd
import shlex
import shutil
import signal
import socket
import stat
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from include.cluster.errors import ClusterError
from include.cluster.part import Part
from include.cluster.place import Place

__all__ = ["PostgresServer", "RedisServer", "missing_programs"]

#: Where Debian's packages put the programs of each version.
_POSTGRESQL = Path("/usr/lib/postgresql")
#: Made by Debian's package; PostgreSQL refuses to run as root.
_POSTGRES_USER = "postgres"


def missing_programs() -> list[str]:
    """Return what can't be found here, one sentence each, with Debian's package that has it."""
    missing = []
    if _postgres_programs() is None:
        missing.append("PostgreSQL's initdb was not found: install Debian's package postgresql")
    if shutil.which("redis-server") is None:
        missing.append("redis-server was not found: install Debian's package redis-server")
    if os.geteuid() == 0 and not missing and not _postgres_user():
        missing.append(
            f"PostgreSQL refuses to run as root, and there is no user {_POSTGRES_USER}: install Debian's package "
            "postgresql, or run this as another user"
        )
    return missing


class PostgresServer:
    """A database cluster of one's own, whose only superuser is the one that compose names."""

    def __init__(self, place: Place, service: Mapping[str, Any]) -> None:
        self.data = place.folder / "postgres" / "data"
        self.port = place.ports["postgres"]
        settings = service["environment"]
        self.user, self.database = settings["POSTGRES_USER"], settings["POSTGRES_DB"]
        self._password = settings["POSTGRES_PASSWORD"]

    def part(self) -> Part:
        """Return the server as a part. It listens on the loopback address only, and on no socket file."""
        options = ["-p", str(self.port), "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories="]
        command = (*_as_postgres(), str(self._program("postgres")), "-D", str(self.data), *options)
        environment = _plain_environment()
        return Part("postgres", command, environment, self.data.parent, stop_signal=signal.SIGINT)

    def prepare(self) -> None:
        """
        Make the database where it is not there yet, with a password that a connection has to give.

        :raises ClusterError: it can't be made; the message says why.
        """
        if (self.data / "PG_VERSION").exists():
            return
        self.data.parent.mkdir(exist_ok=True)
        password = self.data.parent / "password"
        password.touch(mode=0o600)
        password.write_text(self._password)
        if os.geteuid() == 0:
            for path in (self.data.parent, password):
                shutil.chown(path, _POSTGRES_USER, _POSTGRES_USER)
            _check_way(self.data.parent)
        _run(
            [
                *_as_postgres(),
                str(self._program("initdb")),
                *("-D", str(self.data), "-U", self.user, "-A", "scram-sha-256", "--pwfile", str(password)),
                *("-E", "UTF8", "--locale", "C.UTF-8"),
            ]
        )
        single = [
            *_as_postgres(),
            str(self._program("postgres")),
            "--single",
            "-D",
            str(self.data),
            "postgres",
        ]
        _run(single, said=f'CREATE DATABASE "{self.database}"\n')
        password.unlink()

    def answers(self) -> bool:
        address = ["-h", "127.0.0.1", "-p", str(self.port), "-U", self.user, "-d", self.database]
        done = subprocess.run(  # noqa: S603 - our own command
            [str(self._program("pg_isready")), "--quiet", *address], check=False
        )
        return done.returncode == 0

    def _program(self, name: str) -> Path:
        folder = _postgres_programs()
        if folder is None:
            raise ClusterError(missing_programs()[0])
        return folder / name


class RedisServer:
    """Redis with the options that compose's command gives it."""

    def __init__(self, place: Place, service: Mapping[str, Any]) -> None:
        self.data = place.folder / "redis"
        self.port = place.ports["redis"]
        self._password = service["environment"]["REDIS_PASSWORD"]
        self._script = service["command"][-1]

    def part(self) -> Part:
        command = ("redis-server", str(self.data / "redis.conf"))
        return Part("redis", command, _plain_environment(), self.data)

    def prepare(self) -> None:
        """Write its configuration, which holds the password: arguments can be read by everybody on the machine."""
        self.data.mkdir(exist_ok=True)
        words = shlex.split(self._script.replace("$REDIS_PASSWORD", self._password))
        options = words[words.index("redis-server") + 1 :]
        pairs = zip(options[::2], options[1::2], strict=True)
        lines = [f"{name.removeprefix('--')} {value}" for name, value in pairs]
        lines += [f"port {self.port}", "bind 127.0.0.1", f"dir {self.data}"]
        config = self.data / "redis.conf"
        config.touch(mode=0o600)
        config.write_text("\n".join(lines) + "\n")

    def answers(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=2) as link:
                link.sendall(f"AUTH {self._password}\r\nPING\r\nQUIT\r\n".encode())
                return b"+PONG" in link.makefile("rb").read()
        except OSError:
            return False


def _postgres_programs() -> Path | None:
    """Return the folder of the newest version's programs; initdb is on nobody's PATH."""
    found = [path.parent for path in _POSTGRESQL.glob("*/bin/initdb")]
    found.sort(key=lambda folder: [int(part) for part in folder.parent.name.split(".") if part.isdecimal()])
    if found:
        return found[-1]
    named = shutil.which("initdb")
    return Path(named).resolve().parent if named else None


def _postgres_user() -> bool:
    try:
        pwd.getpwnam(_POSTGRES_USER)
    except KeyError:
        return False
    return shutil.which("setpriv") is not None


def _as_postgres() -> Sequence[str]:
    if os.geteuid() != 0:
        return ()
    return ("setpriv", f"--reuid={_POSTGRES_USER}", f"--regid={_POSTGRES_USER}", "--init-groups", "--")


def _check_way(folder: Path) -> None:
    """:raises ClusterError: the user that PostgreSQL runs as can't get to its folder."""
    for above in folder.parents:
        if not above.stat().st_mode & stat.S_IXOTH:
            raise ClusterError(
                f"{above} may not be entered by the user {_POSTGRES_USER}, as which PostgreSQL runs here, "
                "because it refuses to run as root: name a folder elsewhere with --folder"
            )


def _plain_environment() -> dict[str, str]:
    return {"PATH": os.environ.get("PATH", os.defpath), "LANG": "C.UTF-8"}


def _run(command: Sequence[str], said: str = "") -> None:
    done = subprocess.run(  # noqa: S603 - our own command
        command, input=said, capture_output=True, text=True, check=False, env=_plain_environment(), cwd="/"
    )
    if done.returncode:
        last = (done.stderr.strip() or done.stdout.strip()).splitlines()[-1:]
        raise ClusterError(f"{Path(command[-1]).name}: {' '.join(command)} failed: {' '.join(last)}")
