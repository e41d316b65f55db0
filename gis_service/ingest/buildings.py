"""Reader of buildings: counts, estates, communities, and households spread from totals."""

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gis_service.ingest.building_checks import (
    disagreement,
    fewer_residents,
    refuse_boundless_sums,
    straddling,
    twins,
)
from gis_service.ingest.communities import Communities
from gis_service.ingest.coordinates import locate, refuse_far, window_of
from gis_service.ingest.dataset import Dataset
from gis_service.ingest.estates import Estates, estates_of_buildings
from gis_service.ingest.frames import metric_frame
from gis_service.ingest.notes import ImportNote
from gis_service.ingest.outside import outside_notes, refuse_mostly_outside
from gis_service.ingest.positions import polygons, refuse_other_than, require_geometry, single_points
from gis_service.ingest.reading import read_source
from gis_service.ingest.tiling import containing
from gis_service.ingest.totals import spread_totals
from gis_service.ingest.values import counts, unique_codes

_OPTIONAL_COUNTS = ("residents", "elderly", "children", "floors")


def read_buildings(
    dataset: Dataset, regions: gpd.GeoDataFrame, communities: Communities, estates: Estates
) -> tuple[gpd.GeoDataFrame, tuple[ImportNote, ...]]:
    """Return the buildings of a dataset.

    Parameters
    ----------
    dataset
        The folder; its ``buildings`` file is read.
    regions
        Frame ``regions`` in metres; the city's extent is theirs.
    communities
        Where buildings are placed, by a point on their surface.
    estates
        Estates of the dataset, for estate ids, places and totals.

    Returns
    -------
    buildings : geopandas.GeoDataFrame
        Frame ``buildings`` of the contract.
    notes : tuple of ImportNote
        What was repaired, estimated or noticed.

    Raises
    ------
    InputError
        As `gis_service.ingest.city.read_city`.
    """
    source, notes = read_source(dataset.files["buildings"])
    ids = unique_codes(source, "id")
    households = counts(source, "households")
    optional = {field: counts(source, field) for field in _OPTIONAL_COUNTS}
    geometries, far, located = locate(
        source, dataset.metric_crs, window_of(regions.geometry.to_numpy(), dataset.metric_crs)
    )
    require_geometry(source, geometries)
    geometries = single_points(geometries)
    geometries, repaired = polygons(source, geometries)
    refuse_other_than(source, geometries, "pa")
    refuse_far(source, far)
    points = np.asarray(shapely.point_on_surface(geometries), dtype=object)
    inside = containing(communities.geometry, points)
    refuse_mostly_outside(source, dataset.metric_crs, communities, points, inside)
    code = np.full(len(ids), None, dtype=object)
    code[inside >= 0] = communities.code[inside[inside >= 0]]
    estate_id, joined = estates_of_buildings(source, estates, points)
    found, estimated, spread = spread_totals(
        source,
        households,
        footprint_m2=shapely.area(geometries),
        floors=optional["floors"].to_numpy(dtype=np.float64, na_value=np.nan),
        groups=((estate_id, estates.households, "小区", "estate"), (code, communities.households, "社区", "community")),
    )
    for field, values in (("households", pd.array(found, dtype="Int64")), *optional.items()):
        refuse_boundless_sums(source, field, values)
    order = np.argsort(ids.astype("U"), kind="stable")
    columns = {
        "id": ids[order],
        "households": found[order],
        **{field: values[order] for field, values in optional.items()},
        "estate_id": estate_id[order],
        "community_code": code[order],
        "households_source": np.where(estimated, "estimated", "observed").astype(object)[order],
    }
    remarks = (
        *outside_notes(source, dataset.metric_crs, communities, points, inside, found),
        *disagreement(source, communities, inside),
        *straddling(source, ids, geometries, communities, inside),
        *twins(source, ids, geometries),
        *fewer_residents(source, households, optional["residents"]),
    )
    frame = metric_frame(columns, geometries[order], dataset.metric_crs)
    return frame, (*notes, *located, *repaired, *joined, *spread, *remarks)


def no_buildings(metric_crs: str) -> gpd.GeoDataFrame:
    """Return the frame ``buildings`` without rows."""
    text = np.empty(0, dtype=object)
    columns = {
        "id": text,
        "households": np.empty(0, dtype=np.int64),
        **{field: pd.array([], dtype="Int64") for field in _OPTIONAL_COUNTS},
        "estate_id": text,
        "community_code": text,
        "households_source": text,
    }
    return metric_frame(columns, text, metric_crs)
