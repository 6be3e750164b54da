"""Telling in a review what was done after it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dreamflow.core.report import render_late, with_late

if TYPE_CHECKING:
    from dreamflow.records.files import RunRecords

__all__ = ["tell_late"]


def tell_late(run: RunRecords) -> None:
    """Enter into the run's review what became of the late writes, where there are any, and a review."""
    report, late = run.read_report(), run.journal().late
    if report is None or not late:
        return
    figures = run.read_figures() | {"late": [note.model_dump(mode="json") for note in late]}
    run.write_report(with_late(report, render_late(late, is_done=True)), figures)
