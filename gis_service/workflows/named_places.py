"""The places of a city that people can name, gathered from its frames: estates, communities, roads, facilities."""

from collections.abc import Iterator
from itertools import chain

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from gis_service.geo.crs import STORED_CRS
from gis_service.workflows.gazetteer import Gazetteer, Place


def build_gazetteer(
    regions: gpd.GeoDataFrame,
    estates: gpd.GeoDataFrame,
    buildings: gpd.GeoDataFrame,
    facilities: gpd.GeoDataFrame,
    roads: gpd.GeoDataFrame,
) -> Gazetteer:
    """Return the places of a city.

    Parameters
    ----------
    regions, estates, buildings
        The city's frames, in its metric CRS. An estate without a polygon lies in the middle of its buildings; one
        without buildings either is left out, as are communities without a polygon.
    facilities
        Those that the public may know, and no others.
    roads
        Lines with a ``name`` (None: left out).
    """
    communities = regions[regions["level"].eq("community") & regions.geometry.notna()].reset_index(drop=True)
    around = _Around(communities)
    found = chain(
        _areas("estate", estates.set_geometry(_estate_points(estates, buildings)), around),
        _areas("community", communities.set_geometry(communities.representative_point()), around, code="code"),
        _facilities(facilities, around),
        _roads(roads, around),
    )
    rows = sorted(found, key=lambda row: row[0])
    points = gpd.GeoSeries.from_xy([row[5] for row in rows], [row[6] for row in rows], crs=regions.crs).to_crs(
        STORED_CRS
    )
    return Gazetteer(
        tuple(
            Place(*row, lon=round(float(lon), 6), lat=round(float(lat), 6))
            for row, (lon, lat) in zip(rows, shapely.get_coordinates(points.to_numpy()), strict=True)
        )
    )


class _Around:
    """Tells in which community points lie."""

    def __init__(self, communities: gpd.GeoDataFrame) -> None:
        self._names = communities["name"].tolist()
        self._codes = communities["code"].tolist()
        self._tree = shapely.STRtree(communities.geometry.to_numpy())

    def of(self, points: NDArray[np.object_]) -> tuple[list[str | None], list[str | None]]:
        """Return names and codes of the communities; None: in none."""
        inside, areas = self._tree.query(points, predicate="intersects")
        first = np.full(len(points), -1)
        first[inside[::-1]] = areas[::-1]
        names = [self._names[area] if area >= 0 else None for area in first]
        return names, [self._codes[area] if area >= 0 else None for area in first]


_Row = tuple[str, str, str, str | None, str | None, float, float]


def _areas(kind: str, frame: gpd.GeoDataFrame, around: _Around, *, code: str = "id") -> Iterator[_Row]:
    frame = frame[frame.geometry.notna()]
    names, _ = around.of(frame.geometry.to_numpy())
    centres = shapely.get_coordinates(frame.geometry.to_numpy())
    for row_code, name, (x, y), community in zip(frame[code], frame["name"], centres, names, strict=True):
        inside = None if kind == "community" else community
        yield f"{kind}-{row_code}", name, kind, inside, None, float(x), float(y)


def _facilities(frame: gpd.GeoDataFrame, around: _Around) -> Iterator[_Row]:
    names, _ = around.of(frame.geometry.to_numpy())
    columns = (frame[column].tolist() for column in ("id", "name", "kind", "address"))
    places = shapely.get_coordinates(frame.geometry.to_numpy())
    for number, name, kind, address, (x, y), community in zip(*columns, places, names, strict=True):
        yield f"station-{number}", name, kind, community, address, float(x), float(y)


def _roads(frame: gpd.GeoDataFrame, around: _Around) -> Iterator[_Row]:
    """Return the roads, one row for each community that they run through."""
    frame = frame[frame["name"].notna()]
    lines = shapely.get_parts(shapely.line_merge(frame.geometry.to_numpy()), return_index=True)
    middles = shapely.line_interpolate_point(lines[0], 0.5, normalized=True)
    lengths_m = shapely.length(lines[0])
    names, codes = around.of(middles)
    longest: dict[tuple[str, str], int] = {}
    road_names = frame["name"].to_numpy()[lines[1]]
    order = np.lexsort((shapely.get_y(middles), shapely.get_x(middles), -lengths_m))
    for i in order:
        longest.setdefault((codes[i] or "", road_names[i]), int(i))
    for (code, name), i in longest.items():
        yield f"road-{code}-{name}", name, "road", names[i], None, float(middles[i].x), float(middles[i].y)


def _estate_points(estates: gpd.GeoDataFrame, buildings: gpd.GeoDataFrame) -> gpd.GeoSeries:
    """Return where estates are: on their ground, or in the middle of their buildings."""
    own = estates.representative_point()
    of_estate = buildings[buildings["estate_id"].notna() & buildings.geometry.notna()]
    centres = of_estate.geometry.centroid
    middles = gpd.GeoDataFrame({"x": centres.x, "y": centres.y}).groupby(of_estate["estate_id"]).mean()
    of_buildings = gpd.GeoSeries.from_xy(middles["x"], middles["y"], index=middles.index, crs=estates.crs)
    by_code = of_buildings.reindex(estates["id"]).set_axis(estates.index)
    shapes = np.where(own.notna(), own.to_numpy(), np.asarray(by_code))
    return gpd.GeoSeries(shapes, index=estates.index, crs=estates.crs)
