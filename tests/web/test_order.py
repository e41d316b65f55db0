"""The order of what is sent: the same bytes however the rows lie on the disk, and codes ordered as in frames."""

import json

import pytest
from sqlalchemy import Connection, text

from gis_service.db.cities import load_city
from gis_service.db.layers import (
    Edition,
    LayerName,
    TileName,
    layer_geojson,
    load_community_rows,
    load_edition,
    load_grid_rows,
    search_places,
    tile_mvt,
)

TILE = (14, 13663, 6898)
CODES = ("b", "A", "a", "B")
IN_C = ["A", "B", "a", "b"]


def edition_of(conn: Connection) -> Edition:
    return load_edition(conn, load_city(conn, "mini"))


def lay_in_reverse(conn: Connection, table: str) -> None:
    """Write every row again, the last one first; nothing but the place of the rows on the disk changes."""
    for key in conn.scalars(text(f"SELECT id FROM {table} ORDER BY id DESC")).all():
        conn.execute(text(f"UPDATE {table} SET city_id = city_id WHERE id = :key"), {"key": key})


@pytest.mark.parametrize(("tile", "table"), [("base", "estate"), ("base", "barrier"), ("buildings", "building")])
def test_a_tile_is_the_same_however_the_rows_lie(changed: Connection, tile: TileName, table: str) -> None:
    changed.execute(text("SET LOCAL enable_indexscan = off"))
    changed.execute(text("SET LOCAL enable_bitmapscan = off"))
    changed.execute(
        text(
            "INSERT INTO estate (city_id, code, name, geometry) "
            "SELECT city_id, 'E2', '甲苑', ST_Translate(geometry, 0.002, 0) FROM estate"
        )
    )
    before = tile_mvt(changed, edition_of(changed), tile, TILE)
    lay_in_reverse(changed, table)
    assert tile_mvt(changed, edition_of(changed), tile, TILE) == before


def dictionary_order(conn: Connection, table: str, column: str = "code") -> None:
    """Give a column the order of a dictionary (a, A, b, B), as databases have that were made with a language."""
    conn.execute(text("DROP SCHEMA api CASCADE"))  # its views hold on to the columns
    conn.execute(text(f'ALTER TABLE {table} ALTER COLUMN {column} TYPE text COLLATE "und-x-icu"'))


def rename(conn: Connection, table: str, where: str, column: str = "code") -> None:
    """Give the first four rows the codes that languages order in another way than C does."""
    ids = conn.scalars(text(f"SELECT {table}.id FROM {table} WHERE {where} ORDER BY {table}.id LIMIT 4")).all()
    for key, code in zip(ids, CODES, strict=True):
        conn.execute(text(f"UPDATE {table} SET {column} = :code WHERE id = :key"), {"code": code, "key": key})


def layer_codes(conn: Connection, layer: LayerName, key: str = "code") -> list[str]:
    found = json.loads(layer_geojson(conn, edition_of(conn), layer, staff=True, detail="full"))
    return [feature["properties"][key] for feature in found["features"]]


IN_MINI = "city_id = (SELECT id FROM city WHERE name = 'mini')"
COMMUNITIES = f"level = 'community' AND {IN_MINI}"


def test_communities_are_ordered_as_in_frames(changed: Connection) -> None:
    dictionary_order(changed, "region")
    rename(changed, "region", COMMUNITIES)
    assert layer_codes(changed, "communities") == IN_C
    assert [row["code"] for row in load_community_rows(changed, edition_of(changed), staff=True)] == IN_C


def test_grids_are_ordered_as_in_frames(changed: Connection) -> None:
    dictionary_order(changed, "grid")
    of_mini = f"region_id IN (SELECT id FROM region WHERE {COMMUNITIES})"
    rename(changed, "grid", of_mini)
    rows, _ = load_grid_rows(changed, edition_of(changed), community=None, status=None, limit=50, offset=0)
    for codes in (layer_codes(changed, "grids"), [row["code"] for row in rows]):
        assert [code for code in codes if code in CODES] == IN_C


def test_facilities_and_their_circles_are_ordered_as_in_frames(changed: Connection) -> None:
    dictionary_order(changed, "facility")
    rename(changed, "facility", IN_MINI)
    changed.execute(text("UPDATE facility SET kind = 'red_station'"))
    changed.execute(
        text(
            "INSERT INTO service_circle (run_id, facility_id, minutes, geometry) "
            "SELECT circle.run_id, facility.id, circle.minutes, circle.geometry "
            "FROM service_circle AS circle JOIN facility ON facility.id <> circle.facility_id "
            "AND facility.city_id = (SELECT city_id FROM facility AS owner WHERE owner.id = circle.facility_id)"
        )
    )
    assert layer_codes(changed, "facilities") == IN_C
    assert layer_codes(changed, "facility_circles", "facility_code") == IN_C


def test_estates_are_ordered_as_in_frames(changed: Connection) -> None:
    dictionary_order(changed, "estate")
    changed.execute(
        text(
            "INSERT INTO estate (city_id, code, name, geometry) SELECT city_id, code || copy, name, geometry "
            "FROM estate, generate_series(1, 3) AS copy"
        )
    )
    rename(changed, "estate", IN_MINI)
    assert layer_codes(changed, "estates") == IN_C


def test_places_of_one_length_are_found_in_the_same_order_everywhere(changed: Connection) -> None:
    dictionary_order(changed, "region", "name")
    for key, name in zip(changed.scalars(text(f"SELECT id FROM region WHERE {COMMUNITIES}")).all(), CODES, strict=True):
        changed.execute(text("UPDATE region SET name = '镇边' || :name WHERE id = :key"), {"name": name, "key": key})
    places = search_places(changed, edition_of(changed), "镇边", staff=False, limit=4)
    assert [place["name"] for place in places] == [f"镇边{code}" for code in IN_C]


@pytest.mark.parametrize("offset", [0, 5, 10])
def test_a_page_of_grids_knows_how_many_there_are(changed: Connection, offset: int) -> None:
    rows, total = load_grid_rows(changed, edition_of(changed), community=None, status=None, limit=5, offset=offset)
    assert (len(rows), total) == (2 if offset == 10 else 5, 12)


@pytest.mark.parametrize(("limit", "last"), [(5, 2), (6, 6), (50, 12)])
def test_beyond_the_last_page_comes_the_last_page(changed: Connection, limit: int, last: int) -> None:
    edition = edition_of(changed)
    beyond, at_last = (
        load_grid_rows(changed, edition, community=None, status=None, limit=limit, offset=offset)
        for offset in (40 * limit, 12 - last)
    )
    assert (len(beyond[0]), beyond[1]) == (last, 12)
    assert beyond == at_last


def test_no_grid_at_all_is_no_page(changed: Connection) -> None:
    found = load_grid_rows(changed, edition_of(changed), community=None, status="none", limit=5, offset=10)
    assert found == ([], 0)
