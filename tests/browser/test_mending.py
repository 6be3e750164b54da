"""A reviewer reads, mends and adopts in the tab: what is adopted is what was on the page, byte for byte."""

from __future__ import annotations

import gzip
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice

import pytest
from anthropic import Anthropic
from playwright.sync_api import expect

from include.demo.seed import seed
from include.demo.settings import PROJECT
from include.demo.stack import Stack
from tests.browser.chromium import CHROMIUM, opened
from tests.browser.tab import Tab
from tests.e2e.cases import case
from tests.e2e.loop import Scene
from tests.e2e.world import World, demo_world

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists(), reason=f"there is no {CHROMIUM}: apt-get install chromium"),
]

AIRLINE = PROJECT.parent / "shared" / "data" / "airline" / "sessions.jsonl.gz"
#: Sessions of the airline's that the dream reads: enough for flags that are folded and changes on several pages.
_SESSIONS = 20
#: What either dream edits and removes of the memory that was there.
EDITED, TAKEN_BACK, KEPT = "/TODO later/final FINAL v2.md", "/policies/returns.md", "/notes (copy).md"
THEIRS, MINE = "All done: ask Nadia.\n", "Nadia signs every refund over £100.\n"


@dataclass(frozen=True)
class Mended:
    """
    :ivar kinds: what happened to each memory, as the tab listed it at first.
    :ivar hovered, by_key: the evidence that the mouse brought up, and the keyboard.
    :ivar waited: whether Adopt waited for the ticks. :ivar flags: how many there were to tick at last.
    :ivar mine, theirs: both texts of the conflict, as the page showed them.
    :ivar between: what the output held of the memory while the conflict stood.
    :ivar page: the text of every memory that changed, as the page showed it when Adopt was clicked.
    :ivar adopted: what the store holds that the targets name.
    :ivar hosts: what the browser asked anything of.
    """

    scene: Scene
    kinds: Mapping[str, str]
    hovered: str
    by_key: str
    waited: bool
    flags: int
    mine: str
    theirs: str
    between: str
    page: Mapping[str, str]
    input: Mapping[str, str]
    adopted: Mapping[str, str]
    hosts: frozenset[str]


def mend_and_adopt(scene: Scene) -> Mended:
    """Read, follow evidence, tick, edit against somebody else's edit, take back, keep, adopt."""
    scene.run.wait_until_asked()
    world, output = scene.world, scene.run.output_store
    before = world.memories(world.store)
    with opened() as window:
        tab = Tab(window, scene)
        kinds = dict(tab.all_pages(tab.kinds))
        tab.first_page()
        hovered, by_key = tab.hover_evidence(), tab.evidence_by_keyboard()
        waited = tab.adopt.is_disabled()
        tab.tick_all()
        expect(tab.adopt).to_be_enabled()

        area = tab.edit(EDITED)
        area.fill(area.input_value() + MINE)
        world.put(output, EDITED, THEIRS)
        change = tab.change(EDITED)
        tab.click(change, "Save")
        theirs = change.locator(".conflict pre").text_content() or ""
        mine, between = area.input_value(), world.memories(output)[EDITED]
        tab.mend(EDITED, "Let mine replace it")
        tab.mend(TAKEN_BACK, "Take back these lines")
        tab.mend(KEPT, "Keep this file")

        tab.first_page()
        page = dict(tab.all_pages(lambda: tab.texts().items()))
        flags = tab.tick_all()
        scene.stack.wait_until_answerable(scene.dag_id, scene.run.run_id, "approve")
        tab.answer("Adopt", "Read line by line.")
        scene.run.end()
        hosts = frozenset(window.hosts)
    (adopted,) = {*world.live_stores()}
    return Mended(
        scene,
        kinds,
        hovered,
        by_key,
        waited,
        flags,
        mine,
        theirs,
        between,
        page,
        before,
        world.memories(adopted),
        hosts,
    )


@case(make_world=demo_world, settings={"sessions": {"limit": 100}})
def demo_mended(scene: Scene) -> Mended:
    return mend_and_adopt(scene)


def airline_world(stack: Stack, client: Anthropic, name: str) -> World:
    """Some of the airline's sessions beside the demo's memory."""
    part = stack.folder / f"{name}.jsonl"
    with gzip.open(AIRLINE, "rt", encoding="utf-8") as sessions:
        part.write_text("".join(islice(sessions, _SESSIONS)), encoding="utf-8")
    seeded = seed(client, url=stack.agents_url, api_key=stack.api_key, transcripts=part)
    return World(client, seeded.agent, seeded.deployment, seeded.input_store)


if AIRLINE.exists():

    @case(make_world=airline_world, settings={"sessions": {"limit": 100}})
    def airline_mended(scene: Scene) -> Mended:
        return mend_and_adopt(scene)

else:

    @pytest.fixture
    def airline_mended() -> Mended:
        pytest.skip(f"there is no {AIRLINE}")


@pytest.fixture(params=["demo_mended", "airline_mended"])
def mended(request: pytest.FixtureRequest) -> Mended:
    found: Mended = request.getfixturevalue(request.param)
    return found


def test_the_tab_lists_what_changed(mended: Mended) -> None:
    assert (mended.kinds[EDITED], mended.kinds[KEPT], mended.kinds["/index.md"]) == (
        "edited",
        "removed",
        "added",
    )


def test_a_specific_leads_to_where_it_was_said(mended: Mended) -> None:
    for shown in (mended.hovered, mended.by_key):
        assert "sesn_" in shown or "the old memory" in shown


def test_adopt_waits_until_every_flag_is_ticked(mended: Mended) -> None:
    assert mended.waited
    assert len(mended.scene.run.review()["decision"]["ticked"]) == mended.flags > 0


def test_a_conflict_shows_both_texts_and_writes_neither_over_the_other(mended: Mended) -> None:
    assert mended.between == THEIRS
    assert mended.theirs == THEIRS
    assert mended.mine == mended.adopted[EDITED]
    assert mended.mine.endswith(MINE)


def test_what_was_taken_back_and_kept_is_as_it_was(mended: Mended) -> None:
    for path in (TAKEN_BACK, KEPT):
        assert mended.adopted[path] == mended.input[path]


def test_what_is_adopted_is_byte_for_byte_what_was_on_the_page(mended: Mended) -> None:
    assert mended.scene.run.state() == "success"
    unchanged = {path: text for path, text in mended.input.items() if path not in mended.kinds}
    mended_whole = {path: mended.input[path] for path in (TAKEN_BACK, KEPT)}
    assert mended.adopted == {**unchanged, **mended_whole, **mended.page}


def test_the_record_has_who_decided_and_every_edit(mended: Mended) -> None:
    review = mended.scene.run.review()
    assert [(edit["action"], edit["path"]) for edit in review["edits"]] == [
        ("write", EDITED),
        ("take_back", TAKEN_BACK),
        ("keep", KEPT),
    ]
    decision = review["decision"]
    assert (decision["decision"], decision["by"], decision["comment"]) == (
        "Adopt",
        "admin",
        "Read line by line.",
    )


def test_no_request_leaves_for_another_host(mended: Mended) -> None:
    assert mended.hosts == {"127.0.0.1"}
