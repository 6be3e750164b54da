"""The three acts about memory, as `recall` plays them."""

from __future__ import annotations

import io

from rich.console import Console

from include.managed_agents.recall import play
from tests.managed_agents.conftest import Serve


def test_memory_makes_the_difference_and_a_dream_makes_an_index(serve: Serve) -> None:
    printed = io.StringIO()
    without, recalled, dreamed = play(serve().client, Console(file=printed, width=200))
    assert "no memory" in without
    for answer in (recalled, dreamed):
        assert "Ana Petrova now prefers a window seat." in answer
    told = printed.getvalue()
    assert told.count("Act ") == 3
    assert "/index.md" in told.split("Act 3")[1]
