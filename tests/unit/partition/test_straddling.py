"""Grids on both sides of a barrier, and the reason that is told of each."""

import numpy as np
import pytest

from gis_service.partition.groundwork import groundwork_of
from gis_service.partition.propose import mend, propose
from gis_service.partition.straddling import straddling_findings
from gis_service.plan.grids import grids_of
from gis_service.plan.rules import Rules
from tests.unit.partition.lattices import SIDE_M, lattice
from tests.unit.partition.test_alternatives import rectangles, stored
from tests.unit.partition.test_propose import CODE, community_of

HOUSEHOLDS = Rules(basis="households")
ROWS = 4


def river(column):
    """Return a river between two columns of cells."""
    return ((column * SIDE_M, 10.0), (column * SIDE_M, -ROWS * SIDE_M - 10.0))


def told(cells, households, labels, *, column=0, line=None, repaired=False, locked=(), estate_id=None):
    """Return what is said of the grids of an assignment, by their number in ``labels``."""
    lines = (line or river(column),)
    community = community_of(cells, households, lines=lines, rules=HOUSEHOLDS, estate_id=estate_id)
    ground = groundwork_of(community, stored(cells, households, estate_id=estate_id))
    grids, rows = grids_of(ground.units, np.asarray(labels), CODE, HOUSEHOLDS)
    fixed = np.isin(np.arange(len(grids)), rows[np.isin(labels, locked)])
    number = {grids["code"][row]: label for row, label in zip(rows, labels, strict=True)}
    found = straddling_findings(community, ground, rows, grids, fixed, repaired=repaired)
    return {number[finding.subject]: finding for finding in found}


def test_a_side_with_too_few_households_is_the_witness_of_the_grid_that_crosses():
    (finding,) = told(lattice(5, 1), [100, 150, 100, 300, 100], [0, 0, 0, 1, 1], column=2).values()
    assert finding.zh.startswith(
        f"网格 {CODE}001 跨越河流，其内长约 100 米：不可避免，西侧（单元 u0001 所在）合计 250 户"
    )
    assert "for the western side (that of unit u0001) has 250 households" in finding.en


def test_a_side_whose_buildings_fit_no_grids_is_a_witness_too():
    cells, households = lattice(4, 1), [350, 270, 130, 300]
    community = community_of(cells, households, lines=(river(2),), rules=HOUSEHOLDS)
    plan = propose(community, stored(cells, households))
    (finding,) = (each for each in plan.findings if each.kind == "straddling")
    assert plan.grids["households"].tolist() == [350, 400, 300]
    assert "合计 620 户" in finding.zh
    assert "已逐一排除在这一侧之内的划法" in finding.zh


def test_a_unit_above_the_maximum_is_no_reason_to_cross():
    (finding,) = told(lattice(4, 1), [700, 300, 300, 100], [0, 1, 1, 2], column=2).values()
    assert "未证明不可避免" in finding.zh


def test_an_estate_on_both_sides_is_the_reason():
    estate = [None, "e", "e", None]
    (finding,) = told(lattice(4, 1), [300, 100, 100, 300], [0, 0, 0, 1], column=2, estate_id=estate).values()
    assert "小区“e”在两侧都有住户" in finding.zh


@pytest.mark.parametrize(
    ("more", "words"), [({}, "未证明不可避免"), ({"repaired": True}, "未为此调动住户"), ({"locked": (0,)}, "锁定")]
)
def test_where_both_sides_could_stand_alone_it_is_not_called_forced(more, words):
    found = told(lattice(2, 2), [150, 150, 150, 150], [0, 0, 1, 1], column=1, **more)
    assert set(found) == {0, 1}
    assert words in found[0].zh
    assert "不可避免，" not in found[0].zh


def test_of_several_grids_that_reach_a_side_one_has_to():
    found = told(lattice(2, 2), [100, 300, 100, 300], [0, 0, 1, 1], column=1)
    assert f"还有网格 {CODE}002，其中至少要有一个" in found[0].zh
    assert f"还有网格 {CODE}001，其中至少要有一个" in found[1].zh


def test_where_one_can_walk_around_a_river_size_may_be_the_reason_to_cross():
    around = ((SIDE_M, -SIDE_M), (SIDE_M, -2 * SIDE_M - 10.0))
    (finding,) = told(lattice(2, 2), [600, 0, 133, 266], [0, 0, 1, 1], line=around).values()
    assert "不可避免，规模优先" in finding.zh
    assert "这一片至少有 2 个网格不合规，现有 1 个" in finding.zh
    (spare,) = told(lattice(2, 2), [150, 0, 150, 300], [0, 0, 1, 1], line=around).values()
    assert "未证明不可避免" in spare.zh
    (locked,) = told(lattice(2, 2), [600, 0, 133, 266], [0, 0, 1, 1], line=around, locked=(1,)).values()
    assert "锁定" in locked.zh


def test_land_without_homes_across_a_river_is_no_straddling():
    assert told(lattice(3, 1), [200, 200, 0], [0, 0, 0], column=2) == {}


def test_an_island_reached_by_a_bridge_is_on_the_side_of_its_bridgehead():
    cells = [(0, 0), (1, 0), (2, 0), (4, 0)]
    assert told(cells, [0, 200, 150, 50], [0, 0, 0, 0], column=1) == {}
    assert list(told(cells, [50, 200, 100, 50], [0, 0, 0, 0], column=1)) == [0]


def test_a_repair_tells_why_its_grids_cross():
    cells, households = lattice(2, 2), [150, 150, 150, 150]
    community = community_of(cells, households, lines=(river(1),), rules=HOUSEHOLDS)
    today = rectangles(("A", 0, 0, 2, 1), ("B", 0, 1, 2, 2))
    plan = mend(community, today, stored(cells, households), locked=frozenset({"A"}))
    texts = [finding.zh for finding in plan.findings if finding.kind == "straddling"]
    assert sorted(("锁定" in text, "规模优先" in text) for text in texts) == [(False, True), (True, False)]
