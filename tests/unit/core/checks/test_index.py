"""The check on a store's index: does it lead somewhere, to every memory, and is it there once?"""

from __future__ import annotations

import time

import pytest

from dreamflow.core.checks.index import Index
from tests.unit.core.checks.examining import checked

NOTES = {f"/notes/{name}.md": f"about {name}\n" for name in ("ana", "ben", "carl", "dora", "emil", "fred")}
STYLES = {
    "plain": lambda path: f"- {path}: what it is about",
    "code": lambda path: f"- `{path}`, what it is about",
    "link": lambda path: f"- [{path}]({path}): what it is about",
    "relative link": lambda path: f"* [Name](.{path}#top 'title')",
    "no slash": lambda path: f"{path[1:]} has it.",
    "mounted": lambda path: f"see /mnt/memory/notes{path}.",
    "table": lambda path: f"| {path} | words |",
}


def index_of(paths: object, style: str = "plain") -> str:
    return "# Index\n\n" + "".join(f"{STYLES[style](path)}\n" for path in paths)  # type: ignore[attr-defined]


@pytest.mark.parametrize("style", STYLES)
class TestInEveryStyle:
    def test_an_index_that_leads_to_all_is_no_finding(self, style: str) -> None:
        store = NOTES | {"/index.md": index_of(NOTES, style)}
        assert checked(Index, {}, store) == ()

    def test_a_new_memory_that_the_index_leaves_out_is_found(self, style: str) -> None:
        before = NOTES | {"/index.md": index_of(NOTES, style)}
        (found,) = checked(Index, before, before | {"/notes/new.md": "new\n"})
        assert (found.path, found.severity) == ("/notes/new.md", "note")


@pytest.mark.parametrize("style", sorted(STYLES.keys() - {"no slash"}))
def test_an_index_that_leads_to_what_is_gone_is_found_by_its_line(style: str) -> None:
    before = NOTES | {"/index.md": index_of(NOTES, style)}
    after = {path: text for path, text in before.items() if path != "/notes/carl.md"}
    (found,) = checked(Index, before, after)
    assert (found.path, found.line, found.paths) == ("/index.md", 5, ("/notes/carl.md",))


def test_the_index_of_a_folder_is_one_too() -> None:
    store = NOTES | {"/notes/README.md": "See [ana](ana.md) and [zoe](zoe.md).\n"}
    (found,) = checked(Index, {}, store)
    assert (found.path, found.paths) == ("/notes/README.md", ("/notes/zoe.md",))


def test_addresses_folders_and_anchors_lead_to_no_memory() -> None:
    words = "[a](https://example.com/x.md) [b](#top) [c](mailto:a@b.md) [d](notes/) /var/log http://x/y.md and/or.md\n"
    assert checked(Index, {}, NOTES | {"/index.md": index_of(NOTES) + words}) == ()


def test_a_path_is_not_named_by_a_longer_one_that_it_is_a_part_of() -> None:
    before = NOTES | {"/index.md": index_of(NOTES)}
    (found,) = checked(Index, before, before | {"/notes/an.md": "x", "/ana.md": "y"})
    assert set(found.paths) == {"/notes/an.md", "/ana.md"}


def test_an_index_that_never_named_most_is_not_asked_for_more() -> None:
    store = NOTES | {"/index.md": "# Index\n- /notes/ana.md\n"}
    assert checked(Index, {}, store) == ()


def test_what_was_left_out_before_and_did_not_change_is_not_told_each_night() -> None:
    before = NOTES | {"/index.md": index_of(NOTES), "/other.md": "x"}
    assert checked(Index, before, before | {"/notes/ana.md": "about ana, more\n"}) == ()


def test_pages_of_an_index_lead_to_the_rest() -> None:
    pages = {"/index/01.md": index_of([*NOTES][:3]), "/index-2.md": index_of([*NOTES][3:])}
    assert checked(Index, {}, NOTES | pages | {"/index.md": "- /index/01.md\n- /index-2.md\n"}) == ()


@pytest.mark.parametrize("copy", ["/README.md", "/all.md", "/zz/overview.md"])
def test_a_copy_of_the_index_is_found(copy: str) -> None:
    before = NOTES | {"/index.md": index_of(NOTES)}
    for text in (before["/index.md"], index_of(NOTES, "link")):
        (found,) = checked(Index, before, before | {copy: text})
        assert set(found.paths) == {"/index.md", copy}


@pytest.mark.parametrize(
    "line", ["](" * 50_000, "](a" * 33_000, "/" * 100_000, "[](<" * 25_000, "/a " * 33_000]
)
def test_an_index_made_to_be_slow_is_read_within_bounds(line: str) -> None:
    began = time.process_time()
    checked(Index, {}, NOTES | {"/index.md": line})
    assert time.process_time() - began < 5
