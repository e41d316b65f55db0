"""Where the gaps of a region lie: each outline ends at the region's border, as its figures do."""

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from gis_service.db.engine import Connection
from gis_service.db.snapshot_gaps import load_gap_points
from gis_service.db.snapshots import load_snapshot_areas
from gis_service.geo.coverage import pieces
from gis_service.workflows.audit_reading import LEVELS, OpenAudit


def gap_outlines(conn: Connection, audit: OpenAudit, region: str | None) -> gpd.GeoDataFrame:
    """Return the outlines of the gaps that `OpenAudit.gaps` tells of a region, each cut to the region.

    Parameters
    ----------
    conn, audit
        Open transaction, and the audit as its reader may see it.
    region
        Only what lies in it; None: everything visible.

    Returns
    -------
    geopandas.GeoDataFrame
        ``code`` (the rank, as text, by which they are ordered) and MultiPolygon, in the metric CRS of the audit. A gap
        of which nothing lies in the known extent of the region has no row.
    """
    crs = audit.content["metric_crs"]
    drawn = load_snapshot_areas(conn, audit.head.id, crs, "gap")[["code", "geometry"]]
    drawn = drawn[drawn["code"].isin([str(gap["rank"]) for gap in audit.gaps(region)])].reset_index(drop=True)
    if audit.is_whole(region) or drawn.empty:
        return drawn
    inside = audit.within(region)
    land = [
        extents.geometry[extents["code"].isin(inside)]
        for extents in (load_snapshot_areas(conn, audit.head.id, crs, level) for level in LEVELS if level != "grid")
    ]
    points = load_gap_points(conn, audit.head.id, crs)
    points = points[points["place"].isin(inside)]
    buildings = {str(rank): shapely.multipoints(list(own.geometry)) for rank, own in points.groupby("gap_rank")}
    stands = np.array([buildings[code] for code in drawn["code"]], dtype=object)
    parts = cut_to(drawn.geometry.to_numpy(), np.concatenate(land), stands)
    return drawn.set_geometry(parts, crs=crs)[~shapely.is_empty(parts)].reset_index(drop=True)


def cut_to(shapes: NDArray[np.object_], land: NDArray[np.object_], stands: NDArray[np.object_]) -> NDArray[np.object_]:
    """Return the part of each polygon that lies in some land, without the pieces in which none of its points stands.

    Parameters
    ----------
    shapes
        Polygons, in a metric CRS.
    land
        Polygons that may overlap, in any order.
    stands
        MultiPoint of each shape: an outline reaches beyond its buildings, and so perhaps over a border.

    Returns
    -------
    numpy.ndarray
        MultiPolygons, possibly empty.
    """
    ground = shapely.union_all(land)
    shapely.prepare(ground)
    found = []
    for shape, stand in zip(shapes, stands, strict=True):
        parts = pieces(shapely.intersection(shape, ground))
        found.append(shapely.MultiPolygon(list(parts[shapely.intersects(parts, stand)])))
    return np.array(found, dtype=object)
