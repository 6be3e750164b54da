"""The review of a restore: another DAG's run, of the pipeline that it names."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from fastapi import HTTPException

from dreamflow import storage
from dreamflow.config import load_pipeline
from dreamflow.core.fleets import Member
from dreamflow.core.handoffs import Restored
from dreamflow.records.files import Records
from dreamflow.records.journal import RESTORE_KEY
from dreamflow.records.rosters import note_restored_member
from dreamflow.review.access import AirflowRun
from dreamflow.review.desk import desk_of, members_of
from dreamflow.review.pages import links_of
from dreamflow.review.question import Question
from dreamflow.steps.review import review
from dreamflow.tasks import RESTORE_DAG_ID
from tests.unit.review.conftest import Scene


@pytest.mark.parametrize("conf", [{"pipeline": "support"}, {}])
def test_a_restore_is_reviewed_on_its_own_run(
    scene_of: Any, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, conf: dict[str, str]
) -> None:
    shutil.copy(folder / "support.yaml", tmp_path)
    monkeypatch.setenv("DREAMFLOW_PIPELINES", str(tmp_path))
    scene: Scene = scene_of({"/a.md": "Now.\n"}, {"/a.md": "Then.\n"}, asked=False)
    night = scene.night
    run_id, night.run_id = night.run_id, f"{RESTORE_KEY}{night.run_id}"
    night.dreamed()
    night.run.note(dag_id=RESTORE_DAG_ID)
    made = Restored(
        ancestor_id="memstore_before",
        input_store_id=night.input_id,
        output_store_id=night.output_id,
        warnings=("Three nights go with it.",),
    )
    review(night.world, night.run, made)
    scene.airflow.ask(RESTORE_DAG_ID, run_id, conf={"pipeline": "support"})
    scene.airflow.triggered_with(RESTORE_DAG_ID, run_id, conf)
    answer = scene.browser().get(f"/dreamflow/review/{RESTORE_DAG_ID}/{run_id}")
    assert answer.status_code == 200
    assert "Going back of <b>support</b>" in answer.text
    assert "Three nights go with it." in answer.text
    assert "memstore_before" in answer.text


def test_a_restore_of_a_fleets_member_is_reviewed_in_that_members_files(
    scene_of: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DREAMFLOW_PIPELINES", str(tmp_path))
    scene: Scene = scene_of({"/a.md": "Now.\n"}, {"/a.md": "Then.\n"}, asked=False)
    night = scene.night
    file = tmp_path / "restored.yaml"
    file.write_text(f"fleet: {{deployments: {{name: '*'}}}}\nreports: {{location: '{night.location}'}}\n")
    conf = {"pipeline": "restored", "member": "acme"}
    run = AirflowRun(RESTORE_DAG_ID, night.run_id, conf, "running", Question(), "ada", True)
    with pytest.raises(HTTPException, match="has not begun"):
        desk_of(run)
    fleet, member = load_pipeline(file), Member(id="depl_1", name="acme")
    records = Records(storage, night.location, "restored")
    note_restored_member(records, night.run_id, member)
    night.world = replace(night.world, pipeline=fleet.of_member(member), records=records.member(member.id))
    night.run_id = f"{RESTORE_KEY}{night.run_id}"
    night.dreamed()
    night.run.note(dag_id=RESTORE_DAG_ID)
    made = Restored(
        ancestor_id="memstore_before", input_store_id=night.input_id, output_store_id=night.output_id
    )
    review(night.world, night.run, made)
    desk = desk_of(run)
    assert members_of(run) is None
    assert desk.known is not None
    assert desk.known.output.id == night.output_id
    with pytest.raises(HTTPException, match="has no members"):
        desk_of(replace(run, member="depl_1"))


def test_addresses_hold_wherever_airflow_is_served_and_whatever_a_run_is_called() -> None:
    class Request:
        scope = {"root_path": "/tools/airflow/dreamflow"}  # noqa: RUF012

    run = AirflowRun(
        "dream__a", "manual__2026-11-20T00:00:00+00:00/?#", {}, "running", Question(), "ada", True
    )
    links = links_of(Request(), run)  # type: ignore[arg-type]
    encoded = "manual__2026-11-20T00%3A00%3A00%2B00%3A00%2F%3F%23"
    assert links.page == f"/tools/airflow/dreamflow/review/dream__a/{encoded}"
    assert links.answer == (
        f"/tools/airflow/api/v2/dags/dream__a/dagRuns/{encoded}/taskInstances/approve/-1/hitlDetails"
    )
    assert links.static == "/tools/airflow/dreamflow/static"
