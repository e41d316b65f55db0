"""Which grid each building lies in by geometry, and whether assignment, footprints and sums agree with it."""

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from gis_service.audit.tiling import sound, tolerance_m2
from gis_service.errors import Text
from gis_service.plan.findings import Finding

NOWHERE = -1


@dataclass(frozen=True)
class Homes:
    """Where buildings lie, by geometry.

    Parameters
    ----------
    inside
        The part of each footprint inside the community; empty where there is none.
    home
        Position of the grid each building lies in; `NOWHERE` for none.
    grids_around
        How many grids hold the building's point in their interior [count].
    assigned
        Code of the grid each building was assigned to; None or nan for none.
    """

    inside: NDArray[np.object_]
    home: NDArray[np.int64]
    grids_around: NDArray[np.int64]
    assigned: NDArray[np.object_]


def locate_buildings(
    extent: shapely.Geometry,
    buildings: gpd.GeoDataFrame,
    grid_shapes: NDArray[np.object_],
    grid_codes: NDArray[np.object_],
    assignment: pd.DataFrame,
) -> Homes:
    """Return the grid each building lies in, by a representative point of its part inside the community.

    Parameters
    ----------
    extent
        Polygon of the community [m].
    buildings
        ``id`` and ``geometry`` in the same CRS.
    grid_shapes, grid_codes
        Valid polygons of the grids and their codes, by position.
    assignment
        ``building_id`` and ``grid_code``; used only to choose where a point lies on the border of several grids.
    """
    footprints = sound(buildings.geometry.to_numpy())
    whole = shapely.covers(extent, footprints)
    inside = footprints.copy()
    inside[~whole] = shapely.intersection(footprints[~whole], extent)
    points = shapely.point_on_surface(inside)
    given = dict(zip(assignment["building_id"], assignment["grid_code"], strict=True))
    assigned = np.array([given.get(building) for building in buildings["id"]], dtype=object)
    tree = shapely.STRtree(grid_shapes)
    building, grid = tree.query(points, predicate="intersects")
    order = np.lexsort((grid, grid_codes[grid] != assigned[building], building))
    building, grid = building[order], grid[order]
    first = np.unique(building, return_index=True)[1]
    home = np.full(len(buildings), NOWHERE, dtype=np.int64)
    home[building[first]] = grid[first]
    interior = tree.query(points, predicate="within")[0]
    return Homes(inside, home, np.bincount(interior, minlength=len(buildings)), assigned)


def check_assignment(buildings: gpd.GeoDataFrame, assignment: pd.DataFrame) -> list[Finding]:
    """Return buildings that are assigned never or twice, and assignments of unknown buildings."""
    known = set(buildings["id"])
    given = assignment.loc[assignment["grid_code"].notna(), "building_id"]
    twice = given[given.duplicated()]
    remarks = (
        ("building_unassigned", known - set(given), "没有划入任何网格", "is assigned to no grid"),
        ("building_assigned_twice", set(twice), "被划入两个网格", "is assigned more than once"),
        (
            "building_unknown",
            set(given) - known,
            "不在社区的楼栋表中",
            "is assigned but not a building of the community",
        ),
    )
    return [
        Finding(kind, "fault", building, f"楼栋 {building} {zh}", f"building {building} {en}")
        for kind, ids, zh, en in remarks
        for building in sorted(ids)
    ]


def check_buildings(
    homes: Homes, buildings: gpd.GeoDataFrame, grid_shapes: NDArray[np.object_], grid_codes: NDArray[np.object_]
) -> list[Finding]:
    """Return buildings in no grid, in several, in another than assigned, and footprints that a grid border cuts.

    Parameters
    ----------
    homes
        What :func:`locate_buildings` found.
    buildings
        ``id`` of each building, same order.
    grid_shapes, grid_codes
        Valid polygons of the grids and their codes, by position.
    """
    ids = buildings["id"].to_numpy(dtype=object)
    lost = homes.home == NOWHERE
    findings = [
        Finding(
            "building_in_no_grid",
            "fault",
            str(ids[i]),
            f"楼栋 {ids[i]} 不在任何网格内",
            f"building {ids[i]} lies in no grid",
        )
        for i in np.flatnonzero(lost)
    ]
    findings += [
        Finding(
            "building_in_several_grids",
            "fault",
            str(ids[i]),
            f"楼栋 {ids[i]} 同时位于 {homes.grids_around[i]} 个网格内",
            f"building {ids[i]} lies in {homes.grids_around[i]} grids at once",
        )
        for i in np.flatnonzero(homes.grids_around > 1)
    ]
    findings += [
        Finding(
            "building_in_other_grid",
            "fault",
            str(ids[i]),
            f"楼栋 {ids[i]} 位于网格 {grid_codes[homes.home[i]]}，却划入网格 {homes.assigned[i]}",
            f"building {ids[i]} lies in grid {grid_codes[homes.home[i]]} but is assigned to {homes.assigned[i]}",
        )
        for i in np.flatnonzero(~lost)
        if not pd.isna(homes.assigned[i]) and homes.assigned[i] != grid_codes[homes.home[i]]
    ]
    return findings + _check_cuts(homes, ids, grid_shapes, grid_codes)


def check_sums(homes: Homes, buildings: gpd.GeoDataFrame, grids: gpd.GeoDataFrame) -> list[Finding]:
    """Return grids whose stored totals are not the sums over the buildings that lie in them.

    Parameters
    ----------
    homes
        What :func:`locate_buildings` found.
    buildings
        ``households`` and ``residents`` of each building, same order.
    grids
        ``code``, ``households`` and ``residents``; residents are unknown where those of any building are.
    """
    housed = homes.home >= 0
    home, inside = homes.home[housed], buildings[housed]
    findings = []
    for zh, en in (("户数", "households"), ("人数", "residents")):
        counts = inside[en]
        summed = np.bincount(home, weights=counts.fillna(0).to_numpy(dtype=np.float64), minlength=len(grids))
        unknown = np.bincount(home, weights=counts.isna(), minlength=len(grids)) > 0
        for code, stored, total, is_unknown in zip(grids["code"], grids[en], summed, unknown, strict=True):
            wanted = None if is_unknown else int(total)
            given = None if pd.isna(stored) else int(stored)
            if given != wanted:
                findings.append(
                    Finding(
                        f"grid_{en}_wrong",
                        "fault",
                        code,
                        f"网格 {code} 的{zh}记为 {_count(given).zh}，其楼栋合计 {_count(wanted).zh}",
                        f"grid {code} stores {_count(given).en} {en} but its buildings sum to {_count(wanted).en}",
                    )
                )
    return findings


def _check_cuts(
    homes: Homes, ids: NDArray[np.object_], grid_shapes: NDArray[np.object_], grid_codes: NDArray[np.object_]
) -> list[Finding]:
    """Return footprints that reach out of their grid inside the community."""
    housed = np.flatnonzero(homes.home >= 0)
    footprints = homes.inside[housed]
    cut_m2 = shapely.area(shapely.difference(footprints, grid_shapes[homes.home[housed]]))
    cut = cut_m2 > tolerance_m2(shapely.area(footprints))
    return [
        Finding(
            "building_cut",
            "fault",
            str(ids[i]),
            f"网格 {grid_codes[homes.home[i]]} 的边界切开了楼栋 {ids[i]}，有 {area:.3f} m² 在网格外",
            f"the border of grid {grid_codes[homes.home[i]]} cuts building {ids[i]}: {area:.3f} m² lie outside it",
        )
        for i, area in zip(housed[cut], cut_m2[cut], strict=True)
    ]


def _count(value: int | None) -> Text:
    return Text("未知", "unknown") if value is None else Text(str(value), str(value))
