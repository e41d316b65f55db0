"""Special grids of a community, each with a name of its own."""

from collections import Counter

import geopandas as gpd
import shapely

from gis_service.partition.community import CommunityInput

NAMELESS = "专属网格"
"""Name of given special grids that have neither name nor code."""


def special_grids_of(community: CommunityInput) -> gpd.GeoDataFrame:
    """Return the special grids that overlap a community.

    Parameters
    ----------
    community
        The community.

    Returns
    -------
    geopandas.GeoDataFrame
        ``name``, ``code`` (empty: has none) and ``geometry``, sorted by name, code and place, one row a given grid. No
        two names are alike: a grid without a name goes by its code, and where a name repeats a running number follows
        it (“农贸市场（1）”).
        Rows of the same name, code and land are one grid.
    """
    frame = community.special
    polygon = frame.geometry.to_numpy()
    here = frame[shapely.intersects(polygon, community.geometry) & ~shapely.touches(polygon, community.geometry)]
    here = here.assign(
        name=here["name"].fillna(here["code"]).fillna(NAMELESS),
        code=here["code"].fillna(""),
        wkb=shapely.to_wkb(shapely.normalize(here.geometry.to_numpy())),
    )
    here = here.drop_duplicates(["name", "code", "wkb"]).sort_values(["name", "code", "wkb"], ignore_index=True)
    return here.assign(name=_distinct(here["name"].to_list()))[["name", "code", "geometry"]]


def _distinct(names: list[str]) -> list[str]:
    """Return the names with running numbers behind those that repeat; no number makes a name that exists already."""
    repeats = Counter(names)
    taken = set(names)
    distinct = []
    for name in names:
        if repeats[name] == 1:
            distinct.append(name)
            continue
        number = 1
        while f"{name}（{number}）" in taken:
            number += 1
        distinct.append(f"{name}（{number}）")
        taken.add(distinct[-1])
    return distinct
