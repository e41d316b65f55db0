"""Places by name, by sound, by initials and mistyped; figures, private homes and hidden places never."""

import dataclasses

import geopandas as gpd
import pytest
from shapely import LineString, MultiPolygon, Point, box

from gis_service.workflows.gazetteer import (
    BY_BEGINNING,
    BY_INITIALS,
    BY_LIKENESS,
    BY_NAME,
    BY_PART,
    BY_SOUND,
    BY_WITHIN,
    Gazetteer,
    Place,
    find,
)
from gis_service.workflows.named_places import build_gazetteer

CRS = "EPSG:4549"
EAST, NORTH = 520_000.0, 3_023_000.0


def ground(*boxes: tuple[float, float, float, float] | None) -> list[MultiPolygon | None]:
    return [
        None if each is None else MultiPolygon([box(EAST + each[0], NORTH + each[1], EAST + each[2], NORTH + each[3])])
        for each in boxes
    ]


def frame(geometry: list, **columns: list) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(columns, geometry=geometry, crs=CRS)


@pytest.fixture(scope="module")
def gazetteer() -> Gazetteer:
    regions = frame(
        ground((0, 0, 1000, 1000), (1000, 0, 2000, 1000), None, (0, 0, 2000, 1000)),
        code=["C1", "C2", "C3", "S1"],
        name=["镇边社区", "长乐社区", "无图社区", "桐山街道"],
        level=["community", "community", "community", "street"],
        parent_code=["S1", "S1", "S1", None],
    )
    estates = frame(
        ground((100, 100, 300, 300), None, None),
        id=["E1", "E2", "E3"],
        name=["金滩嘉苑", "重庆花园(二期)", "没有楼的小区"],
    )
    buildings = frame(
        [Point(EAST + 1100, NORTH + 200), Point(EAST + 1300, NORTH + 400), Point(EAST + 5, NORTH + 5)],
        id=["B1", "B2", "B3"],
        estate_id=["E2", "E2", None],
        households=[30, 4, 7],
    )
    facilities = frame(
        [Point(EAST + 500, NORTH + 500)],
        id=["F1"], name=["镇边红色驿站"], kind=["red_station"], address=["兴福路一巷41号"],
    )  # fmt: skip
    roads = frame(
        [
            LineString([(EAST + 100, NORTH + 600), (EAST + 900, NORTH + 600)]),
            LineString([(EAST + 1100, NORTH + 600), (EAST + 1500, NORTH + 600)]),
            LineString([(EAST + 1500, NORTH + 600), (EAST + 1900, NORTH + 600)]),
            LineString([(EAST, NORTH), (EAST, NORTH + 9)]),
        ],
        name=["福宁2路", "福宁2路", "福宁2路", None],
    )
    return build_gazetteer(regions, estates, buildings, facilities, roads)


def names(gazetteer: Gazetteer, words: str) -> list[str]:
    return [place.name for place, _ in find(gazetteer, words)]


def test_every_place_has_a_name_a_kind_a_community_and_a_position(gazetteer: Gazetteer) -> None:
    told = {
        place.key: (place.name, place.kind, place.community, place.x - EAST, place.y - NORTH)
        for place in gazetteer.places
    }
    assert told == {
        "community-C1": ("镇边社区", "community", None, 500, 500),
        "community-C2": ("长乐社区", "community", None, 1500, 500),
        "estate-E1": ("金滩嘉苑", "estate", "镇边社区", 200, 200),
        "estate-E2": ("重庆花园(二期)", "estate", "长乐社区", 1200, 300),
        "road-C1-福宁2路": ("福宁2路", "road", "镇边社区", 500, 600),
        "road-C2-福宁2路": ("福宁2路", "road", "长乐社区", 1300, 600),
        "station-F1": ("镇边红色驿站", "red_station", "镇边社区", 500, 500),
    }
    place = gazetteer.by_key["estate-E1"]
    assert (place.lon, place.lat) == (pytest.approx(120.2, abs=0.1), pytest.approx(27.3, abs=0.1))


def test_a_place_holds_no_figure() -> None:
    assert {field.name for field in dataclasses.fields(Place)} == {
        "key", "name", "kind", "community", "address", "x", "y", "lon", "lat",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("words", "first", "way"),
    [
        ("金滩嘉苑", "金滩嘉苑", BY_NAME),
        ("金滩", "金滩嘉苑", BY_BEGINNING),
        ("嘉苑", "金滩嘉苑", BY_PART),
        ("兴福路一巷41号", "镇边红色驿站", BY_NAME),
        ("jintanjiayuan", "金滩嘉苑", BY_SOUND),
        ("Jin Tan Jia Yuan", "金滩嘉苑", BY_SOUND),
        ("jtjy", "金滩嘉苑", BY_INITIALS),
        ("JT", "金滩嘉苑", BY_INITIALS),
        ("今滩佳园", "金滩嘉苑", BY_SOUND),
        ("chongqing", "重庆花园(二期)", None),
        ("重庆花园（二期）", "重庆花园(二期)", BY_NAME),
        ("changle", "长乐社区", None),
        ("金滩花苑", "金滩嘉苑", BY_LIKENESS),
        ("jintanjaiyuan", "金滩嘉苑", BY_LIKENESS),
        ("zenbianshequ", "镇边社区", BY_LIKENESS),
        ("福宁２路", "福宁2路", BY_NAME),
        ("红色驿站", "镇边红色驿站", BY_PART),
        ("yizhan", "镇边红色驿站", None),
        ("桐山街道镇边社区金滩嘉苑3栋501室", "金滩嘉苑", BY_WITHIN),
        ("福宁2路88号", "福宁2路", BY_WITHIN),
        ("我在长乐社区", "长乐社区", BY_WITHIN),
    ],
)
def test_places_are_found_as_people_type_them(gazetteer: Gazetteer, words: str, first: str, way: int | None) -> None:
    place, found = find(gazetteer, words)[0]
    assert place.name == first
    assert way is None or found == way


def test_what_nothing_is_like_finds_nothing(gazetteer: Gazetteer) -> None:
    for words in ("", "  ", "·", "没有这个地方啊", "xqzw", "%", "_", "宏设洗"):
        assert find(gazetteer, words) == []


def test_the_surest_come_first_and_no_more_than_asked_for(gazetteer: Gazetteer) -> None:
    assert names(gazetteer, "镇边") == ["镇边社区", "镇边红色驿站"]
    assert names(gazetteer, "福宁2路") == ["福宁2路", "福宁2路"]
    assert len(find(gazetteer, "福宁2路", limit=1)) == 1


def test_the_order_of_rows_changes_nothing(gazetteer: Gazetteer) -> None:
    again = Gazetteer(tuple(reversed(gazetteer.places)))
    for words in ("福宁", "zhenbian", "jintan", "花苑小区"):
        assert find(again, words) == find(gazetteer, words)
