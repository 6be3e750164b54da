"""What a carry writes, and in which order."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from dreamflow.core.carry_plan import Plan, Unit, Write
from dreamflow.core.changes import digest
from dreamflow.core.draft import MEMORIES_LIMIT, Draft, Slot
from dreamflow.core.late_writes import LateNote, without_carried
from dreamflow.core.objects import Listing, MemoryEntry, Place
from tests.unit.support import NOON, STORES, listing_of, sha

NAMES = [f"/{name}.md" for name in "abcde"]


def drafted(listing: Listing, fates: dict[str, str | None], new: dict[str, str]) -> Draft:
    """Return a draft in which memories are renamed (a path), deleted (None) or left, and others are made."""
    draft = Draft(listing)
    for path in [path for path in fates if path in listing and fates[path] is None]:
        slot = draft.at(path)
        assert slot
        draft.delete(slot)
    taken = {path for path in draft if path not in fates}
    moves: dict[Slot, str] = {}
    for path, to in fates.items():
        slot = draft.at(path)
        if slot is not None and to is not None:
            goes = to if to not in taken else path
            goes = goes if goes not in moves.values() else path
            moves[slot] = goes
            taken.add(goes)
    if len(set(moves.values())) == len(moves) and not set(moves.values()) & {
        p for p in draft if p not in fates
    }:
        draft.move(moves)
    for path, content in new.items():
        if draft.at(path) is None:
            draft.create(path).take(listing_of({path: content})[path])
    return draft


FATES = st.dictionaries(st.sampled_from(NAMES), st.none() | st.sampled_from(NAMES))


def do(held: dict[str, MemoryEntry], write: Write) -> None:
    """Do the write, which must find what it was planned on."""
    if write.held is None:
        assert write.path not in held
    else:
        assert held[write.held.path].sha256 == write.held.entry.sha256
        del held[write.held.path]
        assert write.path not in held
    if write.sha256 is not None:
        held[write.path] = MemoryEntry("", write.sha256, "", 0)


@given(STORES, FATES, STORES)
def test_the_writes_make_what_was_drafted_and_can_be_told_from_what_was_there_at_any_moment(
    output: dict[str, str], fates: dict[str, str | None], new: dict[str, str]
) -> None:
    listing = listing_of(output)
    draft = drafted(listing, fates, new)
    waves = draft.waves()
    rows = [row for wave in waves for write in wave for row in write.carried()]
    held = dict(listing)
    for wave in waves:
        for write in wave:
            do(held, write)
            assert digest(without_carried(held, rows)) == digest(listing)
    assert digest(held) == digest(draft.listing())


def test_a_full_store_is_never_written_over_its_limit_on_the_way() -> None:
    draft = Draft(listing_of({f"/{n}": "x" for n in range(MEMORIES_LIMIT)}))
    slot = draft.at("/9")
    assert slot
    draft.delete(slot)
    draft.create("/0new").take(MemoryEntry("", sha("new"), "", 3))
    assert [[write.kind for write in wave] for wave in draft.waves()] == [["delete"], ["create"]]
    assert len(draft) == MEMORIES_LIMIT


def test_what_is_not_changed_is_not_written() -> None:
    assert Draft(listing_of({"/a.md": "a", "/b.md": "b"})).waves() == []


def test_a_plan_comes_back_from_its_json_as_it_was() -> None:
    entry = MemoryEntry("mem_1", sha("a"), "memver_1", 1)
    note = LateNote(path="/b.md", how="moved", by="session sesn_1", at=NOON, why="because")
    writes = (
        Write("mem_1", "move", "/b.md", Place("/a.md", entry), sha("b"), part=2),
        Write("new:/c.md", "create", "/c.md", None, sha("c"), source=entry),
    )
    unit = Unit(("mem_9", "mem_8"), Place("/b.md", entry), ("mem_1",), note)
    plan = Plan(
        (),
        (note,),
        writes,
        (unit,),
        "memstore_1",
        "memver_9",
        {"mem_1": "b\r\n"},
        {"mem_9": Place("/a", entry)},
    )
    assert Plan.from_json(plan.to_json()) == plan
    assert [(row.path, row.after_sha256) for row in plan.noted] == [
        ("/a.md", None),
        ("/b.md", sha("b")),
        ("/c.md", sha("c")),
    ]
    done = plan.finished(writes, [unit])
    assert (done.noted, done.notes, done.units) == (plan.noted, (note, note), ())
    assert Plan.from_json(done.to_json()) == done
