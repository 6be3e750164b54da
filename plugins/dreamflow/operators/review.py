"""Reviewing what a dream changed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from dreamflow.core.changes import Changes, compare, digest
from dreamflow.core.checks import Examined, run_checks, verdict
from dreamflow.core.objects import TokenUsage
from dreamflow.core.report import ReviewFacts, render_review
from dreamflow.errors import StateError
from dreamflow.tasks import COLLECT_SESSIONS, WAIT_FOR_DREAM, PipelineOperator, pull

if TYPE_CHECKING:
    from airflow.sdk import Context

    from dreamflow.core.objects import Listing

__all__ = ["ReviewChanges"]

#: Memories whose contents are fetched at a time: two bodies of up to 100 kB each.
_CHUNK = 16


class ReviewChanges(PipelineOperator):
    """
    Compare the input, as it was when the dream was launched, with the output; run the checks; write the report.

    The digest names every path and byte of the output. An approval is bound to it.
    """

    def execute(self, context: Context) -> dict[str, Any]:
        collected, dreamed = pull(context, COLLECT_SESSIONS), pull(context, WAIT_FOR_DREAM)
        files = self.files(context)
        before = files.read_listing("base")
        if before is None:
            raise StateError(
                f"{files.folder}/base.json is not there: what the input held when the dream was launched is not known. "
                "Check that every worker reaches reports.location, then trigger a new run."
            )
        input_id, output_id = collected["input_store_id"], self.output_of(context)
        after = self.hook.list_memories(output_id)
        changes = compare(before, after)
        checks = self.pipeline.checks
        findings = run_checks(Examined(before, after, changes, checks.protect, checks.max_removed))
        facts = ReviewFacts(
            pipeline=self.pipeline.name,
            input_store_id=input_id,
            output_store_id=output_id,
            dream_id=dreamed["dream_id"],
            session_count=len(collected["session_ids"]),
            left_for_next_run=collected["left_for_next_run"],
            usage=TokenUsage(**dreamed["usage"]),
            list_cost_usd=dreamed["list_cost"],
            seconds=dreamed["seconds"],
            digest=digest(after),
            report_uri=files.report_uri,
        )
        bodies = self._bodies(changes, (input_id, before), (output_id, after))
        files.write_report(render_review(facts, before, after, changes, findings, bodies))
        left = {
            "report_uri": facts.report_uri,
            "digest": facts.digest,
            "counts": changes.counts(),
            "verdict": verdict(findings),
        }
        files.write_json("report", {**left, "findings": [[f.what, list(f.paths)] for f in findings]})
        self.log.info(
            "review of %s: %s, %s. Report: %s", output_id, left["counts"], left["verdict"], facts.report_uri
        )
        return left

    def _bodies(
        self, changes: Changes, input_side: tuple[str, Listing], output_side: tuple[str, Listing]
    ) -> Iterator[tuple[str, str, str]]:
        """Yield (path, before, after) of what changed, fetched as it is asked for."""
        paths = [path for _, path in changes]
        for start in range(0, len(paths), _CHUNK):
            chunk = paths[start : start + _CHUNK]
            before, after = (
                self.hook.read_bodies(store_id, {path: listing[path] for path in chunk if path in listing})
                for store_id, listing in (input_side, output_side)
            )
            for path in chunk:
                yield path, before.get(path, ""), after.get(path, "")
