"""What a run keeps at the report location."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dreamflow import storage
from dreamflow.core.carry_plan import Plan
from dreamflow.core.late_writes import Carried
from dreamflow.core.objects import by_memory, listing_to_json
from dreamflow.core.review import Edit, Finding, Review, StoreFacts
from dreamflow.errors import StateError, StorageUnavailable
from dreamflow.records.files import Records, RunRecords
from dreamflow.records.journal import DreamNote, Refused
from dreamflow.storage import report_location
from tests.unit.support import STORES, at, listing_of

NOTE = DreamNote(input_store_id="memstore_1", session_ids=("sesn_1",), asked="x", seen=("drm_0",))

#: Run ids as Airflow lets people write them, and worse.
RUN_IDS = st.one_of(
    st.sampled_from(
        [
            "manual__2026-11-21T02:30:00+00:00",
            "..",
            ".",
            "...",
            "a/../b",
            "/etc/passwd",
            "%2E",
            "x.json",
            "é ü",
            "~",
        ]
    ),
    st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), min_size=1, max_size=40),
)


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


class TestLocation:
    def test_it_is_what_the_pipeline_says(self) -> None:
        assert report_location("s3://conn@bucket/reports/") == "s3://conn@bucket/reports"

    def test_it_is_below_the_airflow_home_where_nothing_is_said(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("AIRFLOW_HOME", "/srv/airflow")
        assert report_location(None) == "file:///srv/airflow/dreamflow-reports"
        monkeypatch.delenv("AIRFLOW_HOME")
        assert report_location(None) == f"file://{Path.home()}/airflow/dreamflow-reports"

    @given(RUN_IDS)
    def test_no_run_id_leads_out_of_the_pipelines_folder(self, run_id: str) -> None:
        folder = Records(storage, "file:///reports", "support").run(run_id).folder
        assert folder.startswith("file:///reports/support/")
        segment = folder.removeprefix("file:///reports/support/")
        assert segment
        assert "/" not in segment
        assert segment.strip(".")

    @given(RUN_IDS, RUN_IDS)
    def test_two_runs_never_share_a_folder(self, one: str, other: str) -> None:
        records = Records(storage, "file:///reports", "support")
        folders = {records.run(run_id).folder for run_id in (one, other)}
        assert len(folders) == len({one, other})

    @pytest.mark.parametrize("run_id", ["open", "nights", "costs.json"])
    def test_the_files_of_a_run_are_never_taken_for_the_pipelines_own(
        self, records: Records, run_id: str
    ) -> None:
        records.run(run_id).write_listing("base", "memstore_1", {})
        records.note_cost("manual__1", 1, 2, None)
        records.note_in_night("manual__1", "drm_1")
        assert records.open_runs() == []
        assert records.run(run_id).read_listing("base") == {}


class TestOpen:
    @given(st.lists(RUN_IDS, max_size=4, unique=True))
    def test_runs_are_named_until_they_are_accounted_for(
        self, tmp_path_factory: pytest.TempPathFactory, run_ids: list[str]
    ) -> None:
        location = f"file://{tmp_path_factory.mktemp('reports')}"
        records = Records(storage, location, "support")
        for run_id in run_ids:
            records.run(run_id).open(NOTE.model_copy(update={"dream_id": run_id}))
        Records(storage, location, "other").run("elsewhere").open(NOTE)
        assert sorted(records.open_runs()) == sorted(run_ids)
        for run_id in run_ids:
            assert [note.dream_id for note in records.run(run_id).journal().dreams] == [run_id]
            records.run(run_id).close("by the test")
        assert records.open_runs() == []

    def test_no_runs_are_open_where_nothing_was_ever_written(self, records: Records) -> None:
        assert records.open_runs() == []

    def test_what_was_known_stays_when_more_is_noted(self, run: RunRecords) -> None:
        run.open(NOTE.model_copy(update={"dream_id": "drm_1"}))
        run.note(night="manual__0")
        journal = run.journal()
        assert journal.dreams == (NOTE.model_copy(update={"dream_id": "drm_1"}),)
        assert (journal.night, journal.closed) == ("manual__0", None)

    def test_closing_twice_is_harmless_and_the_first_says_how_it_ended(self, run: RunRecords) -> None:
        run.open(NOTE)
        run.close("adopted")
        run.close("settled")
        assert run.journal().closed == "adopted"

    def test_a_run_that_noted_nothing_knows_nothing(self, run: RunRecords) -> None:
        journal = run.journal()
        assert (journal.run_id, journal.pipeline) == ("manual__1", "support")
        assert (journal.dream, journal.swap, journal.decision, journal.closed) == (None, None, None, None)

    def test_a_dream_that_was_refused_leaves_the_run_closed_and_one_before_it_open(
        self, run: RunRecords, records: Records
    ) -> None:
        run.open(NOTE)
        run.open(NOTE)
        run.take_back_dream()
        assert records.open_runs() == ["manual__1"]
        run.take_back_dream()
        assert (records.open_runs(), run.journal().dreams) == ([], ())

    def test_a_wait_keeps_its_beginning_through_retries_and_gets_a_new_one_by_a_clear(
        self, run: RunRecords
    ) -> None:
        assert run.began("drain_sessions", 5, at(0)) == at(0)
        assert run.began("drain_sessions", 5, at(9)) == at(0)
        assert run.began("wait_for_dream#1", 5, at(9)) == at(9)
        assert run.began("drain_sessions", 11, at(20)) == at(20)
        assert run.began("drain_sessions", 11, at(30)) == at(20)


CUT = ["{", "", "[]", "[1]", "7", "{}", "\x00", '{"version": 99}']


class TestUnreadable:
    """A file that is cut or unreadable is one error that names it."""

    @pytest.mark.parametrize("text", CUT)
    def test_a_journal_is_no_empty_journal(self, run: RunRecords, folder: Path, text: str) -> None:
        run.open(NOTE)
        (folder / "manual__1" / "journal.json").write_text(text)
        with pytest.raises(StateError) as raised:
            run.journal()
        for words in (f"{run.folder}/journal.json can't be read", "by hand", run.marker):
            assert words in str(raised.value)

    def test_a_journal_that_is_gone_is_no_empty_journal(self, run: RunRecords, folder: Path) -> None:
        run.open(NOTE)
        (folder / "manual__1" / "journal.json").unlink()
        with pytest.raises(StateError, match=r"manual__1/journal\.json is gone"):
            run.journal()

    @pytest.mark.parametrize("text", ["{", "", "[]", "[1]", '{"intent": 7}', '{"intent": {"seen": []}}'])
    def test_a_marker_of_an_older_release_is_no_empty_marker(
        self, run: RunRecords, folder: Path, text: str
    ) -> None:
        (folder / "open").mkdir(parents=True)
        (folder / "open" / "manual__1.json").write_text(text)
        with pytest.raises(StateError, match=r"open/manual__1\.json can't be read"):
            run.journal()

    @pytest.mark.parametrize("text", [text for text in CUT if "99" not in text])
    @pytest.mark.parametrize("name", ["plan", "base", "carried"])
    def test_a_plan_or_a_listing_is_neither_empty_nor_not_there(
        self, run: RunRecords, folder: Path, name: str, text: str
    ) -> None:
        (folder / "manual__1").mkdir(parents=True)
        (folder / "manual__1" / f"{name}.json").write_text(text)
        with pytest.raises(StateError, match=rf"manual__1/{name}\.json can't be read.*from a backup"):
            run.read_plan(name) if name == "plan" else run.carry_base()

    def test_a_file_that_may_not_be_read_is_named_and_tried_again(
        self, run: RunRecords, folder: Path
    ) -> None:
        (folder / "manual__1" / "journal.json").mkdir(parents=True)
        with pytest.raises(StorageUnavailable, match=r"manual__1/journal\.json could not be read"):
            run.journal()

    @pytest.mark.parametrize("text", CUT)
    def test_costs_are_only_looked_back_on(self, records: Records, folder: Path, text: str) -> None:
        folder.mkdir(parents=True)
        (folder / "costs.json").write_text(text)
        assert records.past_costs() == []
        records.note_cost("manual__1", 3, 1000, 0.5)
        assert records.past_costs() == [{"run": "manual__1", "sessions": 3, "tokens": 1000, "usd": 0.5}]


class TestBeforeTheUpgrade:
    """A run under way when the journal came: its marker holds what it knew."""

    intent = {  # noqa: RUF012
        "input_store_id": "memstore_1",
        "session_ids": ["sesn_1"],
        "model": "claude-opus-4-8",
        "instructions": None,
        "seen": ["drm_0"],
    }

    def mark(self, folder: Path, **facts: object) -> None:
        (folder / "open").mkdir(parents=True, exist_ok=True)
        (folder / "open" / "manual__1.json").write_text(json.dumps(facts))

    def plan(self, folder: Path, text: str) -> None:
        (folder / "manual__1").mkdir(parents=True)
        (folder / "manual__1" / "plan.json").write_text(text)

    def test_its_dream_and_its_swap_are_known(self, run: RunRecords, folder: Path) -> None:
        self.mark(folder, intent=self.intent, dream_id="drm_1", output_store_id="memstore_2")
        self.plan(folder, json.dumps({"writes": [], "digest_before": "aa", "digest_after": "bb"}))
        journal = run.journal()
        assert journal.dream is not None
        assert journal.dream.dream_id == "drm_1"
        assert (journal.dream.session_ids, journal.dream.seen) == (("sesn_1",), ("drm_0",))
        assert journal.swap is not None
        assert (journal.swap.before, journal.swap.after) == ("memstore_1", "memstore_2")
        assert (journal.swap.reviewed, journal.swap.adopted) == ("aa", "bb")

    def test_what_is_noted_of_it_now_adds_to_what_it_knew(self, run: RunRecords, folder: Path) -> None:
        self.mark(folder, intent=self.intent, dream_id="drm_1")
        run.note_dream("drm_1", output_store_id="memstore_2")
        run.close("settled")
        journal = run.journal()
        assert journal.dream is not None
        assert (journal.dream.dream_id, journal.dream.output_store_id) == ("drm_1", "memstore_2")
        assert journal.closed == "settled"

    def test_a_marker_without_facts_tells_of_no_store(self, run: RunRecords, folder: Path) -> None:
        self.mark(folder)
        assert run.journal().dreams == ()

    def test_a_plan_that_is_cut_is_named(self, run: RunRecords, folder: Path) -> None:
        self.mark(folder, intent=self.intent, dream_id="drm_1", output_store_id="memstore_2")
        self.plan(folder, '{"writes": [')
        with pytest.raises(StateError, match=r"manual__1/plan\.json can't be read"):
            run.journal()


class TestListings:
    @given(STORES)
    def test_a_listing_comes_back_as_it_was_kept(
        self, tmp_path_factory: pytest.TempPathFactory, contents: dict[str, str]
    ) -> None:
        run = Records(storage, f"file://{tmp_path_factory.mktemp('reports')}", "support").run("run")
        run.write_listing("base", "memstore_1", listing_of(contents))
        assert run.read_listing("base") == listing_of(contents)

    def test_a_listing_of_another_store_is_none(self, run: RunRecords) -> None:
        run.write_listing("adopted", "memstore_1", listing_of({"/a": "1"}))
        assert run.read_listing("adopted", "memstore_1") == listing_of({"/a": "1"})
        assert run.read_listing("adopted", "memstore_2") is None

    def test_a_carry_starts_from_the_last_carry_where_there_was_one(self, run: RunRecords) -> None:
        run.write_listing("base", "memstore_1", listing_of({"/a": "1"}))
        assert run.carry_base() == by_memory(listing_of({"/a": "1"}))
        run.write_ledger("memstore_1", {})
        assert run.carry_base() == {}

    def test_a_base_that_is_lost_stops_the_carry_and_says_what_to_do(self, run: RunRecords) -> None:
        with pytest.raises(StateError, match=r"manual__1/base\.json is not there.*Bring the file back"):
            run.carry_base()


def test_a_plan_comes_back_as_it_was_noted_until_another_dream_is_asked_for(run: RunRecords) -> None:
    assert run.read_plan("plan") == Plan()
    plan = Plan(done=(Carried("/a.md", None, "aa"), Carried("/Zürich.md", "bb", None)))
    run.write_plan("plan", plan)
    run.write_texts("plan", 2, {"mem_1": "Zürich\r\n"})
    run.write_ledger("memstore_1", by_memory(listing_of({"/a": "1"})))
    run.write_listing("base", "memstore_1", {})
    assert run.read_plan("plan") == plan
    assert run.read_texts("plan", 2) == {"mem_1": "Zürich\r\n"}
    assert run.carry_base() == by_memory(listing_of({"/a": "1"}))
    run.forget_carries()
    assert (run.read_plan("plan"), run.read_texts("plan", 2), run.carry_base()) == (Plan(), {}, {})


def test_what_an_older_release_noted_of_a_carry_is_read(run: RunRecords, folder: Path) -> None:
    listing = listing_of({"/a": "1", "/b": "2"})
    kept = {"memory_store_id": "memstore_1", "memories": listing_to_json(listing)}
    plan = {"writes": [{"path": "/a", "before_sha256": None, "after_sha256": "aa"}]}
    (folder / "manual__1").mkdir(parents=True)
    (folder / "manual__1" / "carried.json").write_text(json.dumps(kept))
    (folder / "manual__1" / "plan.json").write_text(json.dumps(plan))
    assert run.carry_base() == by_memory(listing)
    assert run.read_plan("plan") == Plan(done=(Carried("/a", None, "aa"),))


def test_a_review_is_kept_with_its_renderings(run: RunRecords, folder: Path) -> None:
    assert (run.read_review(), run.read_question()) == (None, None)
    paths = ("/Zürich.md",)
    flag = Finding(id="1", check="lost", severity="flag", message="It is gone.", paths=paths)
    facts = StoreFacts(id="memstore_1", memories=1, bytes=1)
    review = Review(
        pipeline="support", run_id="manual__1", made_at=at(0), digest="d", verdict="flagged", input=facts,
        output=facts, counts={"added": 1}, findings=(flag,),
    )  # fmt: skip
    run.write_review(review)
    run.write_question("# Review\n")
    run.write_record("<p>Review")
    assert run.read_review() == review
    assert run.read_question() == "# Review\n"
    assert run.report_uri.endswith("/support/manual__1/review.html")
    assert (folder / "manual__1" / "review.html").read_text() == "<p>Review"
    assert json.loads((folder / "manual__1" / "review.json").read_text())["version"] == 1


def test_of_reviewers_who_edit_at_once_no_edit_is_lost_and_a_new_output_has_none(run: RunRecords) -> None:
    for name in ("Ada", "Grace"):
        run.add_edit(Edit(at=at(0), by=name, action="write", path="/a.md"))
    assert [edit.by for edit in run.edits()] == ["Ada", "Grace"]
    run.forget_carries()
    assert run.edits() == ()


def test_the_trend_looks_back_on_so_many_runs_each_once_in_its_place(records: Records) -> None:
    for number in range(65):
        records.note_trend(f"run_{number}", "clean", {}, changed=False)
    records.note_trend("run_10", "flagged", {}, changed=True)
    rows = records.trend()
    assert [row["run"] for row in rows] == [f"run_{number}" for number in range(5, 65)]
    assert (rows[5]["verdict"], rows[5]["changed"]) == ("flagged", True)


def test_answers_that_were_not_taken_are_kept_the_newest_of_many(run: RunRecords) -> None:
    for number in range(55):
        run.note_refused(Refused(decision="Adopt", by="Ada", at=at(0), why=str(number)))
    assert [one.why for one in run.journal().refused] == [str(number) for number in range(5, 55)]


def test_a_night_counts_each_dream_once_with_what_it_used_last(records: Records) -> None:
    records.note_in_night("tonight", "drm_1")
    records.note_in_night("tonight", "drm_1", 10, 0.5)
    records.note_in_night("tonight", "drm_2", 5)
    records.note_in_night("yesterday", "drm_0", 100)
    spent = records.spent_in("tonight")
    assert (spent.dreams, spent.tokens) == (2, 15)
    assert records.spent_in("tonight", but="drm_1").tokens == 5
