"""Plans in a real browser: why a grid is as it is, who could give or take, and the switch from plan to plan."""

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import PHONE, Watched
from tests.web.mini_city import HOSTILE
from tests.web.mini_plans import EARLIER, LARGE, WITNESS

pytestmark = pytest.mark.browser


def test_a_grid_tells_why_it_is_so_and_leads_to_its_neighbours(watched: Watched) -> None:
    page = watched.open(f"/map/mini#grids/{LARGE}")
    details = page.locator("#details")
    for words in (
        WITNESS,
        "超出 220 户",
        "60–120 户",
        "没有可单独调整的单元",
        "道路、围墙 1,500 米",
        "户数和人数",
        "今日现有网格",
    ):
        expect(details).to_contain_text(words)
    expect(details).not_to_contain_text("别的网格")
    details.get_by_role("link", name="999901001001002").click()
    expect(details.locator("h2")).to_have_text("第2网格")
    expect(details).to_contain_text("别的网格")
    watched.check()


def test_on_a_phone_everything_a_grid_tells_can_be_reached(phone: Watched) -> None:
    page = phone.open(f"/map/mini#grids/{LARGE}")
    page.locator("#details dt", has_text="起点").scroll_into_view_if_needed()
    expect(page.locator("#details dt", has_text="起点")).to_be_in_viewport()
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    phone.check()


def test_another_plan_is_drawn_listed_and_kept_in_the_other_language(watched: Watched) -> None:
    page = watched.open("/map/mini")
    page.locator(".plans summary").click()
    page.get_by_role("link", name=EARLIER).click()
    expect(page.locator(".leaflet-grids-pane path")).to_have_count(4)
    expect(page.locator(".figures")).to_contain_text(f"方案“{EARLIER}”")
    expect(page.locator("#list tbody tr")).to_have_count(4)
    page.get_by_role("link", name="English").click()
    expect(page.locator(".figures")).to_contain_text("4 grids")
    expect(page.locator(".leaflet-grids-pane path")).to_have_count(4)
    watched.check()


def test_what_a_plan_says_is_never_markup(watched: Watched) -> None:
    page = watched.open("/map/hostile#grids/999901003001003")
    expect(page.locator("#details")).to_contain_text(HOSTILE[0])
    assert page.evaluate("document.body.dataset.hacked") is None
    watched.check()


def test_the_public_has_no_plans_to_choose(watched: Watched) -> None:
    page = watched.open(f"/map/town?plan={EARLIER}")
    expect(page.locator(".figures")).to_contain_text("4 个社区")
    expect(page.locator(".plans")).to_have_count(0)
    watched.check()
