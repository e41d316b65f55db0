"""What is told of plans that were made."""

from types import SimpleNamespace

import geopandas as gpd
import pytest
import shapely

from gis_service.workflows.plans_made import forced_in, forced_misses, hash_of_grids


def proposed(grids, in_range, *bounds):
    return SimpleNamespace(
        quality=SimpleNamespace(grids=grids, in_range=in_range),
        bounds=[SimpleNamespace(missed=missed, forced=forced) for missed, forced in bounds],
    )


@pytest.mark.parametrize(
    ("plan", "forced"),
    [
        (proposed(10, 10, (0, 0)), 0),
        (proposed(10, 7, (2, 2), (1, 1)), 3),
        (proposed(10, 7, (2, 1), (1, 0)), 1),
        (proposed(10, 9, (3, 1)), 0),  # one grid that stands for three: at least it need not be so
        (proposed(10, 7), 3),  # in no part that is free to be divided: they are locked
    ],
)
def test_only_what_is_proven_counts_as_forced(plan, forced):
    assert forced_misses(plan) == forced


def test_what_older_software_did_not_note_is_not_known():
    noted, silent = SimpleNamespace(account={"forced": 2}), SimpleNamespace(account={})
    assert forced_in([noted, noted]) == 4
    assert forced_in([noted, silent]) is None


def test_the_hash_of_grids_depends_on_all_but_their_order():
    grids = gpd.GeoDataFrame(
        {"code": ["1", None], "name": ["a", "b"], "kind": ["base", "base"]},
        geometry=[shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1)],
    )
    same = hash_of_grids(grids)
    assert hash_of_grids(grids.iloc[::-1]) == same
    assert hash_of_grids(grids.assign(name=["a", "c"])) != same
    assert hash_of_grids(grids.set_geometry(grids.geometry.translate(0, 1e-6))) != same
