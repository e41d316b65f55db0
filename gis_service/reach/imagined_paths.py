"""Paths that somebody imagines between two places of a walking network."""

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from shapely.ops import substring

from gis_service.errors import InputError, Text
from gis_service.reach.network import IMAGINED, WalkingNetwork
from gis_service.reach.snapping import Snaps, snap

JOIN_M = 50.0
"""An imagined path begins and ends at most this far from a street [m], inclusive; the way there is part of it."""
_SHARED = ("length_m", "crossings", "signals")
"""What the pieces of a street share by their length."""


@dataclass(frozen=True)
class ImaginedPath:
    """A path and where it joins the streets.

    Parameters
    ----------
    line
        The path as drawn [LineString, metric].
    ends
        Its two ends, snapped.
    """

    line: shapely.LineString
    ends: Snaps

    @property
    def length_m(self) -> float:
        """Return its length with the ways from its ends to the streets [m]."""
        return float(self.line.length + self.ends.gap_m.sum())


def join(network: WalkingNetwork, lines: NDArray[np.object_]) -> tuple[ImaginedPath, ...]:
    """Return paths with the places at which their ends join the streets; streets that they cross they do not join.

    Raises
    ------
    InputError
        An end lies more than `JOIN_M` off every street that is walked on, or both ends are one place.
    """
    return tuple(_joined(network, line, number) for number, line in enumerate(lines, 1))


def _joined(network: WalkingNetwork, line: shapely.LineString, number: int) -> ImaginedPath:
    xy = shapely.get_coordinates(line)
    ends = snap(network, xy[[0, -1]], max_gap_m=JOIN_M)
    if (ends.edge < 0).any():
        zh, en = (("起点", "begin"), ("终点", "end"))[int(ends.edge[0] >= 0)]
        raise InputError(
            Text(
                f"第 {number} 条假设通道的{zh}离能走的道路超过 {JOIN_M:g} 米，请画到路边",
                f"the {en} of imagined path {number} lies more than {JOIN_M:g} m off every walkable street; draw it up "
                "to one",
            )
        )
    if line.length == 0:
        raise InputError(
            Text(
                f"第 {number} 条假设通道没有长度，请给出不同的起点和终点",
                f"imagined path {number} has no length; give two different ends",
            )
        )
    return ImaginedPath(line, ends)


def with_imagined(
    nodes: gpd.GeoDataFrame, edges: gpd.GeoDataFrame, paths: tuple[ImaginedPath, ...]
) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """Return the frames of a network with paths: streets are cut where a path ends, and the paths are edges.

    People keep the street they stand at, as in :meth:`gis_service.reach.what_if.WhatIf.open_path`: nobody is put on an
    edge of the origin ``imagined``.

    Parameters
    ----------
    nodes, edges
        Frames of the network that the paths were joined to.
    paths
        The paths.
    """
    if not paths:
        return nodes, edges
    nodes = nodes.sort_values("node", ignore_index=True)
    cut_edge = np.concatenate([path.ends.edge for path in paths])
    fraction = np.concatenate([path.ends.fraction for path in paths])
    places = [
        shapely.line_interpolate_point(edges.geometry.iloc[edge], at, normalized=True)
        for edge, at in zip(cut_edge, fraction, strict=True)
    ]
    first = len(nodes)
    joints = first + np.arange(len(cut_edge))
    kept = edges.drop(index=edges.index[np.unique(cut_edge)])
    pieces = [
        piece
        for edge in np.unique(cut_edge)
        for piece in _pieces(edges.iloc[int(edge)], fraction[cut_edge == edge], joints[cut_edge == edge])
    ]
    ways = [_way(path, places[2 * i : 2 * i + 2], joints[2 * i : 2 * i + 2].tolist()) for i, path in enumerate(paths)]
    added = gpd.GeoDataFrame([*pieces, *ways], crs=edges.crs).reindex(columns=edges.columns).astype(edges.dtypes)
    new_nodes = gpd.GeoDataFrame({"node": joints}, geometry=places, crs=nodes.crs)
    return (
        pd.concat([nodes[["node", "geometry"]], new_nodes], ignore_index=True),
        pd.concat([kept, added], ignore_index=True),
    )


def _pieces(
    edge: "pd.Series[Any]", fractions: NDArray[np.float64], joints: NDArray[np.int64]
) -> list[dict[Hashable, Any]]:
    """Return the pieces of an edge that is cut at some shares of its length."""
    order = np.argsort(fractions, kind="stable")
    at = [0.0, *fractions[order].tolist(), 1.0]
    ends = [edge["u"], *joints[order].tolist(), edge["v"]]
    pieces = []
    for i in range(len(at) - 1):
        piece = edge.to_dict() | {"u": ends[i], "v": ends[i + 1]}
        piece["geometry"] = _part(edge["geometry"], at[i], at[i + 1])
        pieces.append(piece | {name: (at[i + 1] - at[i]) * edge[name] for name in _SHARED if name in edge})
    return pieces


def _part(line: shapely.LineString, begin: float, end: float) -> shapely.LineString:
    """Return a part of a line between two shares of its length; one without length has its two ends at one place."""
    part = substring(line, begin, end, normalized=True)
    if isinstance(part, shapely.LineString):
        return part
    return shapely.LineString(np.repeat(shapely.get_coordinates(part), 2, axis=0))


def _way(path: ImaginedPath, places: list[shapely.Point], joints: list[int]) -> dict[Hashable, Any]:
    """Return the edge of a path, from street to street."""
    xy = np.vstack([shapely.get_coordinates(places[0]), shapely.get_coordinates(path.line)])
    line = shapely.LineString(np.vstack([xy, shapely.get_coordinates(places[1])]))
    return {
        "u": joints[0],
        "v": joints[1],
        "length_m": path.length_m,
        "kind": "path",
        "name": None,
        "origin": IMAGINED,
        "structure": None,
        "crossings": 0.0,
        "signals": 0.0,
        "slope_to_u": np.nan,
        "slope_to_v": np.nan,
        "geometry": line,
    }
