"""A real browser for tests: Debian's Chromium, headless, driven by playwright."""

import contextlib
import json
import shutil
import subprocess
import tempfile
from collections.abc import Iterator

from axe_playwright_python.base import AXE_SCRIPT  # type: ignore[import-untyped]  # it has no types
from playwright._impl._driver import compute_driver_executable  # nothing public runs a server of the Python package's
from playwright.async_api import Page
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


@contextlib.contextmanager
def served() -> Iterator[str]:
    """Run a browser for many tests; the address to which each connects (`BrowserType.connect`).

    Whatever a test opens lies in contexts of its own, and is closed when it disconnects. The browser ends with this
    process, however that ends. Call it from the main thread.
    """
    with tempfile.NamedTemporaryFile("w", suffix=".json") as options:
        json.dump({"executablePath": shutil.which("chromium"), "args": ARGUMENTS}, options)
        options.flush()
        serve = [*compute_driver_executable(), "launch-server", "--browser", "chromium", "--config", options.name]
        with subprocess.Popen(
            ["setpriv", "--pdeathsig", "TERM", "--", *serve], stdout=subprocess.PIPE, text=True
        ) as server:
            try:
                yield server.stdout.readline().strip()  # type: ignore[union-attr]  # it is a pipe
            finally:
                server.terminate()


async def barriers(page: Page, *, of_colour: bool = False) -> list[str]:
    """Name what keeps people out of the page as it stands, by axe-core; if `of_colour`, only what its colours do."""
    if not await page.evaluate("'axe' in window"):
        await page.evaluate(AXE_SCRIPT)
    options: dict[str, object] = {"resultTypes": ["violations"]}
    if of_colour:
        options["runOnly"] = {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}
    violations = await page.evaluate("(options) => axe.run(options).then((found) => found.violations)", options)
    return [
        f"{page.url}: {each['id']} {node['html'][:160]} {node['failureSummary'][:200]}"
        for each in violations
        if each["impact"] in ("serious", "critical")
        for node in each["nodes"]
    ]
