"""What the page says where files, names or the service are not as they should be: never nothing, never too much."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from dreamflow import storage
from dreamflow.records.journal import RESTORE_KEY
from tests.unit.review.conftest import DAG_ID, Scene

KEY = "sk_live_51HxQk2eZvKYlo2C9aB3xY7z"
BEFORE = {"/team.md": "Nadia leads the support team in Leeds.\nTom helps.\n"}
AFTER = {"/people/team.md": "Nadia leads the support team in Leeds.\nTom helps.\n", "/new.md": "New.\n"}


@pytest.fixture
def scene(scene_of: Any) -> Scene:
    made: Scene = scene_of(BEFORE, AFTER)
    return made


def sha(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def kept(folder: Path, scene: Scene) -> Path:
    return folder / "reports" / "support" / scene.night.run_id / "review.json"


def as_a_browser(scene: Scene) -> TestClient:
    """Return a client that is answered where the server has an error, as a browser is."""
    client = TestClient(scene.airflow.app, base_url="http://localhost:8080", raise_server_exceptions=False)
    client.cookies = scene.browser().cookies
    return client


@pytest.mark.parametrize("broken", ["", "{", "null", '{"version": 99}'])
def test_a_review_that_was_lost_or_cut_is_made_anew(folder: Path, scene: Scene, broken: str) -> None:
    file = kept(folder, scene)
    file.write_text(broken) if broken else file.unlink()
    assert "/people/team.md" in scene.get("")
    assert scene.browser().get(f"{scene.api}/state").json()["digest"]


def test_a_change_is_taken_back_whole_though_its_review_was_lost(folder: Path, scene: Scene) -> None:
    kept(folder, scene).unlink()
    sha256 = sha(AFTER["/people/team.md"])
    assert scene.edit(action="take_back", path="/people/team.md", expected_sha256=sha256).status_code == 200
    assert scene.night.service.contents(scene.night.output_id) == {**BEFORE, "/new.md": "New.\n"}


@pytest.mark.parametrize(("call", "error"), [("write_text", 28), ("list_names", 5)])
def test_a_disk_that_fails_is_told_and_nothing_is_edited(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, call: str, error: int
) -> None:
    def fail(*_: object) -> None:
        raise OSError(error, "the disk")

    monkeypatch.setattr(storage, call, fail)
    answer = scene.edit(action="delete", path="/new.md", expected_sha256=sha("New.\n"))
    assert answer.status_code == 503
    assert "files can't be read or written" in answer.json()["detail"]
    assert scene.night.service.contents(scene.night.output_id) == AFTER


@pytest.mark.parametrize("accept", ["text/html", "application/json"])
def test_an_error_of_ours_has_the_same_headers_and_says_nothing_of_itself(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, accept: str
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError(KEY)

    monkeypatch.setattr("dreamflow.review.routes.page.history", fail)
    answer = as_a_browser(scene).get(f"{scene.page}/history?path=/new.md", headers={"Accept": accept})
    assert answer.status_code == 500
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert answer.headers["cache-control"] == "no-store"
    assert KEY not in answer.text


def test_an_error_shows_no_secret_that_a_path_holds(scene: Scene) -> None:
    for request in ({"action": "keep"}, {"action": "write", "content": "x", "expected_sha256": sha("x")}):
        answer = scene.edit(path=f"/keys/{KEY}.md", **request)
        assert answer.status_code == 409
        assert KEY not in answer.text


@pytest.mark.parametrize("path", ["", "x", "//", "/a//b", "/../a", "\0", "/a\nb"])
def test_a_path_that_none_can_be_has_no_history(scene: Scene, path: str) -> None:
    answer = scene.browser().get(f"{scene.page}/history", params={"path": path})
    assert answer.status_code == 404
    assert "ever had that path" in answer.text


def test_a_dreams_run_that_is_named_as_a_restores_files_are_shows_none_of_them(scene: Scene) -> None:
    run_id = f"{RESTORE_KEY}{scene.night.run_id}"
    scene.airflow.ask(DAG_ID, run_id)
    assert scene.browser().get(f"/dreamflow/review/{DAG_ID}/{run_id}").status_code == 404
