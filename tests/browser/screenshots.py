"""
Take the README's pictures from a demo: ``.venv/bin/python -m tests.browser.screenshots``.

Runs ``make demo``'s program on free ports in a folder of its own, photographs the approval while it waits, adopts in
the browser, photographs the run's graph when it has ended, and stops the demo. Writes ``docs/images/approval.png`` and
``docs/images/run_graph.png``. Takes about two minutes and needs Chromium.
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

from playwright.sync_api import FloatRect, Page

from include.demo.settings import PROJECT, free_port
from tests.browser.chromium import Window, opened

IMAGES = PROJECT / "docs" / "images"
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
            approval = demo.said(r"(http://\S+/required_actions)")
            password = demo.said(r"password (\S+)")
            with opened(height=1060) as window:
                window.sign_in(approval, "admin", password)
                _photograph_approval(window.page)
                window.page.get_by_role("button", name="Adopt", exact=True).click()
                demo.said(r"(sessions were dreamed in)")
            with opened(height=1100) as window:
                _photograph_graph(window, approval.partition("/tasks/")[0], password)
        finally:
            demo.stop()


def _photograph_approval(page: Page) -> None:
    page.get_by_role("heading", name="What changes, line by line").wait_for()
    page.wait_for_load_state("networkidle")
    cut = page.get_by_role("heading", name="Changed (").bounding_box()
    assert cut is not None, "the review lists nothing that changed"
    area: FloatRect = {"x": 0, "y": 0, "width": 1400, "height": min(cut["y"] - 8, 1060)}
    page.screenshot(path=IMAGES / "approval.png", clip=area)


def _photograph_graph(window: Window, run_url: str, password: str) -> None:
    window.page.add_init_script(_GRAPH_VIEW)
    window.sign_in(run_url, "admin", password)
    window.page.get_by_text("catch_up").first.wait_for()
    window.page.wait_for_load_state("networkidle")
    # The graph is laid out, and zoomed to fit, after it has been drawn.
    time.sleep(3)
    window.page.screenshot(path=IMAGES / "run_graph.png")


if __name__ == "__main__":
    main()
