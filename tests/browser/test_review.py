"""A review as a person has it before them: memory text is hostile, and stays text."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import pytest
from anthropic import Anthropic
from playwright.sync_api import Locator

from include.demo.stack import Stack
from tests.browser.chromium import CHROMIUM, Window, opened
from tests.e2e.cases import case
from tests.e2e.loop import Scene
from tests.e2e.world import World, demo_world

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists(), reason=f"there is no {CHROMIUM}: apt-get install chromium"),
]

#: A memory whose name tells nothing: the dream empties it, so that every line stands in the review as removed.
PATH = "/tmp/![](notes) [](old) # <!-- `notes`"
LINES = [
    "# Nobody must take this for a heading",
    "## Nor this ##",
    "![seal](http://tracker.example/pixel.png)",
    "Go: [Click here](http://attacker.example/login) or [there](javascript:alert(1))",
    "See http://attacker.example/bare and <http://attacker.example/angle>",
    "Seal: <img src='http://tracker.example/tag.png' onerror='document.title=1'>",
    "Note: <script>document.title = 'owned'</script><h1>Read me first</h1>",
    "Ticks: `` ` ``` </code></p><h2>out of the span</h2>",
    "Rows | of | a table",
    "- [ ] a list, **bold** and ~~gone~~",
    "  indented by two, with   three spaces inside",
    "Template: {{ 7 * 7 }} {% raw %}",
    "Entities: &lt;b&gt; &amp; \\",
]


def hostile_world(stack: Stack, client: Anthropic, name: str) -> World:
    """The demo's world, and one more memory that tries everything at once."""
    world = demo_world(stack, client, name)
    for path in (PATH, "/seals.md"):  # a copy under a name that tells nothing goes, and is shown whole
        world.write(path, "\n".join(LINES) + "\n")
    return world


@dataclass(frozen=True)
class Reading:
    """The review on the screen."""

    scene: Scene
    window: Window
    body: Locator


@case(make_world=hostile_world, settings={"sessions": {"limit": 100}})
def asked(scene: Scene) -> Scene:
    scene.run.wait_until_asked()
    return scene


@pytest.fixture(scope="module")
def reading(asked: Scene) -> Iterator[Reading]:
    airflow = asked.stack.airflow
    with opened() as window:
        window.sign_in(
            f"{airflow.url}/dags/{asked.dag_id}/runs/{asked.run.run_id}/tasks/approve/required_actions",
            airflow.username,
            airflow.password,
        )
        heading = window.page.get_by_role("heading", name="What changes, line by line")
        heading.wait_for()
        window.page.wait_for_load_state("networkidle")
        yield Reading(asked, window, heading.locator(".."))


def shown_lines(reading: Reading) -> list[tuple[str, float]]:
    """Return the text and the height on the page of every code span of the review."""
    spans = reading.body.locator("code")
    found = spans.evaluate_all("spans => spans.map(s => [s.textContent, s.getBoundingClientRect().top])")
    return [(text, top) for text, top in found]


def test_the_whole_hostile_memory_is_in_the_review(reading: Reading) -> None:
    texts = [text.strip() for text, _ in shown_lines(reading)]
    for line in LINES:
        assert f"-{line}".strip() in texts
    assert any(PATH in text for text in texts)


def test_every_line_of_the_diff_has_a_line_of_its_own(reading: Reading) -> None:
    lines = shown_lines(reading)
    first = next(i for i, (text, _) in enumerate(lines) if text.startswith(f"-{LINES[0]}"))
    tops = [top for _, top in lines[first : first + len(LINES)]]
    assert [text.strip() for text, _ in lines[first : first + len(LINES)]] == [f"-{x}".strip() for x in LINES]
    assert all(below - above > 10 for above, below in pairwise(tops))


def test_no_memory_text_becomes_a_link_an_image_or_html(reading: Reading) -> None:
    elements = reading.body.locator(
        "a, img, script, iframe, object, style, del, em, input[type=checkbox], code *"
    )
    assert elements.evaluate_all("elements => elements.map(e => e.outerHTML)") == []
    assert reading.window.page.title() != "owned"


def test_the_only_headings_lists_and_tables_are_the_reviews_own(reading: Reading) -> None:
    headings = reading.body.locator("h1, h2, h3, h4, h5, h6").all_text_contents()
    assert [heading.partition(" (")[0] for heading in headings] == [
        "Removed",
        "Changed",
        "Added",
        "What changes, line by line",
    ]
    assert reading.body.locator("table").count() == 1
    assert reading.body.locator("table td").all_text_contents()[0] == "Memories"
    assert reading.body.locator("ul, ol").count() == 1


def test_what_stands_outside_code_spans_is_the_reviews_own_words(reading: Reading) -> None:
    outside = reading.body.evaluate(
        """body => {
            const copy = body.cloneNode(true);
            copy.querySelectorAll("code").forEach(code => code.remove());
            return copy.textContent;
        }"""
    )
    for word in ("attacker", "tracker", "heading", "Read me first", "span", "Paylane", "scratch"):
        assert word not in outside


def test_adopting_in_the_browser_ends_the_run_well(reading: Reading) -> None:
    scene, page = reading.scene, reading.window.page
    scene.stack.wait_until_answerable(scene.dag_id, scene.run.run_id, "approve")
    page.locator("#element_comment").fill("Read line by line.")
    page.get_by_role("button", name="Adopt", exact=True).click()
    assert scene.run.end() == "success"
    answer = scene.run.left("approve")
    assert (answer["decision"], answer["by"], answer["comment"]) == ("Adopt", "admin", "Read line by line.")
    output = scene.run.output_store
    assert scene.world.live_stores() == (output, output)


def test_no_request_left_for_another_host(reading: Reading) -> None:
    assert reading.window.hosts == {"127.0.0.1"}
