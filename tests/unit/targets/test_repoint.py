"""Repointing any target: if and only if it still names the input, and read back."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from dreamflow.errors import Conflict, StateError
from dreamflow.targets import repoint


@dataclass
class Note:
    """A target on a sheet of paper, with somebody else who may write on it too."""

    store_id: str
    meanwhile: str | None = None
    name: str = "note on the wall"
    written: list[str] = field(default_factory=list)

    def check(self) -> None:
        pass

    def read(self) -> str:
        return self.store_id

    def write(self, before: str, after: str) -> None:
        if self.store_id != before:
            raise Conflict(f"{self.name} no longer names {before}.", status=409)
        self.written.append(after)
        self.store_id = self.meanwhile or after


def test_a_target_that_names_the_input_names_the_output_afterwards() -> None:
    note = Note("memstore_1")
    repoint(note, "memstore_1", "memstore_2")
    assert note.store_id == "memstore_2"


def test_a_target_that_names_the_output_already_is_left_alone() -> None:
    note = Note("memstore_2")
    repoint(note, "memstore_1", "memstore_2")
    assert note.written == []


def test_a_target_that_somebody_else_repointed_is_left_as_it_is() -> None:
    note = Note("memstore_3")
    with pytest.raises(StateError, match=r"note on the wall names memstore_3, not memstore_1.*left as it is"):
        repoint(note, "memstore_1", "memstore_2")
    assert note.written == []


def test_a_write_that_does_not_last_is_noticed() -> None:
    with pytest.raises(
        StateError, match=r"names memstore_3 after memstore_2 was written to it.*Find out who"
    ):
        repoint(Note("memstore_1", meanwhile="memstore_3"), "memstore_1", "memstore_2")


def test_a_target_that_changes_between_look_and_write_is_left_as_it_is() -> None:
    class Shaky(Note):
        def read(self) -> str:
            seen, self.store_id = self.store_id, "memstore_3"
            return seen

    shaky = Shaky("memstore_1")
    with pytest.raises(StateError, match=r"changed while it was being repointed; it was left as it is"):
        repoint(shaky, "memstore_1", "memstore_2")
    assert shaky.written == []
