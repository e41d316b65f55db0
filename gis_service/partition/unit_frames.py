"""Pieces of land as the units frame: numbered, named and summed up."""

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pandas.arrays import IntegerArray

from gis_service.geo.coverage import GeometryArray, IndexArray
from gis_service.partition.estates import Estates
from gis_service.partition.footprints import Clusters
from gis_service.partition.ground import NOBODY
from gis_service.partition.pieces import Pieces
from gis_service.partition.shares import Atoms

ROW_M = 100.0
"""Units are numbered in rows of this height from north to south, in a row from west to east [m]."""
COUNTS = ("households", "residents", "elderly", "children")


def unit_frame(
    land: Pieces,
    clusters: Clusters,
    estate_of_cluster: IndexArray,
    *,
    estates: Estates,
    special: gpd.GeoDataFrame,
    atoms: Atoms,
) -> tuple[gpd.GeoDataFrame, IndexArray]:
    """Return the units frame without its counts, and the unit of every cluster.

    Parameters
    ----------
    land
        The pieces of land of the whole community.
    clusters, estate_of_cluster
        The clusters of buildings and the estate of each, or `NOBODY`.
    estates, special
        The estates and special grids of the community.
    atoms
        The ranges of labels.

    Returns
    -------
    units
        Columns ``unit, code, kind, special, estate_id, geometry``, without a CRS.
    unit_of_cluster
        A cluster that stands outside the community belongs to the nearest unit.
    """
    order = _numbering(land.polygon)
    polygon, label = shapely.normalize(land.polygon[order]), land.label[order]
    unit_of_piece = np.argsort(order)
    unit = np.where(land.piece_of_cluster != NOBODY, unit_of_piece[land.piece_of_cluster], NOBODY)
    strays = np.flatnonzero(unit == NOBODY)
    found = shapely.STRtree(polygon).query_nearest(clusters.footprint[strays], all_matches=True)
    np.maximum.at(unit, strays[found[0]], found[1])

    populated = np.bincount(unit, minlength=len(order)) > 0
    estate = atoms.estate_of(label, estate_of_cluster)
    single = atoms.is_cluster(label)
    undivided = (estate != NOBODY) & (np.bincount(estate + 1, minlength=len(estates.id) + 1)[estate + 1] == 1)
    kind = np.select(
        [undivided, single & ~land.alone[order], single | (atoms.is_special(label) & populated)],
        ["estate", "cell", "block"],
        "open",
    )
    names = np.array([*special["name"], None], dtype=object)
    ids = np.array([*estates.id, None], dtype=object)
    frame = gpd.GeoDataFrame(
        {
            "unit": np.arange(len(order)),
            "code": pd.Series([f"u{number:04d}" for number in range(1, len(order) + 1)], dtype=object),
            "kind": pd.Series(kind, dtype=object),
            "special": pd.Series(names[np.where(atoms.is_special(label), label, NOBODY)], dtype=object),
            "estate_id": pd.Series(ids[estate], dtype=object),
        },
        geometry=polygon,
    )
    return frame, unit


def sum_up(units: gpd.GeoDataFrame, buildings: gpd.GeoDataFrame, unit: IndexArray) -> gpd.GeoDataFrame:
    """Return the units frame with its counts and the CRS of the buildings.

    Parameters
    ----------
    units
        The frame of `unit_frame`.
    buildings
        The buildings frame.
    unit
        Unit of every building.

    Returns
    -------
    geopandas.GeoDataFrame
        A count is ``<NA>`` as soon as one of the buildings has none; a unit without buildings counts 0.
    """
    counts = pd.DataFrame({column: _sums(buildings[column], unit, len(units)) for column in COUNTS})
    counts = counts.astype({"households": "int64"})
    frame = pd.concat([units.drop(columns="geometry"), counts], axis=1)
    return gpd.GeoDataFrame(frame, geometry=units.geometry.to_numpy(), crs=buildings.crs)


def _sums(values: "pd.Series[int]", unit: IndexArray, count: int) -> IntegerArray:
    """Return the sum of the values of every one of ``count`` units, ``<NA>`` where one is unknown."""
    total = np.bincount(unit, values.to_numpy(np.float64, na_value=0.0), minlength=count).astype(np.int64)
    unknown = np.bincount(unit, values.isna(), minlength=count) > 0
    return IntegerArray(total, unknown)


def _numbering(polygons: GeometryArray) -> IndexArray:
    """Return the polygons' positions in the order of their numbers."""
    xy = shapely.get_coordinates(shapely.point_on_surface(polygons))
    row = np.floor((xy[:, 1].max() - xy[:, 1]) / ROW_M)
    order: IndexArray = np.lexsort((-xy[:, 1], xy[:, 0], row))
    return order
