"""
What the checks find in the hostile memories and in honest stores, as one line of JSON.

A process of its own: the others of a benchmark don't import the product.
"""

from __future__ import annotations

import importlib
import json
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, get_args

from benchmarks.dream_quality import AIRLINE, DEMO, dream_in_a_row, dream_over
from dreamflow.core.checks.check import Check, CheckSettings, Examined, Line, Memory
from dreamflow.core.checks.run import run_checks
from dreamflow.core.evidence import SaidBuilder
from dreamflow.core.review import Change
from tests.hostile.corpus import Half, HostileMemory, honest_memories, hostile_memories

__all__ = ["check_named", "lines_found"]


def check_named(name: str) -> type[Check]:
    """
    Return the check of the name, from its module.

    :raises LookupError: there is none.
    """
    try:
        module = importlib.import_module(f"dreamflow.core.checks.{name}")
    except ModuleNotFoundError as error:
        raise LookupError(f"there is no check {name!r}: {error}") from error
    for value in vars(module).values():
        if isinstance(value, type) and issubclass(value, Check) and getattr(value, "name", None) == name:
            return value
    raise LookupError(f"{module.__name__} has no Check whose name is {name!r}")


def lines_found(check: type[Check], path: str, content: str) -> set[int]:
    """Return the numbers of the lines that the check finds in a memory that was added."""
    added = tuple(Line(number, text) for number, text in enumerate(content.split("\n"), 1) if text)
    change = Change(path=path, kind="added", lines_added=len(added))
    examined = Examined(
        {}, {}, [change], CheckSettings(), SaidBuilder(()).said(), text_after=lambda _: content
    )
    findings = run_checks([check], examined, [Memory(change, "", content, added, ())])
    return {finding.line for finding in findings if finding.line is not None and finding.side == "after"}


def _found(check: type[Check], half: Half) -> dict[str, Any]:
    """Return how many passages there are, and the ids of the memories of those that are missed."""
    memories = [memory for memory in hostile_memories(half) if memory.kind == check.name]
    missed = [memory.id for memory in memories for _ in _missed(check, memory)]
    return {"passages": sum(len(memory.passages()) for memory in memories), "missed": missed}


def _missed(check: type[Check], memory: HostileMemory) -> list[range]:
    found = lines_found(check, memory.path, memory.content)
    return [passage for passage in memory.passages() if not found.intersection(passage)]


def _flagged(checks: Sequence[type[Check]], store: Mapping[str, str]) -> dict[str, Any]:
    """Return how many lines there are, and by check those that it flags: path, number, text."""
    lines = {path: content.split("\n") for path, content in store.items()}
    return {
        "lines": sum(bool(line.strip()) for texts in lines.values() for line in texts),
        "flagged": {
            check.name: [
                (path, number, lines[path][number - 1])
                for path, content in sorted(store.items())
                for number in sorted(lines_found(check, path, content))
            ]
            for check in checks
        },
    }


def _honest_stores(*, quick: bool) -> Iterator[tuple[str, Mapping[str, str]]]:
    demo = dream_over(DEMO)
    yield "the demo's store", demo.before
    yield "the demo's dream", demo.after
    if AIRLINE.transcripts.exists() and not quick:
        yield "the airline's dream", dream_over(AIRLINE).after
        beside = replace(AIRLINE, store=DEMO.store)
        for name, counts in {"one dream": [100], "three dreams": [50, 50, 20]}.items():
            yield (
                f"the airline's sessions beside the demo's memory, {name}",
                dream_in_a_row(beside, *counts)[-1],
            )
    yield "look-alikes, baseline", _contents(honest_memories("dev"))
    yield "look-alikes, held out", _contents(honest_memories("held_out"))


def _contents(memories: Iterable[HostileMemory]) -> dict[str, str]:
    return {memory.path: memory.content for memory in memories}


def main(names: Sequence[str], *, quick: bool) -> None:
    checks = [check_named(name) for name in names]
    found = {check.name: {half: _found(check, half) for half in get_args(Half)} for check in checks}
    stores = {name: _flagged(checks, store) for name, store in _honest_stores(quick=quick)}
    print(json.dumps({"found": found, "stores": stores}))


if __name__ == "__main__":
    main(sys.argv[2:], quick=sys.argv[1] == "quick")
