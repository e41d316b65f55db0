"""Facilities: many in the old town, few across the river, so that the map has something to tell."""

from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from demo_city.names import COMMUNITIES
from demo_city.streets import west_of_river
from demo_city.town import Town

PRIVATE_HOME = 4
DAILY = "每日 8:00–18:00"
BRIDGE_TOWN = shapely.Point(330, -430)
EAST_FROM_BRIDGE_M = 750.0
"""Facilities of the east bank all lie this near to the bridge town; most of the new towers have none yet."""


@dataclass(frozen=True)
class Kind:
    """A kind of facility: what it is called, how many each bank has, and what is written on its door.

    Parameters
    ----------
    title
        Ending of its name.
    west, east
        Number on each bank.
    level
        1 street, 2 community, 3 estate, 4 private home; None where levels mean nothing.
    area_m2
        Least and largest floor area.
    hours, functions
        Opening rules, one of which is taken; functions, of which some are.
    """

    title: str
    west: int
    east: int
    level: int | None
    area_m2: tuple[int, int]
    hours: tuple[str, ...]
    functions: tuple[str, ...]


KINDS = {
    "service_centre": Kind(
        "党群服务中心", 5, 1, 2, (500, 1200),
        ("周一至周五 8:00–12:00,14:30–17:30", "周一至周六 8:00–17:30"),
        ("政务代办", "党群活动", "议事", "图书", "无障碍", "急救箱"),
    ),
    "red_station": Kind(
        "近邻红色驿站", 9, 2, 3, (60, 220),
        (DAILY, "每日 8:30–21:00", "周一至周五 8:30–17:30", "周一至周六 8:00–20:00"),
        ("饮水", "充电", "微波炉", "雨伞", "急救箱", "图书", "无障碍"),
    ),
    "elder_day_care": Kind(
        "老年人日间照料中心", 4, 1, None, (180, 480), ("周一至周五 7:30–17:30", DAILY), ("日间照料", "康复", "助餐")
    ),
    "elder_canteen": Kind("孝老食堂", 4, 1, None, (120, 300), ("每日 10:30–12:30,16:30–18:00",), ("食堂",)),
    "after_school": Kind("四点半课堂", 4, 1, None, (90, 240), ("周一至周五 16:00–18:30",), ("课后托管", "图书")),
    "shared": Kind(
        "共享会议室", 3, 1, None, (80, 400), ("每月15日、30日上午", "周六、周日 9:00–17:00"),
        ("会议室", "停车", "民情接待"),
    ),
    "activity_room": Kind("党员中心户活动室", 1, 0, PRIVATE_HOME, (20, 40), ("每月15日上午",), ("党员活动",)),
}  # fmt: skip


def make_facilities(
    town: Town,
    buildings: gpd.GeoDataFrame,
    estates: gpd.GeoDataFrame,
    regions: gpd.GeoDataFrame,
    rng: np.random.Generator,
) -> gpd.GeoDataFrame:
    """Return the facilities ``id, name, kind, level, address, hours, functions, phone, area_m2, owner, public``."""
    sites = _sites(town, buildings, estates, regions)
    west = shapely.contains(west_of_river(town.skeleton), sites.geometry.to_numpy())
    near_bridge = shapely.distance(sites.geometry.to_numpy(), BRIDGE_TOWN) < EAST_FROM_BRIDGE_M
    records: list[dict[str, object]] = []
    points: list[shapely.Point] = []
    for key, kind in KINDS.items():
        one_each = "community" if key == "service_centre" else "place"
        chosen = [
            *_spread(sites[west], kind.west, one_each, rng),
            *_spread(sites[~west & near_bridge], kind.east, one_each, rng),
        ]
        streets_done: set[str] = set()
        site: Any  # a row, whose columns a type checker cannot know
        for site in sites.loc[chosen].itertuples():
            record = _record(key, kind, site, len(records) + 1, rng)
            if key == "service_centre" and site.street not in streets_done:
                streets_done.add(site.street)
                record |= _of_street(site, kind, rng)
            records.append(record)
            points.append(site.geometry)
    table = pd.DataFrame(records).astype({"level": "Int64", "phone": object, "owner": object})
    return gpd.GeoDataFrame(table, geometry=list(shapely.set_precision(np.array(points, dtype=object), 0.001)))


def _sites(
    town: Town, buildings: gpd.GeoDataFrame, estates: gpd.GeoDataFrame, regions: gpd.GeoDataFrame
) -> gpd.GeoDataFrame:
    """Return places for facilities: a building of each estate, and one in sixty of the houses elsewhere."""
    lived_in = buildings[buildings["households"] > 0]
    in_estates = lived_in[lived_in["estate_id"].notna()].drop_duplicates("estate_id")
    elsewhere = lived_in[lived_in["use"].isin(["old", "shop"]) & lived_in["estate_id"].isna()].iloc[::60]
    chosen = pd.concat([in_estates, elsewhere]).sort_values("id")
    points = shapely.point_on_surface(chosen.geometry.to_numpy())
    communities = regions[regions["level"] == "community"].reset_index(drop=True)
    _, position = communities.sindex.query(points, predicate="within", sort=True)
    community = communities["name"].to_numpy(dtype=object)[position]
    named = [street for street in town.streets if street.name]
    nearest = shapely.STRtree([street.line for street in named]).nearest(points)
    road = np.array([named[i].name for i in nearest], dtype=object)
    estate = chosen["estate_id"].map(estates.set_index("id")["name"]).to_numpy(dtype=object)
    street_of = {name: street for street, names in COMMUNITIES.items() for name in names}
    return gpd.GeoDataFrame(
        {
            "place": np.where(chosen["estate_id"].notna(), estate, community + road),
            "community": community,
            "road": road,
            "street": [street_of[name] for name in community],
        },
        geometry=points,
    )


def _spread(sites: gpd.GeoDataFrame, count: int, one_each: str, rng: np.random.Generator) -> list[int]:
    """Return labels of ``count`` sites far apart, no two of one ``one_each``, the first by chance."""
    if count == 0:
        return []
    xy = shapely.get_coordinates(sites.geometry.to_numpy())
    group = sites[one_each].to_numpy()
    chosen = [int(rng.integers(len(sites)))]
    while len(chosen) < count:
        away = np.min([np.hypot(*(xy - xy[other]).T) for other in chosen], axis=0) * rng.uniform(0.75, 1.0, len(xy))
        away[np.isin(group, group[chosen])] = -1.0
        chosen.append(int(np.argmax(away)))
    return sites.index[chosen].tolist()


def _record(key: str, kind: Kind, site: Any, number: int, rng: np.random.Generator) -> dict[str, object]:
    home = site.community if key == "service_centre" else site.place
    count = int(rng.integers((len(kind.functions) + 1) // 2, len(kind.functions), endpoint=True))
    return {
        "id": f"f{number:03d}",
        "name": f"{home}{kind.title}",
        "kind": key,
        "level": kind.level,
        "address": f"{site.street}{site.road}{int(rng.integers(1, 180))}号",
        "hours": str(rng.choice(kind.hours)),
        "functions": "、".join(sorted(rng.permutation(kind.functions)[:count])),
        # no exchange has the area code 000, so nobody's telephone rings; a private home shows none
        "phone": None if kind.level == PRIVATE_HOME else f"000-0000{number:04d}",
        "area_m2": int(rng.integers(*kind.area_m2)),
        "owner": None if kind.level == PRIVATE_HOME else f"{site.community}居委会",
        "public": kind.level != PRIVATE_HOME,
    }


def _of_street(site: Any, kind: Kind, rng: np.random.Generator) -> dict[str, object]:
    """Return what differs where a centre is the one of the whole street (街道)."""
    return {
        "name": f"{site.street}{kind.title}",
        "level": 1,
        "area_m2": int(rng.integers(1400, 2600)),
        "owner": f"{site.street}办事处",
    }
