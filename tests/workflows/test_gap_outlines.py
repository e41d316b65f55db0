"""Gaps that cross the border of two communities, told to each of them: outlines, findings and papers."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd
import pytest
import shapely
from sqlalchemy import Connection

from gis_service.audit.limits import Limits
from gis_service.config import Settings
from gis_service.db.accounts import Account, Grant
from gis_service.db.engine import engine
from gis_service.db.snapshots import load_snapshot_buildings
from gis_service.errors import NotAllowedError
from gis_service.plan.rules import Rules
from gis_service.reach.rules import ReachRules
from gis_service.workflows import audit_reading
from gis_service.workflows.audit_city import audit_city
from gis_service.workflows.audit_papers import write_papers
from gis_service.workflows.audit_reading import OpenAudit, Row, open_audit
from gis_service.workflows.check_city_reach import check_city_reach
from gis_service.workflows.dashboard import area_map
from gis_service.workflows.findings_register import Case, cases, decide, may_decide
from gis_service.workflows.gap_outlines import cut_to, gap_outlines
from gis_service.workflows.gap_parts import parts_of
from gis_service.workflows.import_city import import_city
from gis_service.workflows.moments import office_today
from gis_service.workflows.partition_city import partition_city
from tests.workflows.town import CRS, EAST_CODE, WEST_CODE, regions, write_town

COMMUNITIES = (WEST_CODE, EAST_CODE)


@pytest.fixture(scope="module")
def connection(database_settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Connection]:
    """Return a connection that sees an audited town; all of it is rolled back after the last test."""
    with engine(database_settings).connect() as connected:
        transaction = connected.begin()
        import_city(connected, write_town(Path(tmp_path_factory.mktemp("gaps")) / "town"))
        partition_city(connected, "town", rules=Rules())
        check_city_reach(connected, "town", rules=ReachRules(minutes=5))
        audit_city(connected, "town")
        yield connected
        transaction.rollback()


@pytest.fixture(scope="module")
def audit(connection: Connection) -> OpenAudit:
    found = open_audit(connection, "town")
    assert found is not None
    return found


def of(audit: OpenAudit, code: str) -> OpenAudit:
    """Return the audit as an official of one community may see it."""
    return replace(audit, roots=(code,))


def across(audit: OpenAudit) -> int:
    """Return the rank of a gap in which people of both communities live."""
    return next(gap["rank"] for gap in of(audit, WEST_CODE).gaps() if gap["partial"])


def test_an_outline_ends_at_the_border_and_holds_the_buildings_that_its_figures_count(
    connection: Connection, audit: OpenAudit
) -> None:
    whole = gap_outlines(connection, audit, None).set_index("code").geometry
    buildings = load_snapshot_buildings(connection, audit.head.id, CRS)
    extents = regions().set_index("code").geometry
    parts = {code: gap_outlines(connection, of(audit, code), None).set_index("code").geometry for code in COMMUNITIES}
    for code, outlines in parts.items():
        figures = {str(gap["rank"]): gap for gap in of(audit, code).gaps()}
        assert sorted(outlines.index) == sorted(figures)
        assert outlines.within(extents[code].buffer(1e-6)).all()
        for rank, outline in outlines.items():
            own = buildings[(buildings["gap_rank"] == int(str(rank))) & (buildings["place"] == code)]
            assert own.within(outline).all()
            assert len(own) == figures[str(rank)]["buildings"]
    rank = str(across(audit))
    both = shapely.union_all([outlines[rank] for outlines in parts.values()])
    inside = shapely.intersection(whole[rank], shapely.union_all(extents[list(COMMUNITIES)].to_numpy()))
    assert both.symmetric_difference(inside).area < 1e-3
    assert parts[WEST_CODE][rank].area < whole[rank].area


def test_who_sees_all_of_a_city_gets_the_same_part_of_a_region(connection: Connection, audit: OpenAudit) -> None:
    asked = gap_outlines(connection, audit, WEST_CODE)
    assert asked.equals(gap_outlines(connection, of(audit, WEST_CODE), WEST_CODE))
    drawn = json.loads(area_map(connection, audit, "gap", WEST_CODE, ("households",)))
    assert [feature["properties"]["code"] for feature in drawn["features"]] == asked["code"].tolist()
    line = shapely.get_coordinates(regions().to_crs(4326).set_index("code").geometry[WEST_CODE])[:, 0].max()
    for feature in drawn["features"]:
        east = shapely.bounds(shapely.from_geojson(json.dumps(feature["geometry"])))[2]
        assert east < line + 2e-6  # six digits


def test_what_is_carried_away_ends_at_the_border(connection: Connection, audit: OpenAudit, tmp_path: Path) -> None:
    write_papers(
        connection, of(audit, WEST_CODE), tmp_path / "west.gpkg", region=None, settings=Settings(operator="审计局")
    )
    layer = gpd.read_file(tmp_path / "west.gpkg", layer="gaps").to_crs(CRS)
    west = regions().set_index("code").geometry[WEST_CODE].buffer(1e-3)
    assert len(layer) == len(of(audit, WEST_CODE).gaps())
    assert layer.within(west).all()


def test_land_that_only_touches_is_no_part() -> None:
    shapes = shapely.box([0, 1, 9], 0, [2, 4, 12], 1)
    stands = shapely.multipoints(shapely.points([[[0.7, 0.5]], [[1, 0.5]], [[10, 0.5]]]))
    overlapping, touching, inner = cut_to(shapes, shapely.box([-1, 0, 10], 0, [0.5, 1, 11], 1), stands)
    assert overlapping.equals(shapely.box(0, 0, 1, 1))
    assert touching.is_empty
    assert inner.equals(shapely.box(10, 0, 11, 1))
    assert {part.geom_type for part in (overlapping, touching, inner)} == {"MultiPolygon"}


def test_margins_across_the_border_in_which_nobody_lives_are_no_part() -> None:
    shape = shapely.box(0, 0, 10, 1)
    land = np.array([shapely.box(0, 0, 2, 1), shapely.box(9, 0, 12, 1)])
    (part,) = cut_to(np.array([shape]), land, np.array([shapely.MultiPoint([(1, 0.5), (5, 0.5)])]))
    assert part.equals(shapely.box(0, 0, 2, 1))


def gaps_among(found: list[Case]) -> dict[str, Case]:
    return {case.subject: case for case in found if case.kind == "coverage_gap"}


def test_a_gap_is_a_finding_of_every_community_it_touches(connection: Connection, audit: OpenAudit) -> None:
    gap = audit.content["gaps"][across(audit) - 1]
    everything = gaps_among(cases(connection, audit))[gap["centre_id"]]
    assert sum(households for _, households in everything.shares) == gap["households"]
    assert {code for code, _ in everything.shares} == set(COMMUNITIES)
    assert everything.place == gap["community_code"]
    assert everything.others == tuple(code for code in COMMUNITIES if code != everything.place)
    for code in COMMUNITIES:
        reader = of(audit, code)
        found = gaps_among(cases(connection, reader))
        assert set(found) == {row["centre_id"] for row in reader.gaps()}
        case, households = found[gap["centre_id"]], dict(everything.shares)[code]
        assert case.shares == ((code, households),)
        assert case.place == everything.place
        assert f"本区域 {households:,} 户" in case.text.zh
        assert f"{households:,} households of the region" in case.text.en
        assert {each.key for each in cases(connection, audit, code)} == {each.key for each in cases(connection, reader)}


def test_the_parts_of_gaps_are_reckoned_once_for_all_that_a_page_tells_of_a_region(
    connection: Connection, audit: OpenAudit, monkeypatch: pytest.MonkeyPatch
) -> None:
    reckoned: list[frozenset[str]] = []

    def counted(gaps: list[Row], members: pd.DataFrame, places: frozenset[str], limits: Limits) -> list[Row]:
        reckoned.append(places)
        return parts_of(gaps, members, places, limits)

    monkeypatch.setattr(audit_reading, "parts_of", counted)
    reader = of(audit, WEST_CODE)
    first = reader.gaps()
    cases(connection, reader)
    assert reader.gaps() == first
    assert reckoned == [reader.visible]


def test_the_office_of_one_community_answers_for_a_gap_and_the_others_read_what_it_decided(
    connection: Connection, audit: OpenAudit
) -> None:
    gap = audit.content["gaps"][across(audit) - 1]
    place, key = gap["community_code"], f"coverage_gap:{gap['centre_id']}"
    (other,) = set(COMMUNITIES) - {place}
    responsible, touched = (
        Account(7, "zhang", "", None, None, active=True, session_number=0, grants=(Grant("auditor", "town", code),))
        for code in (place, other)
    )
    decided = {"state": "explained", "unit": "居委会", "deadline": office_today().isoformat(), "note": "已列入计划"}
    with pytest.raises(NotAllowedError):
        decide(connection, of(audit, other), key, account=touched, **decided)
    assert not may_decide(touched, of(audit, other), place)
    with connection.begin_nested() as later:
        decide(connection, of(audit, place), key, account=responsible, **decided)
        told = gaps_among(cases(connection, of(audit, other)))[gap["centre_id"]]
        later.rollback()
    assert (told.state, told.unit) == ("explained", "居委会")


def test_the_workbook_names_every_community_of_a_gap(connection: Connection, audit: OpenAudit, tmp_path: Path) -> None:
    write_papers(connection, audit, tmp_path / "town.xlsx", region=None, settings=Settings(operator="审计局"))
    sheet = openpyxl.load_workbook(tmp_path / "town.xlsx")["问题清单"]
    told = {str(cell.value) for row in sheet.iter_rows() for cell in row}
    assert told & {"东社区（另涉及西社区）", "西社区（另涉及东社区）"}


def test_papers_say_which_gaps_they_tell_in_part(connection: Connection, audit: OpenAudit, tmp_path: Path) -> None:
    gap = audit.content["gaps"][across(audit) - 1]
    for reader, told in ((audit, gap["name"]), (of(audit, WEST_CODE), f"{gap['name']}（跨出本区域，只计区域内的）")):
        write_papers(connection, reader, tmp_path / "gaps.xlsx", region=None, settings=Settings(operator="审计局"))
        rows = openpyxl.load_workbook(tmp_path / "gaps.xlsx")["盲区清单"].iter_rows(min_row=4, values_only=True)
        assert [name for rank, name, *_ in rows if rank == gap["rank"]] == [told]
