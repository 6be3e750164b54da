"""Dreaming again: over the same sessions, over sessions that went on, over new ones."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import timedelta

import pytest

from include.managed_agents.dreams.engine import Message, Transcript
from include.managed_agents.dreams.offline.lines import parse_line
from tests.managed_agents.offline.dreaming import (
    START,
    Store,
    dream_in,
    dreamed,
    index_of,
    printed_whatever_the_seed,
    session,
)

HIKE = (
    "I went hiking with Anna to the old mill.",
    "We saw a heron beside the river.",
    "My brother cooked pea soup for all of us.",
    "In the evening our tent was blown over.",
    "The ranger lent us a lantern.",
)


def of_caroline(name: str, *said: str, hours: int = 0) -> Transcript:
    texts = ("Caroline here.", *said)
    at = [START + timedelta(minutes=n, hours=hours * (n >= len(said))) for n in range(len(texts))]
    return Transcript(name, None, START, tuple(map(Message, ["user"] * len(texts), texts, at)))


def lines_of(store: Mapping[str, str], name: str) -> list[str]:
    lines = [line for content in store.values() for line in content.split("\n")]
    return [line for line in lines if (parsed := parse_line(line)) and name in parsed.sources]


@pytest.mark.parametrize("hours", [0, 30])
@pytest.mark.parametrize("more", ["The ferry to Mull costs £14.", "Our car broke down near Perth."])
def test_a_session_that_went_on_is_completed(more: str, hours: int) -> None:
    once = dreamed([of_caroline("s1", *HIKE)])
    went_on = [of_caroline("s1", *HIKE, more, hours=hours)]
    twice = dreamed(went_on, once)
    assert [line for line in lines_of(twice, "s1") if line not in lines_of(once, "s1")] == [
        line for line in lines_of(twice, "s1") if more in line
    ]
    assert set(lines_of(once, "s1")) < set(lines_of(twice, "s1"))
    assert dreamed(went_on, twice) == twice


def test_a_known_session_is_never_extracted_anew_whatever_it_is_dreamed_over_with() -> None:
    known = of_caroline("s1", *HIKE)
    once = dreamed([known])
    others = [session(f"t{n}", "I went hiking with Anna to the old mill.", HIKE[n], day=n) for n in range(5)]
    assert lines_of(dreamed([known, *others], once), "s1") == lines_of(once, "s1")


def test_what_a_line_of_a_known_session_lacks_is_added() -> None:
    past = [of_caroline("s1", *HIKE, "Order LK-48213 costs £14.")]
    once = dreamed(past)
    cut = {path: content.replace("Order LK-48213 costs £14.", "") for path, content in once.items()}
    [line] = [line for line in lines_of(dreamed(past, cut), "s1") if "LK-48213" in line]
    assert line == "- 9 November 2026. Caroline: Order LK-48213 costs £14. (s1)"


def test_new_sessions_change_only_what_is_about_them() -> None:
    store = Store({"/policies/returns.md": "Returns are free.\n"})
    past = [of_caroline("s1", *HIKE), session("s2", "Tom Okafor here.", "The gate code is AX-77.")]
    dream_in(store, past)
    store.done.clear()
    entries = set(index_of(store.contents).split("\n"))
    dream_in(store, [*past, session("s3", "Tom Okafor here.", "The gate code is BX-99 now.", day=2)])
    assert store.done == [("write", "/people/tom-okafor.md"), ("write", "/index.md")]
    changed = entries ^ set(index_of(store.contents).split("\n"))
    assert all("tom-okafor" in entry for entry in changed)


def test_the_same_dream_gives_the_same_bytes_in_every_process() -> None:
    code = (
        "import json; from tests.managed_agents.offline.dreaming import *\n"
        "past = [session(f's{n}', f'Tom Okafor here. The webhook is v{n} and costs £{n}.', 'The rota is on desk 7.',"
        " f'I went to Perth with Anna {n} days ago.', day=n % 3) for n in range(9)]\n"
        "store = {'/payments/webhook.md': 'Ours.', '/notes.md': 'The rota is on desk 7', '/tmp.md': 'A b c d.'}\n"
        "print(json.dumps(dreamed(past, store), sort_keys=True))"
    )
    [one] = printed_whatever_the_seed(code)
    assert len(json.loads(one)) > 3
