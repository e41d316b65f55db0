"""Whatever a planner does: people and land stay, units tile the community, and undo returns to the first byte."""

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gis_service.errors import InputError
from gis_service.geo.coverage import dissolve
from gis_service.geo.crs import RESOLUTION_M, round_coordinates
from gis_service.partition.contiguity import unit_graph
from gis_service.partition.draft_land import draft_land, land_graph
from gis_service.partition.footprints import OVERLAP_M2
from gis_service.partition.split_line import cut_units_by
from gis_service.partition.units import cut_units
from gis_service.plan.applying import apply, restore
from gis_service.plan.draft import UNASSIGNED, DraftGrid, assigned_units, draft_bytes, draft_of
from gis_service.plan.history import History, do, redo, undo
from gis_service.plan.judged import gained
from gis_service.plan.judgement import judgement
from gis_service.plan.operation_records import operation_dict, operation_of
from gis_service.plan.operations import (
    Assign,
    Lock,
    MakeBase,
    MakeSpecial,
    Merge,
    NewGrid,
    Note,
    Rename,
    SplitUnits,
    Together,
    Unassign,
    Unlock,
)
from gis_service.plan.rebase import rebase
from gis_service.plan.rules import Rules
from tests.properties.test_units import CRS, inside, towns
from tests.tilings import tiling_faults

STEPS = 60
"""Operations tried in each town: more than a thousand in all are done and undone, the others refused."""
TOWNS = settings(deadline=None, max_examples=50)


class Desk:
    """A planner who works without thinking, on a town and its buildings."""

    def __init__(self, community, seed):
        self.rng = np.random.default_rng(seed)
        self.community = community
        cut = cut_units(community)
        self.buildings = (
            community.buildings.set_index("id").loc[cut.unit_buildings["building_id"]].reset_index(names="id")
        )
        self.home = dict(
            zip(self.buildings["id"], cut.units["code"].to_numpy()[cut.unit_buildings["unit"]], strict=True)
        )
        self.taken = set()
        special = sorted(set(cut.units["special"].dropna()))
        grids = [DraftGrid(0), DraftGrid(1, code="c1")]
        grids += [DraftGrid(2 + number, name=name, kind="special") for number, name in enumerate(special)]
        labels = np.where(self.rng.random(len(cut.units)) < 0.5, 0, 1)
        for number, name in enumerate(special):
            labels[(cut.units["special"] == name).to_numpy()] = 2 + number
        self.draft = draft_of(draft_land(cut.units, community.barriers), labels, grids)

    def some_units(self):
        codes = self.draft.land.code
        return tuple(
            str(code) for code in self.rng.choice(codes, min(len(codes), self.rng.integers(1, 5)), replace=False)
        )

    def some_grid(self, new=0.0):
        if self.rng.random() < new:
            return self.draft.next_key
        return int(self.rng.choice(list(self.draft.grids)))

    def line(self):
        ends = self.rng.random((2, 2)) * 1.4 - 0.2
        x0, y0, x1, y1 = self.community.geometry.bounds
        return shapely.LineString(ends * [x1 - x0, y1 - y0] + [x0, y0])

    def split(self):
        """Return a cut by a drawn line; None where the line divides nothing."""
        unit = [self.home[name] for name in self.buildings["id"]]
        land, barriers = self.draft.land, self.community.barriers
        cut = cut_units_by(land, self.line(), self.buildings.assign(unit=unit), barriers, taken=self.taken)
        return None if cut is None else cut.operation

    def operation(self):
        grid, name = self.some_grid(), self.rng.choice(["东片", "西片", "市场", ""])
        paint = [lambda: Assign(((self.some_grid(new=0.2), self.some_units()),))]
        cut = [lambda: self.split() or Note(grid, f"{len(self.taken)} 块")]
        merge = [lambda: Merge((grid, self.some_grid()), self.some_grid())]
        unlock = [lambda: Unlock(self.some_grid())]
        others = [
            lambda: Unassign(self.some_units()),
            lambda: NewGrid(self.draft.next_key, str(name) or None),
            lambda: MakeSpecial(grid, str(name)),
            lambda: MakeBase(grid),
            lambda: Rename(grid, str(name) or None),
            lambda: Lock(grid),
            lambda: Note(grid, f"备注{name}"),
            lambda: Together((Assign(((self.draft.next_key, self.some_units()),)), Lock(self.draft.next_key))),
        ]
        kinds = [*paint * 5, *cut * 5, *merge * 2, *unlock * 4, *others]
        return kinds[self.rng.integers(len(kinds))]()

    def moved(self, operation):
        """Remember where buildings stand after a cut."""
        if isinstance(operation, SplitUnits):
            self.taken |= {piece for _, pieces in operation.cuts for piece in pieces}
            self.home |= {name: piece for piece, names in operation.buildings for name in names}

    def back(self, operation):
        if isinstance(operation, SplitUnits):
            unit = {piece: parent for parent, pieces in operation.cuts for piece in pieces}
            self.home |= {name: unit[piece] for piece, names in operation.buildings for name in names}


def check_tiling(draft, community):
    """The units tile the community and share every vertex, and so do the grids."""
    polygons = draft.land.polygon
    slack_m2 = 2 * RESOLUTION_M * (community.geometry.length + draft.land.perimeter_m.sum())
    faults = tiling_faults(polygons, community.geometry)
    assert max(faults.gap_m2, faults.overlap_m2, faults.outside_m2) <= slack_m2
    assert abs(draft.land.area_m2.sum() - community.geometry.area) <= slack_m2
    assert shapely.is_valid(polygons).all()
    assert shapely.coverage_is_valid(polygons)
    assert shapely.equals_exact(polygons, round_coordinates(polygons), 0.0).all()
    assert set(shapely.get_type_id(polygons)) == {shapely.GeometryType.POLYGON}
    grids = dissolve(polygons, np.where(draft.labels == UNASSIGNED, max(draft.grids) + 1, draft.labels))
    assert shapely.coverage_is_valid(grids[~shapely.is_empty(grids)])
    assert abs(shapely.area(grids).sum() - community.geometry.area) <= slack_m2


def check_counts(draft, first):
    """Nobody is lost, nobody counted twice."""
    assert draft.land.households.sum() == first.land.households.sum()
    assert (draft.land.residents == -1).any() == (first.land.residents == -1).any()
    grids = sum(total.households for total in draft.totals.values())
    assert grids + draft.land.households[draft.labels == UNASSIGNED].sum() == first.land.households.sum()
    assert set(np.unique(draft.labels).tolist()) <= {UNASSIGNED, *draft.grids}


def check_buildings(desk):
    """Every building stands whole in the unit that counts it."""
    draft, buildings = desk.draft, desk.buildings
    at = np.array([draft.land.position[desk.home[name]] for name in buildings["id"]], dtype=np.int64)
    households = np.bincount(at, buildings["households"], len(draft.land))
    assert households.tolist() == draft.land.households.tolist()
    part = inside(desk.community, buildings.geometry.to_numpy())
    areal = (shapely.get_dimensions(part) == 2) & (shapely.area(part) > OVERLAP_M2)
    outside_m2 = shapely.area(shapely.difference(part, draft.land.polygon[at]))
    assert (outside_m2[areal & (shapely.get_num_geometries(part) == 1)] <= OVERLAP_M2).all()


@pytest.mark.slow
@TOWNS
@given(towns(), st.integers(0, 2**32 - 1))
def test_any_row_of_operations_keeps_people_land_and_tiling_and_can_be_taken_back(community, seed):
    desk = Desk(community, seed)
    first, history, states = desk.draft, History(), [draft_bytes(desk.draft)]
    for _ in range(STEPS):
        choice = desk.rng.random()
        if choice < 0.15 and history.done:
            desk.back(history.done[-1].operation)
            desk.draft, history = undo(desk.draft, history)
            states.pop()
            assert draft_bytes(desk.draft) == states[-1]
            continue
        if choice < 0.25 and history.undone:
            operation = history.undone[-1]
            desk.draft, history = redo(desk.draft, history)
        else:
            operation = operation_of(operation_dict(desk.operation()))
            try:
                desk.draft, history = do(desk.draft, history, operation)
            except InputError:
                assert draft_bytes(desk.draft) == states[-1]
                continue
        desk.moved(operation)
        states.append(draft_bytes(desk.draft))
        check_counts(desk.draft, first)
        if any(isinstance(one, SplitUnits) for one in (operation, *getattr(operation, "operations", ()))):
            check_tiling(desk.draft, community)
            check_buildings(desk)
    check_tiling(desk.draft, community)
    check_borders(desk)
    check_judgement(desk.draft)
    again = rebase(first, [step.operation for step in history.done], base=first)
    assert draft_bytes(again.draft) == states[-1]
    while history.done:
        desk.draft, history = undo(desk.draft, history)
    assert draft_bytes(desk.draft) == states[0]


@pytest.mark.slow
@TOWNS
@given(towns(), st.integers(0, 2**32 - 1))
def test_what_two_have_done_apart_goes_together_as_far_as_it_can(community, seed):
    """One's operations on another's draft: each is done or refused in words, and people, land and tiling stay."""
    one, other = Desk(community, seed), Desk(community, seed)
    base = one.draft
    other.rng = np.random.default_rng(seed + 1)
    work = []
    for desk, kept in ((one, []), (other, work)):
        for _ in range(STEPS // 3):
            operation = desk.operation()
            try:
                desk.draft = apply(desk.draft, operation)
            except InputError:
                continue
            desk.moved(operation)
            kept.append(operation)
    found = rebase(one.draft, work, base=base)
    assert [each.operation for each in found.repeated] == work
    assert all((each.step is None) == (each.why is not None) for each in found.repeated)
    check_counts(found.draft, base)
    check_tiling(found.draft, community)
    for step in found.steps:
        one.moved(step.operation)
    one.draft = found.draft
    check_buildings(one)
    check_borders(one)
    check_judgement(one.draft)
    named = [
        grid.name if grid.name is not None else grid.was
        for grid in found.draft.grids.values()
        if found.draft.totals[grid.key].units and (grid.name or grid.was)
    ]
    assert len(set(named)) == len(named)
    for step in reversed(found.steps):
        found_back = restore(one.draft, step.back)
        assert draft_bytes(apply(found_back, step.operation)) == draft_bytes(one.draft)
        one.draft = found_back
    again = rebase(base, work, base=base)
    assert draft_bytes(again.draft) == draft_bytes(other.draft)


def check_judgement(draft):
    """What is wrong is told with places that exist, and every cure at hand can be done and changes something."""
    found = judgement(draft, Rules())
    assert {one.about for one in gained(found, found)} == set()
    told = {code for one in found if one.finding.kind == "unit_unassigned" for code in one.units}
    assert sorted(told) == draft.units_of(UNASSIGNED)
    for one in found:
        assert set(one.units) <= set(draft.land.code.tolist())
        assert one.units
        if one.cure and one.cure.operation:
            assert draft_bytes(apply(draft, one.cure.operation)) != draft_bytes(draft)


def check_borders(desk):
    """Borders kept up cut by cut are those of the units taken afresh, but for the ends of bridges."""
    fresh = unit_graph(assigned_units(desk.draft, CRS), desk.community.barriers)
    kept = land_graph(desk.draft.land)
    frames = [
        pd.DataFrame(
            {
                "left": np.repeat(np.arange(len(desk.draft.land)), np.diff(graph.start)),
                "right": graph.neighbour.astype(np.int64),
                "length_m": graph.length_m,
                "barrier_m": graph.barrier_m,
                "follow_m": graph.follow_m,
            }
        )[~graph.bridge].reset_index(drop=True)
        for graph in (kept, fresh)
    ]
    pd.testing.assert_frame_equal(*frames, rtol=1e-6, atol=1e-3)
    assert kept.bridge.sum() == fresh.bridge.sum()
