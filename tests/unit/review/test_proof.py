"""What a reviewer is told of a specific in a new line: where it was said, and never more than is known."""

from __future__ import annotations

from typing import Any

import pytest

from dreamflow import storage
from dreamflow.core.handoffs import Restored
from dreamflow.review import proof
from dreamflow.steps.review import review
from tests.unit.review.conftest import Scene
from tests.unit.review.reading import Page, page_of

#: A refund, and three talks of something else; one of them names another amount.
TALKS = (
    "Order LK-48190 of Maya Ortiz is broken. The courier refund comes to $121.",
    "My booking ZX-77812 costs $457.",
    "The gate code is 4417.",
    "Please send the invoice RT-20931 again.",
)


def box_of(scene: Scene, path: str, text: str, what: str) -> str:
    """Return what shows where a specific of a memory of that text is pointed at."""
    line, number = next((line, n) for n, line in enumerate(text.split("\n"), 1) if what in line)
    place: dict[str, str | int] = {"path": path, "line": number, "start": line.index(what)}
    answer = scene.browser().get(f"{scene.api}/evidence", params=place)
    assert answer.status_code == 200, answer.text
    return " ".join(page_of(f"<body>{answer.text}</body>").text.split())


def marked(page: Page, state: str) -> set[str]:
    return {mark.text for mark in page.all("span", class_=state)}


def test_an_amount_that_was_said_of_something_else_is_shown_with_those_words(scene_of: Any) -> None:
    text = "Maya Ortiz gets a courier refund of $457 for order LK-48190.\n"
    scene: Scene = scene_of({}, {"/refunds.md": text}, talks=TALKS)
    page = page_of(scene.get(""))
    assert marked(page, "doubtful") == {"$457"}
    assert "LK-48190" in marked(page, "said")
    box = box_of(scene, "/refunds.md", text, "$457")
    assert "Said, but not of this" in box
    assert TALKS[1] in box
    assert "Nothing says it" not in box
    own = box_of(scene, "/refunds.md", text, "LK-48190")
    assert TALKS[0] in own
    assert "not of this" not in own


def test_of_very_many_invented_numbers_each_is_marked_counted_and_told(scene_of: Any) -> None:
    count = 450
    text = "".join(f"Parcel QX-{70000 + n} left.\n" for n in range(count))
    text += "Order LK-48190 is broken.\n"
    scene: Scene = scene_of({}, {"/parcels.md": text}, talks=TALKS)
    found = scene.browser().get(scene.api).json()
    (finding,) = [one for one in found["findings"] if one["check"] == "ungrounded"]
    assert finding["lines"] == f"1-{count}"
    assert found["score"]["ungrounded"] == finding["specifics"] == count
    parts = [scene.get("/memory", path="/parcels.md", side="after", line=n) for n in (1, count)]
    pages = [page_of(f"<body>{part}</body>") for part in parts]
    doubted = set.union(*(marked(page, state) for page in pages for state in ("unsaid", "doubtful")))
    assert {f"QX-{70000 + n}" for n in range(count)} <= doubted
    assert "LK-48190" in marked(pages[1], "said")
    for number in (0, count - 1):
        assert "Nothing says it" in box_of(scene, "/parcels.md", text, f"QX-{70000 + number}")
    assert TALKS[0] in box_of(scene, "/parcels.md", text, "LK-48190")
    links = [a.attributes for a in page_of(scene.get("")).all("a", class_="jump")]
    assert any(link["data-line"] == "1" for link in links if "data-line" in link)


def test_the_word_of_any_other_session_for_one_of_very_many_lines_is_told_as_such(scene_of: Any) -> None:
    lines = [f"Parcel QX-{70000 + n} left.\n" for n in range(250)]
    text = "".join(lines) + "Maya Ortiz gets a courier refund of $457 for order LK-48190.\n"
    box = box_of(scene_of({}, {"/all.md": text}, talks=TALKS), "/all.md", text, "$457")
    assert "Said, but not of this" in box
    assert TALKS[1] in box


def test_where_the_old_memory_says_it_is_known_however_much_it_holds(
    scene_of: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(proof, "_LOOKED_THROUGH", 0)
    before = {f"/shelf/{n}.md": f"Nothing here.\nShelf SH-{40000 + n} is full.\n" for n in range(20)}
    text = "Shelf SH-40017 is full, and SH-99999 is not.\n"
    scene: Scene = scene_of(before, {**before, "/full.md": text}, talks=TALKS)
    box = box_of(scene, "/full.md", text, "SH-40017")
    assert "/shelf/17.md:2" in box
    assert "Shelf SH-40017 is full." in box
    assert "Nothing says it" in box_of(scene, "/full.md", text, "SH-99999")


def test_after_an_edit_the_places_are_those_of_what_stands_now(scene_of: Any) -> None:
    before = {f"/shelf/{n}.md": f"Shelf SH-{40000 + n} is full.\n" for n in range(5)}
    scene: Scene = scene_of(before, {**before, "/full.md": "Shelf SH-40001 is full.\n"}, talks=TALKS)
    text = "Shelf SH-40003 is full.\n"
    scene.night.service.put(scene.night.output_id, "/full.md", text)
    scene.later()
    assert "/shelf/3.md:1" in box_of(scene, "/full.md", text, "SH-40003")


@pytest.mark.parametrize("what", ["LK-55555", "ZX-77812"])
def test_with_the_check_off_it_is_looked_for_just_the_same(scene_of: Any, what: str) -> None:
    text = f"The number is {what}.\n"
    scene: Scene = scene_of({}, {"/a.md": text}, talks=TALKS, checks={"ungrounded": "off"})
    box = box_of(scene, "/a.md", text, what)
    assert (TALKS[1] in box) == (what in TALKS[1])
    assert ("Nothing says it" in box) == (what not in TALKS[1])


def test_without_the_runs_evidence_it_is_not_known_whether_anything_says_it(scene_of: Any) -> None:
    text = "Order LK-48190 is broken.\n"
    scene: Scene = scene_of({}, {"/a.md": text}, talks=TALKS)
    folder = scene.night.run.folder
    for name in [name for name in storage.list_names(folder) if name.startswith("evidence")]:
        storage.delete(f"{folder}/{name}")
    box = box_of(scene, "/a.md", text, "LK-48190")
    assert "is not known: what the sessions say is not in the run's files" in box
    assert "Nothing says it" not in box


def test_where_sessions_are_gone_that_nothing_says_it_is_not_said(scene_of: Any) -> None:
    text = "Order LK-77777 is broken.\n"
    scene: Scene = scene_of({}, {"/a.md": text}, talks=TALKS)
    run = scene.night.run
    kept = run.read_evidence(1)
    assert kept is not None
    run.write_evidence(1, {**kept, "unread": ["sesn_gone"]})
    box = box_of(scene, "/a.md", text, "LK-77777")
    assert "is not known: 1 of the sessions that the dream read are gone" in box
    assert "Nothing says it" not in box


def test_going_back_tells_that_no_session_was_read(scene_of: Any) -> None:
    text = "Order LK-48190 is broken.\n"
    scene: Scene = scene_of({"/b.md": "Gate 4417.\n"}, {"/a.md": text, "/b.md": "Gate 4417.\n"}, asked=False)
    night = scene.night
    made = Restored(ancestor_id="memstore_1", input_store_id=night.input_id, output_store_id=night.output_id)
    review(night.world, night.run, made)
    scene.ask()
    box = box_of(scene, "/a.md", text, "LK-48190")
    assert "is not known: going back reads no sessions" in box


def test_the_name_of_a_memory_is_not_looked_for_and_that_is_said(scene_of: Any) -> None:
    text = "Site ST-2044 is in Leeds.\n"
    before = {"/sites/ST-2044.md": "Leeds.\n"}
    scene: Scene = scene_of(before, {"/a.md": text, **before}, talks=TALKS)
    assert "Not looked for: it names a memory" in box_of(scene, "/a.md", text, "ST-2044")


def test_what_only_the_name_of_a_new_memory_says_is_said_by_nothing(scene_of: Any) -> None:
    text = "Site ST-2044 is in Leeds.\n"
    scene: Scene = scene_of({}, {"/sites/ST-2044.md": text}, talks=TALKS)
    assert "Nothing says it" in box_of(scene, "/sites/ST-2044.md", text, "ST-2044")
