"""The map in a real browser: what a person sees, on a desk and on a phone, in both languages."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import PHONE, Watched, is_own
from tests.web.mini_city import HOSTILE

pytestmark = pytest.mark.browser

REPOSITORY = Path(__file__).resolve().parents[2]
AXE = REPOSITORY / "node_modules" / "axe-core" / "axe.min.js"
GRID_PATHS = ".leaflet-grids-pane path"
LAYER_NAMES = ("communities", "grids", "circles", "gaps")


def middle_of_grid(page: Page, index: int) -> tuple[float, float]:
    """Return the place of a grid's upper part on the screen, away from buildings and gaps."""
    box = page.locator(GRID_PATHS).nth(index).bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] * 0.04


def painted_pixels(page: Page, pane: str) -> int:
    """Return how many pixels of a pane's canvas tiles are painted."""
    count: int = page.evaluate(
        """(selector) => [...document.querySelectorAll(`${selector} canvas`)].reduce((sum, tile) => {
             const data = tile.getContext("2d").getImageData(0, 0, tile.width, tile.height).data;
             for (let index = 3; index < data.length; index += 4) sum += data[index] > 0;
             return sum;
           }, 0)""",
        pane,
    )
    return count


@pytest.mark.parametrize(
    ("url", "own"),
    [
        ("http://127.0.0.1:5000/", True), ("data:image/gif;base64,R0lG", True), ("http://127.0.0.1:50001/", False),
        ("http://127.0.0.1:5000@evil.example/", False), ("http://127.0.0.1:5000", False),
    ],
)  # fmt: skip
def test_another_port_is_another_origin(url: str, own: bool) -> None:
    assert is_own(url, "http://127.0.0.1:5000") == own


def test_the_map_draws_its_layers_and_asks_nobody_else(watched: Watched) -> None:
    page = watched.open("/map/mini")
    expect(page.locator(GRID_PATHS)).to_have_count(12)
    for name, number in (("communities", 4), ("circles", 2), ("gaps", 2)):
        expect(page.locator(f".leaflet-{name}-pane path")).to_have_count(number)
    expect(page.locator(".sign-holder")).to_have_count(1)
    assert painted_pixels(page, ".leaflet-tile-pane") > 1000
    assert painted_pixels(page, ".leaflet-buildings-pane") > 1000
    watched.check()


def test_closer_views_ask_for_more_detail_and_farther_ones_for_nothing(watched: Watched) -> None:
    page = watched.open("/map/mini")
    asked = page.evaluate(
        """async () => {
             const { geojsonLayer } = await import("/static/js/rendering/geojson_layer.js");
             const asked = [];
             window.fetch = async (url) => {
               asked.push(url);
               return new Response('{"type": "FeatureCollection", "features": []}');
             };
             const map = L.map(document.createElement("div"), { zoomSnap: 0 }).setView([0, 0], 10);
             const record = { name: "grids", url: "far", closer: [[13, "overview"], [15, "full"]] };
             const layer = geojsonLayer(map, record, () => {});
             await layer.show();
             const heard = [];
             for (const zoom of [12.9, 13, 14.9, 12, 15, 18, 9]) {
               map.setZoom(zoom, { animate: false });
               await new Promise((done) => setTimeout(done));
               heard.push([zoom, asked.at(-1), asked.length]);
             }
             return heard;
           }"""
    )
    assert asked == [
        [12.9, "far", 1], [13, "overview", 2], [14.9, "overview", 2], [12, "overview", 2],
        [15, "full", 3], [18, "full", 3], [9, "full", 3],
    ]  # fmt: skip


def test_grids_are_told_apart_by_pattern_and_not_by_colour_alone(watched: Watched) -> None:
    page = watched.open("/map/mini")
    fills = {path.get_attribute("fill") for path in page.locator(GRID_PATHS).all()}
    assert fills == {f"url(#fill-{status})" for status in ("normal", "small", "large", "conflict", "special")}


def test_a_click_on_a_grid_tells_its_counts_and_both_tests(watched: Watched) -> None:
    page = watched.open("/map/mini")
    page.mouse.click(*middle_of_grid(page, 2))
    details = page.locator("#details")
    expect(details).to_be_visible()
    for words in (
        "第3网格",
        "过大",
        "999901001001003",
        "720 户",
        "超过 · 规则 300–500",
        "2,100 人",
        "15分钟 · 1.0 米/秒 · 900米",
    ):
        expect(details).to_contain_text(words)
    page.keyboard.press("Escape")
    expect(details).to_be_hidden()
    watched.check()


def test_a_click_on_a_building_tells_its_walk(watched: Watched) -> None:
    page = watched.open("/map/mini")
    box = page.locator(GRID_PATHS).nth(0).bounding_box()
    assert box is not None
    # The first building lies 45-75 m from the west border of 200 m and 120-138 m from the south border of 500 m.
    page.mouse.click(box["x"] + box["width"] * 60 / 200, box["y"] + box["height"] * (1 - 129 / 500))
    details = page.locator("#details")
    for words in ("楼栋 999901001001-0-0", "66 户", "登记数", "镇边红色驿站", "400 米 · 6.7 分钟 · 在服务圈内"):
        expect(details).to_contain_text(words)
    watched.check()


def test_a_click_on_a_facility_and_on_a_gap_tells_about_them(watched: Watched) -> None:
    page = watched.open("/map/mini")
    page.get_by_role("button", name="近邻红色驿站 镇边红色驿站").click()
    expect(page.locator("#details")).to_contain_text("兴福路一巷41号")
    page.locator(".leaflet-gaps-pane path").nth(0).click(position={"x": 20, "y": 8})
    for words in (
        "盲区 1",
        "桥头社区 · 福宁2路",
        "150 人",
        "镇边红色驿站",
        "1,200–1,600 米 · 按户平均 1,350 米",
        "7.5 分钟",
        "12 户",
    ):
        expect(page.locator("#details")).to_contain_text(words)
    watched.check()


def test_a_sign_comes_before_the_building_under_it_and_escape_closes_from_anywhere(watched: Watched) -> None:
    page = watched.open("/map/mini")
    sign = page.get_by_role("button", name="近邻红色驿站 镇边红色驿站").bounding_box()
    grid = page.locator(GRID_PATHS).nth(0).bounding_box()
    assert sign is not None
    assert grid is not None
    # The sign is moved onto the first building, see the test above.
    east = grid["x"] + grid["width"] * 60 / 200 - sign["x"] - sign["width"] / 2
    south = grid["y"] + grid["height"] * (1 - 129 / 500) - sign["y"] - sign["height"] / 2
    page.locator(".sign-holder").evaluate(
        "(sign, [east, south]) => { sign.style.translate = `${east}px ${south}px`; }", [east, south]
    )
    page.locator(".sign-holder").click()
    expect(page.locator("#details h2")).to_have_text("镇边红色驿站")
    page.get_by_role("searchbox").focus()
    page.keyboard.press("Escape")
    expect(page.locator("#details")).to_be_hidden()
    watched.check()


def test_paper_carries_the_map_and_the_legend_of_what_is_drawn(watched: Watched) -> None:
    page = watched.open("/map/mini")
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")
    switched_off = '.layer-switch:has([data-layer="streets"])'
    for hidden in ("#search", "#list", ".coverage", ".leaflet-control-zoom", switched_off):
        expect(page.locator(hidden)).to_be_hidden()
    for shown in (".figures", ".attribution", ".folium-map", '.layer-switch:has([data-layer="grids"])'):
        expect(page.locator(shown)).to_be_visible()
    frame, drawn = (page.locator(selector).bounding_box() for selector in (".map-frame", ".folium-map"))
    assert frame is not None
    assert drawn is not None
    assert frame["width"] < 1048
    assert frame["height"] < 530
    assert (drawn["width"], drawn["height"]) == pytest.approx((frame["width"], frame["height"]), abs=3)
    expect(page.locator(GRID_PATHS)).to_have_count(12)
    watched.check()


def test_layers_can_be_switched_off_and_on(watched: Watched) -> None:
    page = watched.open("/map/mini")
    for name in LAYER_NAMES:
        switch = page.locator(f'[data-layer="{name}"]')
        switch.uncheck()
        expect(page.locator(f".leaflet-{name}-pane path")).to_have_count(0)
        switch.check()
        expect(page.locator(f".leaflet-{name}-pane path")).not_to_have_count(0)
    page.locator('[data-layer="other_facilities"]').check()
    expect(page.locator(".sign-holder")).to_have_count(4)
    expect(page.get_by_role("button", name="长者食堂 老年食堂")).to_be_visible()
    page.locator('[data-layer="facility_circles"]').check()
    expect(page.locator(".leaflet-facility_circles-pane path")).to_have_count(1)
    watched.check()


def test_search_finds_a_grid_and_shows_it(watched: Watched) -> None:
    page = watched.open("/map/mini")
    page.get_by_role("searchbox").fill("999901001002002")
    page.locator("#search-results button").first.click()
    expect(page.locator("#details")).to_contain_text("两项相悖")
    expect(page.locator(".leaflet-selection-pane path")).to_have_count(1)
    page.get_by_role("searchbox").fill("没有这个地方")
    expect(page.locator("#search-results")).to_contain_text("没有找到")
    watched.check()


def test_enter_goes_to_the_only_place_found(watched: Watched) -> None:
    page = watched.open("/map/mini")
    page.get_by_role("searchbox").fill("999901001002002")
    page.keyboard.press("Enter")
    expect(page.locator("#details")).to_contain_text("两项相悖")
    expect(page.locator("#search-results")).to_be_hidden()
    page.get_by_role("searchbox").fill("网格")
    page.keyboard.press("Enter")
    expect(page.locator("#search-results button").first).to_be_visible()
    watched.check()


def test_bands_differ_by_their_lines_and_not_by_colour_alone(watched: Watched) -> None:
    page = watched.open("/map/mini")
    bands = page.locator(".leaflet-circles-pane path").all()
    lines = [(band.get_attribute("stroke-dasharray"), band.get_attribute("fill-opacity")) for band in bands]
    assert lines == [(None, "0.07"), ("9 5", "0.1")]
    expect(page.locator("#layers")).to_contain_text("10 分钟内")


def test_catchments_carry_the_names_of_their_facilities(watched: Watched) -> None:
    page = watched.open("/map/mini")
    expect(page.locator(".label-catchment")).to_have_count(0)
    page.locator('[data-layer="catchments"]').check()
    shapes = page.locator(".leaflet-catchments-pane path")
    expect(shapes).to_have_count(2)
    assert len({shape.get_attribute("fill") for shape in shapes.all()}) == 2
    expect(page.locator(".label-catchment").first).to_contain_text("镇边红色驿站")
    shapes.first.click(position={"x": 30, "y": 200})
    for words in ("镇边红色驿站", "700 户", "900 户", "20.0 m² · 低于标准"):
        expect(page.locator("#details")).to_contain_text(words)
    watched.check()


@pytest.mark.parametrize("index", [2, 5, 8, 11])
def test_the_panel_does_not_cover_the_grid_that_was_clicked(watched: Watched, index: int) -> None:
    page = watched.open("/map/mini")
    page.mouse.click(*middle_of_grid(page, index))
    expect(page.locator("#details dd")).not_to_have_count(0)
    page.wait_for_timeout(600)
    _assert_apart(page)


def test_on_a_phone_the_panel_does_not_cover_the_grid_that_was_tapped(phone: Watched) -> None:
    page = phone.open("/map/mini")
    page.touchscreen.tap(*middle_of_grid(page, 0))
    expect(page.locator("#details dd")).not_to_have_count(0)
    page.wait_for_timeout(600)
    _assert_apart(page)


def _assert_apart(page: Page) -> None:
    """Check that panel and outline of what was chosen do not overlap."""
    panel, chosen = (page.locator(each).bounding_box() for each in ("#details", ".leaflet-selection-pane path"))
    assert panel is not None
    assert chosen is not None
    across = min(panel["x"] + panel["width"], chosen["x"] + chosen["width"]) - max(panel["x"], chosen["x"])
    down = min(panel["y"] + panel["height"], chosen["y"] + chosen["height"]) - max(panel["y"], chosen["y"])
    assert min(across, down) <= 0


def test_the_list_leads_to_the_map_and_a_link_can_be_shared(watched: Watched) -> None:
    page = watched.open("/map/mini")
    page.get_by_role("row", name=re.compile("999901001003002")).get_by_role("link").click()
    expect(page.locator("#details")).to_contain_text("999901001003002")
    shared = watched.open("/map/mini#grids/999901001004003")
    shared.reload()
    expect(shared.locator("#details")).to_contain_text("999901001004003")
    watched.check()


def test_the_page_speaks_english(watched: Watched) -> None:
    page = watched.open("/map/mini")
    page.get_by_role("link", name="English").click()
    page.wait_for_load_state("networkidle")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    page.mouse.click(*middle_of_grid(page, 2))
    for words in ("too large", "above · rule 300–500", "15 min · 1.0 m/s · 900 m"):
        expect(page.locator("#details")).to_contain_text(words)
    assert not re.search(r"[\u4e00-\u9fff]", page.locator("#layers").inner_text())
    watched.check()


def test_hostile_names_are_shown_and_never_run(watched: Watched) -> None:
    page = watched.open("/map/hostile")
    expect(page.locator(GRID_PATHS)).to_have_count(12)
    expect(page.locator(".city-title")).to_have_text(HOSTILE[0])
    page.mouse.click(*middle_of_grid(page, 2))
    expect(page.locator("#details")).to_contain_text(HOSTILE[1] + "3")
    page.locator(".sign-holder").first.click()
    expect(page.locator("#details h2")).to_have_text(HOSTILE[0])
    for words in ("<", "$"):
        page.get_by_role("searchbox").fill(words)
        expect(page.locator("#search-results button").first).to_be_visible()
    for _ in range(3):
        page.get_by_role("button", name="缩小").click()
        page.wait_for_timeout(300)
    assert page.evaluate("document.body.dataset.hacked") is None
    assert page.locator("img[src='x']").count() == 0
    watched.check()


def test_the_public_map_draws_no_grid_and_no_building(watched: Watched) -> None:
    page = watched.open("/map/town")
    expect(page.locator(".leaflet-communities-pane path")).to_have_count(4)
    assert page.locator(GRID_PATHS).count() == 0
    assert page.locator(".leaflet-buildings-pane").count() == 0
    expect(page.locator(".sign-holder")).to_have_count(1)
    page.locator(".leaflet-communities-pane path").nth(0).click(position={"x": 30, "y": 30})
    expect(page.locator("#details")).to_contain_text("100.0%")
    watched.check()


def test_a_layer_that_does_not_come_is_named(watched: Watched) -> None:
    watched.page.route("**/layers/gaps.geojson*", lambda route: route.fulfill(status=503, body="{}"))
    page = watched.open("/map/mini")
    expect(page.locator("#map-status")).to_contain_text("盲区")
    expect(page.locator(GRID_PATHS)).to_have_count(12)


def test_a_phone_has_the_map_whole_and_no_sideways_scrolling(phone: Watched) -> None:
    page = phone.open("/map/mini")
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    box = page.locator(".folium-map").bounding_box()
    assert box is not None
    assert box["width"] == PHONE["width"]
    assert box["height"] > PHONE["height"] / 2
    drawn = page.locator(".leaflet-communities-pane g").bounding_box()
    assert drawn is not None
    assert 0.8 * PHONE["width"] < drawn["width"] < PHONE["width"]
    page.get_by_role("button", name="图层与图例").tap()
    expect(page.locator("#layers")).to_be_in_viewport()
    page.get_by_role("button", name="网格列表").tap()
    expect(page.locator("#list")).to_be_in_viewport()
    page.get_by_role("link", name="第3网格").first.tap()
    expect(page.locator("#details")).to_be_in_viewport()
    expect(page.locator("#details")).to_contain_text("720 户")
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    phone.check()


def test_everything_one_taps_is_large_enough(phone: Watched) -> None:
    page = phone.open("/map/mini")
    page.get_by_role("button", name="图层与图例").tap()
    small = page.evaluate(
        """() => [...document.querySelectorAll("button, input[type=search], .layer-switch, .leaflet-bar a, .bar a")]
             .filter((target) => target.checkVisibility())
             .map((target) => [target.className || target.tagName, target.getBoundingClientRect()])
             .filter(([, box]) => box.height < 44 || box.width < 44)
             .map(([name, box]) => `${name} ${box.width} × ${box.height}`)"""
    )
    assert small == []


def serious_faults(page: Page) -> list[str]:
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("axe.run().then(({ violations }) => violations)")
    return [
        f"{fault['id']}: {[node['target'] for node in fault['nodes']][:3]}"
        for fault in found
        if fault["impact"] in {"serious", "critical"}
    ]


@pytest.mark.parametrize("address", ["/", "/map/mini", "/map/mini?lang=en", "/map/town?lang=zh", "/nowhere"])
def test_axe_finds_no_serious_fault(watched: Watched, address: str) -> None:
    page = watched.open(address)
    if "/map/mini" in address:
        page.mouse.click(*middle_of_grid(page, 0))
        expect(page.locator("#details")).to_be_visible()
    assert serious_faults(page) == []


@pytest.mark.parametrize("address", ["/map/mini", "/map/mini?lang=en", "/cities"])
def test_axe_finds_no_serious_fault_on_a_phone(phone: Watched, address: str) -> None:
    assert serious_faults(phone.open(address)) == []


def test_a_place_on_the_map_is_told_its_nearest_facilities_with_the_way(watched: Watched) -> None:
    page = watched.open("/map/town")
    page.get_by_role("button", name="查最近").click()
    expect(page.locator("#tool-hint")).to_contain_text("点地图上的一处")
    page.locator(".leaflet-communities-pane path").nth(0).click(position={"x": 30, "y": 30})
    details = page.locator("#details")
    expect(details).to_contain_text("1 · 镇边红色驿站")
    expect(details).to_contain_text(re.compile(r"\d+ 米 · \d+\.\d 分钟 · 直线 \d+ 米"))
    expect(page.locator(".leaflet-routes-pane path")).to_have_count(1)
    told = details.inner_text()
    box = page.locator(".sign-here").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] + 120, box["y"] - 60, steps=6)
    expect(details).not_to_have_text(told)
    page.mouse.up()
    page.get_by_role("button", name="查最近").click()
    expect(details).to_be_hidden()
    expect(page.locator(".leaflet-routes-pane path")).to_have_count(0)
    watched.check()


def test_the_keyboard_asks_at_the_middle_of_the_map_and_moves_the_place(watched: Watched) -> None:
    page = watched.open("/map/mini")
    page.get_by_role("button", name="查最近").press("Enter")
    page.keyboard.press("Enter")
    details = page.locator("#details")
    expect(details).to_contain_text("镇边红色驿站")
    told = details.inner_text()
    page.locator('[aria-label="所问的位置，可拖动"]').focus()
    page.keyboard.press("Shift+ArrowRight")
    expect(details).not_to_have_text(told)
    watched.check()


def test_what_if_follows_added_closed_and_dragged_facilities(watched: Watched) -> None:
    page = watched.open("/map/mini")
    page.get_by_role("button", name="假如……").click()
    panel = page.locator("#what-if")
    expect(panel).to_be_visible()
    sign = page.get_by_role("button", name="近邻红色驿站 镇边红色驿站")
    sign.click()
    expect(panel).to_contain_text("已关闭 镇边红色驿站")
    lost = panel.get_by_role("row", name=re.compile("户数"))
    expect(lost).to_contain_text("−")
    page.get_by_role("button", name="撤销 已关闭 镇边红色驿站").click()
    expect(panel.get_by_role("row")).to_have_count(0)
    box = sign.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] + 300, box["y"] + 20, steps=8)
    expect(panel.get_by_role("row", name=re.compile("户数"))).to_be_visible()
    page.mouse.up()
    expect(panel).to_contain_text("迁移 镇边红色驿站")
    page.mouse.click(box["x"] + 200, box["y"] - 150)
    expect(panel).to_contain_text("新增 1")
    expect(page.locator(".sign-imagined")).to_have_count(1)
    page.get_by_role("button", name="全部还原").click()
    expect(page.locator(".sign-imagined")).to_have_count(0)
    assert sign.bounding_box() == pytest.approx(box, abs=1)
    page.get_by_role("button", name="新增通道（点两端）").click()
    page.mouse.click(box["x"] + 200, box["y"] - 100)
    page.mouse.click(box["x"] + 100, box["y"] + 40)
    expect(panel).to_contain_text("通道")
    panel.get_by_role("button", name="关闭", exact=True).click()
    expect(panel).to_be_hidden()
    expect(page.get_by_role("button", name="假如……")).to_be_focused()
    watched.check()


def test_axe_finds_no_serious_fault_in_the_tools(watched: Watched) -> None:
    page = watched.open("/map/mini")
    page.get_by_role("button", name="假如……").click()
    page.get_by_role("button", name="近邻红色驿站 镇边红色驿站").click()
    expect(page.locator("#what-if").get_by_role("row")).not_to_have_count(0)
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("axe.run().then(({ violations }) => violations)")
    assert [each["id"] for each in found if each["impact"] in {"serious", "critical"}] == []


def test_the_map_can_be_used_with_the_keyboard_alone(watched: Watched) -> None:
    page = watched.open("/map/mini")
    page.get_by_role("searchbox").focus()
    page.keyboard.type("镇边")
    expect(page.locator("#search-results button").first).to_be_visible()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator("#details")).to_contain_text("镇边社区")
    page.keyboard.press("Escape")
    expect(page.locator("#details")).to_be_hidden()
    watched.check()
