"""A running service, a real browser, and everything the browser complained about."""

import os
import shutil
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, expect, sync_playwright
from werkzeug.serving import make_server

from gis_service.app import create_app
from gis_service.config import Settings
from gis_service.db.engine import begin
from tests.web.mini_city import HOSTILE, HOSTILE_NAMES, build_mini_city
from tests.web.mini_plans import tell_of_plans

PATIENCE_MS = 30_000  # a first answer loads kernels and a network, on a machine that runs other tests meanwhile
expect.set_options(timeout=PATIENCE_MS)

DESKTOP = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}
QUIET = (
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-sync",
    "--no-first-run",
)
COLLECT_VIOLATIONS = """
window.violations = [];
document.addEventListener("securitypolicyviolation", (event) =>
  window.violations.push(`${event.violatedDirective} ${event.blockedURI}`));
"""


@dataclass
class Watched:
    """A page and what it did that it should not have done."""

    page: Page
    origin: str
    foreign: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def open(self, address: str) -> Page:
        """Open an address of the service and wait until the map's layers have come."""
        self.page.goto(self.origin + address)
        self.page.wait_for_load_state("networkidle")
        return self.page

    def check(self) -> None:
        """Fail if the page asked elsewhere, broke its policy or complained."""
        assert self.foreign == []
        assert self.complaints == []
        assert self.page.evaluate("window.violations") == []


@pytest.fixture(scope="session")
def browser_cities(make_database: Callable[[str], Settings]) -> Settings:
    """Return settings of a database with the same three cities that the web tests know."""
    settings = make_database("e2e")
    with begin(settings) as conn:
        build_mini_city(conn, "mini", synthetic=True)
        build_mini_city(conn, "town", synthetic=False, code_prefix="9999010020")
        build_mini_city(conn, "hostile", synthetic=True, names=HOSTILE_NAMES, code_prefix="9999010030")
        tell_of_plans(conn, "mini", "9999010010")
        tell_of_plans(conn, "town", "9999010020")
        tell_of_plans(conn, "hostile", "9999010030", witness=HOSTILE[0])
    return settings


@pytest.fixture(scope="session")
def origin(browser_cities: Settings) -> Iterator[str]:
    """Return the address of a running service."""
    server = make_server("127.0.0.1", 0, create_app(browser_cities), threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Return Debian's Chromium without a window."""
    program = shutil.which("chromium")
    if program is None:
        pytest.fail("Chromium is missing; install it with: apt-get install chromium")
    sandbox = ("--no-sandbox",) if os.geteuid() == 0 else ()
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=program, args=[*sandbox, *QUIET])
        yield running
        running.close()


@pytest.fixture
def watched(browser: Browser, origin: str) -> Iterator[Watched]:
    """Return a desktop page under watch."""
    context = browser.new_context(viewport=DESKTOP, locale="zh-CN")
    yield watch(context, origin)
    context.close()


@pytest.fixture
def phone(browser: Browser, origin: str) -> Iterator[Watched]:
    """Return a phone's page under watch."""
    context = browser.new_context(viewport=PHONE, locale="zh-CN", has_touch=True, is_mobile=True, device_scale_factor=2)
    yield watch(context, origin)
    context.close()


def is_own(url: str, origin: str) -> bool:
    """Return whether an address is the service's own or needs no server at all."""
    return url.startswith((f"{origin}/", "data:", "blob:"))


def watch(context: BrowserContext, origin: str) -> Watched:
    """Return a new page of a context, under watch."""
    context.add_init_script(COLLECT_VIOLATIONS)
    watched = Watched(context.new_page(), origin)

    def note_request(request: Request) -> None:
        if not is_own(request.url, origin):
            watched.foreign.append(request.url)

    def note_console(message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            watched.complaints.append(message.text)

    watched.page.on("request", note_request)
    watched.page.on("console", note_console)
    watched.page.on("pageerror", lambda error: watched.complaints.append(str(error)))
    return watched
