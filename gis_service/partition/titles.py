"""Codes and names of a proposed plan's grids, and what becomes of those that exist today."""

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from gis_service.geo.coverage import IndexArray
from gis_service.partition.community import CommunityInput
from gis_service.partition.numbering import numbered
from gis_service.partition.special_grids import special_grids_of
from gis_service.plan.codes import codes_of
from gis_service.plan.findings import Finding
from gis_service.plan.grids import grids_of
from gis_service.plan.lineage import Successors, inherit


@dataclass(frozen=True, order=True)
class Succession:
    """A grid that continues an earlier one.

    Parameters
    ----------
    code
        Code of the grid.
    old_code, old_name
        Code and name of the earlier grid; empty where it has none.
    households
        Households of buildings in both [count].
    exists
        True: the earlier grid exists today; False: it was planned.
    """

    code: str
    old_code: str
    old_name: str
    households: int
    exists: bool


@dataclass(frozen=True)
class TitledGrids:
    """The grids of a plan with their codes and names.

    Parameters
    ----------
    grids
        The grids frame.
    labels
        Row of ``grids`` for each unit.
    lineage
        Which grid continues which earlier one, sorted.
    retired
        Codes that end with this plan or ended before, sorted.
    """

    grids: gpd.GeoDataFrame
    labels: NDArray[np.int64]
    lineage: tuple[Succession, ...]
    retired: tuple[str, ...]


def title_grids(
    community: CommunityInput, units: gpd.GeoDataFrame, unit_buildings: pd.DataFrame, solved: NDArray[np.int64]
) -> TitledGrids:
    """Return the grids of an assignment, with the codes and names of the earlier grids that they continue.

    Parameters
    ----------
    community
        The community with its past.
    units, unit_buildings
        Its units and their buildings.
    solved
        Grid of each unit, any whole numbers not below 0.

    Returns
    -------
    TitledGrids
        Given special grids keep their codes, base grids by :func:`gis_service.plan.lineage.inherit`; all other codes
        are new to the community.

    Raises
    ------
    InputError
        More grids than free codes.
    """
    rules, past = community.rules, community.past
    special = special_grids_of(community).assign(kind="special")
    given = pd.concat([past.given, special]) if len(past.given) else special
    generations = (given, *past.plans)
    grid = numbered(solved)
    buildings = community.buildings.set_index("id").loc[unit_buildings["building_id"]]
    unit = unit_buildings["unit"].to_numpy(np.int64)
    new = Successors(
        units, grid, _points(community, units, buildings, unit), buildings["households"].to_numpy(np.int64), unit
    )
    heritage = inherit(generations, new, codes_of(community.code, rules))
    grids, labels = grids_of(
        units,
        grid,
        community.code,
        rules,
        past.taken.union(*(generation["code"].dropna() for generation in generations)),
        kept_codes=heritage.codes,
        kept_names=heritage.names,
        taken_names=set().union(*(generation["name"].dropna() for generation in generations)),
    )
    row = np.zeros(int(grid.max()) + 1, np.int64)
    row[grid] = labels
    code = grids["code"].to_numpy(dtype=object)
    lineage = sorted(
        Succession(code[row[heir.grid]], heir.code, heir.name, heir.households, heir.generation == 0)
        for heir in heritage.heirs
    )
    ending = {*past.ending, *given["code"].dropna()} - {""}
    return TitledGrids(grids, labels, tuple(lineage), tuple(sorted(ending - set(code))))


def code_findings(community: CommunityInput, titled: TitledGrids) -> list[Finding]:
    """Return what becomes of codes that are not kept.

    Parameters
    ----------
    community
        The community the plan is for.
    titled
        Its grids.

    Returns
    -------
    list of Finding
        In no particular order. Kinds: ``retired_codes``, ``codes_unfit``.
    """
    known = codes_of(community.code, community.rules)
    unfit = [succession for succession in titled.lineage if succession.exists and succession.old_code not in known]
    changed = {succession.old_code: succession.code for succession in unfit if succession.old_code}
    findings = []
    if changed:
        listed = [f"{old} → {new}" for old, new in sorted(changed.items())]
        pattern = community.rules.code_pattern
        findings.append(
            Finding(
                "codes_unfit",
                "warning",
                community.code,
                f"社区“{community.name}”有 {len(changed)} 个现有网格的编码不符合规则 {pattern}"
                f"（社区 {community.code}），已另编：{'、'.join(listed)}；如要沿用，请改正 plan 文件或编码规则",
                f"{len(changed)} codes of present grids of community {community.name} do not follow {pattern} for "
                f"{community.code} and were replaced: {', '.join(listed)}; to keep them, correct the plan file or "
                "the pattern",
            )
        )
    ended = [code for code in titled.retired if code not in changed]
    if ended:
        findings.append(
            Finding(
                "retired_codes",
                "note",
                community.code,
                f"按本方案，社区“{community.name}”停用 {len(ended)} 个网格编码，由此继续的方案不再另作他用："
                f"{'、'.join(ended)}",
                f"by this plan {len(ended)} grid codes of community {community.name} end; plans that go on from it "
                f"never give them again: {', '.join(ended)}",
            )
        )
    return findings


def _points(
    community: CommunityInput, units: gpd.GeoDataFrame, buildings: gpd.GeoDataFrame, unit: IndexArray
) -> NDArray[np.object_]:
    """Return a point of every building, or of its unit where that point is not in the community."""
    point = shapely.point_on_surface(buildings.geometry.to_numpy())
    outside = ~shapely.covers(community.geometry, point)
    point[outside] = shapely.point_on_surface(units.geometry.to_numpy()[unit[outside]])
    return point
