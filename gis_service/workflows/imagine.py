"""From what is imagined in longitude and latitude to facilities and paths in the city's metres."""

from collections.abc import Sequence
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from gis_service.errors import InputError, Text
from gis_service.geo.crs import STORED_CRS, to_metric
from gis_service.ingest.coordinates import FAR_M, window_of
from gis_service.ingest.lines import read_lines
from gis_service.reach.comparison import Edits
from gis_service.reach.imagined_paths import ImaginedPath, join
from gis_service.reach.network import WalkingNetwork
from gis_service.reach.rules import ReachRules
from gis_service.workflows.kinds import any_of
from gis_service.workflows.scenario import LonLat, Scenario


def require_counted(scenario: Scenario, of_kinds: gpd.GeoDataFrame, rules: ReachRules) -> None:
    """Refuse to move or close what does not count, and to move what is closed in the same breath, or twice.

    Raises
    ------
    InputError
        Names the facilities.
    """
    moved = [facility for facility, _ in scenario.move]
    uncounted = sorted({*moved, *scenario.without} - set(of_kinds["id"]))
    if uncounted:
        kinds = any_of(rules.kinds)
        raise InputError(
            Text(
                f"{'、'.join(uncounted)} 不是{kinds.zh}类的公开设施，关闭或迁移它不影响结果；可用 --kind 指定类别",
                f"{', '.join(uncounted)} is no public facility of kind {kinds.en}, so closing or moving it changes "
                "nothing; choose with --kind",
            )
        )
    twice = sorted(facility for facility in set(moved) if moved.count(facility) > 1 or facility in scenario.without)
    if twice:
        raise InputError(
            Text(
                f"{'、'.join(twice)} 不能迁移两次，也不能既迁移又关闭",
                f"{', '.join(twice)} cannot be moved twice, nor moved and closed",
            )
        )


def require_near(scenario: Scenario, regions: gpd.GeoDataFrame, metric_crs: str) -> None:
    """Refuse to add or to move a facility to where nothing of the city can lie.

    Raises
    ------
    InputError
        A place lies farther than `FAR_M` from the extent of the regions; the text names it.
    """
    window = window_of(regions.geometry.to_numpy(), metric_crs)
    named = [("--add", place) for place in scenario.add]
    named += [(f"--move {facility}", place) for facility, place in scenario.move]
    far = [
        f"{name} {lon:g},{lat:g}"
        for name, (lon, lat) in named
        if window is not None and not window.holds(np.array([lon]), np.array([lat])).all()
    ]
    if far:
        raise InputError(
            Text(
                f"{'；'.join(far)}：离本市行政区划范围超过 {FAR_M / 1000:.0f} 公里，请检查经纬度（经度在前）",
                f"{'; '.join(far)}: more than {FAR_M / 1000:.0f} km from the city's regions; check the coordinates, "
                "longitude first",
            )
        )


def imagined_facilities(
    today: gpd.GeoDataFrame, rules: ReachRules, scenario: Scenario, metric_crs: str
) -> gpd.GeoDataFrame:
    """Return the facilities that count in the scenario."""
    # Closing the last one is a question worth asking; its answer is that nobody is covered.
    stay = today[~today["id"].isin(scenario.without)].copy()
    moved = dict(scenario.move)
    places = _metric(metric_crs, list(moved.values()))
    to = {facility: shapely.Point(place) for facility, place in zip(moved, places, strict=True)}
    stay = stay.set_geometry(
        [to.get(facility, point) for facility, point in zip(stay["id"], stay.geometry, strict=True)], crs=today.crs
    )
    if not scenario.add:
        return stay.reset_index(drop=True)
    numbers = range(1, len(scenario.add) + 1)
    added = gpd.GeoDataFrame(
        {
            "id": [f"added-{number}" for number in numbers],
            "name": [f"拟设点 {number}" for number in numbers],
            "kind": rules.kinds[0],
            "public": True,
        },
        geometry=shapely.points(_metric(metric_crs, scenario.add)),
        crs=today.crs,
    ).reindex(columns=today.columns)
    return pd.concat([stay, added], ignore_index=True).sort_values("id", ignore_index=True)


def imagined_paths(
    network: WalkingNetwork, regions: gpd.GeoDataFrame, scenario: Scenario, metric_crs: str
) -> tuple[ImaginedPath, ...]:
    """Return the paths of a scenario, joined to the streets."""
    lines: list[shapely.Geometry] = []
    for path in scenario.paths:
        if isinstance(path, Path):
            lines.extend(read_lines(path, regions, metric_crs))
        else:
            lines.append(shapely.LineString(_metric(metric_crs, path)))
    return join(network, np.array(lines, dtype=object))


def edits_of(today: gpd.GeoDataFrame, scenario: Scenario, paths: tuple[ImaginedPath, ...], metric_crs: str) -> Edits:
    """Return what a scenario changes; a facility that is shut anyway neither closes nor moves."""
    there = set(today["id"])
    moved = tuple((facility, place) for facility, place in scenario.move if facility in there)
    return Edits(
        closed=tuple(sorted(set(scenario.without) & there)),
        moved=tuple(
            (facility, (float(x), float(y)))
            for (facility, _), (x, y) in zip(moved, _metric(metric_crs, [place for _, place in moved]), strict=True)
        ),
        added_xy=_metric(metric_crs, scenario.add),
        paths=paths,
    )


def _metric(metric_crs: str, places: Sequence[LonLat]) -> NDArray[np.float64]:
    """Return places in the city's metres, shape (k, 2)."""
    points = gpd.GeoDataFrame(geometry=shapely.points(np.array(places, np.float64).reshape(-1, 2)), crs=STORED_CRS)
    return shapely.get_coordinates(to_metric(points, metric_crs).geometry.to_numpy())
