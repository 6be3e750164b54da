"""Chromium, as a reviewer has it: a window, and what it asked for of whom."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from playwright.sync_api import Dialog, Locator, Page, Request, TimeoutError, sync_playwright

__all__ = ["CHROMIUM", "NEWS", "Window", "confirm", "hearing_nothing", "opened"]

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
#: What a review's page asks every few seconds: how things stand.
NEWS = "**/state*"
#: Milliseconds for a page to show what is waited for, on a busy machine.
_PATIENCE = 60_000.0
#: Milliseconds for a second click: the page takes its question back after ten seconds.
_SECOND = 5_000.0


@dataclass
class Window:
    """
    One browser window, with a profile of its own.

    :ivar hosts: every host that a page, or anything in one, sent a request to.
    :ivar dialogs: what any page let pop up.
    """

    page: Page
    hosts: set[str] = field(default_factory=set)
    dialogs: list[str] = field(default_factory=list)

    def sign_in(self, url: str, username: str, password: str) -> None:
        """Go to a page of Airflow, through its login."""
        self.page.goto(url)
        self.page.fill("input[name=username]", username)
        self.page.fill("input[name=password]", password)
        self.page.get_by_role("button", name="Sign in").click()

    def another(self) -> Window:
        """Open the window of somebody else, who shares nothing with this one."""
        browser = self.page.context.browser
        assert browser is not None
        context = browser.new_context(viewport=self.page.viewport_size, color_scheme="light")
        context.set_default_timeout(_PATIENCE)
        return _watched(context.new_page())

    def note(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme not in ("data", "blob"):
            self.hosts.add(parts.hostname or request.url)

    def refuse(self, dialog: Dialog) -> None:
        self.dialogs.append(dialog.message)
        dialog.dismiss()


@contextmanager
def opened(
    width: int = 1400, height: int = 1000, theme: Literal["light", "dark"] = "light"
) -> Iterator[Window]:
    """Open a window without a screen, with an empty profile."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=_FLAGS)
        context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=theme)
        context.set_default_timeout(_PATIENCE)
        yield _watched(context.new_page())
        browser.close()


def confirm(within: Page | Locator, name: str, sure: str) -> None:
    """Click a button that asks whether that is meant, and what it asks; again where it had taken that back by then."""
    once, twice = (within.get_by_role("button", name=each, exact=True).first for each in (name, sure))
    while True:
        if not twice.is_visible():
            once.click()
        with suppress(TimeoutError):
            return twice.click(timeout=_SECOND)


@contextmanager
def hearing_nothing(page: Page) -> Iterator[None]:
    """Let the page not hear, within this, of what others do."""
    page.route(NEWS, lambda route: route.abort())
    try:
        yield
    finally:
        page.unroute(NEWS)


def _watched(page: Page) -> Window:
    window = Window(page)
    page.context.on("request", window.note)
    page.context.on("dialog", window.refuse)
    return window
