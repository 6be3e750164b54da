"""A reviewer's edits of the output, over HTTP: each a compare-and-swap, noted once, whatever dies."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from pydantic import ValidationError

from dreamflow.core.diffs import hunks_of
from dreamflow.core.objects import MEMORY_BYTES
from dreamflow.core.review import Edit
from dreamflow.errors import MendConflict, StateError
from dreamflow.steps import mend as mending
from dreamflow.steps.mend import MendRequest, mend
from tests.unit.reviewing import note_changes
from tests.unit.running import Night
from tests.unit.steps.fuse import Fuse, attempt
from tests.unit.support import sha

PART = "".join(f"line {n} of a part that is long enough to be known\n" for n in range(5))
OTHER = "".join(f"sentence {n}, which says something else\n" for n in range(5))
BEFORE = {
    "/same.md": "same\n",
    "/edit.md": "one\ntwo\nthree\nfour\nfive\nsix\nseven\neight\nnine\n",
    "/drop.md": "drop\n",
    "/old/name.md": "as it was named before\n",
    "/a.md": "what a says of the first thing\n",
    "/b.md": "and b of quite another one\n",
    "/long.md": PART + OTHER,
}
AFTER = {
    "/same.md": "same\n",
    "/edit.md": "1\ntwo\nthree\nfour\nfive\nsix\nseven\neight\n9\n",
    "/add.md": "added\n",
    "/new/name.md": "as it was named before\n",
    "/a.md": "what a says of the first thing\nand b of quite another one\n",
    "/first.md": PART,
    "/second.md": OTHER,
}
KINDS = {
    "/edit.md": "edited",
    "/add.md": "added",
    "/drop.md": "removed",
    "/new/name.md": "moved",
    "/a.md": "merged",
    "/long.md": "split",
}


@pytest.fixture
def make(burning_night: Callable[..., Night]) -> Callable[[], Night]:
    def make_night() -> Night:
        night = burning_night(BEFORE, AFTER)
        night.run.note(decision=None, swap=None)
        note_changes(night, BEFORE, AFTER)
        return night

    return make_night


@pytest.fixture
def night(make: Callable[[], Night]) -> Night:
    return make()


def ask(night: Night, action: Any, path: str, *, by: str = "Ada", **more: Any) -> Edit:
    """Ask for an edit of what the output holds, where nothing else is expected."""
    held = night.service.contents(night.output_id).get(path)
    expected = more.pop("expected_sha256", sha(held) if held is not None else None)
    request = MendRequest(action=action, path=path, expected_sha256=expected, **more)
    return mend(night.world, night.run, request, by)


def output(night: Night) -> dict[str, str]:
    return night.service.contents(night.output_id)


def differing(night: Night) -> dict[str, str | None]:
    """Return what the output holds other than the dream left it."""
    now = output(night)
    paths = sorted(now.keys() | AFTER.keys())
    return {path: now.get(path) for path in paths if now.get(path) != AFTER.get(path)}


def test_a_reviewer_writes_what_a_memory_is_to_hold(night: Night) -> None:
    edit = ask(night, "write", "/edit.md", content="mended\n")
    assert differing(night) == {"/edit.md": "mended\n"}
    assert (edit.by, edit.action, edit.path, edit.done) == ("Ada", "write", "/edit.md", True)
    assert (edit.before_sha256, edit.after_sha256) == (sha(AFTER["/edit.md"]), sha("mended\n"))
    assert night.run.edits() == (edit,)


def test_a_reviewer_adds_a_memory_and_deletes_one(night: Night) -> None:
    ask(night, "write", "/mine.md", content="mine\n")
    ask(night, "delete", "/add.md")
    assert differing(night) == {"/add.md": None, "/mine.md": "mine\n"}
    assert [edit.action for edit in night.run.edits()] == ["write", "delete"]


def test_a_removed_memory_comes_back_as_it_was_compared_whatever_the_input_holds_by_now(night: Night) -> None:
    night.service.put(night.input_id, "/drop.md", "written since\n")
    ask(night, "keep", "/drop.md")
    assert differing(night) == {"/drop.md": "drop\n"}


def test_one_part_of_a_change_is_taken_back_and_the_rest_stays(night: Night) -> None:
    first, last = hunks_of(BEFORE["/edit.md"], AFTER["/edit.md"])
    ask(night, "take_back", "/edit.md", hunk_id=last.id)
    assert differing(night) == {"/edit.md": AFTER["/edit.md"].replace("9\n", "nine\n")}
    ask(night, "take_back", "/edit.md", hunk_id=first.id)
    assert differing(night) == {"/edit.md": BEFORE["/edit.md"]}
    with pytest.raises(StateError, match="not there any more"):
        ask(night, "take_back", "/edit.md", hunk_id=last.id)


@pytest.mark.parametrize(
    ("path", "left"),
    [
        ("/edit.md", {"/edit.md": BEFORE["/edit.md"]}),
        ("/add.md", {"/add.md": None}),
        ("/drop.md", {"/drop.md": "drop\n"}),
        ("/new/name.md", {"/new/name.md": None, "/old/name.md": BEFORE["/old/name.md"]}),
        ("/a.md", {"/a.md": BEFORE["/a.md"], "/b.md": BEFORE["/b.md"]}),
        ("/long.md", {"/long.md": BEFORE["/long.md"]}),
    ],
    ids=lambda value: KINDS.get(value) if isinstance(value, str) else "",
)
def test_a_whole_change_is_taken_back(night: Night, path: str, left: dict[str, str | None]) -> None:
    review = night.run.read_review()
    assert review is not None
    assert next(change.kind for change in review.changes if change.path == path) == KINDS[path]
    ask(night, "take_back", path)
    assert differing(night) == left


def test_a_change_is_not_taken_back_over_what_another_change_has_put_there(night: Night) -> None:
    night.service.put(night.output_id, "/b.md", "somebody's\n")
    with pytest.raises(StateError, match=r"it came of ./b\.md', which holds something else now"):
        ask(night, "take_back", "/a.md")
    assert differing(night) == {"/b.md": "somebody's\n"}
    assert night.run.edits() == ()


def test_an_earlier_version_comes_back(night: Night) -> None:
    ask(night, "write", "/same.md", content="mistaken\n")
    versions = night.hook.list_versions(night.output_id)
    created = next(v for v in versions if v.path == "/same.md" and v.operation == "created")
    ask(night, "restore", "/same.md", version_id=created.id)
    assert differing(night) == {}


def test_a_version_comes_back_of_a_store_that_the_output_came_of_and_of_no_other(night: Night) -> None:
    night.service.put(night.input_id, "/edit.md", "written since\n")
    since = next(iter(night.hook.list_versions(night.input_id)))
    ask(night, "restore", "/edit.md", version_id=since.id, store_id=night.input_id)
    assert differing(night) == {"/edit.md": "written since\n"}
    other = night.service.store({"/theirs.md": "not ours\n"})
    theirs = next(iter(night.hook.list_versions(other)))
    with pytest.raises(StateError, match=f"did not come of {other}"):
        ask(night, "restore", "/edit.md", version_id=theirs.id, store_id=other)


def test_a_conflict_changes_nothing_and_shows_what_is_held(night: Night) -> None:
    shown = sha(output(night)["/edit.md"])
    night.service.put(night.output_id, "/edit.md", "somebody's\n")
    for action, more in (("write", {"content": "mine"}), ("delete", {}), ("take_back", {})):
        with pytest.raises(MendConflict) as conflict:
            ask(night, action, "/edit.md", expected_sha256=shown, **more)
        assert (conflict.value.held_text, conflict.value.held_sha256) == ("somebody's\n", sha("somebody's\n"))
    assert differing(night) == {"/edit.md": "somebody's\n"}
    night.service.remove(night.output_id, "/edit.md")
    with pytest.raises(MendConflict, match="not there any more") as conflict:
        ask(night, "write", "/edit.md", expected_sha256=shown, content="mine")
    assert (conflict.value.held_text, conflict.value.held_sha256) == (None, None)
    assert night.run.edits() == ()


def test_who_writes_in_between_is_not_overwritten(night: Night) -> None:
    """After the page was compared, and right before the write: the service compares once more."""

    def interfere(number: int, request: Any) -> None:
        if request.method != "GET":
            night.wire.before = lambda number, request: None
            night.service.put(night.output_id, "/edit.md", "somebody's\n")

    night.wire.before = interfere
    with pytest.raises(MendConflict) as conflict:
        ask(night, "write", "/edit.md", content="mine\n")
    assert conflict.value.held_text == "somebody's\n"
    assert night.run.edits() == ()


def test_another_request_on_an_old_page_is_no_repetition(night: Night) -> None:
    shown = sha(AFTER["/edit.md"])
    first, last = hunks_of(BEFORE["/edit.md"], AFTER["/edit.md"])
    ask(night, "take_back", "/edit.md", hunk_id=first.id, expected_sha256=shown)
    with pytest.raises(MendConflict):
        ask(night, "take_back", "/edit.md", hunk_id=last.id, expected_sha256=shown)
    assert len(night.run.edits()) == 1


def test_what_was_undone_elsewhere_can_be_asked_for_again(night: Night) -> None:
    for _ in range(2):
        ask(night, "write", "/same.md", content="mended\n")
        night.service.put(night.output_id, "/same.md", AFTER["/same.md"])
    assert len(night.run.edits()) == 2


@pytest.mark.parametrize(
    ("path", "content", "says"),
    [
        ("/edit.md", "x" * (MEMORY_BYTES + 1), "102,401 bytes, 1 more than a memory can"),
        ("no-slash", "", "must start with a slash"),
        ("/a/../b.md", "", "can't have a segment that is empty"),
        ("/a\u202eb.md", "", "can't have control or format characters"),
        ("/" + "x" * 1024, "", "1,025 bytes long, and can be 1,024"),
        ("/x" * 21, "", "21 segments, and can have 20"),
        ("/u\u0308.md", "", "Normalization Form C"),
    ],
)
def test_what_no_store_takes_is_told_and_changes_nothing(
    night: Night, path: str, content: str, says: str
) -> None:
    with pytest.raises(StateError, match=says):
        ask(night, "write", path, content=content)
    assert (differing(night), night.run.edits()) == ({}, ())


def test_a_full_store_takes_no_more(night: Night, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mending, "MEMORIES_LIMIT", len(AFTER))
    with pytest.raises(StateError, match=r"delete one before you add ./drop\.md'"):
        ask(night, "keep", "/drop.md")
    ask(night, "write", "/edit.md", content="mended\n")
    assert differing(night) == {"/edit.md": "mended\n"}


def test_a_request_says_what_it_wants() -> None:
    for wrong in ({"action": "rename"}, {"action": "write", "more": 1}, {"expected_sha256": "short"}):
        with pytest.raises(ValidationError):
            MendRequest.model_validate({"action": "write", "path": "/a.md", **wrong})


def test_nothing_is_edited_after_the_decision(night: Night) -> None:
    night.decide()
    with pytest.raises(StateError, match="was decided on: Adopt, by Ada"):
        ask(night, "delete", "/add.md")
    assert (differing(night), night.run.edits()) == ({}, ())


def test_nothing_is_edited_here_that_agents_may_have_written_to(night: Night) -> None:
    night.decide()
    night.adopt()
    held = output(night)
    night.run.note(decision=None)
    with pytest.raises(StateError, match="agents may have written to it"):
        ask(night, "delete", "/add.md")
    assert output(night) == held


def test_nothing_is_edited_in_a_store_that_is_archived(night: Night) -> None:
    night.hook.archive_store(night.output_id)
    with pytest.raises(StateError, match="is archived"):
        ask(night, "delete", "/add.md")


@pytest.mark.parametrize(
    ("action", "path", "more"),
    [
        ("write", "/edit.md", {"content": "mended\n"}),
        ("delete", "/add.md", {}),
        ("keep", "/drop.md", {}),
        ("take_back", "/edit.md", {"hunk_id": hunks_of(BEFORE["/edit.md"], AFTER["/edit.md"])[0].id}),
        ("take_back", "/a.md", {}),
        ("take_back", "/new/name.md", {}),
    ],
)
def test_an_edit_that_died_anywhere_ends_the_same_when_it_is_asked_for_again(
    make: Callable[[], Night], fuse: Fuse, action: str, path: str, more: dict[str, Any]
) -> None:
    """As a page would that got no answer: with what it showed then."""
    expected = sha(AFTER[path]) if path in AFTER else None

    def step(night: Night) -> None:
        ask(night, action, path, expected_sha256=expected, **more)

    undisturbed = make()
    assert attempt(undisturbed, fuse, step, None)
    deeds = fuse.deeds
    assert deeds >= 3
    for blows_before in range(deeds):
        night = make()
        assert not attempt(night, fuse, step, blows_before)
        step(night)
        step(night)
        assert output(night) == output(undisturbed)
        rows, wanted = (
            [(e.action, e.path, e.before_sha256, e.after_sha256, e.done) for e in one.run.edits()]
            for one in (night, undisturbed)
        )
        assert rows == wanted, f"died before deed {blows_before} of {deeds}"


def test_an_edit_of_which_the_answer_was_lost_says_that_it_may_not_be_done(
    make: Callable[[], Night], fuse: Fuse
) -> None:
    night = make()
    attempt(night, fuse, lambda night: ask(night, "delete", "/add.md"), 1)
    assert [(edit.path, edit.done) for edit in night.run.edits()] == [("/add.md", False)]
    assert differing(night) == {}


@pytest.mark.parametrize("theirs", ["/edit.md", "/add.md"])
def test_of_two_who_edit_at_once_neither_is_lost(night: Night, theirs: str) -> None:
    """Bo's edit comes between what Ada's has read and what it writes."""

    def interfere(number: int, request: Any) -> None:
        if request.method != "GET":
            night.wire.before = lambda number, request: None
            ask(night, "write", theirs, by="Bo", content="Bo's\n")

    night.wire.before = interfere
    if theirs == "/edit.md":
        with pytest.raises(MendConflict) as conflict:
            ask(night, "write", "/edit.md", content="Ada's\n")
        assert conflict.value.held_text == "Bo's\n"
        assert [edit.by for edit in night.run.edits()] == ["Bo"]
    else:
        ask(night, "write", "/edit.md", content="Ada's\n")
        assert {edit.by for edit in night.run.edits() if edit.done} == {"Ada", "Bo"}
        assert differing(night) == {"/add.md": "Bo's\n", "/edit.md": "Ada's\n"}


def test_a_secret_in_a_path_is_not_logged(night: Night, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO", logger="dreamflow")
    key = "sk_live_51HxQk2eZvKYlo2C9aB3xY7z"
    ask(night, "write", f"/keys/{key}.md", content="New.\n")
    assert "/keys/sk_l…" in caplog.text
    assert key not in caplog.text
