"""Staff choose among the plans of a city and read why a grid is as it is; the public sees neither."""

import dataclasses
import re

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Connection, text

from gis_service.app import create_app
from gis_service.config import Settings
from gis_service.db.cities import load_city
from gis_service.db.layers import load_edition, load_grid_account
from gis_service.db.plan_summaries import load_plan_summaries
from gis_service.errors import UnknownPlanError
from gis_service.web.plan_choice import plan_choices
from tests.web.mini_plans import EARLIER, LARGE, WITNESS

GRIDS = "/api/v1/cities/mini/layers/grids.geojson"
REASONS = f"/api/v1/cities/mini/grids/{LARGE}"


@pytest.fixture
def staff(cities_settings: Settings) -> FlaskClient:
    return create_app(dataclasses.replace(cities_settings, staff_view=True)).test_client()


def codes(client: FlaskClient, address: str) -> list[str]:
    return [feature["properties"]["code"] for feature in client.get(address).json["features"]]  # type: ignore[index]


def test_the_newest_plans_are_drawn_unless_staff_ask_for_another(client: FlaskClient) -> None:
    assert len(codes(client, GRIDS)) == 12
    assert codes(client, f"{GRIDS}?plan={EARLIER}") == [f"99990100100{number}009" for number in range(1, 5)]


def test_each_plan_has_its_own_version_and_etag(client: FlaskClient, changed: Connection) -> None:
    city = load_city(changed, "mini")
    newest, proposal, earlier = (load_edition(changed, city, plan) for plan in (None, "proposal", EARLIER))
    assert newest.version == proposal.version
    assert earlier.version != newest.version
    tag = client.get(GRIDS).headers["ETag"]
    assert client.get(f"{GRIDS}?plan={EARLIER}", headers={"If-None-Match": tag}).status_code == 200
    assert client.get(f"{GRIDS}?plan=proposal", headers={"If-None-Match": tag}).status_code == 304


def test_a_plan_that_there_is_not_is_not_found(client: FlaskClient, changed: Connection) -> None:
    assert client.get("/map/mini?plan=lost").status_code == 404
    assert client.get(f"{GRIDS}?plan=lost").status_code == 404
    with pytest.raises(UnknownPlanError, match="lost"):
        load_edition(changed, load_city(changed, "mini"), "lost")


def test_the_public_sees_the_same_whatever_plan_is_named(client: FlaskClient) -> None:
    page = re.compile(r'nonce="[^"]*"|nonce-[^\']*')
    plain, asked = (client.get(f"/map/town{query}") for query in ("", "?plan=lost"))
    assert asked.status_code == 200
    without_links = [re.sub(r'href="\?[^"]*"', "", page.sub("", answer.text)) for answer in (plain, asked)]
    assert without_links[0] == without_links[1]
    assert "plans" not in re.findall(r'<details class="(\w+)"', plain.text)
    communities = "/api/v1/cities/town/layers/communities.geojson"
    assert client.get(communities).data == client.get(f"{communities}?plan={EARLIER}").data


def test_every_address_of_the_page_keeps_the_plan(client: FlaskClient) -> None:
    page = client.get(f"/map/mini?plan={EARLIER}&status=large").text.replace("\\u0026", "&")
    asked = "plan=%E5%8E%BB%E5%B9%B4%E7%9A%84%E6%96%B9%E6%A1%88"
    for name in ("layers/grids.geojson", "layers/communities.geojson", "search", "buildings/CODE", "grids/CODE"):
        found = re.findall(rf'"/api/v1/cities/mini/{name}\?[^"]*', page)
        assert found
        assert all(asked in address for address in found)
    assert f'<input type="hidden" name="plan" value="{EARLIER}">' in page
    assert f"?{asked}&amp;status=large&amp;lang=en" in page
    assert f"方案“{EARLIER}”： 4 个网格" in page


def test_the_switch_tells_what_each_plan_is_worth(client: FlaskClient) -> None:
    page = client.get("/map/mini").text
    assert re.findall(r'<a href="([^"]*)"[^>]*><strong>([^<]*)</strong>', page) == [
        ("/map/mini", "各社区最新的方案"),
        ("/map/mini?plan=proposal", "自动划分的方案"),
        ("/map/mini?plan=%E5%8E%BB%E5%B9%B4%E7%9A%84%E6%96%B9%E6%A1%88", EARLIER),
    ]
    for words in (
        "即“自动划分的方案”",
        "规模符合 8/12",
        "边界沿线 80%",
        "紧凑度 0.60",
        "户数离散 0%",
        "调整 40 户",
        "由“今日现有网格”调整",
    ):
        assert words in page
    english = client.get(f"/map/mini?plan={EARLIER}&lang=en").text
    assert 'aria-current="true"><strong>' + EARLIER in english
    assert "8/12 in range" in english


def test_one_plan_is_no_choice(changed: Connection) -> None:
    changed.execute(text("DELETE FROM plan WHERE name = :name"), {"name": EARLIER})
    city = load_city(changed, "mini")
    summaries = load_plan_summaries(changed, city)
    assert [summary.name for summary in summaries] == ["proposal"]
    assert plan_choices(summaries, load_edition(changed, city)) == []


def test_plans_of_the_desk_are_chosen_at_the_desk(changed: Connection) -> None:
    changed.execute(text("UPDATE plan SET name = 'proposal-7-lines' WHERE name = :name"), {"name": EARLIER})
    city = load_city(changed, "mini")
    summaries = load_plan_summaries(changed, city)
    assert [summary.name for summary in summaries] == ["proposal", "proposal-7-lines"]
    with create_app(Settings()).test_request_context():
        assert plan_choices(summaries, load_edition(changed, city)) == []
        shown = plan_choices(summaries, load_edition(changed, city, "proposal-7-lines"))
        assert [choice.label for choice in shown if choice.current] == ["自动方案 7（先顾边界沿道路、围墙、水系）"]


def test_different_rules_in_what_is_shown_are_told(changed: Connection) -> None:
    def told() -> list[bool]:
        city = load_city(changed, "mini")
        edition = load_edition(changed, city)
        with create_app(Settings()).test_request_context():
            choices = plan_choices(load_plan_summaries(changed, city), edition)
            return [any("规则不同" in piece for line in choice.lines for piece in line) for choice in choices]

    assert told() == [False, False, False]
    newest, _ = load_plan_summaries(changed, load_city(changed, "mini"))
    other = "UPDATE plan SET rules = jsonb_set(rules, '{households_max}', '480') WHERE id = :id"
    changed.execute(text(other), {"id": newest.keys[-1]})
    assert told() == [True, True, False]
    changed.execute(text("DELETE FROM plan WHERE name = :name"), {"name": EARLIER})
    assert told() == [True, True]


def test_plans_are_summed_over_their_communities(changed: Connection) -> None:
    newest, earlier = load_plan_summaries(changed, load_city(changed, "mini"))
    assert (newest.name, len(newest.keys), newest.starts, newest.households_moved) == ("proposal", 4, ("today",), 40)
    assert newest.quality is not None
    assert (newest.quality.grids, newest.quality.households) == (12, 4800)
    assert newest.quality.mean_compactness == pytest.approx(0.6)
    assert newest.keys == load_edition(changed, load_city(changed, "mini")).plans
    assert (earlier.name, earlier.quality, earlier.households_moved, earlier.starts) == (EARLIER, None, None, ())


def test_a_grid_tells_why_it_is_so_and_nothing_of_others(client: FlaskClient) -> None:
    told = client.get(REASONS).json
    assert told is not None
    assert [finding["zh"] for finding in told["findings"]] == [WITNESS]
    assert told["explanation"]["gives"] == [
        {"code": "999901001001002", "ways": 2, "households_min": 60, "households_max": 120}
    ]
    assert (told["start"], told["locked"]) == ("today", False)
    locked = client.get("/api/v1/cities/mini/grids/999901001001001").json
    assert locked is not None
    assert (locked["locked"], locked["findings"]) == (True, [])


def test_a_grid_of_a_plan_that_noted_nothing_tells_nothing(client: FlaskClient) -> None:
    told = client.get(f"/api/v1/cities/mini/grids/999901001001009?plan={EARLIER}").json
    assert told == {"code": "999901001001009", "explanation": None, "findings": [], "locked": False, "start": ""}


@pytest.mark.parametrize("address", ["/api/v1/cities/mini/grids/lost", f"{REASONS}?plan={EARLIER}"])
def test_a_grid_that_is_not_in_the_plan_is_not_found(client: FlaskClient, address: str) -> None:
    assert client.get(address).status_code == 404


def test_why_a_grid_is_so_is_for_staff(client: FlaskClient, staff: FlaskClient) -> None:
    address = "/api/v1/cities/town/grids/999901002001003"
    assert client.get(address).status_code == 404
    assert staff.get(address, base_url="http://localhost").status_code == 200


def test_what_concerns_a_building_of_the_grid_concerns_the_grid(changed: Connection) -> None:
    entry = (
        '[{"kind": "building_too_large", "severity": "warning", "subject": "999901001001-2-0", "zh": "a", "en": "a"}]'
    )
    changed.execute(
        text(
            "UPDATE plan SET findings = jsonb_build_object('findings', CAST(:entry AS jsonb)) WHERE name = 'proposal'"
        ),
        {"entry": entry},
    )
    edition = load_edition(changed, load_city(changed, "mini"))
    concerned = {code: load_grid_account(changed, edition, code) for code in (LARGE, "999901001001001")}
    assert [len(told["findings"]) if told else None for told in concerned.values()] == [1, 0]
