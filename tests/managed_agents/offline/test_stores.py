"""What becomes of the memories that people and agents wrote."""

from __future__ import annotations

import pytest

from include.managed_agents.dreams.engine import EngineFailure
from include.managed_agents.dreams.offline import layout
from include.managed_agents.dreams.offline.render import HEADING
from tests.managed_agents.offline.dreaming import Store, dream_in, dreamed, index_of, session

THANKS = session("s1", "Thank you so much!")


def test_a_memory_stays_byte_for_byte() -> None:
    content = "# Returns\r\n\r\n*  The  return window is 30 days.\n\n```\ncode = 1\n```\n| a |\n|---|\n| 1 |  \n\n\n"
    assert dreamed([THANKS], {"/policies/returns.md": content})["/policies/returns.md"] == content


@pytest.mark.parametrize(
    "content", ["The refund limit is £30.", "The refund limit is £30.\n", "# Refunds\n\n\n"]
)
def test_a_memory_that_a_sentence_names_is_added_to_below_its_own_text(content: str) -> None:
    said = session("s2", "The limit for refunds is £75 from now on.")
    result = dreamed([said], {"/policies/refunds.md": content})["/policies/refunds.md"]
    own, _, lines = result.partition(HEADING)
    assert own == content.rstrip("\n") + content[len(content.rstrip("\n")) :].ljust(1, "\n") + "\n"
    assert "9 November 2026" in lines
    assert "The limit for refunds is £75 from now on. (s2)" in lines


def test_a_later_statement_stands_above_an_earlier_one_and_both_stay() -> None:
    sessions = [session(f"s{n}", f"The refund limit is £{25 * n} from now on.", day=n) for n in (1, 3, 2)]
    store = dreamed(sessions[:2], {"/policies/refunds.md": "Refunds take 5 days.\n"})
    content = dreamed(sessions, store)["/policies/refunds.md"]
    assert (
        content.index("Refunds take 5 days.")
        < content.index("£75")
        < content.index("£50")
        < content.index("£25")
    )
    assert "before" not in content


def test_a_copy_of_a_memory_goes() -> None:
    content = "- Tom Okafor leads the warehouse in Leeds\n- The stock sync runs at 02:15 every night\n"
    result = dreamed([THANKS], {"/ops/warehouse.md": content, "/ops/warehouse-copy.md": f" {content}\n"})
    assert sorted(result) == ["/index.md", "/ops/warehouse.md"]
    assert result["/ops/warehouse.md"] == content


def test_a_copy_whose_name_says_something_stays() -> None:
    store = {"/policies/uk.md": "Returns within 30 days.\n", "/policies/de.md": "Returns within 30 days.\n"}
    assert store.items() <= dreamed([THANKS], store).items()


def test_a_line_of_a_nameless_memory_goes_where_it_stands_elsewhere_word_for_word() -> None:
    store = {
        "/notes.md": "# Notes\n\n* gate 2 is broken, use gate 3.\n* The rota is at desk 7.\n",
        "/ops/gates.md": "Gate 2 is broken, use gate 3\n",
    }
    result = dreamed([THANKS], store)
    assert result["/notes.md"] == "# Notes\n\n* The rota is at desk 7.\n"
    assert result["/ops/gates.md"] == store["/ops/gates.md"]


def test_a_nameless_memory_goes_with_its_last_line() -> None:
    store = {
        "/notes.md": "# Notes\n\nThe dock gate 2 is broken.\n",
        "/tmp/scratch": "- The dock gate 2 is broken\n",
    }
    result = dreamed([THANKS], store)
    assert result["/notes.md"] == store["/notes.md"]
    assert "/tmp/scratch" not in result


def test_a_line_goes_where_each_of_its_sentences_stands_elsewhere_and_stays_where_one_does_not() -> None:
    store = {
        "/notes.md": "Dock gate 2 is broken again. The rota is at desk 7.\n",
        "/ops/gates.md": "- The dock gate 3 squeaks. Dock gate 2 is broken again!\n",
        "/ops/desks.md": "The rota is at desk 7\n",
    }
    assert "/notes.md" not in dreamed([THANKS], store)
    del store["/ops/desks.md"]
    assert dreamed([THANKS], store)["/notes.md"] == store["/notes.md"]


def test_a_note_that_a_session_says_word_for_word_goes() -> None:
    note = "Order LK-48213 costs £389 and ships on Monday."
    result = dreamed([session("s2", note)], {"/notes/untitled 3.md": f"- {note}\n"})
    assert "/notes/untitled 3.md" not in result
    assert "LK-48213" in "".join(result.values())


@pytest.mark.parametrize(
    "note",
    [
        "Customer B:\n- The refund was granted today.",  # says of whom only with its label
        "    The refund was granted today.",  # code
        "```\nThe refund was granted today.\n```",
        "Customer B\n  - The refund was granted today.",
        "Done it.",  # too little to be the same thing
    ],
)
def test_a_line_that_needs_what_stands_around_it_stays(note: str) -> None:
    store = {"/notes.md": note, "/a/refunds.md": "The refund was granted today.\nDone it.\n"}
    assert dreamed([THANKS], store)["/notes.md"] == note


def test_a_note_with_a_relative_date_below_a_date_stays_and_the_other_goes() -> None:
    line = "- ask Marek next week about the insurance\n"
    result = dreamed([THANKS], {"/TODO.md": line, "/notes/2026-11-03.md": line})
    assert result["/notes/2026-11-03.md"] == line
    assert "/TODO.md" not in result


def test_what_an_agent_noted_in_a_session_goes_where_the_session_says_it_on_that_day() -> None:
    note = "- 9 November 2026, 09:05:10: The keynote starts at 10:00.\n"
    past = [session("s2", "The keynote starts at 10:00.")]
    assert "/notes/2026-11-09-programme.md" not in dreamed(past, {"/notes/2026-11-09-programme.md": note})
    earlier = {"/notes/2026-11-02-programme.md": note.replace("9 November", "2 November")}
    assert earlier.items() <= dreamed(past, earlier).items()
    named = {"/programme/2026-11-09-keynote.md": note}
    assert (
        named["/programme/2026-11-09-keynote.md"] in dreamed(past, named)["/programme/2026-11-09-keynote.md"]
    )


def test_a_memory_with_a_name_keeps_what_stands_elsewhere() -> None:
    store = {
        "/a/gates.md": "Gate 2 is broken since Monday.\n",
        "/b/repairs.md": "Gate 2 is broken since Monday.\n",
    }
    assert store.items() <= dreamed([THANKS], store).items()


def test_an_agents_index_stays_and_the_entries_follow() -> None:
    own = "# My index\n- see /a/carriers.md\n- Gate 2 opens at 06:00\n"
    result = dreamed([THANKS], {"/index.md": own, "/a/carriers.md": "BlueVan is best."})
    assert result["/index.md"].startswith(own)
    assert "(/a/carriers.md)" in result["/index.md"]
    assert dreamed([THANKS], result) == result


def test_an_index_too_big_for_more_leads_on_from_a_page_of_its_own() -> None:
    own = "Gate 2 opens at 06:00.\n" * 4_400
    result = dreamed([THANKS], {"/index.md": own, "/a/carriers.md": "BlueVan is best."})
    assert "(/a/carriers.md)" in index_of(result)
    assert own in result.values()
    assert dreamed([THANKS], result) == result


def test_what_an_agent_adds_to_a_file_of_ours_stays() -> None:
    once = dreamed([session("s2", "Order LK-1 costs £5.")])
    [path] = set(once) - {"/index.md"}
    once[path] += "\nAn agent's own remark about LK-9.\n\n- and a second one\n"
    twice = dreamed([session("s3", "Order LK-2 costs £6.", day=1)], once)
    assert "An agent's own remark about LK-9.\n\n- and a second one\n" in twice[path]
    assert all(text in twice[path] for text in ("LK-1 costs £5.", "LK-2 costs £6."))
    assert dreamed([session("s3", "Order LK-2 costs £6.", day=1)], twice) == twice


def test_an_entry_of_the_index_follows_a_memory_that_was_written_anew() -> None:
    once = dreamed([THANKS], {"/a/carriers.md": "BlueVan is fastest.\n", "/b/gates.md": "Gate 2 squeaks.\n"})
    twice = dreamed([THANKS], once | {"/a/carriers.md": "Nordfracht strikes.\n"})
    assert "(/a/carriers.md): nordfracht, strikes\n" in twice["/index.md"]
    assert "(/b/gates.md): gate, squeaks\n" in twice["/index.md"]


def test_the_notice_stands_once_in_the_store() -> None:
    said = [session(f"s{n}", f"Order LK-{n} costs £{n}.", day=40 * n) for n in range(4)]
    result = dreamed(said, {"/policies/returns.md": "Returns are free.\n"})
    assert len(result) > 3
    assert "".join(result.values()).count("made without a model") == 1
    assert "made without a model" in result["/index.md"]


def test_instructions_are_said_to_need_a_model() -> None:
    store = Store({})
    dream_in(store, [THANKS], "Sort by colour.")
    assert "takes a model" in store.contents["/index.md"]
    dream_in(store, [THANKS])
    assert "takes a model" not in store.contents["/index.md"]


def test_what_outgrows_a_memory_is_continued_in_others_and_moves_no_more(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(layout, "MAX_BYTES", 9_000)
    past = [session("s2", *(f"Parcel number LK-{n} weighs {n} kg and costs £{n}." for n in range(400)))]
    once = dreamed(past)
    assert len(once) > 3
    assert max(len(content.encode()) for content in once.values()) <= 9_000
    assert all(f"LK-{n} weighs" in "".join(once.values()) for n in range(400))
    assert all(f"({path})" in index_of(once) for path in once if path != "/index.md")
    assert dreamed(past, once) == once
    twice = dreamed([*past, session("s3", "Parcel number LK-900 weighs 1 kg and costs £3.", day=1)], once)
    assert len({path for path in twice if twice[path] != once.get(path)}) == 2


def test_an_index_that_outgrows_a_memory_leads_to_its_further_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(layout, "MAX_BYTES", 12_000)
    store = {f"/ops/machine-{n}/serial-{n}.md": f"The serial number is SN-{n:05d}." for n in range(300)}
    result = dreamed([THANKS], store)
    assert "/index-2.md" in result
    assert "(/index-2.md)" in result["/index.md"]
    assert all(f"({path})" in index_of(result) for path in store)
    assert all(len(content.encode()) <= 12_000 for content in result.values())
    assert dreamed([THANKS], result) == result


def test_a_full_store_with_copies_dreams_well() -> None:
    store = {
        f"/ops/machine-{n}.md": f"The serial number of this machine is SN-{n:05d}.\n" for n in range(1_990)
    }
    store |= {f"/ops/copy/machine-{n}.md": store[f"/ops/machine-{n}.md"] for n in range(10)}
    after = Store(store)
    dream_in(after, [session("s2", "Order LK-1 costs £5.")])
    kinds = [kind for kind, _ in after.done]
    assert kinds == sorted(kinds)
    assert kinds.count("delete") == 10
    assert any("LK-1 costs £5." in content for content in after.contents.values())


def test_a_store_without_room_is_one_plain_error_before_anything_is_written() -> None:
    store = Store({f"/ops/machine-{n}.md": f"The serial is SN-{n:05d}.\n" for n in range(1_999)})
    with pytest.raises(
        EngineFailure,
        match=r"no room.* 2,00. memories, . more than the 2,000.*[Dd]elete or merge at least . in the input store",
    ):
        dream_in(store, [session("s2", "Order LK-1 costs £5.")])
    assert store.done == []
