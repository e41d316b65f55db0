"""A plan of one community with everything that is to be said of it."""

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gis_service.geo.coverage import IndexArray
from gis_service.partition.bound_findings import LOCKED, bound_findings, reasons
from gis_service.partition.community import CommunityInput
from gis_service.partition.explain import Explanation, explain
from gis_service.partition.groundwork import Groundwork
from gis_service.partition.plan_findings import plan_findings
from gis_service.partition.quality import Quality, quality_of
from gis_service.partition.refinement import PartBound
from gis_service.partition.remarks import remarks
from gis_service.partition.straddling import straddling_findings
from gis_service.partition.titles import Succession, code_findings, title_grids
from gis_service.partition.vacant_findings import vacant_findings
from gis_service.plan.findings import Finding
from gis_service.plan.rules import Rules


@dataclass(frozen=True)
class ProposedPlan:
    """A plan of one community.

    Parameters
    ----------
    rules
        The rules it was made by.
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
        How near the best each connected part is, as far as that is proven; its units are bundles of the plan's. Empty
        where grids were repaired and all of them are in range: the best division is not what is wanted then.
    quality
        What the plan is worth by each soft rule.
    explanations
        Why each grid is as it is, in the order of ``grids``.
    households_moved
        Households that change grid against the one it started from [count]; None where it started from nothing.
    """

    rules: Rules
    units: gpd.GeoDataFrame
    unit_buildings: pd.DataFrame
    labels: IndexArray
    grids: gpd.GeoDataFrame
    findings: tuple[Finding, ...]
    lineage: tuple[Succession, ...]
    retired: tuple[str, ...]
    bounds: tuple[PartBound, ...]
    quality: Quality
    explanations: tuple[Explanation, ...]
    households_moved: int | None = None


def plan_of(
    community: CommunityInput,
    ground: Groundwork,
    labels: IndexArray,
    *,
    bounds: tuple[PartBound, ...] = (),
    held: NDArray[np.bool_] | None = None,
    households_moved: int | None = None,
) -> ProposedPlan:
    """Return the plan that an assignment of bundles makes.

    Parameters
    ----------
    community
        The community; its rules are those of the plan, and its past gives codes and names.
    ground
        Its units.
    labels
        Grid of each bundle, any whole numbers not below 0.
    bounds, households_moved
        What is known of it, see :class:`ProposedPlan`.
    held
        True for bundles of grids that had to stay; None: none had to.

    Raises
    ------
    InputError
        The community needs more grids than there are codes.
    """
    units, bundles = ground.units, ground.bundles
    titled = title_grids(community, units, ground.unit_buildings, labels[bundles.of_unit])
    rows = titled.labels[bundles.first]
    locked = np.zeros(len(titled.grids), dtype=bool)
    if held is not None:
        locked[rows[held]] = True
    known = reasons(bounds, rows) | dict.fromkeys(np.flatnonzero(locked).tolist(), LOCKED)
    findings = {
        *remarks(community, units, ground.unit_buildings),
        *plan_findings(
            community,
            units,
            ground.unit_buildings,
            ground.graph,
            titled.labels,
            titled.grids,
            known,
        ),
        *straddling_findings(
            community, ground, titled.labels, titled.grids, locked, repaired=households_moved is not None
        ),
        *vacant_findings(community, units, ground.graph, titled.labels, titled.grids),
        *code_findings(community, titled),
        *bound_findings(bounds, units["code"].iloc[bundles.first].tolist()),
    }
    return ProposedPlan(
        rules=community.rules,
        units=units,
        unit_buildings=ground.unit_buildings,
        labels=titled.labels,
        grids=titled.grids,
        findings=tuple(sorted(findings)),
        lineage=titled.lineage,
        retired=titled.retired,
        bounds=bounds,
        quality=quality_of(titled.grids, community),
        explanations=explain(units, ground.graph, titled.labels, titled.grids, community.rules, locked=locked),
        households_moved=households_moved,
    )
