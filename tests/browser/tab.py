"""The Review tab as its reader has it: within Airflow's page of the run, used with clicks and keys."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from http import HTTPStatus
from typing import TypeVar
from urllib.parse import quote, unquote

from playwright.sync_api import FrameLocator, Locator, Response, expect

from dreamflow.core.report import REVIEW_ROUTE
from tests.browser.chromium import Window, confirm
from tests.e2e.loop import Scene
from tests.e2e.runs import Run

__all__ = ["Tab", "question_of"]

# Milliseconds for the page to show what an answer or somebody else has done, on a busy machine.
expect.set_options(timeout=120_000.0)
R = TypeVar("R")

#: The lines of each memory's new side; what the page adds to a line in words of its own is no part of it.
_TEXTS = """all => all.map(one => {
    const lines = [...one.querySelectorAll('.diff tr:not(.gone) td.text')].map(cell => {
        const line = cell.cloneNode(true);
        line.querySelectorAll('.fate').forEach(words => words.remove());
        const ends = !line.querySelector('.no-end');
        line.querySelectorAll('.no-end').forEach(words => words.remove());
        return line.textContent + (ends ? '\\n' : '');
    });
    return [one.dataset.path, lines.join('')];
})"""


#: Milliseconds that an answer may take: SQLite, which these tests' Airflow has, waits for a lock for half a minute.
_LOCKED = 120_000.0


def _is_of_an_answer(response: Response) -> bool:
    is_own = response.url.partition("?")[0].endswith("/answer")
    return response.request.method == ("POST" if is_own else "PATCH")


def question_of(scene: Scene) -> str:
    """Return the address of the page that Airflow itself has of a run's question."""
    run = f"dags/{scene.dag_id}/runs/{quote(scene.run.run_id, safe='')}"
    return f"{scene.stack.airflow.url}/{run}/tasks/approve/required_actions"


class Tab:
    """
    The review of one run, open in a window.

    :ivar frame: the tab's own page.
    """

    def __init__(self, window: Window, scene: Scene, run: Run | None = None, user: str = "") -> None:
        airflow, run = scene.stack.airflow, run or scene.run
        user = user or airflow.username
        self.window = window
        self.frame: FrameLocator = window.page.frame_locator("iframe[title=Review]")
        address = f"{airflow.url}/dags/{run.dag_id}/runs/{quote(run.run_id, safe='')}/plugin/{REVIEW_ROUTE}"
        window.sign_in(address, user, scene.password(user))
        self.wait_until_whole()

    def wait_until_whole(self) -> None:
        """Wait until the tab's own page is there, to its end: a browser shows the first of it while the rest comes."""
        self.find("#verdict").wait_for()
        self.find("#decide").wait_for(state="attached")

    def find(self, selector: str) -> Locator:
        return self.frame.locator(selector)

    def kinds(self) -> list[tuple[str, str]]:
        """Return the memories whose change this page shows, and what happened to each."""
        pairs = self.find("article.change").evaluate_all(
            "all => all.map(one => [one.dataset.path, one.querySelector('.kind').textContent])"
        )
        return [(unquote(path), kind) for path, kind in pairs]

    @property
    def digest(self) -> str:
        return str(self.find("#summary").get_attribute("data-digest"))

    def change(self, path: str) -> Locator:
        return self.find(f'article.change[data-path="{quote(path, safe="/")}"]')

    def read(self, path: str, side: str = "is") -> str:
        """Return the lines that the page shows of a change: those that came, or (``was``) those that went."""
        return "\n".join(self.change(path).locator(f"td.text.{side}").all_text_contents())

    def click(self, within: Locator, name: str) -> None:
        """Click a button; one that asks whether that is meant is clicked twice."""
        button = within.get_by_role("button", name=name, exact=True).first
        if sure := button.get_attribute("data-sure"):
            confirm(within, name, sure)
        else:
            button.click()

    def go_to(self, path: str) -> None:
        """Have a change on the page: where it is on another one, look for it among the files."""
        if not self.change(path).count():
            self.find("#filter").fill(path)
            self.find("#files .file:not([hidden]) a.jump").first.click()
            self.change(path).wait_for()
            self.find("#filter").fill("")

    def mend(self, path: str, name: str) -> None:
        """Click what writes to the output, and wait until the page shows what came of it."""
        self.go_to(path)
        before = self.digest
        self.click(self.change(path), name)
        self.wait_for_another(before)

    def wait_for_another(self, digest: str) -> None:
        """Wait until the page shows another digest than that."""
        expect(self.find("#summary")).not_to_have_attribute("data-digest", digest)

    def all_pages(self, read: Callable[[], Iterable[R]]) -> Iterator[R]:
        """Yield what every page of the changes has, from the one that is shown to the last."""
        while True:
            yield from read()
            following = self.find("a.turn[rel=next]")
            if not following.count():
                return
            number = str(following.get_attribute("data-page"))
            following.click()
            expect(self.find("#changes")).to_have_attribute("data-page", number)

    def first_page(self) -> None:
        """Go back to the first page of the changes."""
        while (back := self.find("a.turn[rel=prev]")).count():
            number = str(back.get_attribute("data-page"))
            back.click()
            expect(self.find("#changes")).to_have_attribute("data-page", number)

    def texts(self) -> dict[str, str]:
        """Return the whole text of every memory on this page, as it would be adopted."""
        self._click_each("[data-does=unfold]")
        found = self.find("article.change:not(.removed)").evaluate_all(_TEXTS)
        return {unquote(path): text for path, text in found}

    def hover_evidence(self) -> str:
        """Bring up what the first specific's evidence is, with the mouse, and close it with a key."""
        self.find(".specific[tabindex]").first.hover()
        return self._shown_evidence()

    def evidence_by_keyboard(self) -> str:
        """Go to the next specific with the keyboard, and into its evidence."""
        self.find(".specific[tabindex]").first.focus()
        self.window.page.keyboard.press("Tab")
        self.window.page.keyboard.press("Enter")
        expect(self.find("#evidence")).to_be_focused()
        return self._shown_evidence()

    def _shown_evidence(self) -> str:
        box = self.find("#evidence")
        # That something is of the day on which it was said has no words to quote.
        box.locator(".quote").first.wait_for()
        said = box.inner_text()
        self.window.page.keyboard.press("Escape")
        expect(box).to_be_hidden()
        return said

    @property
    def adopt(self) -> Locator:
        return self.find("#decide button.adopt")

    def edit(self, path: str) -> Locator:
        """Open the box to edit a memory in, and return its text."""
        self.go_to(path)
        self.click(self.change(path), "Edit")
        area = self.change(path).locator("form.edit textarea")
        area.wait_for()
        return area

    def tick_all(self) -> int:
        """Unfold and tick every flag; return how many there are."""
        self._click_each("#findings .group.flag details.check:not([open]) > summary")
        self._click_each("[data-does=findings][data-severity=flag]")
        for box in self.find("#findings input.tick").all():
            box.check()
        return self.find("#findings input.tick").count()

    def _click_each(self, selector: str) -> None:
        """Click buttons that go away when they have done what they are for."""
        buttons = self.find(selector)
        while count := buttons.count():
            buttons.first.click()
            expect(buttons).to_have_count(count - 1)

    def answer(self, option: str, comment: str = "") -> None:
        """Decide; again where Airflow's database was locked for too long: it did nothing then, and the page says so."""
        if comment:
            self.find("#comment").fill(comment)
        if option == "Dream again" and not comment:  # the page asks for words, and Airflow for nothing
            return self.click(self.find("#decide"), option)
        while True:
            with self.window.page.expect_response(_is_of_an_answer, timeout=_LOCKED) as sent:
                self.click(self.find("#decide"), option)
            if sent.value.status < HTTPStatus.INTERNAL_SERVER_ERROR:
                return None
            expect(self.notice).to_contain_text("did not take the answer")

    @property
    def notice(self) -> Locator:
        """Return what the page tells of what happens elsewhere."""
        return self.find("#notice")
