"""Chromium, as a reviewer has it: a window, and a list of every host that it asked for something."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Page, Request, sync_playwright

__all__ = ["CHROMIUM", "Window", "opened"]

#: Debian's. Playwright's own download is not needed.
CHROMIUM = Path("/usr/bin/chromium")
_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
#: Milliseconds for a page to show what is waited for, on a busy machine.
_PATIENCE = 60_000.0


@dataclass
class Window:
    """
    One browser window.

    :ivar hosts: every host that a page, or anything in one, sent a request to.
    """

    page: Page
    hosts: set[str] = field(default_factory=set)

    def sign_in(self, url: str, username: str, password: str) -> None:
        """Go to a page of Airflow, through its login."""
        self.page.goto(url)
        self.page.fill("input[name=username]", username)
        self.page.fill("input[name=password]", password)
        self.page.get_by_role("button", name="Sign in").click()

    def note(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme not in ("data", "blob"):
            self.hosts.add(parts.hostname or request.url)


@contextmanager
def opened(width: int = 1400, height: int = 1000) -> Iterator[Window]:
    """Open a window without a screen, in the light theme, with an empty profile."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=_FLAGS)
        context = browser.new_context(viewport={"width": width, "height": height}, color_scheme="light")
        context.set_default_timeout(_PATIENCE)
        window = Window(context.new_page())
        context.on("request", window.note)
        yield window
        browser.close()
