# ruff: noqa: F811
"""What the desk says and offers where something cannot be done, or will be otherwise than it is shown."""

import json
from collections.abc import Callable
from itertools import pairwise

import pytest
from playwright.sync_api import Browser, Page, Route, StorageState, expect

from gis_service.config import Settings
from gis_service.db.engine import begin
from gis_service.plan.rules import Rules
from gis_service.workflows import desk
from tests.e2e.conftest import DESKTOP, PHONE, Watched, watch
from tests.e2e.test_desk import (  # noqa: F401 fixtures, asked for by their names
    ROWS,
    at_desk,
    desk_origin,
    hand_in,
    households,
    number,
    open_draft,
    places,
    press,
    ready,
    saved,
    sessions,
    settings,
)
from tests.workflows.town import WEST_CODE

pytestmark = pytest.mark.browser

SAID = "#desk-said"
LONG_TITLE = "某小区二期入住后的网格调整" * 6


def choose(page: Page, row: int) -> None:
    page.locator(ROWS).nth(row).get_by_role("button").click()


def test_remarks_reach_a_page_that_stayed_open_and_a_refusal_before_them_is_over(
    at_desk: Callable[[str], Watched], number: int
) -> None:
    page = open_draft(at_desk("planner"), number)
    expect(page.locator("#desk-remarks")).to_be_hidden()
    hand_in(page)
    page.keyboard.press("b")
    expect(page.locator(SAID)).to_have_text("这份草案现在只能查看")
    reviewer = open_draft(at_desk("reviewer"), number)
    reviewer.locator("[data-decision=return]").click()
    reviewer.get_by_role("dialog").locator("textarea").fill("请核对东界")
    reviewer.get_by_role("dialog").get_by_role("button", name="退回").click()
    expect(reviewer.locator("#desk-state")).to_have_text("修改中")
    page.evaluate("window.dispatchEvent(new Event('focus'))")
    expect(page.locator("#desk-state")).to_have_text("修改中")
    expect(page.locator("#desk-remarks")).to_contain_text("退回意见 请核对东界")
    expect(page.locator(SAID)).to_be_hidden()


def test_a_stroke_passes_over_a_locked_grid_and_says_so_once(at_desk: Callable[[str], Watched], number: int) -> None:
    watched = at_desk("planner")
    page = open_draft(watched, number)
    choose(page, 1)
    page.get_by_role("button", name="锁定").click()
    saved(page, 1)
    before = households(page)
    choose(page, 0)
    press(page, "b")
    locked = places(page, "· 第2网格")
    page.evaluate(
        """() => {
             window.told = [];
             const said = document.getElementById("desk-said");
             new MutationObserver(() => window.told.push(said.textContent)).observe(said, { childList: true });
           }"""
    )
    page.mouse.move(*locked[0])
    page.mouse.down()
    page.mouse.move(*locked[-1], steps=8)
    page.mouse.up()
    expect(page.locator(SAID)).to_have_text("第2网格已锁定，请先解锁")
    assert page.evaluate("window.told") == ["第2网格已锁定，请先解锁"]
    assert households(page) == before
    watched.check()


@pytest.mark.parametrize("key", ["m", "e", "p", "f", "F2"])
def test_nothing_is_asked_about_a_locked_grid(at_desk: Callable[[str], Watched], number: int, key: str) -> None:
    page = open_draft(at_desk("planner"), number)
    choose(page, 0)
    page.get_by_role("button", name="锁定").click()
    saved(page, 1)
    page.keyboard.press(key)
    expect(page.locator(SAID)).to_have_text("第1网格已锁定，请先解锁")
    assert page.get_by_role("dialog").count() == 0


def test_a_locked_grid_is_not_offered_to_be_merged_into(at_desk: Callable[[str], Watched], number: int) -> None:
    page = open_draft(at_desk("planner"), number)
    for row in range(1, page.locator(ROWS).count()):
        choose(page, row)
        page.get_by_role("button", name="锁定").click()
        saved(page, row)
    choose(page, 0)
    page.keyboard.press("m")
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("alert")).to_have_text("其他网格都已锁定，请先解锁要并入的网格")
    expect(dialog.locator("option").first).to_contain_text("· 已锁定")


def test_the_longest_title_leaves_the_bar_as_it_is(at_desk: Callable[[str], Watched], settings: Settings) -> None:
    with begin(settings) as conn:
        begun = desk.begin_draft(
            conn, "town", WEST_CODE, origin="proposal", title=LONG_TITLE, rules=Rules(), account=None
        )
    watched = at_desk("planner")
    page = open_draft(watched, begun.record.id)
    for viewport in ({"width": 1366, "height": 768}, DESKTOP):
        page.set_viewport_size(viewport)  # type: ignore[arg-type]
        boxes = page.evaluate(
            """() => [...document.querySelector(".bar").children].map((each) => {
                 const { left, right, top, bottom } = each.getBoundingClientRect();
                 return [left, right, top, bottom];
               }).filter(([left, right]) => right > left)"""
        )
        assert all(one[1] <= other[0] + 0.5 for one, other in pairwise(boxes)), boxes
        assert max(bottom for *_, bottom in boxes) <= 64, "everything in one line"
        assert boxes[-1][1] <= viewport["width"]
    expect(page.locator("h1")).to_have_attribute("title", LONG_TITLE)
    page.goto(f"{watched.origin}/planner/town/{WEST_CODE}")
    link = page.get_by_role("link", name=LONG_TITLE)
    expect(link).to_have_attribute("title", LONG_TITLE)
    height = link.evaluate("(link) => link.getBoundingClientRect().height")
    assert height < 40, "one line"


def test_what_a_grid_may_be_balanced_with_is_read_whole_on_a_phone(
    browser: Browser, desk_origin: str, sessions: dict[str, StorageState], number: int
) -> None:
    context = browser.new_context(viewport=PHONE, locale="en", storage_state=sessions["planner"])  # type: ignore[arg-type]
    page = watch(context, desk_origin).page
    page.goto(f"{desk_origin}/planner/drafts/{number}?lang=en")
    ready(page)
    choose(page, 0)
    page.locator(".desk-card [data-command=balance]").click()
    dialog = page.get_by_role("dialog")
    offered = dialog.locator(".radios label")
    expect(offered.first).to_contain_text("together")
    cut = offered.evaluate_all("(labels) => labels.some((each) => each.scrollWidth > each.clientWidth)")
    assert not cut
    expect(dialog).to_be_in_viewport(ratio=1)
    context.close()


def test_grids_joined_by_a_bridge_only_can_be_balanced(at_desk: Callable[[str], Watched], number: int) -> None:
    """All borders between the grids are told as bridges, as where a river lies between them."""
    watched = at_desk("planner")
    labels: list[int] = []

    def tell_state(route: Route) -> None:
        answer = route.fetch()
        labels[:] = answer.json()["labels"]
        route.fulfill(response=answer)

    def tell_land(route: Route) -> None:
        answer = route.fetch()
        land = answer.json()
        between = [border for border in land["borders"] if labels[border[0]] != labels[border[1]]]
        land["borders"] = [border for border in land["borders"] if border not in between]
        land["bridges"] = [border[:2] for border in between]
        route.fulfill(response=answer, body=json.dumps(land))

    watched.page.route(f"**/api/v1/drafts/{number}", tell_state)
    watched.page.route("**/land.geojson", tell_land)
    page = open_draft(watched, number)
    choose(page, 0)
    page.keyboard.press("e")
    expect(page.get_by_role("dialog").locator(".radios label").first).to_contain_text("第2网格")


def test_balance_tells_what_is_missing(at_desk: Callable[[str], Watched], number: int) -> None:
    page = open_draft(at_desk("planner"), number)
    grids = page.locator(ROWS).count()
    page.keyboard.press("n")
    saved(page, 1)
    page.keyboard.press("e")
    expect(page.locator(SAID)).to_have_text(f"新网格 {grids + 1} 还没有范围，请先划入单元")
    for row in range(1, grids):
        choose(page, row)
        page.get_by_role("button", name="锁定").click()
        saved(page, row + 1)
    choose(page, 0)
    page.keyboard.press("e")
    expect(page.locator(SAID)).to_have_text("旁边的基础网格都已锁定，请先解锁其中一个")
    assert page.get_by_role("dialog").count() == 0


@pytest.mark.parametrize("key", ["F2", "p"])
def test_a_name_that_is_refused_comes_back_with_the_reason(
    at_desk: Callable[[str], Watched], number: int, key: str
) -> None:
    page = open_draft(at_desk("planner"), number)
    choose(page, 0)
    page.keyboard.press(key)
    dialog = page.get_by_role("dialog")
    dialog.locator("input").fill("第2网格")
    page.keyboard.press("Enter")
    expect(dialog.get_by_role("alert")).to_contain_text("名称“第2网格”已被")
    expect(dialog.locator("input")).to_have_value("第2网格")
    dialog.locator("input").fill("东园")
    page.keyboard.press("Enter")
    saved(page, 1)
    expect(page.locator(ROWS).nth(0)).to_contain_text("东园")


def test_the_codes_of_approval_stand_beside_the_grids_and_in_what_is_asked_before(
    at_desk: Callable[[str], Watched], number: int
) -> None:
    page = open_draft(at_desk("planner"), number)
    first = page.locator(ROWS).nth(0)
    expect(first).to_contain_text("批准时编码 …001")
    choose(page, 0)
    page.keyboard.press("F2")
    page.get_by_role("dialog").locator("input").fill("东园")
    page.keyboard.press("Enter")
    saved(page, 1)
    expect(first).to_contain_text("批准时编码 …001")
    page.locator("[data-decision=submit]").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.locator(".codes li").first).to_have_text(f"东园{WEST_CODE}001")
    expect(dialog.locator("textarea")).to_be_focused()
    page.keyboard.press("Escape")
    hand_in(page)
    reviewer = open_draft(at_desk("reviewer"), number)
    expect(reviewer.locator(ROWS).nth(0)).to_contain_text("批准时编码 …001")
    reviewer.locator("[data-decision=approve]").click()
    expect(reviewer.get_by_role("dialog").locator(".codes li").first).to_have_text(f"东园{WEST_CODE}001")


def test_a_grid_without_land_says_what_becomes_of_it(at_desk: Callable[[str], Watched], number: int) -> None:
    page = open_draft(at_desk("planner"), number)
    grids = page.locator(ROWS).count()
    page.keyboard.press("n")
    saved(page, 1)
    page.keyboard.press("F2")
    page.get_by_role("dialog").locator("input").fill("临时")
    page.keyboard.press("Enter")
    saved(page, 2)
    page.keyboard.press("n")
    saved(page, 3)
    choose(page, 0)
    for row in (grids, grids + 1):
        expect(page.locator(ROWS).nth(row)).to_contain_text("批准时不保留")
        expect(page.locator(ROWS).nth(row)).to_contain_text("无范围")


def test_a_decision_pressed_twice_asks_once(at_desk: Callable[[str], Watched], number: int) -> None:
    page = open_draft(at_desk("planner"), number)
    page.locator("[data-decision=submit]").evaluate("(button) => { button.click(); button.click(); }")
    expect(page.get_by_role("dialog")).to_have_count(1)
    expect(page.get_by_role("dialog")).to_contain_text("批准时的名称和编码")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.locator("#desk-state")).to_have_text("修改中")
