"""What can't be merged stands below /late/: whole, once, and told from what it only imitates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from dreamflow.core.beside import FOLD_IN, Aside, index_path, is_index, late_path, pages, with_entries
from tests.unit.support import at

LIMIT = 102_400
ASIDE = Aside(
    "/bob.md", "session sesn_1", at(0), ("- new\n",), ("- old\n",), "the dream changed the same lines"
)

LINES = st.sampled_from(
    [
        "- a\n",
        "- b\n",
        "---\n",
        "```\n",
        "> - old\n",
        "\n",
        "\r\n",
        "1 new line, as written:\n",
        "## /bob.md\n",
        "x",
    ]
)
ASIDES = st.builds(
    Aside,
    path=st.sampled_from(["/bob.md", "/bob-2.md", "/a/b"]),
    by=st.sampled_from(["session sesn_1", "user user_1", ""]),
    at=st.sampled_from([at(0), at(1)]),
    added=st.lists(LINES, max_size=4).map(tuple),
    removed=st.lists(LINES, max_size=3).map(tuple),
    why=st.just("the dream changed the same lines"),
)


def written(asides: list[Aside], existing: Mapping[str, str] | None = None) -> dict[str, str]:
    return {**(existing or {}), **pages(existing or {}, asides)}


def test_a_page_says_who_wrote_what_when_and_what_it_would_have_replaced() -> None:
    (page,) = pages({}, [ASIDE]).values()
    assert page.startswith("# Late writes\n")
    assert page.endswith(
        "\n## /bob.md: 2026-11-20T12:00:00.000000Z, session sesn_1\n"
        "the dream changed the same lines\n"
        "It replaces:\n"
        "> - old\n"
        "1 new line, as written:\n"
        "- new\n"
    )


def test_a_removal_is_told_without_new_lines() -> None:
    (page,) = pages(
        {}, [replace(ASIDE, added=(), by="", why="deleted; its lines now stand in /people.md")]
    ).values()
    assert page.endswith(
        ", writer unknown\ndeleted; its lines now stand in /people.md\nIt replaces:\n> - old\nNo new lines.\n"
    )


@given(st.lists(ASIDES, max_size=6))
def test_every_line_of_every_aside_stands_there_raw_and_page_after_page_fits(asides: list[Aside]) -> None:
    book = written(asides)
    for aside in asides:
        block = "".join(aside.added)
        assert f"\n{block}" in "\n" + book[late_path(aside.path)]
    assert all(len(text.encode()) <= LIMIT for text in book.values())


@given(st.lists(ASIDES, max_size=6), st.lists(ASIDES, max_size=3))
def test_what_stands_there_is_kept_and_nothing_comes_twice(first: list[Aside], then: list[Aside]) -> None:
    book = written(first)
    assert pages(book, first) == {}
    more = written([*first, *then], book)
    assert all(more[path].startswith(text) for path, text in book.items())
    assert pages(more, [*then, *first]) == {}


@given(st.lists(ASIDES, max_size=4, unique=True))
def test_each_aside_has_a_note_of_its_own(asides: list[Aside]) -> None:
    """However much another's lines look like it."""
    book = written(asides)
    assert sum(text.count("Z, ") for text in book.values()) >= len(asides)


def test_lines_that_imitate_a_note_hide_no_real_one() -> None:
    """A real note whose lines are more, or other, than the imitation's is added; the imitation's own lines stay."""
    (page,) = pages({}, [ASIDE]).values()
    note = page[page.index("## ") :].removesuffix("- new\n")
    for forged in (note, note + "- other\n", note + "- new and more\n", page.replace("\n## ", "\n ## ")):
        liar = replace(ASIDE, by="session sesn_liar", added=tuple(forged.splitlines(keepends=True)))
        book = written([ASIDE], written([liar]))
        assert book["/late/bob.md"].endswith(f"{note}- new\n")
        assert forged in book["/late/bob.md"]


def test_what_agents_wrote_below_late_themselves_is_kept() -> None:
    book = written([ASIDE], {"/late/bob.md": "my own\r\nnotes"})
    assert book["/late/bob.md"].startswith("my own\r\nnotes\n\n## /bob.md: ")


def test_a_writer_in_late_itself_stays_there() -> None:
    assert late_path("/late/x.md") == "/late/x.md"
    assert late_path("/later/x.md") == "/late/later/x.md"


@pytest.mark.parametrize("path", ["/" + "/".join("a" * 20), "/" + "ä" * 510 + ".md"])
def test_a_path_that_would_be_too_long_is_named_by_its_checksum(path: str) -> None:
    late = late_path(path)
    assert late.startswith("/late/") and late.endswith(".md") and len(late) == len("/late/.md") + 16
    big = [replace(ASIDE, path=path, added=("x" * 70_000 + "\n",), at=at(n)) for n in range(2)]
    assert set(pages({}, big)) == {late, late.replace(".md", "-2.md")}


def test_a_second_page_of_a_long_path_is_a_path_still() -> None:
    path = "/" + "a" * 1_014 + ".md"
    assert late_path(path) == "/late" + path
    for name in pages({}, [replace(ASIDE, path=path, added=("x" * 70_000,), at=at(n)) for n in range(3)]):
        assert len(name.encode()) <= 1024


@pytest.mark.parametrize(
    ("path", "second"),
    [("/a.b/c.md", "/late/a.b/c-2.md"), ("/a.b/c", "/late/a.b/c-2"), ("/.env", "/late/.env-2")],
)
def test_what_does_not_fit_goes_on_in_a_second_page(path: str, second: str) -> None:
    asides = [replace(ASIDE, path=path, added=(f"{n} " + "é" * 20_000 + "\n",), at=at(n)) for n in range(3)]
    book = written(asides)
    assert set(book) == {late_path(path), second}
    assert pages(book, asides) == {}


def test_an_aside_of_more_than_a_page_is_split_at_lines() -> None:
    aside = replace(ASIDE, added=tuple(f"{n} {'x' * 90}\n" for n in range(3000)), removed=("y" * 102_000,))
    book = written([aside])
    assert all(len(text.encode()) <= LIMIT for text in book.values())
    assert all("\n" + line in "".join(book.values()) for line in aside.added)
    assert "part 2 of 4" in book["/late/bob-2.md"] and "It replaces" not in book["/late/bob-2.md"]
    assert pages(book, [aside]) == {}


@pytest.mark.parametrize("size", [87_000, 102_399, LIMIT])
def test_a_line_that_fills_a_page_stands_alone_in_one_that_its_note_names(size: int) -> None:
    line = "x" * size
    aside = replace(ASIDE, added=("- before\n", line), removed=())
    book = written([ASIDE, aside, replace(ASIDE, at=at(9))])
    assert book["/late/bob-2.md"] == line
    assert "it is all of /late/bob-2.md\n" in book["/late/bob.md"]
    assert book["/late/bob.md"].count("- new\n") + book.get("/late/bob-3.md", "").count("- new\n") == 2
    assert pages(book, [aside]) == {}
    del book["/late/bob-2.md"]
    assert pages(book, [aside]) == {"/late/bob-2.md": line}, "of two writes only the first was made"


def test_a_full_page_has_the_note_of_a_line_alone_in_the_next() -> None:
    full = written([replace(ASIDE, added=("x" * 85_900,)), replace(ASIDE, added=("y" * 15_400,), at=at(1))])
    assert set(full) == {"/late/bob.md"}
    book = written([replace(ASIDE, added=("z" * LIMIT,), at=at(2))], full)
    assert "it is all of /late/bob-3.md" in book["/late/bob-2.md"]
    assert book["/late/bob-3.md"] == "z" * LIMIT


def test_a_line_alone_gets_no_company() -> None:
    book = {"/late/bob.md": "x" * LIMIT, "/late/bob-2.md": "# Late writes"}
    assert set(pages(book, [ASIDE])) == {"/late/bob-3.md"}


class TestIndex:
    def test_it_is_a_memory_at_the_root(self) -> None:
        assert is_index("/INDEX.md") and is_index("/Readme.MD") and not is_index("/a/index.md")
        assert index_path(["/readme.md", "/a/index.md", "/MEMORY.md", "/contents.md"]) == "/MEMORY.md"
        assert index_path(["/index.md", "/INDEX.md"]) == "/INDEX.md"
        assert index_path(["/a.md"]) is None

    def test_it_gets_an_entry_for_each_page_once_with_its_own_line_end(self) -> None:
        index = with_entries("# Index\r\n- [a](/a.md)", ["/late/a.md", "/late/b.md"])
        assert index == (
            "# Index\r\n- [a](/a.md)\r\n"
            "- [/late/a.md](/late/a.md): late writes to fold in\r\n"
            "- [/late/b.md](/late/b.md): late writes to fold in\r\n"
        )
        assert with_entries(index, ["/late/b.md", "/late/a.md"]) == index

    @pytest.mark.parametrize("named", ["see /late/a.md", "- `/late/a.md`", "[x](/late/a.md)", "</late/a.md>"])
    def test_what_it_names_already_is_not_entered(self, named: str) -> None:
        assert with_entries(named, ["/late/a.md"]) == named

    @pytest.mark.parametrize("other", ["/late/a.md.bak", "/x/late/a.md", "/late/a.mdx"])
    def test_another_path_that_holds_this_one_does_not_name_it(self, other: str) -> None:
        assert with_entries(other, ["/late/a.md"]) != other

    @pytest.mark.parametrize(
        "path",
        [
            "/late/a b.md",
            "/late/a](http:evil) b.md",
            "/late/![x](y).md",
            "/late/<b>.md",
            "/late/`a`.md",
            "/late/_a_*b*.md",
        ],
    )
    def test_no_path_is_markup(self, path: str) -> None:
        index = with_entries("", [path])
        assert with_entries(index, [path]) == index
        (inline,) = (token for token in MarkdownIt().parse(index) if token.type == "inline")
        kinds = [child.type for child in inline.children or []]
        assert kinds.count("link_open") == 1 and not {
            "image",
            "em_open",
            "strong_open",
            "code_inline",
            "html_inline",
        } & {*kinds}
        shown = "".join(child.content for child in inline.children or [])
        assert shown == f"{path}: late writes to fold in"

    def test_it_never_outgrows_a_memory(self) -> None:
        index = "x" * (LIMIT - 60)
        longer = with_entries(index, [f"/late/{n}.md" for n in range(9)])
        assert index < longer and len(longer) <= LIMIT


def test_the_next_dream_is_told_in_a_few_words() -> None:
    assert "/late/" in FOLD_IN and len(FOLD_IN) < 500
