"""The figures of an audit and the evidence behind them."""

from dataclasses import dataclass, replace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gis_service.audit.indicators import grid_indicators, region_indicators
from gis_service.audit.inventory import Inventory, take_inventory
from gis_service.audit.limits import Limits
from gis_service.audit.region_counts import places_of
from gis_service.audit.shortfalls import Placed, shortfalls
from gis_service.reach.capacity import AREA_PER_HUNDRED_HOUSEHOLDS_M2
from gis_service.reach.gaps import gap_members, gap_table
from gis_service.workflows.audit_inputs import AuditInputs
from gis_service.workflows.group_walks import group_speed, group_walks

GAP_COLUMNS = (
    "rank", "name", "place", "community_code", "centre_id", "buildings", "households", "residents", "elderly",
    "nearest_walk_m", "mean_walk_m", "farthest_walk_m", "missing_min", "households_no_path", "households_beyond",
    "facility_id", "facility_name",
)  # fmt: skip


@dataclass(frozen=True)
class Figures:
    """The figures of an audit.

    Parameters
    ----------
    limits
        What counted as reached; None: there is no reach run.
    regions, grids
        Indicators, see :mod:`gis_service.audit.indicators`.
    inventory
        The things they were counted from; its buildings also have ``gap_rank`` (``<NA>``: in no gap).
    gaps
        `GAP_COLUMNS`, by rank; ``households_beyond``: how many walk strictly more than the limit or have no path.
    shortfalls
        What somebody has to do something about, each with the region it lies in.
    points
        The buildings of the inventory, each as a point inside it.
    areas
        ``kind``, ``code`` and extent of regions, grids and gaps.
    """

    limits: Limits | None
    regions: pd.DataFrame
    grids: pd.DataFrame
    inventory: Inventory
    gaps: pd.DataFrame
    shortfalls: list[Placed]
    points: gpd.GeoDataFrame
    areas: gpd.GeoDataFrame


def figures_of(inputs: AuditInputs) -> Figures:
    """Return the figures of an audit; the same whatever the order of rows."""
    run, limits = inputs.run, limits_of(inputs)
    walked = None if run is None else run.result.buildings
    of_groups = None
    if run is not None and inputs.network is not None:
        of_groups = group_walks(*inputs.network, inputs.buildings, inputs.facilities, run.rules)
    inventory = take_inventory(
        inputs.regions,
        inputs.buildings,
        inputs.grids,
        inputs.estates,
        inputs.facilities,
        grid_codes=inputs.assigned.buildings,
        walks=walked,
        group_walks=of_groups,
        service=None if run is None else run.result.service,
    )
    gaps, ranks = _gaps(inputs, limits)
    inventory = replace(inventory, buildings=inventory.buildings.assign(gap_rank=ranks))
    points = shapely.point_on_surface(inputs.buildings.sort_values("id").geometry.to_numpy())
    return Figures(
        limits=limits,
        regions=region_indicators(inputs.regions, inventory, limits),
        grids=grid_indicators(inventory, limits),
        inventory=inventory,
        gaps=gaps,
        shortfalls=shortfalls(inventory, gaps, wanted_m2=AREA_PER_HUNDRED_HOUSEHOLDS_M2),
        points=gpd.GeoDataFrame(inventory.buildings, geometry=points, crs=inputs.buildings.crs),
        areas=_areas(inputs, gaps),
    )


def limits_of(inputs: AuditInputs) -> Limits | None:
    """Return what counted as reached in the run of an audit."""
    if inputs.run is None:
        return None
    rules = inputs.run.rules
    return Limits(rules.band_minutes, rules.speed_m_per_s, group_speed("elderly", rules))


def _gaps(inputs: AuditInputs, limits: Limits | None) -> tuple[pd.DataFrame, "pd.Series[Any]"]:
    """Return the gaps, and the rank of the gap that each building (by id) is in."""
    ids = inputs.buildings["id"].sort_values(ignore_index=True)
    if inputs.run is None or limits is None:
        return pd.DataFrame(columns=list(GAP_COLUMNS)), pd.Series(pd.NA, index=ids.index, dtype="Int64")
    members = gap_members(inputs.buildings, inputs.run.result.buildings)
    table = gap_table(members)
    ranks = table.set_index("cluster")["rank"].reindex(members["cluster"]).set_axis(members["id"])
    beyond = members["households"].where(limits.is_beyond(members["walk_m"]), 0).groupby(members["cluster"]).sum()
    centre = members.set_index("id").loc[table["centre_id"]]
    names = inputs.facilities.set_index("id")["name"]
    table = table.assign(
        name=_names(inputs, table),
        place=places_of(centre.geometry.to_numpy(), inputs.regions),
        missing_min=table["mean_walk_s"] / 60.0 - inputs.run.rules.minutes,
        households_beyond=table["cluster"].map(beyond).astype("int64"),
        facility_name=pd.Series(table["facility_id"].map(names), dtype=object).where(
            table["facility_id"].notna(), None
        ),
    )
    return table[list(GAP_COLUMNS)], pd.Series(ids.map(ranks), dtype="Int64")


def _names(inputs: AuditInputs, table: pd.DataFrame) -> list[str]:
    """Return what each gap is called: as the run called the same one, or by its community."""
    assert inputs.run is not None  # noqa: S101 gaps come from a run
    stored = inputs.run.result.gaps
    called = dict(zip(zip(stored["rank"], stored["households"], strict=True), stored["name"], strict=True))
    communities = dict(zip(inputs.regions["code"], inputs.regions["name"], strict=True))
    return [
        called.get((row["rank"], row["households"])) or communities[row["community_code"]]
        for row in table.to_dict("records")
    ]


def _areas(inputs: AuditInputs, gaps: pd.DataFrame) -> gpd.GeoDataFrame:
    located = inputs.regions[inputs.regions.geometry.notna()]
    parts = [
        gpd.GeoDataFrame({"kind": located["level"], "code": located["code"]}, geometry=located.geometry),
        gpd.GeoDataFrame({"kind": "grid", "code": inputs.grids["code"]}, geometry=inputs.grids.geometry),
    ]
    if inputs.run is not None:
        drawn = inputs.run.result.gaps
        drawn = drawn[drawn["rank"].isin(gaps["rank"])]
        parts.append(gpd.GeoDataFrame({"kind": "gap", "code": drawn["rank"].astype(str)}, geometry=drawn.geometry))
    together = gpd.GeoDataFrame(pd.concat([part for part in parts if len(part)], ignore_index=True), crs=located.crs)
    together = together.set_geometry(_multi(together.geometry.to_numpy()), crs=located.crs)
    return together.sort_values(["kind", "code"], ignore_index=True)


def _multi(shapes: "np.ndarray[Any, np.dtype[np.object_]]") -> list[shapely.MultiPolygon]:
    return [shape if shape.geom_type == "MultiPolygon" else shapely.MultiPolygon([shape]) for shape in shapes]
