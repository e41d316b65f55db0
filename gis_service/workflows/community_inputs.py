"""What the partition of each community of a city starts from, out of the store."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import cast

import geopandas as gpd
from shapely import MultiPolygon

from gis_service.db import barriers, buildings, estates, given_grids, network, regions
from gis_service.db.cities import City
from gis_service.db.engine import Connection
from gis_service.db.plans import PlanRecord
from gis_service.errors import InputError, NoNetworkError, Text
from gis_service.partition.community import CommunityInput, clipped
from gis_service.partition.streets import with_streets
from gis_service.plan.rules import Rules
from gis_service.workflows.past_codes import load_pasts


def community_extents(conn: Connection, city: City, wanted: Sequence[str]) -> gpd.GeoDataFrame:
    """Return the communities of a city that have a polygon, sorted by code.

    Parameters
    ----------
    conn, city
        Transaction and city.
    wanted
        Codes of the communities; empty: all.

    Raises
    ------
    InputError
        A community is unknown, or none has a polygon.
    """
    extents = regions.load_regions(conn, city, level="community")
    unknown = sorted(set(wanted) - set(extents["code"]))
    if unknown:
        raise InputError(
            Text(
                f"城市 {city.name} 没有社区 {'、'.join(unknown)}，请核对社区代码",
                f"city {city.name} has no community {', '.join(unknown)}; check the codes",
            )
        )
    if wanted:
        extents = extents[extents["code"].isin(wanted)]
    extents = extents[extents.geometry.notna()].sort_values("code", ignore_index=True)
    if extents.empty:
        raise InputError(
            Text(
                f"城市 {city.name} 没有带边界的社区，无法划分网格；请在 regions 文件中给出社区面",
                f"city {city.name} has no community with a polygon, so there is nothing to partition; "
                "give community polygons in the regions file",
            )
        )
    return extents


def community_inputs(
    conn: Connection,
    city: City,
    extents: gpd.GeoDataFrame,
    rules: Rules,
    followed: Mapping[str, PlanRecord] = MappingProxyType({}),
    *,
    before: datetime | None = None,
) -> Iterator[CommunityInput]:
    """Yield what the partition of each community starts from, one by one.

    Parameters
    ----------
    conn, city
        Transaction and city.
    extents
        The communities, see :func:`community_extents`.
    rules
        Rules in force.
    followed, before
        Whose codes and names a plan goes on with, see :func:`gis_service.workflows.past_codes.load_pasts`.
    """
    of_city = buildings.load_buildings(conn, city)
    of_community = dict(iter(of_city.groupby("community_code")))
    lines = border_lines(conn, city)
    outlines = estates.load_estates(conn, city)
    given = given_grids.load_given_grids(conn, city)
    special = given[given["kind"] == "special"]
    pasts = load_pasts(conn, city, given, tuple(extents["code"]), followed, before=before)
    for code, name, geometry in zip(extents["code"], extents["name"], extents.geometry, strict=True):
        yield clipped(
            CommunityInput(
                code=code,
                name=name,
                geometry=cast("MultiPolygon", geometry),  # the store holds regions as nothing else
                buildings=gpd.GeoDataFrame(of_community.get(code, of_city.iloc[:0]).reset_index(drop=True)),
                barriers=lines,
                estates=outlines,
                special=special[special["community_code"] == code].reset_index(drop=True),
                rules=rules,
                past=pasts[code],
            )
        )


def border_lines(conn: Connection, city: City) -> gpd.GeoDataFrame:
    """Return the barriers and the streets of a city: both are lines that borders may follow."""
    lines = barriers.load_barriers(conn, city)
    try:
        _, edges = network.load_network(conn, city)
    except NoNetworkError:
        return lines
    return with_streets(lines, edges)
