"""Deleting what old runs kept."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from dreamflow import storage
from dreamflow.core.kept_fates import KeptFates
from dreamflow.core.review import Edit, Review, StoreFacts
from dreamflow.records.files import Records, RunRecords
from dreamflow.records.journal import DreamNote
from tests.unit.support import NOON

REVIEW = Review(
    pipeline="support",
    run_id="old",
    made_at=NOON,
    digest="d",
    verdict="clean",
    input=StoreFacts(id="memstore_1", memories=1, bytes=1),
    output=StoreFacts(id="memstore_2", memories=1, bytes=1),
    counts={},
)
NOTE = DreamNote(input_store_id="memstore_1", session_ids=("sesn_1",), asked="x", seen=("drm_0",))


@pytest.fixture
def records(tmp_path: Path) -> Records:
    return Records(storage, f"file://{tmp_path}/reports", "support")


@pytest.fixture
def run(records: Records) -> RunRecords:
    return records.run("manual__1")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return where the pipeline's records are."""
    return tmp_path / "reports" / "support"


class TestPruning:
    """Old files of finished runs go; what is open stays, however old it is."""

    def age(self, folder: Path, *names: str) -> None:
        for name in names:
            os.utime(folder / name, (86_400, 86_400))

    def test_finished_runs_go_and_open_ones_stay(self, records: Records, folder: Path) -> None:
        for run_id in ("old", "open still", "new"):
            records.run(run_id).open(NOTE)
            records.run(run_id).write_question("#")
            records.run(run_id).write_record("<p>")
        for run_id in ("old", "new"):
            records.run(run_id).close("adopted")
        for segment in ("old", "open%20still"):
            self.age(folder, *(f"{segment}/{file}" for file in ("journal.json", "report.md", "review.html")))
        self.age(folder, "open/open%20still.json")
        assert records.prune(datetime(2000, 1, 1, tzinfo=UTC)) == ["old"]
        assert sorted(path.name for path in folder.iterdir()) == ["new", "open", "open%20still"]
        assert records.open_runs() == ["open still"]

    def test_a_run_of_which_one_file_is_new_stays(self, records: Records, folder: Path) -> None:
        run = records.run("old")
        run.write_question("#")
        run.write_record("<p>")
        self.age(folder, "old/report.md")
        assert records.prune(datetime(2000, 1, 1, tzinfo=UTC)) == []
        assert run.read_question() == "#"

    def test_every_file_of_a_run_is_known_as_one_those_of_older_releases_too(
        self, records: Records, folder: Path
    ) -> None:
        run = records.run("old")
        run.write_review(REVIEW)
        run.write_record("<p>")
        run.write_question("#")
        run.add_edit(Edit(at=NOON, by="Ada", action="write", path="/a.md"))
        for part in (1, 2):
            run.write_evidence(part, {})
        run.write_fates(KeptFates("d", [], {}))
        (folder / "old" / "report.json").write_text("{}")
        self.age(folder, *(f"old/{path.name}" for path in (folder / "old").iterdir()))
        records.note_trend("old", "clean", {}, changed=True)
        records.note_reads({})
        self.age(folder, "scores.json", "reads.json")
        assert records.prune(datetime(2000, 1, 1, tzinfo=UTC)) == ["old"]
        assert [row["run"] for row in records.trend()] == ["old"]

    def test_costs_stay_and_nights_go_when_no_question_can_be_open_in_them(
        self, records: Records, folder: Path
    ) -> None:
        records.note_cost("old", 1, 2, None)
        records.note_in_night("old", "drm_1", 5)
        records.note_in_night("new", "drm_2", 7)
        self.age(folder, "costs.json", "nights/old.json")
        assert records.prune(datetime(1970, 2, 1, tzinfo=UTC)) == []
        assert records.spent_in("old").tokens == 5
        records.prune(datetime(2000, 1, 1, tzinfo=UTC))
        assert (records.spent_in("old").tokens, records.spent_in("new").tokens) == (0, 7)
        assert len(records.past_costs()) == 1

    def test_what_a_killed_writer_left_holds_nothing_up(self, records: Records, folder: Path) -> None:
        folder.mkdir(parents=True)
        (folder / ".0123456789abcdef").write_text("half")
        self.age(folder, ".0123456789abcdef")
        assert records.prune(datetime(2000, 1, 1, tzinfo=UTC)) == []

    def test_what_is_not_a_runs_stays_however_old_it_is(self, records: Records, folder: Path) -> None:
        others = ["our-exports/ledger.csv", "archive/2026/new.txt", "old/notes.txt"]
        records.run("old").write_question("#")
        for name in others:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text("precious")
        self.age(folder, *others, "archive", "archive/2026", "old/report.md")
        assert records.prune(datetime(2000, 1, 1, tzinfo=UTC)) == []
        assert all((folder / name).exists() for name in others)
