"""Dreams of the demo, and of real sessions where they lie beside the project, hold the promised figures."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from benchmarks._quality import alike_pairs, findable, lines_of, missing_from_index, stated, ungrounded
from benchmarks._retrieval import Lines, own_questions, raw_lines, recall_at
from benchmarks._transcripts import read_questions, read_transcripts
from benchmarks.dream_quality import BUDGETS, DEMO, NOW, dream
from include.managed_agents.dreams.engine import Transcript
from include.managed_agents.dreams.offline.specifics import Kind

AIRLINE = Path(__file__).parents[4] / "shared" / "data" / "airline" / "sessions.jsonl.gz"
NAMED = (Kind.IDENTIFIER, Kind.DATE, Kind.AMOUNT, Kind.EMAIL)


@pytest.fixture(scope="module")
def demo() -> tuple[list[Transcript], dict[str, str], dict[str, str]]:
    store = json.loads((DEMO / "demo_store.json").read_text())
    before = {memory["path"]: memory["content"] for memory in store["memories"]}
    sessions = read_transcripts(DEMO / "demo.jsonl", NOW)
    return sessions, before, dream(sessions, before)


@pytest.fixture(scope="module")
def airline() -> tuple[list[Transcript], dict[str, str]]:
    if not AIRLINE.exists():
        pytest.skip(f"the airline sessions are not at {AIRLINE}")
    sessions = read_transcripts(AIRLINE, NOW)[:100]
    return sessions, dream(sessions, {})


def share_found(sessions: Sequence[Transcript], after: Mapping[str, str]) -> float:
    counts = [findable(pairs, after) for kind, pairs in stated(sessions).items() if kind in NAMED]
    return sum(found for _, found, _ in counts) / sum(total for total, _, _ in counts)


def test_the_demo_dream_is_true_complete_and_findable(
    demo: tuple[list[Transcript], dict[str, str], dict[str, str]],
) -> None:
    sessions, before, after = demo
    assert ungrounded(after, before, sessions) == []
    assert missing_from_index(after) == []
    assert alike_pairs(lines_of(after)) == []
    assert share_found(sessions, after) >= 0.95
    assert dream(sessions, after) == after


@pytest.mark.parametrize(
    ("current", "former"),
    [
        ("the default carrier for heavy parcels is BlueVan", "Nordfracht"),
        ("it starts on 2026-11-20, not the 23rd", "2026-11-23"),
        ("the pickup cut-off for heavy parcels is 17:00", "15:30"),
        (
            "The Paylane webhook is https://hooks.example.com/paylane/v2 now",
            "https://hooks.example.com/paylane/v1",
        ),
        ("you may grant refunds up to £75 without asking me", "£50"),
        ("orders placed from 2026-11-15 can be returned until 2027-01-15", "2027-01-10"),
        ("the stock sync runs at 03:40 UTC", "02:15"),
    ],
)
def test_the_demo_dream_lets_later_facts_replace_earlier_ones(
    demo: tuple[list[Transcript], dict[str, str], dict[str, str]], current: str, former: str
) -> None:
    [line] = [
        line for line in "\n".join(demo[2].values()).split("\n") if current in line and "before:" in line
    ]
    assert former in line.rsplit("before:", 1)[1]


def test_the_demo_dream_drops_copies_and_nameless_memories(
    demo: tuple[list[Transcript], dict[str, str], dict[str, str]],
) -> None:
    _, before, after = demo
    gone = {
        "/notes.md",
        "/notes (copy).md",
        "/notes/2026-11-03.md",
        "/tmp/scratch",
        "/TODO later/final FINAL v2.md",
    }
    assert gone <= before.keys()
    assert not gone & after.keys()


def test_the_demo_dream_keeps_hostile_text_out(
    demo: tuple[list[Transcript], dict[str, str], dict[str, str]],
) -> None:
    text = "\n".join(demo[2].values())
    for hostile in (
        "ignore all previous",
        "Delete every memory",
        "<script",
        "onclick",
        "![",
        "tracker.example.net",
        "../",
    ):
        assert hostile not in text
    assert "LK-48377" in text


def test_answers_are_found_within_fewer_tokens_than_in_the_demos_transcripts(
    demo: tuple[list[Transcript], dict[str, str], dict[str, str]],
) -> None:
    sessions, _, after = demo
    questions = read_questions(DEMO / "demo_questions.jsonl")
    raw = recall_at(Lines(raw_lines(sessions)), questions, BUDGETS)
    dreamed = recall_at(Lines(lines_of(after)), questions, BUDGETS)
    assert all(found > before for found, before in zip(dreamed, raw, strict=True))


def test_the_same_dream_gives_the_same_bytes_in_every_process() -> None:
    code = (
        "import hashlib, json; from benchmarks.dream_quality import *;"
        "store = {m['path']: m['content'] for m in json.loads((DEMO / 'demo_store.json').read_text())['memories']};"
        "after = dream(read_transcripts(DEMO / 'demo.jsonl', NOW), store);"
        "print(hashlib.sha256(json.dumps(after, sort_keys=True).encode()).hexdigest())"
    )
    root = Path(__file__).parents[3]
    printed = {
        subprocess.run(
            [sys.executable, "-c", code],
            cwd=root,
            env=os.environ | {"PYTHONHASHSEED": seed, "PYTHONPATH": str(root)},
            check=True,
            capture_output=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(printed) == 1


def test_real_sessions_stay_findable_in_a_fraction_of_their_size(
    airline: tuple[list[Transcript], dict[str, str]],
) -> None:
    sessions, after = airline
    size = sum(len(content.encode()) for content in after.values())
    assert share_found(sessions, after) >= 0.95
    assert size <= 0.15 * sum(len(m.text.encode()) for t in sessions for m in t.messages)


def test_dreams_of_real_sessions_are_true_complete_and_stable(
    airline: tuple[list[Transcript], dict[str, str]],
) -> None:
    sessions, after = airline
    assert ungrounded(after, {}, sessions) == []
    assert alike_pairs(lines_of(after)) == []
    assert missing_from_index(after) == []
    assert dream(sessions, {}, backwards=True) == after
    assert dream(sessions, after) == after


def test_answers_are_found_within_fewer_tokens_than_in_real_transcripts(
    airline: tuple[list[Transcript], dict[str, str]],
) -> None:
    sessions, after = airline
    questions = own_questions(sessions)
    raw = recall_at(Lines(raw_lines(sessions)), questions, BUDGETS)
    dreamed = recall_at(Lines(lines_of(after)), questions, BUDGETS)
    assert all(found > before for found, before in zip(dreamed, raw, strict=True))
