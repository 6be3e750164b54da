"""Print for people and for scripts. Texts are escaped before they come here; nothing in them is markup."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping
from typing import Any

from rich.console import Console
from rich.text import Text

from include.managed_agents.cli.escaping import one_line

__all__ = ["Columns", "moment", "note", "print_json", "print_list", "say"]

stdout = Console(highlight=False)
stderr = Console(highlight=False, stderr=True)


def say(text: str, style: str = "") -> None:
    """Print a line that is shown as it is, however long."""
    stdout.print(Text(text, style), soft_wrap=True)


def note(text: str, style: str = "") -> None:
    """Tell a person what is no result, on stderr."""
    stderr.print(Text(text, style), soft_wrap=True)


class Columns:
    """
    A table that is printed as its rows come, so that thousands need no memory: the widths are fixed.

    :param widths: of each column but the last, which is cut where a terminal ends.
    """

    def __init__(self, widths: Mapping[str, int], last: str) -> None:
        self._widths = list(widths.values())
        self._heads = [*widths, last]
        self._is_begun = False

    def row(self, *cells: object) -> None:
        if not self._is_begun:
            self._is_begun = True
            self._print(self._heads, "bold")
        self._print([one_line(str(cell)) for cell in cells])

    def end(self, nothing: str) -> None:
        """Say ``nothing`` if no row came."""
        if not self._is_begun:
            note(nothing)

    def _print(self, cells: list[str], style: str = "") -> None:
        padded = [cell.ljust(width) for cell, width in zip(cells[:-1], self._widths, strict=True)]
        line = Text("  ".join([*padded, cells[-1]]).rstrip(), style)
        if stdout.is_terminal:
            stdout.print(line, no_wrap=True, overflow="ellipsis")
        else:
            stdout.print(line, soft_wrap=True)


def moment(time: str | None) -> str:
    """Return a time of the API as a table shows it: UTC, to the minute."""
    return time[:16].replace("T", " ") if time else "-"


def print_json(value: Any) -> None:
    """Print one JSON value. All but ASCII is escaped: JSON is safe in a terminal, too."""
    sys.stdout.write(json.dumps(value, indent=2) + "\n")


def print_list(items: Iterable[Any], head: str = "[", tail: str = "]") -> None:
    """Print a JSON list as its items come."""
    sys.stdout.write(head)
    for place, item in enumerate(items):
        sys.stdout.write(("," if place else "") + "\n" + json.dumps(item))
        sys.stdout.flush()
    sys.stdout.write(f"\n{tail}\n")
