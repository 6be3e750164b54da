"""A review's evidence over stores and sessions in memory, without a server."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path

from benchmarks import _dreams
from benchmarks._processes import PROJECT
from benchmarks._transcripts import read_transcripts
from dreamflow.core.checks.check import Check, CheckSettings, Examined, Line, Memory, Read
from dreamflow.core.checks.run import run_checks
from dreamflow.core.evidence import Said, SaidBuilder
from dreamflow.core.grounding import address_key, wanted_in
from dreamflow.core.memory_paths import as_line
from dreamflow.core.objects import MemoryEntry
from dreamflow.core.personal import addresses_in
from dreamflow.core.review import Change, Finding
from include.managed_agents.dreams.engine import Transcript

__all__ = ["changed", "demo", "findings", "heard", "transcripts"]

_ROLES = {"assistant": "agent"}


def transcripts(path: Path) -> list[Transcript]:
    return read_transcripts(path, _dreams.NOW)


@cache
def demo() -> tuple[tuple[Transcript, ...], dict[str, str], dict[str, str]]:
    """Return the demo's sessions, its store, and what the offline engine makes of it."""
    folder = PROJECT / "include" / "transcripts"
    sessions = transcripts(folder / "demo.jsonl")
    memories = json.loads((folder / "demo_store.json").read_text(encoding="utf-8"))["memories"]
    before = {memory["path"]: memory["content"] for memory in memories}
    return tuple(sessions), before, _dreams.dream(sessions, before)


def changed(before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[Memory]:
    """Yield what differs, by path."""
    for path in sorted(path for path in {*before, *after} if before.get(path) != after.get(path)):
        old, new = before.get(path, "").split("\n"), after.get(path, "").split("\n")
        ops = difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
        kind = "added" if path not in before else "removed" if path not in after else "edited"
        yield Memory(
            Change.model_validate({"path": path, "kind": kind, "origins": (path,) if path in before else ()}),
            before.get(path, ""),
            after.get(path, ""),
            tuple(Line(n + 1, new[n]) for op, _, _, a, b in ops if op != "equal" for n in range(a, b)),
            tuple(Line(n + 1, old[n]) for op, a, b, _, _ in ops if op != "equal" for n in range(a, b)),
        )


def heard(
    sessions: Sequence[Transcript], before: Mapping[str, str], after: Mapping[str, str]
) -> tuple[Said, list[Memory]]:
    """Return where everything was said, and what changed."""
    memories = list(changed(before, after))
    lines = [line.text for memory in memories for line in (*memory.added, *memory.removed)]
    wanted = wanted_in((*(as_line(memory.path) for memory in memories), *lines))
    wanted |= {address_key(one) for line in lines for one in addresses_in(line)}
    builder = SaidBuilder(wanted)
    for session in sessions:
        for number, message in enumerate(session.messages):
            calls = json.dumps(message.tool_calls, ensure_ascii=False) if message.tool_calls else ""
            builder.add_event(
                session.session_id,
                f"sevt_{session.session_id}_{number}",
                _ROLES.get(message.role, message.role),
                message.created_at,
                f"{message.text or ''}\n{calls}",
            )
    for path, text in before.items():
        builder.add_memory("before", path, text)
    for path, text in after.items():
        builder.add_memory("after", path, text)
    return builder.said(), memories


def findings(
    checks: Sequence[type[Check]],
    sessions: Sequence[Transcript],
    before: Mapping[str, str],
    after: Mapping[str, str],
    reads: Mapping[str, Sequence[Read]] | None = None,
) -> list[Finding]:
    """Return what the checks find in a change."""
    said, memories = heard(sessions, before, after)
    changes = [memory.change for memory in memories]
    examined = Examined(
        _listed(before),
        _listed(after),
        changes,
        CheckSettings(),
        said,
        reads or {},
        text_after=after.__getitem__,
        text_before=before.__getitem__,
    )
    return list(run_checks(checks, examined, memories))


def _listed(store: Mapping[str, str]) -> dict[str, MemoryEntry]:
    return {path: MemoryEntry(path, path, path, len(text)) for path, text in store.items()}
