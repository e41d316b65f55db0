"""Buildings that lie in no community and so in no figure, and buildings that a community's border cuts."""

from collections.abc import Sequence

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from gis_service.audit.tiling import sound, tolerance_m2
from gis_service.plan.findings import Finding

EXAMPLES = 5
"""Buildings named in a finding."""


def check_community_borders(
    buildings: gpd.GeoDataFrame, communities: gpd.GeoDataFrame, *, city_name: str
) -> list[Finding]:
    """Return what is wrong between the buildings of a city and the borders of its communities.

    Parameters
    ----------
    buildings
        ``id``, ``households``, ``community_code`` (None: in none), ``geometry``, metric CRS.
    communities
        ``code`` and ``geometry`` (None where unknown), same CRS.
    city_name
        Slug of the city, the subject of the findings.

    Returns
    -------
    list of Finding
        At most one warning of each kind, with counts, households and the first buildings by id.
        ``buildings_outside_communities``: registered in none, so that no plan counts them.
        ``buildings_across_borders``: registered in a community that does not hold the whole footprint, apart from
        rounding; those that do not touch it at all included.
    """
    code = buildings["community_code"]
    outside = code.isna().to_numpy()
    extents = dict(zip(communities["code"], sound(communities.geometry.to_numpy()), strict=True))
    known = np.flatnonzero(code.isin(communities["code"][communities.geometry.notna()]))
    footprints = sound(buildings.geometry.to_numpy()[known])
    own = np.array([extents[name] for name in code.iloc[known]], dtype=object)
    shapely.prepare(list(extents.values()))
    whole = shapely.covers(own, footprints)
    abroad_m2 = np.zeros(len(known))
    abroad_m2[~whole] = shapely.area(shapely.difference(footprints[~whole], own[~whole]))
    across = np.zeros(len(buildings), dtype=np.bool_)
    across[known] = abroad_m2 > tolerance_m2(shapely.area(footprints))
    findings = []
    if outside.any():
        count, households, examples = _told(buildings, outside)
        findings.append(
            Finding(
                "buildings_outside_communities",
                "warning",
                city_name,
                f"{count} 栋楼（{households} 户）不在任何社区内，不计入任何网格：{'、'.join(examples)}；"
                "请补全社区边界或改正楼栋位置",
                f"{count} buildings ({households} households) lie in no community and are counted in no grid: "
                f"{', '.join(examples)}; complete the communities' borders or correct the buildings",
            )
        )
    if across.any():
        count, households, examples = _told(buildings, across)
        findings.append(
            Finding(
                "buildings_across_borders",
                "warning",
                city_name,
                f"{count} 栋楼（{households} 户）被社区边界切开，整栋计入所属社区：{'、'.join(examples)}；"
                "请核对社区边界",
                f"community borders cut {count} buildings ({households} households), each counted whole in its own "
                f"community: {', '.join(examples)}; check the borders",
            )
        )
    return findings


def _told(buildings: gpd.GeoDataFrame, here: NDArray[np.bool_]) -> tuple[int, int, Sequence[str]]:
    """Return how many buildings these are, their households, and the first of their ids."""
    chosen = buildings[here]
    ids = sorted(chosen["id"])
    more = ["…"] if len(ids) > EXAMPLES else []
    return len(ids), int(chosen["households"].sum()), [*ids[:EXAMPLES], *more]
