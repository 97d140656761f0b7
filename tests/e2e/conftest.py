"""Chromium for the tests that open pages: no network, a fresh profile each, and a list of all that its console said."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tools.chromium import launch


@dataclass
class Opened:
    """A page in Chromium.

    Attributes:
        page: Playwright's page.
        said: What the console said, and errors that nobody caught.
        asked: Addresses that were asked for and refused.
    """

    page: Any
    said: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def shows(self, selector: str) -> str:
        """Text of an element as a reader sees it."""
        return self.page.locator(selector).first.inner_text()

    def colours(self, selector: str) -> int:
        """How many colours a canvas holds; one means blank."""
        return self.page.locator(selector).first.evaluate(
            "canvas => { const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);"
            "return new Set(new Uint32Array(data.buffer)).size; }"
        )

    def frame(self) -> None:
        """Waits until what was changed is drawn."""
        self.page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as running:
        browser = launch(running)
        yield browser
        browser.close()


@pytest.fixture
def open_page(browser) -> Iterator[Callable[..., Opened]]:
    """Opens a file in a fresh profile; whatever is not a file is refused and written down."""
    contexts = []

    def open_file(path: Path, *, locale: str = "en-US", scheme: str = "light", ready: str = "html[data-drawn=all]"):
        context = browser.new_context(
            locale=locale, color_scheme=scheme, offline=True, viewport={"width": 1280, "height": 800}
        )
        contexts.append(context)
        opened = Opened(context.new_page())

        def decide(route):
            if route.request.url.startswith("file:"):
                route.continue_()
            else:
                opened.asked.append(route.request.url)
                route.abort()

        context.route("**/*", decide)
        opened.page.on("console", lambda message: opened.said.append(message.text))
        opened.page.on("pageerror", lambda error: opened.said.append(str(error)))
        opened.page.goto(path.as_uri())
        opened.page.wait_for_selector(ready, state="attached", timeout=60_000)
        return opened

    yield open_file
    for context in contexts:
        context.close()
