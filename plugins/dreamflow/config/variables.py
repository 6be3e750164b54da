"""Variables of the environment in a pipeline file: put in after YAML is parsed, and shown as they were written."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

__all__ = ["FromVariable", "Variables", "fill"]

#: A variable; what looks like one and is none; or ``$${``, which stands for ``${``.
_VARIABLE = re.compile(r"\$\$\{|\$\{(?:([A-Za-z_][A-Za-z0-9_]*)\}|[^}]*\}?)")
#: Keys whose value Airflow itself keeps and shows: it builds the DAG, its question or its triggers of them.
_KEPT_BY_AIRFLOW = re.compile(
    r"(conn_id|pool|schedule\.(cron|timezone)|approval\.assignees\.\d+|fleet\.shards)\Z"
)


class FromVariable(str):
    """Text that a variable brought. Its ``repr``, which messages are made of, is that of the text as it was written."""

    written = ""

    def __repr__(self) -> str:
        return repr(self.written)


class Variables(NamedTuple):
    """What a file took from the environment: contents by the variables' names, and the keys that have one in them."""

    values: Mapping[str, str] = {}
    keys: frozenset[str] = frozenset()


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
            filled = FromVariable(_VARIABLE.sub(lambda match: put_in(match, at), item))
            filled.written = item
            return filled if at in keys else str(filled)
        if isinstance(item, dict):
            return {name: walk(child, f"{at}.{name}" if at else str(name)) for name, child in item.items()}
        if isinstance(item, list):
            return [walk(child, f"{at}.{i}") for i, child in enumerate(item)]
        return item

    filled = walk(value, "")
    return filled, Variables(values, frozenset(keys)), mistakes
