"""What the town grew around: river, railway, expressway, main roads and the line of its jurisdiction."""

from dataclasses import dataclass

import numpy as np
import shapely
from shapely import LineString, Polygon
from shapely.affinity import rotate, translate
from shapely.ops import substring

from demo_city.lines import Street, between, largest, offset, spline

RIVER_HALF_WIDTH_M = 40.0
EMBANKMENT_M = 26.0


@dataclass(frozen=True)
class Skeleton:
    """The lines that were there before the streets; metres around the town's centre."""

    extent: Polygon
    river: Polygon
    river_line: LineString
    islet: Polygon
    reservoir: Polygon
    railway: LineString
    expressway: LineString
    roads: tuple[Street, ...]


def draw_skeleton(rng: np.random.Generator) -> Skeleton:
    """Return the skeleton, its control points moved a little by ``rng``."""

    def curve(*points: tuple[float, float], play_m: float = 22.0) -> LineString:
        return spline([(x + rng.uniform(-play_m, play_m), y + rng.uniform(-play_m, play_m)) for x, y in points])

    river_line = curve(
        (-560, 2100), (-430, 1700), (-330, 1330), (-60, 980), (190, 620), (230, 250), (10, -70), (-150, -420),
        (-40, -800), (300, -1090), (560, -1450), (700, -1900), (760, -2200),
    )  # fmt: skip
    railway = curve((1010, 2100), (1130, 1400), (1210, 700), (1260, 50), (1400, -600), (1640, -1300), (1900, -2100))
    expressway = curve((-1180, 2100), (-1430, 1300), (-1560, 500), (-1530, -300), (-1420, -1000), (-1480, -2100))

    along = np.linspace(0.0, 1.0, len(river_line.coords))
    half_width = RIVER_HALF_WIDTH_M + 7.0 * np.sin(9.0 * along) + 5.0 * np.sin(23.0 * along + 1.0)
    islet_at = float(river_line.project(shapely.Point(220, 420)) / river_line.length)
    half_width += 34.0 * np.exp(-(((along - islet_at) / 0.022) ** 2))
    left, right = offset(river_line, half_width), offset(river_line, -half_width)
    water = largest(Polygon([*left.coords, *reversed(right.coords)]).buffer(0))
    islet_m = islet_at * river_line.length
    islet = largest(substring(river_line, islet_m - 62.0, islet_m + 62.0).buffer(19.0).simplify(0.5))

    west_bank = offset(river_line, -(half_width + EMBANKMENT_M))
    east_bank = offset(river_line, half_width + EMBANKMENT_M)
    west_ring = curve(
        (120, 980), (-250, 1060), (-650, 1120), (-970, 1000), (-1170, 640), (-1225, 60), (-1140, -520), (-960, -900),
        (-640, -1120), (-200, -1120), (420, -1020),
    )  # fmt: skip
    east_ring = curve(
        (-420, 1010), (0, 1040), (420, 1100), (800, 1080), (1030, 950), (1100, 650), (1140, 80), (1250, -480),
        (1310, -800), (1190, -1020), (850, -1060), (420, -1030), (60, -1050),
    )  # fmt: skip
    main = curve((-2200, -40), (-1500, -110), (-900, -50), (-350, -100), (230, -80), (750, 10), (1240, 0), (2200, 130))
    upper = curve((-1400, 560), (-900, 640), (-300, 540), (200, 590), (650, 530), (1300, 620), (2200, 740))
    lower = curve(
        (-1400, -620), (-800, -540), (-350, -615), (100, -590), (560, -480), (950, -560), (1300, -430), (1650, -470)
    )
    west_street = curve(
        (-760, 2100), (-690, 1350), (-600, 900), (-700, 450), (-620, -70), (-745, -560), (-660, -1000), (-700, -1300)
    )
    east_street = curve(
        (520, 1500), (490, 1050), (640, 700), (800, 300), (760, -80), (600, -420), (650, -800), (870, -1150),
        (960, -2100),
    )  # fmt: skip

    roads = (
        Street("绕城西路", "primary", between(west_ring, west_bank, west_bank)),
        Street("绕城东路", "primary", between(east_ring, east_bank, east_bank)),
        Street("澄汐大道", "primary", main),
        Street("鹭汀路", "primary", between(upper, west_ring, None)),
        Street("听澜路", "primary", between(lower, west_ring, east_ring)),
        Street("榕汀路", "primary", between(west_street, None, west_ring)),
        Street("星汐大道", "primary", between(east_street, east_ring, None)),
        Street("西堤路", "secondary", between(west_bank, west_ring, west_ring)),
        Street("东堤路", "secondary", between(east_bank, east_ring, east_ring)),
    )
    extent = _jurisdiction(rng)
    clipped = tuple(Street(road.name, road.highway, _inside(road.line, extent)) for road in roads)
    river = largest(water.intersection(extent).difference(islet))
    return Skeleton(
        extent=extent,
        river=river,
        river_line=_inside(river_line, extent),
        islet=islet,
        reservoir=blob((-1350, 1090), (105, 55), 1.1, rng),
        railway=_inside(railway, extent),
        expressway=_inside(expressway, extent),
        roads=clipped,
    )


def _inside(line: LineString, extent: Polygon) -> LineString:
    """Return the longest part of ``line`` within ``extent``."""
    parts: list[LineString] = list(shapely.get_parts(line.intersection(extent)))
    return max(parts, key=lambda part: part.length)


def blob(
    centre: tuple[float, float], half_axes_m: tuple[float, float], angle: float, rng: np.random.Generator
) -> Polygon:
    """Return a rounded, uneven shape with two half axes, the first one turned by ``angle`` [rad]."""
    turn = np.linspace(0.0, 2 * np.pi, 49)[:-1]
    reach = np.ones_like(turn)
    for wave in range(2, 7):
        reach += rng.normal(0.0, 0.16 / wave) * np.cos(wave * turn + rng.uniform(0, 2 * np.pi))
    flat = Polygon(np.column_stack([half_axes_m[0] * reach * np.cos(turn), half_axes_m[1] * reach * np.sin(turn)]))
    return translate(rotate(flat, angle, origin=(0.0, 0.0), use_radians=True), *centre)


def _jurisdiction(rng: np.random.Generator) -> Polygon:
    """Return the town's outline, a rounded rectangle whose radius wanders as ridges and field edges do."""
    turn = np.linspace(0.0, 2 * np.pi, 241)[:-1]
    radius = np.ones_like(turn)
    for wave in range(2, 36):
        radius += rng.normal(0.0, 0.055 / wave**0.75) * np.cos(wave * turn + rng.uniform(0, 2 * np.pi))
    corners = (np.abs(np.cos(turn)) ** 3.0 + np.abs(np.sin(turn)) ** 3.0) ** (-1 / 3.0)
    return Polygon(np.column_stack([1900 * radius * corners * np.cos(turn), 1640 * radius * corners * np.sin(turn)]))
