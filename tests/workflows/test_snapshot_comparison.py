"""Two frozen audits of the small town: what changed in reality and what only because borders did."""

from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
from sqlalchemy import Connection

from gis_service.plan.rules import Rules
from gis_service.reach.rules import ReachRules
from gis_service.workflows.audit_city import audit_city
from gis_service.workflows.audit_reading import OpenAudit, open_audit
from gis_service.workflows.check_city_reach import check_city_reach
from gis_service.workflows.import_city import import_city
from gis_service.workflows.partition_city import partition_city
from gis_service.workflows.snapshot_comparison import SnapshotComparison, compare_snapshots
from tests.workflows.town import EAST_CODE, WEST_CODE, box, buildings, regions, write_town

STREET = "999901001000"
REACH = ReachRules(minutes=5, bands=(3.0,))
STANDARD, SMALLER = Rules(), Rules(households_min=100, households_max=200, residents_min=300, residents_max=600)


def snapshot(connection: Connection, folder: Path, *, rules: Rules = STANDARD, **frames: gpd.GeoDataFrame) -> OpenAudit:
    import_city(connection, write_town(folder, **frames), replace=True)
    partition_city(connection, "town", rules=rules)
    check_city_reach(connection, "town", rules=REACH)
    taken = audit_city(connection, "town", title=folder.name)
    opened = open_audit(connection, "town", taken.snapshot_id)
    assert opened is not None
    return opened


def change(compared: SnapshotComparison, region: str, key: str) -> tuple[int | None, ...]:
    found = next(row for row in compared.regions if row.code == region).changes[key]
    return found.before, found.reality, found.borders, found.after


@pytest.fixture
def older(connection: Connection, tmp_path: Path) -> OpenAudit:
    return snapshot(connection, tmp_path / "q3")


def test_nothing_has_changed_between_equal_snapshots(connection: Connection, older: OpenAudit, tmp_path: Path) -> None:
    compared = compare_snapshots(connection, older, snapshot(connection, tmp_path / "q4"))
    assert compared.caveats == ()
    assert compared.households_moved == 0
    grids = len(older.grids())
    assert dict(compared.grids) == {"unchanged": grids, "other_land": 0, "new": 0, "ended": 0}
    for row in compared.regions:
        for figure in row.changes.values():
            assert (figure.reality, figure.borders) == (0, 0), row.code


def test_people_who_moved_in_are_a_change_of_reality(connection: Connection, older: OpenAudit, tmp_path: Path) -> None:
    more = buildings()
    more["households"] = np.where(more.geometry.centroid.x < 521_200, 45, 40)
    compared = compare_snapshots(connection, older, snapshot(connection, tmp_path / "q4", buildings=more))
    added = int((more["households"] - 40).sum())
    assert added > 0
    assert change(compared, WEST_CODE, "households") == (1000, added, 0, 1000 + added)
    assert change(compared, EAST_CODE, "households") == (1000, 0, 0, 1000)
    assert change(compared, STREET, "households") == (2000, added, 0, 2000 + added)


def test_a_border_that_moved_is_no_change_of_reality(connection: Connection, older: OpenAudit, tmp_path: Path) -> None:
    moved = regions()
    moved.loc[moved["code"] == WEST_CODE, "geometry"] = box(0, 0, 720, 600)
    moved.loc[moved["code"] == EAST_CODE, "geometry"] = box(720, 0, 1200, 600)
    compared = compare_snapshots(connection, older, snapshot(connection, tmp_path / "q4", regions=moved))
    assert change(compared, WEST_CODE, "households") == (1000, 0, 200, 1200)
    assert change(compared, EAST_CODE, "households") == (1000, 0, -200, 800)
    assert change(compared, STREET, "households") == (2000, 0, 0, 2000)
    assert compared.households_moved >= 200


def test_both_parts_add_up_to_the_whole_change(connection: Connection, older: OpenAudit, tmp_path: Path) -> None:
    newer = snapshot(connection, tmp_path / "q4", rules=SMALLER, buildings=buildings().iloc[:-7])
    compared = compare_snapshots(connection, older, newer)
    assert any("规则" in caveat.zh for caveat in compared.caveats)
    before, reality, borders, after = change(compared, STREET, "grids_normal")
    assert None not in (before, reality, borders, after)
    assert before + reality + borders == after
    assert change(compared, EAST_CODE, "households") == (1000, -280, 0, 720)
    assert compared.grids["new"] + compared.grids["other_land"] > 0
