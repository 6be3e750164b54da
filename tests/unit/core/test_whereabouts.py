"""Where the lines of a memory went that a dream moved, merged or split."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz import fuzz

from dreamflow.core import whereabouts
from dreamflow.core.text_merge import Hunk, hunks_of, lines_of, merge
from dreamflow.core.whereabouts import Whereabouts

BASE = """# Customers

- Ann Miller prefers the aisle seat
- Bob Stone travels with his dog Rex

# Policies

- Refunds within 24 hours are free of charge
- A second bag is 40 dollars
"""

SPLIT = {
    "/people.md": "# People\n\n- Ann Miller prefers the aisle seat\n- Bob Stone travels with his dog Rex\n",
    "/rules.md": "# Rules\n\n- Refunds within 24 hours are free of charge\n- A second bag is 40 dollars\n",
}


def homes(current: str, output: Mapping[str, str], base: str = BASE) -> list[str | None]:
    """Return where each change of a base belongs in an output."""
    lines = lines_of(base)
    found = Whereabouts(lines)
    for path, text in output.items():
        found.look(path, text)
    return [found.home_of(hunk, lines) for hunk in hunks_of(base, current)]


def test_changes_of_a_memory_that_was_split_go_to_the_parts() -> None:
    current = BASE.replace("aisle", "window").replace("40", "45")
    assert homes(current, SPLIT) == ["/people.md", "/rules.md"]
    (hunk, _) = hunks_of(BASE, current)
    merged = merge(BASE, current, SPLIT["/people.md"], [hunk])
    assert merged.text == SPLIT["/people.md"].replace("aisle", "window")


def test_a_line_that_was_added_goes_where_the_lines_beside_it_went() -> None:
    assert homes(BASE + "- Pets travel in the hold\n", SPLIT) == ["/rules.md"]
    assert homes(BASE.replace("# Policies", "- Cy is new\n\n# Policies"), SPLIT) == ["/people.md"]


def test_a_line_that_was_reworded_is_found_by_likeness() -> None:
    output = {"/a.md": "- Ann Miller prefers an aisle seat\n", "/b.md": "- Ann Mills sells seats\n"}
    assert homes(BASE.replace("aisle", "window"), output) == ["/a.md"]


def test_a_reworded_line_is_found_among_many_that_share_its_words() -> None:
    base = "".join(f"- order {n:04} of customers was delivered\n" for n in range(300))
    current = base.replace("order 0250 of customers was", "order 0250 of customers was not")
    assert homes(current, {"/a.md": "- order 0250 of the customers was delivered\n"}, base) == ["/a.md"]


def test_exactly_beats_alike_wherever_it_is_seen() -> None:
    output = {
        "/a.md": "- Ann Miller prefers an aisle seat\n",
        "/b.md": "- Ann Miller prefers the aisle seat\n",
    }
    current = BASE.replace("aisle", "window")
    assert homes(current, output) == homes(current, dict(reversed(output.items()))) == ["/b.md"]


def test_of_two_memories_with_the_line_it_is_the_one_with_its_neighbours() -> None:
    output = {"/a.md": "- Ann Miller prefers the aisle seat\n", **SPLIT}
    assert homes(BASE.replace("aisle", "window"), output) == ["/people.md"]


def test_of_several_removed_lines_most_tell() -> None:
    hunk = Hunk(tuple(lines_of(BASE)[2:]), ("all new\n",), 2)
    found = Whereabouts(lines_of(BASE))
    found.look("/people.md", SPLIT["/people.md"])
    found.look("/rules.md", SPLIT["/rules.md"] + "- Bob Stone travels with his dog Rex\n")
    assert found.home_of(hunk, lines_of(BASE)) == "/rules.md"


def test_where_nothing_tells_there_is_no_home() -> None:
    assert homes(BASE.replace("40", "45"), {"/a.md": "\n---\n# Other\n"}) == [None]
    assert homes("", {"/a.md": "---\n\n"}, base="---\n\n") == [None]


def test_a_line_that_stands_everywhere_tells_nothing() -> None:
    output = {f"/{n}.md": "- A second bag is 40 dollars\n" for n in range(4)}
    assert homes(BASE.replace("40", "45"), output) == [None]


@given(st.lists(st.sampled_from(lines_of(BASE)), max_size=6), st.permutations(sorted(SPLIT)))
def test_the_order_of_looks_does_not_matter(lines: list[str], order: list[str]) -> None:
    output = {**SPLIT, "/other.md": "".join(lines)}
    current = BASE.replace("aisle", "window").replace("40", "45") + "more\n"
    shuffled = {"/other.md": output["/other.md"], **{path: output[path] for path in order}}
    assert homes(current, output) == homes(current, shuffled)


def test_looking_for_likeness_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(whereabouts, "_LOOKS", 50)
    compared = 0

    def ratio(*_: object, **__: object) -> float:
        nonlocal compared
        compared += 1
        return 0.0

    monkeypatch.setattr(fuzz, "ratio", ratio)
    found = Whereabouts(f"- the same long words stand in line {n}\n" for n in range(100))
    for n in range(100):
        found.look(f"/{n}.md", f"- the same long words stand here too, {n}\n" * 100)
    assert compared <= 50 + 3 * 20
