"""A real browser for tests: Debian's Chromium, headless, driven by playwright."""

import contextlib
import shutil
from collections.abc import Iterator

from playwright.sync_api import Browser, sync_playwright

ARGUMENTS = (
    "--no-sandbox",  # as root there is no other way
    "--disable-gpu",
    # Whatever a browser tells its maker's servers at its start only delays a machine that cannot reach them.
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@contextlib.contextmanager
def launched() -> Iterator[Browser]:
    """Run a browser; only tests that are not asynchronous may use it, since playwright runs a loop of its own."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=list(ARGUMENTS))
        try:
            yield browser
        finally:
            browser.close()
