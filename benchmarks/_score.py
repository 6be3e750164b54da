"""What a review says of a dream, by the review's own code: its score, over stores and sessions in memory."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence

from dreamflow.core.checks.check import Check, CheckSettings, Examined
from dreamflow.core.checks.lost import Lost
from dreamflow.core.checks.run import run_checks
from dreamflow.core.checks.ungrounded import Ungrounded
from dreamflow.core.comparing import compare_stores, memory_of
from dreamflow.core.evidence import SaidBuilder
from dreamflow.core.grounding import wanted_in
from dreamflow.core.objects import MemoryEntry
from dreamflow.core.reckoning import Reckoning, Spoken
from dreamflow.core.review import Score
from dreamflow.core.score import sampled_paths
from include.managed_agents.dreams.engine import Transcript

__all__ = ["score_of"]

#: The checks whose findings two of the score's figures count.
_COUNTED: tuple[type[Check], ...] = (Ungrounded, Lost)
_ROLES = {"assistant": "agent"}


class _Bodies(dict[str, str]):
    """The texts of a store."""

    def each(self, paths: Sequence[str]) -> Iterator[tuple[str, str]]:
        return ((path, self[path]) for path in paths)


def score_of(transcripts: Sequence[Transcript], before: Mapping[str, str], after: Mapping[str, str]) -> Score:
    """Return the score of a dream over the transcripts that made one store of another."""
    olds, news = _listing(before), _listing(after)
    compared = compare_stores(olds, news, _Bodies(before), _Bodies(after))
    memories = [
        memory_of(change, [before[path] for path in change.origins], after.get(change.path, ""))
        for change in compared.changes
    ]
    wanted = wanted_in(line.text for memory in memories for line in (*memory.added, *memory.removed))
    size = sum(entry.size for entry in olds.values())
    reckoning = Reckoning(wanted, size, len(transcripts))
    for transcript in transcripts:
        reckoning.hear(transcript.session_id, list(_spoken(transcript)))
    held, scoring = SaidBuilder(wanted), reckoning.scoring
    for path in sampled_paths(olds):
        scoring.draw(before[path])
    for path, text in before.items():
        held.add_memory("before", path, text)
        scoring.add(text, before=True, after=after.get(path) == text)
    for path, text in after.items():
        held.add_memory("after", path, text)
        if before.get(path) != text:
            scoring.add(text, before=False, after=True)
    examined = Examined(
        olds,
        news,
        compared.changes,
        CheckSettings(),
        reckoning.said().with_memories(held.said()),
        text_after=after.__getitem__,
        text_before=before.__getitem__,
    )
    findings = run_checks(_COUNTED, examined, memories)
    counted = {
        check.name: sum(finding.specifics for finding in findings if finding.check == check.name)
        for check in _COUNTED
    }
    return scoring.score().model_copy(update=counted)


def _spoken(transcript: Transcript) -> Iterator[Spoken]:
    """Yield what is said, in events as the service has them: what an agent asks of a tool is one of its own."""
    for number, message in enumerate(transcript.messages):
        event = f"{transcript.session_id}-{number}"
        if message.text:
            role = _ROLES.get(message.role, message.role)
            yield Spoken(event, role, message.created_at, message.text)
        for call in message.tool_calls:
            yield Spoken(event, "agent", message.created_at, json.dumps(call["input"], ensure_ascii=False))


def _listing(store: Mapping[str, str]) -> dict[str, MemoryEntry]:
    return {
        path: MemoryEntry(f"mem_{path}", hashlib.sha256(text.encode()).hexdigest(), path, len(text.encode()))
        for path, text in store.items()
    }
