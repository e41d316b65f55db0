"""The nearest facilities of a place: what is answered, what is refused, and that nobody's position is kept."""

import logging
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from types import SimpleNamespace

import pytest
from flask.testing import FlaskClient
from geopandas import GeoDataFrame
from pyproj import Transformer
from sqlalchemy import Connection

from gis_service.db.cities import City
from gis_service.errors import NoNetworkError, Text
from gis_service.web import api_nearest
from gis_service.web.kept_cities import KeptCities
from gis_service.workflows import nearest_places
from tests.web.mini_city import LAT, LON

ADDRESS = "/api/v1/nearest"
HERE = {"city": "town", "lon": LON + 0.001, "lat": LAT + 0.001}


def ask(client: FlaskClient, **changes: object) -> dict:
    response = client.post(ADDRESS, json=HERE | changes)
    assert response.status_code == 200, response.json
    return response.json


def test_the_nearest_public_facility_is_told_with_its_walk_and_path(client: FlaskClient) -> None:
    answer = ask(client)
    assert answer["status"] == "ok"
    (first, *_) = answer["results"]
    assert first["kind"] == "red_station"
    assert first["walk_m"] > 0
    assert first["walk_s"] == first["walk_m"]
    assert first["open"] is None
    assert first["path"][0] == pytest.approx([HERE["lon"], HERE["lat"]], abs=2e-6)
    assert all(len(pair) == 2 for pair in first["path"])


def test_private_homes_are_in_no_answer(client: FlaskClient) -> None:
    for result in ask(client, k=5, kinds=["red_station", "service_centre", "shared", "elder_canteen"])["results"]:
        assert "中心户" not in result["name"]
    ids = {result["facility_id"] for result in ask(client, k=5)["results"]}
    assert ask(client, k=1)["results"][0]["facility_id"] in ids


def test_an_elderly_pace_takes_longer(client: FlaskClient) -> None:
    (slow, *_), (quick, *_) = ask(client, pace="elderly")["results"], ask(client)["results"]
    assert slow["walk_s"] == pytest.approx(quick["walk_m"] / 0.8, abs=0.1)


def test_only_what_is_open_then_is_told(client: FlaskClient) -> None:
    assert ask(client, at="2026-11-23T09:30")["results"][0]["open"] is True
    closed = ask(client, at="2026-11-22T09:30")
    assert (closed["status"], closed["message"]) == ("none_open", "这个时间没有开放的设施")
    assert closed["results"] == []
    nothing = ask(client, kinds=["service_centre"])
    assert (nothing["status"], nothing["message"]) == ("no_facility", "这座城市没有这类设施")


def test_kinds_may_be_asked_for_by_their_names(client: FlaskClient) -> None:
    assert (
        ask(client, kinds=["近邻红色驿站"]) == ask(client, kinds=["Red station"]) == ask(client, kinds=["red_station"])
    )


def test_only_what_offers_the_functions_asked_for_is_told(client: FlaskClient) -> None:
    first = ask(client, functions=["饮水"])["results"][0]
    assert (first["functions"], first["phone"]) == (["饮水", "充电"], None)
    assert ask(client, functions=["饮水", "游泳"])["status"] == "no_facility"


def test_on_a_public_holiday_nobody_says_open(client: FlaskClient) -> None:
    told = ask(client, at="2026-10-01T09:30")
    assert (told["status"], told["reason"]) == ("hours_unknown", None)
    assert told["message"] == "开放时间不明，请先打电话核实"
    assert told["results"][0]["walk_m"] > 0
    assert {result["open"] for result in told["results"]} == {None}
    assert ask(client, at="2026-10-01T09:30", unknown_open=True)["results"][0]["open"] is None


def test_a_gcj02_position_is_the_same_place(client: FlaskClient) -> None:
    (plain, *_) = ask(client)["results"]
    shifted = ask(client, datum="gcj02", lon=HERE["lon"] + 0.0047, lat=HERE["lat"] - 0.0028)["results"]
    assert shifted[0]["facility_id"] == plain["facility_id"]
    assert shifted[0]["path"][-1] != plain["path"][-1]


def test_far_away_there_is_no_street(client: FlaskClient) -> None:
    answer = ask(client, lon=-60.0, lat=-40.0)
    assert (answer["status"], answer["reason"], answer["results"]) == ("unreachable", "outside_city", [])
    assert "填反" in answer["message"]
    swapped = client.post(ADDRESS, json=HERE | {"lon": LAT, "lat": LON})
    assert (swapped.status_code, "填反" in swapped.json["message"]) == (400, True)


def test_off_the_streets_unknown_hours_and_straight_lines_are_both_told(client: FlaskClient) -> None:
    told = ask(client, at="2026-10-01T09:30", lat=LAT + 0.05)
    assert (told["status"], told["reason"]) == ("hours_unknown", "off_network")
    assert all(word in told["message"] for word in ("请先打电话核实", "直线距离"))
    assert told["results"][0]["walk_m"] is None


def test_off_the_streets_only_straight_lines_are_told_and_called_so(client: FlaskClient) -> None:
    answer = ask(client, lat=LAT + 0.05)
    assert (answer["status"], answer["reason"]) == ("unreachable", "off_network")
    assert "没有步行道路" in answer["message"]
    assert "直线距离" in answer["message"]
    (first, *_) = answer["results"]
    assert first["straight_m"] > 500
    assert [first[name] for name in ("walk_m", "walk_s", "path")] == [None, None, None]


def test_a_city_without_streets_tells_straight_lines_and_calls_them_so(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def none(_conn: object, _city: object) -> None:
        raise NoNetworkError(Text("没有路网", "no network"))

    walked = {result["facility_id"]: result["straight_m"] for result in ask(client, k=5)["results"]}
    monkeypatch.setattr(nearest_places.network, "load_network", none)
    monkeypatch.setitem(client.application.extensions, "gis_service.nearest", KeptCities(api_nearest._load))
    answer = ask(client, k=5, pace="elderly")
    assert (answer["status"], answer["reason"]) == ("no_network", None)
    assert "直线距离" in answer["message"]
    assert {result["walk_m"] for result in answer["results"]} == {None}
    straight = [result["straight_m"] for result in answer["results"]]
    assert straight == sorted(straight)
    assert {result["facility_id"]: result["straight_m"] for result in answer["results"]}.items() >= walked.items()


def test_where_stairs_and_waits_count_minutes_follow_and_metres_stay(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    (plain, *_) = ask(client, k=1)["results"]
    load = nearest_places.network.load_network

    def with_crossings(conn: Connection, city: City) -> tuple[GeoDataFrame, GeoDataFrame]:
        nodes, edges = load(conn, city)
        return nodes, edges.assign(crossings=1.0)

    monkeypatch.setattr(nearest_places.network, "load_network", with_crossings)
    monkeypatch.setattr(api_nearest, "load_rules", lambda *_: nearest_places.ReachRules(crossing_s=20.0))
    for pace in (1.0, 0.5):
        (waiting, *_) = ask(client, k=1, pace=pace)["results"]
        assert waiting["walk_m"] == pytest.approx(plain["walk_m"], abs=0.2)
        assert waiting["walk_s"] > plain["walk_m"] / pace + 5


def test_any_pace_may_be_given(client: FlaskClient) -> None:
    (first, *_) = ask(client, pace=1.25)["results"]
    assert first["walk_s"] == pytest.approx(first["walk_m"] / 1.25, abs=0.1)


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"lon": "120"}, "lon"),
        ({"lon": 181}, "lon"),
        ({"lat": True}, "lat"),
        ({"lat": None}, "lat"),
        ({"k": 0}, "k"),
        ({"k": 6}, "k"),
        ({"k": 1.0}, "k"),
        ({"kinds": "red_station"}, "kinds"),
        ({"kinds": []}, "kinds"),
        ({"kinds": ["castle"]}, "kinds"),
        ({"kinds": ["red_station", "\ud800"]}, "kinds"),
        ({"lon": 10**400}, "lon"),
        ({"lat": -(10**400)}, "lat"),
        ({"city": "\ud800"}, "city"),
        ({"pace": "jog"}, "pace"),
        ({"pace": 0.05}, "pace"),
        ({"pace": 4}, "pace"),
        ({"pace": True}, "pace"),
        ({"at": "2026-11-22"}, "at"),
        ({"at": "tomorrow"}, "at"),
        ({"at": "2026-11-22T09:30+08:00"}, "at"),
        ({"datum": "bd09"}, "datum"),
        ({"unknown_open": 1}, "unknown_open"),
        ({"functions": "饮水"}, "functions"),
        ({"functions": [1]}, "functions"),
        ({"city": 3}, "city"),
        ({"where": 3}, "city"),
    ],
)
def test_what_cannot_be_understood_is_refused_by_name(client: FlaskClient, change: dict, named: str) -> None:
    response = client.post(ADDRESS, json=HERE | change)
    assert response.status_code == 400
    assert named in response.json["message"]
    assert str(HERE["lat"]) not in response.get_data(as_text=True)


def test_no_object_no_answer(client: FlaskClient) -> None:
    for body in ("", "[]", "{", '"x"', '{"city": "town", "lon": NaN, "lat": 1}', "[" * 100_000):
        assert client.post(ADDRESS, data=body, content_type="application/json").status_code == 400
    assert client.post(ADDRESS, data={"city": "town"}).status_code == 400
    assert client.get(ADDRESS, query_string=HERE).status_code == 405
    assert client.post(ADDRESS, json=HERE | {"city": "nowhere"}).status_code == 404


def test_nothing_of_a_position_reaches_a_log_or_a_cache(client: FlaskClient, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    for change in ({}, {"lon": 500.25}, {"city": "nowhere"}, {"datum": "gcj02"}):
        response = client.post(ADDRESS, json=HERE | change)
        assert response.headers["Cache-Control"] == "private, no-store"
    told = caplog.text
    for number in (HERE["lon"], HERE["lat"], 500.25):
        assert str(number)[:8] not in told


def test_an_index_is_made_once_for_each_state_of_a_city(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    made = []
    load = api_nearest.load_nearest_places
    monkeypatch.setattr(
        api_nearest, "load_nearest_places", lambda conn, city, rules: made.append(city.name) or load(conn, city, rules)
    )
    ask(client)
    ask(client, k=2)
    ask(client, city="mini")
    assert made == ["town", "mini"]


def test_a_city_that_is_being_loaded_keeps_no_other_waiting() -> None:
    started, go_on = Event(), Event()

    def load(_conn: object, city: SimpleNamespace, _rules: object) -> str:
        if city.name == "slow":
            started.set()
            assert go_on.wait(30)
        return city.name

    indexes = KeptCities(load)
    slow, quick = (SimpleNamespace(name=name, id=1, content_hash="", imported_at=None) for name in ("slow", "quick"))
    with ThreadPoolExecutor(2) as pool:
        waiting = pool.submit(indexes.of, None, slow, None)
        try:
            assert started.wait(30)
            assert pool.submit(indexes.of, None, quick, None).result(30) == "quick"
        finally:
            go_on.set()
        assert waiting.result(30) == "slow"


@pytest.mark.parametrize("metric_crs", ["EPSG:4549", "EPSG:3414"])
def test_positions_come_out_the_same_to_the_last_bit_in_every_thread(metric_crs: str) -> None:
    def there_and_back() -> tuple[float, ...]:
        there = nearest_places._transformer("EPSG:4326", metric_crs).transform(119.987, 27.123)
        return (*there, *nearest_places._transformer(metric_crs, "EPSG:4326").transform(*there))

    x, y = Transformer.from_crs("EPSG:4326", metric_crs, always_xy=True).transform(119.987, 27.123)
    back = Transformer.from_crs(metric_crs, "EPSG:4326", always_xy=True).transform(x, y)
    with ThreadPoolExecutor(2) as pool:
        told = {pool.submit(there_and_back).result() for _ in range(4)} | {there_and_back()}
    assert told == {(x, y, *back)}


def test_a_thread_that_is_new_looks_no_steps_up(client: FlaskClient) -> None:
    ask(client)
    for one, other in (("EPSG:4326", "EPSG:4549"), ("EPSG:4549", "EPSG:4326")):
        assert "proj=tmerc" in nearest_places._transformer(one, other).definition
        assert nearest_places._transformer(one, other).source_crs is None  # made of steps, not of names


def test_a_second_question_makes_no_transformer(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    ask(client)
    monkeypatch.setattr(nearest_places.Transformer, "from_crs", lambda *_, **__: pytest.fail("made again"))
    ask(client)
