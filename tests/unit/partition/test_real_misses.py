"""A real community where grids out of range cannot all be proven: towers of 264 households among empty land."""

from dataclasses import replace

import geopandas as gpd
import pytest

from gis_service.ingest.city import read_city
from gis_service.partition.community import CommunityInput, clipped
from gis_service.partition.propose import alternatives, propose
from gis_service.partition.streets import with_streets
from gis_service.partition.units import cut_units
from gis_service.plan.priorities import WISHES, soft_order
from gis_service.plan.rules import Rules


@pytest.fixture(scope="module")
def chinatown(cases_dir):
    city = read_city(cases_dir / "singapore_outram")
    region = city.regions.set_index("code").loc["OTSZ03"]
    here = city.buildings[city.buildings["community_code"] == "OTSZ03"].reset_index(drop=True)
    parts = CommunityInput(
        code="OTSZ03",
        name=region["name"],
        geometry=region.geometry,
        buildings=gpd.GeoDataFrame(here),
        barriers=with_streets(city.barriers, city.edges),
        estates=city.estates,
        special=city.given_grids.iloc[:0],
        rules=Rules(),
    )
    community = clipped(parts)
    return community, cut_units(community)


@pytest.mark.cases
def test_no_wish_leaves_more_grids_out_of_range_whether_asked_for_alone_or_with_others(chinatown):
    community, units = chinatown
    together = alternatives(community, units, seed=1)
    alone = [
        propose(replace(community, rules=replace(community.rules, soft_order=soft_order(wish))), units, seed=1)
        for wish in WISHES
    ]
    missed = {sum(bound.missed for bound in plan.bounds) for plan in (*together.values(), *alone)}
    assert len(missed) == 1


@pytest.mark.cases
def test_each_grid_out_of_range_says_what_is_known_of_it(chinatown):
    community, units = chinatown
    plan = propose(community, units, seed=1)
    told = [finding.zh for finding in plan.findings if finding.kind == "grid_large"]
    assert any("栋无法分开，合计 727 户" in each for each in told)
    proven = all(bound.missed == bound.forced for bound in plan.bounds)
    known = "已逐一排除其他划法" if proven else "个已证明不可避免"
    assert all("栋无法分开" in each or known in each for each in told)
