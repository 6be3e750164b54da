"""Who may see a review, and who may act on it: as Airflow has it, and nobody else."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, cast

import pytest
from airflow import settings
from fastapi.routing import APIRoute

from dreamflow.hooks.managed_agents import ManagedAgentsHook
from dreamflow.review.app import create_app
from tests.unit.review.conftest import Scene
from tests.unit.review.test_mending import sha

PATH = "/team.md"
FOLDED = "".join(f"Line {n}.\n" for n in range(30))
HELD = f"Nadia leads. Tom helps.\n{FOLDED}"


@pytest.fixture
def scene(scene_of: Any) -> Scene:
    before = {PATH: f"Nadia leads.\n{FOLDED}", "/gone.md": "ZZ-48213 is gone.\n"}
    made: Scene = scene_of(before, {PATH: HELD, "/new.md": "ZZ-48214 is new.\n"})
    made.night.service.put(made.night.input_id, PATH, "Ada leads.\n")
    return made


def reads(scene: Scene) -> dict[str, dict[str, str | int]]:
    """Return what is asked of each route that shows something of a run, so that there is something."""
    (version,) = re.findall(r"store=(\w+)&amp;version=(\w+)", scene.get("/history", path="/new.md"))
    return {
        "/review": {},
        "/review/changes": {},
        "/review/memory": {"path": PATH},
        "/review/findings": {"check": "ungrounded", "severity": "flag"},
        "/review/lines": {"path": PATH, "before": 9, "after": 9, "count": 3},
        "/review/history": {"path": PATH},
        "/review/late": {},
        "/review/late/text": {"path": PATH, "sha256": sha("Ada leads.\n")},
        "/review/box": {"path": PATH},
        "/review/version": {"path": "/new.md", **dict(zip(("store", "version"), version, strict=True))},
        "/api/reviews": {},
        "/api/reviews/state": {},
        "/api/reviews/state.svg": {},
        "/api/reviews/evidence": {"path": "/new.md", "line": 1, "start": 0},
    }


#: What is sent to each route that changes something, as a page of ours sends it.
WRITES: dict[str, dict[str, Any]] = {
    "/api/reviews/edits": {"action": "delete", "path": PATH},
    "/api/reviews/late": {"path": PATH, "sha256": sha("Ada leads.\n"), "choice": "late"},
    "/api/reviews/answer": {"decision": "Reject", "digest": "", "comment": "", "ticked": []},
}


def address(scene: Scene, route: str) -> str:
    kind = "/api/reviews" if route.startswith("/api") else "/review"
    return f"{scene.api if kind != '/review' else scene.page}{route.removeprefix(kind)}"


def write(
    scene: Scene, route: str, user: str | None = "ada", headers: Mapping[str, str] | None = None
) -> int:
    own = {"X-Dreamflow": "1", "Sec-Fetch-Site": "same-origin", **(headers or {})}
    status: int = scene.browser(user).post(address(scene, route), json=WRITES[route], headers=own).status_code
    return status


def test_every_route_is_among_those_that_are_looked_at_here(scene: Scene) -> None:
    routes = [route for route in create_app().routes if isinstance(route, APIRoute)]
    for method, known in (("GET", {*reads(scene), "/static/{name}"}), ("POST", set(WRITES))):
        found = {route.path.replace("/{dag_id}/{run_id}", "") for route in routes if method in route.methods}
        assert found == known
    assert {method for route in routes for method in route.methods} == {"GET", "POST"}


def test_nobody_sees_or_changes_anything_without_a_login(scene: Scene) -> None:
    nobody = scene.browser(None)
    for route, query in reads(scene).items():
        assert nobody.get(address(scene, route), params=query).status_code == 401, route
    assert nobody.get("/dreamflow/static/review.js").status_code == 401
    for route in WRITES:
        assert write(scene, route, None) == 401, route


def test_there_are_no_routes_that_want_no_login(scene: Scene) -> None:
    for address in ("/docs", "/redoc", "/openapi.json"):
        assert scene.browser(None).get(f"/dreamflow{address}").status_code == 404
        assert scene.browser("ada").get(f"/dreamflow{address}").status_code == 404


def test_a_viewer_reads_everything_and_writes_nothing(scene: Scene) -> None:
    viewer = scene.browser("vic")
    for route, query in reads(scene).items():
        assert viewer.get(address(scene, route), params=query).status_code == 200, route
    for route in WRITES:
        assert write(scene, route, "vic") == 403, route
    page = scene.get("", "vic")
    assert "data-action" not in page
    assert "data-option" not in page
    assert "data-choice=" not in scene.get("/late", "vic")
    assert scene.night.service.contents(scene.night.output_id)[PATH] == HELD


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
    for route in WRITES:
        assert write(scene, route, headers=headers) == 403, route


def test_another_sites_form_can_write_nothing(scene: Scene) -> None:
    for route, form in WRITES.items():
        assert scene.browser().post(address(scene, route), data=form).status_code == 403, route


def test_a_run_that_is_not_there_has_no_page(scene: Scene) -> None:
    reader = scene.browser()
    for run in ("manual__none", "..", "%2e%2e"):
        assert reader.get(f"/dreamflow/review/dream__support/{run}").status_code == 404
    for dag in ("dream__other", "other", "restore_memory_store"):
        assert reader.get(f"/dreamflow/review/{dag}/{scene.night.run_id}").status_code == 404


def test_a_path_of_another_run_is_not_there(scene: Scene, scene_of: Any) -> None:
    other: Scene = scene_of({"/theirs.md": "Theirs.\n"}, {"/theirs.md": "ZZ-1234 is theirs.\n"})
    other.night.service.put(other.night.input_id, "/theirs.md", "Ada leads.\n")
    (version, *_) = re.findall(r"store=(\w+)&amp;version=(\w+)", other.get("/history", path="/theirs.md"))
    theirs = {"path": "/theirs.md", **dict(zip(("store", "version"), version, strict=True))}
    asked = {route: query for route, query in reads(scene).items() if "path" in query}
    assert len(asked) == 7
    for route, query in asked.items():
        own = {name: theirs.get(name, value) for name, value in query.items()}
        own |= {"before": 1, "after": 1} if route == "/review/lines" else {}
        assert scene.browser().get(address(scene, route), params=own).status_code == 404, route
        assert scene.browser().get(address(other, route), params=own).status_code == 200, route


def test_every_answer_lets_nothing_load_from_elsewhere(scene: Scene) -> None:
    whole = [(address(scene, route), query) for route, query in reads(scene).items()]
    for where, query in [*whole, ("/dreamflow/static/review.css", {}), ("/dreamflow/static/none", {})]:
        headers = scene.browser().get(where, params=query).headers
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


def test_no_request_holds_a_connection_of_airflows_while_the_service_is_asked(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Airflow's web server has fifteen: pages that wait would take them from all others."""
    held: list[int] = []
    pool: Any = cast("Any", settings.engine).pool
    listed = ManagedAgentsHook.list_memories

    def counted(self: ManagedAgentsHook, *args: Any, **more: Any) -> Any:
        held.append(pool.checkedout())
        return listed(self, *args, **more)

    monkeypatch.setattr(ManagedAgentsHook, "list_memories", counted)
    scene.night.service.put(scene.night.output_id, PATH, "Somebody else wrote.\n")
    scene.get("")
    assert held
    assert set(held) == {0}
