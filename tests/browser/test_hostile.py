"""Five hundred hostile memories as a dream's output: in a real Airflow and a browser it is text wherever one reads."""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Collection, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

import pytest
from anthropic import Anthropic
from playwright.sync_api import Locator, Page

from dreamflow.core.report import REVIEW_ROUTE
from dreamflow.core.visible import unseen_characters
from dreamflow.review.tree import PAGE_ROWS
from dreamflow.storage import read_text
from include.demo.settings import free_port
from include.demo.stack import Stack
from include.managed_agents.dreams.engine import Brief, Findings, StoreFiles
from include.managed_agents.dreams.offline import OfflineEngine
from tests.browser.chromium import CHROMIUM, Window, opened
from tests.browser.tab import Tab, question_of
from tests.e2e.cases import case
from tests.e2e.loop import Scene
from tests.e2e.world import World, small_world
from tests.hostile.corpus import hostile_memories
from tests.support.server import KEY, LocalServer

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists(), reason=f"there is no {CHROMIUM}: apt-get install chromium"),
]


def corpus() -> dict[str, str]:
    """Return one half of the hostile memories, each at its path, or beside those that came first where it is taken."""
    contents: dict[str, str] = {}
    for number, memory in enumerate(hostile_memories("dev")):
        path = memory.path if memory.path not in contents else f"/corpus/{number}.md"
        contents[path] = memory.content
    return contents


class HostileEngine(OfflineEngine):
    """Writes the whole corpus, and empties what the store held of it: it stands on both sides of the review."""

    async def consolidate(self, files: StoreFiles, findings: Collection[Findings], brief: Brief) -> None:
        for path in files.sizes():
            files.delete(path)
        for path, content in corpus().items():
            files.write(path, content)


class HostileServer:
    """An embedded server that dreams of nothing else."""

    def __init__(self) -> None:
        self.port = free_port()
        self._exit = ExitStack()

    def start(self) -> Anthropic:
        folder = Path(self._exit.enter_context(tempfile.TemporaryDirectory()))
        server = LocalServer(folder / "hostile.db", HostileEngine, self.port)
        return self._exit.enter_context(server).client

    def stop(self) -> None:
        self._exit.close()


SERVER = HostileServer()
#: Goes away in the dream, and so stands on the review's old side.
GONE = "/<img src=x onerror=alert(1)> ![](gone) {{ 7 * 7 }}.md"


def hostile_world(stack: Stack, _client: Anthropic, name: str) -> World:
    world = small_world(stack, SERVER.start(), name)
    markup = (memory.content for memory in hostile_memories("dev") if memory.kind in ("markup", "ansi"))
    world.write(GONE, "\n".join(markup)[:90_000])
    return world


@pytest.fixture(scope="session", autouse=True)
def hostile_server() -> Iterator[None]:
    yield
    SERVER.stop()


@case(
    make_world=hostile_world,
    connection={"host": f"http://127.0.0.1:{SERVER.port}", "password": KEY},
    settings={"dream": {"timeout": "PT1H"}},
)
def attacked(scene: Scene) -> Scene:
    scene.run.wait_until_asked()
    return scene


TITLE = "As it was"
#: Edit boxes and histories that are opened: each takes the server a look at the whole review.
_FRAGMENTS = 20
#: What a template puts into a line of text.
_OWN = (
    "b.unseen, ins, del, em, td > i, span.gone, span.new, .specific, .secret, .no-end, .fate, .fate *, "
    "blockquote > b, blockquote > cite, cite > code, blockquote > q.text"
)
#: Elements that no template makes of a text, attributes that no element of ours has, and addresses of others.
_FOREIGN = """body => [...body.querySelectorAll('*')].filter(one => {
    const names = one.getAttributeNames();
    const leads = ['href', 'src', 'action', 'formaction', 'data', 'poster', 'xlink:href']
        .map(name => one.getAttribute(name) || '');
    const text = one.parentElement.closest('td.text, table.rows td:last-child, code, pre, blockquote, textarea');
    return one.matches('script, iframe, object, embed, base, meta, link, style, img, video, audio, template, math')
        || names.some(name => name.startsWith('on') || ['srcdoc', 'srcset', 'ping'].includes(name))
        || names.includes('style') && !one.matches('.bars > i')
        || leads.some(lead => /^\\s*(javascript|data|vbscript):/i.test(lead) || hostOf(lead) === 'other')
        || text && !one.matches(OWN);

    function hostOf(lead) {
        if (!/^([a-z]+:)?\\/\\//i.test(lead)) return 'here';
        return OURS.includes(new URL(lead, 'http://here').hostname) ? 'ours' : 'other';
    }
}).map(one => `${one.tagName} ${one.getAttributeNames()}`)"""


@dataclass
class Reader:
    """
    Somebody who has the run's tab open, and a page that nothing protects.

    :ivar bare: without a policy, and of no host: what memory text could do in a page, it can do in this one.
    :ivar asked: what that page sent a request for.
    """

    scene: Scene
    window: Window
    tab: Tab
    bare: Page
    asked: list[str]

    def get(self, name: str = "", **query: Any) -> str:
        """Return what the tab's page asks the server for."""
        address = f"{self.scene.stack.airflow.url}/dreamflow/review/{self.scene.dag_id}"
        run_id = quote(self.scene.run.run_id, safe="")
        answer = self.window.page.context.request.get(f"{address}/{run_id}{name}", params=query)
        assert answer.ok, f"{name} of page {query.get('page')}: {answer.status}"
        return answer.text()

    def foreign(self, html: str) -> list[str]:
        """Let the bare page have the HTML, and return what is in it that no template of ours makes: names, no text."""
        self.bare.set_content(f"<title>{TITLE}</title>{body_of(html)}")
        return foreign_in(self.bare.locator("body"))


def foreign_in(body: Locator) -> list[str]:
    script = _FOREIGN.replace("OURS", '["127.0.0.1", "platform.claude.com"]').replace("OWN", json.dumps(_OWN))
    found: list[str] = body.evaluate(script)
    return found


@pytest.fixture(scope="module")
def reader(attacked: Scene) -> Iterator[Reader]:
    with opened() as window:
        tab, bare = Tab(window, attacked), window.page.context.new_page()
        asked: list[str] = []
        bare.on("request", lambda request: asked.append(request.url))
        yield Reader(attacked, window, tab, bare, asked)


def test_what_is_not_ours_would_be_seen(reader: Reader) -> None:
    row = '<table><tr><td class="text"><u>x</u><a href="javascript:y()">y</a></td></tr></table>'
    assert reader.foreign(row) == ["U ", "A href"]


def test_every_hostile_memory_is_text_in_the_tab(reader: Reader) -> None:
    first = reader.get()
    pages = int(re.findall(r'data-pages="(\d+)"', first)[0])
    seen = set()
    for html in (first, *(reader.get("/changes", page=number) for number in range(2, pages + 1))):
        assert reader.foreign(html) == []
        seen |= set(
            reader.bare.locator("article.change").evaluate_all("all => all.map(one => one.dataset.path)")
        )
    expected = {*corpus(), *reader.scene.world.memories(reader.scene.world.store)}
    assert {unquote(path) for path in seen} == expected


def test_the_last_part_of_a_long_one_is_text(reader: Reader) -> None:
    for path, content in corpus().items():
        if content.count("\n") > PAGE_ROWS:
            assert reader.foreign(reader.get("/memory", path=path, page=1_000)) == []


@pytest.mark.parametrize("name", ["/box", "/history"])
def test_hostile_text_is_text_in_every_fragment(reader: Reader, name: str) -> None:
    some = {memory.path for memory in hostile_memories("dev") if memory.kind in ("markup", "path", "ansi")}
    for path in sorted(some)[:_FRAGMENTS]:
        assert reader.foreign(reader.get(name, path=path)) == []
    # What is never closed would show here.
    assert reader.bare.locator("body > *").count() <= 2


def test_the_page_of_all_of_it_is_still_the_reviews_own(reader: Reader) -> None:
    assert reader.tab.find("h1").all_text_contents() == [reader.tab.find("#verdict").text_content()]
    assert foreign_in(reader.tab.find("main")) == []


def test_the_question_is_short_and_its_only_image_is_its_own(reader: Reader) -> None:
    scene, page = reader.scene, reader.window.page
    page.goto(question_of(scene))
    last = page.get_by_text("This text is of digest")
    last.wait_for()
    page.wait_for_load_state("networkidle")
    body = last.locator("..")
    links = body.locator("a").evaluate_all("all => all.map(one => new URL(one.href).pathname)")
    assert [link.rpartition("/")[2] for link in links] == [REVIEW_ROUTE]
    pictures = body.locator("img").evaluate_all("all => all.map(one => new URL(one.src).pathname)")
    assert pictures == [quote(f"{scene.run.review_path}/state.svg", safe="/%")]
    inside = body.locator("code *, script, iframe, style, table, input[type=checkbox], h1, h2, del")
    assert inside.count() == 0
    question = scene.stack.airflow.question(scene.dag_id, scene.run.run_id, "approve") or {}
    assert len(question["body"]) < 30_000


def test_the_record_is_inert_where_nothing_protects_it(reader: Reader) -> None:
    record = read_text(reader.scene.run.left("review_changes")["report_uri"])
    assert "default-src 'none'" in record
    assert reader.foreign(record) == []
    assert reader.bare.locator("article.diff").count() >= len(corpus())


def test_the_logs_have_nothing_of_it(reader: Reader) -> None:
    run, page = reader.scene.run, reader.window.page
    lines = {line.strip() for text in corpus().values() for line in text.split("\n")}
    telling = {line for line in lines if len(line) > 20}
    for name in ("wait_for_dream", "review_changes", "approve"):
        log = run.log(name)
        assert sum(line in log for line in telling) == 0
        assert not unseen_characters().search(log)
        page.goto(question_of(reader.scene).replace("/approve/required_actions", f"/{name}"))
        page.get_by_text("Post Execute").first.wait_for()


def test_nothing_of_it_acts(reader: Reader) -> None:
    """Comes last: whatever was opened before has had its time."""
    assert reader.window.dialogs == []
    assert reader.asked == []
    assert reader.bare.title() == TITLE
    assert reader.window.hosts == {"127.0.0.1"}


def body_of(html: str) -> str:
    """Return a page without its head, or a fragment as it is: its style, script and policy are ours."""
    return html[html.index("<body") : html.index("</body>")] if "<body" in html else html
