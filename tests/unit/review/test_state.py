"""What the page asks for every few seconds: whether what it shows still holds."""

from __future__ import annotations

import json
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event
from typing import Any

import httpx2
import pytest

from dreamflow import storage
from dreamflow.core.handoffs import Decided
from dreamflow.errors import ServiceUnavailable
from dreamflow.records.journal import Refused
from dreamflow.review.watch import Watch
from tests.unit.review.conftest import Scene
from tests.unit.service import Wire, wired
from tests.unit.support import sha

BEFORE, AFTER = {"/a.md": "One.\n"}, {"/a.md": "Two.\n"}


def state(scene: Scene) -> dict[str, Any]:
    found: dict[str, Any] = scene.browser().get(f"{scene.api}/state").json()
    return found


def test_an_edit_from_elsewhere_shows_in_the_state_and_then_on_the_page(scene_of: Any) -> None:
    scene: Scene = scene_of(BEFORE, AFTER)
    shown = state(scene)
    assert shown["question"] == "waiting"
    assert shown["digest"] in scene.get("")
    scene.night.service.put(scene.night.output_id, "/a.md", "Three.\n")
    scene.later()
    assert state(scene)["digest"] != shown["digest"]
    assert "Three." in scene.get("")


def test_a_choice_for_a_late_write_shows_in_the_state_and_then_on_the_page(scene_of: Any) -> None:
    scene: Scene = scene_of(BEFORE, AFTER)
    scene.night.service.put(scene.night.input_id, "/a.md", "Late.\n")
    asked = {"path": "/a.md", "sha256": sha("Late.\n")}
    seen = [state(scene)["choices"]]
    for choice in ("dream", "late", "beside"):
        assert f'data-choices="{seen[-1]}"' in scene.get("")
        assert f'data-choices="{seen[-1]}"' in scene.get("/late")
        answer = scene.browser("ben").post(
            f"{scene.api}/late", json={**asked, "choice": choice}, headers={"X-Dreamflow": "1"}
        )
        assert answer.status_code == 200, answer.text
        assert (answer.json()["choice"], answer.json()["was"]) == (choice, seen[-1])
        seen.append(state(scene)["choices"])
        assert answer.json()["choices"] == seen[-1]
    assert len({*seen}) == 4


def test_a_review_that_nobody_wrote_anew_is_not_read_again_however_often_a_page_asks(
    scene_of: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At the service's limits one has 50 MB, and takes three seconds to parse."""
    scene: Scene = scene_of(BEFORE, AFTER)
    read, reads = storage.read_text, list[str]()

    def counted(uri: str) -> str:
        reads.append(uri.rpartition("/")[2])
        return read(uri)

    monkeypatch.setattr(storage, "read_text", counted)
    for _ in range(10):
        state(scene)
        scene.browser().get(f"{scene.api}/state.svg")
        scene.get("/memory", path="/a.md")
    assert reads.count("review.json") <= 1


@pytest.mark.parametrize("tells", [True, False])
def test_what_another_process_wrote_into_the_review_shows_at_once(
    scene_of: Any, folder: Path, monkeypatch: pytest.MonkeyPatch, tells: bool
) -> None:
    """Also where the storage can't tell one version of a file from another."""
    if not tells:
        monkeypatch.setattr(storage, "version_of", lambda uri: None)
    scene: Scene = scene_of(BEFORE, AFTER)
    file = folder / "reports" / "support" / scene.night.run_id / "review.json"
    text, moment = file.read_text(), file.stat().st_mtime_ns
    assert '"verdict": "clean"' in text
    for verdict in ('"blocked"', '"clean"  ', '"flagged"', '"blocked"'):
        # All are as long, and of one moment: some storages tell whole seconds.
        now = text.replace('"verdict": "clean"', f'"verdict": {verdict}')
        other = file.with_name(".other")
        other.write_text(now)
        os.utime(other, ns=(moment, moment))
        other.replace(file)
        assert state(scene)["verdict"] == json.loads(now)["verdict"]


def test_an_answer_shows_with_who_gave_it(scene_of: Any) -> None:
    scene: Scene = scene_of(BEFORE, AFTER)
    scene.answer("Adopt", by="ben")
    found = state(scene)
    assert (found["question"], found["decision"], found["by"]) == ("answered", "Adopt", "ben")
    assert "Answered: <b>Adopt</b>, by ben" in scene.get("")


def test_a_decision_that_the_run_took_up_shows(scene_of: Any) -> None:
    scene: Scene = scene_of(BEFORE, AFTER)
    scene.answer("Reject")
    assert state(scene)["decided"] is False
    decided = Decided(decision="Reject", by="ada", at=scene.night.world.now(), digest="d")
    scene.night.run.note(decision=decided)
    assert (state(scene)["decided"], state(scene)["decision"]) == (True, "Reject")


def test_an_answer_that_was_not_taken_shows_with_its_reason(scene_of: Any) -> None:
    scene: Scene = scene_of(BEFORE, AFTER)
    run, at = scene.night.run, scene.night.world.now()
    run.note_refused(Refused(decision="Adopt", by="ben", at=at, why="not looked at: lost (1)"))
    assert state(scene)["refused"]["why"] == "not looked at: lost (1)"
    assert "Adopt by ben was not taken: not looked at: lost (1)" in scene.get("")


def test_the_picture_in_airflows_question_says_when_it_is_out_of_date(scene_of: Any) -> None:
    scene: Scene = scene_of(BEFORE, AFTER)
    scene.night.run.note(asked=state(scene)["digest"])
    picture = scene.browser().get(f"{scene.api}/state.svg")
    assert picture.headers["content-type"] == "image/svg+xml"
    assert "Up to date" in picture.text
    scene.night.service.put(scene.night.output_id, "/a.md", "Three.\n")
    scene.later()
    assert "Out of date" in scene.browser().get(f"{scene.api}/state.svg").text
    scene.answer("Reject")
    assert "not open" in scene.browser().get(f"{scene.api}/state.svg").text


def test_however_many_look_the_service_is_asked_once(scene_of: Any) -> None:
    scene: Scene = scene_of(BEFORE, AFTER)
    wire, now = Wire(), [0.0]
    hook, watch = wired(wire), Watch(lambda: now[0])
    first = watch.digest(hook, scene.night.output_id)
    asked = len(wire.requests)
    for _ in range(50):
        assert watch.digest(hook, scene.night.output_id) == first
    assert len(wire.requests) == asked
    now[0] = 10.0
    assert watch.digest(hook, scene.night.output_id) == first
    assert len(wire.requests) == asked + 1


def test_while_one_waits_for_a_service_that_does_not_answer_nobody_else_does(scene_of: Any) -> None:
    scene: Scene = scene_of(BEFORE, AFTER)
    wire, now = Wire(), [0.0]
    hook, watch, looks = wired(wire), Watch(lambda: now[0]), Event()
    seen, store_id = watch.digest(hook, scene.night.output_id), scene.night.output_id
    now[0], answers = 10.0, Event()

    def hang(number: int, request: object) -> None:
        looks.set()
        answers.wait(60)

    wire.before = hang
    with ThreadPoolExecutor(1) as pool:
        slow = pool.submit(watch.digest, hook, store_id)
        looks.wait(60)
        assert [watch.digest(hook, store_id) for _ in range(50)] == [seen] * 50
        assert not slow.done()
        answers.set()
        assert slow.result() == seen


def test_a_service_that_fails_is_left_alone_for_a_while_however_many_ask(scene_of: Any) -> None:
    scene: Scene = scene_of(BEFORE, AFTER)
    wire, now = Wire(), [0.0]
    hook, watch, store_id = wired(wire, max_retries=0), Watch(lambda: now[0]), scene.night.output_id

    def refuse(number: int, request: httpx2.Request) -> None:
        raise httpx2.ConnectError("refused", request=request)

    wire.before = refuse
    with pytest.raises(ServiceUnavailable):
        watch.digest(hook, store_id)
    asked = len(wire.requests)
    for _ in range(20):
        with pytest.raises(ServiceUnavailable):
            watch.digest(hook, store_id)
    assert len(wire.requests) == asked
    wire.before, now[0] = (lambda number, request: None), 60.0
    assert watch.digest(hook, store_id)
