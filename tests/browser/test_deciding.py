"""What others do while a review is open: edits, answers to what is no more, and a reviewer who was faster."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin

import pytest
from anthropic.types.beta import BetaDream
from playwright.sync_api import Page, expect

from tests.browser.chromium import CHROMIUM, hearing_nothing, opened
from tests.browser.tab import Tab, question_of
from tests.e2e.cases import case
from tests.e2e.loop import SECOND, Scene
from tests.e2e.runs import Run
from tests.support.workspace import dreams_on

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists(), reason=f"there is no {CHROMIUM}: apt-get install chromium"),
]

PATH, FROM_OUTSIDE = "/people/tom.md", "Tom Okafor left. Ask Nadia.\n"


@dataclass(frozen=True)
class Overtaken:
    """
    :ivar told: what the open page said of the edit from outside. :ivar shown: what it showed then.
    :ivar picture: what the question's picture in Airflow's form said.
    :ivar reasons: why the two older answers were not taken: that of a page that showed what was before, and that of
        Airflow's own form. :ivar live: what the targets named after each.
    :ivar late: what the first reviewer's page said to her answer, when somebody else had answered.
    """

    scene: Scene
    told: str
    shown: str
    picture: str
    reasons: list[str]
    live: list[tuple[str, str]]
    late: str
    adopted: Mapping[str, str]
    edited: Mapping[str, str]
    dreams: list[BetaDream]


@case()
def overtaken_by_an_edit(scene: Scene) -> Overtaken:
    """An edit from outside, two answers to what was before it, and a second reviewer who adopts first."""
    run, world = scene.run, scene.world
    run.wait_until_asked()
    with opened() as window:
        tab = Tab(window, scene)
        flags = tab.tick_all()
        world.put(run.output_store, PATH, FROM_OUTSIDE)
        expect(tab.notice).to_contain_text("edited elsewhere")
        told = tab.notice.inner_text()

        live = [refused(scene, lambda: tab.answer("Adopt"))]
        reasons = [why_refused(tab)]
        shown = tab.read(PATH)

        form = window.page.context.new_page()
        form.goto(question_of(scene))
        picture = picture_in(form)
        live.append(refused(scene, lambda: adopt_in_airflows_form(form, flags)))
        form.close()
        reasons.append(why_refused(tab))

        other = Tab(window.another(), scene, user=SECOND)
        other.tick_all()
        tab.tick_all()
        edited = world.memories(run.output_store)
        wait_until_answerable(run)
        with hearing_nothing(window.page):
            other.answer("Adopt", "Ben was here.")
            expect(other.find("#decide")).to_contain_text("Adopt, by ben")
            tab.answer("Adopt")
            expect(tab.notice).to_contain_text("Somebody else")
        expect(tab.notice).to_contain_text(SECOND)
        late = tab.notice.inner_text()
    run.end()
    (adopted,) = {*world.live_stores()}
    return Overtaken(
        scene,
        told,
        shown,
        picture,
        reasons,
        live,
        late,
        world.memories(adopted),
        edited,
        dreams_on(world.client, world.store),
    )


def wait_until_answerable(run: Run) -> None:
    run.answers += 1
    run.stack.wait_until_answerable(run.dag_id, run.run_id, "approve", times=run.answers)


def refused(scene: Scene, answer: Callable[[], None]) -> tuple[str, str]:
    """Give an answer that can't be taken, wait until the question stands again; return what the targets name."""
    wait_until_answerable(scene.run)
    before = state_of(scene)["refused"]
    answer()
    scene.run.wait_until(lambda: state_of(scene)["refused"] != before, "the answer to be refused")
    scene.run.wait_until_asked()
    return scene.world.live_stores()


def state_of(scene: Scene) -> dict[str, Any]:
    return dict(scene.stack.airflow.request("GET", f"{scene.run.review_path}/state"))


def why_refused(tab: Tab) -> str:
    """Wait until the open page tells, by itself, why an answer was not taken; let it tell of the next."""
    expect(tab.notice).to_contain_text("was not taken")
    why = tab.notice.inner_text()
    tab.notice.evaluate("notice => notice.replaceChildren()")
    return why


def picture_in(form: Page) -> str:
    """Return what the picture in the question says, once it shows."""
    image = form.get_by_alt_text("Whether this text is up to date")
    expect(image).not_to_have_js_property("naturalWidth", 0)
    return form.context.request.get(urljoin(form.url, str(image.get_attribute("src")))).text()


def adopt_in_airflows_form(form: Page, flags: int) -> None:
    """Tick every flag and adopt, on the page that Airflow has of a question."""
    for _ in range(flags):
        form.locator("#element_looked_at input").first.press("ArrowDown")
        form.keyboard.press("Enter")
    expect(form.locator("#element_looked_at").get_by_label("Remove")).to_have_count(flags)
    form.get_by_role("button", name="Adopt", exact=True).click()


def test_an_edit_from_outside_shows_without_a_reload(overtaken_by_an_edit: Overtaken) -> None:
    assert "What you see is older" in overtaken_by_an_edit.told
    assert FROM_OUTSIDE.strip() in overtaken_by_an_edit.shown


def test_an_answer_to_what_was_before_the_edit_adopts_nothing_and_the_question_stands(
    overtaken_by_an_edit: Overtaken,
) -> None:
    untouched = (overtaken_by_an_edit.scene.world.store,) * 2
    assert overtaken_by_an_edit.live == [untouched, untouched]
    for why in overtaken_by_an_edit.reasons:
        assert "The answer of admin was not taken" in why
        assert "edited since it was shown" in why


def test_the_question_in_airflows_own_form_says_that_it_is_out_of_date(
    overtaken_by_an_edit: Overtaken,
) -> None:
    assert "Out of date: open the Review tab" in overtaken_by_an_edit.picture


def test_who_comes_second_is_told_who_was_faster(overtaken_by_an_edit: Overtaken) -> None:
    assert "Somebody else has answered already" in overtaken_by_an_edit.late
    assert "Adopt, by ben" in overtaken_by_an_edit.late


def test_then_adopting_works_and_one_dream_only_was_paid(overtaken_by_an_edit: Overtaken) -> None:
    run = overtaken_by_an_edit.scene.run
    assert run.state() == "success"
    assert (run.tries("approve"), len(overtaken_by_an_edit.dreams)) == (1, 1)
    answer = run.left("approve")
    assert (answer["decision"], answer["by"], answer["comment"]) == ("Adopt", SECOND, "Ben was here.")
    assert overtaken_by_an_edit.adopted == overtaken_by_an_edit.edited
    assert overtaken_by_an_edit.adopted[PATH] == FROM_OUTSIDE


@dataclass(frozen=True)
class SentBack:
    """
    :ivar wordless: what the page said to “Dream again” without words.
    :ivar asked: what the second run's page says that its dream was asked.
    :ivar decided: what that page says after it was rejected.
    """

    scene: Scene
    second: Run
    wordless: str
    asked: str
    decided: str


@case(settings={"dream": {"instructions": "Keep an index."}})
def sent_back(scene: Scene) -> SentBack:
    """Dream again in the tab; reject, in the tab, what comes of it."""
    scene.run.wait_until_asked()
    with opened() as window:
        tab = Tab(window, scene)
        tab.answer("Dream again")
        expect(tab.notice).to_contain_text("needs words")
        wordless = tab.notice.inner_text()
        wait_until_answerable(scene.run)
        tab.answer("Dream again", "One file per supplier.")
        scene.run.end()
        second = scene.follow_up()
        second.wait_until_asked()
        tab = Tab(window.another(), scene, second)
        asked = tab.find("#about pre").text_content() or ""
        wait_until_answerable(second)
        tab.answer("Reject")
        second.end()
        expect(tab.find("#decide")).to_contain_text("Reject, by admin")
        decided = tab.find("#decide").inner_text()
    return SentBack(scene, second, wordless, asked, decided)


def test_dreaming_again_needs_words_and_hands_them_on(sent_back: SentBack) -> None:
    assert "what the next dream should do" in sent_back.wordless
    assert sent_back.asked == "Keep an index.\n\nOne file per supplier."
    assert sent_back.scene.run.left("approve")["decision"] == "Dream again"
    assert sent_back.scene.world.is_archived(sent_back.scene.run.output_store)


def test_what_is_rejected_in_the_tab_is_discarded(sent_back: SentBack) -> None:
    world, second = sent_back.scene.world, sent_back.second
    assert (sent_back.scene.run.state(), second.state()) == ("success", "success")
    assert "Reject, by admin" in sent_back.decided
    assert world.live_stores() == (world.store, world.store)
    assert world.is_archived(second.output_store)
