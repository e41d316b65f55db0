"""What the page says of a city, on cities that are changed for one question and put back."""

import json

import pytest
from sqlalchemy import Connection, text

from gis_service.db import layers
from gis_service.db.cities import load_city
from gis_service.db.layers import (
    HOUSEHOLDS_MIN,
    Edition,
    PaceCoverage,
    load_community_rows,
    load_edition,
    load_elderly_coverage,
    load_extent,
    load_facility_kinds,
    load_grid_rows,
    load_presence,
    load_summary,
)
from gis_service.reach.rules import ReachRules
from gis_service.reach.siting.rules import SitingRules
from tests.web.mini_city import HEIGHT, WIDTH, ground

FAR_AWAY = "ST_Multi(ST_MakeEnvelope(121, 28, 121.1, 28.1, 4326))"


def edition_of(conn: Connection, name: str = "mini") -> Edition:
    return load_edition(conn, load_city(conn, name))


def add_region(conn: Connection, level: str) -> None:
    conn.execute(
        text(
            "INSERT INTO region (city_id, code, name, level, valid_from, geometry) "
            f"SELECT id, '999', '远处', :level, '2020-01-01', {FAR_AWAY} FROM city WHERE name = 'mini'"
        ),
        {"level": level},
    )


def add_run(conn: Connection, *, speed: float, minutes: float = 15.0, covered: float = 0.25) -> None:
    """Store a run like that of the city at another pace; in every community it covers the same share."""
    run = conn.execute(
        text(
            "INSERT INTO reach_run (city_id, kinds, minutes, speed_m_per_s, rules, summary, input_hash, data_date, "
            "software_version, created_at) SELECT city_id, kinds, :minutes, :speed, rules, summary, input_hash, "
            "data_date, software_version, created_at - interval '1 day' FROM reach_run "
            "WHERE id = :run RETURNING id"
        ),
        {"minutes": minutes, "speed": speed, "run": edition_of(conn).run_id},
    ).scalar_one()
    conn.execute(
        text(
            "INSERT INTO coverage SELECT :new, region_id, buildings, buildings_covered, households, "
            "round(households * :share), residents, residents_covered FROM coverage WHERE run_id = :run"
        ),
        {"new": run, "share": covered, "run": edition_of(conn).run_id},
    )


def add_newer_run(conn: Connection, parameters: str) -> int:
    """Store a run like that of the city but for ``parameters``, a day younger."""
    run: int = conn.execute(
        text(
            "INSERT INTO reach_run (city_id, kinds, minutes, speed_m_per_s, rules, summary, input_hash, data_date, "
            "software_version, created_at) SELECT city_id, kinds, minutes, speed_m_per_s, rules, summary, input_hash, "
            "data_date, software_version, created_at + interval '1 day' FROM reach_run WHERE id = :run RETURNING id"
        ),
        {"run": edition_of(conn).run_id},
    ).scalar_one()
    conn.execute(text(f"UPDATE reach_run SET {parameters} WHERE id = :run"), {"run": run})
    return run


def add_newer_siting(conn: Connection, rules: SitingRules) -> int:
    """Store a siting run a day younger than those of the city."""
    run: int = conn.execute(
        text(
            "INSERT INTO siting_run (city_id, rules, summary, given, input_hash, candidates_hash, data_date, "
            "software_version, created_at) SELECT city_id, CAST(:rules AS jsonb), summary, given, input_hash, "
            "candidates_hash, data_date, software_version, created_at + interval '1 day' FROM siting_run "
            "WHERE id = :run RETURNING id"
        ),
        {"run": edition_of(conn).siting_id, "rules": json.dumps(rules.as_dict())},
    ).scalar_one()
    return run


@pytest.mark.parametrize(
    "special",
    [
        SitingRules(ReachRules(minutes=10), count=3),
        SitingRules(ReachRules(speed_m_per_s=0.8), count=3),
        SitingRules(ReachRules(kinds=("elder_canteen",)), count=3),
        SitingRules(ReachRules(steps_factor=2.0), count=3),
        SitingRules(count=3, aim="walk"),
    ],
)
def test_a_siting_of_something_special_does_not_take_over_the_map(changed: Connection, special: SitingRules) -> None:
    standard = add_newer_siting(changed, SitingRules(count=1))
    add_newer_siting(changed, special)
    assert edition_of(changed).siting_id == standard
    newest = add_newer_siting(changed, SitingRules(share=0.9, spacing_m=200.0))
    assert edition_of(changed).siting_id == newest


def test_a_siting_that_its_time_limit_ended_gives_way_to_one_that_was_done(changed: Connection) -> None:
    done = add_newer_siting(changed, SitingRules(count=1))
    ended = add_newer_siting(changed, SitingRules(count=2))
    stopped = text("UPDATE siting_run SET summary = summary || '{\"stopped_by_limit\": true}' WHERE id = :run")
    changed.execute(stopped, {"run": ended})
    assert edition_of(changed).siting_id == done
    changed.execute(text("UPDATE siting_run SET summary = summary || '{\"stopped_by_limit\": true}'"))
    assert edition_of(changed).siting_id == ended


def test_a_siting_asked_for_on_a_page_never_comes_to_the_map(changed: Connection) -> None:
    shown = edition_of(changed).siting_id
    changed.execute(
        text("UPDATE siting_run SET on_map = FALSE WHERE id = :run"),
        {"run": add_newer_siting(changed, SitingRules(count=1))},
    )
    assert edition_of(changed).siting_id == shown
    changed.execute(text("UPDATE siting_run SET on_map = FALSE"))
    assert edition_of(changed).siting_id is None


def test_sitings_whose_summary_tells_nothing_are_shown_by_their_age(changed: Connection) -> None:
    newest = add_newer_siting(changed, SitingRules(count=1))
    changed.execute(text("UPDATE siting_run SET summary = '{}'"))
    assert edition_of(changed).siting_id == newest


def test_without_a_standard_siting_the_newest_is_shown(changed: Connection) -> None:
    changed.execute(text("UPDATE siting_run SET rules = jsonb_set(rules, '{aim}', '\"walk\"')"))
    newest = add_newer_siting(changed, SitingRules(count=3, aim="walk"))
    assert edition_of(changed).siting_id == newest


def test_grids_without_households_are_counted_listed_and_not_tested(changed: Connection) -> None:
    empty = "status = 'empty', households = 0, residents = 0"
    changed.execute(text(f"UPDATE grid SET {empty} WHERE code = '999901001003003'"))
    edition = edition_of(changed)
    figures = load_summary(changed, edition)
    assert (figures["empty"], figures["small"], figures["grids"]) == (1, 1, 12)
    rows, total = load_grid_rows(changed, edition, community=None, status="empty", limit=9, offset=0)
    assert (total, rows[0]["code"]) == (1, "999901001003003")
    layer = json.loads(layers.layer_geojson(changed, edition, "grids", staff=True, detail="full"))
    (drawn,) = (f["properties"] for f in layer["features"] if f["properties"]["status"] == "empty")
    assert (drawn["households_test"], drawn["residents_test"]) == ("exempt", "exempt")


@pytest.mark.parametrize("level", ["community", "county", "city"])
def test_the_map_opens_on_the_communities_with_buildings(changed: Connection, level: str) -> None:
    add_region(changed, level)
    box = load_extent(changed, load_city(changed, "mini"))
    assert box == pytest.approx((*ground(0, 0), *ground(2 * WIDTH, 2 * HEIGHT)), abs=1e-9)


def test_without_buildings_it_opens_on_all_communities(changed: Connection) -> None:
    add_region(changed, "community")
    changed.execute(text("UPDATE building SET region_id = NULL"))
    box = load_extent(changed, load_city(changed, "mini"))
    assert box == pytest.approx((*ground(0, 0), 121.1, 28.1), abs=1e-9)


@pytest.mark.parametrize(("households", "public"), [(HOUSEHOLDS_MIN - 1, None), (HOUSEHOLDS_MIN, 10.0)])
def test_the_share_of_a_handful_of_households_is_for_staff(
    changed: Connection, households: int, public: float | None
) -> None:
    changed.execute(
        text(
            "UPDATE coverage SET households = :households, households_covered = :covered WHERE run_id = :run "
            "AND region_id = (SELECT id FROM region WHERE code = '999901002001')"
        ),
        {"households": households, "covered": 1, "run": edition_of(changed, "town").run_id},
    )

    def first_share(*, staff: bool) -> float | None:
        share: float | None = load_community_rows(changed, edition_of(changed, "town"), staff=staff)[0][
            "covered_percent"
        ]
        return share

    assert first_share(staff=False) == public
    assert first_share(staff=True) == pytest.approx(100 / households, abs=0.05)


def test_the_pace_of_the_elderly_is_told_only_where_an_equal_run_has_it(changed: Connection) -> None:
    for speed, minutes in ((0.9, 15.0), (0.8, 10.0)):
        add_run(changed, speed=speed, minutes=minutes)
        assert load_elderly_coverage(changed, edition_of(changed)) is None
    add_run(changed, speed=0.8)
    found = load_elderly_coverage(changed, edition_of(changed))
    assert found == PaceCoverage(0.8, pytest.approx(25.0, abs=0.1))


def test_kinds_that_count_are_those_of_the_run_or_of_a_first_check(changed: Connection) -> None:
    changed.execute(text("UPDATE reach_run SET kinds = ARRAY['elder_canteen']"))
    assert edition_of(changed).kinds == ("elder_canteen",)
    changed.execute(text("DELETE FROM reach_run"))
    assert edition_of(changed).kinds == ("red_station", "service_centre")
    assert {"facilities", "other_facilities"} <= load_presence(changed, edition_of(changed), staff=False)


def test_the_public_knows_no_kind_of_which_it_may_see_nothing(changed: Connection) -> None:
    assert load_facility_kinds(changed, edition_of(changed), staff=False) == {"red_station", "elder_canteen"}
    assert load_facility_kinds(changed, edition_of(changed), staff=True) == {
        "red_station", "elder_canteen", "warehouse", "shared",
    }  # fmt: skip


def test_a_community_without_a_shape_is_listed_but_not_drawn(changed: Connection) -> None:
    changed.execute(text("UPDATE region SET geometry = NULL WHERE code = '999901001002'"))
    rows = load_community_rows(changed, edition_of(changed), staff=False)
    assert [row["drawn"] for row in rows] == [True, False, True, True]


@pytest.mark.parametrize(
    "parameters",
    ["kinds = ARRAY['red_station']", "minutes = 10", "speed_m_per_s = 0.8", "kinds = array_append(kinds, 'shared')"],
)
def test_a_special_check_does_not_take_over_the_map(changed: Connection, parameters: str) -> None:
    drawn = edition_of(changed).run_id
    special = add_newer_run(changed, parameters)
    assert edition_of(changed).run_id == drawn
    changed.execute(text("DELETE FROM reach_run WHERE id = :run"), {"run": drawn})
    assert edition_of(changed).run_id == special


@pytest.mark.parametrize("parameters", ["minutes = 15", "kinds = ARRAY['service_centre', 'red_station']"])
def test_the_newest_standard_check_is_drawn(changed: Connection, parameters: str) -> None:
    newer = add_newer_run(changed, parameters)
    assert edition_of(changed).run_id == newer


def test_without_a_standard_check_the_newest_is_drawn(changed: Connection) -> None:
    changed.execute(text("UPDATE reach_run SET speed_m_per_s = 0.8"))
    newer = add_newer_run(changed, "minutes = 20")
    assert edition_of(changed).run_id == newer


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("HOUSEHOLDS_MIN", 20), ("TOLERANCES_M", {"far": 5.0}), ("METRES_PER_DEGREE", 111_000.0),
        ("DIGITS", {"full": 5}), ("COVERAGES", frozenset({"grids"})),
        ("ZONES", frozenset({"gaps"})),
    ],
)  # fmt: skip
def test_another_constant_is_another_version(
    changed: Connection, monkeypatch: pytest.MonkeyPatch, name: str, value: object
) -> None:
    before = edition_of(changed).version
    monkeypatch.setattr(layers, name, value)
    assert edition_of(changed).version != before


def test_a_run_that_counts_more_than_lengths_stands_in_only_where_there_is_no_other(changed: Connection) -> None:
    standard = edition_of(changed).run_id
    stairs = add_newer_run(changed, """rules = rules || '{"steps_factor": 2.0}'""")
    assert edition_of(changed).run_id == standard
    add_run(changed, speed=0.8)
    assert load_elderly_coverage(changed, edition_of(changed)) is not None
    changed.execute(text("DELETE FROM reach_run WHERE id = :run"), {"run": standard})
    edition = edition_of(changed)
    assert edition.run_id == stairs
    assert edition.run.profile.steps_factor == 2.0
    assert load_elderly_coverage(changed, edition) is None
