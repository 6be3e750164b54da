"""Who may see a review, and who may act on it: as Airflow has it, and nobody else."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.unit.review.conftest import Scene

PATH = "/team.md"


@pytest.fixture
def scene(scene_of: Any) -> Scene:
    made: Scene = scene_of({PATH: "Nadia leads.\n"}, {PATH: "Nadia leads. Tom helps.\n", "/new.md": "New.\n"})
    return made


READS = ["", "/changes", f"/memory?path={PATH}", f"/history?path={PATH}", "/late", f"/box?path={PATH}"]
API_READS = ["", "/state", "/state.svg", f"/evidence?path={PATH}&line=1&start=0"]


def addresses(scene: Scene) -> list[str]:
    return [scene.page + end for end in READS] + [scene.api + end for end in API_READS]


def test_nobody_sees_anything_without_a_login(scene: Scene) -> None:
    nobody = scene.browser(None)
    for address in [*addresses(scene), "/dreamflow/static/review.js"]:
        assert nobody.get(address).status_code == 401, address
    assert scene.edit_as(None, {"action": "delete", "path": PATH}).status_code == 401


def test_there_are_no_routes_that_want_no_login(scene: Scene) -> None:
    for address in ("/docs", "/redoc", "/openapi.json"):
        assert scene.browser(None).get(f"/dreamflow{address}").status_code == 404
        assert scene.browser("ada").get(f"/dreamflow{address}").status_code == 404


def test_a_viewer_reads_everything_and_writes_nothing(scene: Scene) -> None:
    viewer = scene.browser("vic")
    for address in addresses(scene):
        assert viewer.get(address).status_code in (200, 404), address
    assert scene.edit_as("vic", {"action": "delete", "path": PATH}).status_code == 403
    page = scene.get("", "vic")
    assert "data-action" not in page
    assert "data-option" not in page
    assert scene.night.service.contents(scene.night.output_id)[PATH] == "Nadia leads. Tom helps.\n"


def test_a_question_that_names_others_is_not_ones_own_to_mend(scene: Scene) -> None:
    scene.ask("ben")
    held = scene.night.hook.list_memories(scene.night.output_id)[PATH].sha256
    asked = {"action": "delete", "path": PATH, "expected_sha256": held}
    assert scene.edit_as("ada", asked).status_code == 403
    assert "Its question is for ben" in scene.get("", "ada")
    assert scene.edit_as("ben", asked).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "", "Origin": "https://elsewhere.example"},
        {"Sec-Fetch-Site": "", "Origin": "null"},
        {"Sec-Fetch-Site": "none"},
        {"X-Dreamflow": ""},
        {"Content-Type": "text/plain"},
    ],
)
def test_another_sites_page_can_write_nothing(scene: Scene, headers: dict[str, str]) -> None:
    assert scene.edit_as("ada", {"action": "delete", "path": PATH}, headers).status_code == 403


def test_another_sites_form_can_write_nothing(scene: Scene) -> None:
    form = {"action": "delete", "path": PATH}
    assert scene.browser().post(f"{scene.api}/edits", data=form).status_code == 403


def test_a_run_that_is_not_there_has_no_page(scene: Scene) -> None:
    reader = scene.browser()
    for run in ("manual__none", "..", "%2e%2e"):
        assert reader.get(f"/dreamflow/review/dream__support/{run}").status_code == 404
    for dag in ("dream__other", "other", "restore_memory_store"):
        assert reader.get(f"/dreamflow/review/{dag}/{scene.night.run_id}").status_code == 404


def test_a_path_of_another_run_is_not_shown(scene: Scene, scene_of: Any) -> None:
    other: Scene = scene_of({"/theirs.md": "Theirs.\n"}, {"/theirs.md": "Theirs, changed.\n"})
    reader = scene.browser()
    for name in ("memory", "history", "lines", "box"):
        query: dict[str, str | int] = {"path": "/theirs.md", "before": 1, "after": 1, "count": 1}
        answer = reader.get(f"{scene.page}/{name}", params=query)
        assert answer.status_code == 404 or "/theirs.md" not in answer.text, name
    assert "Theirs" in other.get("/memory", path="/theirs.md")


def test_every_answer_lets_nothing_load_from_elsewhere(scene: Scene) -> None:
    for address in [*addresses(scene), "/dreamflow/static/review.css", "/dreamflow/static/none"]:
        headers = scene.browser().get(address).headers
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert "frame-ancestors 'self'" in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["cache-control"] == "no-store"
        assert headers["referrer-policy"] == "no-referrer"


def sent(scene: Scene, user: str | None, body: Any, route: str = "edits") -> int:
    headers = {"X-Dreamflow": "1", "Sec-Fetch-Site": "same-origin", "Content-Type": "application/json"}
    status: int = scene.browser(user).post(f"{scene.api}/{route}", content=body, headers=headers).status_code
    return status


@pytest.mark.parametrize("route", ["edits", "late"])
def test_what_is_sent_is_read_only_from_who_may_send_it_and_no_more_than_an_edit_takes(
    scene: Scene, route: str
) -> None:
    def long() -> Iterator[bytes]:
        """No length is told."""
        yield from [b"[" * 100_000] * 20

    assert sent(scene, None, b"{no json", route) == 401
    assert sent(scene, "vic", b"{no json", route) == 403
    assert sent(scene, "ada", long(), route) == 413
    half = b'{"action": "write", "path": "/a.md", "content": "\\ud800", "shown_version": "\\ud800"}'
    for body in (b"", b"{no json", b"[]", b"[" * 100_000, b"\xff\xfe", half):
        assert sent(scene, "ada", body, route) == 422, body[:20]
