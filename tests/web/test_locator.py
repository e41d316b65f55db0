"""The public's page without JavaScript: asking, choosing, the list, and what it never shows."""

import json
import re
from datetime import datetime
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from gis_service.config import Settings
from gis_service.db.engine import begin
from tests.web.mini_city import HOSTILE, build_mini_city, ground, remove_mini_city
from tests.web.test_audience import HIDDEN, LEVEL_4

MONDAY = "2026-11-23T09:00"
HOME = dict(zip(("lon", "lat"), ground(100, 60), strict=True))
FAR = dict(zip(("lon", "lat"), ground(1190, 990), strict=True))


@pytest.fixture(autouse=True)
def clock(app: Flask) -> None:
    """Let every test run on a Monday morning."""
    set_clock(app, MONDAY)


def set_clock(app: Flask, moment: str) -> None:
    app.extensions["gis_service.clock"] = lambda: datetime.fromisoformat(moment)


def ask(client: FlaskClient, city: str = "town", **form: object) -> str:
    response = client.post(f"/find/{city}", data=form)
    assert response.status_code == 200
    return response.text


def text_of(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<script.*?</script>|<[^>]+>", " ", page, flags=re.DOTALL))


def drawing_of(page: str) -> Any:
    (data,) = re.findall(r'id="answer-data"[^>]*>(.*?)</script>', page)
    return json.loads(data)


def test_the_first_page_is_the_publics_where_the_city_is_clear(client: FlaskClient) -> None:
    page = client.get("/").text
    assert "<h1>找最近的红色驿站</h1>" in page
    assert 'action="/find/town"' in page
    client.get("/find/mini")
    assert 'action="/find/mini"' in client.get("/").text
    assert "城市地图" in client.get("/cities").text


def test_where_no_city_is_clear_the_first_page_lists_them(app: Flask, cities_settings: Settings) -> None:
    with begin(cities_settings) as conn:
        build_mini_city(conn, "second", synthetic=False, code_prefix="9999010090")
    try:
        page = app.test_client().get("/").text
        assert 'href="/map/second"' in page
        assert "<h1>找最近的红色驿站</h1>" not in page
    finally:
        with begin(cities_settings) as conn:
            remove_mini_city(conn, "second")


def test_who_looks_for_another_city_comes_to_the_stations_of_it(client: FlaskClient) -> None:
    assert '<a href="/cities">换一个城市</a>' in client.get("/find/town").text
    cities = client.get("/cities").text
    for city in ("town", "mini"):
        assert f'href="/find/{city}">找最近的红色驿站' in cities


def test_a_name_that_means_one_place_leads_to_the_list(client: FlaskClient) -> None:
    page = ask(client, q="金滩嘉苑")
    told = text_of(page)
    for words in (
        "从金滩嘉苑出发",
        "镇边红色驿站",
        "近邻红色驿站",
        "分钟",
        "慢慢走约",
        "兴福路一巷41号",
        "饮水",
        "充电",
    ):
        assert words in told
    assert "开放中，17:30 关门" in told
    assert "桐山街道 · 镇边社区" in told
    assert '<input type="hidden" name="place" value="estate-E1">' in page


def test_a_name_that_may_mean_several_is_asked_back(client: FlaskClient) -> None:
    page = ask(client, q="镇边")
    assert "您是指哪一个" in page
    assert re.findall(r'name="choose" value="([^"]+)"', page) == ["community-999901002001", "station-F1"]
    chosen = ask(client, q="镇边", choose="community-999901002001")
    assert "从镇边社区出发" in chosen
    assert "没有找到“zzzz”" in ask(client, q="zzzz").replace("&#34;", '"')
    assert "请先写上" in ask(client)


def test_a_new_name_goes_before_the_place_asked_about_last(client: FlaskClient) -> None:
    assert "从桥头社区出发" in ask(client, q="桥头社区", place="estate-E1")
    assert "从金滩嘉苑出发" in ask(client, q="金滩嘉苑", place="estate-E1", pace="elderly")
    assert "从金滩嘉苑出发" in ask(client, q="", place="estate-E1")


def test_a_position_in_the_body_leads_to_the_same_list(client: FlaskClient) -> None:
    page = ask(client, **HOME, accuracy="24.6", **{"from": "position"})
    told = text_of(page)
    assert "从您的位置出发 （误差约 25 米）" in told
    assert "镇边红色驿站" in told
    assert "data-share" not in page
    assert "大概位置" not in told
    assert "手机只知道您的大概位置" in ask(client, **HOME, accuracy="900")
    assert "从地图上选的位置出发" in ask(client, **HOME, **{"from": "map"})
    drawing = drawing_of(page)
    assert drawing["origin"] == [HOME["lon"], HOME["lat"]]
    assert drawing["stations"][0]["path"][0] == pytest.approx([HOME["lon"], HOME["lat"]], abs=2e-6)


def test_minutes_are_rounded_up_and_follow_the_pace(client: FlaskClient) -> None:
    walk_m = client.post("/api/v1/nearest", json={"city": "town"} | HOME).json["results"][0]["walk_m"]
    standard, slow = (-int(-walk_m // (60 * speed)) for speed in (1.0, 0.8))
    assert f"<strong>{standard}</strong>" in ask(client, **HOME)
    assert f"慢慢走约 {slow} 分钟" in text_of(ask(client, **HOME))
    elderly = ask(client, **HOME, pace="elderly")
    assert f"<strong>{slow}</strong>" in elderly
    assert f"正常走约 {standard} 分钟" in text_of(elderly)


def test_nothing_within_a_quarter_of_an_hour_is_said_and_the_next_one_told(client: FlaskClient) -> None:
    told = text_of(ask(client, **FAR))
    assert "步行 15 分钟内没有要找的服务点" in told
    assert "镇边红色驿站" in told
    assert "15 分钟内没有" not in text_of(ask(client, **HOME))


def test_far_from_the_city_the_cure_is_one_that_people_can_follow(client: FlaskClient) -> None:
    page = ask(client, lon="116.4", lat="39.9")
    assert "这个位置离这座城市很远。请看看城市对不对" in text_of(page)
    assert "经度" not in text_of(page)
    assert 'id="show-map"' not in page
    assert drawing_of(page) is None
    near = ask(client, **HOME)
    assert 'id="show-map"' in near
    assert drawing_of(near)["stations"]


def test_the_list_can_be_narrowed_by_kind_function_and_opening(client: FlaskClient, app: Flask) -> None:
    assert "老年食堂" in text_of(ask(client, **HOME, kind="elder_canteen"))
    assert "这座城市没有这类设施" in text_of(ask(client, **HOME, function="停车"))
    set_clock(app, "2026-11-22T09:00")
    sunday = text_of(ask(client, **HOME))
    assert "现在不开放，明天 8:30 开门" in sunday
    assert "这个时间没有开放的设施" in text_of(ask(client, **HOME, open="1"))
    set_clock(app, "2026-10-01T09:00")
    assert "国庆节假期，不一定开放" in text_of(ask(client, **HOME))


def test_links_hand_over_to_map_services_and_send_no_referrer(client: FlaskClient) -> None:
    links = re.findall(r'<a href="(https://[^"]+)" rel="([^"]+)"', ask(client, **HOME))
    assert len(links) == 4
    for url, rel in links:
        assert "noreferrer" in rel
        assert f"{HOME['lon']:.4f}" not in url
    assert client.get("/find/town").headers["Referrer-Policy"] == "same-origin"


@pytest.mark.parametrize(
    "form",
    [
        {"lon": "x", "lat": "1"}, {"lon": "1"}, {"lon": "181", "lat": "0"}, {"lon": "nan", "lat": "0"}, {"pace": "run"},
        {"lon": "1", "lat": "1", "accuracy": "inf"}, {"lon": "1", "lat": "1", "accuracy": "-5"}, {"kind": ["a"] * 60},
    ],
)  # fmt: skip
def test_what_no_page_of_ours_sends_is_refused(client: FlaskClient, form: dict) -> None:
    assert client.post("/find/town", data=form).status_code == 400


def test_pages_may_ask_where_somebody_is_and_no_others_may(client: FlaskClient) -> None:
    for address in ("/", "/find/town", "/find/town/at/estate-E1"):
        assert "geolocation=(self)" in client.get(address).headers["Permissions-Policy"]
    for address in ("/cities", "/map/town", "/api/v1/cities/town/places?q=x"):
        assert "geolocation=()" in client.get(address).headers["Permissions-Policy"]
    assert "geolocation=(self)" in client.post("/find/town", data=HOME).headers["Permissions-Policy"]


def test_a_place_has_an_address_that_may_be_shared(client: FlaskClient) -> None:
    page = client.get("/find/town/at/estate-E1")
    assert "从金滩嘉苑出发" in page.text
    assert 'data-share="http://localhost/find/town/at/estate-E1"' in page.text
    assert client.get("/find/town/at/nothing").status_code == 404
    assert client.get("/find/town/at/road-999901002001-福宁2路").status_code == 200


def test_answers_are_not_kept_and_pages_without_a_position_are(client: FlaskClient) -> None:
    for address in ("/", "/find/town", "/find/town/at/estate-E1", "/station/town/F1"):
        assert client.get(address).headers["Cache-Control"] == "private, no-cache"
    assert client.post("/find/town", data=HOME).headers["Cache-Control"] == "private, no-store"


def test_a_station_has_a_page_of_its_own(client: FlaskClient) -> None:
    told = text_of(client.get("/station/town/F1").text)
    for words in (
        "镇边红色驿站",
        "近邻红色驿站",
        "Mo-Fr 08:30-17:30",
        "兴福路一巷41号",
        "镇边社区",
        "没有登记",
        "高德地图",
    ):
        assert words in told
    assert "海报" not in told
    assert client.get("/station/town/F3").status_code == client.get("/station/town/F4").status_code == 404


@pytest.mark.parametrize("city", ["town", "mini"])
def test_private_homes_and_hidden_places_are_in_no_answer(client: FlaskClient, city: str) -> None:
    kinds = ["red_station", "service_centre", "shared", "warehouse", "elder_canteen"]
    for form in (HOME, FAR, HOME | {"kind": kinds}, {"q": LEVEL_4}, {"q": HIDDEN}):
        page = client.post(f"/find/{city}", data=form).text
        answer = page.split('id="answer"')[1]
        assert LEVEL_4 not in answer.replace(f"“{LEVEL_4}”", "")
        assert HIDDEN not in answer.replace(f"“{HIDDEN}”", "")


def test_no_page_of_the_public_counts_households_or_names_grids(client: FlaskClient) -> None:
    pages = [client.get("/find/mini").text, ask(client, "mini", **HOME), client.get("/station/mini/F1").text]
    for page in pages:
        told = text_of(page)
        assert not re.search(r"\d 户|网格(?!与)|盲区|人口", told)


def test_posters_are_for_staff_and_carry_the_address_as_a_code(client: FlaskClient) -> None:
    station = client.get("/poster/mini/station/F1")
    assert "镇边红色驿站" in station.text
    assert "<svg" in station.text
    assert "http://localhost/station/mini/F1" in station.text
    place = client.get("/poster/mini/place/estate-E1").text
    assert "离您最近的红色驿站" in place
    assert "http://localhost/find/mini/at/estate-E1" in place
    for address in ("/poster/mini/station/F3", "/poster/mini/place/none", "/poster/town/station/F1"):
        assert client.get(address).status_code == 404


def test_large_print_is_remembered(client: FlaskClient) -> None:
    assert 'class="size-large"' in client.get("/find/town?size=large").text
    assert 'class="size-large"' in client.get("/station/town/F1").text
    assert 'class="size-larger"' in client.get("/find/town?size=larger").text
    assert 'class="size-' not in client.get("/find/town?size=normal").text
    assert 'class="size-' not in client.get("/find/town?size=<b>").text


def test_size_and_language_keep_the_list(client: FlaskClient) -> None:
    page = ask(client, **HOME)
    assert 'form="ask" formaction="?lang=en"' in page
    english = client.post("/find/town?lang=en", data=HOME).text
    for words in ("From your location", "open, closes at 17:30", "drinking water", "min"):
        assert words in text_of(english)


def test_hostile_names_are_text(client: FlaskClient) -> None:
    page = client.post("/find/hostile", data=HOME).text
    assert HOSTILE[0] not in page
    assert "<img" not in page
    assert HOSTILE[2] not in page


def test_the_worker_for_times_without_a_network_is_served_at_the_root(client: FlaskClient) -> None:
    worker = client.get("/sw.js", buffered=True)
    assert worker.mimetype == "text/javascript"
    assert worker.headers["Cache-Control"] == "private, no-cache"
    assert 'request.method !== "GET"' in worker.text
