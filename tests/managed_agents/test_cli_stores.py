"""`stores`: what people see of memory stores, and of what changed between two."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.managed_agents.conftest import ROOT, Ask, Command
from tests.managed_agents.support import KEY, store_of
from tests.support.server import LocalServer


def test_stores_are_listed_newest_first(local: LocalServer, ask: Ask) -> None:
    assert ask("stores") == ""
    ids = [store_of(local.client, name=name).id for name in ("Old", "New", "Gone")]
    local.client.beta.memory_stores.archive(ids[2])
    head, *rows = ask("stores").splitlines()
    assert head.split() == ["STORE", "CREATED", "(UTC)", "NAME"]
    assert [row.split()[0] for row in rows] == [ids[1], ids[0]]
    assert rows[0].endswith("New")
    assert "Gone (archived)" in ask("stores", "list", "--archived")
    assert ids[0] not in ask("stores", "list", "--limit", "1")


def test_pages_follow_each_other_to_the_end(local: LocalServer, ask: Ask) -> None:
    ids = {store_of(local.client, name=f"Store {number}").id for number in range(103)}
    assert {store["id"] for store in json.loads(ask("stores", "--json"))} == ids


def test_a_store_is_shown_by_path_and_size_and_a_memory_as_text(local: LocalServer, ask: Ask) -> None:
    store = store_of(local.client, a="one\n", b="zwei\tü")
    assert ask("stores", "show", store.id).splitlines() == [
        "Notes",
        "        4  /a.md",
        "        7  /b.md",
        "       11  bytes in 2 memories",
    ]
    assert ask("stores", "show", store.id, "/a.md") == "one\n"
    assert ask("stores", "show", store.id, "/b.md") == "zwei\tü\n"
    assert json.loads(ask("stores", "show", store.id, "/b.md", "--json"))["content"] == "zwei\tü"
    assert [memory["path"] for memory in json.loads(ask("stores", "show", store.id, "--json"))] == [
        "/a.md",
        "/b.md",
    ]


def test_what_changed_between_two_stores(local: LocalServer, ask: Ask) -> None:
    before = store_of(local.client, changed="one\ntwo\nthree\n", gone="bye", same="same", empty="")
    after = store_of(local.client, changed="one\n2\nthree", same="same", new="hello\n")
    told = ask("stores", "diff", before.id, after.id).splitlines()
    changed, empty = told.index("--- /changed.md"), told.index("--- /empty.md")
    assert told[changed:empty] == [
        "--- /changed.md",
        "+++ /changed.md",
        "@@ -1,3 +1,3 @@",
        " one",
        "-two",
        "-three",
        "+2",
        "+three",
        "\\ No newline at end of file",
    ]
    assert told[empty:-1] == [
        *("--- /empty.md", "+++ /dev/null"),
        *("--- /gone.md", "+++ /dev/null", "@@ -1 +0,0 @@", "-bye", "\\ No newline at end of file"),
        *("--- /dev/null", "+++ /new.md", "@@ -0,0 +1 @@", "+hello"),
    ]
    assert told[-1] == "1 added, 2 removed, 1 changed, 1 the same; 3 lines came, 3 went"
    assert ask("stores", "diff", before.id, after.id, "--stat").splitlines()[1].split() == [
        *("changed", "2", "2", "/changed.md")
    ]
    changes = {
        change["path"]: change for change in json.loads(ask("stores", "diff", before.id, after.id, "--json"))
    }
    assert {path: change["change"] for path, change in changes.items()} == {
        "/changed.md": "changed",
        "/empty.md": "removed",
        "/gone.md": "removed",
        "/new.md": "added",
    }
    assert "+hello" in changes["/new.md"]["diff"]


def test_a_store_does_not_differ_from_itself(local: LocalServer, ask: Ask) -> None:
    store = store_of(local.client, a="one")
    told = ask("stores", "diff", store.id, store.id)
    assert told == "0 added, 0 removed, 0 changed, 1 the same; 0 lines came, 0 went\n"


def test_what_is_not_there_gets_one_line(local: LocalServer, command: Command) -> None:
    store = store_of(local.client, a="one")
    for arguments, told in (
        (("show", "memstore_1"), "'memstore_1' not found"),
        (("show", store.id, "/b.md"), f"`stores show {store.id}` lists them"),
        (("diff", store.id, "../x?y#z"), "no such endpoint"),
        (("show", ""), "an id is empty"),
    ):
        done = command("stores", *arguments, "--url", local.url)
        assert (done.returncode, done.stdout) == (1, "")
        assert told in done.stderr
        assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    "url", ["nonsense", "ftp://127.0.0.1", "http://", "http://[::1", "http://127.0.0.1:99999"]
)
def test_a_url_that_no_server_can_have_is_refused(command: Command, url: str) -> None:
    done = command("stores", "--url", url)
    assert (done.returncode, done.stdout) == (1, "")
    assert len(done.stderr.splitlines()) == 1
    assert f"{url!r} is no URL of a server; expected one such as http://" in done.stderr


@pytest.mark.parametrize("key", ["schl\u00fcssel", "s3cret\n", "\udcff"])
def test_a_key_that_no_header_can_carry_is_refused_and_not_quoted(command: Command, key: str) -> None:
    for arguments in (("stores",), ("serve", "--port", "0", "--database", "sqlite:////no/such/x.db")):
        done = command(*arguments, "--api-key", key, key=None)
        assert (done.returncode, done.stdout) == (1, "")
        assert len(done.stderr.splitlines()) == 1
        assert "a header can't carry this key" in done.stderr
        assert key.strip() not in done.stderr


@pytest.mark.parametrize("list_of", ["stores", "sessions", "dreams"])
def test_a_list_that_cannot_be_had_is_no_half_of_json(command: Command, list_of: str) -> None:
    done = command(list_of, "--json", "--url", "http://127.0.0.1:9")
    assert (done.returncode, done.stdout) == (1, "")
    assert "no server answers" in done.stderr


def test_a_limit_that_no_list_has_is_refused(command: Command) -> None:
    done = command("stores", "list", "--limit", "9" * 30)
    assert (done.returncode, done.stdout) == (2, "")
    assert "is no count; expected 1 to 999,999,999" in done.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
@pytest.mark.parametrize("options", [[], ["--json"]])
def test_output_that_cannot_be_written_is_told_in_one_line(local: LocalServer, options: list[str]) -> None:
    store_of(local.client)
    arguments = [sys.executable, "-m", "include.managed_agents", "stores", *options]
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [*arguments, "--url", local.url, "--api-key", KEY],
            cwd=ROOT,
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
            timeout=60,
        )
    assert done.returncode == 1
    assert "No space left" in done.stderr
    assert len(done.stderr.splitlines()) == 1
