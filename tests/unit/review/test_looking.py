"""Looking before choosing: a late write's texts, a version's; and memories that the dream left alone."""

from __future__ import annotations

import re
import time
from typing import Any

import pytest

from dreamflow.steps import late_texts
from dreamflow.steps.bodies import BODIES
from tests.unit.review.conftest import Scene
from tests.unit.review.reading import page_of
from tests.unit.review.test_mending import box_of, contents, sha

KEY = "sk_live_51HxQk2eZvKYlo2C9aB3xY7z"
TEAM = "Nadia leads.\nTom helps.\nThe depot is in Leeds.\n"
INDEX = "# Index\n\n- [Team](/team.md)\n- [Gone](/gone.md)\n"
BEFORE = {"/team.md": TEAM, "/gone.md": "Keep me.\n", "/index.md": INDEX}
AFTER = {"/team.md": TEAM.replace("Tom helps", "Tom Okafor helps"), "/index.md": INDEX}
LATE = TEAM.replace("Tom helps", "Tom left for good").replace("Leeds", "York")


@pytest.fixture
def scene(scene_of: Any) -> Scene:
    made: Scene = scene_of(BEFORE, AFTER)
    return made


def rows(html: str, whose: str) -> list[str]:
    """Return the lines of one comparison that differ, each with its sign."""
    part = next(part for part in html.split("<section")[1:] if f'data-whose="{whose}"' in part)
    signs = {"gone": "-", "new": "+"}
    found = re.findall(r'<tr class="(gone|new)[^"]*">.*?<td class="text[^"]*">(.*?)</td></tr>', part, re.S)
    return [signs[kind] + page_of(f"<body><p>{text}</p></body>").text.strip() for kind, text in found]


def status(scene: Scene, name: str, user: str | None = "ada", **query: Any) -> int:
    code: int = scene.browser(user).get(f"{scene.page}/{name}", params=query).status_code
    return code


def test_a_late_write_shows_what_was_written_what_the_dream_made_and_what_would_stand(scene: Scene) -> None:
    scene.night.service.put(scene.night.input_id, "/team.md", LATE)
    assert "/late/text?path=/team.md" in scene.get("/late")
    shown = scene.get("/late/text", path="/team.md", sha256=sha(LATE), user="vic")
    gone = ["-Tom helps.", "-The depot is in Leeds."]
    assert rows(shown, "agent") == [*gone, "+Tom left for good.", "+The depot is in York."]
    assert rows(shown, "dream") == ["-Tom helps.", "+Tom Okafor helps."]
    assert rows(shown, "carry")[-2:] == ["-The depot is in Leeds.", "+The depot is in York."]
    beside = rows(shown, "late")
    assert "+Tom left for good." in beside
    assert "/late/team.md" in shown


def test_what_was_redacted_goes_from_the_page_within_a_minute(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As one does for a leaked key: also from the page of somebody who keeps looking."""

    def shown() -> str:
        return page_of(f"<body>{scene.get('/memory', path='/team.md')}</body>").text

    night = scene.night
    assert "Tom helps" in shown()
    version = night.run.launch_listing()["/team.md"].version_id
    night.service.put(night.input_id, "/team.md", LATE)
    versions = night.service.client.beta.memory_stores.memory_versions
    versions.redact(version, memory_store_id=night.input_id)
    for seconds in (40.0, 61.0):
        monkeypatch.setattr(
            BODIES, "_clock", lambda seconds=seconds: time.monotonic() + seconds, raising=False
        )
        now = shown()
    assert "was redacted" in now
    assert "Tom helps" not in now


def test_the_choice_that_was_made_is_what_is_shown(scene: Scene) -> None:
    scene.night.service.put(scene.night.input_id, "/team.md", LATE)
    asked = {"path": "/team.md", "sha256": sha(LATE)}
    for choice, written in (("late", True), ("dream", False)):
        sent = scene.browser().post(
            f"{scene.api}/late", json={**asked, "choice": choice}, headers={"X-Dreamflow": "1"}
        )
        assert sent.status_code == 200, sent.text
        shown = scene.get("/late/text", **asked)
        assert 'data-whose="late"' not in shown
        assert ("What would be written to" in shown) is written
        assert ("Nothing of it would be written" in shown) is not written
        assert "+Tom left for good." in rows(shown, "agent")


def test_a_late_delete_and_a_late_memory_show_what_goes_and_what_comes(scene: Scene) -> None:
    scene.night.service.remove(scene.night.input_id, "/team.md")
    scene.night.service.put(scene.night.input_id, "/new.md", "Brand new.\n")
    deleted = scene.get("/late/text", path="/team.md")
    assert rows(deleted, "agent")[0] == "-Nadia leads."
    assert "nothing is left of it" in deleted
    made = scene.get("/late/text", path="/new.md", sha256=sha("Brand new.\n"))
    assert rows(made, "agent") == rows(made, "carry") == ["+Brand new."]
    assert "The dream made no memory of it by itself" in made


def test_a_late_rename_is_shown_as_one_though_no_word_of_it_changes(scene: Scene) -> None:
    scene.night.service.rename(scene.night.input_id, "/team.md", "/people.md")
    shown = scene.get("/late/text", path="/people.md", sha256=sha(TEAM))
    assert "/people.md, moved there from /team.md" in page_of(f"<body>{shown}</body>").text
    assert "Nothing of it would be written" not in shown


def test_who_would_wait_for_others_who_look_is_told_to_try_again(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(late_texts, "_PATIENCE", 0.01)
    scene.night.service.put(scene.night.input_id, "/team.md", LATE)
    asked = {"path": "/team.md", "sha256": sha(LATE)}
    with late_texts._LOOKING:
        answer = scene.browser().get(f"{scene.page}/late/text", params=asked)
    assert (answer.status_code, "Try again in a moment" in answer.text) == (503, True)
    assert status(scene, "late/text", **asked) == 200


def test_what_is_shown_of_a_late_write_is_inert_and_has_no_secret(scene_of: Any) -> None:
    hostile = "<img src=x onerror=alert(1)>\u202e{{ 7*7 }}\n"
    path = "/a<b>&\"'.md"
    scene: Scene = scene_of({path: "One.\n"}, {path: "Two.\n"})
    late = f"{hostile}The key is {KEY}.\n"
    scene.night.service.put(scene.night.input_id, path, late)
    for shown in (scene.get("/late"), scene.get("/late/text", path=path, sha256=sha(late))):
        assert "<img" not in shown
        assert "<b>&" not in shown
        assert "\u202e" not in shown
        assert KEY[4:20] not in shown
    assert "{{ 7*7 }}" in shown


def test_a_late_write_that_is_none_of_this_runs_is_not_there(scene: Scene, scene_of: Any) -> None:
    other: Scene = scene_of({"/theirs.md": "Theirs.\n"}, {"/theirs.md": "Dreamed.\n"})
    other.night.service.put(other.night.input_id, "/theirs.md", "Late.\n")
    known = {"path": "/theirs.md", "sha256": sha("Late.\n")}
    assert status(other, "late/text", **known) == 200
    assert status(other, "late/text", None, **known) == 401
    assert status(other, "late/text", path="/theirs.md", sha256=sha("Another.\n")) == 404
    assert status(scene, "late/text", **known) == 404
    assert status(other, "late/text", path="/theirs.md", sha256="'") == 422
    other.answer("Reject")
    assert status(other, "late/text", **known) == 404


def test_a_long_late_write_is_shown_in_parts(scene: Scene) -> None:
    long = "".join(f"Line {n}.\n" for n in range(900))
    scene.night.service.put(scene.night.input_id, "/long.md", long)
    known = {"path": "/long.md", "sha256": sha(long)}
    parts = [rows(scene.get("/late/text", **known, page=page), "agent") for page in (1, 2, 3)]
    assert [line for part in parts for line in part] == [f"+Line {n}." for n in range(900)]
    assert "page=2" in scene.get("/late/text", **known)


def test_many_late_writes_are_on_pages_and_those_that_leave_a_choice_are_on_the_first(scene: Scene) -> None:
    night = scene.night
    for number in range(203):
        night.service.put(night.input_id, f"/new/{number}.md", "New.\n")
    night.service.put(night.input_id, "/team.md", LATE)
    chosen = {"path": "/team.md", "sha256": sha(LATE), "choice": "late"}
    for choice in ("", "late"):
        if choice:
            scene.browser().post(f"{scene.api}/late", json=chosen, headers={"X-Dreamflow": "1"})
        pages = [scene.get("/late", page=page) for page in (1, 2)]
        paths = [re.findall(r"path=([^&]*)&amp;sha256", page) for page in pages]
        assert [len(found) for found in paths] == [200, 4]
        assert len({*paths[0], *paths[1]}) == 204
        assert paths[0][0] == "/team.md"
        assert [page.count('data-choice="late"') for page in pages] == [1, 0]
        assert 'data-page="2"' in pages[0]
    assert re.findall(r'id="late-rows"[^>]*data-page="(\d+)"', scene.get("/late", page=9)) == ["2"]


# Versions


def version_of(scene: Scene, path: str, operation: str) -> dict[str, str]:
    """Return how the history asks for the text of a memory's version."""
    listed = scene.get("/history", path=path)
    row = next(row for row in listed.split("<tr>") if operation in row)
    found = re.search(r"store=([\w-]+)&amp;version=([\w-]+)", row)
    assert found, row
    return {"path": path, "store": found[1], "version": found[2]}


def test_a_version_is_shown_against_what_stands_now_before_it_is_put_back(scene: Scene) -> None:
    known = version_of(scene, "/team.md", "created")
    shown = scene.get("/version", **known, user="vic")
    assert rows(shown, "version") == ["-Tom Okafor helps.", "+Tom helps."]
    gone = scene.get("/version", **version_of(scene, "/gone.md", "created"))
    assert "nothing stands there now" in gone
    assert rows(gone, "version") == ["+Keep me."]


def test_a_version_of_another_runs_stores_is_not_shown(scene: Scene, scene_of: Any) -> None:
    other: Scene = scene_of({"/theirs.md": "Theirs.\n"}, {"/theirs.md": "Changed.\n"})
    known = version_of(other, "/theirs.md", "modified")
    assert status(other, "version", **known) == 200
    assert status(other, "version", None, **known) == 401
    assert status(scene, "version", **known) == 404
    assert status(scene, "version", **{**known, "store": scene.night.output_id}) == 404
    assert status(other, "version", **{**known, "version": "memver_none"}) == 404
    assert status(other, "version", **{**known, "path": "no path"}) == 404


def test_a_secret_in_a_version_is_masked(scene_of: Any) -> None:
    scene: Scene = scene_of({"/key.md": f"The key is {KEY}.\n"}, {"/key.md": "The key is gone.\n"})
    shown = scene.get("/version", **version_of(scene, "/key.md", "created"))
    assert "sk_l" in shown
    assert KEY[4:20] not in shown


# Memories that did not change


def test_a_broken_index_that_the_dream_left_alone_is_mended_and_the_edit_can_be_taken_back(
    scene: Scene,
) -> None:
    whole = scene.get("/memory", path="/index.md")
    assert 'data-does="edit"' in whole
    digest = scene.browser().get(f"{scene.api}/state").json()["digest"]
    text, known = box_of(scene, "/index.md")
    assert text == INDEX
    mended = text.replace("- [Gone](/gone.md)\n", "")
    answer = scene.edit(action="write", path="/index.md", content=mended, **known)
    assert answer.status_code == 200, answer.text
    assert answer.json()["was"] == digest != answer.json()["digest"]
    review = scene.browser().get(scene.api).json()
    (change,) = (change for change in review["changes"] if change["path"] == "/index.md")
    assert (change["kind"], change["lines_removed"]) == ("edited", 1)
    assert [edit["path"] for edit in review["edits"]] == ["/index.md"]
    assert review["digest"] == answer.json()["digest"]
    assert not [one for one in review["findings"] if one["check"] == "index" and "gone" in one["message"]]
    taken = scene.edit(action="take_back", path="/index.md", expected_sha256=sha(mended))
    assert taken.json()["digest"] == digest
    assert contents(scene) == AFTER


def test_a_memory_that_did_not_change_is_deleted_and_kept_after_all(scene: Scene) -> None:
    assert scene.edit(action="delete", path="/index.md", expected_sha256=sha(INDEX)).status_code == 200
    assert "/index.md" not in contents(scene)
    assert 'data-action="keep"' in scene.get("/memory", path="/index.md", side="before")
    assert scene.edit(action="keep", path="/index.md").status_code == 200
    assert contents(scene) == AFTER


def test_a_secret_in_a_memory_that_did_not_change_stays_what_it_is(scene_of: Any) -> None:
    kept = f"The key is {KEY}.\r\nAsk Tom.\r\n"
    scene: Scene = scene_of({"/key.md": kept, "/a.md": "A.\n"}, {"/key.md": kept, "/a.md": "B.\n"})
    shown, known = box_of(scene, "/key.md")
    assert KEY[4:20] not in shown
    edited = scene.edit(action="write", path="/key.md", content=shown.replace("Tom", "Ben"), **known)
    assert edited.status_code == 200, edited.text
    assert contents(scene)["/key.md"] == kept.replace("Tom", "Ben")


def test_who_may_only_look_or_comes_too_late_is_offered_no_edit_of_it(scene: Scene) -> None:
    assert "data-action" not in scene.get("/memory", path="/index.md", user="vic")
    scene.night.service.put(scene.night.output_id, "/index.md", "Theirs.\n")
    assert status(scene, "box", path="/index.md") in (200, 409)
    taken = scene.edit(action="write", path="/index.md", content="Mine.\n", expected_sha256=sha(INDEX))
    assert taken.status_code == 409
    assert contents(scene)["/index.md"] == "Theirs.\n"
    scene.answer("Reject")
    assert 'data-does="edit"' not in scene.get("/memory", path="/index.md")


def test_a_memory_that_the_output_does_not_have_can_not_be_edited(scene: Scene) -> None:
    for path in ("/gone.md", "/never.md", "no path"):
        assert status(scene, "box", path=path) == 404
