"""The database file: one server uses it, and what can't be one gets a plain line that says what to do."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from subprocess import CompletedProcess

import pytest
from fastapi.testclient import TestClient

from include.managed_agents.app import create_app
from include.managed_agents.database import DatabaseError
from include.managed_agents.settings import Settings
from tests.managed_agents.conftest import ROOT, Serve, sdk
from tests.managed_agents.support import KEY, contents, dream_of, ended, recorded, store_of

Command = Callable[..., CompletedProcess[str]]
Refused = Callable[..., str]

SERVE = (sys.executable, "-m", "include.managed_agents", "serve", "--port", "0", "--api-key", KEY)
#: Root may do anything to any file. Without this capability it is held to permissions, as others are.
AS_ANYBODY = () if os.getuid() else ("setpriv", "--bounding-set=-dac_override")


@pytest.fixture
def refused(tmp_path: Path) -> Refused:
    """Start a server on a file, expect it to give up with one line about the file, and return the line."""

    def run(file: Path = tmp_path / "x.db", before: tuple[str, ...] = ()) -> str:
        if before and shutil.which(before[0]) is None:
            pytest.skip(f"{before[0]} is not on this machine")
        arguments = [*before, *SERVE, "--database", f"sqlite:///{file}"]
        done = subprocess.run(arguments, cwd=ROOT, capture_output=True, text=True, check=False, timeout=60)
        assert (done.returncode, done.stdout) == (1, ""), done.stderr
        (line,) = done.stderr.splitlines()
        assert line.startswith(f"error: --database: {file}: ")
        return line

    return run


def made(file: Path) -> Path:
    """Make a database with one memory store in it."""
    with TestClient(create_app(settings(file))) as http:
        store_of(sdk("http://testserver", http_client=http), a="one")
    return file


def settings(file: Path) -> Settings:
    return Settings(database=f"sqlite:///{file}", api_key=KEY)


def alter(file: Path, *statements: str) -> None:
    with closing(sqlite3.connect(file)) as connection:
        for statement in statements:
            connection.execute(statement)
        connection.commit()


def test_a_second_server_on_a_file_is_refused_and_told_who_has_it(
    serve: Serve, refused: Refused, tmp_path: Path
) -> None:
    first = serve()
    (tmp_path / "link.db").symlink_to(tmp_path / "live.db")
    for name in ("live.db", "link.db"):
        line = refused(tmp_path / name)
        assert f"another server (process {first.process.pid})" in line
    store = store_of(first.client, a="one")
    first.kill()
    assert contents(serve().client, store.id) == {"/a.md": "one"}


def test_two_apps_of_one_process_do_not_share_a_file_either(tmp_path: Path) -> None:
    app = create_app(settings(tmp_path / "x.db"))
    with TestClient(app), pytest.raises(DatabaseError, match=f"process {os.getpid()}"):
        create_app(settings(tmp_path / "x.db"))
    create_app(settings(tmp_path / "x.db")).state.database.close()


def test_a_file_that_was_refused_is_free_again(tmp_path: Path) -> None:
    file = tmp_path / "x.db"
    alter(file, "CREATE TABLE theirs (x)")
    with pytest.raises(DatabaseError, match="theirs"):
        create_app(settings(file))
    file.unlink()
    made(file)


def test_a_folder_is_no_database(refused: Refused, tmp_path: Path) -> None:
    assert f"such as {tmp_path}/managed_agents.db" in refused(tmp_path)


def test_a_folder_that_does_not_exist_is_to_be_made(refused: Refused, tmp_path: Path) -> None:
    assert "doesn't exist; make it first" in refused(tmp_path / "no/x.db")


def test_what_is_no_regular_file_is_no_database(refused: Refused, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "x.db")
    assert "no regular file" in refused()
    assert "File name too long" in refused(tmp_path / ("x" * 300))


def test_a_file_that_may_not_be_written(refused: Refused, tmp_path: Path) -> None:
    made(tmp_path / "x.db").chmod(0o444)
    assert "may not read and write it" in refused(before=AS_ANYBODY)


def test_a_folder_that_may_not_be_written(refused: Refused, tmp_path: Path) -> None:
    folder = tmp_path / "read-only"
    folder.mkdir()
    made(folder / "x.db")
    folder.chmod(0o555)
    for name in ("x.db", "new.db"):
        assert "may not write into its folder" in refused(folder / name, before=AS_ANYBODY)


@pytest.mark.parametrize("suffix", ["-wal", "-shm", "-lock"])
def test_a_file_beside_it_that_may_not_be_written(refused: Refused, tmp_path: Path, suffix: str) -> None:
    made(tmp_path / "x.db")
    (tmp_path / f"x.db{suffix}").unlink(missing_ok=True)
    (tmp_path / f"x.db{suffix}").mkdir()
    assert ("see who may write" in refused()) == (suffix != "-lock")


@pytest.mark.parametrize("kept_bytes", [10, 5000, 40_000])
def test_a_file_cut_short_is_refused_and_left_as_it_is(
    refused: Refused, tmp_path: Path, kept_bytes: int
) -> None:
    file = made(tmp_path / "x.db")
    file.write_bytes(file.read_bytes()[:kept_bytes])
    assert ("cut short" if kept_bytes > 100 else "no SQLite database") in refused()
    assert file.stat().st_size == kept_bytes


def test_a_file_of_something_else_is_refused_and_left_as_it_is(refused: Refused, tmp_path: Path) -> None:
    file = tmp_path / "x.db"
    for content in (b"a letter to a friend\n" * 100, b"\x00" * 8192):
        file.write_bytes(content)
        assert "no SQLite database" in refused()
        assert file.read_bytes() == content


def test_another_programs_database_is_refused_and_left_as_it_is(refused: Refused, tmp_path: Path) -> None:
    file = tmp_path / "x.db"
    alter(file, "CREATE TABLE facts (key TEXT PRIMARY KEY, value TEXT)", "CREATE TABLE dag (id TEXT)")
    before = file.read_bytes()
    assert "another program's tables (dag, facts)" in refused()
    assert file.read_bytes() == before


def test_a_full_disk(refused: Refused, tmp_path: Path) -> None:
    folder = tmp_path / "small"
    folder.mkdir()
    mount = f'mount -t tmpfs -o size=64k none {folder} && exec "$@"'
    inside = ("unshare", "--mount", "--map-root-user", "sh", "-c", mount, "sh")
    if shutil.which("unshare") and subprocess.run([*inside, "true"], check=False).returncode:
        pytest.skip("no file system can be mounted here")
    line = refused(folder / "x.db", before=inside)
    assert "is the disk full" in line or "the disk is full" in line


def test_a_file_that_another_program_holds(refused: Refused, tmp_path: Path) -> None:
    with closing(sqlite3.connect(made(tmp_path / "x.db"))) as theirs:
        theirs.execute("BEGIN IMMEDIATE")
        assert "another program holds it" in refused()


def test_a_file_of_an_older_version_gets_the_columns_that_it_lacks(tmp_path: Path) -> None:
    file = tmp_path / "x.db"
    with TestClient(create_app(settings(file))) as http:
        client = sdk("http://testserver", http_client=http)
        dream = ended(client, dream_of(client, store_of(client, a="one").id, recorded(client, "AB-1234")))
    alter(
        file,
        "ALTER TABLE dreams DROP COLUMN error",
        "ALTER TABLE dreams DROP COLUMN is_consolidating",
        "DROP INDEX dreams_by_status",
        "DROP TABLE dream_findings",
    )
    for _ in range(2):
        with TestClient(create_app(settings(file))) as http:
            client = sdk("http://testserver", http_client=http)
            assert client.beta.dreams.retrieve(dream.id) == dream
            store = dream.outputs[0].memory_store_id
            again = dream_of(client, store, recorded(client, "CD-5678"))
            assert ended(client, again).status == "completed"
    with closing(sqlite3.connect(file)) as connection:
        assert connection.execute("SELECT DISTINCT typeof(is_consolidating) FROM dreams").fetchall() == [
            ("integer",)
        ]
        assert connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'dreams_by_status'").fetchone()


@pytest.mark.parametrize(
    "statement",
    ["ALTER TABLE dreams DROP COLUMN model", "ALTER TABLE dreams ADD COLUMN model_2 TEXT"],
)
def test_a_file_that_differs_in_more_is_refused(refused: Refused, tmp_path: Path, statement: str) -> None:
    alter(made(tmp_path / "x.db"), statement)
    line = refused()
    assert "another version of this server" in line
    assert "dreams.model" in line
    assert "`export`" in line
