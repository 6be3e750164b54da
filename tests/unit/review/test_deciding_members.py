"""One member of a fleet is decided by itself: as strictly as the question, and only while that stands."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from threading import Barrier
from typing import Any

import pytest
from airflow.utils.state import TaskInstanceState

from dreamflow.core.handoffs import Decided
from dreamflow.records.journal import Answer
from dreamflow.review import deciding
from dreamflow.review.desk import Desk
from tests.unit.review.fleet_scene import CLEAN, FLAGGED, SECRET, FleetScene
from tests.unit.review.reading import page_of
from tests.unit.support import sha


@pytest.fixture
def flagged(fleet: FleetScene) -> str:
    id_ = fleet.member("shop-flagged", FLAGGED)
    fleet.ask()
    return id_


def test_adopting_a_member_is_noted_with_its_run_and_leaves_the_question_standing(
    fleet: FleetScene, flagged: str
) -> None:
    answered = fleet.decide(flagged, "Adopt", comment="fine")
    assert answered.status_code == 200, answered.text
    assert (answered.json()["question"], answered.json()["by"]) == ("chosen", "ada")
    answer = fleet.answered(flagged)
    assert answer is not None
    kept = fleet.nights[flagged].run.read_review()
    assert kept is not None
    assert (answer.decision, answer.by, answer.comment, answer.digest, answer.cleared) == (
        "Adopt",
        "ada",
        "fine",
        kept.digest,
        fleet.cleared,
    )
    assert fleet.journal(flagged).decision is None
    state = fleet.state()
    assert (state["question"], state["waiting"], state["counts"]) == ("waiting", 0, {"chosen": 1})
    html = fleet.get()
    assert "to be adopted, chosen by ada" in html
    assert "Done: 1 adopted" in html


def test_what_others_chose_for_a_late_write_is_not_adopted_unseen(fleet: FleetScene) -> None:
    """By the member itself, nor with the rest, whose answer is bound to a digest."""
    id_ = fleet.member("shop-clean", ({"/a.md": "Opens at nine.\n"}, {"/a.md": "Opens at ten.\n"}))
    fleet.ask()
    night, shown, rest = fleet.nights[id_], fleet.state(member=id_)["choices"], fleet.state()["digest"]
    night.service.put(night.input_id, "/a.md", "Opens at eleven.\n")
    chosen = {"path": "/a.md", "sha256": sha("Opens at eleven.\n"), "choice": "dream"}
    answered = fleet.post("late", id_, chosen, user="ben")
    assert answered.status_code == 200, answered.text
    refused = fleet.decide(id_, "Adopt", choices=shown)
    assert refused.status_code == 409
    assert "a late write was chosen since" in refused.json()["detail"]
    assert fleet.state()["digest"] != rest
    now = fleet.state(member=id_)["choices"]
    assert fleet.decide(id_, "Adopt", choices=now).status_code == 200


@pytest.mark.parametrize(
    ("sent", "why"),
    [
        ({"ticked": []}, "not looked at: ungrounded (1)"),
        ({"digest": "0" * 64}, "it was edited since it was shown"),
        ({"decision": "Dream again"}, "needs a comment"),
        ({"decision": "Dream again", "comment": "x" * 4096}, ""),
    ],
)
def test_what_the_question_would_not_take_is_not_taken_here(
    fleet: FleetScene, flagged: str, sent: dict[str, Any], why: str
) -> None:
    answered = fleet.decide(flagged, **{"decision": "Adopt", **sent})
    if not why:
        assert answered.status_code == 200, answered.text
        return
    assert answered.status_code == 409
    assert why in answered.json()["detail"]
    assert fleet.answered(flagged) is None
    assert fleet.state()["waiting"] == 1


def test_a_blocked_member_can_be_rejected_and_not_adopted(fleet: FleetScene) -> None:
    secret = fleet.member("shop-secret", SECRET)
    fleet.ask()
    answered = fleet.decide(secret, "Adopt")
    assert answered.status_code == 409
    assert "secret (1) can't be adopted as it is" in answered.json()["detail"]
    assert "AKIA" not in answered.text
    assert fleet.decide(secret, "Reject").status_code == 200


def test_who_was_faster_is_told_and_what_was_chosen_can_be_taken_back(
    fleet: FleetScene, flagged: str
) -> None:
    assert fleet.decide(flagged, "Reject").status_code == 200
    late = fleet.decide(flagged, "Adopt", "ben")
    assert late.status_code == 409
    assert "ada has chosen Reject already" in late.json()["detail"]
    assert "Take it back" in fleet.get(member=flagged, user="ben")
    assert fleet.decide(flagged, None, "ben").status_code == 200
    assert fleet.answered(flagged) is None
    assert fleet.state()["waiting"] == 1
    assert fleet.decide(flagged, None).status_code == 409
    assert fleet.decide(flagged, "Adopt", "ben").status_code == 200


def test_of_two_web_servers_that_decide_at_once_one_is_told_that_it_was_late(
    fleet: FleetScene, flagged: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    both, check = Barrier(2, timeout=20), deciding._check_idle

    def check_together(desk: Desk) -> None:
        check(desk)
        both.wait()

    monkeypatch.setattr(deciding, "_check_idle", check_together)
    with ThreadPoolExecutor(2) as pool:
        answers = {
            user: pool.submit(fleet.decide, flagged, decision, user)
            for user, decision in (("ada", "Adopt"), ("ben", "Reject"))
        }
        codes = {user: answered.result().status_code for user, answered in answers.items()}
    assert sorted(codes.values()) == [200, 409]
    stands = fleet.answered(flagged)
    assert stands is not None
    assert codes[stands.by] == 200


@pytest.mark.parametrize("decision", ["Reject", None])
def test_who_decides_or_takes_back_after_the_run_has_taken_the_answer_is_told(
    fleet: FleetScene, flagged: str, monkeypatch: pytest.MonkeyPatch, decision: str | None
) -> None:
    rest = Answer(decision="Adopt", by="cy", at=datetime.now(UTC))
    if decision is None:
        assert fleet.decide(flagged, "Reject").status_code == 200
    check = deciding._check_idle

    def check_too_early(desk: Desk) -> None:
        check(desk)
        desk.run.take_answer(fleet.cleared, rest)

    monkeypatch.setattr(deciding, "_check_idle", check_too_early)
    late = fleet.decide(flagged, decision)
    assert late.status_code == 409
    assert "Somebody was faster" in late.json()["detail"]
    stands = fleet.answered(flagged)
    assert stands is not None
    assert (stands.decision, stands.by) == (("Adopt", "cy") if decision else ("Reject", "ada"))


def test_what_is_decided_is_not_edited_before_that_is_taken_back(fleet: FleetScene, flagged: str) -> None:
    held = fleet.nights[flagged].hook.list_memories(fleet.nights[flagged].output_id)["/a.md"].sha256
    edit = {"action": "delete", "path": "/a.md", "expected_sha256": held}
    assert fleet.decide(flagged, "Adopt").status_code == 200
    assert fleet.post("edits", flagged, edit).status_code == 409
    assert not page_of(fleet.get(member=flagged)).all("button", data_does="mend")
    assert fleet.decide(flagged, None).status_code == 200
    assert fleet.post("edits", flagged, edit).status_code == 200


def test_a_member_is_mended_and_the_list_has_it_as_it_is_then(fleet: FleetScene, flagged: str) -> None:
    night = fleet.nights[flagged]
    held = night.hook.list_memories(night.output_id)["/a.md"].sha256
    write = {
        "action": "write",
        "path": "/a.md",
        "expected_sha256": held,
        "content": "Opens at nine.\n",
        "shown_version": "",
    }
    before = fleet.state()["digest"]
    assert fleet.post("edits", flagged, write).status_code == 200
    assert fleet.state()["digest"] != before
    listed = fleet.browser().get(fleet.api).json()["members"]
    assert [one["verdict"] for one in listed] == ["clean"]


def test_an_edit_from_elsewhere_is_in_the_list_once_somebody_looked(fleet: FleetScene, flagged: str) -> None:
    fleet.nights[flagged].service.put(fleet.nights[flagged].output_id, "/a.md", "Opens at nine.\nYes.\n")
    fleet.later()
    fleet.get(member=flagged)
    assert [one["verdict"] for one in fleet.browser().get(fleet.api).json()["members"]] == ["clean"]


def test_nothing_is_decided_while_the_task_is_at_work_or_the_question_answered(
    fleet: FleetScene, flagged: str
) -> None:
    fleet.airflow.set_state(fleet.dag_id, fleet.run_id, TaskInstanceState.RUNNING)
    at_work = fleet.decide(flagged, "Reject")
    assert at_work.status_code == 409
    assert "at work just now" in at_work.json()["detail"]
    fleet.airflow.set_state(fleet.dag_id, fleet.run_id, TaskInstanceState.AWAITING_INPUT)
    fleet.airflow.answer(fleet.dag_id, fleet.run_id, "Reject", "ben")
    assert fleet.decide(flagged, "Adopt").status_code == 409
    assert fleet.answered(flagged) is None


def test_what_was_adopted_already_is_not_decided_again(fleet: FleetScene, flagged: str) -> None:
    night = fleet.nights[flagged]
    clean = fleet.member("shop-clean", CLEAN)
    run = fleet.nights[clean].run
    run.note(decision=Decided(decision="Adopt", by="approval.mode: when_flagged", at=night.world.now()))
    fleet.ask()
    assert fleet.decide(clean, "Reject").status_code == 409
    assert fleet.answered(clean) is None


def test_who_may_not_answer_decides_nothing(fleet: FleetScene, flagged: str) -> None:
    assert fleet.decide(flagged, "Adopt", "vic").status_code == 403
    assert fleet.decide(flagged, "Adopt", None).status_code == 401
    fleet.ask("ben")
    assert fleet.decide(flagged, "Adopt", "ada").status_code == 403
    assert fleet.decide(flagged, "Adopt", "ben").status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "", "Origin": "https://elsewhere.example"},
        {"X-Dreamflow": ""},
        {"Content-Type": "text/plain"},
    ],
)
def test_another_sites_page_decides_nothing(fleet: FleetScene, flagged: str, headers: dict[str, str]) -> None:
    answered = fleet.post("answer", flagged, {"decision": "Reject", "digest": "x"}, headers=headers)
    assert answered.status_code == 403
    assert fleet.answered(flagged) is None


@pytest.mark.parametrize(
    "sent",
    [
        {},
        {"decision": "Delete", "digest": "x"},
        {"decision": "Adopt"},
        {"decision": "Adopt", "digest": "x", "by": "ben"},
        {"decision": "Adopt", "digest": "x" * 65},
        {"decision": "Adopt", "digest": "x", "ticked": "all"},
    ],
)
def test_what_is_no_answer_is_not_read_as_one(fleet: FleetScene, flagged: str, sent: dict[str, Any]) -> None:
    assert fleet.post("answer", flagged, sent).status_code == 422
    assert fleet.answered(flagged) is None


def test_a_plain_pipelines_question_is_answered_in_airflow_alone(scene_of: Any) -> None:
    scene = scene_of({"/a.md": "One.\n"}, {"/a.md": "Two.\n"})
    own = {"X-Dreamflow": "1", "Sec-Fetch-Site": "same-origin"}
    sent = {"decision": "Adopt", "digest": "x"}
    answered = scene.browser().post(f"{scene.api}/answer", json=sent, headers=own)
    assert answered.status_code == 409
    assert scene.night.run.journal().answer is None
