"""Where the walking network ends: whose walk might be shorter on streets that are not in it."""

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from gis_service.plan.findings import Finding

MARGIN_M = 1_000.0
"""The network should go on this far beyond the communities [m], about a quarter of an hour on foot."""
_PROBE_M = 50.0


@dataclass(frozen=True)
class EdgeEffect:
    """Buildings whose walk might be shorter if the network went on.

    Parameters
    ----------
    near_end
        Of each building: it stands nearer to the end of the network than its walk is long, or has no walk, so that a
        nearer facility or a shorter way could lie beyond.
    households
        Households in such buildings [count].
    share
        Their share in all households; nan where there are none.
    """

    near_end: NDArray[np.bool_]
    households: int
    share: float


def network_extent(streets: NDArray[np.object_]) -> shapely.Geometry:
    """Return the convex hull of the streets [m]; beyond it nothing is known."""
    return shapely.GeometryCollection(list(streets)).convex_hull


def edge_effect(
    streets: NDArray[np.object_],
    origins_xy: NDArray[np.float64],
    walk_m: NDArray[np.float64],
    households: NDArray[np.int64],
) -> EdgeEffect:
    """Return whose walk might be shorter if the network went on.

    No walk through the outside is shorter than the straight line to where the outside begins, so a building whose walk
    is not longer than that line is safe. The rule is careful: it cannot tell a clipped network from one that ends at
    the sea or the mountains.

    Parameters
    ----------
    streets
        The network's edges [LineString, metric].
    origins_xy
        Where each building stands [m], shape (n, 2).
    walk_m
        Its walk to the nearest facility [m]; nan: none.
    households
        Its households.
    """
    extent = network_extent(streets)
    points = np.asarray(shapely.points(origins_xy), dtype=object)
    to_end_m = np.where(shapely.covers(extent, points), shapely.distance(shapely.boundary(extent), points), 0.0)
    near_end = ~(walk_m <= to_end_m)
    total, near = int(households.sum()), int(households[near_end].sum())
    return EdgeEffect(near_end, near, near / total if total else np.nan)


def border_finding(streets: NDArray[np.object_], communities: NDArray[np.object_], subject: str) -> Finding | None:
    """Return the finding that the network ends at the communities, or less than `MARGIN_M` beyond them.

    Parameters
    ----------
    streets
        The network's edges [LineString, metric].
    communities
        Polygons of the communities [m].
    subject
        Name of the city.

    Returns
    -------
    Finding or None
        A note with the share of the communities' outer border that lies less than `MARGIN_M` inside the end of the
        network, or outside of it; None where there is no such border, or no community.
    """
    if not len(communities):
        return None
    line = shapely.segmentize(shapely.boundary(shapely.convex_hull(shapely.union_all(communities))), _PROBE_M)
    probes = np.asarray(shapely.points(shapely.get_coordinates(line)), dtype=object)
    extent = network_extent(streets)
    inside_m = np.where(shapely.covers(extent, probes), shapely.distance(shapely.boundary(extent), probes), 0.0)
    share = float(np.mean(inside_m < MARGIN_M))
    if share == 0:
        return None
    return Finding(
        "network_ends_early",
        "note",
        subject,
        f"步行路网在社区外围 {share:.0%} 的地段延伸不足 {MARGIN_M / 1000:g} 公里，边缘居民的步行距离可能偏长；"
        "若外面不是海或山，请提供范围更大的道路数据",
        f"along {share:.0%} of the communities' outer border the walking network goes on for less than "
        f"{MARGIN_M / 1000:g} km; walks near it may come out too long. Unless there is sea or mountains, give streets "
        "of a wider area",
    )
