"""A fleet's run in the tab of a real Airflow: two members decided by themselves, the rest at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.chromium import CHROMIUM, opened
from tests.browser.tab import Tab
from tests.e2e.cases import case
from tests.e2e.loop import Scene
from tests.e2e.world import fleet_world

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists(), reason=f"there is no {CHROMIUM}: apt-get install chromium"),
]


@dataclass(frozen=True)
class Decided:
    """
    :ivar listed: the members as the page listed them at first. :ivar after: what it said of each at the end.
    :ivar swapped: whose deployment names another store than before. :ivar before: the same while the question stood.
    :ivar hosts: what the browser asked anything of.
    """

    scene: Scene
    listed: list[str]
    after: Mapping[str, str]
    before: Mapping[str, bool]
    swapped: Mapping[str, bool]
    state: str
    hosts: frozenset[str]


SETTINGS: dict[str, Any] = {
    "targets": None,
    "sessions": {"agent_id": None},
    "fleet": {"deployments": {"name": "yard-*"}},
    "approval": {"mode": "required"},
    "checks": {"personal_data": "flag"},
}


@case(make_world=fleet_world, settings=SETTINGS)
def yard(scene: Scene) -> Decided:
    run, members = scene.run, scene.world.members
    run.wait_until_asked()
    with opened() as window:
        tab = Tab(window, scene)
        listed = tab.find("#members .who a").all_text_contents()
        decide(tab, "yard-ash", "Adopt")
        decide(tab, "yard-birch", "Reject")
        before = {name: one.live_store() != one.store for name, one in members.items()}
        scene.stack.wait_until_answerable(scene.dag_id, run.run_id, "approve")
        row = tab.find("#members tr")
        row.filter(has_text="yard-dogwood").locator("input.tick").check()
        tab.click(tab.find("#decide"), "Adopt the rest (2)")
        expect(tab.find("#decide")).to_contain_text("Answered: Adopt")
        run.end()
        tab.window.page.reload()
        tab.wait_until_whole()
        pairs = row.evaluate_all(
            "all => all.slice(1).map(row => [row.querySelector('.who a').textContent,"
            " row.querySelector('.state').textContent])"
        )
        hosts = frozenset(window.hosts)
    swapped = {name: one.live_store() != one.store for name, one in members.items()}
    return Decided(scene, listed, dict(pairs), before, swapped, run.state(), hosts)


def decide(tab: Tab, name: str, option: str) -> None:
    """Decide on one member by itself, and go back to the list."""
    tab.find("#members .who a").filter(has_text=name).click()
    expect(tab.find("nav.member")).to_contain_text(name)
    tab.wait_until_whole()
    for box in tab.find("#findings input.tick").all():
        box.check()
    tab.answer(option)
    expect(tab.find("#decide")).to_contain_text(f"{option}, chosen by")
    tab.find("nav.member").get_by_role("link", name="← All members").click()
    tab.find("#members .who").first.wait_for()


def test_the_flagged_member_is_listed_first(yard: Decided) -> None:
    assert yard.listed[0] == "yard-dogwood"
    assert sorted(yard.listed) == ["yard-ash", "yard-birch", "yard-cedar", "yard-dogwood"]


def test_nothing_is_done_before_the_question_is_answered(yard: Decided) -> None:
    assert not any(yard.before.values())


def test_each_member_is_what_was_decided_for_it(yard: Decided) -> None:
    assert yard.state == "success"
    assert yard.swapped == {"ash": True, "birch": False, "cedar": True, "dogwood": True}
    for name, said in yard.after.items():
        assert said.startswith("rejected by" if name == "yard-birch" else "adopted by"), (name, said)


def test_the_page_asks_nothing_of_anybody_else(yard: Decided) -> None:
    assert yard.hosts == {"localhost"} or yard.hosts == {"127.0.0.1"}
