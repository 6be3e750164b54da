"""
Where an agent writes to the live store while late writes are carried there: each is merged once, and none is lost.

A conflict lets the try fail, and the next one goes on. What is merged by then is never merged again, whatever agents
made of it since; what is left of a late write, the page beside and its entry in the index, follows.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path

import httpx2
import pytest

from dreamflow.errors import NotYet
from tests.unit.running import Night, night_of, write_late
from tests.unit.service import Killed, Service

pytestmark = pytest.mark.usefixtures("one_plan_a_try")

BEFORE = "first fact of all\nAcme pays net 30 days\nlast fact of all\n"
DREAMED = BEFORE.replace("Acme pays net 30 days", "Acme Corp. settles within a month of invoice")
#: One line merges, the other does not.
LATE = BEFORE.replace("net 30", "net 45") + "an agent's remark\n"
MERGED = DREAMED + "an agent's remark\n"

Make = Callable[..., Night]


@pytest.fixture
def make(service: Service, tmp_path: Path) -> Make:
    """Make a night that is adopted, whose input then receives late writes."""

    def make_night(before: dict[str, str], reviewed: dict[str, str], late: dict[str, str | None]) -> Night:
        night = night_of(service, f"file://{tmp_path}/reports", before, reviewed)
        night.adopt()
        write_late(night, late)
        return night

    return make_night


def live(night: Night) -> dict[str, str]:
    return night.service.contents(night.output_id)


def meet(night: Night, path: str, content: str | None) -> None:
    """Let an agent write to the live store right before Dreamflow writes there first, so that this try fails."""
    deed = night.hook.list_memories(night.output_id)
    held = deed[path].memory_id if path in deed else None

    def interfere(number: int, request: httpx2.Request) -> None:
        is_here = request.method != "GET" and f"/{night.output_id}/memories" in request.url.path
        if is_here and (held is None) == request.url.path.endswith("/memories"):
            if held is not None and not request.url.path.endswith(held):
                return
            night.wire.before = lambda number, request: None
            write_late(night, {path: content}, night.output_id)

    night.wire.before = interfere
    with pytest.raises(NotYet):
        night.retire()


def test_a_line_that_an_agent_undid_is_not_written_again(make: Make) -> None:
    night = make({"/p.md": BEFORE}, {"/p.md": DREAMED}, {"/p.md": LATE})
    meet(night, "/late/p.md", "mine\n")
    assert live(night)["/p.md"] == MERGED
    write_late(night, {"/p.md": DREAMED}, night.output_id)
    night.retire()
    assert live(night)["/p.md"] == DREAMED
    page = live(night)["/late/p.md"]
    assert page.startswith("mine\n")
    assert page.count("\nAcme pays net 45 days\n") == 1
    assert [(note.how, note.late_path) for note in night.run.journal().late] == [("merged", "/late/p.md")]


def test_a_late_write_is_not_merged_into_what_it_was_merged_into(make: Make) -> None:
    before = "# A\n- note on detail 3\n## C\nthe cat sat on mat 0\n# B\n# B\n"
    late = "# A\n- note on detail 3\nthe cat sat on mat 0\n# B\nwr edit of 160\norder 1 ships by post\n"
    dreamed = "# A\n# B\nthe cat sat on mat 0\n# B\n## C\n# B\n"
    night = make({"/p.md": before}, {"/p.md": dreamed}, {"/p.md": late})
    meet(night, "/late/p.md", "mine\n")
    merged = live(night)["/p.md"]
    night.retire()
    assert live(night)["/p.md"] == merged
    assert "".join(live(night).values()).count("wr edit of 160") == 1


def test_an_index_that_is_written_to_meanwhile_gets_its_entry_and_nothing_is_merged_again(
    make: Make,
) -> None:
    before = {"/p.md": BEFORE, "/index.md": "# Index\n"}
    night = make(before, {**before, "/p.md": DREAMED}, {"/p.md": LATE})
    meet(night, "/index.md", "# Index\nhot\n")
    write_late(night, {"/p.md": DREAMED}, night.output_id)
    night.retire()
    assert live(night)["/p.md"] == DREAMED
    assert live(night)["/index.md"].startswith("# Index\nhot\n")
    assert live(night)["/index.md"].count("(/late/p.md)") == 1
    assert live(night)["/late/p.md"].count("\nAcme pays net 45 days\n") == 1


def test_a_page_that_was_folded_in_while_its_entry_was_not_made_yet_stays_away(make: Make) -> None:
    before = {"/p.md": BEFORE, "/index.md": "# Index\n"}
    night = make(before, {**before, "/p.md": DREAMED}, {"/p.md": LATE})
    meet(night, "/index.md", "# Index\nhot\n")

    def die(number: int, request: httpx2.Request) -> None:
        if request.url.path.endswith(f"/{night.output_id}/memories") and request.method == "POST":
            night.wire.after = lambda number, request: None
            raise Killed

    night.wire.after = die
    with pytest.raises(Killed):
        night.retire()
    assert "/late/p.md" in live(night)
    write_late(night, {"/late/p.md": None}, night.output_id)
    night.retire()
    assert live(night).keys() == {"/p.md", "/index.md"}
    assert live(night)["/index.md"] == "# Index\nhot\n"


def test_what_the_dream_had_added_to_a_deleted_memory_stands_beside_at_last(make: Make) -> None:
    night = make({"/p.md": BEFORE}, {"/p.md": BEFORE + "found out\n"}, {"/p.md": None})
    meet(night, "/late/p.md", "mine\n")
    assert "/p.md" not in live(night)
    night.retire()
    assert live(night).keys() == {"/late/p.md"}
    assert live(night)["/late/p.md"].startswith("mine\n")
    assert live(night)["/late/p.md"].count("\nfound out\n") == 1


@pytest.mark.parametrize("changed", ["/p.md", "/q.md"])
def test_lines_for_two_memories_are_kept_beside_where_one_was_written_to_meanwhile(
    make: Make, changed: str
) -> None:
    """The dream has split the memory that the late write is to."""
    split = {
        "/p.md": "one fact of ours\ntwo facts of ours\n",
        "/q.md": "three facts of ours\nfour facts of ours\n",
    }
    before = {"/p.md": split["/p.md"] + "\n" + split["/q.md"]}
    late = before["/p.md"].replace("one fact", "1 fact").replace("four facts", "4 facts")
    night = make(before, split, {"/p.md": late})
    meet(night, changed, split[changed] + "mine\n")
    night.retire()
    store = live(night)
    line = {"/p.md": "1 fact of ours\n", "/q.md": "4 facts of ours\n"}
    (other,) = split.keys() - {changed}
    assert store.keys() == {*split, f"/late{changed}"}
    assert store[changed] == split[changed] + "mine\n"
    assert line[other] in store[other]
    assert store[f"/late{changed}"].count(f"\n{line[changed]}") == 1
    assert [note.late_path for note in night.run.journal().late] == [f"/late{changed}"]


@pytest.mark.parametrize("dies_at", range(12))
def test_what_is_left_to_keep_beside_outlives_a_kill(make: Make, dies_at: int) -> None:
    before = {"/p.md": BEFORE, "/index.md": "# Index\n"}
    night = make(before, {**before, "/p.md": DREAMED}, {"/p.md": LATE})
    meet(night, "/late/p.md", "mine\n")
    began = len(night.wire.requests)

    def die(number: int, request: httpx2.Request) -> None:
        if number == began + dies_at:
            raise Killed

    night.wire.before = die
    try:
        night.retire()
    except Killed:
        night.wire.before = lambda number, request: None
        night.retire()
    store = live(night)
    assert store["/p.md"] == MERGED
    assert store["/late/p.md"].count("\nAcme pays net 45 days\n") == 1
    assert store["/index.md"].count("(/late/p.md)") == 1
    assert night.run.read_plan("retirement").units == ()


def test_a_late_write_that_is_finished_by_the_next_try_is_named_in_its_log(
    service: Service, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    night = night_of(
        service, f"file://{tmp_path}/reports", {"/a.md": "a\n"}, {"/a.md": "a\n"}, late={"/n.md": "new\n"}
    )

    def die(number: int, request: httpx2.Request) -> None:
        if request.method == "POST" and request.url.path.endswith(f"/{night.output_id}/memories"):
            raise Killed

    night.wire.after = die
    with pytest.raises(Killed):
        night.carry()
    night.wire.after = lambda number, request: None
    with caplog.at_level(logging.INFO):
        night.carry()
    assert any("late write to '/n.md': created" in line for line in caplog.messages)
