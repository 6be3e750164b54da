"""Variables of the environment in a pipeline file: put in after YAML is parsed, and shown as they were written."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

__all__ = ["SHORTEST_SECRET", "FromVariable", "Variables", "fill"]

#: Characters of a value that is looked for in texts: Airflow's own default, ``[logging] min_length_masked_secret``.
SHORTEST_SECRET = 5

#: A variable; what looks like one and is none; or ``$${``, which stands for ``${``.
_VARIABLE = re.compile(r"\$\$\{|\$\{(?:([A-Za-z_][A-Za-z0-9_]*)\}|[^}]*\}?)")
#: Keys whose value Airflow itself keeps and shows: it builds the DAG, its question or its triggers of them.
_KEPT_BY_AIRFLOW = re.compile(r"(conn_id|pool|schedule\.(cron|timezone)|approval\.assignees\.\d+)\Z")


class FromVariable(str):
    """Text that a variable brought. Its ``repr``, which messages are made of, is that of the text as it was written."""

    def __new__(cls, filled: str, written: str) -> FromVariable:
        self = super().__new__(cls, filled)
        self.written = written
        return self

    written: str

    def __repr__(self) -> str:
        return repr(self.written)


@dataclass(frozen=True)
class Variables:
    """
    What a file took from the environment.

    :param values: the content of each variable, by its name.
    :param keys: the keys whose value has a variable in it, such as ``targets.0.agent_id``.
    """

    values: Mapping[str, str] = field(default_factory=dict, repr=False)
    keys: frozenset[str] = frozenset()

    @property
    def secrets(self) -> tuple[str, ...]:
        """Return the values that are long enough to be told from other text, the longest first."""
        found = {value for value in self.values.values() if len(value) >= SHORTEST_SECRET}
        return tuple(sorted(found, key=lambda value: (-len(value), value)))

    def shown(self, text: str) -> str:
        """Return the text with ``${NAME}`` for each of the ``secrets``."""
        if not self.secrets:
            return text
        names = {value: f"${{{name}}}" for name, value in self.values.items()}
        return re.sub("|".join(map(re.escape, self.secrets)), lambda match: names[match[0]], text)


def fill(value: Any, environ: Mapping[str, str]) -> tuple[Any, Variables, list[str]]:
    """
    Return the value with variables put in, the variables, and what is wrong with those that could not be.

    :raises RecursionError: the value holds itself.
    """
    mistakes: list[str] = []
    values: dict[str, str] = {}
    keys: set[str] = set()

    def put_in(match: re.Match[str], at: str) -> str:
        written, name = match[0], match[1]
        if written == "$${":
            return "${"
        if name is None:
            mistakes.append(
                f"{at}: {written[:80]!r} names no variable: write ${{NAME}}, with letters, digits and _; "
                "or $${ for the characters themselves"
            )
            return ""
        if _KEPT_BY_AIRFLOW.match(at):
            mistakes.append(
                f"{at}: {written} can't stand here: the value stands in Airflow's database, where it is shown with "
                "the DAG: write it out"
            )
        elif not environ.get(name):
            mistakes.append(f"{at}: the variable {written} is not set")
        keys.add(at)
        values[name] = environ.get(name, "")
        return values[name]

    def walk(item: Any, at: str) -> Any:
        if isinstance(item, str):
            filled = _VARIABLE.sub(lambda match: put_in(match, at), item)
            return FromVariable(filled, item) if at in keys else filled
        if isinstance(item, dict):
            return {name: walk(child, f"{at}.{name}" if at else str(name)) for name, child in item.items()}
        if isinstance(item, list):
            return [walk(child, f"{at}.{i}") for i, child in enumerate(item)]
        return item

    filled = walk(value, "")
    return filled, Variables(values, frozenset(keys)), mistakes
