"""What if facilities were added, moved or closed or paths opened, told while somebody drags a marker on a map."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from gis_service.db import buildings, estates, facilities, network, reach_runs, regions
from gis_service.db.cities import City
from gis_service.db.engine import Connection
from gis_service.errors import InputError, Text
from gis_service.geo.crs import STORED_CRS, round_coordinates, transform_coordinates
from gis_service.ingest.coordinates import FAR_M, Window, window_of
from gis_service.reach.comparison import (
    Difference,
    Edits,
    Standing,
    compare_with,
    difference,
    plain_coverage,
    standing_of,
)
from gis_service.reach.costs import walking_network
from gis_service.reach.imagined_paths import join
from gis_service.reach.rules import ReachRules
from gis_service.reach.snapping import snap

LonLat = tuple[float, float]
"""Longitude, latitude [degrees, WGS 84]."""
MOST_DRAWN = 5_000
"""Buildings whose change is drawn at most, those with most households; all are counted."""


@dataclass(frozen=True)
class Imagined:
    """What is imagined on a map.

    Parameters
    ----------
    add
        Places of new facilities.
    close
        Ids of facilities that are closed.
    move
        Ids of facilities that are moved, each with its new place.
    paths
        New paths, each from one end to the other.
    """

    add: tuple[LonLat, ...] = ()
    close: tuple[str, ...] = ()
    move: tuple[tuple[str, LonLat], ...] = ()
    paths: tuple[tuple[LonLat, ...], ...] = ()


@dataclass(frozen=True, eq=False)
class WhatIfCity:
    """A city as it is, ready to be asked.

    Parameters
    ----------
    standing
        Its people and their walks, by the rules of the run that its map shows.
    lonlat
        Where its buildings stand [degrees], shape (n, 2).
    communities
        ``code``, ``name`` and ``street`` (None: under none) of every community, by code.
    community
        Place of each building's community among `communities`; -1: it stands in none.
    edges, regions, estates
        What gaps are called by.
    metric_crs
        The city's.
    window
        Where the city and its surroundings lie; None: it has no regions.
    """

    standing: Standing
    lonlat: NDArray[np.float64]
    communities: tuple[dict[str, Any], ...]
    community: NDArray[np.int64]
    edges: gpd.GeoDataFrame
    regions: gpd.GeoDataFrame
    estates: gpd.GeoDataFrame
    metric_crs: str
    window: Window | None


def load_what_if_rules(conn: Connection, city: City) -> ReachRules:
    """Return the rules by which the map of a city tells who is covered."""
    return reach_runs.load_rules(conn, city) or ReachRules()


def load_what_if(conn: Connection, city: City, rules: ReachRules) -> WhatIfCity:
    """Return a city, ready to be asked what would change.

    Raises
    ------
    NoNetworkError
        The city has no walking network.
    InputError
        Slopes are to count and no height is known.
    """
    nodes, edges = network.load_network(conn, city)
    known = facilities.load_facilities(conn, city)
    all_regions = regions.load_regions(conn, city)
    standing = standing_of(
        walking_network(nodes, edges, rules),
        buildings.load_buildings(conn, city),
        known[known["kind"].isin(rules.kinds) & known["public"]],
        rules,
    )
    communities = _named_communities(all_regions)
    codes = pd.Index([each["code"] for each in communities], dtype=object)
    return WhatIfCity(
        standing,
        shapely.get_coordinates(
            transform_coordinates(
                np.asarray(shapely.points(standing.origins_xy), dtype=object), city.metric_crs, STORED_CRS
            )
        ),
        communities,
        codes.get_indexer(standing.buildings["community_code"]).astype(np.int64),
        edges,
        all_regions,
        estates.load_estates(conn, city),
        city.metric_crs,
        window_of(all_regions.geometry.to_numpy(), city.metric_crs),
    )


def what_changes(city: WhatIfCity, imagined: Imagined, *, with_gaps: bool) -> dict[str, Any]:
    """Return what would change, as plain values for JSON.

    Parameters
    ----------
    city
        The city as it is.
    imagined
        What is imagined.
    with_gaps
        Tell which gaps would be mended or worsened too, which takes longer than to follow a dragged marker.

    Returns
    -------
    dict
        ``minutes``, ``speed_m_per_s``, ``kinds``: the rules in force; ``coverage``: see
        :class:`gis_service.reach.comparison.Difference`; ``households_nearer``, ``households_farther`` [count];
        ``buildings_gained``, ``buildings_lost`` [count]; ``gained``, ``lost``: longitude, latitude [degrees] and
        households of these buildings, `MOST_DRAWN` at most; ``communities``: ``code``, ``name``, ``street``,
        ``households_gained``, ``households_lost`` of those where anybody gains or loses, most gained first;
        ``off_network``: numbers of the new facilities (from 1) and ids of the moved ones that stand too far from any
        street to serve anybody; ``gaps_mended``, ``gaps_worsened``: see
        :class:`gis_service.reach.comparison.Comparison` (None: not asked for).

    Raises
    ------
    InputError
        A facility is unknown or does not count, is named twice, a place lies far from the city, or a path ends far from
        every street.
    """
    edits = edits_of(city, imagined)
    after_m = city.standing.after(edits)
    changed, rules = difference(city.standing, after_m), city.standing.rules
    gaps: dict[str, Any] = {"gaps_mended": None, "gaps_worsened": None}
    if with_gaps:
        compared = compare_with(
            city.standing, after_m, edges=city.edges, regions=city.regions, estates=city.estates
        ).as_dict()
        gaps = {name: compared[name] for name in gaps}
    return {
        "minutes": rules.minutes,
        "speed_m_per_s": rules.speed_m_per_s,
        "kinds": list(rules.kinds),
        "coverage": plain_coverage(changed.coverage),
        "households_nearer": changed.households_nearer,
        "households_farther": changed.households_farther,
        "buildings_gained": len(changed.gained),
        "buildings_lost": len(changed.lost),
        "gained": drawn(city, changed.gained),
        "lost": drawn(city, changed.lost),
        "communities": _communities(city, changed),
        "off_network": _off_network(city, edits),
        **gaps,
    }


def edits_of(city: WhatIfCity, imagined: Imagined) -> Edits:
    """Return what is imagined in the city's metres.

    Raises
    ------
    InputError
        As `what_changes`.
    """
    _require_sound(city, imagined)
    moved_xy = _metric(city, [place for _, place in imagined.move])
    lines = [shapely.LineString(_metric(city, path)) for path in imagined.paths]
    return Edits(
        closed=tuple(sorted(imagined.close)),
        moved=tuple(
            (facility, (float(x), float(y))) for (facility, _), (x, y) in zip(imagined.move, moved_xy, strict=True)
        ),
        added_xy=_metric(city, imagined.add),
        paths=join(city.standing.network, np.array(lines, dtype=object)),
    )


def drawn(city: WhatIfCity, rows: NDArray[np.int64]) -> list[list[float]]:
    """Return longitude, latitude [degrees] and households of some buildings, `MOST_DRAWN` at most."""
    households = city.standing.counts["households"][rows]
    if len(rows) > MOST_DRAWN:
        most = np.sort(np.argsort(-households, kind="stable")[:MOST_DRAWN])
        rows, households = rows[most], households[most]
    told: list[list[float]] = np.column_stack([np.round(city.lonlat[rows], 6), households]).tolist()
    return told


def _require_sound(city: WhatIfCity, imagined: Imagined) -> None:
    named = [*imagined.close, *(facility for facility, _ in imagined.move)]
    unknown = sorted(set(named) - set(city.standing.facility_ids))
    if unknown:
        raise InputError(
            Text(
                f"{'、'.join(unknown)} 不在计入服务圈的设施中，不能关闭或迁移",
                f"{', '.join(unknown)} is not among the facilities that count, so it can be neither closed nor moved",
            )
        )
    twice = sorted({facility for facility in named if named.count(facility) > 1})
    if twice:
        raise InputError(
            Text(
                f"{'、'.join(twice)} 只能关闭或迁移一次",
                f"{', '.join(twice)} can be closed or moved once only",
            )
        )
    places = [
        *imagined.add,
        *(place for _, place in imagined.move),
        *(each for path in imagined.paths for each in path),
    ]
    lon, lat = np.array(places, np.float64).reshape(-1, 2).T
    if city.window is not None and not city.window.holds(lon, lat).all():
        raise InputError(
            Text(
                f"有的位置离本市行政区划范围超过 {FAR_M / 1000:.0f} 公里，请检查经度和纬度",
                f"a place lies more than {FAR_M / 1000:.0f} km from the city's regions; check longitude and latitude",
            )
        )


def _metric(city: WhatIfCity, places: Sequence[LonLat]) -> NDArray[np.float64]:
    """Return places in the city's metres, rounded like all that enters, shape (n, 2)."""
    points = np.asarray(shapely.points(np.array(places, np.float64).reshape(-1, 2)), dtype=object)
    return shapely.get_coordinates(round_coordinates(transform_coordinates(points, STORED_CRS, city.metric_crs)))


def _communities(city: WhatIfCity, changed: Difference) -> list[dict[str, Any]]:
    """Return the communities where anybody gains or loses."""
    gained, lost = (_households_by_community(city, rows) for rows in (changed.gained, changed.lost))
    told = np.flatnonzero((gained > 0) | (lost > 0))
    told = told[np.lexsort((told, -lost[told], -gained[told]))]
    return [
        {**city.communities[place], "households_gained": int(gained[place]), "households_lost": int(lost[place])}
        for place in told
    ]


def _households_by_community(city: WhatIfCity, rows: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return how many households of some buildings, all in communities, live in each of `WhatIfCity.communities`."""
    households = city.standing.counts["households"][rows]
    return np.bincount(city.community[rows], households, minlength=len(city.communities)).astype(np.float64)


def _named_communities(all_regions: gpd.GeoDataFrame) -> tuple[dict[str, Any], ...]:
    """Return what `WhatIfCity.communities` holds."""
    names = dict(zip(all_regions["code"], all_regions["name"], strict=True))
    known = all_regions[all_regions["level"] == "community"].sort_values("code")
    return tuple(
        {"code": code, "name": name, "street": names.get(parent)}
        for code, name, parent in zip(known["code"], known["name"], known["parent_code"], strict=True)
    )


def _off_network(city: WhatIfCity, edits: Edits) -> list[str]:
    """Return which of the facilities imagined are too far off any street."""
    names = [*(str(number) for number in range(1, len(edits.added_xy) + 1)), *(facility for facility, _ in edits.moved)]
    places = np.vstack([edits.added_xy, np.array([xy for _, xy in edits.moved], np.float64).reshape(-1, 2)])
    found = snap(city.standing.network, places, max_gap_m=city.standing.rules.max_gap_m)
    return [name for name, edge in zip(names, found.edge, strict=True) if edge < 0]
