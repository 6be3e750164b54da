"""
Take the README's pictures from a demo: ``.venv/bin/python -m tests.browser.screenshots``.

Runs ``make demo``'s program on free ports in a folder of its own, photographs the review while it waits (in Airflow's
page, light and dark, and alone on a narrow screen) and Airflow's own question, adopts in the tab, photographs the run's
graph when it has ended, and stops the demo. Writes ``review.png``, ``review-dark.png``, ``review-narrow.png``,
``approval.png`` and ``run_graph.png`` to ``docs/images``. Takes about two minutes and needs Chromium.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from playwright.sync_api import FrameLocator, Page

from include.demo.settings import PROJECT, free_port
from tests.browser.chromium import Window, opened

IMAGES = PROJECT / "docs" / "images"
_USER = "admin"
#: The memory that is photographed with its evidence.
_CHANGED = "/policies/refunds.md"
#: Seconds for a demo to get from one line to the next.
_PATIENCE = 600.0
#: Airflow keeps in the browser how a DAG is shown: its graph, from top to bottom, on the left half.
_GRAPH_VIEW = """
localStorage.setItem('default_dag_view', '"graph"');
localStorage.setItem('direction-dream__demo', '"DOWN"');
localStorage.setItem('react-resizable-panels:graph-ltr',
    '{"details-panel,main-panel":{"expandToSizes":{},"layout":[50,50]}}');
"""


class _Demo:
    """A demo that waits for a click."""

    def __init__(self, folder: Path) -> None:
        self.output = folder / "output.txt"
        ports = {"AIRFLOW_PORT": str(free_port()), "AGENTS_PORT": str(free_port())}
        environment = {**os.environ, **ports, "APPROVE": "", "DEMO_DIR": str(folder / "demo")}
        with self.output.open("wb") as out:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "include.demo"], cwd=PROJECT, env=environment, stdout=out, stderr=out
            )

    def said(self, pattern: str) -> str:
        """Wait until the demo has said something that matches, and return the pattern's group."""
        deadline = time.monotonic() + _PATIENCE
        while not (match := re.search(pattern, self.output.read_text())):
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise SystemExit(f"the demo did not say {pattern}:\n{self.output.read_text()}")
            time.sleep(0.5)
        return match[1]

    def stop(self) -> None:
        self.process.send_signal(signal.SIGINT)
        self.process.wait(120)


def main() -> None:
    IMAGES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        demo = _Demo(Path(folder))
        try:
            review = demo.said(r"(http://\S+/plugin/\S+)")
            password = demo.said(r"password (\S+)")
            run_url = review.partition("/plugin/")[0]
            with opened(height=1150, theme="dark") as window:
                window.sign_in(review, _USER, password)
                _photograph_evidence(window.page)
            with opened(width=400, height=900) as window:
                window.sign_in(run_url, _USER, password)
                window.page.wait_for_url("**/dags/**")
                window.page.goto(_alone(run_url))
                _photograph_narrow(window.page)
            with opened(height=1150) as window:
                window.sign_in(f"{run_url}/tasks/approve/required_actions", _USER, password)
                _photograph_question(window.page)
                window.page.goto(review)
                _photograph_review(window.page)
                _adopt(window.page)
                demo.said(r"(sessions were dreamed in)")
            with opened(height=1100) as window:
                _photograph_graph(window, run_url, password)
        finally:
            demo.stop()


def _alone(run_url: str) -> str:
    """Return the address of the tab's own page, without Airflow's around it."""
    airflow, _, names = run_url.partition("/dags/")
    dag_id, _, run_id = names.partition("/runs/")
    return f"{airflow}/dreamflow/review/{dag_id}/{run_id}"


def _tab(page: Page) -> FrameLocator:
    tab = page.frame_locator("iframe[title=Review]")
    tab.locator("#verdict").wait_for()
    page.wait_for_load_state("networkidle")
    return tab


def _photograph_review(page: Page) -> None:
    _tab(page)
    page.screenshot(path=IMAGES / "review.png")


def _photograph_evidence(page: Page) -> None:
    """Photograph a change, with where one of its specifics was said."""
    tab = _tab(page)
    change = tab.locator("article.change", has=page.locator(f"h3 code:text-is('{_CHANGED}')"))
    change.evaluate("change => change.scrollIntoView({block: 'start'})")
    change.locator(".specific.new[tabindex]").nth(1).hover()
    tab.locator("#evidence blockquote").first.wait_for()
    page.screenshot(path=IMAGES / "review-dark.png")


def _photograph_narrow(page: Page) -> None:
    page.locator("#verdict").wait_for()
    page.wait_for_load_state("networkidle")
    page.screenshot(path=IMAGES / "review-narrow.png")


def _photograph_question(page: Page) -> None:
    last = page.get_by_text("This text is of digest")
    last.wait_for()
    page.wait_for_load_state("networkidle")
    page.screenshot(path=IMAGES / "approval.png")


def _adopt(page: Page) -> None:
    tab = _tab(page)
    for box in tab.locator("#findings input.tick").all():
        box.check()
    tab.locator("#decide").get_by_role("button", name="Adopt", exact=True).click()


def _photograph_graph(window: Window, run_url: str, password: str) -> None:
    window.page.add_init_script(_GRAPH_VIEW)
    window.sign_in(run_url, _USER, password)
    window.page.get_by_text("catch_up").first.wait_for()
    window.page.wait_for_load_state("networkidle")
    # The graph is laid out, and zoomed to fit, after it has been drawn.
    time.sleep(3)
    window.page.screenshot(path=IMAGES / "run_graph.png")


if __name__ == "__main__":
    main()
