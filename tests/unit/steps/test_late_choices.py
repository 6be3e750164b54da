"""A late write that can't be merged is carried as the reviewer chose, as long as it is the one that was shown."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx2
import pytest

from dreamflow.core.late_notes import LateChoice, LateNote
from dreamflow.errors import StalePlan, StateError
from dreamflow.steps.carry import forecast
from dreamflow.steps.choosing import LateChoiceRequest, choose_late
from tests.unit.reviewing import note_changes
from tests.unit.running import Night, write_late
from tests.unit.service import Killed
from tests.unit.steps.fuse import Fuse, attempt
from tests.unit.support import sha

BEFORE = {
    "/both.md": "first\nAcme pays net 30 days\nlast\n",
    "/gone.md": "kept by the dream, in other words\n",
    "/a.md": "what a says of the first thing\n",
    "/b.md": "and b of quite another one\nwith a line that stays\n",
    "/plain.md": "plain\n",
    "/index.md": "# Index\n",
}
AFTER = {
    "/both.md": "first\nAcme settles within a month\nlast\n",
    "/gone.md": "the dream said it anew\n",
    "/a.md": "what a says of the first thing\nand b of a different one\nwith a line that stays\n",
    "/new.md": "the dream's\n",
    "/plain.md": "plain\n",
    "/index.md": "# Index\n",
}
#: An edit of a line that the dream changed too; a delete of what it changed; an edit of what it merged elsewhere and
#: changed; a new memory where the dream has one of its own; and one that merges.
LATE: dict[str, str | None] = {
    "/both.md": "first\nAcme pays net 45 days\nlast\nremark\n",
    "/gone.md": None,
    "/b.md": "and b of one more\nwith a line that stays\n",
    "/new.md": "the agent's\n",
    "/plain.md": "plain\nmore\n",
}


@pytest.fixture
def make(burning_night: Callable[..., Night]) -> Callable[[], Night]:
    def make_night() -> Night:
        night = burning_night(BEFORE, AFTER, late=LATE)
        night.run.note(decision=None, swap=None)
        note_changes(night, BEFORE, AFTER)
        return night

    return make_night


@pytest.fixture
def night(make: Callable[[], Night]) -> Night:
    return make()


def choose(night: Night, path: str, choice: Any, late: str | None = "as written late") -> LateNote:
    """Choose for the late write that the input holds."""
    content = LATE[path] if late == "as written late" else late
    digest = sha(content) if content is not None else None
    request = LateChoiceRequest(path=path, sha256=digest, choice=choice)
    return choose_late(night.world, night.run, request, "Ada")


def foreseen(night: Night) -> dict[str, LateNote]:
    told = forecast(night.world, night.run, night.hook.retrieve_store(night.input_id), night.output_id)
    return {note.path: note for note in told.late}


def adopted(night: Night) -> dict[str, str]:
    """Adopt, and return what the output holds then."""
    night.decide()
    night.carry()
    return night.service.contents(night.output_id)


def test_without_a_choice_what_cannot_be_merged_is_kept_beside(night: Night) -> None:
    notes = foreseen(night)
    assert {path for path, note in notes.items() if note.late_path} == LATE.keys() - {"/plain.md"}
    assert {note.choice for note in notes.values()} == {""}
    output = adopted(night)
    assert output["/both.md"] == AFTER["/both.md"] + "remark\n"
    assert {"/late/both.md", "/late/b.md", "/late/new.md"} <= output.keys()


@pytest.mark.parametrize(
    ("path", "how"),
    [("/both.md", "updated"), ("/gone.md", "deleted"), ("/b.md", "created"), ("/new.md", "updated")],
)
def test_the_late_write_is_taken_whole(night: Night, path: str, how: str) -> None:
    note = choose(night, path, "late")
    assert (note.how, note.choice, note.chosen_by, note.late_path) == (how, "late", "Ada", None)
    assert foreseen(night)[path] == note
    output = adopted(night)
    assert output.get(path) == LATE[path]
    assert f"/late{path}" not in output
    assert next(one for one in night.run.journal().late if one.path == path) == note


@pytest.mark.parametrize("path", ["/both.md", "/gone.md", "/b.md", "/new.md"])
def test_the_dreams_is_kept_and_the_late_write_is_listed_as_dropped(night: Night, path: str) -> None:
    note = choose(night, path, "dream")
    assert (note.how, note.choice, note.late_path) == ("dropped", "dream", None)
    review = night.run.read_review()
    assert review is not None
    assert note in review.late
    output = adopted(night)
    assert output.get(path) == AFTER.get(path)
    assert f"/late{path}" not in output
    assert note in night.run.journal().late


@pytest.mark.parametrize("path", ["/both.md", "/gone.md", "/b.md", "/new.md"])
@pytest.mark.parametrize("choice", ["late", "dream"])
def test_a_choice_holds_though_a_carry_that_died_had_planned_otherwise(
    night: Night, path: str, choice: str
) -> None:
    def die(number: int, request: httpx2.Request) -> None:
        if request.method != "GET" and f"/{night.output_id}/memories" in request.url.path:
            raise Killed

    night.decide()
    night.wire.before = die
    with pytest.raises(Killed):
        night.carry()
    night.wire.before = lambda number, request: None
    write_late(night, {"/by-a-person.md": "added in the Console\n"}, night.output_id)
    with pytest.raises(StalePlan):
        night.carry()
    night.run.note(decision=None, swap=None)  # as the question does that is put anew
    note = choose(night, path, choice)
    assert foreseen(night)[path] == note
    output = adopted(night)
    assert output.get(path) == (LATE if choice == "late" else AFTER).get(path)
    assert f"/late{path}" not in output
    assert output["/plain.md"] == LATE["/plain.md"]
    assert next(one for one in night.run.journal().late if one.path == path) == note


def test_other_late_writes_are_carried_as_without_the_choice(make: Callable[[], Night]) -> None:
    chosen, plain = make(), make()
    choose(chosen, "/both.md", "dream")
    left, right = adopted(chosen), adopted(plain)
    for output in (left, right):
        for path in ("/both.md", "/late/both.md", "/index.md"):
            output.pop(path, None)
    assert left.keys() == right.keys()
    assert left["/plain.md"] == LATE["/plain.md"]


@pytest.mark.parametrize("choice", ["late", "dream"])
@pytest.mark.parametrize("path", ["/both.md", "/new.md", "/b.md"])
def test_a_choice_does_not_hold_for_what_is_written_after_it(night: Night, path: str, choice: str) -> None:
    choose(night, path, choice)
    write_late(night, {path: "and once more, by an agent\n"})
    note = foreseen(night)[path]
    assert (note.choice, note.late_path) == ("", f"/late{path}")
    output = adopted(night)
    assert "and once more, by an agent" in output[f"/late{path}"]
    with pytest.raises(StateError, match="was decided on"):
        choose(night, path, choice, "and once more, by an agent\n")


def test_a_delete_after_the_choice_is_another_late_write(night: Night) -> None:
    choose(night, "/both.md", "late")
    write_late(night, {"/both.md": None})
    note = foreseen(night)["/both.md"]
    assert (note.how, note.choice) == ("deleted", "")


def test_what_was_not_shown_is_not_chosen(night: Night) -> None:
    write_late(night, {"/both.md": "written again\n"})
    with pytest.raises(StateError, match="not there any more: its memory was written again"):
        choose(night, "/both.md", "dream")
    assert night.run.late_choices() == {}


def test_there_is_nothing_to_choose_where_it_merges(night: Night) -> None:
    with pytest.raises(StateError, match="merged whole: there is nothing to choose"):
        choose(night, "/plain.md", "dream")
    assert adopted(night)["/plain.md"] == LATE["/plain.md"]


def test_a_choice_can_be_taken_back(night: Night) -> None:
    before = foreseen(night)["/both.md"]
    choose(night, "/both.md", "late")
    choose(night, "/both.md", "dream")
    note = choose(night, "/both.md", "beside")
    assert (note.how, note.late_path) == (before.how, before.late_path)
    assert "/late/both.md" in adopted(night)


def test_each_choice_is_in_the_record_by_whom_and_when(night: Night) -> None:
    for choice in ("late", "dream", "late"):
        choose(night, "/both.md", choice)
    choose(night, "/new.md", "dream")
    folder = Path(night.run.folder.removeprefix("file://"))
    noted = [json.loads(file.read_text()) for file in sorted(folder.glob("choice-*.json"))]
    assert [(one["path"], one["choice"], one["by"]) for one in noted] == [
        ("/both.md", "late", "Ada"),
        ("/both.md", "dream", "Ada"),
        ("/both.md", "late", "Ada"),
        ("/new.md", "dream", "Ada"),
    ]
    assert all(one["at"] for one in noted)
    assert foreseen(night)["/both.md"].choice == "late"


def test_what_was_chosen_before_an_upgrade_holds_until_it_is_chosen_anew(night: Night) -> None:
    """An older release named the file by the late write, and kept the last choice only."""
    choose(night, "/both.md", "dream")
    location = Path(night.run.folder.removeprefix("file://"))
    (file,) = location.glob("choice-*.json")
    file.rename(location / "choice-0123456789abcdef.json")
    assert foreseen(night)["/both.md"].choice == "dream"
    choose(night, "/both.md", "late")
    assert foreseen(night)["/both.md"].choice == "late"


def test_a_delete_of_what_was_merged_elsewhere_can_be_dropped_and_not_taken_whole(night: Night) -> None:
    write_late(night, {"/b.md": None})
    assert foreseen(night)["/b.md"].late_path == "/late/b.md"
    with pytest.raises(StateError, match="it can't be taken whole"):
        choose(night, "/b.md", "late", None)
    assert (foreseen(night)["/b.md"].choice, foreseen(night)["/b.md"].chosen_by) == ("", "")
    assert night.run.late_choices() == {}
    assert choose(night, "/b.md", "dream", None).how == "dropped"
    assert "/late/b.md" not in adopted(night)


@pytest.mark.parametrize("choice", ["late", "dream"])
def test_what_was_chosen_is_not_late_again(night: Night, choice: str) -> None:
    """Nor is what agents write on top of it carried but for what is new."""
    for path in ("/both.md", "/b.md", "/new.md", "/gone.md"):
        choose(night, path, choice)
    expected = adopted(night)
    night.repoint()
    night.verify()
    assert night.service.contents(night.output_id) == expected
    write_late(night, {"/both.md": f"{LATE['/both.md']}newer still\n"})
    night.retire()
    output = night.service.contents(night.output_id)
    assert output["/both.md"] == expected["/both.md"] + "newer still\n"
    assert "net 45" not in output["/both.md"] or choice == "late"
    assert "/late/both.md" not in output


def test_a_carry_that_died_anywhere_ends_as_was_chosen(make: Callable[[], Night], fuse: Fuse) -> None:
    def prepared() -> Night:
        night = make()
        for path, choice in (("/both.md", "late"), ("/new.md", "dream"), ("/gone.md", "dream")):
            late, more = LATE[path], {"choice": choice, "by": "Ada", "at": night.world.now()}
            digest = sha(late) if late is not None else None
            night.run.note_choice(LateChoice.model_validate({"path": path, "sha256": digest, **more}))
        night.decide()
        return night

    undisturbed = prepared()
    assert attempt(undisturbed, fuse, lambda night: night.carry(), None)
    deeds, expected = fuse.deeds, undisturbed.service.contents(undisturbed.output_id)
    # Every third: what a carry does when it dies is tested in test_interruption.py.
    for blows_before in range(0, deeds, 3):
        night = prepared()
        assert not attempt(night, fuse, lambda night: night.carry(), blows_before)
        night.carry()
        output = night.service.contents(night.output_id)
        assert output.keys() == expected.keys()
        assert all(output[path] == expected[path] for path in expected if not path.startswith("/late/"))


def test_no_choice_is_for_what_is_written_once_the_store_is_live(night: Night) -> None:
    """Though it be the same bytes again: agents have written to the new store since."""
    choose(night, "/both.md", "late")
    write_late(night, {"/both.md": "first\nAcme pays net 60 days\nlast\n"})
    night.decide()
    night.carry()
    night.repoint()
    night.verify()
    live = night.service.contents(night.output_id)["/both.md"]
    write_late(night, {"/both.md": f"{live}learned since\n"}, night.output_id)
    write_late(night, {"/both.md": LATE["/both.md"]})
    night.retire()
    assert "learned since\n" in night.service.contents(night.output_id)["/both.md"]
