"""A fleet of a thousand members in Chromium: find the flagged ones, decide each by itself, answer for the rest."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from airflow.models.hitl import HITLDetail
from airflow.models.taskinstance import TaskInstance
from airflow.utils.session import create_session
from playwright.sync_api import Page, Route, expect
from sqlalchemy import select

from dreamflow.core.fleet_review import MemberRow, undecided_digest
from tests.browser.chromium import CHROMIUM, confirm
from tests.unit.review.fleet_scene import CLEAN, FLAGGED, SECRET, FleetScene

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists(), reason=f"there is no {CHROMIUM}: apt-get install chromium"),
]

expect.set_options(timeout=120_000.0)
ADOPTED = 991


@pytest.fixture
def scene(fleet: FleetScene) -> FleetScene:
    """Return a fleet in which seven members are flagged, one is blocked, one is clean and waits, the others done."""
    fleet.member("shop-secret", SECRET)
    for number in range(7):
        fleet.member(f"shop-flagged-{number}", FLAGGED)
    fleet.member("shop-<img src=x onerror=alert(1)>", CLEAN)
    own = [fleet.row(id_) for id_ in fleet.nights]
    done = [
        MemberRow(
            id=f"depl_{n:04}",
            name=f"shop-{n:04}",
            verdict="clean",
            digest=f"{n:064}",
            counts={"added": 1, "unchanged": 4},
            state="adopted",
            decision="Adopt",
            by="approval.mode: when_flagged",
        )
        for n in range(ADOPTED)
    ]
    fleet.run.write_rows(0, [*own, *done])
    fleet.airflow.ask(fleet.dag_id, fleet.run_id)
    return fleet


def asked(scene: FleetScene) -> Any:
    """Return what Airflow has of the answer: the option, and the form."""
    with create_session() as session:
        where = (TaskInstance.dag_id == scene.dag_id, TaskInstance.run_id == scene.run_id)
        found = select(HITLDetail).join(TaskInstance, HITLDetail.ti_id == TaskInstance.id).where(*where)
        detail = session.scalars(found).one()
        return detail.chosen_options, detail.params_input


def names(page: Page) -> list[str]:
    return page.locator("#members .who a").all_text_contents()


def open_member(page: Page, name: str) -> None:
    page.locator("#members .who a", has_text=name).first.click()
    expect(page.locator("nav.member")).to_contain_text(name)


def test_the_worst_are_found_mended_decided_and_the_rest_answered_for(scene: FleetScene, page: Page) -> None:
    expect(page.locator("#verdict")).to_contain_text(
        "9 members of 1,000 to decide on: 1 blocked, 7 flagged, 1 clean"
    )
    assert names(page)[:2] == ["shop-secret", "shop-flagged-0"]
    adopt = page.get_by_role("button", name="Adopt the rest (9)")
    expect(adopt).to_be_disabled()
    expect(page.locator("#why-not")).to_contain_text("1 member must be mended, or decided by itself, first")

    open_member(page, "shop-secret")
    confirm(page.locator("#decide"), "Reject", "Reject for good?")
    expect(page.locator("#decide")).to_contain_text("Reject, chosen by ada")
    page.get_by_role("button", name="Take it back").click()
    expect(page.get_by_role("button", name="Reject", exact=True)).to_be_visible()
    confirm(page.locator("#decide"), "Reject", "Reject for good?")

    page.get_by_role("link", name="Next to look at →").click()
    expect(page.locator("nav.member")).to_contain_text("shop-flagged-0")
    page.locator(".tick").first.check()
    page.get_by_role("button", name="Adopt", exact=True).click()
    expect(page.locator("#decide")).to_contain_text("Adopt, chosen by ada")
    page.get_by_role("link", name="← All members").click()

    expect(page.locator("#verdict")).to_contain_text("7 members of 1,000 to decide on: 6 flagged, 1 clean")
    expect(page.locator("#why-not")).to_contain_text("6 flagged members")
    page.locator(".tick-all").check()
    page.reload()  # ticks are kept
    adopt = page.get_by_role("button", name="Adopt the rest (7)")
    expect(adopt).to_be_enabled()
    waiting = [id_ for id_ in scene.nights if scene.answered(id_) is None]
    digest = undecided_digest(scene.row(id_) for id_ in waiting)
    adopt.click()
    expect(page.locator("#decide")).to_contain_text("Answered: Adopt, by ada")
    chosen, form = asked(scene)
    assert chosen == ["Adopt"]
    assert form["digest"] == digest
    flagged = [id_ for id_ in waiting if scene.names[id_].startswith("shop-flagged")]
    assert sorted(form["looked_at"]) == sorted(flagged)


def test_once_each_is_decided_by_itself_one_click_says_done(scene: FleetScene, page: Page) -> None:
    for number, id_ in enumerate(scene.nights):
        decision = "Reject" if scene.names[id_] == "shop-secret" else "Adopt"
        answered = scene.decide(id_, decision, "ben" if number % 2 else "ada")
        assert answered.status_code == 200, answered.text
    done = page.get_by_role("button", name="Done: 999 adopted, 1 rejected")
    expect(done).to_be_visible()  # without a reload
    done.click()
    expect(page.locator("#decide")).to_contain_text("Answered: Adopt, by ada")
    chosen, form = asked(scene)
    assert (chosen, form["looked_at"], form["digest"]) == (["Adopt"], [], undecided_digest([]))


def test_the_list_is_turned_filtered_and_linked_to(scene: FleetScene, page: Page) -> None:
    page.get_by_role("link", name="991 adopted").click()
    expect(page.locator(".pager")).to_contain_text("991 members, page 1 of 20")
    page.get_by_role("link", name="Page 2 →").click()
    expect(page.locator("#members .who a").first).to_have_text("shop-0050")
    page.keyboard.press("/")
    page.keyboard.type("0990")
    expect(page.locator("#members .who a")).to_have_text(["shop-0990"])
    expect(page.locator("#filter")).to_be_focused()
    assert "state=adopted" in page.url
    page.reload()
    expect(page.locator("#members .who a")).to_have_text(["shop-0990"])
    page.get_by_role("link", name="All 1,000").click()
    page.locator("#filter").fill("<img")
    expect(page.locator("#members .who a")).to_have_text(["shop-<img src=x onerror=alert(1)>"])


def test_letters_that_are_typed_while_the_list_is_on_its_way_stay(scene: FleetScene, page: Page) -> None:
    kept: list[Route] = []

    def keep(route: Route) -> None:
        kept.append(route)

    page.route(re.compile(r"text=09$"), keep, times=1)
    box = page.locator("#filter")
    box.press_sequentially("09")
    while not kept:
        page.wait_for_timeout(50)
    box.evaluate("box => { box.value = '099'; }")  # and nobody has looked for that yet
    kept[0].continue_()
    expect(page).to_have_url(re.compile(r"text=09$"))
    expect(box).to_have_value("099")


def test_a_tick_is_for_what_was_shown_and_no_later_edit(scene: FleetScene, page: Page) -> None:
    page.locator(".tick-all").check()
    boxes = page.locator(".tick")
    expect(boxes.first).to_be_checked()
    edited = next(id_ for id_ in scene.nights if scene.names[id_] == "shop-flagged-3")
    scene.nights[edited].service.put(
        scene.nights[edited].output_id, "/a.md", "Opens at nine.\nCall flight XY1234.\n"
    )
    scene.later()
    scene.get(member=edited)  # somebody looks at it
    row = page.locator("#members tr", has_text="shop-flagged-3")
    expect(row.locator(".tick")).not_to_be_checked()
    expect(page.locator("#members tr", has_text="shop-flagged-4").locator(".tick")).to_be_checked()


def test_the_page_keeps_what_is_typed_while_others_decide(scene: FleetScene, page: Page) -> None:
    page.locator("#comment").fill("Read over coffee.")
    first = next(iter(scene.nights))
    assert scene.decide(first, "Reject", "ben").status_code == 200
    expect(page.locator("#verdict")).to_contain_text("8 members of 1,000")
    expect(page.locator("#comment")).to_have_value("Read over coffee.")
    assert json.loads(page.locator("#decide").get_attribute("data-questions") or "[]")
