"""Choose what is new in a session: all that is worth a line, or only what a store that knows the session lacks."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from include.managed_agents.dreams.offline.lines import Line
from include.managed_agents.dreams.offline.select import Frequencies, select
from include.managed_agents.dreams.offline.words import specifics_of

__all__ = ["choose"]

#: Weight from which a statement says something: the last such one is always kept, to tell where a session ended.
_SAYS_SOMETHING = 0.7

Statement = Mapping[str, Any]


def choose(
    finding: Mapping[str, Any],
    frequencies: Frequencies,
    known: Sequence[Line],
    stands: Callable[[Statement, Sequence[Line]], bool],
) -> list[tuple[int, Statement]]:
    """
    Return the statements of a session that need a line, with their places in it.

    A session whose lines stand in the store already is completed: with the specifics that they lack, and with what
    was said after the last statement that stands there.

    :param known: the lines of the session in the store.
    :param stands: tells whether a statement stands in lines.
    """
    statements: Sequence[Statement] = finding["statements"]
    if not known:
        chosen = _with_end(statements, select(statements, frequencies, finding["room"]))
    else:
        covered = {key for line in known for key in specifics_of(f"{line.account} {line.text}")}
        chosen = {id(s) for s in select(statements, frequencies, 0, covered)}
        after = _after(statements, known, stands)
        if after:
            room = finding["room"] * len(after) // len(statements)
            chosen |= _with_end(after, select(after, frequencies, room, covered))
    return [(place, s) for place, s in enumerate(statements) if id(s) in chosen]


def _with_end(statements: Sequence[Statement], chosen: Sequence[Statement]) -> set[int]:
    """Return the ids of the chosen statements, the last one that says something among them."""
    end = next((s for s in reversed(statements) if s["weight"] >= _SAYS_SOMETHING), None)
    return {id(s) for s in (*chosen, *([end] if end is not None else []))}


def _after(
    statements: Sequence[Statement],
    known: Sequence[Line],
    stands: Callable[[Statement, Sequence[Line]], bool],
) -> Sequence[Statement]:
    """Return the statements after the last one that says something and stands in the store."""
    for place in range(len(statements) - 1, -1, -1):
        statement = statements[place]
        if statement["weight"] >= _SAYS_SOMETHING and stands(statement, known):
            after = statements[place + 1 :]
            return after if any(s["weight"] >= _SAYS_SOMETHING for s in after) else ()
    return ()
