"""Telling people what became of late writes: in the log, and in the review that they have read before."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING

from dreamflow.core.report import render_late, with_late

if TYPE_CHECKING:
    from dreamflow.core.carry_plan import Unit
    from dreamflow.records.files import RunRecords

__all__ = ["log_late", "tell_late"]

log = logging.getLogger(__name__)

#: Late writes that the log names.
_LOGGED = 200


def tell_late(run: RunRecords) -> None:
    """Enter into the run's review what became of the late writes, where there are any, and a review."""
    report, late = run.read_report(), run.journal().late
    if report is None or not late:
        return
    figures = run.read_figures() | {"late": [note.model_dump(mode="json") for note in late]}
    run.write_report(with_late(report, render_late(late, is_done=True)), figures)


def log_late(units: Sequence[Unit]) -> None:
    """Say who wrote what, and what became of it."""
    for unit in units[:_LOGGED]:
        note = unit.note
        log.info(
            "late write to %r: %s%s; by %s at %s%s%s",
            note.path,
            note.how,
            f", kept beside in {note.late_path!r}" if note.late_path else "",
            note.by or "somebody",
            note.at.isoformat(timespec="seconds"),
            f", {note.writes} writes" if note.writes > 1 else "",
            f" ({note.why})" if note.why else "",
        )
    if len(units) > _LOGGED:
        log.info("and %d late writes more", len(units) - _LOGGED)
