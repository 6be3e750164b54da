"""The database file: one server uses it, and what can't be one gets a plain line that says what to do."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from include.managed_agents.app import create_app
from include.managed_agents.database import DatabaseError
from include.managed_agents.settings import Settings
from tests.managed_agents.conftest import ROOT, Command, Serve, sdk
from tests.managed_agents.support import KEY, contents, dream_of, ended, recorded, store_of

#: Serves each file that it is given, one after the other, and counts those that were not refused.
SERVE = """
import sys
from include.managed_agents.cli.main import main
serve = ["serve", "--port", "0", "--api-key", "key", "--database"]
sys.exit(sum(main([*serve, f"sqlite:///{file}"]) != 1 for file in sys.argv[1:]))
"""
#: Root may do anything to any file. Without this capability it is held to permissions, as others are.
AS_ANYBODY = () if os.getuid() else ("setpriv", "--bounding-set=-dac_override")


def refused(*files: Path, before: tuple[str, ...] = ()) -> list[str]:
    """Serve files from a process of its own, expect one line about each, and return the lines."""
    if before and shutil.which(before[0]) is None:
        pytest.skip(f"{before[0]} is not on this machine")
    arguments = [*before, sys.executable, "-c", SERVE, *map(str, files)]
    done = subprocess.run(arguments, cwd=ROOT, capture_output=True, text=True, check=False, timeout=60)
    lines = done.stderr.splitlines()
    assert (done.returncode, done.stdout, len(lines)) == (0, "", len(files)), done.stderr
    for file, line in zip(files, lines, strict=True):
        assert line.startswith(f"error: --database: {file}: ")
    return lines


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
    serve: Serve, command: Command, tmp_path: Path
) -> None:
    first = serve()
    (tmp_path / "link.db").symlink_to(tmp_path / "live.db")
    done = command("serve", "--port", "0", "--database", f"sqlite:///{tmp_path / 'link.db'}")
    assert (done.returncode, done.stdout) == (1, "")
    assert f"{tmp_path}/link.db: another server (process {first.process.pid}) uses it" in done.stderr
    assert len(done.stderr.splitlines()) == 1
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


def test_what_can_be_no_database_is_told_what_to_do(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "beside.db-lock").mkdir()
    too_long = tmp_path / ("x" * 300)
    (tmp_path / "circle").symlink_to("circle")
    places = [tmp_path, tmp_path / "no/x.db", tmp_path / "fifo", too_long, tmp_path / "beside.db"]
    folder, no_folder, fifo, long, beside, circle = refused(*places, tmp_path / "circle")
    assert "can't be opened" in circle
    assert f"such as {tmp_path}/managed_agents.db" in folder
    assert "doesn't exist; make it first" in no_folder
    assert "no regular file" in fifo
    assert "File name too long" in long
    assert f"Is a directory ({tmp_path}/beside.db-lock)" in beside


@pytest.mark.parametrize("end", ["?mode=ro", "?timeout=soon", "%00"])
def test_a_url_that_says_more_than_a_file_is_refused(tmp_path: Path, end: str) -> None:
    with pytest.raises(DatabaseError, match="names no SQLite file; expected sqlite:///FILE"):
        create_app(Settings(database=f"sqlite:///{tmp_path}/x.db{end}", api_key=KEY))


def test_what_may_not_be_written_is_told_so(tmp_path: Path) -> None:
    folder = tmp_path / "read-only"
    folder.mkdir()
    made(folder / "x.db")
    made(tmp_path / "x.db").chmod(0o444)
    folder.chmod(0o555)
    file, *in_folder = refused(tmp_path / "x.db", folder / "x.db", folder / "new.db", before=AS_ANYBODY)
    assert "may not read and write it" in file
    assert all("may not write into its folder" in line for line in in_folder)


def test_what_sqlite_keeps_beside_the_file_may_not_be_something_else(tmp_path: Path) -> None:
    files = [made(tmp_path / "wal.db"), made(tmp_path / "shm.db")]
    for file in files:
        Path(f"{file}-{file.stem}").mkdir()
    assert all("(-wal, -shm)" in line for line in refused(*files))


def test_a_file_cut_short_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    whole = made(tmp_path / "x.db").read_bytes()
    files = [tmp_path / f"{size}.db" for size in (10, 5000, 40_000)]
    for file in files:
        file.write_bytes(whole[: int(file.stem)])
    ten, *others = refused(*files)
    assert "no SQLite database" in ten
    assert all("cut short" in line for line in others)
    assert [file.stat().st_size for file in files] == [10, 5000, 40_000]


def test_what_another_program_wrote_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    letter, zeros, theirs = files = [tmp_path / name for name in ("letter", "zeros", "theirs")]
    letter.write_text("a letter to a friend\n" * 100)
    zeros.write_bytes(bytes(8192))
    alter(theirs, "CREATE TABLE facts (key TEXT PRIMARY KEY, value TEXT)", "CREATE TABLE dag (id TEXT)")
    before = [file.read_bytes() for file in files]
    lines = refused(*files)
    assert all("no SQLite database" in line for line in lines[:2])
    assert "another program's tables (dag, facts)" in lines[2]
    assert [file.read_bytes() for file in files] == before


def test_a_full_disk_is_told_so(tmp_path: Path) -> None:
    mount = f'mount -t tmpfs -o size=64k none {tmp_path} && exec "$@"'
    inside = ("unshare", "--mount", "--map-root-user", "sh", "-c", mount, "sh")
    if shutil.which("unshare") and subprocess.run([*inside, "true"], check=False).returncode:
        pytest.skip("no file system can be mounted here")
    (line,) = refused(tmp_path / "x.db", before=inside)
    assert "disk" in line
    assert "full" in line


def test_a_file_that_another_program_holds_is_refused(tmp_path: Path) -> None:
    with closing(sqlite3.connect(made(tmp_path / "x.db"))) as theirs:
        theirs.execute("BEGIN IMMEDIATE")
        assert "another program holds it" in refused(tmp_path / "x.db")[0]


def test_a_file_whose_program_was_killed_in_a_change_is_as_it_was_before(tmp_path: Path) -> None:
    file, copy = made(tmp_path / "x.db"), tmp_path / "copy.db"
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode=DELETE")
        connection.execute("PRAGMA cache_size=1")
        connection.execute("BEGIN")
        connection.execute("INSERT INTO facts SELECT name, hex(zeroblob(50000)) FROM sqlite_master")
        shutil.copy(file, copy)
        shutil.copy(f"{file}-journal", f"{copy}-journal")
    assert copy.stat().st_size > 100_000
    with TestClient(create_app(settings(copy))) as http:
        (store,) = sdk("http://testserver", http_client=http).beta.memory_stores.list()
        assert store.name == "Notes"
    assert copy.stat().st_size == file.stat().st_size


def test_a_file_of_the_first_version_is_taken_up(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "x.db")) as connection:
        connection.executescript((Path(__file__).parent / "first_version.sql").read_text())
    with TestClient(create_app(settings(tmp_path / "x.db"))) as http:
        client = sdk("http://testserver", http_client=http)
        (dream,) = client.beta.dreams.list()
        output = dream.outputs[0].memory_store_id
        assert "10:00" in "".join(contents(client, output).values())
        again = dream_of(client, output, *(session.id for session in client.beta.sessions.list()))
        assert ended(client, again).status == "completed"


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


def test_a_file_that_differs_in_more_is_refused(tmp_path: Path) -> None:
    less, more = made(tmp_path / "less.db"), made(tmp_path / "more.db")
    alter(less, "ALTER TABLE dreams DROP COLUMN model")
    alter(more, "ALTER TABLE dreams ADD COLUMN model_2 TEXT")
    for line, column in zip(refused(less, more), ("model", "model_2"), strict=True):
        assert f"another version of this server, with other columns (dreams.{column})" in line
        assert "`export`" in line
