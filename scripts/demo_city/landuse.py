"""What each part of the town is used for."""

from dataclasses import dataclass

import numpy as np
from shapely import Point, Polygon

HECTARE_M2 = 10_000.0

BLOCK_AREA_M2 = {
    "old": 1.5 * HECTARE_M2,
    "slab": 2.2 * HECTARE_M2,
    "tower": 5.2 * HECTARE_M2,
    "works": 5.0 * HECTARE_M2,
}
"""Blocks of a zone are halved until about this size."""

TOWER_BLOCK_MIN_M2 = 2.4 * HECTARE_M2
WORKS_CORNER = (640.0, -560.0)

SHARES = {
    "old": {"old": 0.86, "street": 0.14},
    "slab": {"slab": 0.55, "street": 0.22, "tower": 0.06, "office": 0.07, "park": 0.05, "depot": 0.05},
    "tower": {"tower": 0.50, "slab": 0.24, "street": 0.06, "office": 0.09, "park": 0.06, "vacant": 0.05},
    "works": {"works": 0.72, "slab": 0.13, "vacant": 0.15},
}
"""Chance of each use in a zone."""


@dataclass(frozen=True)
class Wish:
    """A use the town has exactly once near a place, on a block of a suitable size."""

    use: str
    name: str
    x: float
    y: float
    hectares: tuple[float, float]
    special: bool = False


WISHES = (
    Wish("campus", "澄汐第一中学", -930, 290, (2.2, 5.0), special=True),
    Wish("market", "榕荫农贸市场", -560, -20, (0.7, 2.6), special=True),
    Wish("campus", "澄汐职业技术学院", 950, 330, (3.0, 8.0), special=True),
    Wish("works", "澜南工业园", 1050, -800, (3.0, 9.0), special=True),
    Wish("hospital", "澄汐区医院", -830, -330, (1.5, 4.5)),
    Wish("civic", "汀澜区政务服务中心", 480, 120, (1.5, 5.0)),
    Wish("campus", "汀南实验小学", -380, -800, (1.2, 3.5)),
    Wish("campus", "汐北小学", -420, 800, (1.2, 3.5)),
    Wish("campus", "澜东小学", 900, -250, (1.5, 5.0)),
    Wish("station", "澄汐站", 1120, 130, (1.0, 6.0)),
    Wish("park", "听澜公园", 330, -330, (1.5, 6.0)),
    Wish("park", "榕荫公园", -260, 420, (0.8, 3.5)),
    Wish("temple", "澜安宫", -280, -240, (0.4, 2.2)),
)


def zone_at(x: float, y: float, west_bank: bool) -> str:
    """Return the zone of a place: the old town in the river's bend, later estates round it, new towers across."""
    if west_bank:
        old_town = ((x + 330) / 370) ** 2 + ((y + 210) / 430) ** 2 < 1.0
        north_hamlet = ((x + 500) / 150) ** 2 + ((y - 700) / 140) ** 2 < 1.0
        return "old" if old_town or north_hamlet else "slab"
    if x > WORKS_CORNER[0] and y < WORKS_CORNER[1]:
        return "works"
    bridge_town = ((x - 160) / 250) ** 2 + ((y + 400) / 210) ** 2 < 1.0
    return "old" if bridge_town else "tower"


def assign_uses(blocks: list[Polygon], zones: list[str], rng: np.random.Generator) -> tuple[list[str], dict[int, Wish]]:
    """Return the use of every block, and the wish that each of some blocks grants."""
    granted: dict[int, Wish] = {}
    for wish in WISHES:
        place = Point(wish.x, wish.y)
        low, high = (size * HECTARE_M2 for size in wish.hectares)
        fitting = [i for i, block in enumerate(blocks) if i not in granted and low <= block.area <= high]
        granted[min(fitting, key=lambda i: blocks[i].centroid.distance(place))] = wish
    uses = []
    for i, zone in enumerate(zones):
        use = str(rng.choice(list(SHARES[zone]), p=list(SHARES[zone].values())))
        if use == "tower" and blocks[i].area < TOWER_BLOCK_MIN_M2:
            use = "slab"
        uses.append(granted[i].use if i in granted else use)
    return uses, granted
