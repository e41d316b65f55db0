"""The officials' pages: figures that lead to what is behind them, and nobody who sees more than his regions."""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from io import BytesIO
from typing import Any
from urllib.parse import unquote
from zipfile import ZipFile

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

from gis_service.app import create_app
from gis_service.config import Settings
from gis_service.db.accounts import Grant
from gis_service.db.engine import begin
from gis_service.db.findings_register import save_entry
from gis_service.web import audit_access, audit_evidence, audit_parts
from gis_service.workflows import accounts
from gis_service.workflows.audit_reading import OpenAudit, Row, open_audit
from gis_service.workflows.moments import office_today
from tests.web.mini_city import HOSTILE
from tests.web.signing_in import PASSWORD, entering, token_at
from tests.web.test_audience import ADDRESSES, TOWN

HOME, OTHER = "999901002001", "999901002002"
CASE = "coverage_gap"
GROUPS = {
    "auditor": [Grant("auditor", "town")],
    "of_home": [Grant("auditor", "town", HOME)],
    "of_two": [Grant("auditor", "town", HOME), Grant("auditor", "town", OTHER)],
    "of_street": [Grant("auditor", "town", "999901002000")],
    "elsewhere": [Grant("auditor", "mini")],
    "planner_of_home": [Grant("planner", "town", HOME)],
}


@pytest.fixture
def readers(app: Flask, cities_settings: Settings) -> Iterator[Callable[[str], FlaskClient]]:
    """Return a function from a login to a browser in which it is signed in."""
    with begin(cities_settings) as conn:
        for login, grants in GROUPS.items():
            accounts.add_account(conn, login, title=f"{login}岗", password=PASSWORD, grants=grants)

    yield entering(app)
    with begin(cities_settings) as conn:
        for table in ("account", "sign_in_failure"):
            conn.execute(text(f"DELETE FROM {table}"))


def links(page: str) -> set[str]:
    return {unquote(address.replace("&amp;", "&")) for address in re.findall(r'href="(/audit/[^"#]*)', page)}


def addresses(app: Flask, method: str = "GET") -> list[str]:
    """Return an address of every route of the officials' pages over a city that answers a method."""
    values = {
        "<city>": "town",
        "<path:code>": f"{HOME}001",
        "<path:key>": f"{CASE}:x",
        "<int:number>": "1",
        "<suffix>": "csv",
    }
    found = []
    for rule in app.url_map.iter_rules():
        if rule.endpoint.split(".")[0].startswith("audit") and "<city>" in rule.rule and method in rule.methods:
            address = rule.rule
            for name, value in values.items():
                address = address.replace(name, value)
            found.append(address)
    return found


def test_nobody_without_a_role_sees_any_of_it(
    app: Flask, client: FlaskClient, readers: Callable[[str], FlaskClient]
) -> None:
    every = addresses(app)
    assert len(every) >= 16
    for browser in (client, readers("elsewhere"), readers("planner_of_home")):
        assert {address: browser.get(address).status_code for address in every} == dict.fromkeys(every, 404)


def test_nobody_without_a_role_writes_any_of_it(app: Flask, readers: Callable[[str], FlaskClient]) -> None:
    every = addresses(app, "POST")
    assert len(every) >= 6
    for browser in (app.test_client(), readers("elsewhere"), readers("planner_of_home")):
        headers = {"X-CSRFToken": token_at(browser)}
        answers = {address: browser.post(address, json={}, headers=headers).status_code for address in every}
        assert answers == dict.fromkeys(every, 404)


def test_an_official_of_another_region_writes_nothing(app: Flask, readers: Callable[[str], FlaskClient]) -> None:
    browser = readers("of_home")
    headers = {"X-CSRFToken": token_at(browser, "/audit/town/field")}
    outside = f"/audit/town/findings/buildings_without_grid:{OTHER}"
    assert browser.post(outside, data={"state": "resolved", "note": "x"}, headers=headers).status_code == 404
    drawn = browser.post("/audit/town/field", data={"region": OTHER, "number": 3, "seed": "1"}, headers=headers)
    assert drawn.status_code == 404
    everywhere = browser.post("/audit/town/field", data={"number": 3, "seed": "1"}, headers=headers)
    assert everywhere.status_code == 403


def test_an_official_sees_her_regions_and_no_others(readers: Callable[[str], FlaskClient]) -> None:
    browser = readers("of_home")
    page = browser.get("/audit/town").text
    assert "镇边社区" in page
    for hidden in ("桥头社区", "江滨社区", OTHER):
        assert hidden not in page
    for address in (
        f"/audit/town?region={OTHER}",
        "/audit/town?region=999901002000",
        f"/audit/town/grids/{OTHER}001",
        f"/audit/town/buildings/{OTHER}-3-0",
        "/audit/town/buildings?gap=1",
        f"/api/v1/cities/town/audit?region={OTHER}",
        "/audit/town?snapshot=999999",
    ):
        assert browser.get(address).status_code == 404, address
    told = browser.get("/api/v1/cities/town/audit").get_json()
    assert [row["code"] for row in told["regions"]] == [HOME]
    assert {row["community_code"] for row in told["grids"]} == {HOME}
    assert told["gaps"] == []  # they lie in the communities of others
    areas = browser.get("/api/v1/cities/town/audit/areas.geojson?level=community").get_json()
    assert [feature["properties"]["code"] for feature in areas["features"]] == [HOME]
    assert OTHER not in browser.get("/audit/town/buildings").text
    assert "桥头" not in browser.get("/audit/town/gaps").text


def test_whatever_an_official_asks_for_tells_of_her_regions_only(readers: Callable[[str], FlaskClient]) -> None:
    hers, everything = readers("of_home"), readers("auditor")
    hidden = [word.encode() for word in ("桥头社区", "江滨社区", OTHER)]
    asked = [
        address.format(**TOWN)
        for endpoint, cases in ADDRESSES.items()
        for address, _ in cases
        if endpoint.startswith("audit") and "{city}" in address
    ]
    of_others = {address for address in asked if hers.get(address).status_code == 404}
    assert of_others == {"/audit/town/buildings?gap=1", "/audit/town/field/2"}  # a gap and a sample of the whole city
    for address in asked:
        assert everything.get(address).status_code == 200, address
        if address not in of_others:
            answer = hers.get(address)
            assert answer.status_code == 200, address
            assert not [word for word in hidden if word in unpacked(answer.data)], address


def unpacked(content: bytes) -> bytes:
    """Return what a file says; a workbook is an archive of texts."""
    if not content.startswith(b"PK"):
        return content
    with ZipFile(BytesIO(content)) as archive:
        return b"".join(archive.read(name) for name in archive.namelist())


def test_papers_of_a_part_of_the_city_are_called_by_it(readers: Callable[[str], FlaskClient]) -> None:
    browsers = {login: readers(login) for login in ("auditor", "of_home", "of_street")}
    number = browsers["auditor"].get("/api/v1/cities/town/audit").get_json()["snapshot"]
    for login, asked, part in (
        ("auditor", "", ""),
        ("auditor", f"?region={HOME}", f"-{HOME}"),
        ("of_home", "", f"-{HOME}"),
        ("of_street", "", "-999901002000"),
    ):
        answer = browsers[login].get(f"/audit/town/export/{number}.csv{asked}")
        assert answer.headers["Content-Disposition"] == f"attachment; filename=town-{number}{part}.csv"


def test_an_official_of_a_street_sees_all_of_it(readers: Callable[[str], FlaskClient]) -> None:
    told = readers("of_street").get("/api/v1/cities/town/audit").get_json()
    assert len(told["regions"]) == 5
    assert len(told["grids"]) == 12


def test_an_official_of_two_regions_takes_along_one_at_a_time(readers: Callable[[str], FlaskClient]) -> None:
    browser = readers("of_two")
    page = browser.get("/audit/town").text
    assert "请选择您的区域" in page
    assert "/export/" not in page
    number = browser.get("/api/v1/cities/town/audit").get_json()["snapshot"]
    assert browser.get(f"/audit/town/export/{number}.csv").status_code == 400
    one = browser.get(f"/audit/town/export/{number}.csv?region={OTHER}").text
    assert "桥头社区" in one
    assert "镇边社区" not in one
    assert f"{number}.csv?region={OTHER}" in browser.get(f"/audit/town?region={OTHER}").text


def test_the_sentence_tells_who_is_not_reached_and_which_grids_are_out_of_range(client: FlaskClient) -> None:
    page = client.get("/audit/mini").text
    sentence = re.search(r'class="headline">([^<]+)<', page)
    assert sentence is not None
    assert "步行 15 分钟到不了近邻红色驿站或党群服务中心" in sentence[1]
    assert "个规模不合规" in sentence[1]


def test_every_figure_leads_on_to_a_page_that_is_there(client: FlaskClient) -> None:
    seen: set[str] = set()
    waiting = ["/audit/mini"]
    while waiting and len(seen) < 150:
        address = waiting.pop(0)
        if address in seen or "/export/" in address:
            continue
        seen.add(address)
        answer = client.get(address)
        assert answer.status_code == 200, address
        waiting += sorted(links(answer.text) - seen)
    kinds = {re.sub(r"/audit/mini/?", "", address).split("/")[0].split("?")[0] for address in seen}
    assert kinds >= {
        "",
        "grids",
        "buildings",
        "estates",
        "facilities",
        "gaps",
        "findings",
        "field",
        "method",
        "compare",
    }


def test_rows_are_sorted_and_filtered(client: FlaskClient) -> None:
    def codes(query: str) -> list[str]:
        return re.findall(r'<tr data-code="(\w+)"', client.get(f"/audit/mini?level=grid&{query}").text)

    everything = codes("")
    assert everything == sorted(everything)
    assert len(everything) == 12
    descending = codes("sort=households&dir=desc")
    assert descending[0] == "999901001001003"  # 720 households
    assert codes("sort=households&dir=asc")[-1] == descending[0]
    assert codes("status=small") == ["999901001001002", "999901001003003"]
    assert codes("q=1002001") == ["999901001002001"]
    assert codes("sort=unchanged_since&dir=desc") == everything  # nothing known: by code
    assert codes("sort=nonsense") == everything
    assert codes("q=nowhere") == []


def test_the_lists_behind_a_figure_hold_just_as_many_as_it_says(client: FlaskClient) -> None:
    told = client.get("/api/v1/cities/mini/audit").get_json()
    (street,) = (row for row in told["regions"] if row["level"] == "street")
    missing = street["buildings_inhabited"] - street["buildings_covered"]
    page = client.get(f"/audit/mini/buildings?only=uncovered&region={street['code']}").text
    assert f"共 {missing} 栋" in page
    assert page.count('<strong class="bad">否</strong>') == missing
    estates = client.get("/audit/mini/estates?station=no").text
    assert f"共 {street['estates_without_station']} 个" in estates


def rows_of(page: str) -> list[tuple[str, int]]:
    """Return the ids and households of a table of buildings."""
    found = re.findall(r'<th scope="row"><a [^>]*>([^<]+)</a></th>.*?<td class="number">([\d,]+)</td>', page, re.DOTALL)
    return [(code, int(households.replace(",", ""))) for code, households in found]


def test_a_list_over_several_pages_is_ordered_by_its_heads_and_keeps_its_filters(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (audit_parts, audit_evidence):
        monkeypatch.setattr(module, "ROWS_PER_PAGE", 10)
    asked = "/audit/mini/buildings?only=uncovered"
    page = client.get(asked).text
    head = re.search(r'<a href="(\?[^"]*sort=households[^"]*)"', page)
    assert head is not None
    assert 'aria-sort="descending"' in page
    assert "，户数多的在前" in page
    address = "/audit/mini/buildings" + head[1].replace("&amp;", "&")
    assert "only=uncovered" in address
    assert "dir=asc" in address  # the other way round
    listed: list[tuple[str, int]] = []
    while address:
        page = client.get(address).text
        assert "，户数多的在前" not in page
        assert "data-sortable" not in page  # a program of the browser could order one page only
        listed += rows_of(page)
        following = re.search(r'<a href="(\?[^"]*)">下一页', page)
        address = "" if following is None else "/audit/mini/buildings" + following[1].replace("&amp;", "&")
    assert len(listed) == 30  # two communities of eighteen, less the six where nobody lives
    assert listed == sorted(listed, key=lambda row: (row[1], row[0]))
    assert {code for code, _ in rows_of(client.get(f"{asked}&sort=id&dir=desc").text)} == {
        code for code, _ in sorted(listed, reverse=True)[:10]
    }
    assert rows_of(client.get(f"{asked}&sort=geometry&dir=asc").text) == rows_of(client.get(asked).text)


def test_a_page_beyond_the_end_of_a_list_is_its_last(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (audit_parts, audit_evidence):
        monkeypatch.setattr(module, "ROWS_PER_PAGE", 10)
    last = rows_of(client.get("/audit/mini/buildings?only=uncovered&page=3").text)
    assert len(last) == 10
    assert rows_of(client.get("/audit/mini/buildings?only=uncovered&page=4").text) == last


def test_the_buildings_of_a_grid_are_ordered_by_their_heads(client: FlaskClient) -> None:
    page = client.get("/audit/mini/grids/999901001001001?sort=id&dir=desc").text
    codes = [code for code, _ in rows_of(page)]
    assert codes == sorted(codes, reverse=True)
    assert len(codes) == 6


def test_the_floor_area_of_a_region_is_told_with_what_it_is_the_sum_of(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    address, known = "/audit/mini/facilities?region=999901001000", OpenAudit.all_regions.func
    assert "建筑面积合计" not in client.get(address).text  # nothing is known of it

    def measured(audit: OpenAudit) -> dict[str, Row]:
        area = {"service_area_m2": 83.64, "service_m2_per_100_households": 2.0, "service_facilities_area_unknown": 1}
        return {code: row | area for code, row in known(audit).items()}

    monkeypatch.setattr(OpenAudit, "all_regions", property(measured))
    page = client.get(address).text
    assert "建筑面积合计 83.6 平方米，4,182 户，每百户 2.0 平方米；其中 1 处面积不详，没有计入" in page
    assert "建筑面积合计" not in client.get(f"{address}&over=1").text  # a part of them


def test_a_building_tells_its_row_in_the_source(client: FlaskClient) -> None:
    page = client.get("/audit/mini/buildings/999901001001-0-0").text
    assert "楼栋文件中 id 为 999901001001-0-0 的一行" in page
    assert client.get("/audit/mini/buildings/nobody").status_code == 404


def test_the_method_tells_the_parameters_in_force(client: FlaskClient) -> None:
    page = client.get("/audit/mini/method").text
    assert "15 分钟 × 1 米/秒 = 900 米" in page
    assert "每个基础网格 300–500 户或 1000–1500 人" in page
    assert "--replay" in page
    english = client.get("/audit/mini/method?lang=en").text
    assert "How each figure is measured" in english


def test_an_auditor_decides_and_the_history_tells_it(readers: Callable[[str], FlaskClient]) -> None:
    browser = readers("auditor")
    listing = browser.get(f"/audit/town/findings?kind={CASE}").text
    address = next(address for address in sorted(links(listing)) if f"/{CASE}:" in address)
    page, day = browser.get(address), office_today().isoformat()
    assert page.status_code == 200
    answer = browser.post(
        address,
        data={
            "csrf_token": token_at(browser, address),
            "state": "explained",
            "unit": "桥头社区居委会",
            "deadline": day,
            "note": "已列入计划",
        },
    )
    assert answer.status_code == 302
    told = browser.get(address).text
    for words in ("已列入计划", "桥头社区居委会", day, "auditor岗"):
        assert words in told
    assert "桥头社区居委会" in browser.get("/audit/town/findings?state=explained").text


def test_a_decision_leads_back_to_the_snapshot_it_was_made_in(readers: Callable[[str], FlaskClient]) -> None:
    browser = readers("auditor")
    listing = browser.get(f"/audit/town/findings?kind={CASE}").text
    address = next(address for address in sorted(links(listing)) if f"/{CASE}:" in address)
    number = re.search(r"快照 (\d+)", browser.get(address).text)
    assert number is not None
    asked = f"{address}?snapshot={number[1]}"
    form = {"csrf_token": token_at(browser, asked), "state": "explained", "note": "已列入计划"}
    assert browser.post(asked, data=form).location.endswith(asked)
    refused = browser.post(asked, data=form | {"note": ""})
    assert refused.status_code == 400
    assert f"/audit/town/method?snapshot={number[1]}" in links(refused.text)


def test_what_was_typed_beside_a_refused_decision_comes_back(readers: Callable[[str], FlaskClient]) -> None:
    browser = readers("auditor")
    listing = browser.get(f"/audit/town/findings?kind={CASE}").text
    address = next(address for address in sorted(links(listing)) if f"/{CASE}:" in address)
    form = {
        "csrf_token": token_at(browser, address),
        "state": "explained",
        "unit": "<b>桥头社区",
        "note": "已列入 & 计划",
    }
    answer = browser.post(address, data=form | {"deadline": "2001-02-03"})
    assert answer.status_code == 400
    assert "整改时限 2001-02-03 已过" in answer.text
    assert '<option value="explained" selected>' in answer.text
    assert 'value="&lt;b&gt;桥头社区"' in answer.text
    assert 'value="2001-02-03"' in answer.text
    assert ">已列入 &amp; 计划</textarea>" in answer.text
    drawn = {"csrf_token": form["csrf_token"], "number": "0", "seed": "季度 4", "region": HOME}
    answer = browser.post("/audit/town/field", data=drawn)
    assert answer.status_code == 400
    assert "抽样数应为 1 到" in answer.text
    assert 'value="季度 4"' in answer.text
    assert f'name="region" value="{HOME}"' in answer.text


def test_a_report_that_is_refused_comes_back_in_the_line_of_its_grid(readers: Callable[[str], FlaskClient]) -> None:
    browser = readers("auditor")
    form = {"csrf_token": token_at(browser, "/audit/town/field"), "number": "2", "seed": "2026Q3", "region": HOME}
    address = browser.post("/audit/town/field", data=form).location
    first, second = re.findall(r'name="grid" value="(\w+)"', browser.get(address).text)
    report = {"grid": second, "outcome": "differs", "households": "约390", "note": "有空置"}
    answer = browser.post(address, data=report | {"csrf_token": form["csrf_token"]})
    assert answer.status_code == 400
    assert "实地户数应为整数" in answer.text
    before, after = answer.text.split(f'name="grid" value="{second}"')
    assert f'name="grid" value="{first}"' in before
    assert "约390" not in before
    for words in ('<option value="differs" selected>', 'value="约390"', 'value="有空置"'):
        assert words in after


def test_a_deadline_that_has_passed_is_marked_in_words(
    readers: Callable[[str], FlaskClient], cities_settings: Settings
) -> None:
    browser, asked = readers("auditor"), f"/audit/town/findings?kind={CASE}"
    listing = browser.get(asked).text
    assert "已逾期" not in listing
    address = next(address for address in sorted(links(listing)) if f"/{CASE}:" in address)
    key = address.rpartition("/")[2]
    number = browser.get("/api/v1/cities/town/audit").get_json()["snapshot"]
    entry: dict[str, Any] = {"place": "", "state": "open", "unit": "", "note": "", "snapshot": number, "who": "test"}
    with begin(cities_settings) as conn:
        save_entry(conn, "town", key, deadline=date(2001, 2, 3), **entry)
    listing = browser.get(asked).text
    assert re.search(r'2001-02-03\s*<strong class="overdue">已逾期</strong>', listing)
    assert "已逾期 1</strong>" in listing
    assert '<strong class="overdue">已逾期</strong> 整改时限 2001-02-03' in browser.get(address).text
    with begin(cities_settings) as conn:
        save_entry(conn, "town", key, deadline=None, **entry)


def test_strangers_in_a_synthetic_city_read_but_do_not_write(client: FlaskClient) -> None:
    found = links(client.get(f"/audit/mini/findings?kind={CASE}").text)
    address = next(address for address in sorted(found) if f"/{CASE}:" in address)
    page = client.get(address).text
    assert '<form class="form' not in page
    other = token_at(client)
    answer = client.post(address, data={"csrf_token": other, "state": "resolved", "note": "x"}, follow_redirects=True)
    assert "只有本区域的审核人员可以登记" in answer.text
    assert "还没有登记" in answer.text


def test_a_sample_is_drawn_and_reported(readers: Callable[[str], FlaskClient]) -> None:
    browser = readers("auditor")
    form = {"csrf_token": token_at(browser, "/audit/town/field"), "number": "3", "seed": "2026Q4", "region": HOME}
    answer = browser.post("/audit/town/field", data=form)
    assert answer.status_code == 302
    page = browser.get(answer.location).text
    grid = re.search(r'name="grid" value="(\w+)"', page)
    assert grid is not None
    report = {"grid": grid[1], "outcome": "differs", "households": "391", "note": "新增住户"}
    browser.post(answer.location, data={**report, "csrf_token": token_at(browser, answer.location)})
    told = browser.get(answer.location).text
    assert "391" in told
    assert "新增住户" in told
    of_home = readers("of_home")
    assert of_home.get(answer.location).status_code == 200
    assert readers("elsewhere").get(answer.location).status_code == 404


def test_every_page_lies_under_a_tab_that_is_marked(client: FlaskClient) -> None:
    gap = next(each for each in links(client.get("/audit/mini/findings").text) if "/findings/" in each)
    for address, tab in (
        ("", "指标"),
        ("/grids/999901001001001", "指标"),
        ("/estates", "指标"),
        ("/facilities", "指标"),
        ("/buildings?only=uncovered", "指标"),
        ("/buildings?gap=1", "盲区清单"),
        ("/gaps", "盲区清单"),
        ("/what-if", "选址测算"),
        (gap.removeprefix("/audit/mini"), "问题清单"),
        ("/field/1", "抽样核查"),
        ("/compare", "快照对比"),
        ("/method", "口径与方法"),
    ):
        page = client.get(f"/audit/mini{address}")
        assert page.status_code == 200, address
        tabs = re.search(r'<nav class="audit-nav".*?</nav>', page.text, re.DOTALL)
        assert tabs is not None
        marked = re.findall(r'aria-current="(?:page|true)">([^<]+)</a>', tabs[0])
        assert marked == [tab], address


def test_hostile_names_are_text_on_every_page(client: FlaskClient) -> None:
    for address in ("", "?level=grid", "/gaps", "/estates", "/facilities", "/findings", "/buildings", "/method"):
        page = client.get(f"/audit/hostile{address}").text
        assert HOSTILE[0] not in page
        assert "<script>document" not in page
        assert "7*7" not in page or "{{ 7*7 }}" in page


def test_figures_for_programs_are_the_same_bytes_every_time(client: FlaskClient) -> None:
    first, second = (client.get("/api/v1/cities/mini/audit").data for _ in range(2))
    assert first == second
    assert json.loads(first)["content_hash"]


@pytest.mark.parametrize("suffix", ["csv", "xlsx", "gpkg"])
def test_what_is_taken_along_is_the_same_bytes_every_time(app: Flask, client: FlaskClient, suffix: str) -> None:
    number = client.get("/api/v1/cities/mini/audit").get_json()["snapshot"]
    first, second = (client.get(f"/audit/mini/export/{number}.{suffix}") for _ in range(2))
    assert first.status_code == 200
    assert first.data == second.data
    assert f"mini-{number}.{suffix}" in first.headers["Content-Disposition"]
    if suffix == "csv":
        assert first.data.startswith(b"\xef\xbb\xbf")


def test_a_city_without_a_snapshot_says_what_to_do(cities_settings: Settings) -> None:
    staff = create_app(cities_settings).test_client()
    assert staff.get("/audit/nowhere").status_code == 404


def test_gaps_of_every_region_come_to_the_households_it_does_not_cover(
    readers: Callable[[str], FlaskClient],
) -> None:
    for login in ("auditor", "of_home", "of_street"):
        browser = readers(login)
        told = browser.get("/api/v1/cities/town/audit").get_json()
        for region in told["regions"]:
            here = browser.get("/api/v1/cities/town/audit", query_string={"region": region["code"]}).get_json()
            missing = region["households"] - region["households_covered"]
            assert sum(gap["households"] for gap in here["gaps"]) == missing, (login, region["code"])
            for gap in here["gaps"]:
                asked = {"region": region["code"], "gap": gap["rank"]}
                page = browser.get("/audit/town/buildings", query_string=asked).text
                assert f"共 {gap['buildings']:,} 栋、{gap['households']:,} 户" in page
            gaps = browser.get("/audit/town/gaps", query_string={"region": region["code"]}).text
            assert f"共 {len(here['gaps'])} 处、{missing:,} 户" in gaps or not here["gaps"]


def test_an_official_reads_of_a_gap_whose_middle_lies_elsewhere_who_answers_for_it(
    readers: Callable[[str], FlaskClient], monkeypatch: pytest.MonkeyPatch
) -> None:
    def across(*given: Any, **asked: Any) -> OpenAudit | None:
        found = open_audit(*given, **asked)
        assert found is not None
        members = found.gap_members.copy()
        members.loc[members.index[members["gap_rank"] == 1][0], "place"] = HOME
        return replace(found, gap_members=members)

    monkeypatch.setattr(audit_access, "open_audit", across)
    browser = readers("of_home")
    listing = browser.get(f"/audit/town/findings?kind={CASE}").text
    (address,) = (address for address in links(listing) if f"/{CASE}:" in address)
    page = browser.get(address)
    assert "跨出本区域的盲区，其中本区域" in page.text
    assert f"/audit/town?region={HOME}" in links(page.text)  # the way back up
    assert re.search("由盲区中心所在的(桥头社区|100%_社区)登记", page.text)
    assert '<form class="form' not in page.text
    assert address in links(browser.get("/audit/town/gaps").text)
    assert {browser.get(each).status_code for each in links(page.text)} == {200}


def test_words_find_grids_by_their_community(readers: Callable[[str], FlaskClient]) -> None:
    page = readers("auditor").get("/audit/town", query_string={"level": "grid", "q": "桥头"}).text
    codes = re.findall(r'data-code="(\d+)"', page)
    assert codes
    assert {code[:12] for code in codes} == {OTHER}
    assert json.loads(re.search(r'"filtered": (\[[^\]]*\])', page)[1]) == codes  # type: ignore[index] # it is there


def test_where_nothing_was_walked_nothing_is_said_of_walks(
    readers: Callable[[str], FlaskClient], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(OpenAudit, "limits", None)
    browser = readers("auditor")
    gaps = browser.get("/audit/town/gaps").text
    assert "盲区无从得知" in gaps
    assert "没有盲区。" not in gaps
    for only in ("uncovered", "beyond", "elderly", "children"):
        assert browser.get(f"/audit/town/buildings?only={only}").status_code == 404
    assert browser.get("/audit/town/buildings").status_code == 200
    assert "这里按标准口径测算" in browser.get("/audit/town/what-if").text
