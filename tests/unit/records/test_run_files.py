"""What a run keeps at the report location."""

from __future__ import annotations

from pathlib import Path

import pytest
from dreamflow.run_files import RunFiles, open_runs, report_location
from hypothesis import given
from hypothesis import strategies as st

from dreamflow.errors import StateError
from tests.unit.support import STORES, listing_of

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
def location(tmp_path: Path) -> str:
    return f"file://{tmp_path}/reports"


@pytest.fixture
def files(location: str) -> RunFiles:
    return RunFiles(location, "support", "manual__1")


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
        folder = RunFiles("file:///reports", "support", run_id).folder
        assert folder.startswith("file:///reports/support/")
        segment = folder.removeprefix("file:///reports/support/")
        assert segment
        assert "/" not in segment
        assert segment.strip(".")

    @given(RUN_IDS, RUN_IDS)
    def test_two_runs_never_share_a_folder(self, one: str, other: str) -> None:
        folders = {RunFiles("file:///reports", "support", run_id).folder for run_id in (one, other)}
        assert len(folders) == len({one, other})

    def test_the_files_of_a_run_are_never_taken_for_markers(self, location: str) -> None:
        RunFiles(location, "support", "open").write_listing("base", "memstore_1", {})
        assert open_runs(location, "support") == []


class TestMarkers:
    @given(st.lists(RUN_IDS, max_size=4, unique=True))
    def test_open_runs_are_named_until_they_are_settled(
        self, tmp_path_factory: pytest.TempPathFactory, run_ids: list[str]
    ) -> None:
        location = f"file://{tmp_path_factory.mktemp('reports')}"
        for run_id in run_ids:
            RunFiles(location, "support", run_id).mark_open({"dream_id": run_id})
        RunFiles(location, "other", "elsewhere").mark_open({})
        assert sorted(open_runs(location, "support")) == sorted(run_ids)
        for run_id in run_ids:
            assert RunFiles(location, "support", run_id).read_marker() == {"dream_id": run_id}
            RunFiles(location, "support", run_id).mark_settled()
        assert open_runs(location, "support") == []

    def test_no_runs_are_open_where_nothing_was_ever_written(self, location: str) -> None:
        assert open_runs(location, "support") == []

    def test_marking_again_replaces_what_was_known(self, files: RunFiles) -> None:
        files.mark_open({"intent": {}})
        files.mark_open({**files.read_marker(), "dream_id": "drm_1"})
        assert files.read_marker() == {"intent": {}, "dream_id": "drm_1"}

    def test_settling_twice_is_harmless(self, files: RunFiles) -> None:
        files.mark_settled()
        files.mark_settled()

    def test_a_run_without_a_marker_knows_nothing(self, files: RunFiles) -> None:
        assert files.read_marker() == {}

    @pytest.mark.parametrize("text", ["{", "", "[]"])
    def test_a_marker_that_somebody_broke_is_no_empty_marker(
        self, files: RunFiles, tmp_path: Path, text: str
    ) -> None:
        files.mark_open({"output_store_id": "memstore_2"})
        (tmp_path / "reports" / "support" / "open" / "manual__1.json").write_text(text)
        with pytest.raises(StateError, match=r"manual__1\.json"):
            files.read_marker()


class TestListings:
    @given(STORES)
    def test_a_listing_comes_back_as_it_was_kept(
        self, tmp_path_factory: pytest.TempPathFactory, contents: dict[str, str]
    ) -> None:
        files = RunFiles(f"file://{tmp_path_factory.mktemp('reports')}", "support", "run")
        files.write_listing("base", "memstore_1", listing_of(contents))
        assert files.read_listing("base") == listing_of(contents)

    def test_a_carry_starts_from_the_last_carry_where_there_was_one(self, files: RunFiles) -> None:
        files.write_listing("base", "memstore_1", listing_of({"/a": "1"}))
        assert files.carry_base() == listing_of({"/a": "1"})
        files.write_listing("carried", "memstore_1", {})
        assert files.carry_base() == {}

    def test_a_base_that_is_lost_stops_the_carry_and_says_what_to_do(self, files: RunFiles) -> None:
        with pytest.raises(StateError, match=r"manual__1/base\.json is not there.*Bring the file back"):
            files.carry_base()


def test_a_report_is_kept_beside_its_figures(files: RunFiles) -> None:
    assert files.read_report() is None
    files.write_report("# Review\n")
    assert files.read_report() == "# Review\n"
    assert files.report_uri.endswith("/support/manual__1/report.md")
    assert files.read_json("report") is None
    files.write_json("report", {"verdict": "clean", "paths": ["/Zürich.md"]})
    assert files.read_json("report") == {"verdict": "clean", "paths": ["/Zürich.md"]}
