"""Telling in a review what was done after it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dreamflow.core.report import render_late, with_late

if TYPE_CHECKING:
    from dreamflow.records.files import RunRecords

__all__ = ["tell_late"]


def tell_late(run: RunRecords) -> None:
    """Enter into the run's review, where there is one, what became of the late writes: no forecast stays in it."""
    report, late = run.read_report(), run.journal().late
    if report is None:
        return
    done = {"late": [note.model_dump(mode="json") for note in late], "late_warning": ""}
    run.write_report(with_late(report, render_late(late, is_done=True)), run.read_figures() | done)
