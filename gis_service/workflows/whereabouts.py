"""Where a point is, in words: road, estate, street, community and, where a city publishes them, grid."""

from dataclasses import dataclass
from functools import cached_property

import geopandas as gpd
import numpy as np
import shapely

NEAR_ROAD_M = 100.0
"""A road is named where the point is no farther from it [m]."""


@dataclass(frozen=True)
class Surroundings:
    """Names of what is around a point; None: nothing of that kind, or it has no name.

    Parameters
    ----------
    street
        The street (街道) or town.
    community, community_code
        The community.
    estate
        The estate.
    road
        The nearest road within `NEAR_ROAD_M`.
    grid
        The grid; always None where a city does not publish its grids.
    grid_phone
        Office telephone of the grid's worker; always None where a city does not publish these.
    """

    street: str | None = None
    community: str | None = None
    community_code: str | None = None
    estate: str | None = None
    road: str | None = None
    grid: str | None = None
    grid_phone: str | None = None


@dataclass(frozen=True, eq=False)
class Whereabouts:
    """What there is to be named; frames in the city's metric CRS.

    Parameters
    ----------
    regions, estates
        The city's frames.
    roads
        Lines with a ``name`` (None: left out).
    grids
        Grids in force, with a ``phone`` (None: not known or not published); None: not published.
    """

    regions: gpd.GeoDataFrame
    estates: gpd.GeoDataFrame
    roads: gpd.GeoDataFrame
    grids: gpd.GeoDataFrame | None = None

    def of(self, x: float, y: float) -> Surroundings:
        """Return what is around a point [m]; on a border the first by code."""
        point = shapely.Point(x, y)
        community = self._communities.at(point)
        code = None if community is None else community["code"]
        street = self._streets.at(point)
        parents = {} if community is None else self._parents
        estate = self._estates.at(point)
        grid = {} if self._grids is None else self._grids.at(point) or {}
        return Surroundings(
            street=(None if code is None else parents.get(code)) or (None if street is None else street["name"]),
            community=None if community is None else community["name"],
            community_code=code,
            estate=None if estate is None else estate["name"],
            road=self._nearest_road(point),
            grid=grid.get("name") or grid.get("code"),
            grid_phone=grid.get("phone"),
        )

    @cached_property
    def _communities(self) -> "_Areas":
        return _Areas(self.regions[self.regions["level"] == "community"])

    @cached_property
    def _streets(self) -> "_Areas":
        return _Areas(self.regions[self.regions["level"] == "street"])

    @cached_property
    def _parents(self) -> dict[str, str]:
        """Return the name of the street of every community that has one."""
        streets = self.regions[self.regions["level"] == "street"].set_index("code")["name"]
        communities = self.regions[self.regions["level"] == "community"]
        pairs = zip(communities["code"], communities["parent_code"], strict=True)
        return {code: streets[parent] for code, parent in pairs if parent in streets.index}

    @cached_property
    def _estates(self) -> "_Areas":
        return _Areas(self.estates)

    @cached_property
    def _grids(self) -> "_Areas | None":
        return None if self.grids is None else _Areas(self.grids)

    @cached_property
    def _named_roads(self) -> tuple[shapely.STRtree, list[str]]:
        named = self.roads[self.roads["name"].notna()]
        return shapely.STRtree(named.geometry.to_numpy()), named["name"].tolist()

    def _nearest_road(self, point: shapely.Point) -> str | None:
        tree, names = self._named_roads
        found = tree.query_nearest(point, max_distance=NEAR_ROAD_M)
        return min((names[i] for i in found), default=None)

    def prepare(self) -> None:
        """Make what the first question would otherwise wait for."""
        _ = (self._communities, self._streets, self._parents, self._estates, self._grids, self._named_roads)


class _Areas:
    """Areas of a frame, to be asked what lies at a point."""

    def __init__(self, frame: gpd.GeoDataFrame) -> None:
        drawn = frame[frame.geometry.notna()].reset_index(drop=True)
        rows = drawn.drop(columns="geometry").to_dict("records")
        self._rows: list[dict[str, str | None]] = [{str(name): value for name, value in row.items()} for row in rows]
        self._tree = shapely.STRtree(drawn.geometry.to_numpy())

    def at(self, point: shapely.Point) -> dict[str, str | None] | None:
        found = self._tree.query(point, predicate="intersects")
        return self._rows[int(np.min(found))] if len(found) else None
