"""What the town grew around: river, railway, expressway, main roads and the line of its jurisdiction."""

from dataclasses import dataclass

import numpy as np
import shapely
from shapely import LineString, Polygon

from demo_city.lines import Street, between, offset, spline

RIVER_HALF_WIDTH_M = 40.0
EMBANKMENT_M = 26.0
FRONTAGE_M = 34.0


@dataclass(frozen=True)
class Skeleton:
    """The lines that were there before the streets; metres around the town's centre."""

    extent: Polygon
    river: Polygon
    river_line: LineString
    islet: Polygon
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
    water = Polygon([*left.coords, *reversed(right.coords)]).buffer(0)
    islet_core = between(
        river_line,
        _gate(river_line, islet_at * river_line.length - 62.0),
        _gate(river_line, islet_at * river_line.length + 62.0),
    )
    islet = islet_core.buffer(19.0).simplify(0.5)

    west_bank = offset(river_line, -(half_width + EMBANKMENT_M))
    east_bank = offset(river_line, half_width + EMBANKMENT_M)
    frontage = offset(railway, -FRONTAGE_M)
    ring = curve((-640, 1420), (-1010, 1060), (-1190, 620), (-1230, 60), (-1130, -520), (-930, -980), (-640, -1370))
    north = curve((-1500, 1260), (-950, 1130), (-400, 1060), (100, 1030), (650, 1090), (1240, 1060), (1600, 1040))
    south = curve((-1500, -1060), (-850, -1080), (-300, -1060), (300, -1010), (850, -1030), (1480, -960), (1700, -940))
    main = curve((-2200, -60), (-1500, -110), (-900, -60), (-350, -95), (230, -80), (750, -10), (1240, 10), (2200, 120))
    upper = curve((-1400, 560), (-900, 610), (-300, 560), (200, 600), (700, 570), (1300, 600), (2200, 720))
    lower = curve((-1300, -600), (-800, -560), (-350, -600), (100, -590), (700, -520), (1300, -480), (1600, -470))
    west_street = curve((-760, 2100), (-690, 1350), (-640, 900), (-690, 450), (-640, -70), (-740, -560), (-690, -1200))
    east_street = curve((560, 1500), (620, 1080), (690, 560), (640, -20), (790, -520), (830, -1010), (960, -2100))

    roads = (
        Street("绕城西路", "primary", between(ring, north, south)),
        Street("汐北路", "primary", between(north, ring, west_bank)),
        Street("澜北路", "primary", between(north, east_bank, frontage)),
        Street("汐南路", "primary", between(south, ring, west_bank)),
        Street("澜南路", "primary", between(south, east_bank, frontage)),
        Street("澄汐大道", "primary", main),
        Street("鹭汀路", "primary", between(upper, ring, None)),
        Street("听澜路", "primary", between(lower, ring, frontage)),
        Street("榕汀路", "primary", between(west_street, None, south)),
        Street("星汐大道", "primary", between(east_street, north, None)),
        Street("西堤路", "secondary", between(west_bank, north, south)),
        Street("东堤路", "secondary", between(east_bank, north, south)),
        Street("站前西路", "secondary", between(frontage, north, south)),
    )
    extent = _jurisdiction(rng)
    clipped = tuple(Street(road.name, road.highway, _inside(road.line, extent)) for road in roads)
    river = water.intersection(extent).difference(islet)
    return Skeleton(
        extent=extent,
        river=river,
        river_line=_inside(river_line, extent),
        islet=islet,
        railway=_inside(railway, extent),
        expressway=_inside(expressway, extent),
        roads=clipped,
    )


def _gate(line: LineString, at_m: float) -> LineString:
    """Return a short line square across ``line`` at a distance along it."""
    before, after = line.interpolate(at_m - 1.0), line.interpolate(at_m + 1.0)
    dx, dy = after.x - before.x, after.y - before.y
    x, y = (before.x + after.x) / 2, (before.y + after.y) / 2
    return LineString([(x - 5 * dy, y + 5 * dx), (x + 5 * dy, y - 5 * dx)])


def _inside(line: LineString, extent: Polygon) -> LineString:
    """Return the longest part of ``line`` within ``extent``."""
    return max(shapely.get_parts(line.intersection(extent)), key=lambda part: part.length)


def _jurisdiction(rng: np.random.Generator) -> Polygon:
    """Return the town's outline, a rounded shape whose radius wanders as ridges and field edges do."""
    angle = np.linspace(0.0, 2 * np.pi, 181)[:-1]
    radius = np.ones_like(angle)
    for wave in range(2, 10):
        radius += rng.normal(0.0, 0.05 / wave**0.6) * np.cos(wave * angle + rng.uniform(0, 2 * np.pi))
    corners = (np.abs(np.cos(angle)) ** 3.0 + np.abs(np.sin(angle)) ** 3.0) ** (-1 / 3.0)
    return Polygon(np.column_stack([1830 * radius * corners * np.cos(angle), 1620 * radius * corners * np.sin(angle)]))
