"""The Chromium that tests, benchmarks and the sheets of figures open pages in: the system's, without a network's noise.

    with sync_playwright() as playwright:
        browser = launch(playwright)

Not for pages with a server: nothing is loaded but files.
"""

import shutil
from typing import Any

NAMES = ("chromium", "chromium-browser", "google-chrome")
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def launch(playwright: Any) -> Any:
    """Starts the browser, headless.

    Args:
        playwright: What `sync_playwright()` gives.

    Returns:
        Playwright's browser.

    Raises:
        FileNotFoundError: If there is no Chromium.
    """
    path = next((found for name in NAMES if (found := shutil.which(name))), None)
    if path is None:
        raise FileNotFoundError("no Chromium to open pages in: apt-get install chromium fonts-wqy-microhei")
    return playwright.chromium.launch(executable_path=path, args=list(FLAGS))
