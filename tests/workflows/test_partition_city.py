"""Plans as stored: they tile, they sum up, and they are the same whatever made them."""

import pytest
import shapely
from sqlalchemy import Connection

from gis_service.db import plans, regions
from gis_service.errors import InputError, UnknownCityError
from gis_service.plan.rules import Rules
from gis_service.workflows.import_city import Imported
from gis_service.workflows.partition_city import partition_city
from tests.workflows.town import EAST_CODE, WEST_CODE


def test_the_stored_grids_tile_their_communities_and_sum_up(connection: Connection, town: Imported) -> None:
    made = partition_city(connection, "town", rules=Rules())
    assert made.communities == (WEST_CODE, EAST_CODE)
    assert made.statuses == {"normal": sum(made.statuses.values())}
    grids = plans.load_grids(connection, town.city, plans.load_plans(connection, town.city))
    extents = regions.load_regions(connection, town.city, level="community").set_index("code").geometry
    for code, own in grids.groupby("community_code"):
        assert own["households"].sum() == 1000
        assert own["residents"].sum() == 3000
        assert shapely.coverage_is_valid(own.geometry.to_numpy())
        left_over = shapely.symmetric_difference(shapely.union_all(own.geometry.to_numpy()), extents[code])
        assert left_over.area < 1e-3
        assert own["code"].str.startswith(code).all()
        assert (own["code"].str.len() == 15).all()


def test_processes_do_not_change_the_plan(connection: Connection, town: Imported) -> None:
    def shapes(plan: str) -> list[tuple[str, bytes]]:
        grids = plans.load_grids(connection, town.city, plans.load_plans(connection, town.city, plan))
        return list(zip(grids["code"], shapely.to_wkb(shapely.normalize(grids.geometry.to_numpy())), strict=True))

    partition_city(connection, "town", rules=Rules(), plan="alone", workers=1)
    partition_city(connection, "town", rules=Rules(), plan="together", workers=2)
    assert shapes("alone") == shapes("together")


def test_a_current_plan_is_kept_and_an_outdated_one_is_made_anew(connection: Connection, town: Imported) -> None:
    first = partition_city(connection, "town", rules=Rules())
    assert not first.reused
    kept = partition_city(connection, "town", rules=Rules(), unless_current=True)
    assert kept.reused
    assert kept.statuses == first.statuses
    assert kept.findings == first.findings
    other = partition_city(connection, "town", rules=Rules(basis="residents"), unless_current=True)
    assert not other.reused


def test_one_community_can_be_partitioned_alone(connection: Connection, town: Imported) -> None:
    made = partition_city(connection, "town", rules=Rules(), communities=[EAST_CODE])
    assert made.communities == (EAST_CODE,)
    assert [record.community_code for record in plans.load_plans(connection, town.city)] == [EAST_CODE]


def test_an_unknown_community_or_city_is_named(connection: Connection, town: Imported) -> None:
    with pytest.raises(InputError, match="999901001999"):
        partition_city(connection, "town", rules=Rules(), communities=["999901001999"])
    with pytest.raises(UnknownCityError, match="nowhere"):
        partition_city(connection, "nowhere", rules=Rules())
