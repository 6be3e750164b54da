"""Mending on the page: written to the output at once, checked anew, and never over what somebody else wrote."""

from __future__ import annotations

import hashlib
import html
import re
from typing import Any

import pytest

from tests.unit.review.conftest import Scene

KEY = "sk_live_51HxQk2eZvKYlo2C9aB3xY7z"
BEFORE = {"/team.md": "Nadia leads.\nTom helps.\n", "/gone.md": "Keep me.\n"}
AFTER = {
    "/team.md": "Nadia leads.\nTom Okafor helps since 2026-11-12.\n",
    "/orders.md": "Order ZZ-48213 is lost.\n",
}


@pytest.fixture
def scene(scene_of: Any) -> Scene:
    made: Scene = scene_of(BEFORE, AFTER)
    return made


def sha(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def contents(scene: Scene) -> dict[str, str]:
    return scene.night.service.contents(scene.night.output_id)


def box_of(scene: Scene, path: str) -> tuple[str, dict[str, str]]:
    """Return what the edit box of a memory holds, and what is sent back with it."""
    sent = scene.get("/box", path=path)
    found = re.search(r"<textarea[^>]*>\n(.*)</textarea>", sent, re.S)
    assert found
    data = dict(re.findall(r'data-(sha|version|ends)="([^"]*)"', sent))
    known = {"expected_sha256": data.pop("sha")}
    return html.unescape(found[1]), known | {f"shown_{name}": value for name, value in data.items()}


def test_an_edit_is_in_the_output_and_the_findings_are_anew_at_once(scene: Scene) -> None:
    assert "ZZ-48213" in scene.get("")
    text, known = box_of(scene, "/orders.md")
    answer = scene.edit(
        action="write", path="/orders.md", content=text.replace("ZZ-48213", "of Tom"), **known
    )
    assert answer.status_code == 200
    assert contents(scene)["/orders.md"] == "Order of Tom is lost.\n"
    state = answer.json()
    assert state["edits"] == 1
    page = scene.get("")
    assert "ZZ-48213" not in page
    assert state["digest"] in page


def test_an_edits_answer_tells_whether_others_edited_since_the_page_was_made(scene: Scene) -> None:
    shown = scene.browser().get(f"{scene.api}/state").json()["digest"]
    first = scene.edit(action="keep", path="/gone.md").json()
    assert first["was"] == shown
    scene.night.service.put(scene.night.output_id, "/planted.md", "Written in the Console.\n")
    second = scene.edit(action="delete", path="/orders.md", expected_sha256=sha(AFTER["/orders.md"])).json()
    assert second["was"] not in (first["digest"], second["digest"])


def test_a_file_that_was_removed_is_kept_a_change_taken_back_and_a_memory_deleted(scene: Scene) -> None:
    assert scene.edit(action="keep", path="/gone.md").status_code == 200
    assert scene.edit(
        action="take_back", path="/team.md", expected_sha256=sha(AFTER["/team.md"])
    ).status_code == 200  # fmt: skip
    assert scene.edit(
        action="delete", path="/orders.md", expected_sha256=sha(AFTER["/orders.md"])
    ).status_code == 200  # fmt: skip
    assert contents(scene) == BEFORE
    assert "Nothing differs" in scene.get("")


def test_one_part_of_a_change_is_taken_back_by_the_button_beside_it(scene_of: Any) -> None:
    lines = [f"Line {n}.\n" for n in range(1, 31)]
    after = ["First.\n", *lines[1:-1], "Last.\n"]
    scene: Scene = scene_of({"/a.md": "".join(lines)}, {"/a.md": "".join(after)})
    _, last = re.findall(r'data-hunk="([^"]+)" data-sure', scene.get(""))
    known = {"path": "/a.md", "expected_sha256": sha("".join(after))}
    assert scene.edit(action="take_back", hunk_id=last, **known).status_code == 200
    assert contents(scene)["/a.md"] == "".join([*after[:-1], lines[-1]])


def test_what_somebody_else_wrote_meanwhile_is_shown_and_left_alone(scene: Scene) -> None:
    text, known = box_of(scene, "/team.md")
    scene.night.service.put(scene.night.output_id, "/team.md", "Ben was faster.\n")
    answer = scene.edit(action="write", path="/team.md", content=f"{text}Mine.\n", **known)
    assert answer.status_code == 409
    assert answer.json()["held"] == "Ben was faster.\n"
    assert contents(scene)["/team.md"] == "Ben was faster.\n"
    over = {**known, "expected_sha256": answer.json()["held_sha256"]}
    assert scene.edit(action="write", path="/team.md", content=f"{text}Mine.\n", **over).status_code == 200
    assert contents(scene)["/team.md"] == f"{AFTER['/team.md']}Mine.\n"


def test_a_secret_is_never_sent_and_stays_what_it_is(scene_of: Any) -> None:
    text = f"The key is {KEY}.\r\nIt ro\u200btates.\r\n"
    scene: Scene = scene_of({"/key.md": text}, {"/key.md": f"{text}Ask Nadia.\r\n"})
    shown, known = box_of(scene, "/key.md")
    for sent in (
        scene.get(""),
        shown,
        scene.get("/history", path="/key.md"),
        scene.browser().get(scene.api).text,
    ):
        assert KEY not in sent
        assert KEY[4:20] not in sent
    edited = shown.replace("Ask Nadia", "Ask Tom")
    assert scene.edit(action="write", path="/key.md", content=edited, **known).status_code == 200
    assert contents(scene)["/key.md"] == f"{text}Ask Tom.\r\n"


def test_line_ends_stay_though_what_the_box_began_from_was_redacted_meanwhile(scene_of: Any) -> None:
    scene: Scene = scene_of({}, {"/a.md": "Ask Nadia.\r\nOr Tom.\r\n"})
    night = scene.night
    shown, known = box_of(scene, "/a.md")
    assert shown == "Ask Nadia.\nOr Tom.\n"
    night.service.put(night.output_id, "/a.md", "Theirs.\r\n")
    versions = night.service.client.beta.memory_stores.memory_versions
    versions.redact(known["shown_version"], memory_store_id=night.output_id)
    over = {**known, "expected_sha256": sha("Theirs.\r\n")}
    answer = scene.edit(action="write", path="/a.md", content=f"{shown}Or Ben.\n", **over)
    assert answer.status_code == 200, answer.text
    assert contents(scene)["/a.md"] == "Ask Nadia.\r\nOr Tom.\r\nOr Ben.\r\n"


WIFI = "The wifi password is Tr0ub4dor.\nAsk Nadia.\n"
CODES = "# Recovery codes\n\n- q22wz-154pax\n- q23wz-161pax\n"


@pytest.mark.parametrize(
    ("text", "taken_out"), [(WIFI, " password"), (CODES, "# Recovery codes\n\n"), (CODES, "Recovery ")]
)
def test_no_edit_turns_a_secret_into_text_that_the_page_shows(
    scene_of: Any, text: str, taken_out: str
) -> None:
    scene: Scene = scene_of({}, {"/a.md": text})
    shown, known = box_of(scene, "/a.md")
    answer = scene.edit(action="write", path="/a.md", content=shown.replace(taken_out, ""), **known)
    (placeholder,) = set(re.findall(r"⟦secret [^⟧]+1⟧", shown))
    if answer.status_code == 200:
        assert "Tr0ub4dor" not in scene.get("")
        assert "22wz" not in scene.get("")
    else:
        assert answer.status_code == 422
        assert placeholder in answer.json()["detail"]
        assert contents(scene)["/a.md"] == text
    without = re.sub(r"⟦secret [^⟧]+⟧", "in the safe", shown.replace(taken_out, ""))
    assert scene.edit(action="write", path="/a.md", content=without, **known).status_code == 200


def test_what_stands_for_another_texts_secret_stands_for_none_of_ours(scene_of: Any) -> None:
    """It comes from the pane that shows what somebody else wrote, from another box, or from one that is old."""
    scene: Scene = scene_of({}, {"/a.md": WIFI, "/b.md": CODES})
    shown, known = box_of(scene, "/a.md")
    other, _ = box_of(scene, "/b.md")
    scene.night.service.put(scene.night.output_id, "/a.md", f"PIN 4711\n{WIFI}")
    conflict = scene.edit(action="write", path="/a.md", content=shown, **known).json()
    assert "4711" not in conflict["held"]
    over = {**known, "expected_sha256": conflict["held_sha256"]}
    for foreign in (conflict["held"].split("\n")[0], other):
        answer = scene.edit(action="write", path="/a.md", content=f"{shown}{foreign}\n", **over)
        assert answer.status_code == 422, answer.text
        assert re.findall(r"⟦secret [^⟧]+⟧", foreign)[0] in answer.json()["detail"]
    assert scene.edit(action="write", path="/a.md", content=f"{shown}Mine.\n", **over).status_code == 200
    assert contents(scene)["/a.md"] == f"{WIFI}Mine.\n"


def test_nothing_is_edited_once_the_question_is_answered(scene: Scene) -> None:
    scene.answer("Reject")
    answer = scene.edit(action="delete", path="/orders.md", expected_sha256=sha(AFTER["/orders.md"]))
    assert answer.status_code == 409
    assert "/orders.md" in contents(scene)


@pytest.mark.parametrize(
    "request_",
    [{"action": "burn"}, {"action": "delete", "more": 1}, {"path": "/a.md"}, {"action": "write", "path": 7}],
)
def test_a_request_that_is_none_changes_nothing(scene: Scene, request_: dict[str, Any]) -> None:
    assert scene.edit(**{"path": "/orders.md", **request_}).status_code in (409, 422)
    assert contents(scene) == AFTER


def test_a_choice_for_a_late_write_is_noted(scene: Scene) -> None:
    scene.night.service.put(scene.night.input_id, "/team.md", "Nadia leads.\nTom left for good.\n")
    asked = scene.get("/late")
    assert "/late/team.md" in asked
    (sha256,) = re.findall(r'data-sha="([0-9a-f]{64})"', asked)
    request = {"path": "/team.md", "sha256": sha256, "choice": "late"}
    own = {"X-Dreamflow": "1"}
    answer = scene.browser().post(f"{scene.api}/late", json=request, headers=own)
    assert answer.status_code == 200, answer.text
    assert answer.json()["choice"] == "late"
    assert "ada chose" in scene.get("/late")
    assert scene.browser("vic").post(f"{scene.api}/late", json=request, headers=own).status_code == 403
