"""Choose what of a session needs a line: all that is worth one, or only what a store that knows the session lacks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from include.managed_agents.dreams.offline.fold import Part, parts_of
from include.managed_agents.dreams.offline.lines import Line
from include.managed_agents.dreams.offline.select import Frequencies, select
from include.managed_agents.dreams.offline.words import specifics_of

__all__ = ["choose"]

#: Weight from which a statement says something: the last such one is always kept, to tell where a session ended.
_SAYS_SOMETHING = 0.7

Statement = Mapping[str, Any]


def choose(
    finding: Mapping[str, Any], frequencies: Frequencies, known: Sequence[Line]
) -> list[tuple[int, Statement]]:
    """
    Return the statements of a session that need a line, with their places in it.

    :param known: the lines of the session in the store. Where there are any, it is only completed: with the specifics
        that they lack, and with what was said after the last statement that stands there.
    """
    statements, room = finding["statements"], finding["room"]
    covered = {key for line in known for key in specifics_of(f"{line.account} {line.text}")}
    chosen = select(statements, frequencies, 0, covered) if known else []
    rest = _after(statements, known) if known else statements
    if rest:
        chosen += select(rest, frequencies, room * len(rest) // len(statements), covered)
        chosen += next(([s] for s in reversed(rest) if s["weight"] >= _SAYS_SOMETHING), [])
    ids = set(map(id, chosen))
    return [(place, s) for place, s in enumerate(statements) if id(s) in ids]


def _after(statements: Sequence[Statement], known: Sequence[Line]) -> Sequence[Statement]:
    """Return the statements after the last one that says something and stands in the store."""
    said = False
    for place in range(len(statements) - 1, -1, -1):
        if statements[place]["weight"] >= _SAYS_SOMETHING:
            if _stands(statements[place], known):
                return statements[place + 1 :] if said else ()
            said = True
    return ()


def _stands(statement: Statement, lines: Sequence[Line]) -> bool:
    """Whether a statement stands in lines, in its own words or in near the same."""
    if any(statement["text"] in line.text for line in lines):
        return True
    part = Part(statement["text"], statement["who"], "", ("", False, "", "", 0), set())
    return any(other.says(part) for line in lines for other in parts_of(line))
