"""The officials' three journeys in a real browser: prepare the bulletin, explain a red figure, argue for a station."""

import re
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import openpyxl
import pytest
from playwright.sync_api import Browser, Locator, Page, expect
from werkzeug.serving import make_server

from gis_service.app import create_app
from gis_service.config import Settings
from gis_service.db.accounts import Grant
from gis_service.db.engine import begin
from gis_service.db.findings_register import save_sample
from gis_service.plan.rules import Rules
from gis_service.reach.rules import ReachRules
from gis_service.workflows import accounts
from gis_service.workflows.audit_city import audit_city
from gis_service.workflows.check_city_reach import check_city_reach
from gis_service.workflows.import_city import import_city
from gis_service.workflows.job_kinds import WORKS
from gis_service.workflows.jobs import do_one
from gis_service.workflows.partition_city import partition_city
from tests.e2e.conftest import PHONE, Watched, watch
from tests.workflows.town import EAST_CODE, write_town

pytestmark = pytest.mark.browser

PASSWORD = "seven-small-boats"  # noqa: S105 of a test
LAPTOP = {"width": 1366, "height": 768}
AXE = Path(__file__).resolve().parents[2] / "node_modules" / "axe-core" / "axe.min.js"
PAGES = (
    "", "?level=grid", "/gaps", "/what-if", "/findings", "/field", "/field/1", "/compare", "/method",
    "/buildings?only=uncovered", "/buildings?only=elderly", "/estates", "/facilities",
)  # fmt: skip


@pytest.fixture(scope="module")
def settings(make_database: Callable[[str], Settings], tmp_path_factory: pytest.TempPathFactory) -> Settings:
    made = make_database("audit_pages")
    with begin(made) as conn:
        import_city(conn, write_town(Path(tmp_path_factory.mktemp("audit")) / "town"))
        partition_city(conn, "town", rules=Rules())
        check_city_reach(conn, "town", rules=ReachRules(minutes=5))
        for title in ("第三季度", "第四季度"):
            taken = audit_city(conn, "town", title=title, taken_by="市委组织部").snapshot_id
        save_sample(conn, "town", region="", seed="1", grids=[f"{EAST_CODE}001"], snapshot=taken, who="test")
        accounts.add_account(conn, "official", title="督查岗", password=PASSWORD, grants=[Grant("auditor", "town")])
    return made


@pytest.fixture(scope="module")
def served(settings: Settings) -> Iterator[str]:
    """Return the address of a running service, beside which jobs are done."""
    server = make_server("127.0.0.1", 0, create_app(settings), threaded=True)
    ended = threading.Event()
    faults: list[BaseException] = []

    def work() -> None:
        while not ended.is_set():
            if do_one(settings, WORKS, faults.append) is None:
                ended.wait(0.2)

    threads = [threading.Thread(target=target, daemon=True) for target in (server.serve_forever, work)]
    for thread in threads:
        thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    ended.set()
    server.shutdown()
    for thread in threads:
        thread.join()
    server.server_close()
    assert faults == []


@pytest.fixture
def official(browser: Browser, served: str) -> Iterator[Watched]:
    """Return a page in which the official is signed in."""
    context = browser.new_context(viewport=LAPTOP, locale="zh-CN")
    watched = watch(context, served)
    watched.page.goto(f"{served}/account/sign-in?next=/audit/")
    watched.page.fill("[name=login]", "official")
    watched.page.fill("[name=password]", PASSWORD)
    watched.page.keyboard.press("Enter")
    watched.page.wait_for_url(f"{served}/audit/")
    yield watched
    context.close()


def whole(words: str | None) -> int:
    """Return the first whole number in some words."""
    found = re.search(r"[+-]?[\d,]+", words or "")
    assert found is not None, words
    return int(found[0].replace(",", ""))


def taken(page: Page, link: Locator, to: Path) -> Path:
    """Click on a paper and return the file once it has come."""
    with page.expect_download(timeout=90_000) as download:
        link.click()
    download.value.save_as(to)
    return to


def test_the_bulletin_is_prepared_from_the_dashboard(official: Watched, tmp_path: Path) -> None:
    page = official.page
    page.get_by_role("link", name="小镇（合成数据）").click()
    headline = page.locator("h1.headline").inner_text()
    assert "到不了近邻红色驿站或党群服务中心" in headline
    page.get_by_role("navigation", name="层级").get_by_role("link", name="社区").click()
    page.get_by_role("link", name="5 分钟覆盖住户", exact=True).click()
    rows = page.locator("tr[data-code] th")
    expect(rows.first).to_contain_text("东社区")  # the worst first
    expect(page.locator("html[data-audit=drawn]")).to_have_count(1)
    expect(page.locator("#map-measure")).to_have_value("households_5_min_share")  # the map shows what the rows are by
    page.screenshot(path=tmp_path / "bulletin_dashboard.png", full_page=True)
    bulletin = taken(page, page.get_by_role("link", name="通报（PDF）"), tmp_path / "bulletin.pdf")
    assert bulletin.read_bytes().startswith(b"%PDF")
    expect(page.locator("#job-text")).to_have_text("已完成。")
    book = openpyxl.load_workbook(
        taken(page, page.get_by_role("link", name="工作簿（Excel）"), tmp_path / "audit.xlsx")
    )
    assert {"总表", "问题清单", "盲区清单", "参数与口径"} <= set(book.sheetnames)
    official.check()


def test_a_red_figure_is_explained_down_to_its_source_row(official: Watched, tmp_path: Path) -> None:
    page = official.open(f"/audit/town?region={EAST_CODE}")
    tile = page.locator(".tile", has_text="5 分钟覆盖住户")
    share = tile.locator(".tile-value").inner_text()
    page.screenshot(path=tmp_path / "red_1_figure.png", full_page=True)
    tile.click()
    told = page.locator(".lead-small").inner_text()
    buildings, households = (int(each.replace(",", "")) for each in re.findall(r"([\d,]+) (?:栋|户)", told))
    assert f"{1 - households / 1000:.1%}" == share  # 25 buildings of 40 households
    rows = page.locator("tbody tr")
    expect(rows).to_have_count(buildings)
    assert sum(whole(text) for text in rows.locator("td:nth-child(4)").all_inner_texts()) == households
    ordered_by(page, "步行")
    page.screenshot(path=tmp_path / "red_2_buildings.png")
    rows.first.locator("th a").click()
    expect(page.locator(".source")).to_contain_text("楼栋文件中 id 为")
    page.screenshot(path=tmp_path / "red_3_source.png")
    page.get_by_role("navigation", name="审核").get_by_role("link", name="问题清单").click()
    page.locator("tbody tr", has_text="服务盲区").first.get_by_role("link").first.click()
    page.select_option("[name=state]", "explained")
    page.fill("[name=unit]", "东社区居委会")
    page.fill("[name=deadline]", "2026-12-31")
    page.fill("[name=note]", "已列入明年改造计划")
    page.get_by_role("button", name="登记").click()
    expect(page.locator(".history li")).to_contain_text(["已列入明年改造计划"])
    expect(page.locator(".history small").first).to_contain_text("official 督查岗")
    page.screenshot(path=tmp_path / "red_4_explained.png", full_page=True)
    official.check()


def ordered_by(page: Page, title: str) -> None:
    """See the rows of a table in the order of one of its figures, the greatest first and then last."""
    head = page.locator("thead th", has_text=title).first
    column = head.evaluate("(cell) => cell.cellIndex")
    for order in ("descending", "ascending"):
        head.get_by_role("button").click()
        expect(head).to_have_attribute("aria-sort", order)
        texts = page.locator(f"tbody tr > :nth-child({column + 1})").all_inner_texts()
        figures = [whole(text) for text in texts if any(map(str.isdigit, text))]
        assert len(set(figures)) > 1
        assert figures == sorted(figures, reverse=order == "descending")


def test_a_new_station_is_argued_for(official: Watched, tmp_path: Path) -> None:
    page = official.open("/audit/town/gaps")
    households = whole(page.locator("tbody tr").first.locator("td").nth(1).inner_text())
    assert households > 0
    page.get_by_role("navigation", name="审核").get_by_role("link", name="选址测算").click()
    expect(page.locator("html[data-scenario='0']")).to_have_count(1)
    page.get_by_role("button", name="在地图中心加一个点").click()
    expect(page.locator("html[data-scenario='1']")).to_have_count(1)
    marker = page.locator(".leaflet-marker-pane .sign-holder")
    gain = page.locator("#gain")
    in_the_middle = gain.inner_text()
    assert whole(in_the_middle) > 0
    box, frame = marker.bounding_box(), page.locator(".map-frame").bounding_box()
    assert box is not None
    assert frame is not None
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(frame["x"] + 0.75 * frame["width"], frame["y"] + 0.5 * frame["height"], steps=8)
    expect(gain).not_to_have_text(in_the_middle)  # told while it is still being dragged
    page.mouse.up()
    regions = page.locator("#regions")
    expect(regions).to_contain_text("东社区")
    expect(regions).not_to_contain_text("西社区")
    marker.focus()
    for _ in range(5):
        page.keyboard.press("Shift+ArrowLeft")
    expect(regions).to_contain_text("西社区")
    expect(regions).not_to_contain_text("东社区")
    keep(page, "网格员提议")
    page.get_by_label("最多新增（处）").fill("1")
    page.get_by_role("button", name="开始测算").click()
    page.wait_for_url(re.compile(r"run=\d+"))
    page.get_by_role("button", name="把测算选中的点放到地图上").click()
    expect(page.locator("html[data-scenario='1']")).to_have_count(1)
    best = whole(page.locator("#candidates tr").first.locator("td").nth(3).inner_text())
    expect(gain).to_have_text(f"+{best:,}")
    page.locator(".site-cost input").fill("20")
    page.locator(".site-cost input").press("Tab")
    expect(page.locator("[data-fact=cost]")).to_have_text("20")
    keep(page, "测算最优")
    rows = page.locator("#compare tbody tr")
    expect(rows).to_have_count(2)
    assert whole(rows.nth(0).locator("td").nth(1).inner_text()) <= best
    page.evaluate("window.scrollTo(0, 0)")
    page.screenshot(path=tmp_path / "station.png", full_page=True)
    page.reload()
    compared(page, best)
    official.check()


def test_asking_for_the_best_sites_takes_neither_the_scenario_nor_what_was_typed_away(official: Watched) -> None:
    page = official.open("/audit/town/what-if")
    expect(page.locator("html[data-scenario='0']")).to_have_count(1)
    page.get_by_role("button", name="在地图中心加一个点").click()
    expect(page.locator("html[data-scenario='1']")).to_have_count(1)
    page.locator(".site-cost input").fill("20")
    page.locator(".site-cost input").press("Tab")
    page.get_by_label("最多新增（处）").fill("2")
    page.get_by_label("预算").fill("多少都行")
    page.get_by_role("button", name="开始测算").click()
    expect(page.locator(".refusal").first).to_be_visible()
    expect(page.locator("html[data-scenario='1']")).to_have_count(1)
    expect(page.locator(".site-cost input")).to_have_value("20")
    expect(page.get_by_label("预算")).to_have_value("多少都行")
    expect(page.get_by_label("最多新增（处）")).to_have_value("2")
    page.reload()
    expect(page.locator("html[data-scenario='0']")).to_have_count(1)
    official.check()


def keep(page: Page, name: str) -> None:
    """Keep the scenario of the page to be compared."""
    page.fill("#scenario-name", name)
    page.get_by_role("button", name="留作对比").click()
    expect(page.locator("#compare tbody")).to_contain_text(name)


def compared(page: Page, best: int) -> None:
    """See the two scenarios side by side as the server kept them, open one again and take it off the list."""
    expect(page.locator("#compare tbody tr").nth(1)).to_contain_text("official 督查岗")  # kept by the server
    streets = page.locator("#compare-streets")
    expect(streets.locator("tbody tr").first).to_contain_text("合成街道")
    expect(streets.locator("tbody tr").last).to_contain_text(f"{best:,}")
    page.locator("#compare").get_by_role("button", name="造价合计").click()
    expect(page.locator("#compare tbody tr").first).to_contain_text("测算最优")  # what is unknown comes last
    page.get_by_role("button", name="复算 测算最优").click()
    expect(page.locator("#compare output")).to_have_text("复算一致")
    page.get_by_role("button", name="打开 网格员提议").click()
    expect(page.locator("#sites li")).to_have_count(1)
    page.get_by_role("button", name="移出对比 网格员提议").click()
    expect(page.locator("#compare tbody tr")).to_have_count(1)


def test_a_sample_is_drawn_from_the_snapshot_that_is_chosen_and_read_from_it(official: Watched) -> None:
    page = official.open("/audit/town/field")
    expect(page.locator("main")).to_contain_text("从快照 2 第四季度")
    page.select_option("select[name=snapshot]", "1")
    page.get_by_role("button", name="查看").click()
    expect(page.locator("main")).to_contain_text("从快照 1 第三季度")
    page.get_by_label("抽取网格数").fill("2")
    page.get_by_label("随机种子").fill("2026Q3")
    page.get_by_role("button", name="抽样", exact=True).click()
    expect(page.locator("main")).to_contain_text("取自快照 1 第三季度")
    expect(page.locator("main")).not_to_contain_text("不是抽样时的快照")
    page.locator(".sample-table th a").first.click()
    expect(page).to_have_url(re.compile(r"snapshot=1$"))  # the grid as it was then
    page.go_back()
    page.select_option("select[name=snapshot]", "2")
    page.get_by_role("button", name="查看").click()
    expect(page.locator("main")).to_contain_text("不是抽样时的快照")
    official.check()


def test_no_page_of_the_officials_has_a_serious_barrier(official: Watched) -> None:
    page, faults = official.page, []
    for address in PAGES:
        for spoken in ("zh", "en"):
            join = "&" if "?" in address else "?"
            official.open(f"/audit/town{address}{join}lang={spoken}")
            page.evaluate(AXE.read_text(encoding="utf-8"))
            found = page.evaluate("axe.run().then(({ violations }) => violations)")
            faults += [
                f"{address} {spoken} {fault['id']}: {[node['target'] for node in fault['nodes']][:3]}"
                for fault in found
                if fault["impact"] in {"serious", "critical"} or fault["id"] == "landmark-unique"
            ]
    assert faults == []
    official.check()


def test_on_a_phone_the_current_tab_is_in_sight_and_nothing_lies_beside_the_screen(official: Watched) -> None:
    page = official.page
    page.set_viewport_size(PHONE)
    for address in ("/method?lang=en", "/findings?lang=zh", "/buildings?only=uncovered"):
        official.open(f"/audit/town{address}")
        left, right = page.locator(".audit-nav [aria-current]").evaluate(
            "(tab) => [tab.getBoundingClientRect().left, tab.getBoundingClientRect().right]"
        )
        assert 0 <= left < right <= PHONE["width"], address
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"], address
    assert page.locator(".audit-nav").evaluate("(nav) => nav.scrollWidth > nav.clientWidth")
    official.check()


def test_enlarged_to_four_times_the_cities_fit_the_screen(official: Watched) -> None:
    page = official.page
    page.set_viewport_size({"width": 320, "height": 450})
    official.open("/audit/")
    expect(page.locator(".card")).not_to_have_count(0)
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    official.check()
