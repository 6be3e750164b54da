"""
What a run keeps at the report location.

::

    <location>/<pipeline>/
      costs.json          what the newest dreams used and cost: what a dry run estimates from
      open/<run>.json     there while the run's stores are unaccounted for; settle reads only these
      <run>/
        base.json         the input's memories when the dream was launched: the base of every carry
        carried.json      the input's memories when writes were last carried: the base of the next carry
        plan.json         the carry's write plan, with the output's digest before and after
        retirement.json   the write plan of a carry while the input is retired; empty once it is done
        report.md         the review
        report.json       its figures

Losing all of it costs the review and stops a retirement; never memory.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

from dreamflow.core.late_writes import Carried
from dreamflow.core.objects import Listing, listing_from_json, listing_to_json
from dreamflow.errors import StateError
from dreamflow.storage import delete, list_names, read_text, write_text

__all__ = ["RunFiles", "open_runs", "report_location"]

#: Finished dreams that an estimate looks back on.
_COSTS_KEPT = 20
#: What lies beside the runs' folders.
_OWN_NAMES = ("open", "costs.json")
#: Files of what was carried into one output of the run.
_CARRIES = ("plan", "carried", "retirement")
_UNSAFE = re.compile(r"\A\.+\Z")


def report_location(configured: str | None) -> str:
    """Return the report location: as configured, or ``dreamflow-reports`` below AIRFLOW_HOME."""
    if configured:
        return configured.rstrip("/")
    home = os.environ.get("AIRFLOW_HOME") or str(Path("~/airflow").expanduser())
    return f"file://{home}/dreamflow-reports"


def _segment(name: str) -> str:
    """Return the name as one path segment, and none of our own: a run id is a caller's text."""
    quoted = quote(name, safe="+:@=,")
    if name in _OWN_NAMES or _UNSAFE.match(quoted):
        return f"%{ord(name[0]):02X}{quoted[1:]}".replace(".", "%2E")
    return quoted


def open_runs(location: str, pipeline: str) -> list[str]:
    """Return the ids of the pipeline's runs whose stores are unaccounted for."""
    names = list_names(f"{location}/{_segment(pipeline)}/open")
    return [unquote(name.removesuffix(".json")) for name in names if name.endswith(".json")]


@dataclass(frozen=True)
class RunFiles:
    """The files of one run. ``location`` is what ``report_location`` returned."""

    location: str
    pipeline: str
    run_id: str

    @property
    def folder(self) -> str:
        return f"{self.location}/{_segment(self.pipeline)}/{_segment(self.run_id)}"

    @property
    def report_uri(self) -> str:
        return f"{self.folder}/report.md"

    @property
    def marker(self) -> str:
        return f"{self.location}/{_segment(self.pipeline)}/open/{_segment(self.run_id)}.json"

    def mark_open(self, facts: dict[str, Any]) -> None:
        """Note the run as one whose stores are to be accounted for, with what is known of them."""
        write_text(self.marker, json.dumps(facts, indent=1))

    def read_marker(self) -> dict[str, Any]:
        """
        Return what is known of the run's stores; nothing where the run is not open.

        :raises StateError: the marker can't be read.
        """
        try:
            facts = json.loads(read_text(self.marker))
        except FileNotFoundError:
            return {}
        except ValueError as e:
            raise StateError(self._broken_marker) from e
        if not isinstance(facts, dict):
            raise StateError(self._broken_marker)
        return facts

    @property
    def _broken_marker(self) -> str:
        return (
            f"{self.marker} can't be read, and tells which stores run {self.run_id} left unaccounted for. "
            "Bring it back from a backup, or look after the run's stores by hand and delete it."
        )

    def read_plan(self, name: str) -> list[Carried]:
        """Return the writes that a plan notes; none where there is no plan."""
        return [Carried(**row) for row in (self.read_json(name) or {}).get("writes", [])]

    def write_plan(self, name: str, writes: Sequence[Carried], **facts: Any) -> None:
        """Note writes before they are done."""
        self.write_json(name, {"writes": [write.to_json() for write in writes], **facts})

    def forget_carries(self) -> None:
        """Remove what was noted of an earlier output of the run: a new dream's late writes start from its own base."""
        for name in _CARRIES:
            delete(f"{self.folder}/{name}.json")

    def mark_settled(self) -> None:
        delete(self.marker)

    def write_listing(self, name: str, store_id: str, listing: Listing) -> None:
        """Keep a listing under ``name``: ``base`` or ``carried``."""
        self.write_json(name, {"memory_store_id": store_id, "memories": listing_to_json(listing)})

    def read_listing(self, name: str) -> dict[str, Any] | None:
        """Return the memories of a kept listing, or None where there is none."""
        data = self.read_json(name)
        return None if data is None else listing_from_json(data["memories"])

    def carry_base(self) -> Listing:
        """
        Return the listing that the next carry starts from.

        :raises StateError: it is gone, and what came in since can't be told.
        """
        for name in ("carried", "base"):
            listing = self.read_listing(name)
            if listing is not None:
                return listing
        raise StateError(
            f"{self.folder}/base.json is not there: what the input store received since the dream was launched can't "
            "be told. Bring the file back from a backup of the report location, or compare the stores by hand."
        )

    def write_json(self, name: str, data: Any) -> None:
        write_text(f"{self.folder}/{name}.json", json.dumps(data, ensure_ascii=False, indent=1))

    def read_json(self, name: str) -> Any:
        """Return what ``write_json`` kept, or None."""
        try:
            return json.loads(read_text(f"{self.folder}/{name}.json"))
        except FileNotFoundError:
            return None

    def write_report(self, markdown: str) -> None:
        write_text(self.report_uri, markdown)

    def read_report(self) -> str | None:
        try:
            return read_text(self.report_uri)
        except FileNotFoundError:
            return None

    def past_costs(self) -> list[dict[str, Any]]:
        """Return what the pipeline's newest dreams used and cost, oldest first."""
        try:
            rows = json.loads(read_text(self._costs))
        except (FileNotFoundError, ValueError):
            return []
        return rows if isinstance(rows, list) else []

    def note_cost(self, sessions: int, tokens: int, usd: float | None) -> None:
        """Add a finished dream to the pipeline's costs; noting the same run again replaces its row."""
        rows = [row for row in self.past_costs() if row.get("run") != self.run_id]
        rows.append({"run": self.run_id, "sessions": sessions, "tokens": tokens, "usd": usd})
        write_text(self._costs, json.dumps(rows[-_COSTS_KEPT:], indent=1))

    @property
    def _costs(self) -> str:
        return f"{self.location}/{_segment(self.pipeline)}/costs.json"
