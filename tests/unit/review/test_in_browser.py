"""The tab in Chromium: read, follow evidence, tick, mend, decide; and what others do meanwhile."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import APIResponse, Locator, Page, Route, expect

from dreamflow.records.journal import Refused
from tests.browser.chromium import CHROMIUM, NEWS, confirm, hearing_nothing
from tests.unit.review.conftest import Scene

#: Milliseconds: the machine may be busy with other tests.
expect.set_options(timeout=30_000.0)

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists(), reason=f"there is no {CHROMIUM}: apt-get install chromium"),
]

LONG = "".join(f"Line {n} of the guide.\n" for n in range(1, 40))
BEFORE = {
    "/guide.md": LONG,
    "/team.md": "Nadia Ferreira leads.\nTom is in Leeds.\n",
    "/gone.md": "The depot is closed.\n",
}
AFTER = {
    "/guide.md": LONG.replace("Line 3 of", "The line 3 of").replace("Line 35 of", "The line 35 of"),
    "/team.md": "Nadia Ferreira leads.\nTom is in York.\nCall him on flight ZZ4821.\n",
    "/a<img src=x onerror=alert(1)>.md": "<script>document.title = 'owned'</script>\n",
}


@pytest.fixture
def scene(scene_of: Any) -> Scene:
    made: Scene = scene_of(BEFORE, AFTER)
    return made


def change(page: Page, path: str) -> Locator:
    return page.locator("article.change", has=page.locator("h3 code", has_text=path))


def contents(scene: Scene) -> dict[str, str]:
    return scene.night.service.contents(scene.night.output_id)


def test_adopting_needs_every_tick_and_binds_the_answer_to_what_was_seen(scene: Scene, page: Page) -> None:
    adopt = page.get_by_role("button", name="Adopt", exact=True)
    expect(adopt).to_be_disabled()
    boxes = page.locator(".tick")
    assert boxes.count() > 1
    for box in boxes.all():
        box.check()
    page.locator("#comment").fill("Read over coffee.")
    page.reload()  # ticks and words are kept
    expect(page.locator("#comment")).to_have_value("Read over coffee.")
    expect(adopt).to_be_enabled()
    adopt.click()
    expect(page.locator("#decide")).to_contain_text("Answered: Adopt, by ada")
    answer = scene.answered()
    review = scene.browser().get(scene.api).json()
    flags = [finding["id"] for finding in review["findings"] if finding["severity"] == "flag"]
    assert answer["chosen_options"] == ["Adopt"]
    assert answer["params_input"] == {
        "comment": "Read over coffee.",
        "digest": f"{review['digest']}+none",  # nothing was chosen for a late write
        "looked_at": flags,
    }


def test_dreaming_again_needs_words(scene: Scene, page: Page) -> None:
    again = page.get_by_role("button", name="Dream again")
    again.click()
    expect(page.locator("#notice")).to_contain_text("needs words")
    assert scene.answered()["chosen_options"] is None
    page.locator("#comment").fill("Keep the depot.")
    again.click()
    expect(page.locator("#decide")).to_contain_text("Answered: Dream again, by ada")
    assert scene.answered()["params_input"]["comment"] == "Keep the depot."


def test_rejecting_asks_once_more(scene: Scene, page: Page) -> None:
    page.get_by_role("button", name="Reject").click()
    expect(page.get_by_role("button", name="Reject for good?")).to_be_visible()
    assert scene.answered()["chosen_options"] is None
    confirm(page, "Reject", "Reject for good?")
    expect(page.locator("#decide")).to_contain_text("Answered: Reject, by ada")


def test_a_finding_leads_to_its_line_and_evidence_shows_by_mouse_and_by_keyboard(page: Page) -> None:
    page.locator(".finding", has_text="ZZ4821").locator("a.jump").first.click()
    expect(page.locator("tr.lit")).to_contain_text("ZZ4821")
    specific = page.locator(".specific.unsaid")
    specific.hover()
    expect(page.locator("#evidence")).to_contain_text("Nothing says it")
    page.keyboard.press("Escape")
    expect(page.locator("#evidence")).to_be_hidden()
    specific.focus()
    expect(page.locator("#evidence")).to_contain_text("Nothing says it")


def test_keys_move_through_changes_and_findings(page: Page) -> None:
    page.keyboard.press("j")
    page.keyboard.press("j")
    assert "change" in (page.evaluate("document.activeElement.className") or "")
    page.keyboard.press("n")
    page.keyboard.press("x")
    expect(page.locator(".finding:focus .tick")).to_be_checked()
    page.keyboard.press("u")
    expect(page.locator("table.split").first).to_be_visible()
    page.keyboard.press("?")
    expect(page.locator("#help")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("/")
    page.keyboard.type("team")
    expect(page.locator("#files .file:visible")).to_have_count(1)


def test_a_memory_is_edited_and_found_anew_at_once(scene: Scene, page: Page) -> None:
    change(page, "/team.md").get_by_role("button", name="Edit").click()
    box = change(page, "/team.md").locator("textarea")
    box.fill(box.input_value().replace("Call him on flight ZZ4821.\n", ""))
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".finding", has_text="ZZ4821")).to_have_count(0)
    expect(change(page, "/team.md").locator("textarea")).to_have_count(0)
    assert contents(scene)["/team.md"] == "Nadia Ferreira leads.\nTom is in York.\n"


def test_parts_are_taken_back_and_files_kept_with_a_second_click(scene: Scene, page: Page) -> None:
    undo = change(page, "/guide.md").get_by_role("button", name="Take back these lines")
    expect(undo).to_have_count(2)
    confirm(change(page, "/guide.md"), "Take back these lines", "Take back these lines?")
    expect(undo).to_have_count(1)
    page.get_by_role("button", name="Keep this file").click()
    expect(change(page, "/gone.md")).to_have_count(0)
    assert contents(scene)["/guide.md"] == LONG.replace("Line 35 of", "The line 35 of")
    assert contents(scene)["/gone.md"] == BEFORE["/gone.md"]


def test_who_was_faster_is_shown_beside_what_the_reader_wrote(scene: Scene, page: Page) -> None:
    change(page, "/team.md").get_by_role("button", name="Edit").click()
    box = change(page, "/team.md").locator("textarea")
    box.fill("Mine.\n")
    scene.night.service.put(scene.night.output_id, "/team.md", "Theirs.\n")
    expect(page.locator("#notice")).to_contain_text("edited elsewhere")
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".conflict pre")).to_have_text("Theirs.\n")
    expect(box).to_have_value("Mine.\n")
    page.get_by_role("button", name="Let mine replace it").click()
    expect(change(page, "/team.md").locator("textarea")).to_have_count(0)
    assert contents(scene)["/team.md"] == "Mine.\n"


def test_what_was_written_stays_though_its_memory_is_deleted_meanwhile(scene: Scene, page: Page) -> None:
    change(page, "/team.md").get_by_role("button", name="Edit").click()
    box = change(page, "/team.md").locator("textarea")
    box.fill("Mine.\n")
    scene.night.service.remove(scene.night.output_id, "/team.md")
    expect(page.locator("#notice")).to_contain_text("edited elsewhere")
    page.get_by_role("button", name="Show it").click()
    expect(page.locator("article.change.removed", has_text="/team.md")).to_have_count(1)
    expect(page.locator("form.edit textarea")).to_have_value("Mine.\n")
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".conflict pre")).to_have_text("The memory is gone.")
    page.get_by_role("button", name="Let mine replace it").click()
    expect(page.locator("form.edit textarea")).to_have_count(0)
    assert contents(scene)["/team.md"] == "Mine.\n"


def test_what_is_being_written_stays_while_the_page_shows_something_else(scene: Scene, page: Page) -> None:
    change(page, "/guide.md").get_by_role("button", name="Edit").click()
    page.locator("form.edit textarea").fill("Half a sen")
    page.get_by_role("link", name="Side by side").click()
    expect(page.get_by_role("link", name="Side by side")).to_have_attribute("aria-current", "true")
    expect(change(page, "/guide.md").locator("textarea")).to_have_value("Half a sen")
    undo = change(page, "/guide.md").get_by_role("button", name="Take back these lines")
    undo.first.click()
    page.get_by_role("button", name="Take back these lines?").click()
    expect(undo).to_have_count(1)
    expect(change(page, "/guide.md").locator("textarea")).to_have_value("Half a sen")
    undo.first.click()
    page.get_by_role("button", name="Take back these lines?").click()  # nothing of it differs now
    expect(change(page, "/guide.md").locator(".diff")).to_have_count(0)
    expect(page.locator(".draft", has_text="/guide.md").locator("textarea")).to_have_value("Half a sen")
    page.get_by_role("button", name="Cancel").click()
    expect(page.locator(".draft")).to_have_count(0)


def test_what_others_edited_is_told_though_ones_own_edit_shows_it(scene: Scene, page: Page) -> None:
    scene.night.service.put(scene.night.output_id, "/new.md", "Written in the Console.\n")
    expect(page.locator("#notice")).to_contain_text("edited elsewhere")
    page.get_by_role("button", name="Keep this file").click()
    expect(change(page, "/gone.md")).to_have_count(0)
    expect(page.locator("#notice")).to_contain_text("edited elsewhere, too")
    expect(change(page, "/new.md")).to_contain_text("Written in the Console.")


def test_what_others_edit_and_decide_shows_without_a_reload(scene: Scene, page: Page) -> None:
    page.locator(".tick").first.check()
    scene.night.service.put(scene.night.output_id, "/new.md", "Written in the Console.\n")
    expect(page.locator("#notice")).to_contain_text("edited elsewhere")
    page.get_by_role("button", name="Show it").click()
    expect(change(page, "/new.md")).to_contain_text("Written in the Console.")
    expect(page.locator(".tick").first).to_be_checked()
    scene.answer("Reject", by="ben")
    expect(page.locator("#notice")).to_contain_text("Reject, by ben")
    page.get_by_role("button", name="Show it").click()
    expect(page.locator("#decide")).to_contain_text("Answered: Reject, by ben")


def next_news(page: Page) -> None:
    """Wait until the page has been told once more how things stand."""
    with page.expect_response(NEWS):
        pass


def test_news_that_is_older_than_ones_own_edit_is_no_news(scene: Scene, page: Page) -> None:
    kept: list[tuple[Route, APIResponse]] = []
    page.route(NEWS, lambda route: kept.append((route, route.fetch())), times=1)
    while not kept:
        page.wait_for_timeout(50)
    ((route, answer),) = kept
    page.get_by_role("button", name="Keep this file").click()
    expect(change(page, "/gone.md")).to_have_count(0)
    assert answer.ok
    route.fulfill(response=answer)
    next_news(page)
    next_news(page)
    expect(page.locator("#notice")).to_be_hidden()


def test_what_is_told_again_keeps_its_button(scene: Scene, page: Page) -> None:
    scene.night.service.put(scene.night.output_id, "/new.md", "Written in the Console.\n")
    button = page.get_by_role("button", name="Show it")
    button.evaluate("button => { button.dataset.seen = 'yes'; }")
    next_news(page)
    next_news(page)
    expect(button).to_have_attribute("data-seen", "yes")


def test_an_answer_that_was_not_taken_is_told_though_the_page_was_printed_anew_since(
    scene: Scene, page: Page
) -> None:
    refused = Refused(decision="Adopt", by="ben", at=scene.night.world.now(), why="not looked at: lost (1)")
    with hearing_nothing(page):
        scene.night.run.note_refused(refused)
        page.get_by_role("button", name="Keep this file").click()
        expect(change(page, "/gone.md")).to_have_count(0)
    expect(page.locator("#notice")).to_contain_text("The answer of ben was not taken: not looked at")


def test_an_answer_that_the_network_loses_can_be_given_again(scene: Scene, page: Page) -> None:
    again = page.get_by_role("button", name="Dream again")
    page.locator("#comment").fill("Keep the depot.")
    page.route("**/hitlDetails", lambda route: route.abort(), times=1)
    again.click()
    expect(page.locator("#notice")).to_contain_text("The server did not answer")
    expect(again).to_be_enabled()
    again.click()
    expect(page.locator("#decide")).to_contain_text("Answered: Dream again, by ada")


#: The page as it is asked for once more, by the page itself.
ANEW = re.compile(r"/review/[^/?]+/[^/?]+\?.*page=")


def test_what_is_being_written_stays_though_there_is_no_review_any_more(scene: Scene, page: Page) -> None:
    change(page, "/team.md").get_by_role("button", name="Edit").click()
    change(page, "/team.md").locator("textarea").fill("Half a sen")
    page.route(ANEW, lambda route: route.fulfill(content_type="text/html", body="<p>Not reviewed yet.</p>"))
    page.get_by_role("button", name="Keep this file").click()
    expect(page.locator("#notice")).to_contain_text("This page is out of date")
    expect(change(page, "/team.md").locator("textarea")).to_have_value("Half a sen")


def test_an_answer_that_was_not_taken_and_what_changed_show_once_the_page_can_be_printed(
    scene: Scene, page: Page
) -> None:
    refused = Refused(decision="Adopt", by="ben", at=scene.night.world.now(), why="not looked at: lost (1)")
    failed: list[Route] = []

    def fail(route: Route) -> None:
        failed.append(route)
        route.fulfill(status=503)

    page.route(ANEW, fail, times=1)
    with hearing_nothing(page):
        scene.night.service.put(scene.night.output_id, "/new.md", "Written in the Console.\n")
        scene.night.run.note_refused(refused)
    expect(change(page, "/new.md")).to_contain_text("Written in the Console.")
    expect(page.locator("#notice")).to_contain_text("The answer of ben was not taken: not looked at")
    assert len(failed) == 1
