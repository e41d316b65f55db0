"""A plan for one community: cut it into units, assign them to grids, and say what is not as the rules wish."""

from dataclasses import dataclass
from typing import Protocol

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gis_service.partition.bound_findings import bound_findings
from gis_service.partition.community import CommunityInput
from gis_service.partition.contiguity import unit_graph
from gis_service.partition.contraction import bundle_estates
from gis_service.partition.engine import solve
from gis_service.partition.plan_findings import plan_findings
from gis_service.partition.refinement import PartBound, refine
from gis_service.partition.remarks import remarks
from gis_service.partition.titles import Succession, code_findings, title_grids
from gis_service.partition.units import cut_units
from gis_service.plan.findings import Finding


class UnitFrames(Protocol):
    """The units of a community, as they were cut or stored."""

    @property
    def units(self) -> gpd.GeoDataFrame:
        """The units frame."""

    @property
    def unit_buildings(self) -> pd.DataFrame:
        """The unit buildings frame."""


@dataclass(frozen=True)
class ProposedPlan:
    """A plan of one community.

    Parameters
    ----------
    units, unit_buildings
        The frames of those names.
    labels
        Row of ``grids`` for each unit.
    grids
        The grids frame.
    findings
        Violated soft rules and impossible sizes with their reasons, and remarks about the data and codes, sorted.
    lineage
        Which grid continues which earlier one, sorted.
    retired
        Codes that end with this plan or ended before, sorted.
    bounds
        How near the best each connected part is, as far as that is proven; its units are bundles of the plan's.
    """

    units: gpd.GeoDataFrame
    unit_buildings: pd.DataFrame
    labels: NDArray[np.int64]
    grids: gpd.GeoDataFrame
    findings: tuple[Finding, ...]
    lineage: tuple[Succession, ...]
    retired: tuple[str, ...]
    bounds: tuple[PartBound, ...]


def propose(community: CommunityInput, units: UnitFrames | None = None, *, seed: int = 1) -> ProposedPlan:
    """Return a plan for one community.

    Parameters
    ----------
    community
        The community and what lies in it.
    units
        Its units and their buildings, sorted by ``unit``, if it has been cut before, by whatever rules; None cuts it.
    seed
        Seed of the random numbers, not negative. The same input and seed give the same plan, whatever the row order.

    Returns
    -------
    ProposedPlan
        Units of a special grid form that grid; all others form base grids. An estate that is not too large for one
        grid by the rules lies in one, as far as its land hangs together. Grids that
        continue earlier ones keep their codes and names.

    Raises
    ------
    InputError
        The community needs more grids than there are codes.
    CoverageError
        The community's geometry, or that of the given units, is invalid.
    """
    if units is None:
        units = cut_units(community)
    frame = units.units
    graph = unit_graph(frame, community.barriers)
    bundles = bundle_estates(frame, graph, community.rules)
    special = frame["special"].to_numpy(dtype=object)[bundles.first]
    locked = pd.factorize(special, sort=True)[0].astype(np.int64)
    solved = solve(
        bundles.graph,
        bundles.households,
        bundles.residents,
        community.rules,
        area_m2=bundles.area_m2,
        perimeter_m=bundles.perimeter_m,
        locked=locked,
        seed=seed,
    )
    refined = refine(
        bundles.graph,
        bundles.households,
        bundles.residents,
        community.rules,
        area_m2=bundles.area_m2,
        perimeter_m=bundles.perimeter_m,
        labels=solved,
        locked=locked,
    )
    titled = title_grids(community, frame, units.unit_buildings, refined.labels[bundles.of_unit])
    findings = {
        *remarks(community, frame, units.unit_buildings),
        *plan_findings(community, frame, units.unit_buildings, graph, titled.labels, titled.grids),
        *code_findings(community, titled),
        *bound_findings(refined.bounds, frame["code"].iloc[bundles.first].tolist()),
    }
    return ProposedPlan(
        units=frame,
        unit_buildings=units.unit_buildings,
        labels=titled.labels,
        grids=titled.grids,
        findings=tuple(sorted(findings)),
        lineage=titled.lineage,
        retired=titled.retired,
        bounds=refined.bounds,
    )
