"""Compare two memory stores. Their digests tell what differs, so that only those texts are fetched."""

from __future__ import annotations

import argparse
import difflib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from include.managed_agents.cli.client import Client, at
from include.managed_agents.cli.escaping import one_line, shown
from include.managed_agents.cli.output import Columns, print_list, say

__all__ = ["print_comparison"]

STYLES = {"+": "green", "-": "red", "@": "cyan"}
NO_END = "\\ No newline at end of file"

#: A memory as a list shows it, without its text.
Card = dict[str, Any]


@dataclass(frozen=True)
class Change:
    """What happened to the memory at a path, and its unified diff, a line an entry."""

    path: str
    kind: str
    diff: list[str]

    @property
    def came(self) -> int:
        return sum(line.startswith("+") for line in self.diff[2:])

    @property
    def went(self) -> int:
        return sum(line.startswith("-") for line in self.diff[2:])

    def as_json(self) -> dict[str, Any]:
        told = {"path": self.path, "change": self.kind, "lines_added": self.came, "lines_removed": self.went}
        return {**told, "diff": "\n".join(self.diff)}


def print_comparison(client: Client, before: str, after: str, options: argparse.Namespace) -> None:
    """Print what changed from one store to the other, path by path, and how much in all."""
    cards = [cards_of(client, store_id) for store_id in (before, after)]
    changes = compare(client, cards[0], cards[1])
    if options.json:
        print_list(change.as_json() for change in changes)
        return
    counts: Counter[str] = Counter()
    came = went = 0
    table = Columns({"CHANGE": 7, "+": 5, "-": 5}, "PATH")
    for change in changes:
        counts[change.kind] += 1
        came, went = came + change.came, went + change.went
        if options.stat:
            table.row(change.kind, change.came, change.went, change.path)
        else:
            print_diff(change)
    same = len(cards[1]) - counts["added"] - counts["changed"]
    told = ", ".join(f"{counts[kind]:,} {kind}" for kind in ("added", "removed", "changed"))
    say(f"{told}, {same:,} the same; {came:,} lines came, {went:,} went", "bold")


def print_diff(change: Change) -> None:
    for place, line in enumerate(change.diff):
        say(shown(line), "bold" if place < 2 else STYLES.get(line[:1], ""))


def cards_of(client: Client, memory_store_id: str) -> dict[str, Card]:
    listed = client.pages(at("memory_stores", memory_store_id, "memories"), limit=100)
    return {card["path"]: card for card in listed}


def compare(client: Client, before: dict[str, Card], after: dict[str, Card]) -> Iterator[Change]:
    for path in sorted(before.keys() | after.keys()):
        old, new = before.get(path), after.get(path)
        if old is None or new is None:
            yield Change(path, "added" if old is None else "removed", unified(client, path, old, new))
        elif old["content_sha256"] != new["content_sha256"]:
            yield Change(path, "changed", unified(client, path, old, new))


def unified(client: Client, path: str, old: Card | None, new: Card | None) -> list[str]:
    was, becomes = (one_line(path) if card else "/dev/null" for card in (old, new))
    hunks = difflib.unified_diff(lines_of(client, old), lines_of(client, new), was, becomes, lineterm="")
    # Nothing differs between an empty memory and none but that it is there.
    return list(hunks) or [f"--- {was}", f"+++ {becomes}"]


def lines_of(client: Client, card: Card | None) -> list[str]:
    if card is None or not card["content_size_bytes"]:
        return []
    memory = client.get(at("memory_stores", card["memory_store_id"], "memories", card["id"]))
    lines: list[str] = memory["content"].split("\n")
    if not lines[-1]:
        return lines[:-1]
    return [*lines[:-1], f"{lines[-1]}\n{NO_END}"]
