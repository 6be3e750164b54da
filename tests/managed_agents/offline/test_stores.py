"""What becomes of the memories that agents wrote."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime

import pytest

from benchmarks._quality import missing_from_index
from benchmarks.dream_quality import dream
from include.managed_agents.dreams.engine import Message, Transcript
from include.managed_agents.dreams.offline import existing, layout
from include.managed_agents.dreams.offline.consolidate import consolidate_store
from include.managed_agents.dreams.offline.layout import TooManyMemories

START = datetime(2026, 11, 9, 9, 5, tzinfo=UTC)


def after(store: Mapping[str, str], *said: str) -> dict[str, str]:
    """The store after a dream over one session in which a user said these things."""
    return dream(
        [Transcript("s1", None, START, tuple(Message("user", text) for text in said or ("Thanks!",)))], store
    )


def test_a_memory_that_needs_no_cleaning_stays_byte_for_byte() -> None:
    content = "# Returns\n\n*  The return window is 30 days.\n\n```\ncode = 1\n```\n| a |\n|---|\n| 1 |  \n\n"
    assert after({"/policies/returns.md": content})["/policies/returns.md"] == content


def test_repeats_across_memories_fold_and_a_copy_of_a_memory_goes() -> None:
    content = "- Tom Okafor leads the warehouse in Leeds\n- The stock sync runs at 02:15 every night\n"
    result = after({"/ops/warehouse.md": content, "/ops/warehouse-copy.md": content})
    assert sorted(result) == ["/index.md", "/ops/warehouse.md"]
    assert result["/ops/warehouse.md"] == content


def test_a_memory_whose_name_tells_nothing_is_emptied_into_files_by_subject_with_its_path_as_source() -> None:
    result = after({"/notes/untitled 3.md": "Dock gate 2 is broken, repair FM-8812."})
    assert "/notes/untitled 3.md" not in result
    text = "\n".join(result.values())
    assert "- undated note: Dock gate 2 is broken, repair FM-8812. (/notes/untitled%203.md)" in text


def test_a_date_in_the_name_of_a_memory_makes_its_relative_dates_absolute() -> None:
    result = after({"/notes/2026-11-03.md": "Yesterday Paylane had an outage."})
    assert any(
        "- 2026-11-03 note: Yesterday [2026-11-02] Paylane had an outage." in text for text in result.values()
    )


def test_a_later_statement_takes_the_place_of_an_outdated_one_in_its_memory() -> None:
    store = {"/policies/refunds.md": "# Refunds\n\n- The refund limit is £30.\n- Refunds take 5 days.\n"}
    content = after(store, "Priya here. The refund limit is £75 from now on.")["/policies/refunds.md"]
    assert "- The refund limit is £30." not in content
    assert "- Refunds take 5 days." in content
    assert "The refund limit is £75 from now on. (s1; before: £30)" in content


def test_what_a_memory_states_already_is_not_added_again() -> None:
    store = {"/policies/refunds.md": "The refund limit is £30 for every order.\n"}
    assert "s1" not in "".join(after(store, "The refund limit is £30 for every order.").values())


def test_an_agents_index_is_replaced_and_what_it_said_besides_is_kept() -> None:
    result = after(
        {"/index.md": "- see /a/carriers.md\n- Gate 2 opens at 06:00\n", "/a/carriers.md": "BlueVan is best."}
    )
    assert missing_from_index(result) == []
    assert "see /a/carriers.md" not in result["/index.md"]
    assert any("Gate 2 opens at 06:00" in text for path, text in result.items() if path != "/index.md")


def test_what_an_agent_adds_to_a_file_of_ours_stays() -> None:
    once = after({}, "Order LK-1 costs £5.", "Order LK-2 costs £6.", "Order LK-3 costs £7.")
    path = next(path for path in once if path != "/index.md")
    once[path] += "Agent's own remark about LK-9.\n"
    twice = after(once)
    assert "Agent's own remark about LK-9." in twice[path]
    assert after(twice) == twice


def test_every_file_of_the_extract_says_what_it_is() -> None:
    result = after({}, "Order LK-1 costs £5.")
    assert all("Extract made without a model" in content for content in result.values())


def test_instructions_are_said_to_need_a_model() -> None:
    assert "takes a model" in consolidate_store({}, [], instructed=True)["/index.md"]
    assert "takes a model" not in consolidate_store({}, [])["/index.md"]


def test_a_subject_that_outgrows_a_memory_is_continued_in_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(layout, "MAX_BYTES", 8_000)
    said = [f"Parcel number LK-{n} weighs {n} kg and costs £{n}." for n in range(300)]
    result = after({}, *said)
    assert len(result) > 3
    assert all(len(content.encode()) <= 8_000 for content in result.values())
    assert all(any(re.search(rf"LK-{n}\b", content) for content in result.values()) for n in range(300))
    assert missing_from_index(result) == []
    assert after(result, *said) == result


def test_an_index_that_outgrows_a_memory_leads_to_its_further_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(layout, "MAX_BYTES", 12_000)
    store = {f"/ops/machine-{n}/serial-{n}.md": f"The serial number is SN-{n:05d}." for n in range(300)}
    result = after(store)
    assert "/index-2.md" in result
    assert missing_from_index(result) == []
    assert all(len(content.encode()) <= 12_000 for content in result.values())
    assert after(result) == result


def test_a_full_store_makes_room_by_emptying_its_smallest_memories(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(layout, "MAX_MEMORIES", 30)
    store = {f"/ops/machine-{chr(97 + n)}.md": f"The serial is SN-{n:05d}.{' Word.' * n}" for n in range(30)}
    result = after(store, "Order LK-1 costs £5.")
    assert len(result) <= 30
    assert all(any(f"SN-{n:05d}" in content for content in result.values()) for n in range(30))
    assert missing_from_index(result) == []


def test_a_full_store_that_cannot_make_room_is_an_error_that_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(layout, "MAX_MEMORIES", 3)
    store = {f"/code/{name}.md": f"```\n{name} = 1\n```\n" for name in ("alpha", "beta", "gamma")}
    with pytest.raises(TooManyMemories, match="more than the limit"):
        consolidate_store(store, [])


def test_a_store_with_more_statements_than_are_compared_keeps_its_memories(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(existing, "MAX_STATEMENTS", 1)
    store = {"/a/x.md": "The serial is SN-1.", "/b/y.md": "The serial is SN-1."}
    result = after(store)
    assert {path: result[path] for path in store} == store
