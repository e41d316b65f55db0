"""The planner's desk in a real browser: from a new draft to the plan in force, by mouse and by keyboard alone."""

import random
import re
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import get_args

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, Route, StorageState, expect
from sqlalchemy import text
from werkzeug.serving import make_server

from gis_service.app import create_app
from gis_service.config import Settings
from gis_service.db.accounts import Grant, Role, load_account_of
from gis_service.db.engine import begin
from gis_service.plan.operations import Lock, Rename
from gis_service.plan.rules import Basis, Rules, judge
from gis_service.workflows import accounts, approval, desk
from gis_service.workflows.import_city import import_city
from gis_service.workflows.moments import office_today
from gis_service.workflows.partition_city import partition_city
from tests.e2e.conftest import Watched, watch
from tests.workflows.town import WEST_CODE, write_town

pytestmark = pytest.mark.browser

PASSWORD = "seven-small-boats"  # noqa: S105 of a test
PEOPLE: dict[str, Role] = {"planner": "planner", "second": "planner", "reviewer": "reviewer"}
LAPTOP = {"width": 1366, "height": 768}
AXE = Path(__file__).resolve().parents[2] / "node_modules" / "axe-core" / "axe.min.js"
ROWS = "#desk-grids tr"
MAP = ".folium-map"


@pytest.fixture(scope="module")
def settings(make_database: Callable[[str], Settings], tmp_path_factory: pytest.TempPathFactory) -> Settings:
    made = make_database("desk")
    with begin(made) as conn:
        import_city(conn, write_town(Path(tmp_path_factory.mktemp("desk")) / "town"))
        partition_city(conn, "town", rules=Rules())
        for login, role in PEOPLE.items():
            accounts.add_account(conn, login, title="岗", password=PASSWORD, grants=[Grant(role, "town")])
    return made


@pytest.fixture(scope="module")
def desk_origin(settings: Settings) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, create_app(settings), threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="module")
def sessions(browser: Browser, desk_origin: str) -> dict[str, StorageState]:
    """Return the browser's storage of everybody after signing in through the form."""
    kept = {}
    for login in PEOPLE:
        context = browser.new_context()
        page = context.new_page()
        page.goto(f"{desk_origin}/account/sign-in?next=/planner/")
        page.fill("[name=login]", login)
        page.fill("[name=password]", PASSWORD)
        page.keyboard.press("Enter")
        expect(page.locator("h1")).to_have_text("规划台")
        kept[login] = context.storage_state()
        context.close()
    return kept


@pytest.fixture
def at_desk(
    browser: Browser, desk_origin: str, sessions: dict[str, StorageState]
) -> Iterator[Callable[[str], Watched]]:
    """Return a function that lets somebody in who has signed in, each in a browser profile of their own."""
    contexts: list[BrowserContext] = []

    def enter(login: str) -> Watched:
        contexts.append(
            browser.new_context(viewport=LAPTOP, locale="zh-CN", storage_state=sessions[login])  # type: ignore[arg-type]
        )
        watched = watch(contexts[-1], desk_origin)
        watched.page.goto(f"{desk_origin}/planner/")
        return watched

    yield enter
    for context in contexts:
        context.close()


@pytest.fixture
def number(settings: Settings) -> int:
    with begin(settings) as conn:
        begun = desk.begin_draft(conn, "town", WEST_CODE, origin="proposal", title="调整", rules=Rules(), account=None)
    return begun.record.id


@pytest.fixture
def nothing_in_force(settings: Settings) -> Iterator[None]:
    yield
    with begin(settings) as conn:
        conn.execute(text("UPDATE plan SET effective_from = NULL, effective_to = NULL"))


def open_draft(watched: Watched, number: int) -> Page:
    watched.page.goto(f"{watched.origin}/planner/drafts/{number}")
    return ready(watched.page)


def ready(page: Page) -> Page:
    page.wait_for_selector("html[data-desk=ready]")
    return page


def saved(page: Page, revision: int) -> None:
    expect(page.locator("#desk-saved")).to_have_text(f"已保存 · 第 {revision} 版")


def households(page: Page) -> list[int]:
    """Return the households of the grids as the table tells them, without what the pointer changes."""
    cells = page.locator(f"{ROWS} td:nth-child(3)").all()
    return [int(cell.evaluate("(cell) => cell.firstChild.textContent")) for cell in cells]


def places(page: Page, words: str) -> list[tuple[float, float]]:
    """Return places of the screen where the map says ``words`` of the unit under the pointer."""
    found = page.evaluate(
        """([map, words]) => {
             const surface = document.querySelector(map);
             const box = surface.getBoundingClientRect();
             const found = [];
             for (let across = 1; across < 16; across += 1) {
               for (let down = 1; down < 16; down += 1) {
                 const at = { clientX: box.x + (box.width * across) / 16, clientY: box.y + (box.height * down) / 16 };
                 surface.dispatchEvent(new PointerEvent("pointermove", { ...at, bubbles: true }));
                 const said = document.getElementById("desk-reading").textContent;
                 if (said.includes(words)) found.push([at.clientX, at.clientY]);
               }
             }
             return found;
           }""",
        [MAP, words],
    )
    assert found, f"the map says nowhere: {words}"
    return [(x, y) for x, y in found]


def tab_to(page: Page, wanted: Locator) -> None:
    """Press Tab until something has the focus."""
    for _ in range(60):
        if wanted.evaluate("(element) => element === document.activeElement"):
            return
        page.keyboard.press("Tab")
    pytest.fail(f"Tab does not lead to {wanted}")


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def test_by_mouse_from_a_new_draft_to_the_plan_in_force(
    at_desk: Callable[[str], Watched], nothing_in_force: None
) -> None:
    planner, reviewer = at_desk("planner"), at_desk("reviewer")
    before = begin_by_mouse(planner.page)
    paint_and_take_back(planner.page, before)
    divide_and_merge_back(planner.page, before)
    hand_in(planner.page)
    send_back_and_hand_in_again(reviewer.page, planner.page)
    planner.check()
    number = approve(reviewer.page)
    reviewer.page.get_by_role("link", name="在地图上查看").click()
    expect(reviewer.page.locator(".figures")).to_contain_text("网格")
    layer = reviewer.page.request.get(f"{reviewer.origin}/api/v1/cities/town/layers/grids.geojson").json()
    here = [grid["properties"] for grid in layer["features"] if grid["properties"]["community_code"] == WEST_CODE]
    assert {grid["plan_name"] for grid in here} == {f"approved-{number}"}
    reviewer.check()


def begin_by_mouse(page: Page) -> list[int]:
    page.get_by_role("link", name="西社区").click()
    expect(page.locator(".desk-list tbody tr").first).to_contain_text("符合")
    page.get_by_label("名称").fill("新小区入住后调整")
    page.get_by_label("从哪里开始").select_option("proposal")
    page.get_by_role("button", name="新建并打开").click()
    ready(page)
    saved(page, 0)
    before = households(page)
    assert sum(before) == 1000
    return before


def paint_and_take_back(page: Page, before: list[int]) -> None:
    page.locator(ROWS).nth(1).get_by_role("button").click()
    page.locator("[data-command=whole]").click()
    page.get_by_role("button", name="画笔").click()
    begin_at, end_at = places(page, "40 户 120 人 · 第1网格")[:2]
    page.mouse.move(*begin_at)
    page.mouse.down()
    page.mouse.move(*end_at, steps=6)
    expect(page.locator(".delta").first).to_be_visible()
    moving = households(page)
    assert sum(moving) == 1000
    assert moving[1] > before[1], "totals move while the pointer moves"
    page.mouse.up()
    saved(page, 1)
    assert households(page) == moving
    page.keyboard.press("Control+z")
    saved(page, 2)
    assert households(page) == before


def divide_and_merge_back(page: Page, before: list[int]) -> None:
    page.locator(ROWS).nth(0).get_by_role("button").click()
    page.get_by_role("button", name="划线").click()
    inside = places(page, "第1网格")
    middle = sorted(y for _, y in inside)[len(inside) // 2]
    page.mouse.click(min(x for x, _ in inside) - 80, middle)
    page.mouse.click(max(x for x, _ in inside) + 80, middle)
    page.locator("#desk-options").get_by_role("button", name="完成").click()
    saved(page, 3)
    expect(page.locator(ROWS)).to_have_count(len(before) + 1)
    assert sum(households(page)) == 1000
    expect(page.locator("#desk-findings li").first).to_contain_text("须处理")
    page.locator("[data-decision=submit]").click()
    expect(page.get_by_role("dialog")).to_contain_text("草案还不完整")
    page.keyboard.press("Escape")
    page.locator(ROWS).nth(len(before)).get_by_role("button").click()
    page.get_by_role("button", name="合并").click()
    page.get_by_role("dialog").get_by_label("并入").select_option("0")
    page.get_by_role("dialog").get_by_role("button", name="合并").click()
    saved(page, 4)
    assert sorted(value for value in households(page) if value) == sorted(before)


def hand_in(page: Page) -> None:
    page.locator("[data-decision=submit]").click()
    page.get_by_role("dialog").locator("textarea").fill("沿中路重划")
    page.get_by_role("dialog").get_by_role("button", name="提交审核").click()
    expect(page.locator("#desk-state")).to_have_text("待审核")
    expect(page.get_by_role("button", name="画笔")).to_be_disabled()


def send_back_and_hand_in_again(reviewer: Page, planner: Page) -> None:
    """The reviewer reads why it was handed in, the planner what was said to it, without asking for either."""
    reviewer.goto(planner.url)
    expect(ready(reviewer).locator("#desk-remarks")).to_contain_text("沿中路重划")
    reviewer.locator("[data-decision=return]").click()
    reviewer.get_by_role("dialog").locator("textarea").fill("请核对东界")
    reviewer.get_by_role("dialog").get_by_role("button", name="退回").click()
    expect(reviewer.locator("#desk-state")).to_have_text("修改中")
    planner.reload()
    expect(ready(planner).locator("#desk-remarks")).to_contain_text("请核对东界")
    hand_in(planner)
    expect(planner.locator("#desk-remarks")).to_contain_text("沿中路重划")
    reviewer.goto(planner.url.split("/drafts/")[0] + "/")


def approve(page: Page) -> int:
    """Approve the draft that was handed in, and return its number."""
    page.reload()
    expect(page.locator("tbody tr").first).to_contain_text("待审核 1")
    page.get_by_role("link", name="西社区").click()
    page.get_by_role("link", name="新小区入住后调整").click()
    ready(page)
    page.locator("[data-decision=journal]").click()
    expect(page.get_by_role("dialog")).to_contain_text("沿中路重划")
    page.keyboard.press("Escape")
    page.locator("[data-decision=approve]").click()
    page.get_by_role("dialog").get_by_role("button", name="批准").click()
    expect(page.locator("#desk-state")).to_have_text("已批准")
    return int(page.url.rsplit("/", 1)[1])


def test_by_keyboard_alone_a_draft_is_changed_and_handed_in(at_desk: Callable[[str], Watched]) -> None:
    planner = at_desk("planner")
    page = planner.page
    tab_to(page, page.get_by_role("link", name="西社区"))
    press(page, "Enter")
    tab_to(page, page.get_by_label("名称"))
    page.keyboard.type("只用键盘")
    press(page, "Tab", "Tab", "Enter")
    ready(page)
    before = households(page)
    tab_to(page, page.locator(MAP))
    own = assign_by_keys(page, before)
    name_by_keys(page, own)
    press(page, "h", "l", *["Shift+ArrowLeft"] * 12, " ", *["Shift+ArrowRight"] * 24, " ", "Enter")
    saved(page, 8)
    expect(page.locator(ROWS)).to_have_count(len(before) + 1)
    press(page, str(len(before) + 1), "m", "Tab", "Tab", "Enter")
    saved(page, 9)
    expect(page.locator("#desk-findings-count")).to_contain_text("可以提交")
    tab_to(page, page.locator("[data-decision=submit]"))
    press(page, "Enter")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.type("键盘提交")
    press(page, "Tab", "Tab", "Enter")
    expect(page.locator("#desk-state")).to_have_text("待审核")
    planner.check()


def assign_by_keys(page: Page, before: list[int]) -> int:
    """Give a unit with a building to the other grid, take it back twice, and return the number of its own grid."""
    reading = page.locator("#desk-reading")
    press(page, "ArrowRight")
    for key in ["ArrowLeft", "ArrowDown", "ArrowRight", "ArrowUp"] * 4:
        if "40 户 120 人" in reading.inner_text():
            break
        press(page, key, key)
    expect(reading).to_contain_text("40 户 120 人")
    own = int(re.findall(r"第(\d)网格", reading.inner_text())[0])
    other = 1 if own == 2 else 2
    press(page, " ")
    expect(page.locator("#desk-hand-words")).to_have_text("已选 1 个单元 · 40 户")
    press(page, str(other))
    saved(page, 1)
    assert households(page)[other - 1] == before[other - 1] + 40
    for revision, keys in ((2, "Control+z"), (3, "Control+y"), (4, "Control+z")):
        press(page, keys)
        saved(page, revision)
    assert households(page) == before
    return own


def name_by_keys(page: Page, own: int) -> None:
    """Lock a grid, unlock it and give it a name."""
    row = page.locator(ROWS).nth(own - 1)
    press(page, str(own), "k")
    saved(page, 5)
    expect(row).to_contain_text("已锁定")
    press(page, "k")
    saved(page, 6)
    press(page, "F2")
    page.keyboard.type("东园")
    press(page, "Enter")
    saved(page, 7)
    expect(row).to_contain_text("东园")


def test_a_drag_across_a_border_lets_the_grid_grow_in_which_it_began(
    at_desk: Callable[[str], Watched], number: int
) -> None:
    page = open_draft(at_desk("planner"), number)
    before = households(page)
    page.get_by_role("button", name="拖界").click()
    givers, takers = places(page, "40 户 120 人 · 第1网格"), places(page, "第2网格")
    pairs = [(abs(x - u) + abs(y - v), (u, v), (x, y)) for x, y in givers for u, v in takers]
    _, from_here, to_there = min(pairs)
    page.mouse.move(*from_here)
    page.mouse.down()
    page.mouse.move(*to_there, steps=8)
    page.mouse.up()
    saved(page, 1)
    after = households(page)
    assert after[1] > before[1]
    assert after[0] < before[0]


def test_work_survives_a_cut_network_and_a_reload(at_desk: Callable[[str], Watched], number: int) -> None:
    watched = at_desk("planner")
    page = open_draft(watched, number)
    page.locator(ROWS).nth(0).get_by_role("button").click()
    page.context.set_offline(True)
    press(page, "k")
    expect(page.locator("#desk-banner")).to_contain_text("未连接，修改保存在本机")
    expect(page.locator(ROWS).nth(0)).to_contain_text("已锁定")
    page.goto("about:blank")
    page.context.set_offline(False)
    open_draft(watched, number)
    saved(page, 1)
    expect(page.locator(ROWS).nth(0)).to_contain_text("已锁定")
    expect(page.locator("#desk-banner")).to_be_hidden()


def test_without_a_connection_nothing_is_said_of_faults_and_undoing_counts_what_is_left(
    at_desk: Callable[[str], Watched], number: int
) -> None:
    page = open_draft(at_desk("planner"), number)
    judged = page.locator("#desk-findings-count")
    before = judged.inner_text()
    page.locator(ROWS).nth(0).get_by_role("button").click()
    page.context.set_offline(True)
    press(page, "k", "k")
    expect(page.locator("#desk-saved")).to_contain_text("2 步")
    expect(page.locator("#desk-banner")).to_contain_text("未连接")
    expect(judged).to_have_text("有修改未送出，送出后重新检查")
    page.keyboard.press("Control+z")
    expect(page.locator("#desk-saved")).to_contain_text("1 步")
    page.context.set_offline(False)
    saved(page, 1)
    expect(judged).to_have_text(before)


def test_what_only_the_server_can_do_says_that_it_needs_a_connection(
    at_desk: Callable[[str], Watched], number: int
) -> None:
    page = open_draft(at_desk("planner"), number)
    page.locator(ROWS).nth(1).get_by_role("button").click()
    page.context.set_offline(True)
    for keys in (("f",), ("k", "k", "f")):  # with nothing on its way, and with steps that wait
        press(page, *keys)
        expect(page.locator("#desk-said")).to_contain_text("需要网络")
        page.keyboard.press("Escape")
        expect(page.locator("#desk-said")).to_be_hidden()
    page.context.set_offline(False)
    saved(page, 2)


def test_what_was_asked_for_is_silent_once_it_is_done(at_desk: Callable[[str], Watched], number: int) -> None:
    page = open_draft(at_desk("planner"), number)
    press(page, "k")
    expect(page.locator("#desk-said")).to_contain_text("选择网格")
    page.locator(ROWS).nth(0).get_by_role("button").click()
    expect(page.locator("#desk-said")).to_be_hidden()


def test_two_windows_on_a_draft_keep_the_work_of_both(at_desk: Callable[[str], Watched], number: int) -> None:
    watched = at_desk("planner")
    pages = [open_draft(watched, number), watched.page.context.new_page()]
    pages[1].goto(pages[0].url)
    ready(pages[1])
    pages[0].context.set_offline(True)
    for row, page in enumerate(pages):
        page.locator(ROWS).nth(row).get_by_role("button").click()
        press(page, "k")
        expect(page.locator(ROWS).nth(row)).to_contain_text("已锁定")
    for page in pages:
        page.goto("about:blank")
    pages[0].context.set_offline(False)
    page = open_draft(watched, number)
    saved(page, 2)
    for row in (0, 1):
        expect(page.locator(ROWS).nth(row)).to_contain_text("已锁定")


def test_only_what_a_draft_lacks_is_sent_again(at_desk: Callable[[str], Watched], number: int) -> None:
    page = open_draft(at_desk("planner"), number)
    left = page.evaluate(
        """async () => {
             const { lacking } = await import("/static/js/desk/draft.js");
             const grid = (key, locked) => [key, { key, locked, name: null, kind: "base", note: "" }];
             const view = { labels: Int32Array.of(0, 1), nextKey: 2, grids: new Map([grid(0, false), grid(1, true)]) };
             const lock = (grid) => ({ kind: "lock", grid });
             return [[lock(0), lock(1)], [lock(0), { kind: "unlock", grid: 0 }]].map((all) => lacking(view, all, null));
           }"""
    )
    assert left == [[{"kind": "lock", "grid": 0}], [{"kind": "lock", "grid": 0}, {"kind": "unlock", "grid": 0}]]


def test_a_form_that_is_pressed_twice_begins_one_draft(at_desk: Callable[[str], Watched]) -> None:
    page = at_desk("planner").page
    page.get_by_role("link", name="东社区").click()
    page.get_by_label("名称").fill("连点两下")
    page.get_by_role("button", name="新建并打开").dblclick()
    ready(page)
    page.get_by_role("link", name="东社区").click()
    expect(page.get_by_role("link", name="连点两下")).to_have_count(1)


def test_an_answer_that_was_lost_is_not_taken_for_a_conflict(at_desk: Callable[[str], Watched], number: int) -> None:
    def lose(route: Route) -> None:
        assert route.fetch().ok
        route.abort()

    page = open_draft(at_desk("planner"), number)
    page.route("**/steps", lose, times=1)
    page.locator(ROWS).nth(0).get_by_role("button").click()
    press(page, "k")
    saved(page, 1)
    expect(page.get_by_role("dialog")).to_have_count(0)


@pytest.mark.parametrize("choice", ["repeat", "keep", "discard"])
def test_whoever_was_overtaken_sees_by_whom_and_decides(
    at_desk: Callable[[str], Watched], number: int, choice: str
) -> None:
    first, second = open_draft(at_desk("planner"), number), open_draft(at_desk("second"), number)
    for page, row in ((second, 0), (first, 1)):
        page.locator(ROWS).nth(row).get_by_role("button").click()
        press(page, "k")
        if page is second:
            saved(page, 1)
    dialog = first.get_by_role("dialog")
    expect(dialog).to_contain_text("草案已被他人修改")
    theirs, mine = dialog.locator(".entries").all()
    expect(theirs).to_contain_text("锁定网格第1网格second · 岗")
    expect(mine).to_contain_text("锁定网格第2网格")
    press(first, "Escape")
    dialog.locator(f"[data-choice={choice}]").click()
    if choice == "keep":
        first.wait_for_url(re.compile(rf"/planner/drafts/(?!{number}$)\d+$"))
        ready(first)
    expect(dialog).to_have_count(0)
    for row, locked in enumerate({"repeat": (1, 1), "keep": (0, 1), "discard": (1, 0)}[choice]):
        expect(first.locator(ROWS).nth(row).get_by_text("已锁定")).to_have_count(locked)
    expect(first.locator("#desk-saved")).to_contain_text("已保存")


def test_ones_own_second_window_is_not_somebody_else(at_desk: Callable[[str], Watched], number: int) -> None:
    watched = at_desk("planner")
    page = open_draft(watched, number)
    other = watched.page.context.new_page()
    other.goto(page.url)
    ready(other)
    for window, row in ((other, 0), (page, 0)):
        window.locator(ROWS).nth(row).get_by_role("button").click()
        press(window, "F2")
        window.get_by_role("dialog").locator("input").fill("东园" if window is other else "西园")
        window.keyboard.press("Enter")
        if window is other:
            saved(other, 1)
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("您在另一窗口改了这份草案")
    expect(dialog.locator(".entries").nth(0)).to_contain_text("改名第1网格 → 东园")
    expect(dialog.locator(".entries").nth(1)).to_contain_text("改名东园 → 西园")


def test_what_was_kept_apart_is_looked_at_and_merged_back(at_desk: Callable[[str], Watched], number: int) -> None:
    first, second = open_draft(at_desk("planner"), number), open_draft(at_desk("second"), number)
    for page, rows in ((second, (0, 2)), (first, (1,))):
        for row in rows:
            page.locator(ROWS).nth(row).get_by_role("button").click()
            press(page, "k")
        if page is second:
            saved(page, 2)
    first.get_by_role("dialog").locator("[data-choice=keep]").click()
    first.wait_for_url(re.compile(rf"/planner/drafts/(?!{number}$)\d+$"))
    mine = int(ready(first).url.rsplit("/", 1)[1])
    first.locator("[data-decision=back]").click()
    first.wait_for_url(re.compile(rf"/planner/drafts/{number}#merge={mine}$"))
    dialog = first.get_by_role("dialog")
    expect(dialog).to_contain_text("1 步中有 1 步可以并入")
    expect(dialog.locator(".entries")).to_have_text("锁定网格第2网格")
    dialog.locator("[data-choice=merge_withdraw]").click()
    expect(first.locator("#desk-said")).to_contain_text("已并入 1 步")
    saved(first, 3)
    for row in range(3):
        expect(first.locator(ROWS).nth(row).get_by_text("已锁定")).to_have_count(1)
    first.locator("[data-decision=journal]").click()
    expect(dialog.locator("li").first).to_contain_text(f"并自草案 {mine}“调整（我的）”")
    first.goto(first.url.replace(f"{number}#merge={mine}", str(mine)))
    expect(ready(first).locator("#desk-state")).to_have_text("已作废")


def test_a_draft_is_merged_into_by_choosing_it_and_what_cannot_be_is_told(
    at_desk: Callable[[str], Watched], settings: Settings, number: int
) -> None:
    with begin(settings) as conn:
        planner = load_account_of(conn, "planner")
        begun = desk.begin_draft(
            conn, "town", WEST_CODE, origin="proposal", title="另一份", rules=Rules(), account=planner
        )
        other = begun.record.id
        for seen, operation in enumerate((Rename(0, "东园"), Rename(1, "西园"))):
            desk.act(conn, other, "do", operation=operation, seen=seen, account=planner)
        desk.act(conn, number, "do", operation=Lock(0), seen=0, account=planner)
    page = open_draft(at_desk("planner"), number)
    page.locator("[data-decision=merge]").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("并入哪份草案").select_option(label=f"草案 {other}：另一份（2 步）")
    dialog.get_by_role("button", name="查看改动").click()
    expect(dialog).to_contain_text("2 步中有 1 步可以并入")
    expect(dialog.locator(".entries li").nth(0)).to_contain_text("已锁定，不能改动")
    dialog.locator("[data-choice=merge_not]").click()
    saved(page, 1)
    page.locator("[data-decision=merge]").click()
    dialog.get_by_label("并入哪份草案").select_option(str(other))
    dialog.get_by_role("button", name="查看改动").click()
    dialog.locator("[data-choice=merge_keep]").click()
    saved(page, 2)
    expect(page.locator(ROWS).nth(1)).to_contain_text("西园")
    expect(page.locator(ROWS).nth(0)).not_to_contain_text("东园")
    press(page, "Control+z")
    saved(page, 3)
    expect(page.locator(ROWS).nth(1)).not_to_contain_text("西园")


def test_a_line_that_was_refused_can_be_drawn_on(at_desk: Callable[[str], Watched], number: int) -> None:
    page = open_draft(at_desk("planner"), number)
    page.locator(ROWS).nth(0).get_by_role("button").click()
    page.get_by_role("button", name="划线").click()
    inside = places(page, "第1网格")
    middle = sorted(y for _, y in inside)[len(inside) // 2]
    page.mouse.click(min(x for x, _ in inside) - 80, middle)
    page.mouse.click(*inside[0])
    done = page.locator("#desk-options").get_by_role("button", name="完成")
    done.click()
    expect(page.locator("#desk-said")).to_contain_text("没有把该网格分成两部分")
    page.locator(MAP).focus()
    page.keyboard.press("Backspace")
    page.context.set_offline(True)
    page.mouse.click(max(x for x, _ in inside) + 80, middle)
    done.click()
    expect(page.locator("#desk-banner")).to_have_text("未连接；没有未发送的修改")
    page.context.set_offline(False)
    done.click()
    saved(page, 1)
    expect(done).to_be_hidden()


def test_the_keyboard_stays_where_a_decision_was_taken(at_desk: Callable[[str], Watched], number: int) -> None:
    page = open_draft(at_desk("planner"), number)
    press(page, "Control+z")
    expect(page.locator("#desk-said")).to_have_text("没有可以撤销的操作")
    page.locator("[data-decision=submit]").focus()
    press(page, "Enter")
    page.get_by_role("dialog").get_by_role("button", name="提交审核").press("Enter")
    expect(page.locator("#desk-state")).to_have_text("待审核")
    expect(page.locator("#desk-decisions :focus")).to_have_count(1)


def test_a_refused_operation_is_rolled_back_with_the_servers_sentence(
    at_desk: Callable[[str], Watched], number: int
) -> None:
    page = open_draft(at_desk("planner"), number)
    page.locator(ROWS).nth(0).get_by_role("button").click()
    press(page, "F2")
    page.get_by_role("dialog").locator("input").fill(page.locator(ROWS).nth(1).get_by_role("button").inner_text())
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog").get_by_role("alert")).to_contain_text("已被暂编网格“第2网格”使用")
    page.keyboard.press("Escape")
    expect(page.locator(ROWS).nth(0)).to_contain_text("第1网格")
    saved(page, 0)


def test_a_finding_leads_to_its_place_and_its_cure_cures(at_desk: Callable[[str], Watched], number: int) -> None:
    watched = at_desk("planner")
    page = open_draft(watched, number)
    page.mouse.click(*places(page, "40 户 120 人 · 第1网格")[0])
    press(page, "x")
    saved(page, 1)
    finding = page.locator("#desk-findings li").first
    expect(finding).to_contain_text("没有划入任何网格")
    finding.locator(".finding-place").click()
    finding.locator(".cure").click()
    saved(page, 2)
    expect(page.locator("#desk-findings-count")).not_to_contain_text("须处理")
    watched.check()


def test_the_browser_judges_grids_as_the_server_does(at_desk: Callable[[str], Watched], number: int) -> None:
    page = open_draft(at_desk("planner"), number)
    counts = (0, 1, 299, 300, 500, 501)
    people = (None, 0, 1, 999, 1000, 1500, 1501)
    for basis in ("either", "households", "residents"):
        rules = Rules(basis=basis)
        ranges = {"basis": basis, "households": [300, 500], "residents": [1000, 1500]}
        cases = [(kind, h, r) for kind in ("base", "special") for h in counts for r in people]
        told = page.evaluate(
            """async ([cases, rules]) => {
                 const { statusOf } = await import("/static/js/desk/draft.js");
                 const total = (households, residents) => ({ units: 1, households, residents });
                 return cases.map(([kind, ...counts]) => statusOf({ kind }, total(...counts), rules));
               }""",
            [cases, ranges],
        )
        assert told == [judge(h, r, kind, rules).status for kind, h, r in cases]  # type: ignore[arg-type]


def test_the_browser_rules_out_no_pair_of_grids_that_can_be_divided_in_range(
    at_desk: Callable[[str], Watched], number: int
) -> None:
    page, rng = open_draft(at_desk("planner"), number), random.Random(3)  # noqa: S311 no secret
    cases = []
    for row in range(200):
        ratio, households = rng.choice((2.0, 2.5, 3.0)), [rng.randrange(8) for _ in range(rng.randrange(3, 7))]
        units: list[tuple[int, int | None]] = [(count, int(count * ratio) + rng.randrange(2)) for count in households]
        cases.append(units if row % 9 else [(households[0], None), *units[1:]])
    for basis in get_args(Basis):
        rules = Rules(households_min=6, households_max=9, residents_min=15, residents_max=21, basis=basis)
        told = page.evaluate(
            """async ([cases, rules]) => {
                 const { allowsTwo } = await import("/static/js/desk/draft.js");
                 const unit = ([households, residents]) => ({ households, residents });
                 return cases.map((units) => allowsTwo(units.map(unit), rules));
               }""",
            [cases, {"basis": basis, "households": [6, 9], "residents": [15, 21]}],
        )
        possible = [can_be_two(units, rules) for units in cases]
        assert [units for units, able, said in zip(cases, possible, told, strict=True) if able and not said] == []
        assert sum(possible) <= sum(told) < sum(possible) + len(cases) / 5, "nearly all others are told beforehand"


def can_be_two(units: list[tuple[int, int | None]], rules: Rules) -> bool:
    """Return whether any choice of units leaves two grids in range, tried one by one."""

    def status(chosen: list[tuple[int, int | None]]) -> str:
        people = [residents for _, residents in chosen]
        known = None if None in people else sum(each or 0 for each in people)
        return judge(sum(households for households, _ in chosen), known, "base", rules).status

    for mask in range(1, 2 ** (len(units) - 1)):
        halves = [[unit for bit, unit in enumerate(units) if (mask >> bit & 1) == side] for side in (0, 1)]
        if all(status(half) == "normal" for half in halves):
            return True
    return False


PLACED = """async (url) => {
  const { token } = JSON.parse(document.getElementById("page-data").textContent);
  const { features } = await (await fetch(`${url}/land.geojson`)).json();
  const middle = (points) => [0, 1].map((at) => points.reduce((sum, point) => sum + point[at], 0) / points.length);
  const middles = features.map(({ geometry }) => middle(geometry.coordinates[0].slice(1)));
  const cell = ([lon, lat]) => [lon, lat].map((value, at) => {
    const values = features.flatMap(({ geometry }) => geometry.coordinates[0].map((point) => point[at]));
    const [low, high] = [Math.min(...values), Math.max(...values)];
    return Math.min(4, Math.floor(((value - low) / (high - low)) * 5));
  });
  const gridOf = ([column, row]) => (row === 4 || (row === 3 && column < 2) ? 0 : row >= 2 && column >= 2 ? 1 : 2);
  const codes = [[], [], []];
  features.forEach(({ properties }, index) => codes[gridOf(cell(middles[index]))].push(properties.code));
  for (const key of [0, 1, 2]) {
    await fetch(`${url}/steps`, {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-CSRFToken": token, "If-Match": `"${key}"` },
      body: JSON.stringify({ action: "do", operation: { kind: "assign", moves: [[key, codes[key]]] } }),
    });
  }
}"""


def test_balance_offers_first_what_can_work_and_tells_beforehand_where_nothing_can(
    at_desk: Callable[[str], Watched], settings: Settings
) -> None:
    """Grids of 7, 6 and 12 of the 25 blocks: the first has its longest border with the second, too small for two."""
    with begin(settings) as conn:
        begun = desk.begin_draft(conn, "town", WEST_CODE, origin="nothing", title="平衡", rules=Rules(), account=None)
    watched = at_desk("planner")
    page = open_draft(watched, begun.record.id)
    page.evaluate(PLACED, f"/api/v1/drafts/{begun.record.id}")
    page.reload()
    ready(page)
    assert households(page) == [280, 240, 480]
    page.locator(ROWS).nth(0).get_by_role("button").click()
    page.get_by_role("button", name="平衡").click()
    offered = page.get_by_role("group", name="与哪个网格").locator("label")
    expect(offered).to_have_text(
        [
            "新网格 3（480 户；合计 760 户，够分两个合规网格）",
            "新网格 2（240 户；合计 520 户，分不成两个合规网格）",
        ]
    )
    assert offered.evaluate_all("(labels) => labels.map((each) => each.control.disabled)") == [False, True]
    page.get_by_role("dialog").get_by_role("button", name="平衡").click()
    saved(page, 4)
    assert min(households(page)[0], households(page)[2]) >= 300
    page.keyboard.press("Control+z")
    saved(page, 5)
    page.locator(ROWS).nth(2).get_by_role("button").click()
    page.get_by_role("button", name="锁定").click()
    saved(page, 6)
    page.locator(ROWS).nth(0).get_by_role("button").click()
    page.get_by_role("button", name="平衡").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("alert")).to_have_text(
        "它与任何相邻网格合计都分不成两个合规网格；请用“自动调整”，或先合并再划线切分"
    )
    expect(dialog).to_contain_text("新网格 2（240 户；合计 520 户，分不成两个合规网格）")
    expect(dialog.get_by_role("button", name="平衡")).to_be_disabled()
    page.keyboard.press("Escape")
    page.locator(ROWS).nth(2).get_by_role("button").click()
    page.get_by_role("button", name="平衡").click()
    expect(page.locator("#desk-said")).to_contain_text("已锁定")
    expect(dialog).to_have_count(0)
    watched.check()


def test_what_was_typed_beside_a_refused_decision_comes_back(at_desk: Callable[[str], Watched], number: int) -> None:
    page, reviewer = open_draft(at_desk("planner"), number), at_desk("reviewer")
    hand_in(page)
    page = open_draft(reviewer, number)
    page.locator("[data-decision=approve]").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("生效日期").fill("2199-01-01")
    dialog.locator("textarea").fill("同意，报街道备案")
    dialog.get_by_role("button", name="批准").click()
    expect(dialog.get_by_role("alert")).to_contain_text("生效日期 2199-01-01 太远")
    expect(dialog.locator("textarea")).to_have_value("同意，报街道备案")
    expect(dialog.get_by_label("生效日期")).to_have_value("2199-01-01")
    page.keyboard.press("Escape")
    page.locator("[data-decision=approve]").click()
    expect(dialog.locator("textarea")).to_have_value("同意，报街道备案")
    expect(dialog.get_by_role("alert")).to_have_count(0)
    assert [fault for fault in reviewer.complaints if "400" not in fault] == []


def test_an_approval_tells_what_is_left_asks_before_a_day_gone_by_and_can_be_revoked_before_its_day(
    at_desk: Callable[[str], Watched], settings: Settings, number: int, nothing_in_force: None
) -> None:
    today = office_today()
    approve_another(settings, today - timedelta(days=10))
    hand_in(open_draft(at_desk("planner"), number))
    reviewer = at_desk("reviewer")
    page = open_draft(reviewer, number)
    page.locator("[data-decision=approve]").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("还有 1 项提醒：建立本草案之后，")
    dialog.get_by_label("生效日期").fill((today - timedelta(days=1)).isoformat())
    dialog.get_by_role("button", name="批准").click()
    expect(dialog).to_contain_text("早于今天")
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    expect(page.locator("#desk-state")).to_have_text("待审核")
    page.locator("[data-decision=approve]").click()
    dialog.get_by_label("生效日期").fill((today + timedelta(days=30)).isoformat())
    dialog.get_by_role("button", name="批准").click()
    expect(page.locator("#desk-state")).to_have_text("已批准")
    page.locator("[data-decision=revoke]").click()
    dialog.locator("textarea").fill("年份写错")
    dialog.get_by_role("button", name="撤销批准").click()
    expect(page.locator("#desk-state")).to_have_text("已作废")
    expect(page.locator("[data-decision=revoke]")).to_have_count(0)
    reviewer.check()


def test_a_day_gone_by_is_one_by_the_clock_of_the_office_whatever_the_browser_s_says(
    at_desk: Callable[[str], Watched], number: int, nothing_in_force: None
) -> None:
    hand_in(open_draft(at_desk("planner"), number))
    reviewer = at_desk("reviewer")
    reviewer.page.clock.set_fixed_time(datetime.now(UTC) - timedelta(days=400))
    page, yesterday = open_draft(reviewer, number), (office_today() - timedelta(days=1)).isoformat()
    page.locator("[data-decision=approve]").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_label("生效日期")).to_have_value(office_today().isoformat())
    dialog.get_by_label("生效日期").fill(yesterday)
    dialog.get_by_role("button", name="批准").click()
    expect(dialog).to_contain_text(f"生效日期 {yesterday} 早于今天")
    dialog.get_by_role("button", name="批准").click()
    expect(page.locator("#desk-state")).to_have_text("已批准")
    reviewer.check()


def approve_another(settings: Settings, effective: date) -> None:
    """Approve another draft of the community."""
    with begin(settings) as conn:
        planner, reviewer = (load_account_of(conn, login) for login in ("planner", "reviewer"))
        assert planner is not None
        assert reviewer is not None
        begun = desk.begin_draft(conn, "town", WEST_CODE, origin="proposal", title="又", rules=Rules(), account=planner)
        approval.submit(conn, begun.record.id, seen=0, account=planner, reason="")
        approval.approve(
            conn, begun.record.id, seen=1, account=reviewer, reason="", effective=effective, backdated=True
        )


def test_a_draft_handed_in_holds_no_choice_and_is_taken_back_to_go_on(
    at_desk: Callable[[str], Watched], number: int
) -> None:
    watched = at_desk("planner")
    page = open_draft(watched, number)
    page.locator(MAP).focus()
    press(page, "ArrowRight", "Space")
    expect(page.locator("#desk-hand")).to_contain_text("已选 1 个单元")
    hand_in(page)
    page.locator("[data-decision=recall]").click()
    page.get_by_role("dialog").get_by_role("button", name="撤回修改").click()
    expect(page.locator("#desk-state")).to_have_text("修改中")
    expect(page.get_by_role("button", name="画笔")).to_be_enabled()
    expect(page.locator("#desk-hand")).to_be_hidden()
    watched.check()


def test_nothing_is_asked_of_the_server_while_the_pointer_paints(
    at_desk: Callable[[str], Watched], number: int
) -> None:
    page = open_draft(at_desk("planner"), number)
    page.locator(ROWS).nth(1).get_by_role("button").click()
    press(page, "h", "b")
    x, y = places(page, "40 户 120 人 · 第1网格")[0]
    expect(page.locator(ROWS).first).to_contain_text("批准时编码 …")  # the codes have been asked for
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "/api/" in request.url else None)
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 60, y + 60, steps=10)
    expect(page.locator(".delta").first).to_be_visible()
    assert asked == []
    page.mouse.up()
    saved(page, 1)
    assert [url.rsplit("/", 1)[1] for url in asked if not url.endswith("/codes")] == ["steps"]


def test_a_chosen_row_moves_the_map_only_where_its_grid_is_not_well_in_sight(
    at_desk: Callable[[str], Watched], number: int
) -> None:
    page = open_draft(at_desk("planner"), number)
    said = page.locator("#desk-reading")
    box = page.locator(MAP).bounding_box()
    assert box is not None
    middle = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)

    def under(row: int) -> str:
        page.locator(ROWS).nth(row).get_by_role("button").click()
        page.mouse.move(*middle)
        expect(said).not_to_be_empty()
        return said.inner_text()

    whole = under(0)
    assert under(1) == whole, "both grids are in sight and large"
    closely = under(1)
    assert closely != whole, "clicked twice"
    press(page, "z")
    assert under(1) == closely, "the key does the same"
    assert under(0) != closely, "it lay outside"


def test_axe_finds_no_serious_fault_at_the_desk(at_desk: Callable[[str], Watched], number: int) -> None:
    page = at_desk("planner").page
    community = f"/planner/town/{WEST_CODE}"
    for address in ("/planner/", community, f"{community}/compare?new=draft:{number}", f"/planner/drafts/{number}"):
        page.goto(page.url.split("/planner")[0] + address)
        if "/drafts/" in address:
            ready(page)
        page.evaluate(AXE.read_text(encoding="utf-8"))
        found = page.evaluate("axe.run().then(({ violations }) => violations)")
        serious = [
            f"{fault['id']}: {[node['target'] for node in fault['nodes']][:3]}"
            for fault in found
            if fault["impact"] in {"serious", "critical"}
        ]
        assert serious == [], address


def test_a_border_drawn_anew_moves_units_to_its_sides(at_desk: Callable[[str], Watched], number: int) -> None:
    page = open_draft(at_desk("planner"), number)
    before = households(page)
    page.locator(ROWS).nth(0).get_by_role("button").click()
    press(page, "h", "l")
    page.get_by_role("button", name="重画边界").click()
    inside, beside = places(page, "· 第1网格"), places(page, "40 户 120 人 · 第2网格")
    away, (u, v), (x, y) = min((abs(x - u) + abs(y - v), (u, v), (x, y)) for u, v in inside for x, y in beside)
    ahead, aside = ((x - u) * 100 / away, (y - v) * 100 / away), ((y - v) * 100 / away, (u - x) * 100 / away)
    for far, side in (
        (0, 1),
        (1, 1),
        (1, -1),
        (0, -1),
    ):  # out of the first grid, around a house of the second, and back
        begin_x, begin_y = (x + ahead[0], y + ahead[1]) if far else (u, v)
        page.mouse.click(begin_x + side * aside[0], begin_y + side * aside[1])
    press(page, "Enter")
    saved(page, 1)
    after = households(page)
    assert sum(after) == sum(before)
    assert [x, y] in [[*at] for at in places(page, "· 第1网格")]
    assert "边界已移到线旁" in page.locator("#desk-said").inner_text()
    page.reload()
    ready(page)
    page.keyboard.press("Control+z")
    saved(page, 2)
    assert households(page) == before


@pytest.mark.parametrize("drawn", ["across", "out and back"])
def test_what_lies_between_a_border_and_its_new_line_changes_sides(
    at_desk: Callable[[str], Watched], number: int, drawn: str
) -> None:
    """A row of eight squares of 10 m, the western three of grid 0, the others of grid 1."""
    page = open_draft(at_desk("planner"), number)
    lines = {"across": [[52, -5], [52, 15]], "out and back": [[29, -5], [52, -5], [52, 15], [29, 15]]}
    moves = page.evaluate(
        """async (points) => {
             const { movesOfBorder } = await import("/static/js/desk/new_border.js");
             const square = (at) => [[[at, 0], [at + 10, 0], [at + 10, 10], [at, 10], [at, 0]]];
             const units = Array.from({ length: 8 }, (_, at) => ({ rings: square(10 * at), middle: [10 * at + 5, 5] }));
             const beside = (unit) => [unit - 1, unit + 1].filter((other) => units[other]).map((unit) => ({ unit }));
             const land = {
               units,
               neighbours: units.map((_, unit) => beside(unit)),
               edges: units.slice(1).map((_, left) => {
                 const x = 10 * left + 10;
                 return { left, right: left + 1, one: [x, 0], other: [x, 10] };
               }),
               unitAt: ([x, y]) => (y < 0 || y > 10 || x < 0 || x >= 80 ? null : Math.floor(x / 10)),
             };
             const labels = Int32Array.of(0, 0, 0, 1, 1, 1, 1, 1);
             return [0, null].map((chosen) => movesOfBorder(land, labels, points, chosen).moves);
           }""",
        lines[drawn],
    )
    assert moves == [[[0, [3, 4]]], [[0, [3, 4]]]], "whether its grid is chosen or not"


def test_a_file_is_taken_away_from_the_desk(at_desk: Callable[[str], Watched], number: int, tmp_path: Path) -> None:
    watched = at_desk("planner")
    page = open_draft(watched, number)
    press(page, "t")
    expect(page.get_by_role("dialog").get_by_role("listitem")).to_have_count(9)
    with page.expect_download() as taken:
        page.locator("[data-export=register]").click()
    assert taken.value.suggested_filename.startswith("西社区-网格划分登记表-")
    taken.value.save_as(tmp_path / "register.xlsx")
    assert (tmp_path / "register.xlsx").read_bytes().startswith(b"PK")
    watched.check()


def test_every_grid_gets_its_name_inside_however_it_is_drawn(at_desk: Callable[[str], Watched], number: int) -> None:
    """A corner of two arms and a square, the former in one piece, with a stretch of border of no length."""
    page = open_draft(at_desk("planner"), number)
    found = page.evaluate(
        """async () => {
             const { landOf } = await import("/static/js/desk/land.js");
             const { placesOf } = await import("/static/js/desk/name_places.js");
             const corner = [[0, 0], [6, 0], [6, 1], [1, 1], [1, 1], [1, 6], [0, 6], [0, 0]];
             const square = [[1, 1], [6, 1], [6, 6], [1, 6], [1, 1]];
             const features = [corner, square].map((ring, code) => ({
               properties: { code, estate: null },
               geometry: { coordinates: [ring.map(([x, y]) => [120 + x / 1000, y / 1000])] },
             }));
             const land = landOf({ features, borders: [], version: "" });
             return placesOf(land, Int32Array.of(0, 1)).map(({ key, place }) => land.unitAt(place) === key);
           }"""
    )
    assert found == [True, True]


@pytest.mark.parametrize("order", [[0, 1], [1, 0]])
def test_a_tip_of_no_width_takes_no_border_away(
    at_desk: Callable[[str], Watched], number: int, order: list[int]
) -> None:
    """Two squares side by side; the eastern one runs along the western one's outer border and back."""
    page = open_draft(at_desk("planner"), number)
    edges = page.evaluate(
        """async (order) => {
             const { landOf } = await import("/static/js/desk/land.js");
             const west = [[0, 0], [1, 0], [1, 1], [0, 1], [0, 0]];
             const east = [[1, 0], [2, 0], [2, 1], [1, 1], [0, 1], [1, 1], [1, 0]];
             const features = order.map((which) => ({
               properties: { code: `${which}`, estate: null },
               geometry: { coordinates: [[west, east][which].map(([x, y]) => [120 + x / 1000, y / 1000])] },
             }));
             const { edges, units } = landOf({ features, borders: [], version: "" });
             const side = (unit) => (unit < 0 ? "outside" : units[unit].code);
             return edges.map(({ left, right }) => [side(left), side(right)].sort().join()).sort();
           }""",
        order,
    )
    assert edges == ["0,1", *["0,outside"] * 3, *["1,outside"] * 3]


def test_what_is_painted_bit_by_bit_looks_as_if_painted_at_once(at_desk: Callable[[str], Watched], number: int) -> None:
    """A board of 5 x 4 grids of a slanted square each: one is given away, one chosen, one changes its status."""
    page = open_draft(at_desk("planner"), number)
    told = page.evaluate(
        """async () => {
             const { Look } = await import("/static/js/desk/look.js");
             const { UnitCanvas } = await import("/static/js/desk/unit_canvas.js");
             const at = (x, y) => [120 + (x + y / 7) / 1000, (y - x / 9) / 1000];
             const features = Array.from({ length: 20 }, (_, code) => {
               const [x, y] = [code % 5, Math.floor(code / 5)];
               const ring = [at(x, y), at(x + 1, y), at(x + 1, y + 1), at(x, y + 1), at(x, y)];
               const properties = { code, label: `${code}`, status: "normal", households: 400 };
               return { properties, geometry: { coordinates: [[ring]] } };
             });
             const look = new Look({ features });
             const element = document.createElement("div");
             element.style.cssText = "position: fixed; width: 500px; height: 400px";
             document.body.append(element);
             const map = L.map(element, { zoomSnap: 0.1, zoomAnimation: false }).fitBounds(look.bounds());
             const canvas = new UnitCanvas(look).addTo(map);
             const pixels = () => {
               const { width, height } = canvas._container;
               return canvas._container.getContext("2d").getImageData(0, 0, width, height).data;
             };
             const seen = [pixels()];
             const differing = [];
             for (const change of [
               () => { look.labels = look.labels.with(7, 8); },
               () => { look.chosen = 12; },
               () => { look.listed[12].status = "small"; },
               () => {},
             ]) {
               change();
               canvas.paint();
               seen.push(pixels());
               canvas._update();
               const whole = pixels();
               const away = seen.at(-1).map((value, at) => Math.abs(value - whole[at])).filter(Boolean);
               differing.push([away.length, Math.max(0, ...away)]);
             }
             return [differing, new Set(seen.slice(0, 4).map((pixels) => pixels.join())).size];
           }"""
    )
    differing, seen = told
    assert seen == 4, "three changes are seen"
    assert all(values < 3_000 and most < 60 for values, most in differing), "only how soft the edges are differs"
    assert differing[-1] == [0, 0], "what has not changed is not painted again"


def test_no_name_lies_on_another(at_desk: Callable[[str], Watched], number: int) -> None:
    page = open_draft(at_desk("planner"), number)
    written = page.evaluate(
        """async () => {
             const { drawNames } = await import("/static/js/desk/names.js");
             const written = [];
             const context = {
               measureText: (words) => ({ width: 12 * words.length }),
               strokeText() {},
               fillText: (words) => written.push(words),
             };
             const grid = { label: "第1网格", households: 400, status: "normal", locked: false };
             const estates = [
               { name: "云和", at: [100, 105] },
               { name: "云祥花园", at: [100, 150] },
               { name: "云祥", at: [110, 152] },
             ];
             const near = { ...grid, label: "第2网格" };
             const far = { ...grid, label: "第3网格" };
             const grids = [{ grid, at: [100, 100] }, { grid: near, at: [100, 130] }, { grid: far, at: [100, 110] }];
             for (const zoom of [15, 17]) drawNames(context, { grids, estates, zoom });
             return written;
           }"""
    )
    assert written == ["第1网格", "400 户", "第2网格", "第1网格", "400 户", "第2网格", "云祥花园"]
