"""A planner takes a community of each real case from its grids of today to the approved plan and its files.

Once by mouse and once by keyboard alone; what is exported in the end tiles the community exactly.
"""

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import pytest
import shapely
from playwright.sync_api import Browser, Locator, Page, expect
from werkzeug.serving import make_server

from gis_service.app import create_app
from gis_service.config import Settings
from gis_service.db.accounts import Grant, Role
from gis_service.db.cities import load_city
from gis_service.db.engine import begin, engine, reading
from gis_service.db.regions import load_regions
from gis_service.geo.crs import to_metric
from gis_service.plan.rules import Rules
from gis_service.workflows import accounts
from gis_service.workflows.job_kinds import WORKS
from gis_service.workflows.jobs import do_one
from gis_service.workflows.moments import office_today
from gis_service.workflows.partition_city import partition_city
from tests.e2e.conftest import Watched, watch
from tests.e2e.test_desk import LAPTOP, MAP, PASSWORD, ROWS, households, places, ready, saved

pytestmark = [pytest.mark.browser, pytest.mark.cases, pytest.mark.slow]

PEOPLE: dict[str, Role] = {"planner": "planner", "reviewer": "reviewer"}
COMMUNITIES = {
    "singapore_outram": "OTSZ01",
    "singapore_bukit_merah": "BMSZ12",
    "singapore_hdb_west": "JWSZ01",
    "shenzhen_futian_west": "440304005021",
    "xiamen_city": "350203003018",
}
"""A community of each case, of three grids and more; the sixth case holds no buildings and so no grids."""
PATIENCE_MS = 60_000
STOPS_AHEAD = """(wanted) => {
  const held = document.activeElement;
  if (held === wanted) return 0;
  const stops = [...document.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex]")];
  const open = stops.filter((stop) => stop.tabIndex >= 0 && !stop.disabled && stop.checkVisibility());
  return open.indexOf(wanted) - open.indexOf(held);
}"""
"""About how many stops of Tab lie before an element; less than one where the way leads around the page's end."""
ROUNDING_M2 = 0.01
"""Land on both sides of a community's border that the file's degrees cannot tell apart [m²]."""


@dataclass(frozen=True)
class Case:
    """A running service with a case imported and one community partitioned."""

    name: str
    community: str
    origin: str
    settings: Settings


class Mouse:
    """Somebody who works with the mouse."""

    def press(self, wanted: Locator) -> None:
        wanted.click()

    def write(self, wanted: Locator, words: str) -> None:
        wanted.click()
        wanted.fill(words)

    def choose(self, wanted: Locator, value: str) -> None:
        wanted.select_option(value)

    def give_unit(self, page: Page, to: int) -> None:
        """Give a unit of another grid to the grid of that number."""
        self.press(page.locator("[data-command=whole]"))
        own = 2 if to == 1 else 1
        page.mouse.click(*places(page, f"· {name_of(page, own)}")[0])
        self.press(page.locator(ROWS).nth(to - 1).get_by_role("button"))
        self.press(page.locator("[data-command=assign]"))

    def take_out_unit(self, page: Page) -> None:
        page.mouse.click(*places(page, f"· {name_of(page, 1)}")[0])
        self.press(page.locator("#desk-hand [data-command=unassign]"))

    def divide(self, page: Page, number: int) -> None:
        """Divide a grid by a line from its west to its east."""
        self.press(page.locator(ROWS).nth(number - 1).get_by_role("button"))
        self.press(page.locator("[data-command=line]"))
        inside = places(page, f"· {name_of(page, number)}")
        middle = sorted(y for _, y in inside)[len(inside) // 2]
        box = page.locator(MAP).bounding_box()
        assert box is not None
        page.mouse.click(max(min(x for x, _ in inside) - 120, box["x"] + 4), middle)
        page.mouse.click(min(max(x for x, _ in inside) + 120, box["x"] + box["width"] - 4), middle)
        self.press(page.locator("#desk-options").get_by_role("button", name="完成"))


class Keyboard:
    """Somebody who has no mouse."""

    def press(self, wanted: Locator) -> None:
        self._go(wanted)
        wanted.page.keyboard.press("Enter")

    def write(self, wanted: Locator, words: str) -> None:
        self._go(wanted)
        wanted.page.keyboard.type(words)

    def choose(self, wanted: Locator, value: str) -> None:
        self._go(wanted)
        wanted.page.keyboard.press("Home")
        for _ in range(wanted.locator("option").count()):
            if wanted.input_value() == value:
                return
            wanted.page.keyboard.press("ArrowDown")
        pytest.fail(f"there is no choice {value}")

    def give_unit(self, page: Page, to: int) -> None:
        self._walk_to(page, lambda reading: f"· {name_of(page, to)}" not in reading)
        page.keyboard.press("Space")
        page.keyboard.press(str(to))

    def take_out_unit(self, page: Page) -> None:
        self._walk_to(page, lambda reading: "没有" not in reading)
        page.keyboard.press("Space")
        page.keyboard.press("x")

    def divide(self, page: Page, number: int) -> None:
        self._go(page.locator(MAP))
        page.keyboard.press(str(number))
        page.keyboard.press("z")
        self._walk_to(page, lambda reading: f"· {name_of(page, number)}" in reading)
        for key in ("l", "ArrowLeft", *["Shift+ArrowLeft"] * 9, " ", *["Shift+ArrowRight"] * 18, " ", "Enter"):
            page.keyboard.press(key)

    def _go(self, wanted: Locator) -> None:
        """Press Tab as often as it takes, asking seldom where that led: pages have many stops."""
        for _ in range(150):
            ahead = wanted.evaluate(STOPS_AHEAD)
            if ahead == 0:
                return
            for _ in range(max(1, ahead - 2)):
                wanted.page.keyboard.press("Tab")
        pytest.fail(f"Tab does not lead to {wanted}")

    def _walk_to(self, page: Page, wanted: Callable[[str], bool]) -> None:
        self._go(page.locator(MAP))
        reading = page.locator("#desk-reading")
        page.keyboard.press("ArrowRight")
        around = ["ArrowLeft", "ArrowDown", "ArrowRight", "ArrowUp"]
        # Nearby first, then in growing rounds: where a grid lies depends on the plan.
        for key in [*around * 10, *(key for times in range(2, 10) for key in around for _ in range(times))]:
            if wanted(reading.inner_text()):
                return
            page.keyboard.press(key)
            page.keyboard.press(key)
        pytest.fail("the arrows do not lead there")


Hand = Mouse | Keyboard


def name_of(page: Page, number: int) -> str:
    return page.locator(ROWS).nth(number - 1).get_by_role("button").inner_text()


@pytest.fixture(scope="module", params=list(COMMUNITIES))
def case(request: pytest.FixtureRequest, imported_case: Callable[[str], Settings]) -> Iterator[Case]:
    name = request.param
    settings = imported_case(name)
    with begin(settings) as conn:
        partition_city(conn, name, rules=Rules(), communities=[COMMUNITIES[name]])
        for login, role in PEOPLE.items():
            accounts.add_account(conn, login, title="岗", password=PASSWORD, grants=[Grant(role, name)])
    ended = threading.Event()

    def work() -> None:
        while not ended.is_set():
            if do_one(settings, WORKS, print) is None:
                time.sleep(0.1)

    server = make_server("127.0.0.1", 0, create_app(settings), threaded=True)
    threads = [threading.Thread(target=each, daemon=True) for each in (server.serve_forever, work)]
    for thread in threads:
        thread.start()
    yield Case(name, COMMUNITIES[name], f"http://127.0.0.1:{server.server_port}", settings)
    ended.set()
    server.shutdown()
    for thread in threads:
        thread.join()
    server.server_close()
    engine(settings).dispose()


@pytest.mark.parametrize("hand", [Mouse(), Keyboard()], ids=["mouse", "keyboard"])
def test_a_community_goes_from_its_grids_of_today_to_the_approved_plan(
    browser: Browser, case: Case, hand: Hand, tmp_path: Path
) -> None:
    planner, reviewer = (sign_in(browser, case, login) for login in PEOPLE)
    page = planner.page
    look_at_today(page, case, hand)
    propose_and_take(page, hand)
    before = households(page)
    edit_and_take_back(page, hand, before)
    cure(page, hand)
    compare_with_today(page, hand)
    number = hand_in(page, hand)
    approve(reviewer, case, hand, number)
    community_on_a_day(page, case)
    exported = take_away(page, case, hand, number, tmp_path)
    assert sum(exported["households"]) == sum(before)
    planner.check()
    reviewer.check()
    for watched in (planner, reviewer):
        watched.page.context.close()


def sign_in(browser: Browser, case: Case, login: str) -> Watched:
    context = browser.new_context(viewport=LAPTOP, locale="zh-CN", accept_downloads=True)  # type: ignore[arg-type]
    context.set_default_timeout(PATIENCE_MS)
    watched = watch(context, case.origin)
    watched.page.goto(f"{case.origin}/account/sign-in?next=/planner/")
    watched.page.fill("[name=login]", login)
    watched.page.fill("[name=password]", PASSWORD)
    watched.page.keyboard.press("Enter")
    expect(watched.page.locator("h1")).to_have_text("规划台")
    return watched


def look_at_today(page: Page, case: Case, hand: Hand) -> None:
    """Open the community: the table leads to the map, and the map to the table."""
    page.goto(f"{case.origin}/planner/{case.name}/{case.community}")
    row = page.locator("#look-grids tbody tr").nth(1)
    hand.press(row.get_by_role("button"))
    expect(row.get_by_role("button")).to_have_attribute("aria-pressed", "true")
    if isinstance(hand, Mouse):
        page.locator(".look-map").click()
        expect(page.locator("#look-grids tr.chosen")).to_have_count(1)


def propose_and_take(page: Page, hand: Hand) -> None:
    hand.press(page.get_by_role("button", name="提出三个方案"))
    expect(page.get_by_role("heading", name="提出的方案")).to_be_visible()
    take = page.get_by_role("button", name="采用为草案").first
    expect(take).to_be_visible(timeout=PATIENCE_MS)
    hand.press(take)
    ready(page)
    saved(page, 0)


def edit_and_take_back(page: Page, hand: Hand, before: list[int]) -> None:
    """Move a unit and take it back, divide a grid and merge it again, lock a grid and unlock it."""
    total = sum(before)
    hand.give_unit(page, 1)
    saved(page, 1)
    assert sum(households(page)) == total
    page.keyboard.press("Control+z")
    saved(page, 2)
    assert households(page) == before
    hand.divide(page, 1)
    saved(page, 3)
    assert page.locator(ROWS).count() > len(before)
    assert sum(households(page)) == total
    page.keyboard.press("Control+z")
    saved(page, 4)
    page.keyboard.press("Control+y")
    saved(page, 5)
    page.keyboard.press("Control+z")
    saved(page, 6)
    assert [value for value in households(page) if value] == [value for value in before if value]
    hand.press(page.locator("[data-command=lock]"))
    saved(page, 7)
    hand.press(page.locator("[data-command=lock]"))
    saved(page, 8)


def cure(page: Page, hand: Hand) -> None:
    """Take a unit out and let the finding's cure put it where it belongs."""
    hand.take_out_unit(page)
    saved(page, 9)
    finding = page.locator("#desk-findings li").filter(has_text="没有划入任何网格")
    hand.press(finding.locator(".finding-place"))
    hand.press(finding.locator(".cure"))
    saved(page, 10)
    expect(finding).to_have_count(0)


def compare_with_today(page: Page, hand: Hand) -> None:
    hand.press(page.locator("[data-decision=compare]"))
    expect(page.get_by_role("heading", name="新旧网格对照表")).to_be_visible()
    expect(page.locator(".look-map canvas").first).to_be_attached()
    hand.press(page.locator("#changes .row-name").first)
    expect(page.locator("#changes tr.chosen")).to_have_count(1)
    assert page.locator(".bounds").first.locator("tbody tr").count() >= 2
    page.go_back()
    ready(page)


def hand_in(page: Page, hand: Hand) -> int:
    for place in page.locator("#desk-findings li").filter(has_text="须处理").all():
        pytest.fail(f"what was proposed is not fit to be handed in: {place.inner_text()}")
    hand.press(page.locator("[data-decision=submit]"))
    hand.write(page.get_by_role("dialog").locator("textarea"), "按新入住小区调整")
    hand.press(page.get_by_role("dialog").get_by_role("button", name="提交审核"))
    expect(page.locator("#desk-state")).to_have_text("待审核")
    return int(page.url.rsplit("/", 1)[1].partition("#")[0])


def approve(reviewer: Watched, case: Case, hand: Hand, number: int) -> None:
    page = reviewer.page
    page.goto(f"{case.origin}/planner/drafts/{number}")
    ready(page)
    hand.press(page.locator("[data-decision=approve]"))
    if isinstance(hand, Mouse):  # the keyboard's plan, from today on, then follows it
        page.get_by_role("dialog").locator("[name=effective]").fill("2020-01-01")
        hand.press(page.get_by_role("dialog").get_by_role("button", name="批准"))
        expect(page.get_by_role("dialog")).to_contain_text("2020-01-01")  # a day gone by is asked about once more
    hand.press(page.get_by_role("dialog").get_by_role("button", name="批准"))
    expect(page.locator("#desk-state")).to_have_text("已批准")


def community_on_a_day(page: Page, case: Case) -> None:
    """Look at the community's map of today and of a day before anything was approved."""
    address = f"{case.origin}/planner/{case.name}/{case.community}"
    page.goto(f"{address}?on={office_today().isoformat()}")
    expect(page.locator("#look-grids tbody tr").first).to_be_visible()
    page.goto(f"{address}?on=2001-01-01")
    expect(page.get_by_role("alert")).to_contain_text("没有已批准的方案")
    expect(page.locator("#look-grids")).to_have_count(0)


def take_away(page: Page, case: Case, hand: Hand, number: int, folder: Path) -> gpd.GeoDataFrame:
    """Export the GeoPackage and return its grids, which tile the community exactly."""
    page.goto(f"{case.origin}/planner/drafts/{number}#export")
    ready(page)
    with page.expect_download() as taken:
        hand.press(page.locator("[data-export=gpkg]"))
    path = folder / "grids.gpkg"
    taken.value.save_as(path)
    grids = gpd.read_file(path, layer="grids")
    with reading(case.settings) as conn:
        city = load_city(conn, case.name)
        community = load_regions(conn, city).set_index("code").geometry.loc[case.community]
    assert shapely.coverage_is_valid(grids.geometry.to_numpy())
    whole = shapely.coverage_union_all(to_metric(grids, city.metric_crs).geometry.to_numpy())
    assert shapely.area(shapely.symmetric_difference(whole, community)) < ROUNDING_M2
    assert grids["code"].is_unique
    return grids
