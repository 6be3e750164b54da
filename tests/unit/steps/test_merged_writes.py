"""Late writes to memories that the dream touched too, against the real service: merged, or kept beside, never lost."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dreamflow.core.late_writes import LateNote
from dreamflow.core.objects import listing_to_json
from dreamflow.steps.carry import forecast
from tests.unit.running import Night, night_of, write_late
from tests.unit.service import Service, writes

FACTS = "# Facts\nThe office is in York.\nThe phone is 1234.\nLunch is at noon.\n"
DREAMED = "# Facts\nThe office is in York, at 1 Main Street.\nThe phone is 1234.\nLunch is at noon.\n"
INDEX = "# Index\n- [facts](/facts.md)\n"

Make = Callable[..., Night]


@pytest.fixture
def make(service: Service, tmp_path: Path) -> Make:
    """Make a night over ``before`` and what the dream made of it."""

    def make_night(before: dict[str, str], reviewed: dict[str, str], **more: Any) -> Night:
        return night_of(service, f"file://{tmp_path}/reports", before, reviewed, **more)

    return make_night


def held(night: Night) -> dict[str, str]:
    return night.service.contents(night.output_id)


def notes(night: Night) -> list[LateNote]:
    return list(night.run.journal().late)


def told(night: Night) -> list[tuple[str, str, str | None]]:
    return [(note.path, note.how, note.late_path) for note in notes(night)]


class TestEdits:
    def test_an_edit_elsewhere_in_the_memory_is_merged(self, make: Make) -> None:
        late = {"/facts.md": FACTS.replace("1234", "5678")}
        night = make({"/facts.md": FACTS}, {"/facts.md": DREAMED}, late=late)
        night.carry()
        assert held(night) == {"/facts.md": DREAMED.replace("1234", "5678")}
        assert told(night) == [("/facts.md", "merged", None)]

    def test_where_both_appended_both_stand_and_none_twice(self, make: Make) -> None:
        late = {"/facts.md": FACTS + "Ada likes tea.\nBob likes rum.\n"}
        night = make(
            {"/facts.md": FACTS}, {"/facts.md": FACTS + "Eve likes gin.\nBob likes rum.\n"}, late=late
        )
        night.carry()
        lines = held(night)["/facts.md"].splitlines()
        assert sorted(lines) == sorted(
            [*FACTS.splitlines(), "Ada likes tea.", "Bob likes rum.", "Eve likes gin."]
        )

    def test_of_a_line_that_both_changed_the_dreams_stays_and_the_agents_is_beside(
        self, make: Make, service: Service
    ) -> None:
        before = {"/facts.md": FACTS, "/index.md": INDEX}
        night = make(before, {**before, "/facts.md": DREAMED})
        write_late(night, {"/facts.md": FACTS.replace("York", "Leeds").replace("1234", "5678")})
        night.carry()
        store = held(night)
        assert store["/facts.md"] == DREAMED.replace("1234", "5678")
        page = store["/late/facts.md"]
        assert "\nThe office is in Leeds.\n" in page
        assert "> The office is in York." in page
        (note,) = notes(night)
        assert note.by.startswith("API key apikey_")
        assert note.by in page
        assert note.at.isoformat()[:19] in page
        assert "1 Main Street" not in page
        assert store["/index.md"].startswith(INDEX)
        assert "(/late/facts.md)" in store["/index.md"]
        assert told(night) == [("/facts.md", "merged", "/late/facts.md")]

    def test_without_an_index_none_is_made(self, make: Make) -> None:
        night = make({"/a.md": "one\n"}, {"/a.md": "two\n"}, late={"/a.md": "three\n"})
        night.carry()
        assert held(night).keys() == {"/a.md", "/late/a.md"}

    @pytest.mark.parametrize(
        ("base", "dreamed", "late", "merged"),
        [
            ("a\r\nb\r\nc\r\n", "a\r\nb\r\nC\r\n", "A\r\nb\r\nc\r\n", "A\r\nb\r\nC\r\n"),
            ("a\nb\nc", "a\nb\nC", "A\nb\nc", "A\nb\nC"),
            ("", "", "new", "new"),
            ("", "dreamed\n", "late\n", "dreamed\nlate\n"),
            ("x\n", "", "x\ny\n", "y\n"),
            ("é" * 51_200, "é" * 51_200, "é" * 51_199, "é" * 51_199),
        ],
        ids=[
            "CRLF",
            "no final newline",
            "empty",
            "empty at launch",
            "emptied by the dream",
            "one line of 100 kB",
        ],
    )
    def test_text_of_any_shape(self, make: Make, base: str, dreamed: str, late: str, merged: str) -> None:
        night = make({"/a.md": base}, {"/a.md": dreamed}, late={"/a.md": late})
        night.carry()
        assert held(night) == {"/a.md": merged}

    def test_a_memory_without_room_takes_nothing_and_what_is_new_stands_beside(self, make: Make) -> None:
        base = "".join(f"fact {n}: {'x' * 90}\n" for n in range(800))
        night = make(
            {"/a.md": base},
            {"/a.md": base + "".join(f"dreamed {n}: {'y' * 80}\n" for n in range(200))},
            late={"/a.md": base + "".join(f"late {n}: {'z' * 80}\n" for n in range(200))},
        )
        before = held(night)["/a.md"]
        night.carry()
        store = held(night)
        assert store["/a.md"] == before
        beside = "".join(text for path, text in store.items() if path.startswith("/late/"))
        assert all(f"\nlate {n}: " in beside for n in range(200))
        assert max(len(text.encode()) for text in store.values()) <= 102_400

    def test_what_was_redacted_is_not_merged_but_not_lost(self, make: Make, service: Service) -> None:
        night = make({"/a.md": "secret\nfact\n"}, {"/a.md": "fact, dreamed\n"})
        base = night.run.carry_base()
        write_late(night, {"/a.md": "fact\nlate\n"})
        (place,) = base.values()
        service.client.beta.memory_stores.memory_versions.redact(
            place.entry.version_id, memory_store_id=night.input_id
        )
        night.carry()
        store = held(night)
        assert store["/a.md"] == "fact, dreamed\n"
        assert "\nlate\n" in store["/late/a.md"]


class TestWhatTheDreamDidElsewhere:
    OTHER = "# People\nAda is in Sales.\n"

    def test_it_renamed_the_memory(self, make: Make, service: Service) -> None:
        night = make(
            {"/facts.md": FACTS},
            {"/facts.md": DREAMED},
            dream=lambda output_id: service.rename(output_id, "/facts.md", "/office/facts.md"),
            late={"/facts.md": FACTS + "Ada likes tea.\n"},
        )
        night.carry()
        assert held(night) == {"/office/facts.md": DREAMED + "Ada likes tea.\n"}

    def test_it_merged_the_memory_into_another(self, make: Make) -> None:
        merged = self.OTHER + "The phone is 1234.\nLunch is at noon.\n"
        night = make(
            {"/facts.md": FACTS, "/people.md": self.OTHER},
            {"/people.md": merged},
            late={"/facts.md": FACTS.replace("1234", "5678")},
        )
        night.carry()
        assert held(night) == {"/people.md": merged.replace("1234", "5678")}
        assert told(night) == [("/facts.md", "merged", None)]

    def test_it_split_the_memory(self, make: Make) -> None:
        parts = {"/office.md": "The office is in York.\n", "/phone.md": "The phone is 1234.\n"}
        late = FACTS.replace("York", "Leeds").replace("1234", "5678")
        night = make({"/facts.md": FACTS}, parts, late={"/facts.md": late})
        night.carry()
        assert held(night) == {"/office.md": "The office is in Leeds.\n", "/phone.md": "The phone is 5678.\n"}

    def test_it_removed_the_memory(self, make: Make) -> None:
        night = make(
            {"/facts.md": FACTS, "/b.md": "b\n"},
            {"/b.md": "b\n"},
            late={"/facts.md": FACTS + "Ada likes tea.\n"},
        )
        night.carry()
        store = held(night)
        assert store.keys() == {"/b.md", "/late/facts.md"}
        assert "\nAda likes tea.\n" in store["/late/facts.md"]
        assert "Lunch" not in store["/late/facts.md"]

    def test_what_it_has_seen_is_not_late(self, make: Make, service: Service) -> None:
        """Written after the listing was kept, and before the dream cloned the store."""
        seen = FACTS + "Ada likes tea.\n"
        night = make({"/facts.md": FACTS}, {"/facts.md": FACTS})
        write_late(night, {"/facts.md": seen, "/new.md": "new"})
        write_late(night, {"/facts.md": seen, "/new.md": "new"}, night.output_id)
        write_late(night, {"/facts.md": DREAMED, "/new.md": None}, night.output_id)
        night.decide()
        assert night.carry() == []
        assert held(night) == {"/facts.md": DREAMED}
        write_late(night, {"/facts.md": seen + "Bob likes rum.\n"})
        night.carry()
        assert held(night) == {"/facts.md": DREAMED + "Bob likes rum.\n"}

    def test_a_line_that_was_seen_and_taken_back_since_is_taken_back(self, make: Make) -> None:
        night = make({"/a.md": "one\n"}, {"/a.md": "one\n"})
        write_late(night, {"/a.md": "one\ntwo\n"})
        write_late(night, {"/a.md": "one\ntwo\n"}, night.output_id)
        write_late(night, {"/a.md": "one\n"})
        night.decide()
        night.carry()
        assert held(night) == {"/a.md": "one\n"}


class TestCreates:
    def test_where_the_dream_made_another_the_new_lines_stand_beside(self, make: Make) -> None:
        night = make({}, {"/new.md": "same\ndreamed\n"}, late={"/new.md": "same\nlate\n"})
        night.carry()
        store = held(night)
        assert store["/new.md"] == "same\ndreamed\n"
        assert "\nlate\n" in store["/late/new.md"]
        assert "\nsame\n" not in store["/late/new.md"]
        assert told(night) == [("/new.md", "beside", "/late/new.md")]

    def test_a_delete_and_a_create_at_one_path_are_an_edit(self, make: Make, service: Service) -> None:
        night = make({"/a.md": FACTS}, {"/a.md": DREAMED})
        service.remove(night.input_id, "/a.md")
        service.create(night.input_id, "/a.md", FACTS.replace("1234", "5678"))
        night.carry()
        assert held(night) == {"/a.md": DREAMED.replace("1234", "5678")}

    def test_made_and_deleted_again_is_nothing(self, make: Make) -> None:
        night = make({}, {}, late={"/a.md": "x"})
        write_late(night, {"/a.md": None})
        assert night.carry() == []


class TestDeletes:
    def test_what_the_dream_left_is_deleted(self, make: Make) -> None:
        night = make({"/a.md": "a", "/b.md": "b"}, {"/a.md": "a", "/b.md": "b"}, late={"/a.md": None})
        night.carry()
        assert held(night) == {"/b.md": "b"}
        assert told(night) == [("/a.md", "deleted", None)]

    def test_what_the_dream_edited_is_deleted_and_its_own_lines_are_kept_beside(self, make: Make) -> None:
        night = make({"/a.md": "one\n"}, {"/a.md": "one\nfound out\n"}, late={"/a.md": None})
        night.carry()
        store = held(night)
        assert store.keys() == {"/late/a.md"}
        assert "\nfound out\n" in store["/late/a.md"]
        assert "\none\n" not in store["/late/a.md"]

    def test_of_what_the_dream_merged_elsewhere_it_is_noted_where_its_lines_stand(self, make: Make) -> None:
        merged = "b\nThe phone is 1234.\nLunch is at noon.\n"
        night = make({"/facts.md": FACTS, "/b.md": "b\n"}, {"/b.md": merged}, late={"/facts.md": None})
        night.carry()
        store = held(night)
        assert store["/b.md"] == merged
        assert "'/b.md'" in store["/late/facts.md"]
        assert "> The phone is 1234." in store["/late/facts.md"]
        assert "York" not in store["/late/facts.md"]

    def test_what_both_removed_is_gone(self, make: Make) -> None:
        night = make({"/a.md": "one\n", "/b.md": "b\n"}, {"/b.md": "b\n"}, late={"/a.md": None})
        assert night.carry() == []
        assert held(night) == {"/b.md": "b\n"}


class TestRenames:
    def late(self, night: Night, *renames: tuple[str, str]) -> None:
        for path, to in renames:
            night.service.rename(night.input_id, path, to)

    def test_a_rename_moves_the_memory_with_what_the_dream_made_of_it(self, make: Make) -> None:
        night = make({"/a.md": FACTS}, {"/a.md": DREAMED})
        was = night.hook.list_memories(night.output_id)["/a.md"].memory_id
        self.late(night, ("/a.md", "/b.md"))
        write_late(night, {"/b.md": FACTS.replace("1234", "5678")})
        rows = night.carry()
        assert held(night) == {"/b.md": DREAMED.replace("1234", "5678")}
        assert night.hook.list_memories(night.output_id)["/b.md"].memory_id == was
        assert [(row.path, row.after_sha256 is None) for row in rows] == [("/a.md", True), ("/b.md", False)]
        assert told(night) == [("/b.md", "moved", None)]

    def test_chains_and_swaps_of_names(self, make: Make) -> None:
        before = {f"/{name}.md": name for name in "abcdefg"}
        night = make(before, before)
        self.late(night, ("/c.md", "/d2.md"), ("/b.md", "/c.md"), ("/a.md", "/b.md"))
        self.late(night, ("/e.md", "/tmp.md"), ("/f.md", "/e.md"), ("/g.md", "/f.md"), ("/tmp.md", "/g.md"))
        night.carry()
        assert held(night) == night.service.contents(night.input_id)

    def test_a_swap_of_names_with_edits_on_both_sides(self, make: Make) -> None:
        before = {"/a.md": FACTS, "/b.md": "b\n"}
        night = make(before, {"/a.md": DREAMED, "/b.md": "b, dreamed\n"})
        self.late(night, ("/a.md", "/tmp.md"), ("/b.md", "/a.md"), ("/tmp.md", "/b.md"))
        write_late(night, {"/b.md": FACTS.replace("1234", "5678")})
        night.carry()
        assert held(night) == {"/a.md": "b, dreamed\n", "/b.md": DREAMED.replace("1234", "5678")}

    def test_created_renamed_edited_and_deleted_in_turn(self, make: Make, service: Service) -> None:
        night = make({"/a.md": "a"}, {"/a.md": "a"}, late={"/x.md": "x"})
        self.late(night, ("/x.md", "/y.md"), ("/a.md", "/x.md"))
        write_late(night, {"/y.md": "y", "/x.md": None, "/a.md": "anew"})
        night.carry()
        assert held(night) == {"/a.md": "anew", "/y.md": "y"}

    def test_where_the_path_is_taken_the_memory_stays_and_is_merged(self, make: Make) -> None:
        night = make({"/a.md": FACTS}, {"/a.md": DREAMED, "/b.md": "the dream's\n"})
        self.late(night, ("/a.md", "/b.md"))
        write_late(night, {"/b.md": FACTS.replace("1234", "5678")})
        night.carry()
        assert held(night) == {"/a.md": DREAMED.replace("1234", "5678"), "/b.md": "the dream's\n"}
        (note,) = notes(night)
        assert "renamed" in note.why

    def test_where_the_dream_renamed_it_too_its_place_stands(self, make: Make, service: Service) -> None:
        night = make(
            {"/a.md": FACTS},
            {"/a.md": FACTS},
            dream=lambda output_id: service.rename(output_id, "/a.md", "/dreamed.md"),
        )
        self.late(night, ("/a.md", "/late-name.md"))
        write_late(night, {"/late-name.md": FACTS + "Ada likes tea.\n"})
        night.carry()
        assert held(night) == {"/dreamed.md": FACTS + "Ada likes tea.\n"}

    def test_a_later_edit_follows_the_memory_to_where_the_dream_has_it(
        self, make: Make, service: Service
    ) -> None:
        night = make(
            {"/a.md": "a\n"},
            {"/a.md": "a\n"},
            dream=lambda output_id: service.rename(output_id, "/a.md", "/b.md"),
        )
        for text in ("a\nfirst\n", "a\nfirst\nsecond\n", "nothing like it\n"):
            write_late(night, {"/a.md": text})
            night.carry()
            assert held(night) == {"/b.md": text}


class TestTold:
    def test_the_forecast_says_what_the_carry_then_does_and_writes_nothing(self, make: Make) -> None:
        before = {"/a.md": FACTS, "/b.md": "b\n", "/c.md": "c\n", "/d.md": "d\n"}
        late = {"/a.md": FACTS.replace("York", "Leeds"), "/b.md": None, "/c.md": "late\n", "/new.md": "new\n"}
        night = make(before, {**before, "/a.md": DREAMED}, late=late)
        store = night.hook.retrieve_store(night.input_id)
        night.wire.requests.clear()
        foretold = forecast(night.world, night.run, store, night.output_id).late
        assert writes(night.wire.requests) == []
        night.carry()
        assert foretold == tuple(notes(night))
        assert {(note.path, note.how) for note in foretold} == {
            ("/a.md", "beside"),
            ("/b.md", "deleted"),
            ("/c.md", "updated"),
            ("/new.md", "created"),
        }

    def test_a_session_that_wrote_is_named_in_the_log(
        self, make: Make, service: Service, caplog: pytest.LogCaptureFixture
    ) -> None:
        night = make({"/a.md": "a\n"}, {"/a.md": "a\n"})
        write_late(night, {"/a.md": "late\n"})
        with caplog.at_level(logging.INFO):
            night.carry()
        (note,) = notes(night)
        assert any(note.by in line and "'/a.md'" in line for line in caplog.messages)

    def test_what_the_output_holds_at_its_adoption_is_kept_with_its_ids(self, make: Make) -> None:
        night = make({"/a.md": "a\n"}, {"/a.md": "b\n"}, late={"/new.md": "new\n"})
        night.carry()
        adopted = night.run.read_listing("adopted")
        assert adopted is not None
        assert listing_to_json(adopted) == listing_to_json(night.hook.list_memories(night.output_id))
