"""A run that waits for an answer: its stores on the embedded server, its question in Airflow's database."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import uvicorn
import yaml
from fastapi.testclient import TestClient
from playwright.sync_api import Page

from dreamflow.review.watch import WATCH
from dreamflow.steps.review import review
from tests.browser.chromium import Window, opened
from tests.unit.review.airflow_here import AirflowHere, airflow_here
from tests.unit.review.fleet_scene import FleetScene
from tests.unit.running import Night
from tests.unit.service import Service, mounted

DAG_ID = "dream__support"
_NUMBERS = count(1)


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("review")


@pytest.fixture(scope="session")
def airflow(folder: Path, service: Service) -> Iterator[AirflowHere]:
    pipeline = {
        "targets": [{"type": "agent", "agent_id": service.agent(memory_store_id=service.store())}],
        "reports": {"location": f"file://{folder}/reports"},
    }
    (folder / "support.yaml").write_text(yaml.safe_dump(pipeline), encoding="utf-8")
    fleet = {"fleet": {"deployments": {"name": "shop-*"}}, "reports": pipeline["reports"]}
    (folder / "shops.yaml").write_text(yaml.safe_dump(fleet), encoding="utf-8")
    with airflow_here(folder) as here:
        yield here


@dataclass
class Scene:
    """A run under review, and the people who look at it."""

    airflow: AirflowHere
    night: Night

    @property
    def page(self) -> str:
        return f"/dreamflow/review/{DAG_ID}/{self.night.run_id}"

    @property
    def api(self) -> str:
        return f"/dreamflow/api/reviews/{DAG_ID}/{self.night.run_id}"

    def browser(self, user: str | None = "ada") -> TestClient:
        return self.airflow.browser(user)

    def get(self, address: str, user: str | None = "ada", **query: Any) -> str:
        """Return what a signed-in reader sees at an address of the run's page."""
        response = self.browser(user).get(f"{self.page}{address}", params=query)
        assert response.status_code == 200, response.text
        return response.text

    def edit(self, **request: Any) -> Any:
        """Send an edit as Ada's page does."""
        return self.edit_as("ada", request)

    def edit_as(
        self, user: str | None, request: Mapping[str, Any], headers: Mapping[str, str] | None = None
    ) -> Any:
        own = {"X-Dreamflow": "1", "Sec-Fetch-Site": "same-origin", "Origin": "http://localhost:8080"}
        return self.browser(user).post(f"{self.api}/edits", json=request, headers=own | dict(headers or {}))

    def answer(self, option: str, by: str = "ada") -> None:
        """Let somebody have answered, in Airflow."""
        self.airflow.answer(DAG_ID, self.night.run_id, option, by)

    def answered(self) -> dict[str, Any]:
        """Return the question with its answer, as Airflow has it."""
        address = f"/api/v2/dags/{DAG_ID}/dagRuns/{self.night.run_id}/taskInstances/approve/-1/hitlDetails"
        found: dict[str, Any] = self.browser().get(address).json()
        return found

    def later(self) -> None:
        """Let what was seen a moment ago be looked at again."""
        WATCH.forget()

    def ask(self, *assignees: str) -> None:
        self.airflow.ask(DAG_ID, self.night.run_id, assignees)


@pytest.fixture
def fleet(airflow: AirflowHere, folder: Path, service: Service) -> Iterator[FleetScene]:
    yield FleetScene(airflow, service, f"file://{folder}/reports", f"manual__{next(_NUMBERS)}")
    WATCH.forget()


@pytest.fixture
def scene_of(airflow: AirflowHere, folder: Path, service: Service) -> Iterator[Any]:
    def make(
        before: Mapping[str, str],
        after: Mapping[str, str],
        *,
        asked: bool = True,
        talks: Sequence[str] = (),
        **settings: Any,
    ) -> Scene:
        input_id, output_id = service.store(before), service.store(before)
        for path in before.keys() - after.keys():
            service.remove(output_id, path)
        for path, text in after.items():
            if before.get(path) != text:
                service.put(output_id, path, text)
        night = Night(
            service,
            f"file://{folder}/reports",
            input_id,
            output_id,
            service.deployment(mounted(input_id)),
            service.agent(memory_store_id=input_id),
            run_id=f"manual__{next(_NUMBERS)}",
            settings=settings,
        )
        made = night.dreamed()
        sessions = tuple(service.talk(night.agent_id, input_id, said=talk) for talk in talks)
        night.run.note_dream("drm_1", session_ids=sessions)
        review(night.world, night.run, made)
        scene = Scene(airflow, night)
        if asked:
            scene.ask()
        return scene

    yield make
    WATCH.forget()


@pytest.fixture(scope="session")
def url(airflow: AirflowHere) -> Iterator[str]:
    server = uvicorn.Server(uvicorn.Config(airflow.app, host="127.0.0.1", port=0, log_level="error"))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        thread.join(0.05)
    (port,) = (socket.getsockname()[1] for one in server.servers for socket in one.sockets)
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join()


@pytest.fixture
def window(scene: Scene | FleetScene, url: str) -> Iterator[Window]:
    """Return a window at the page of the module's own ``scene``, which may do nothing that its policy forbids."""
    with opened() as window:
        token = scene.browser("ada").cookies["_token"]
        window.page.context.add_cookies([{"name": "_token", "value": token, "url": url}])
        wrong: list[str] = []
        window.page.on("pageerror", lambda error: wrong.append(str(error)))
        window.page.on(
            "console", lambda said: wrong.append(said.text) if "Content Security" in said.text else None
        )
        window.page.goto(url + quote(scene.page))
        yield window
        assert wrong == []
        assert window.hosts == {"127.0.0.1"}
        assert window.page.title() != "owned"


@pytest.fixture
def page(window: Window) -> Page:
    return window.page
