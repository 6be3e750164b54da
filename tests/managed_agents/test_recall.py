"""The three acts about memory, as `recall` plays them."""

from __future__ import annotations

import io

from rich.console import Console

from include.managed_agents.recall import TOLD, play
from tests.managed_agents.conftest import Serve


def test_a_store_makes_the_difference_and_a_dream_finds_the_same_in_fewer_files(serve: Serve) -> None:
    printed = io.StringIO()
    without, recalled, dreamed = play(serve().client, Console(file=printed, width=80))
    assert without.answers == ("I have no memory to look that up in.",)
    for asked in (recalled, dreamed):
        when, what = (answer.splitlines() for answer in asked.answers)
        assert "10:00" in when[1]
        assert "9:30" in when[2]
        assert all(any(detail in line for line in what) for _, detail in TOLD.values())
        assert len(what) == 1 + len(TOLD)
    assert len(recalled.files) == len(TOLD)
    assert len(dreamed.files) < len(recalled.files)
    assert "/mnt/memory/lisbon-conference/index.md" in dreamed.files

    script = printed.getvalue()
    assert script.count("Act ") == 3
    _, _, second, third = script.split("Act ")
    third, told = third.split("What the dream adds")
    for act, asked in ((second, recalled), (third, dreamed)):
        for file in asked.files:
            assert file.removeprefix("/mnt/memory/lisbon-conference") in act
    before, after = told.splitlines()[1:]
    for line, asked in ((before, recalled), (after, dreamed)):
        assert f"{len(asked.files)} files read; the keynote starts at 10:00; " in line
        assert line.endswith("4 of 4 sessions were told")
    # Neither the agent's talk about its memory nor where the store was mounted has become a memory.
    dreamed_store = third.partition("(a new session)")[0]
    assert "Noted" not in dreamed_store
    assert "/mnt" not in script
    assert max(map(len, script.splitlines())) < 400
