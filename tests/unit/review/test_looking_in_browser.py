"""Looking before choosing, in Chromium: late writes, versions, and memories that the dream left alone."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.chromium import CHROMIUM, confirm
from tests.unit.review.conftest import Scene
from tests.unit.review.test_in_browser import change, contents
from tests.unit.support import sha

#: Milliseconds: the machine may be busy with other tests.
expect.set_options(timeout=30_000.0)

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists(), reason=f"there is no {CHROMIUM}: apt-get install chromium"),
]

TEAM = "Nadia leads.\nTom helps.\nThe depot is in Leeds.\n"
INDEX = "# Index\n\n- [Team](/team.md)\n- [Rota](/rota.md)\n- [Gone](/gone.md)\n"
BEFORE = {"/team.md": TEAM, "/rota.md": "Nadia on Mondays.\n", "/gone.md": "Keep me.\n", "/index.md": INDEX}
DREAMED = TEAM.replace("Tom helps", "Tom Okafor helps")
AFTER = {"/team.md": DREAMED, "/rota.md": BEFORE["/rota.md"], "/index.md": INDEX}
LATE = TEAM.replace("Tom helps", "<img src=x onerror=alert(1)> left").replace("Leeds", "York")


@pytest.fixture
def scene(scene_of: Any) -> Scene:
    made: Scene = scene_of(BEFORE, AFTER)
    return made


def late_row(scene: Scene, page: Page) -> Locator:
    """Return the row of a late write that came while the page was open."""
    scene.night.service.put(scene.night.input_id, "/team.md", LATE)
    page.locator("#late summary").click()
    row = page.locator("#late-rows tr", has_text="/late/team.md").first
    expect(row).to_be_visible()
    return row


def open_index(page: Page) -> Locator:
    """Open the index's text from the finding about it."""
    for fold in page.locator("#findings details:not([open]) > summary").all():
        fold.click()
    page.locator(".finding a.whole", has_text="/index.md").first.click()
    panel = page.locator("#evidence")
    expect(panel).to_contain_text("/rota.md")
    return panel


def test_a_late_write_is_read_and_then_chosen(scene: Scene, page: Page) -> None:
    row = late_row(scene, page)
    show = row.get_by_role("button", name="Show", exact=True)
    show.click()
    texts = page.locator("#late-rows .shown-text")
    expect(texts.locator("[data-whose=agent] .is")).to_have_text(
        ["<img src=x onerror=alert(1)> left.", "The depot is in York."]
    )
    expect(texts.locator("[data-whose=dream] .is")).to_have_text("Tom Okafor helps.")
    expect(texts.locator("[data-whose=carry] .is")).to_have_text("The depot is in York.")
    expect(texts.locator("[data-whose=late]")).to_contain_text("/late/team.md")
    expect(show).to_have_attribute("aria-expanded", "true")
    show.click()
    expect(texts).to_have_count(0)
    row.get_by_role("button", name="The agent's").click()
    chosen = page.locator("#late-rows tr", has_text="ada chose")
    expect(chosen.get_by_role("button", name="The agent's")).to_have_attribute("aria-pressed", "true")
    chosen.get_by_role("button", name="Show", exact=True).click()
    expect(texts.locator("[data-whose=carry] .is")).to_have_count(2)
    expect(texts.locator("[data-whose=late]")).to_have_count(0)
    (choice,) = scene.night.run.late_choices().values()
    assert (choice.path, choice.choice, choice.by) == ("/team.md", "late", "ada")


def test_what_another_chooses_is_said_and_an_answer_tells_which_choices_its_page_showed(
    scene: Scene, page: Page
) -> None:
    late_row(scene, page)
    shown = page.locator("#summary").get_attribute("data-choices")
    asked = {"path": "/team.md", "sha256": sha(LATE), "choice": "dream"}
    own = {"X-Dreamflow": "1"}
    assert scene.browser("ben").post(f"{scene.api}/late", json=asked, headers=own).status_code == 200
    expect(page.locator("#notice")).to_contain_text("a late write was chosen elsewhere")
    page.get_by_role("button", name="Show it").click()
    expect(page.locator("#late-rows")).to_contain_text("ben chose")
    expect(page.locator("#notice")).to_be_hidden()
    now = page.locator("#summary").get_attribute("data-choices")
    assert now != shown
    row = page.locator("#late-rows tr", has_text="ben chose").first
    row.get_by_role("button", name="The agent's").click()
    expect(page.locator("#late-rows")).to_contain_text("ada chose")
    expect(page.locator("#notice")).to_be_hidden()
    mine = page.locator("#summary").get_attribute("data-choices")
    assert mine not in (shown, now)
    for tick in page.locator(".tick").all():
        tick.check()
    page.get_by_role("button", name="Adopt", exact=True).click()
    expect(page.locator("#notice")).to_contain_text("Airflow has your answer")
    assert scene.answered()["params_input"]["digest"].partition("+")[2] == mine


def test_a_version_is_read_and_then_put_back(scene: Scene, page: Page) -> None:
    team = change(page, "/team.md")
    team.get_by_role("button", name="History").click()
    first = team.locator(".past tr", has_text="created").first
    first.get_by_role("button", name="Show").click()
    text = team.locator(".past .shown-text")
    expect(text.locator(".was")).to_have_text("Tom Okafor helps.")
    expect(text.locator(".is")).to_have_text("Tom helps.")
    confirm(first, "Put back", "Put this one back?")
    expect(change(page, "/team.md")).to_have_count(0)
    assert contents(scene)["/team.md"] == TEAM


def test_a_memory_is_deleted_with_a_second_click(scene: Scene, page: Page) -> None:
    confirm(change(page, "/team.md"), "Delete", "Delete it?")
    expect(page.locator("article.change.removed", has_text="/team.md")).to_have_count(1)
    assert "/team.md" not in contents(scene)


def test_an_index_that_the_dream_left_alone_is_mended_from_its_finding(scene: Scene, page: Page) -> None:
    open_index(page).get_by_role("button", name="Edit").click()
    expect(page.locator("#evidence")).to_be_hidden()
    box = page.locator(".draft", has_text="/index.md").locator("textarea")
    expect(box).to_be_focused()
    box.fill(INDEX.replace("- [Gone](/gone.md)\n", ""))
    page.keyboard.press("Escape")
    page.get_by_role("link", name="Side by side").click()
    expect(page.get_by_role("link", name="Side by side")).to_have_attribute("aria-current", "true")
    expect(box).to_have_value(INDEX.replace("- [Gone](/gone.md)\n", ""))
    page.get_by_role("button", name="Save").click()
    mended = page.locator("article.change.edited", has_text="/index.md")
    expect(mended).to_have_count(1)
    expect(page.locator(".draft")).to_have_count(0)
    expect(page.locator(".finding", has_text="/gone.md").locator("a", has_text="/index.md")).to_have_count(0)
    assert "/gone.md" not in contents(scene)["/index.md"]
    confirm(mended, "Take back", "Take back all of it?")
    expect(mended).to_have_count(0)
    assert contents(scene)["/index.md"] == INDEX


def test_what_is_written_there_stays_though_others_edit_it_and_its_text_is_opened_once_more(
    scene: Scene, page: Page
) -> None:
    open_index(page).get_by_role("button", name="Edit").click()
    box = page.locator("form.edit textarea")
    box.fill("Half a sen")
    open_index(page).get_by_role("button", name="Edit").click()
    expect(box).to_have_value("Half a sen")
    scene.night.service.put(scene.night.output_id, "/index.md", "Theirs.\n")
    expect(page.locator("#notice")).to_contain_text("edited elsewhere")
    page.get_by_role("button", name="Show it").click()
    expect(page.locator("article.change.edited", has_text="/index.md").locator("textarea")).to_have_value(
        "Half a sen"
    )
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".conflict pre")).to_have_text("Theirs.\n")
    assert contents(scene)["/index.md"] == "Theirs.\n"


def test_a_memory_that_the_dream_left_alone_is_deleted_and_has_its_history(scene: Scene, page: Page) -> None:
    open_index(page).get_by_role("button", name="History").click()
    lifted = page.locator(".draft", has_text="/index.md")
    expect(lifted.locator(".past")).to_contain_text("created")
    lifted.get_by_role("button", name="History").click()
    expect(lifted.locator(".past")).to_be_hidden()
    confirm(lifted, "Delete", "Delete it?")
    expect(page.locator("article.change.removed", has_text="/index.md")).to_have_count(1)
    expect(page.locator(".draft")).to_have_count(0)
    assert "/index.md" not in contents(scene)
