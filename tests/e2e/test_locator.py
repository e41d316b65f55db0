"""The public's page in a real browser: a phone, a keyboard, large print, no network, no JavaScript, both languages."""

import re
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Request, expect
from werkzeug.serving import make_server

from gis_service.app import create_app
from gis_service.config import Settings
from tests.e2e.conftest import PHONE, Watched, watch
from tests.web.mini_city import HOSTILE, ground

pytestmark = pytest.mark.browser

REPOSITORY = Path(__file__).resolve().parents[2]
AXE = REPOSITORY / "node_modules" / "axe-core" / "axe.min.js"
LON, LAT = ground(120, 70)
HERE = {"longitude": LON, "latitude": LAT, "accuracy": 18}
MOST_WIRE_BYTES = 150_000
MOST_PRESSES = 8


def open_phone(browser: Browser, origin: str, **more: object) -> Iterator[Watched]:
    settings = {
        "viewport": PHONE, "locale": "zh-CN", "has_touch": True, "is_mobile": True, "device_scale_factor": 2,
        "geolocation": HERE, "permissions": ["geolocation"], **more,
    }  # fmt: skip
    context: BrowserContext = browser.new_context(**settings)
    yield watch(context, origin)
    context.close()


@pytest.fixture
def resident(browser: Browser, origin: str) -> Iterator[Watched]:
    """Return a phone whose owner lets it tell where she is."""
    yield from open_phone(browser, origin)


@pytest.fixture
def shy(browser: Browser, origin: str) -> Iterator[Watched]:
    """Return a phone that tells nobody where it is."""
    yield from open_phone(browser, origin, permissions=[])


@pytest.fixture
def scriptless(browser: Browser, origin: str) -> Iterator[Watched]:
    """Return a phone that runs no scripts."""
    yield from open_phone(browser, origin, java_script_enabled=False)


def from_here(page: Page) -> None:
    page.locator("#locate").click()
    expect(page.locator(".station").first).to_be_visible()


def by_name(page: Page, words: str) -> None:
    page.locator("#words").fill(words)
    page.locator("#suggestions li").first.click()
    expect(page.locator(".station").first).to_be_visible()


def test_a_tap_leads_from_here_to_the_list_and_the_position_stands_in_no_address(resident: Watched) -> None:
    sent: list[str] = []
    resident.page.on("request", lambda request: sent.append(f"{request.url} {request.headers}"))
    page = resident.open("/find/town")
    from_here(page)
    expect(page.locator("#answer-title")).to_contain_text("从您的位置出发")
    expect(page.locator("#answer-title")).to_contain_text("18 米")
    expect(page.locator(".where")).to_contain_text("桐山街道 · 镇边社区")
    expect(page.locator(".minutes").first).to_contain_text("分钟")
    assert page.url.endswith("/find/town")
    assert not any(f"{LON:.4f}" in each or f"{LAT:.4f}" in each for each in sent)
    resident.check()


def test_size_and_language_keep_the_list_of_a_position(resident: Watched) -> None:
    page = resident.open("/find/town")
    from_here(page)
    page.get_by_role("link", name="大字").click()
    expect(page.locator("html")).to_have_class("size-large")
    expect(page.locator("#answer-title")).to_contain_text("从您的位置出发")
    page.get_by_role("button", name="English").click()
    expect(page.locator("#answer-title")).to_contain_text("From your location")
    expect(page.locator("html")).to_have_class("size-large")
    assert f"{LON:.4f}" not in page.url
    resident.check()


def test_who_comes_back_from_a_station_finds_the_list_again(resident: Watched) -> None:
    page = resident.open("/find/town")
    from_here(page)
    page.wait_for_function("caches.open('find-1').then((kept) => kept.match('/find/town?last')).then(Boolean)")
    page.locator(".station h3 a").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("镇边红色驿站")
    page.go_back()
    expect(page.locator(".station").first).to_be_visible()
    expect(page.locator("#status")).to_contain_text("刚才看到的结果")
    resident.check()


def test_who_does_not_tell_where_she_is_is_shown_the_other_ways(shy: Watched) -> None:
    page = shy.open("/find/town")
    page.locator("#locate").click()
    expect(page.locator("#status")).to_contain_text("没有得到位置许可")
    expect(page.locator("#words")).to_be_focused()
    shy.check()


def test_a_question_of_the_browser_that_is_put_aside_locks_nothing(shy: Watched) -> None:
    shy.page.add_init_script("navigator.geolocation.getCurrentPosition = (found) => { window.allow = found; }")
    shy.page.clock.install()
    page = shy.open("/find/town")
    page.locator("#locate").click()
    expect(page.locator("#locate")).to_be_disabled()
    page.clock.run_for(20_000)
    expect(page.locator("#status")).to_contain_text("现在取不到您的位置")
    expect(page.locator("#locate")).to_be_enabled()
    page.evaluate("(coords) => window.allow({ coords })", HERE)
    expect(page.locator("#answer-title")).to_contain_text("从您的位置出发")
    shy.check()


def test_a_fault_of_the_service_is_not_told_as_one_of_the_network(resident: Watched) -> None:
    page = resident.open("/find/town")
    page.route("**/find/town", lambda route: route.fulfill(status=503, body=""))
    page.locator("#locate").click()
    expect(page.locator("#status")).to_have_text("服务暂时答不上来，请过一会儿再试。")


def test_a_browser_that_can_do_little_shows_the_list_and_an_address_to_copy(shy: Watched) -> None:
    shy.page.add_init_script(
        """for (const name of ["share", "clipboard", "geolocation", "serviceWorker"]) delete Navigator.prototype[name];
           delete window.caches;"""
    )
    page = shy.open("/find/town")
    expect(page.locator("#locate")).to_have_count(0)
    by_name(page, "jtjy")
    page.locator("[data-share]").click()
    expect(page.locator("#status")).to_have_text(f"{shy.origin}/find/town/at/estate-E1")
    shy.check()


@pytest.mark.parametrize("words", ["jtjy", "jintan", "金滩", "今滩家苑"])
def test_an_estate_is_found_while_one_types(shy: Watched, words: str) -> None:
    page = shy.open("/find/town")
    by_name(page, words)
    expect(page.locator("#answer-title")).to_have_text("从金滩嘉苑出发")
    expect(page).to_have_url(re.compile("/find/town/at/estate-E1$"))
    page.reload()
    expect(page.locator("#answer-title")).to_have_text("从金滩嘉苑出发")
    shy.check()


def test_the_list_is_reached_by_keyboard_in_eight_presses(shy: Watched) -> None:
    page = shy.open("/find/town")
    presses = ["Tab", "Enter", "Tab", "Tab", "j", "t", "ArrowDown", "Enter"]
    for press in presses:
        page.keyboard.press(press)
        if press == "t":
            expect(page.locator("#suggestions li").first).to_be_visible()
    expect(page.locator("#answer-title")).to_have_text("从金滩嘉苑出发")
    assert len(presses) <= MOST_PRESSES
    expect(page.locator("#answer")).to_be_focused()
    shy.check()


def test_the_way_is_drawn_on_the_map_when_it_is_asked_for(resident: Watched) -> None:
    page = resident.open("/find/town")
    from_here(page)
    expect(page.locator("#map-panel")).to_be_hidden()
    page.locator("[data-path]").first.click()
    expect(page.locator("#map .leaflet-overlay-pane path").first).to_be_attached()
    expect(page.locator("#map .number")).to_have_count(1)
    expect(page.locator("#map .leaflet-control-attribution")).to_have_count(0)
    page.locator("#close-map").click()
    expect(page.locator("#map-panel")).to_be_hidden()
    resident.check()


def test_a_tap_on_the_map_leads_to_the_same_list(shy: Watched) -> None:
    page = shy.open("/find/town")
    page.locator("#pick").click()
    expect(page.locator("#map-hint")).to_contain_text("点一下")
    box = page.locator("#map").bounding_box()
    assert box is not None
    page.wait_for_timeout(400)
    page.touchscreen.tap(box["x"] + box["width"] * 0.4, box["y"] + box["height"] * 0.6)
    expect(page.locator("#answer-title")).to_contain_text("从地图上选的位置出发")
    expect(page.locator(".station").first).to_be_visible()
    shy.check()


def test_the_first_tap_on_a_map_of_everything_only_comes_closer(shy: Watched) -> None:
    page = shy.open("/find/town")
    page.locator("#pick").click()
    for _ in range(3):
        page.locator("#map .leaflet-control-zoom-out").click()
        page.wait_for_timeout(400)
    page.locator("#pick-centre").click()
    expect(page.locator("#map-hint")).to_contain_text("再点一下")
    expect(page.locator("#answer")).to_be_hidden()
    page.wait_for_timeout(400)
    page.locator("#pick-centre").click()
    expect(page.locator("#answer-title")).to_contain_text("从地图上选的位置出发")
    shy.check()


def test_the_middle_of_the_map_can_be_chosen_with_a_button(shy: Watched) -> None:
    page = shy.open("/find/town")
    page.locator("#pick").click()
    page.locator("#pick-centre").click()
    expect(page.locator("#answer-title")).to_contain_text("从地图上选的位置出发")
    shy.check()


def test_filters_ask_again_at_once(resident: Watched) -> None:
    page = resident.open("/find/town")
    from_here(page)
    page.locator(".filters > summary").click()
    page.get_by_label("长者食堂").check()
    expect(page.locator(".station")).to_have_count(2)
    page.get_by_label("慢慢走").check()
    expect(page.locator(".pace").first).to_contain_text("正常走约")
    resident.check()


def test_without_scripts_a_form_and_a_list_do(scriptless: Watched) -> None:
    page = scriptless.page
    page.goto(scriptless.origin + "/find/town")
    expect(page.locator("#locate")).to_be_hidden()
    page.locator("#words").fill("镇边")
    page.get_by_role("button", name="查找", exact=True).click()
    page.locator(".choices button").first.click()
    expect(page.locator("#answer-title")).to_have_text("从镇边社区出发")
    page.get_by_role("link", name="镇边红色驿站").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("镇边红色驿站")
    page.get_by_role("link", name="English").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")


def test_what_was_seen_is_there_without_a_network_and_positions_are_not(resident: Watched) -> None:
    page = resident.open("/find/town")
    page.evaluate("navigator.serviceWorker.ready")
    page.wait_for_function("caches.open('find-1').then((kept) => kept.match('/find/town')).then(Boolean)")
    from_here(page)
    page.locator(".station h3 a").first.click()
    page.wait_for_load_state("networkidle")
    page.wait_for_function("caches.open('find-1').then((kept) => kept.match('/station/town/F1')).then(Boolean)")
    page.context.set_offline(True)
    page.goto(resident.origin + "/find/town")
    expect(page.locator("#status")).to_contain_text("没有网络")
    expect(page.locator(".station").first).to_be_visible()
    expect(page.locator("#answer-title")).to_have_text("从您的位置出发 ")
    page.locator(".station h3 a").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("镇边红色驿站")
    expect(page.locator("#status")).to_contain_text("开放时间可能已变")
    kept = page.evaluate(
        """async () => {
             const kept = await caches.open("find-1");
             const texts = (await kept.keys()).map(async (key) => key.url + await (await kept.match(key)).text());
             return (await Promise.all(texts)).join("\\n");
           }"""
    )
    assert "镇边红色驿站" in kept
    assert f"{LON:.4f}" not in kept
    assert f"{LAT:.4f}" not in kept


def test_a_list_of_a_place_from_before_says_that_it_is_one(resident: Watched) -> None:
    page = resident.open("/find/town/at/estate-E1")
    page.evaluate("navigator.serviceWorker.ready")
    page.wait_for_function("caches.open('find-1').then((kept) => kept.match('/find/town/at/estate-E1')).then(Boolean)")
    resident.open("/find/town/at/estate-E1")
    expect(page.locator("#status")).to_have_text("")
    page.context.set_offline(True)
    page.reload()
    expect(page.locator("#answer-title")).to_have_text("从金滩嘉苑出发")
    expect(page.locator("#status")).to_contain_text("没有网络")


def test_another_citys_page_that_is_not_kept_is_not_passed_off_as_the_one_that_is(resident: Watched) -> None:
    page = resident.open("/find/town")
    page.evaluate("navigator.serviceWorker.ready")
    page.wait_for_function("caches.open('find-1').then((kept) => kept.match('/find/town')).then(Boolean)")
    page.context.set_offline(True)
    page.goto(resident.origin + "/find/mini")
    expect(page).to_have_url(f"{resident.origin}/find/town")
    title = page.evaluate("document.title")
    told = page.locator("#status")
    expect(told).to_contain_text("要打开的页面没有存在这部手机里，这里是：")
    assert (told.inner_text().split("这里是：")[1].split("。")[0]) in title
    expect(told).to_contain_text("没有网络")
    page.reload()
    expect(told).to_contain_text("没有网络")
    expect(told).not_to_contain_text("要打开的页面")


def test_a_line_that_stalls_is_as_good_as_none(browser: Browser, browser_cities: Settings) -> None:
    service, stalled = create_app(browser_cities), threading.Event()

    @service.before_request
    def stall() -> None:
        while stalled.is_set():
            time.sleep(0.05)

    server = make_server("127.0.0.1", 0, service, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        for phone in open_phone(browser, f"http://127.0.0.1:{server.server_port}"):
            page = phone.open("/find/town")
            page.evaluate("navigator.serviceWorker.ready")
            page.wait_for_function("caches.open('find-1').then((kept) => kept.match('/find/town')).then(Boolean)")
            from_here(page)
            stalled.set()
            page.goto(f"{phone.origin}/find/town")
            expect(page.locator("#status")).to_contain_text("网络太慢")
            expect(page.locator(".station").first).to_be_visible()
            stalled.clear()
    finally:
        stalled.clear()
        server.shutdown()
        server.server_close()


def test_nothing_of_staff_is_kept(resident: Watched) -> None:
    page = resident.open("/find/town")
    page.evaluate("navigator.serviceWorker.ready")
    page.wait_for_function("caches.open('find-1').then((kept) => kept.match('/find/town')).then(Boolean)")
    resident.open("/map/mini")
    resident.open("/account/sign-in")
    kept = page.evaluate("caches.open('find-1').then((kept) => kept.keys()).then((keys) => keys.map(({ url }) => url))")
    assert not [url for url in kept if re.search("/(map|account|api|poster|tiles)/", url)]


@pytest.mark.parametrize(("size", "text_px"), [("large", 24), ("larger", 40)])
def test_large_print_is_large_and_everything_one_taps_is_too(resident: Watched, size: str, text_px: int) -> None:
    page = resident.open(f"/find/town?size={size}")
    from_here(page)
    page.locator(".handover summary").first.click()
    page.locator(".filters > summary").click()
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    small = page.evaluate(
        """(size) => {
             const shown = (element) => element.checkVisibility() && element.getClientRects().length;
             const texts = [...document.querySelectorAll("main *, header *")].filter((element) => shown(element)
               && !element.closest(".visually-hidden, #map, .number")
               && [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim()));
             const targets = [...document.querySelectorAll(
               "button, summary, label.tick, .switch, .handover a, .call, .foot-links a, input[type=search]"
             )].filter(shown);
             return [
               ...texts.filter((element) => parseFloat(getComputedStyle(element).fontSize) < size)
                 .map((element) => `${element.className || element.tagName} ${getComputedStyle(element).fontSize}`),
               ...targets.filter((element) => element.getBoundingClientRect().height < 60)
                 .map((element) => `${element.className || element.tagName} ${element.getBoundingClientRect().height}`),
             ];
           }""",
        24 if size == "large" else 30,
    )
    assert small == []
    main = page.evaluate("getComputedStyle(document.querySelector('.address')).fontSize")
    assert float(main.removesuffix("px")) >= text_px
    resident.check()


@pytest.mark.parametrize("address", ["/find/town", "/find/town/at/estate-E1", "/station/town/F1"])
def test_everything_one_taps_is_large_enough_without_large_print_too(resident: Watched, address: str) -> None:
    page = resident.open(address)
    small = page.evaluate(
        """() => [...document.querySelectorAll(
               "button, summary, label.tick, .switch, .call, .quiet, .foot-links a, input[type=search], .brand")]
             .filter((target) => target.checkVisibility() && target.getClientRects().length)
             .map((target) => [target.className || target.tagName, target.getBoundingClientRect()])
             .filter(([, box]) => box.height < 44 || box.width < 44)
             .map(([name, box]) => `${name} ${box.width} × ${box.height}`)"""
    )
    assert small == []


@pytest.mark.parametrize("width", [320, 640])
def test_enlarged_to_twice_and_four_times_nothing_is_lost_at_the_side(watched: Watched, width: int) -> None:
    watched.page.set_viewport_size({"width": width, "height": 450})
    for address in ("/find/town", "/find/town/at/estate-E1", "/station/town/F1"):
        page = watched.open(address)
        assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize(
    ("language", "size"), [("zh", "normal"), ("zh", "large"), ("zh", "larger"), ("en", "normal"), ("en", "large")]
)
def test_axe_finds_no_serious_fault_in_any_state(resident: Watched, language: str, size: str) -> None:
    switches = f"lang={language}&size={size}"

    def check(page: Page, state: str) -> None:
        page.evaluate(AXE.read_text(encoding="utf-8"))
        found = page.evaluate("axe.run().then(({ violations }) => violations)")
        serious = [
            f"{state}: {fault['id']} {[node['target'] for node in fault['nodes']][:3]}"
            for fault in found
            if fault["impact"] in {"serious", "critical"}
        ]
        assert not serious, serious

    page = resident.open(f"/find/town?{switches}")
    check(page, "start")
    page.locator("#words").fill("镇")
    expect(page.locator("#suggestions li").first).to_be_visible()
    check(page, "suggestions")
    page.locator("#words").press("Enter")
    expect(page.locator(".choices button").first).to_be_visible()
    check(page, "choices")
    page.locator("#words").fill("zzzz")
    page.locator("#words").press("Enter")
    expect(page.locator("#answer .notice-box")).to_be_visible()
    check(page, "nothing found")
    from_here(page)
    page.locator(".handover summary").first.click()
    page.locator(".filters > summary").click()
    check(page, "list")
    page.locator("[data-path]").first.click()
    expect(page.locator("#map .leaflet-overlay-pane path").first).to_be_attached()
    check(page, "map")
    check(resident.open(f"/station/town/F1?{switches}"), "station")
    check(resident.open(f"/poster/mini/place/estate-E1?{switches}"), "poster")


def test_the_page_its_list_and_its_map_are_light(resident: Watched) -> None:
    weights: dict[str, int] = {}

    def weigh(request: Request) -> None:
        sizes = request.sizes()  # what came from the browser's own store adds up to nothing
        weights[f"{len(weights)} {request.url}"] = sizes["responseBodySize"] + sizes["responseHeadersSize"]

    resident.page.on("requestfinished", weigh)
    page = resident.open("/find/town")
    from_here(page)
    assert 0 < sum(weights.values()) <= MOST_WIRE_BYTES
    page.locator("[data-path]").first.click()
    expect(page.locator("#map .leaflet-overlay-pane path").first).to_be_attached()
    page.wait_for_load_state("networkidle")
    assert sum(weights.values()) <= MOST_WIRE_BYTES, weights


def test_the_page_speaks_english(resident: Watched) -> None:
    page = resident.open("/find/town")
    page.get_by_role("link", name="English").click()
    from_here(page)
    expect(page.locator("#answer-title")).to_contain_text("From your location")
    rest = page.locator("main").inner_text()
    for chinese in ("镇边红色驿站", "兴福路一巷41号", "桐山街道", "镇边社区", "金滩嘉苑", "福宁1路"):
        rest = rest.replace(chinese, "")
    assert not re.search(r"[\u4e00-\u9fff]", rest)
    resident.check()


def test_hostile_names_are_shown_and_never_run(resident: Watched) -> None:
    page = resident.open("/find/hostile")
    page.locator("#words").fill("document")
    expect(page.locator("#suggestions li").first).to_be_visible()
    from_here(page)
    expect(page.locator(".station h3").first).to_have_text(HOSTILE[0])
    page.locator("[data-path]").first.click()
    expect(page.locator("#map .number").first).to_be_attached()
    assert page.evaluate("document.body.dataset.hacked") is None
    assert page.locator("img[src='x']").count() == 0
    resident.check()


def test_a_poster_of_three_stations_with_all_their_facts_is_one_sheet(watched: Watched, tmp_path: Path) -> None:
    page = watched.open("/poster/mini/place/estate-E1")
    page.evaluate(
        """([name, ...facts]) => {
          const list = document.querySelector(".poster-list");
          const [station] = list.children;
          const told = station.querySelector("div");
          station.querySelector("h2").textContent = name;
          for (const each of told.querySelectorAll("p")) each.remove();
          for (const fact of facts) told.append(Object.assign(document.createElement("p"), { textContent: fact }));
          list.replaceChildren(...[1, 2, 3].map(() => station.cloneNode(true)));
        }""",
        [
            "砚汐社区澄锦路近邻红色驿站",
            "汐桥街道颐锦路126号（菜市场后面，从东门进）",
            "周一至周五 8:00–12:00,14:30–17:30",
            "000-00000002",
        ],
    )
    page.pdf(path=tmp_path / "poster.pdf", prefer_css_page_size=True)
    told = subprocess.run(["pdfinfo", tmp_path / "poster.pdf"], capture_output=True, text=True, check=True).stdout
    assert re.search(r"Pages:\s+1\n", told)
    assert "(A4)" in told
