"""The tree of changed memories, and the pages that they are read on."""

from __future__ import annotations

from datetime import UTC, datetime

from dreamflow.core.review import Change, Finding, Held, Review, StoreFacts
from dreamflow.review.tree import PAGE_MEMORIES, outline_of

HELD = Held(memory_id="m", version_id="v", sha256="0" * 64, size=1)


def review_of(*changes: Change, findings: tuple[Finding, ...] = ()) -> Review:
    store = StoreFacts(id="s", memories=1, bytes=1)
    known = {"pipeline": "p", "run_id": "r", "made_at": datetime(2026, 11, 20, tzinfo=UTC), "digest": "d"}
    return Review(
        **known, verdict="clean", input=store, output=store, counts={}, changes=changes, findings=findings
    )


def added(path: str, lines: int = 1) -> Change:
    return Change(path=path, kind="added", after=HELD, lines_added=lines)


def test_a_folder_with_nothing_but_a_folder_stands_in_one_line_with_it() -> None:
    tree = outline_of(review_of(added("/a/b/c/d.md"), added("/a/b/c/e.md"), added("/f.md"))).tree
    (folder,) = tree.folders
    assert folder.name == "a/b/c"
    assert [item.name for item in folder.items] == ["d.md", "e.md"]
    assert [item.name for item in tree.items] == ["f.md"]


def test_a_deep_path_is_no_deep_tree() -> None:
    paths = [f"{'/d' * n}/x.md" for n in range(1, 300)]
    outline = outline_of(review_of(*map(added, paths)))
    depth, folder = 0, outline.tree
    while folder.folders:
        depth, folder = depth + 1, folder.folders[0]
    assert depth <= 12
    assert {item.change.path for item in outline.items} == set(paths)


def test_pages_are_short_in_memories_and_in_lines_and_miss_none() -> None:
    changes = [added(f"/{n:03}.md", lines=150 if n < 6 else 1) for n in range(100)]
    outline = outline_of(review_of(*changes))
    pages = [outline.page(number) for number in range(1, outline.pages + 1)]
    assert [item.change.path for page in pages for item in page] == [change.path for change in changes]
    assert all(0 < len(page) <= PAGE_MEMORIES for page in pages)
    assert len(pages[0]) == 2


def test_findings_stand_at_the_memory_that_they_are_about_under_either_of_its_names() -> None:
    moved = Change(path="/new.md", kind="moved", origins=("/old.md",), before=HELD, after=HELD)
    lost = Finding(id="1", check="lost", severity="flag", path="/old.md", side="before", message="m")
    new = Finding(id="2", check="secret", severity="block", path="/new.md", side="after", message="m")
    outline = outline_of(review_of(moved, findings=(lost, new)))
    (item,) = outline.items
    assert {finding.id for finding in item.findings} == {"1", "2"}
    assert item.gravity == "block"
    assert outline.of("/old.md", "before") is item


def test_what_went_and_what_came_at_one_path_are_two() -> None:
    gone = Change(path="/a.md", kind="removed", before=HELD, lines_removed=1)
    came = Change(path="/a.md", kind="renamed", origins=("/b.md",), before=HELD, after=HELD)
    outline = outline_of(review_of(gone, came))
    assert len({item.key for item in outline.items}) == 2
    found = [outline.of("/a.md", "before"), outline.of("/a.md", "after")]
    assert [item.change.kind for item in found if item] == ["removed", "renamed"]
