"""Plans made again: by what the desk was asked for, and by what was in force when they were made."""

from dataclasses import asdict
from datetime import date, timedelta
from pathlib import Path

import geopandas as gpd
import pytest
from sqlalchemy import Connection, func, update

from gis_service.db import jobs, plans
from gis_service.db.approved_plans import put_in_force
from gis_service.db.tables import Plan
from gis_service.errors import InputError
from gis_service.plan.rules import Rules
from gis_service.workflows.import_city import Imported, import_city
from gis_service.workflows.partition_city import partition_city
from gis_service.workflows.progress import silent
from gis_service.workflows.propose_draft import KIND, Wanted, propose_draft
from gis_service.workflows.replay_plan import replay_plan
from tests.workflows import town as drawn
from tests.workflows.town import EAST_CODE, WEST_CODE, box

SMALL = Rules(households_min=160, households_max=240, residents_min=480, residents_max=720)


@pytest.fixture
def walled_town(connection: Connection, tmp_path: Path) -> Imported:
    """Return the town with an estate of 240 households in a corner that no grid would end with by itself."""
    folder = drawn.write_town(tmp_path / "town")
    estate = gpd.GeoDataFrame({"id": ["e1"], "name": ["长院"]}, geometry=[box(0, 0, 600, 120)], crs=drawn.CRS)
    estate.to_file(folder / "estates.gpkg", layer="estates")
    with (folder / "dataset.toml").open("a", encoding="utf-8") as file:
        file.write('[files.estates]\npath = "estates.gpkg"\n')
    return import_city(connection, folder)


def proposed(connection: Connection, wanted: Wanted) -> list[str]:
    """Return the names of the plans that a job of the desk makes."""
    job = jobs.load_job(connection, jobs.save_job(connection, KIND, asdict(wanted), account_id=None))
    assert job is not None
    return [each["name"] for each in propose_draft(connection, job, silent)["proposals"]]


def codes(connection: Connection, town: Imported, plan: str) -> list[str]:
    grids = plans.load_grids(connection, town.city, plans.load_plans(connection, town.city, plan))
    return sorted(grids["code"])


def approve(connection: Connection, town: Imported, plan: str, effective: date) -> None:
    """Put a plan in force; the clock stands still in a transaction, so that later plans are made a minute later."""
    for record in plans.load_plans(connection, town.city, plan):
        put_in_force(connection, town.city, record.community_code, record.id, effective)


def age(connection: Connection, minutes: int) -> None:
    connection.execute(update(Plan).values(created_at=func.now() - timedelta(minutes=minutes)))


def test_a_proposal_of_the_desk_is_made_again_by_what_it_had_to_keep_to(
    connection: Connection, walled_town: Imported
) -> None:
    partition_city(connection, "town", rules=SMALL)
    free = proposed(connection, Wanted("town", WEST_CODE, keep_estates=False, follow_barriers=False))
    bound = proposed(connection, Wanted("town", WEST_CODE))

    def grid_of_units(plan: str) -> list[str]:
        records = plans.load_plans(connection, walled_town.city, plan)
        return plans.load_assignment(connection, walled_town.city, records).units["grid_code"].tolist()

    assert grid_of_units(free[0]) != grid_of_units(bound[0]), "the wishes make a difference"
    for plan in (*free, *bound):
        replayed = replay_plan(connection, "town", plan)
        assert (replayed.communities, replayed.differing, replayed.left) == ((WEST_CODE,), (), ()), plan


def test_what_came_into_force_later_does_not_change_how_a_plan_is_made_again(
    connection: Connection, town: Imported
) -> None:
    partition_city(connection, "town", rules=Rules())
    partition_city(connection, "town", rules=SMALL, plan="small")
    age(connection, 2)
    approve(connection, town, "small", date(2026, 1, 1))
    replayed = replay_plan(connection, "town", "proposal")
    assert (replayed.communities, replayed.differing) == ((WEST_CODE, EAST_CODE), ())


def test_a_new_plan_goes_on_with_the_codes_in_force_and_is_made_again_so(
    connection: Connection, town: Imported
) -> None:
    partition_city(connection, "town", rules=Rules(), plan="first")
    age(connection, 2)
    approve(connection, town, "first", date(2026, 1, 1))
    partition_city(connection, "town", rules=Rules())
    assert codes(connection, town, "proposal") == codes(connection, town, "first"), "the same grids keep their codes"
    partition_city(connection, "town", rules=SMALL, plan="small")
    age(connection, 1)
    for plan in ("proposal", "small"):
        assert replay_plan(connection, "town", plan).differing == (), plan


def test_a_plan_approved_at_the_desk_was_not_computed(connection: Connection, town: Imported) -> None:
    partition_city(connection, "town", rules=Rules())
    approve(connection, town, "proposal", date(2026, 1, 1))
    with pytest.raises(InputError, match="由工作台的草案批准而来"):
        replay_plan(connection, "town", "proposal")


@pytest.mark.parametrize("name", ["today", "nothing", "draft:7", "approved-12", "proposal-3-lines"])
def test_names_that_mean_something_else_are_refused(connection: Connection, town: Imported, name: str) -> None:
    with pytest.raises(InputError, match="换一个名称"):
        partition_city(connection, "town", rules=Rules(), plan=name)
