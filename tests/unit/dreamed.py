"""A whole review of what a dream made of real talk, over sessions that the service has."""

from __future__ import annotations

import gzip
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchmarks.dream_quality import Sessions
from dreamflow.core.handoffs import Dreamed
from dreamflow.core.review import Review
from dreamflow.steps.review import review
from tests.managed_agents.support import import_transcripts
from tests.unit.evidence import transcripts
from tests.unit.running import Night, night_of
from tests.unit.service import Service

__all__ = ["reviewed"]


def reviewed(
    service: Service,
    folder: Path,
    sessions: Sessions,
    before: Mapping[str, str],
    after: Mapping[str, str],
    part: slice = slice(100),
    **checks: Any,
) -> tuple[Night, Review]:
    """
    Review the change as a night does, over sessions that the service has.

    :param part: which of the file's.
    """
    opened = gzip.open if sessions.transcripts.suffix == ".gz" else open
    with opened(sessions.transcripts, "rt", encoding="utf-8") as file:
        talks = [json.loads(line) for line in file if line.strip()][part]
    for talk, heard in zip(talks, transcripts(sessions.transcripts)[part], strict=True):
        talk.setdefault("created_at", heard.started_at.isoformat())
    rows = import_transcripts(service.client, talks)
    named = {talk["id"]: str(row["session_id"]) for talk, row in zip(talks, rows, strict=True)}

    def told(text: str) -> str:
        """Name the sessions as the service does: it gives them ids of its own."""
        for name in sorted(named, key=len, reverse=True):
            text = text.replace(f"({name}", f"({named[name]}").replace(f", {name}", f", {named[name]}")
        return text

    new = {path: told(text) for path, text in after.items()}
    night = night_of(service, f"file://{folder}/reports", before, new, settings={"checks": checks})
    night.run.note(decision=None, swap=None)
    night.run.note_dream("drm_1", session_ids=tuple(named.values()))
    made = Dreamed(dream_id="drm_1", output_store_id=night.output_id, input_store_id=night.input_id)
    review(night.world, night.run, made)
    kept = night.run.read_review()
    assert kept is not None
    return night, kept
