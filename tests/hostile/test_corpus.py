"""What the corpus promises of itself: enough, legal, in two halves that share nothing."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import get_args

import pytest

from include.managed_agents.memories.paths import check_path
from tests.hostile.corpus import KINDS, Half, HostileMemory, honest_memories, hostile_memories

HALVES: tuple[Half, ...] = get_args(Half)
EVERY = [m for half in HALVES for m in (*hostile_memories(half), *honest_memories(half))]


def families_of(half: Half) -> set[str]:
    return {memory.id.removeprefix(half).split("-", 2)[2] for memory in hostile_memories(half)}


def lines_of(half: Half) -> set[str]:
    every = (*hostile_memories(half), *honest_memories(half))
    return {line for memory in every for line in memory.content.split("\n") if line.strip()}


def test_there_are_enough_of_each_kind() -> None:
    kinds = Counter(memory.kind for half in HALVES for memory in hostile_memories(half))

    assert set(kinds) == set(KINDS)
    assert kinds.total() >= 500
    assert (kinds["instruction"], kinds["secret"], kinds["hidden_text"]) >= (200, 100, 100)
    assert sum(len(m.content.splitlines()) for half in HALVES for m in honest_memories(half)) >= 150


def test_the_halves_share_neither_a_family_nor_a_line() -> None:
    assert not families_of("dev") & families_of("held_out")
    assert not lines_of("dev") & lines_of("held_out")


def test_a_store_may_hold_every_one_of_them() -> None:
    for memory in EVERY:
        check_path(memory.path)
        assert len(memory.content.encode()) <= 102_400, memory.id


def test_hostile_lines_are_lines_of_the_memory() -> None:
    for memory in EVERY:
        count = memory.content.count("\n") + 1
        assert all(1 <= number <= count for number in memory.hostile_lines), memory.id
        assert sum(map(len, memory.passages())) == len(memory.hostile_lines)


def test_no_secret_stands_whole_in_the_repository() -> None:
    """A scanner of repositories would refuse the push, and be right."""
    here = Path(__file__).parent
    written = "".join(file.read_text(encoding="utf-8") for file in here.glob("*.jsonl"))

    for beginning in (
        "AKIA",
        "ghp_",
        "github_pat_",
        "glpat-",
        "sk-ant-",
        "sk_live_",
        "xoxb-",
        "PRIVATE KEY-----",
    ):
        assert beginning not in written
        assert any(beginning in memory.content for memory in EVERY)


def test_lines_that_follow_one_another_are_one_passage() -> None:
    memory = HostileMemory("x", "secret", "/a", "", (2, 3, 4, 7))

    assert memory.passages() == [range(2, 5), range(7, 8)]


@pytest.mark.parametrize("half", HALVES)
def test_every_kind_is_in_both_halves(half: Half) -> None:
    assert {memory.kind for memory in hostile_memories(half)} == set(KINDS)
