"""A headless browser for tests of pages, and what opening a page in it showed."""

from __future__ import annotations

import os
import shutil
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

__all__ = ["Opened", "Viewer", "browser_path", "browser_viewer"]

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
_OPTIONS = [
    "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run",
    "--disable-component-update", "--disable-sync", "--disable-quic",
]  # fmt: skip


def browser_path() -> str | None:
    """The browser that ``LINKAGE_BROWSER`` names, or one that is installed."""
    named = os.environ.get("LINKAGE_BROWSER")
    return named or next(filter(None, map(shutil.which, _NAMES)), None)


@dataclass
class Opened:
    """A page that was opened.

    Attributes:
        page: the page of playwright.
        faults: errors and warnings of its console, exceptions, and requests for anything but it.
    """

    page: Any
    faults: list[str] = field(default_factory=list)

    def tags(self) -> Counter[str]:
        """Number of elements by tag."""
        script = "[...document.querySelectorAll('*')].map((one) => one.tagName)"
        return Counter(self.page.evaluate(script))

    def texts(self, selector: str) -> list[str]:
        """Texts of the elements that a selector finds."""
        return [text.strip() for text in self.page.locator(selector).all_text_contents()]


class Viewer:
    """Opens pages in a browser."""

    def __init__(self, browser: Any) -> None:
        self.browser = browser

    @contextmanager
    def open(self, html: Path, width: int = 1280, scheme: str = "light") -> Iterator[Opened]:
        """Opens a file, and closes it in the end."""
        view = self.browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
        opened = Opened(view)
        address = html.absolute().as_uri()

        def heard(message: Any) -> None:
            if message.type in ("error", "warning"):
                opened.faults.append(f"{message.type}: {message.text}")

        def asked(request: Any) -> None:
            if not request.url.startswith((address, "data:")):
                opened.faults.append(f"request: {request.url}")

        view.on("console", heard)
        view.on("pageerror", lambda error: opened.faults.append(f"exception: {error}"))
        view.on("request", asked)
        try:
            view.goto(address)
            yield opened
        finally:
            view.close()


@contextmanager
def browser_viewer() -> Iterator[Viewer]:
    """A viewer; skips the test where there is no browser to view with."""
    sync_api = pytest.importorskip(
        "playwright.sync_api", reason="needs playwright (pip install playwright)"
    )
    path = browser_path()
    if path is None:
        pytest.skip(
            "needs a browser: install Chromium (on Debian and Ubuntu: the package chromium), or "
            "name one with LINKAGE_BROWSER"
        )
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=_OPTIONS)
        try:
            yield Viewer(browser)
        finally:
            browser.close()
