"""Facilities: many in the old town, few across the river, so that the map has something to tell."""

from collections.abc import Iterator

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from demo_city.streets import west_of_river
from demo_city.town import Town

STATIONS_WEST, STATIONS_EAST = 11, 2
CENTRES_WEST, CENTRES_EAST = 7, 1
EAST_FROM_BRIDGE_M = 750.0
"""Facilities of the east bank all lie this near to the bridge town; the new towers have none yet."""
BRIDGE_TOWN = shapely.Point(330, -430)

DAILY = "每日 08:00-18:00"
HOURS = {
    "red_station": (DAILY, "每日 08:30-21:00", "周一至周五 08:30-17:30", "周一至周六 08:00-20:00"),
    "service_centre": ("周一至周五 08:00-12:00,14:30-17:30", "周一至周六 08:00-17:30"),
    "elder_day_care": ("周一至周五 07:30-17:30", DAILY),
    "elder_canteen": ("每日 10:30-12:30,16:30-18:00",),
    "after_school": ("上学日 16:00-18:30",),
    "shared": ("每月15日、30日上午", "周六、周日 09:00-17:00"),
    "activity_room": ("每月15日上午",),
}
FUNCTIONS = {
    "red_station": ("饮水", "充电", "微波炉", "雨伞", "急救箱", "图书", "无障碍"),
    "service_centre": ("政务代办", "党群活动", "议事", "图书", "无障碍", "急救箱"),
    "elder_day_care": ("日间照料", "康复", "助餐"),
    "elder_canteen": ("食堂",),
    "after_school": ("四点半课堂", "图书"),
    "shared": ("会议室", "停车", "民情接待"),
    "activity_room": ("党员活动",),
}
LEVELS = {"red_station": 3, "service_centre": 2, "activity_room": 4}
AREAS_M2 = {
    "red_station": (60, 220),
    "service_centre": (500, 1200),
    "elder_day_care": (180, 480),
    "elder_canteen": (120, 300),
    "after_school": (90, 240),
    "shared": (80, 400),
    "activity_room": (20, 40),
}
TITLES = {
    "red_station": "近邻红色驿站",
    "service_centre": "党群服务中心",
    "elder_day_care": "老年人日间照料中心",
    "elder_canteen": "孝老食堂",
    "after_school": "四点半课堂",
    "shared": "共享会议室",
    "activity_room": "党员活动室",
}


def make_facilities(
    town: Town, buildings: gpd.GeoDataFrame, estates: gpd.GeoDataFrame, regions: gpd.GeoDataFrame, rng: np.random.Generator
) -> gpd.GeoDataFrame:
    """Return the facilities ``id, name, kind, level, address, hours, functions, phone, area_m2, owner, public``."""
    sites = _sites(buildings, estates, regions)
    west = shapely.contains(west_of_river(town.skeleton), sites.geometry.to_numpy())
    near_bridge = shapely.distance(sites.geometry.to_numpy(), BRIDGE_TOWN) < EAST_FROM_BRIDGE_M
    banks = {"west": sites[west], "east": sites[~west & near_bridge]}
    rows = []
    for kind, wanted in (
        ("red_station", {"west": STATIONS_WEST, "east": STATIONS_EAST}),
        ("service_centre", {"west": CENTRES_WEST, "east": CENTRES_EAST}),
        ("elder_day_care", {"west": 4, "east": 1}),
        ("elder_canteen", {"west": 4, "east": 1}),
        ("after_school", {"west": 4, "east": 1}),
        ("shared", {"west": 3, "east": 0}),
        ("activity_room", {"west": 1, "east": 0}),
    ):
        for bank, count in wanted.items():
            rows += [(kind, site) for site in _spread(banks[bank], count, rng)]
    return _frame(rows, town, rng)


def _sites(buildings: gpd.GeoDataFrame, estates: gpd.GeoDataFrame, regions: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return places for facilities: one at a building of each estate and of each old quarter's community."""
    lived_in = buildings[buildings["households"] > 0]
    in_estates = lived_in[lived_in["estate_id"].notna()].drop_duplicates("estate_id")
    names = estates.set_index("id")["name"]
    place = in_estates["estate_id"].map(names)
    old = lived_in[lived_in["use"].isin(["old", "shop"])].iloc[::60]
    chosen = pd.concat([in_estates.assign(place=place), old.assign(place=None)])
    points = shapely.centroid(chosen.geometry.to_numpy())
    communities = regions[regions["level"] == "community"].reset_index(drop=True)
    _, community = communities.sindex.query(points, predicate="within", sort=True)
    return gpd.GeoDataFrame(
        {"place": chosen["place"].to_numpy(), "community": communities["name"].to_numpy()[community]}, geometry=points
    )


def _spread(sites: gpd.GeoDataFrame, count: int, rng: np.random.Generator) -> Iterator[object]:
    """Yield ``count`` sites far apart from each other, the first by chance."""
    if count == 0:
        return
    xy = shapely.get_coordinates(sites.geometry.to_numpy())
    chosen = [int(rng.integers(len(sites)))]
    away = np.hypot(*(xy - xy[chosen[0]]).T)
    while len(chosen) < count:
        chosen.append(int(np.argmax(away * rng.uniform(0.75, 1.0, len(xy)))))
        away = np.minimum(away, np.hypot(*(xy - xy[chosen[-1]]).T))
    yield from (sites.iloc[index] for index in chosen)


def _frame(rows: list[tuple[str, object]], town: Town, rng: np.random.Generator) -> gpd.GeoDataFrame:
    named = [street for street in town.streets if street.name and street.highway != "motorway"]
    roads = shapely.STRtree([street.line for street in named])
    records = []
    for number, (kind, site) in enumerate(rows, start=1):
        road = named[int(roads.nearest(site.geometry))].name
        home = site.place if isinstance(site.place, str) and kind != "service_centre" else site.community
        functions = rng.permutation(FUNCTIONS[kind])[: int(rng.integers(1, len(FUNCTIONS[kind]), endpoint=True))]
        low, high = AREAS_M2[kind]
        records.append(
            {
                "id": f"f{number:03d}",
                "name": f"{home}{TITLES[kind]}",
                "kind": kind,
                "level": LEVELS.get(kind),
                "address": f"{site.community}{road}{int(rng.integers(1, 180))}号",
                "hours": str(rng.choice(HOURS[kind])),
                "functions": "、".join(sorted(functions)),
                # area code 000 is given to nobody, so nobody's telephone rings
                "phone": None if kind == "activity_room" else f"000-0000{number:04d}",
                "area_m2": int(rng.integers(low, high)),
                "owner": f"{site.community}居委会",
                "public": kind != "activity_room",
            }
        )
    table = pd.DataFrame(records).astype({"level": "Int64"})
    points = shapely.set_precision(np.array([site.geometry for _, site in rows], dtype=object), 0.001)
    return gpd.GeoDataFrame(table, geometry=points)
