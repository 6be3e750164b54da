"""Reviewing what a dream changed, or what going back would."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from dreamflow.core.changes import Changes, compare, digest
from dreamflow.core.checks import Examined, run_checks, verdict
from dreamflow.core.handoffs import Dreamed, Restored, Reviewed
from dreamflow.core.objects import TokenUsage
from dreamflow.core.report import ReviewFacts, render_late, render_review, with_late
from dreamflow.errors import DreamflowError, StateError
from dreamflow.steps.carry import Forecast, forecast
from dreamflow.steps.stores import usable_output

if TYPE_CHECKING:
    from dreamflow.core.objects import Listing
    from dreamflow.records.files import RunRecords
    from dreamflow.steps.world import World

__all__ = ["review"]

log = logging.getLogger(__name__)

#: Memories whose contents are fetched at a time: two bodies of up to 100 kB each.
_CHUNK = 16


def review(
    world: World, run: RunRecords, made: Dreamed | Restored, instructions: str | None = None
) -> Reviewed:
    """
    Compare the input, as it was when the dream was launched, with the output; run the checks; write the report.

    Of a restore, the input is the live store as it was when its clone was made, and the clone the output.

    The digest names every path and byte of the output. An approval is bound to it.

    :param instructions: what the dream was asked to do, to be shown.
    """
    before = run.read_listing("base")
    if before is None:
        raise StateError(
            f"{run.folder}/base.json is not there: what the input held when the dream was launched is not known. "
            "Check that every worker reaches reports.location, then trigger a new run."
        )
    facts = _facts_of(world, run, made)
    input_id, output_id = facts.input_store_id, usable_output(world, facts.output_store_id)
    after = world.hook.list_memories(output_id)
    changes = compare(before, after)
    checks = world.pipeline.checks
    findings = run_checks(Examined(before, after, changes, checks.protect, checks.max_removed))
    facts = replace(facts, digest=digest(after), instructions=world.pipeline.shown(instructions or ""))
    late, warning = _late_so_far(world, run, input_id, output_id)
    bodies = _bodies(world, changes, (input_id, before), (output_id, after))
    reviewed = Reviewed(
        report_uri=facts.report_uri,
        digest=facts.digest,
        counts=changes.counts(),
        verdict=verdict(findings),
        dream_id=facts.dream_id,
        ancestor_id=facts.ancestor_id,
        input_store_id=input_id,
        output_store_id=output_id,
    )
    figures = {
        **reviewed.to_json(),
        "findings": [[f.what, list(f.paths)] for f in findings],
        "late": [note.model_dump(mode="json") for note in late],
        "late_warning": warning,
        "since": [note.model_dump(mode="json") for note in facts.carried],
        "left_behind": list(facts.left_behind),
    }
    report = render_review(facts, before, after, changes, findings, bodies)
    run.write_report(with_late(report, render_late(late, is_done=False, warning=warning)), figures)
    log.info(
        "review of %s: %s, %s. Report: %s", output_id, reviewed.counts, reviewed.verdict, facts.report_uri
    )
    return reviewed


def _facts_of(world: World, run: RunRecords, made: Dreamed | Restored) -> ReviewFacts:
    """Return what the review is about, but for the output's digest."""
    journal = run.journal()
    known: dict[str, Any] = {
        "pipeline": world.pipeline.name,
        "output_store_id": made.output_store_id,
        "report_uri": world.pipeline.shown(run.report_uri),
    }
    if isinstance(made, Restored):
        back = journal.restore
        return ReviewFacts(
            **known,
            input_store_id=made.input_store_id,
            ancestor_id=made.ancestor_id,
            paths=made.paths,
            warnings=made.warnings,
            carried=back.carried if back else (),
            left_behind=tuple(row.path for row in back.listed) if back else (),
        )
    note = journal.dream_named(made.dream_id)
    return ReviewFacts(
        **known,
        input_store_id=made.input_store_id or (note.input_store_id if note else ""),
        dream_id=made.dream_id,
        session_count=len(note.session_ids) if note else 0,
        left_for_next_run=note.left if note else 0,
        usage=TokenUsage(**made.usage),
        list_cost_usd=made.list_cost,
        seconds=made.seconds,
    )


def _late_so_far(world: World, run: RunRecords, input_id: str, output_id: str) -> Forecast:
    """Return what reached the input so far, and how it would be carried; a review does not fail for want of it."""
    try:
        return forecast(world, run, world.hook.retrieve_store(input_id), output_id)
    except DreamflowError as e:
        warning = f"what reached {input_id} since the dream was launched can't be told now: {e}"
        log.warning("%s", warning)
        return Forecast((), warning)


def _bodies(
    world: World, changes: Changes, input_side: tuple[str, Listing], output_side: tuple[str, Listing]
) -> Iterator[tuple[str, str, str]]:
    """Yield (path, before, after) of what changed, fetched as it is asked for."""
    paths = [path for _, path in changes]
    for start in range(0, len(paths), _CHUNK):
        chunk = paths[start : start + _CHUNK]
        before, after = (
            world.hook.read_bodies(store_id, {path: listing[path] for path in chunk if path in listing})
            for store_id, listing in (input_side, output_side)
        )
        for path in chunk:
            yield path, before.get(path, ""), after.get(path, "")
