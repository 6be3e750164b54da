"""What a dream with Claude does with more than a request takes: it reads and files in parts, or refuses unspent."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from benchmarks import _dreams
from include.managed_agents.claude import Limits
from include.managed_agents.dreams.claude.index import complete_index, missing_from_index
from include.managed_agents.dreams.claude.plan import Load, grouped, parts_of, plan_for
from include.managed_agents.dreams.claude.prompts import PASSES
from include.managed_agents.dreams.engine import EngineFailure
from tests.managed_agents.claude_scripts import calls_so_far, dreamer, is_sub_agent, opening, unless
from tests.managed_agents.conftest import Start
from tests.managed_agents.messages_api import Reply, call
from tests.managed_agents.support import contents, dream_of, ended, recorded, store_of

CEILING = 50_000_000
MEGABYTE = 1_000_000
NOTHING: dict[str, Any] = {"statements": [], "drop": [], "conflicts": []}


def load(sessions: int, size: int, notes: int = 0) -> Load:
    return Load({f"sesn_{number}": size for number in range(sessions)}, notes, instructions=0)


def test_a_night_of_short_sessions_is_read_in_all_passes_beside_the_whole_notes() -> None:
    plan = plan_for(load(20, 10_000, 30_000), Limits(200_000), 1 / 3, CEILING, spent=0)
    assert (plan.passes, plan.notes_bytes) == (14, 150_000)


def test_24_sessions_of_1_mb_are_read_in_parts_and_fewer_passes_below_the_ceiling() -> None:
    plan = plan_for(load(24, MEGABYTE), Limits(1_000_000), 1 / 3, CEILING, spent=0)
    assert plan.passes < 14
    assert plan.part_bytes < MEGABYTE
    assert plan.tokens <= CEILING


def test_100_sessions_of_1_mb_are_refused_with_the_numbers() -> None:
    with pytest.raises(
        EngineFailure, match=r"100 sessions of 100,000,000 bytes .* over .* 50,000,000; nothing was used"
    ):
        plan_for(load(100, MEGABYTE), Limits(1_000_000), 1 / 3, CEILING, spent=0)


def test_a_store_that_alone_is_too_much_is_named_as_such() -> None:
    enough_without_notes = next(
        ceiling for ceiling in range(10_000, CEILING, 10_000) if is_planned(load(1, 1_000), ceiling)
    )
    with pytest.raises(EngineFailure, match="make the store smaller") as failure:
        plan_for(load(1, 1_000, 200 * MEGABYTE), Limits(), 1 / 3, enough_without_notes, spent=0)
    assert failure.value.error_type == "input_memory_store_too_large"


def is_planned(load: Load, ceiling: int) -> bool:
    try:
        plan_for(load, Limits(), 1 / 3, ceiling, spent=0)
    except EngineFailure:
        return False
    return True


def test_what_was_spent_before_a_crash_counts_against_the_ceiling() -> None:
    assert plan_for(load(3, 10_000), Limits(), 1 / 3, 10_000_000, spent=0).passes == 14
    with pytest.raises(EngineFailure, match="of which 9,900,000 are used"):
        plan_for(load(3, 10_000), Limits(), 1 / 3, 10_000_000, spent=9_900_000)


@pytest.mark.parametrize("number", [14, 7, 4, 2])
def test_fewer_passes_ask_for_the_same(number: int) -> None:
    tasks = grouped(PASSES, number)
    assert len(tasks) == number
    assert "\n".join(tasks) == "\n".join(PASSES)


@pytest.mark.parametrize("limit", [10, 33, 1_000])
def test_parts_hold_all_of_a_text_in_order(limit: int) -> None:
    text = "\n".join([*(f"line {number} é" for number in range(40)), "x" * 200])
    parts = parts_of(text, limit)
    assert "".join(parts).replace("\n", "") == text.replace("\n", "")
    assert all(len(part.encode()) <= limit for part in parts)


def test_a_dream_that_cannot_fit_its_ceiling_is_refused_before_anything_is_spent(start: Start) -> None:
    client, api = start(dreamer, dream_token_ceiling=10_000)
    session = recorded(client, "My order is AB-1.")
    done = ended(client, dream_of(client, store_of(client).id, session))
    assert done.error is not None
    assert "over the dream's ceiling of 10,000; nothing was used" in done.error.message
    assert session in done.error.message
    assert (api.requests, done.usage.input_tokens) == ([], 0)


def test_a_dream_that_takes_more_than_was_estimated_stops_at_its_ceiling(start: Start) -> None:
    many = [{"subject": "x", "statement": "word " * 200} for _ in range(60)]
    client, api = start(
        unless(
            lambda request: (
                call("report", **{**NOTHING, "statements": many}) if is_sub_agent(request) else None
            )
        ),
        dream_token_ceiling=700_000,
    )
    done = ended(client, dream_of(client, store_of(client).id, recorded(client, "My order is AB-1.")))
    assert done.error is not None
    assert "its ceiling of 700,000" in done.error.message
    assert 700_000 <= sum(sum(usage.values()) for usage in api.usages) < 1_100_000


@pytest.mark.parametrize("lacks", [frozenset({"models"}), frozenset({"models", "count_tokens"})])
def test_an_api_that_neither_counts_nor_knows_its_models_will_do(start: Start, lacks: frozenset[str]) -> None:
    client, _ = start(dreamer, api={"lacks": lacks})
    done = ended(client, dream_of(client, store_of(client).id, recorded(client, "My order is AB-1.")))
    assert done.status == "completed"


def test_a_long_session_is_read_in_parts_and_all_of_it_counts(start: Start) -> None:
    client, api = start(dreamer, api={"context": 60_000})
    session = recorded(client, *(f"My order is AB-{number}. {'word ' * 400}" for number in range(100)))
    done = ended(client, dream_of(client, store_of(client).id, session))
    assert (done.status, done.error) == ("completed", None)
    readers = {opening(request) for request in api.requests if is_sub_agent(request)}
    assert len(readers) > 3
    assert all(any(f"AB-{number}." in reader for reader in readers) for number in range(100))
    assert "AB-99" in "".join(contents(client, done.outputs[0].memory_store_id).values())


def test_a_part_that_is_too_long_after_all_is_halved(start: Start) -> None:
    dense = "\U0001f600" * 400  # of which our sample shows too little

    def dense_tokens(request: dict[str, Any]) -> Reply | None:
        too_long = is_sub_agent(request) and opening(request).count(dense) > 10
        return Reply([], "model_context_window_exceeded") if too_long else None

    client, _ = start(unless(dense_tokens))
    session = recorded(client, *(f"My order is AB-{number}. {dense}" for number in range(30)))
    done = ended(client, dream_of(client, store_of(client).id, session))
    assert done.status == "completed"
    assert "AB-29" in "".join(contents(client, done.outputs[0].memory_store_id).values())


def test_long_reports_are_filed_in_parts(start: Start) -> None:
    client, api = start(dreamer, api={"context": 60_000})
    sessions = [
        recorded(client, *(f"Order AB-{number}{n:02}. {'w ' * 90}" for n in range(60)))
        for number in range(10, 16)
    ]
    done = ended(client, dream_of(client, store_of(client).id, *sessions))
    assert (done.status, done.error) == ("completed", None)
    filed = {opening(request) for request in api.requests if not is_sub_agent(request)}
    assert len(filed) > 1
    written = "".join(contents(client, done.outputs[0].memory_store_id).values())
    assert all(f"AB-{number}" in written for number in range(10, 16))


def test_a_large_store_is_listed_searched_and_read_instead_of_sent_whole(start: Start) -> None:
    found: list[str] = []

    def searching(request: dict[str, Any]) -> Reply | None:
        done = [use["name"] for use in calls_so_far(request)]
        if is_sub_agent(request):
            statements = [{"subject": "quince", "statement": "The quince is AB-1."}]
            report = call("report", **{**NOTHING, "statements": statements})
            return {0: call("search_memory", words="quince 7-B"), 1: report}.get(len(done))
        match done:
            case []:
                return call("search_memory", words="quince 7-B")
            case ["search_memory"]:
                found.append(str(request["messages"][-1]["content"]))
                return call("read_memory", path="/7.md", from_line=2)
            case ["search_memory", "read_memory"]:
                found.append(str(request["messages"][-1]["content"]))
                return call("edit_memory", path="/7.md", old="quince: 7-B", new="quince: AB-1")
            case ["search_memory", "read_memory", "edit_memory"]:
                found.append(str(request["messages"][-1]["content"]))
                return call("edit_memory", path="/7.md", old="", new="- pears: none")
        return call("finish", summary="done")

    client, api = start(unless(searching), api={"context": 60_000})
    filler = "\n".join(f"- {n} of many words that fill a file" for n in range(1_000))
    store = store_of(client, "Notes", **{str(n): f"Note {n}\nquince: {n}-B\n{filler}" for n in range(30)})
    done = ended(client, dream_of(client, store.id, recorded(client, "My quince is AB-1.")))
    assert (done.status, done.error) == ("completed", None)
    assert '"/29.md"' in api.requests[0]["system"][1]["text"]
    assert len(api.requests[0]["system"][1]["text"]) < 60_000
    assert "/7.md" in found[0]
    assert "quince: 7-B" in found[1]
    assert "'content': 'written'" in found[2]
    dreamed = contents(client, done.outputs[0].memory_store_id)["/7.md"]
    assert dreamed == f"Note 7\nquince: AB-1\n{filler}\n- pears: none"


def test_who_reads_notes_without_end_is_told_to_report_before_the_conversation_is_full(start: Start) -> None:
    def curious(request: dict[str, Any]) -> Reply | None:
        if not is_sub_agent(request) or "no room" in str(request["messages"]):
            return None
        return call("read_memory", path="/a.md")

    client, _ = start(unless(curious), api={"context": 60_000})
    store = store_of(client, a="many words in a line\n" * 4_000, b=" \n")
    done = ended(client, dream_of(client, store.id, recorded(client, "My order is AB-1.")))
    assert (done.status, done.error) == ("completed", None)


def test_a_blank_memory_can_be_read(start: Start) -> None:
    first = iter([call("read_memory", path="/a.md")])
    client, api = start(unless(lambda _: next(first, None)))
    done = ended(
        client, dream_of(client, store_of(client, a=" \n").id, recorded(client, "My order is AB-1."))
    )
    assert done.status == "completed"
    assert "(blank)" in str(api.requests[1]["messages"])


def test_a_full_store_in_which_nothing_can_be_filed_is_one_plain_error(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, _ = start(dreamer)
    store = store_of(client, "Notes", a="One", b="Two")
    monkeypatch.setattr("include.managed_agents.memories.service.MAX_MEMORIES", 2)
    done = ended(client, dream_of(client, store.id, recorded(client, "My order is AB-1.")))
    assert done.error is not None
    assert done.error.type == "input_memory_store_too_large"
    assert "nothing could be filed: the store holds 2 of" in done.error.message


def test_the_shared_prompt_is_written_to_the_cache_once_before_sub_agents_run(start: Start) -> None:
    client, api = start(dreamer)
    sessions = [recorded(client, f"My order is AB-{number}.") for number in range(8)]
    assert ended(client, dream_of(client, store_of(client).id, *sessions)).status == "completed"
    shared = [usage["cache_read_input_tokens"] > 0 for usage in api.usages]
    assert shared == [False] + [True] * (len(shared) - 1)


class Files(_dreams.Store):
    """A store in memory, as full as the real one may be."""

    def write(self, path: str, content: str) -> None:
        if len(content.encode()) > 102_400 or (path not in self.contents and len(self.contents) >= 2_000):
            raise ValueError(path)
        super().write(path, content)


def indexed(files: Files) -> dict[str, str]:
    complete_index(files, lambda: None)
    return {path: content for path, content in files.contents.items() if path.startswith("/index")}


PATHS: list[Callable[[int], str]] = [
    lambda number: f"/customers/{number:04}.md",
    lambda number: f"/{'deep-' * 30}{number % 50}/{'long-' * 20}{number:04}.md",
    lambda number: f"/{number:04}{'é' * 500}.md",
]


@pytest.mark.parametrize("path_of", PATHS)
@pytest.mark.parametrize("number", [1, 1_900, 1_999, 2_000])
def test_an_index_of_any_store_fits_its_memories(number: int, path_of: Callable[[int], str]) -> None:
    files = Files({path_of(n): f"# Customer {n}\n{'x' * 200}" for n in range(number)})
    written = indexed(files)
    assert len(files.contents) <= 2_000
    assert ("/index.md" in written) == (number < 2_000)
    assert indexed(files) == written


def test_an_index_that_names_a_longer_path_does_not_lead_to_a_part_of_it() -> None:
    index = "- /team/ana.md: Ana\n- [/b.md](/b.md): B\n- `/c d.md`: C\n/e.md.old, /f.md."
    paths = ["/ana.md", "/b.md", "/c d.md", "/e.md", "/f.md", "/team/ana.md"]
    assert missing_from_index(paths, index) == ["/ana.md", "/e.md"]


def test_an_index_that_is_too_large_for_one_memory_leads_to_every_file_in_pages() -> None:
    files = Files({f"/customers/{n:04}.md": f"# Customer {n} {'of the orchard ' * 9}" for n in range(1_900)})
    files.contents["/index.md"] = "# Index\n\n- /customers/0007.md: Ana, quinces, AB-7"
    written = indexed(files)
    assert len(written) > 2
    assert "- /customers/0007.md: Ana, quinces, AB-7" in "".join(written.values())
    assert all(page in written["/index.md"] for page in written if page != "/index.md")
    customers = [path for path in files.contents if path.startswith("/customers")]
    assert missing_from_index(customers, "".join(written.values())) == []


def test_pages_that_are_no_longer_needed_go_and_those_of_others_stay() -> None:
    files = Files({f"/customers/{n:04}.md": f"# Customer {n} {'of the orchard ' * 9}" for n in range(1_900)})
    files.contents["/index/01.md"] = "Somebody's own."
    assert "/index/02.md" in indexed(files)
    for n in range(10, 1_900):
        files.delete(f"/customers/{n:04}.md")
    assert set(indexed(files)) == {"/index.md", "/index/01.md"}
    assert files.contents["/index/01.md"] == "Somebody's own."
