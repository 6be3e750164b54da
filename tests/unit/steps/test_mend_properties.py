"""
Whatever reviewers do to an output, and whoever else writes there: it holds what the notes of the edits say.

The stores are models; the step is real.
"""

from __future__ import annotations

from contextlib import suppress
from types import SimpleNamespace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from dreamflow.core.diffs import hunks_of
from dreamflow.errors import MendConflict, StateError
from dreamflow.records.files import Records, RunRecords
from dreamflow.records.journal import DreamNote
from dreamflow.steps.mend import MendRequest, mend
from tests.unit.model_store import ModelFiles, ModelService
from tests.unit.service import Killed
from tests.unit.support import NOON, sha

PATHS = st.sampled_from([f"/{name}.md" for name in "abcd"])
#: With and without a newline at the end, with lines that come again, and with other line ends.
TEXTS = st.lists(st.sampled_from(["one\n", "two\n", "three\n", "\n", "one\r\n"]), max_size=12).map("".join)
ENDED = st.tuples(TEXTS, st.sampled_from(["", "end"])).map("".join)
STORES = st.dictionaries(PATHS, ENDED, max_size=4)
#: One deed: what, where, with which text, and which part or version.
DEED = st.tuples(
    st.sampled_from(["write", "take_back", "hunk", "keep", "delete", "restore", "stale", "others"]),
    PATHS,
    ENDED,
    st.integers(0, 3),
)


class Desk:
    """An output that reviewers edit."""

    def __init__(self, before: dict[str, str], after: dict[str, str]) -> None:
        self.before, self.service = before, ModelService()
        self.input, self.output = self.service.store(before), self.service.store(after)
        self.run = RunRecords(Records(ModelFiles(self.service), "file:///reports", "support"), "manual__1")
        self.run.write_listing("base", self.input.id, self.service.list_memories(self.input.id))
        self.run.open(DreamNote(input_store_id=self.input.id, output_store_id=self.output.id))
        self.world: Any = SimpleNamespace(hook=self.service, now=lambda: NOON)

    @property
    def text(self) -> dict[str, str]:
        return self.output.contents

    def sha(self, path: str) -> str | None:
        return sha(self.text[path]) if path in self.text else None

    def ask(self, action: Any, path: str, **more: Any) -> None:
        expected = more.pop("expected", self.sha(path))
        mend(
            self.world,
            self.run,
            MendRequest(action=action, path=path, expected_sha256=expected, **more),
            "Ada",
        )

    def do(self, deed: tuple[str, str, str, int]) -> None:
        what, path, text, which = deed
        match what:
            case "write":
                self.ask("write", path, content=text)
            case "stale":
                self.ask("write", path, content=text, expected=sha("what an old page showed"))
            case "others":
                self.output.put(path, text)
            case "hunk" if path in self.text and path in self.before:
                hunks = hunks_of(self.before[path], self.text[path])
                if hunks:
                    self.ask("take_back", path, hunk_id=hunks[which % len(hunks)].id)
            case "restore":
                versions = [version for version, _ in self.output.versions if version.path == path]
                if versions:
                    self.ask("restore", path, version_id=versions[which % len(versions)].id)
            case "take_back" | "keep" | "delete":
                self.ask(what, path)


@given(STORES, STORES)
def test_every_change_taken_back_is_the_input(before: dict[str, str], after: dict[str, str]) -> None:
    desk = Desk(before, after)
    for path in sorted(before.keys() | after.keys()):
        desk.ask("take_back", path)
    assert desk.text == before


@given(ENDED, ENDED, st.randoms())
def test_every_part_taken_back_in_any_order_is_the_inputs_text(before: str, after: str, order: Any) -> None:
    desk = Desk({"/a.md": before}, {"/a.md": after})
    while hunks := hunks_of(before, desk.text["/a.md"]):
        desk.ask("take_back", "/a.md", hunk_id=order.choice(hunks).id)
    assert desk.text["/a.md"] == before


@given(STORES, STORES, st.lists(DEED, max_size=12))
def test_the_output_holds_what_the_edits_say(
    before: dict[str, str], after: dict[str, str], deeds: list[tuple[str, str, str, int]]
) -> None:
    desk = Desk(before, after)
    expected = {path: sha(text) for path, text in after.items()}
    for deed in deeds:
        known = {edit.id for edit in desk.run.edits()}
        with suppress(MendConflict, StateError):
            desk.do(deed)
        if deed[0] == "others":
            expected[deed[1]] = sha(deed[2])
        for edit in desk.run.edits():
            if edit.id not in known:
                assert edit.done
                assert expected.pop(edit.path, None) == edit.before_sha256
                expected |= {edit.path: edit.after_sha256} if edit.after_sha256 else {}
        assert {path: sha(text) for path, text in desk.text.items()} == expected


@given(STORES, STORES, DEED, st.integers(0, 6))
def test_an_edit_that_died_is_done_once_when_it_is_asked_for_again(
    before: dict[str, str], after: dict[str, str], deed: tuple[str, str, str, int], deeds: int
) -> None:
    lived, died = Desk(before, after), Desk(before, after)
    what, path, text, _ = deed
    action: Any = what if what in ("take_back", "keep", "delete") else "write"
    more: dict[str, Any] = {"content": text} if action == "write" else {}
    more["expected"] = lived.sha(path)

    def outcome(desk: Desk) -> tuple[Any, ...]:
        with suppress(MendConflict, StateError):
            desk.ask(action, path, **more)
        return desk.text, [edit.model_copy(update={"at": NOON}) for edit in desk.run.edits()]

    died.service.deeds = deeds
    with suppress(Killed, MendConflict, StateError):
        died.ask(action, path, **more)
    died.service.deeds = None
    assert outcome(died) == outcome(lived)
