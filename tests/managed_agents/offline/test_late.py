"""Pages of late writes, as Dreamflow keeps them beside the memories they belong to, are folded in."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

import pytest

from dreamflow.core.beside import Aside, pages, with_entries
from tests.managed_agents.offline.dreaming import dreamed, session

THANKS = session("s1", "Thank you so much!")
AT = datetime(2026, 11, 20, 10, 30, tzinfo=UTC)
LIMIT = "The refund limit is £30.\n"


def aside(path: str, *added: str, removed: Iterable[str] = ()) -> Aside:
    return Aside(path, "session sesn_01", AT, added, tuple(removed), "Both changed these lines.")


def store_with(*asides: Aside, **memories: str) -> dict[str, str]:
    store = {f"/{name}.md": content for name, content in memories.items()}
    late = pages({}, asides)
    index = dreamed([THANKS], store)["/index.md"]
    return store | late | {"/index.md": with_entries(index, late)}


def test_a_late_write_is_folded_into_the_memory_that_it_names_with_its_day_and_writer() -> None:
    late = aside("/refunds.md", "The refund limit is £75.\n", removed=[LIMIT])
    after = dreamed([THANKS], store_with(late, refunds=LIMIT))
    assert after["/refunds.md"] == (
        f"{LIMIT}\nWritten late, 2026-11-20, by session sesn_01:\nBoth changed these lines.\n"
        "It replaces:\n> The refund limit is £30.\nThe refund limit is £75.\n"
    )


def test_the_page_goes_and_its_entry_in_the_index() -> None:
    store = store_with(aside("/refunds.md", "The refund limit is £75.\n"), refunds=LIMIT)
    assert "late writes to fold in" in store["/index.md"]
    after = dreamed([THANKS], store)
    assert sorted(after) == ["/index.md", "/refunds.md"]
    assert "/late/" not in after["/index.md"]
    assert dreamed([THANKS], after) == after


def test_the_entry_goes_from_an_index_that_people_wrote() -> None:
    late = pages({}, [aside("/refunds.md", "£75.\n")])
    store = late | {"/refunds.md": LIMIT, "/index.md": with_entries("# Ours\n\n- refunds\n", late)}
    assert dreamed([THANKS], store)["/index.md"].startswith("# Ours\n\n- refunds\n\n")
    assert "/late/" not in dreamed([THANKS], store)["/index.md"]


def test_a_memory_that_is_not_there_any_more_is_made() -> None:
    after = dreamed([THANKS], store_with(aside("/ops/a_b [x].md", "Gate 2 is broken.\n", "  as is\n")))
    assert after["/ops/a_b [x].md"].endswith("\nGate 2 is broken.\n  as is\n")


def test_several_writes_and_pages_are_folded_in_order() -> None:
    asides = [aside("/refunds.md", f"{n} " * 30_000, f"\n## /x.md: {n}\n") for n in range(1, 3)]
    late = pages({}, [*asides, aside("/refunds.md", "last\n", removed=["gone\n"] * 9_000), aside("/b.md")])
    after = dreamed([THANKS], late | {"/refunds.md": LIMIT, "/b.md": "b\n"})
    assert "No new lines" not in after["/b.md"]
    assert "Both changed these lines." in after["/b.md"]
    kept = [path for path in after if path.startswith("/late/")]
    assert all(after[path] == late[path] for path in kept)
    assert all(
        ("1 " * 30_000 in text) <= ("last\n" in text or "/late" in path) for path, text in after.items()
    )


def test_a_line_that_fills_a_page_is_folded_with_its_note_or_stays_with_it() -> None:
    late = pages({}, [aside("/refunds.md", "x" * 90_000)])
    assert len(late) == 2
    after = dreamed([THANKS], late | {"/refunds.md": LIMIT})
    assert sum("x" * 90_000 in text for text in after.values()) == 1
    full = dreamed([THANKS], late | {"/refunds.md": "y" * 90_000})
    assert late.items() <= full.items()


@pytest.mark.parametrize(
    "content",
    [
        "Somebody's own page.\n",
        "# Late writes\n\n## /a.md: soon, by me\nlines\n",
        "# Late writes\n\n## /../a.md: 2026-11-20T10:30:00Z, me\nWhy.\n1 new line, as written:\nx\n",
        "# Late writes\n\n## /late/a.md: 2026-11-20T10:30:00Z, me\nWhy.\n1 new line, as written:\nx\n",
        "# Late writes\n\n## /a.md: 2026-11-20T10:30:00Z, me\nWhy.\n99 new lines, as written:\nx\n",
        "# Late writes\n\n## /a.md: 2026-11-20T10:30:00Z, me\nWhy.\n1 new line, as written: it is all of /b.md\n",
        "# Late writes\n\n## /a.md: 2026-11-20T10:30:00Z, me\nWhy.\n1 new line, as written:\nx\nand more\n",
    ],
)
def test_a_page_of_another_shape_stays(content: str) -> None:
    store = {"/late/a.md": content, "/b.md": "b\n"}
    assert store.items() <= dreamed([THANKS], store).items()
