"""How much of the border between grids runs along roads, walls and water, and how much cannot."""

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from gis_service.geo.coverage import FloatArray, GeometryArray, group_sums, pieces, shared_edges
from gis_service.partition.community import CommunityInput
from gis_service.partition.contiguity import near, outlines
from gis_service.partition.linework import clip, faces_of
from gis_service.plan.rules import Rules, judge

ON_LINE_M = 1.5
"""A point of a border this close to a line runs along it [m, inclusive]."""
STEP_M = 4.0
"""Borders are looked at in steps of at most this length [m]."""


@dataclass(frozen=True)
class Following:
    """Lengths of the borders between grids; they add up over communities.

    Parameters
    ----------
    inner_m
        All border between two grids [m]; the border of the community is none.
    on_lines_m
        The part along a road, wall, river, railway or expressway, or the outline of an estate or special grid [m].
    forced_m
        The part without a line inside a street block whose households and residents are too many for one grid [m]:
        there borders must run, and nothing is there to follow.
    """

    inner_m: float
    on_lines_m: float
    forced_m: float

    @property
    def share(self) -> float:
        """Share of all inner border that runs along lines; nan where there is no inner border."""
        return self.on_lines_m / self.inner_m if self.inner_m > 0 else float("nan")

    @property
    def share_where_possible(self) -> float:
        """Share that runs along lines of the inner border that is not forced; nan where there is none."""
        possible_m = self.inner_m - self.forced_m
        return self.on_lines_m / possible_m if possible_m > 0 else float("nan")


@dataclass(frozen=True)
class Borders:
    """The borders between grids as drawn, in short steps.

    Parameters
    ----------
    middle
        Middle of each step.
    length_m
        Its length [m].
    on_line
        True where its middle lies within `ON_LINE_M` of a line of :func:`lines_of`.
    """

    middle: GeometryArray
    length_m: FloatArray
    on_line: NDArray[np.bool_]


def borders_of(grids: gpd.GeoDataFrame, community: CommunityInput) -> Borders:
    """Return the borders between grids and where they run along lines: the one measure of that in the product.

    Parameters
    ----------
    grids
        The base grids of a community, those without people included, a valid coverage. A border of a special grid is
        given, so it says nothing of a plan.
    community
        The community; its barriers, with the streets if they are to count, its estates and special grids matter.

    Returns
    -------
    Borders
        Steps of at most `STEP_M`. It is measured on what is drawn; the engine weighs the same on the units' borders
        (``contiguity.UnitGraph.follow_m``), where estates need no line as they stay whole.
    """
    middle, length_m = _steps(grids.geometry.to_numpy())
    return Borders(middle, length_m, near(middle, lines_of(community), ON_LINE_M))


def following(grids: gpd.GeoDataFrame, community: CommunityInput) -> Following:
    """Return how the borders between the grids of a community follow the lines in it.

    Parameters
    ----------
    grids
        As for :func:`borders_of`.
    community
        The community; its barriers, with the streets if they are to count, its estates, special grids, buildings and
        rules matter. A building counts where its point on surface lies.

    Returns
    -------
    Following
        Lengths measured in steps of at most `STEP_M`, each judged by its middle.
    """
    borders = borders_of(grids, community)
    too_large = _too_large_blocks(community, lines_of(community))
    forced = np.zeros(len(borders.middle), dtype=bool)
    forced[shapely.STRtree(too_large).query(borders.middle, predicate="intersects")[0]] = True
    return Following(
        inner_m=float(borders.length_m.sum()),
        on_lines_m=float(borders.length_m[borders.on_line].sum()),
        forced_m=float(borders.length_m[forced & ~borders.on_line].sum()),
    )


def lines_of(community: CommunityInput) -> GeometryArray:
    """Return the lines a border may follow: barriers, and the outlines of estates and special grids."""
    geometries = [frame.geometry.to_numpy() for frame in (community.barriers, community.estates, community.special)]
    lines = outlines(np.concatenate(geometries))
    known: GeometryArray = lines[~shapely.is_missing(lines) & ~shapely.is_empty(lines)]
    return known


def _steps(polygons: GeometryArray) -> tuple[GeometryArray, FloatArray]:
    """Return the shared borders of a coverage in short steps: the middle and the length [m] of each."""
    segments = shared_edges(polygons).segments
    segment_m = segments.lengths_m()
    count = np.maximum(np.ceil(segment_m / STEP_M), 1.0).astype(np.int64)
    row = np.repeat(np.arange(len(count)), count)
    number = np.arange(len(row)) - np.repeat(np.cumsum(count) - count, count)
    along = (number + 0.5) / count[row]
    x = segments.x0[row] + along * (segments.x1 - segments.x0)[row]
    y = segments.y0[row] + along * (segments.y1 - segments.y0)[row]
    return np.asarray(shapely.points(x, y), dtype=object), (segment_m / count)[row]


def _too_large_blocks(community: CommunityInput, lines: GeometryArray) -> GeometryArray:
    """Return the faces between the lines that hold more than one grid may."""
    places = shapely.point_on_surface(community.buildings.geometry.to_numpy())
    households = community.buildings["households"].to_numpy(np.float64)
    residents = community.buildings["residents"].to_numpy(np.float64, na_value=np.nan)
    blocks = [np.empty(0, dtype=object)]
    for part in pieces(community.geometry):
        faces = faces_of((part.boundary, *clip(lines, part)), part)
        building, face = shapely.STRtree(faces).query(places, predicate="within")
        of_face = group_sums(face, households[building], len(faces))
        people = group_sums(face, residents[building], len(faces))
        blocks.append(faces[[_too_large(h, r, community.rules) for h, r in zip(of_face, people, strict=True)]])
    return np.concatenate(blocks)


def _too_large(households: float, residents: float, rules: Rules) -> bool:
    people = None if np.isnan(residents) else int(residents)
    return judge(int(households), people, "base", rules).status == "large"
