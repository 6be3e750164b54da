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
    if stdout.is_terminal:
        stdout.print(Text(text, style), soft_wrap=True)
    else:  # with its tabs, and without rich, which would take a minute for half a million lines
        sys.stdout.write(f"{text}\n")
        sys.stdout.flush()


def note(text: str, style: str = "") -> None:
    """Tell a person what is no result, on stderr."""
    stderr.print(Text(text, style), soft_wrap=True)


class Columns:
    """
    A table that is printed as its rows come, so that thousands need no memory: the widths are fixed.

    :param widths: of each column but the last, which is cut where a terminal ends.
    :param is_whole: the last column holds ids, which people copy, and wraps instead.
    """

    def __init__(self, widths: Mapping[str, int], last: str, *, is_whole: bool = False) -> None:
        self._widths = list(widths.values())
        self._heads = [*widths, last]
        self._is_begun = False
        self._is_whole = is_whole

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
        line = "  ".join([*padded, cells[-1]]).rstrip()
        if stdout.is_terminal and not self._is_whole:
            stdout.print(Text(line, style), no_wrap=True, overflow="ellipsis")
        else:
            say(line, style)


def moment(time: str | None) -> str:
    """Return a time of the API as a table shows it: UTC, to the minute."""
    return time[:16].replace("T", " ") if time else "-"


def print_json(value: Any) -> None:
    """Print one JSON value. All but ASCII is escaped: JSON is safe in a terminal, too."""
    sys.stdout.write(json.dumps(value, indent=2) + "\n")


def print_list(items: Iterable[Any], head: str = "[", tail: str = "]") -> None:
    """Print a JSON list as its items come: nothing, where not even the first can be had."""
    before = head
    for item in items:
        sys.stdout.write(f"{before}\n{json.dumps(item)}")
        sys.stdout.flush()
        before = ","
    sys.stdout.write(f"{head if before == head else ''}\n{tail}\n")
