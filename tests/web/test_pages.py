import dataclasses
import json
import re
from contextlib import nullcontext

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Connection, text

from gis_service.app import create_app
from gis_service.config import Settings
from gis_service.db.cities import load_city
from gis_service.db.layers import PaceCoverage, load_edition, load_summary
from gis_service.web.audience import STAFF_LAYERS, STAFF_TILES
from gis_service.web.summary import figures_sentence
from tests.web.mini_city import HOSTILE

PAGES = (
    "/",
    "/cities",
    "/find/mini",
    "/find/hostile",
    "/map/mini",
    "/map/town",
    "/map/hostile",
    "/map/nowhere",
    "/nowhere",
)


@pytest.mark.parametrize("address", PAGES)
def test_every_page_has_a_language_a_title_and_may_be_enlarged(client: FlaskClient, address: str) -> None:
    page = client.get(address).text
    assert '<html lang="zh-CN">' in page
    assert re.search(r"<title>[^<]+</title>", page)
    viewport = re.findall(r'<meta name="viewport" content="([^"]*)"', page)
    assert viewport == ["width=device-width, initial-scale=1, viewport-fit=cover"]


@pytest.mark.parametrize("address", [*PAGES, "/healthz", "/api/v1/cities/mini/search?q=a"])
def test_every_answer_carries_the_security_headers(client: FlaskClient, address: str) -> None:
    headers = client.get(address).headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "frame-ancestors 'self'" in policy
    assert "unsafe" not in policy
    assert "https:" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert "camera=()" in headers["Permissions-Policy"]


@pytest.mark.parametrize("address", ["/static/js/main.js", "/static/map.css"])
def test_parts_of_pages_carry_only_what_browsers_read_of_them(client: FlaskClient, address: str) -> None:
    headers = client.get(address, buffered=True).headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert "Content-Security-Policy" not in headers
    assert "Permissions-Policy" not in headers


@pytest.mark.parametrize("address", ["/sw.js", "/static/signs.svg", "/static/nowhere.js"])
def test_workers_pictures_and_refusals_carry_the_policy_of_a_page(client: FlaskClient, address: str) -> None:
    assert "default-src 'self'" in client.get(address, buffered=True).headers["Content-Security-Policy"]


@pytest.mark.parametrize("address", PAGES)
def test_scripts_in_pages_carry_the_nonce_and_nothing_is_inline_without(client: FlaskClient, address: str) -> None:
    response = client.get(address)
    found = re.search(r"script-src 'self' 'nonce-([^']+)'", response.headers["Content-Security-Policy"])
    assert found
    tags = re.findall(r"<script[^>]*>", response.text)
    assert all(f'nonce="{found[1]}"' in tag for tag in tags)
    assert "<style" not in response.text
    assert not re.search(r"<[a-z][^>]*\s(?:style|on[a-z]+)=", re.sub(r"&#34;", '"', response.text.replace("&lt;", "")))


def test_a_nonce_is_used_once(client: FlaskClient) -> None:
    first, second = (client.get("/map/mini").headers["Content-Security-Policy"] for _ in range(2))
    assert first != second


def test_the_map_page_is_the_same_every_time_but_for_its_nonce(client: FlaskClient) -> None:
    def without_nonce() -> str:
        return re.sub(r'nonce="[^"]+"', "", client.get("/map/mini").text)

    assert without_nonce() == without_nonce()


@pytest.mark.parametrize("address", PAGES)
def test_no_page_names_another_host(client: FlaskClient, address: str) -> None:
    hosts = set(re.findall(r"(?:https?:)?//([\w.-]+\.[a-z]{2,})", client.get(address).text))
    assert hosts == set()


def test_tianditu_is_allowed_only_where_it_is_configured(cities_settings: Settings) -> None:
    settings = dataclasses.replace(cities_settings, basemap="tianditu", tianditu_key="K'1</script>")
    response = create_app(settings).test_client().get("/map/mini")
    assert "img-src 'self' data: https://*.tianditu.gov.cn" in response.headers["Content-Security-Policy"]
    assert "tianditu.gov.cn" in response.text
    assert "K'1</script>" not in response.text
    assert "tiles/base" not in response.text


def test_without_a_base_map_there_are_no_base_tiles(cities_settings: Settings) -> None:
    page = create_app(dataclasses.replace(cities_settings, basemap="none")).test_client().get("/map/mini").text
    assert "tiles/base" not in page
    assert "layers/grids" in page


def test_switches_are_offered_only_for_layers_that_hold_something(client: FlaskClient) -> None:
    offered = set(re.findall(r'data-layer="(\w+)"', client.get("/map/mini").text))
    everything = {*STAFF_LAYERS, *STAFF_TILES}
    assert offered == everything - {"counties"}  # the small city has no county


def test_assets_travel_compressed_and_are_not_sent_twice(client: FlaskClient) -> None:
    address = "/static/vendor/leaflet/leaflet.js"
    packed = client.get(address, headers={"Accept-Encoding": "br"}, buffered=True)
    assert packed.headers["Content-Encoding"] == "br"
    assert len(packed.data) < 60_000
    known = {"Accept-Encoding": "br", "If-None-Match": packed.headers["ETag"]}
    assert client.get(address, headers=known, buffered=True).status_code == 304


def test_the_list_of_cities_has_all_and_says_which_are_synthetic(client: FlaskClient) -> None:
    page = client.get("/cities").text
    assert page.count("数据日期 2026-06-30") == 3
    assert page.count('class="badge">合成数据') == 2
    assert 'href="/map/town"' in page


def test_the_line_above_the_map_says_what_was_found(client: FlaskClient) -> None:
    grids = "12 个网格：正常 6、过小 2、过大 2、两项相悖 1、专属 1。"
    reach = "51.9% 的家庭步行 15 分钟内可到近邻红色驿站或党群服务中心（1.0 米/秒）。 盲区 2 处，共 1,500 户。"
    assert f"{grids} {reach}" in client.get("/map/mini").text.replace("\N{NO-BREAK SPACE}", " ")
    assert (
        "4 个社区。 51.9% 的家庭步行 15 分钟内可到近邻红色驿站或党群服务中心（1.0 米/秒）。<"
        in client.get("/map/town").text
    )


def test_staff_read_coverage_on_foot_beside_what_circles_claim_and_what_is_to_be_known_of_the_network(
    client: FlaskClient,
) -> None:
    table = client.get("/map/mini").text.split('class="coverage"')[1].split("</section>")[0]
    for said in (
        "26.0%<small>1,090 户",
        "80.0%<small>3,360 户",
        ">+28.1<",
        "15 分钟步行可达：常住人口 51.9%，老年人 51.9%。",
        "步行路网共 12 公里，其中 97.5% 连成一片，另有 2 片与它不相通",
        "40 户只能在不相通的路网片上步行",
        "420 户（10.0%）到路网数据边缘比到最近的设施还近",
    ):
        assert said in table
    assert "儿童" not in table  # nobody knows how many there are


def test_the_legend_explains_the_bands_in_words(client: FlaskClient) -> None:
    page = client.get("/map/town").text
    assert re.findall(r'class="band-(\d)".*?<span>(.*?)</span>', page, re.DOTALL) == [
        ("1", "10 分钟内"),
        ("0", "15 分钟内"),
    ]


def test_a_city_without_communities_opens_on_its_counties_and_says_why_there_are_no_grids(
    app: Flask, changed: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gis_service.web.map_page.reading", lambda _: nullcontext(changed))
    city = load_city(changed, "mini")
    changed.execute(text("DELETE FROM plan USING region WHERE region.id = region_id AND city_id = :c"), {"c": city.id})
    changed.execute(text("UPDATE region SET level = 'county' WHERE city_id = :c AND level = 'street'"), {"c": city.id})
    changed.execute(text("DELETE FROM region WHERE city_id = :c AND level = 'community'"), {"c": city.id})
    page = app.test_client().get("/map/mini").text
    assert re.findall(r'data-layer="counties" (\w*)', page) == ["checked"]
    assert "这份数据没有社区的边界图形，无法划分网格。" in page
    assert "没有符合条件的网格" not in page
    assert 'class="filters"' not in page


def test_parameters_and_the_map_approval_number_are_printed_on_the_map(cities_settings: Settings) -> None:
    settings = dataclasses.replace(cities_settings, map_approval="闽S〔2026〕1号", operator="桐山街道")
    page = create_app(settings).test_client().get("/map/mini").text
    attribution = page.split('class="attribution"')[1].split("</p>")[0]
    for words in ("合成数据", "数据日期 2026-06-30 · 15分钟 · 1.0 米/秒 · 900米", "审图号：闽S〔2026〕1号", "桐山街道"):
        assert words in attribution


def test_english_is_one_click_away_and_is_remembered(client: FlaskClient) -> None:
    page = client.get("/map/mini?lang=en")
    english = (
        "51.9% of households can walk to a red station or service centre within 15 minutes (1.0 m/s). "
        "2 gaps with 1,500 households."
    )
    assert '<html lang="en">' in page.text
    assert english in page.text
    assert "too small" in page.text
    assert "no households" in page.text
    assert "lang=en" in page.headers["Set-Cookie"]
    assert '<html lang="en">' in client.get("/").text
    assert '<html lang="zh-CN">' in client.get("/?lang=zh").text


def test_an_unknown_language_is_ignored(client: FlaskClient) -> None:
    response = client.get("/?lang=<script>")
    assert '<html lang="zh-CN">' in response.text
    assert "Set-Cookie" not in response.headers


def test_hostile_names_are_text_in_pages_and_data_in_layers(client: FlaskClient) -> None:
    page = client.get("/map/hostile").text
    for words in (HOSTILE[0], HOSTILE[2], HOSTILE[3]):
        assert words not in page
    assert "&lt;img src=x onerror=" in page
    layer = json.loads(client.get("/api/v1/cities/hostile/layers/communities.geojson").data)
    assert {feature["properties"]["name"] for feature in layer["features"]} == set(HOSTILE)
    assert (
        client.get("/api/v1/cities/hostile/layers/communities.geojson").headers["X-Content-Type-Options"] == "nosniff"
    )


def test_the_list_of_grids_can_be_narrowed(client: FlaskClient) -> None:
    def codes(query: str) -> list[str]:
        return re.findall(r'data-code="(\d+)"', client.get(f"/map/mini?{query}").text)

    assert len(codes("")) == 12
    assert codes("status=large") == ["999901001001003", "999901001004003"]
    assert codes("community=999901001002&status=special") == ["999901001002003"]
    assert codes("page=2") == codes("page=9999999") == codes("")
    assert codes("page=-4") == codes("page=x") == codes("")
    assert "没有符合条件的网格" in client.get("/map/mini?status=none").text


@pytest.mark.parametrize("address", ["/nowhere", "/map/nowhere"])
def test_a_page_that_does_not_exist_looks_like_the_others(client: FlaskClient, address: str) -> None:
    response = client.get(address)
    assert response.status_code == 404
    assert "回到首页" in response.text
    assert response.headers["Cache-Control"] == "private, no-store"


def test_the_line_tells_the_pace_of_the_elderly_where_it_was_checked(app: Flask, changed: Connection) -> None:
    edition = load_edition(changed, load_city(changed, "mini"))
    figures = load_summary(changed, edition)
    with app.test_request_context("/map/mini"):
        slower = figures_sentence(figures, edition, PaceCoverage(0.8, 44.06), staff=True)
    assert "（1.0 米/秒）。 按老年人步速（0.8 米/秒）为 44.1%。 盲区 2 处" in slower


@pytest.mark.parametrize(
    ("language", "label"),
    [("zh", "最近的近邻红色驿站或党群服务中心"), ("en", "Nearest red station or service centre")],
)
def test_the_label_of_the_nearest_facility_names_the_kinds_of_the_run(
    client: FlaskClient, language: str, label: str
) -> None:
    page = client.get(f"/map/mini?lang={language}").text
    told = re.search(r'id="page-data"[^>]*>(.*?)</script>', page, re.DOTALL)
    assert json.loads(told[1])["texts"]["field"]["facility"] == label
