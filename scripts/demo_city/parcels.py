"""What stands on a block: buildings, internal paths, walls and gates."""

from dataclasses import dataclass, field

import numpy as np
import shapely
from shapely import LineString, Point, Polygon
from shapely.affinity import rotate
from shapely.ops import split

from demo_city.blocks import Junction, cut_block
from demo_city.housing import STYLES, Filling, houses, kerb_houses, rows
from demo_city.landuse import HECTARE_M2
from demo_city.lines import WIDTH_M, CrossField, Street, largest, polygons_of
from demo_city.skeleton import blob

GATE_M = 6.0
GATES_APART_M = 45.0
TOUCHING_M = 1e-6
HOUSE_GROUND_M2 = 60.0
LAKE_PARK_M2 = 2.2 * HECTARE_M2
WALLED = {"slab": 0.8, "tower": 1.0, "campus": 1.0, "works": 1.0, "hospital": 0.5}
"""Share of the parcels of a use that stand behind a wall."""


@dataclass(frozen=True)
class Footprint:
    """A building's outline and what it was built as."""

    kind: str
    shape: Polygon


@dataclass
class Parcel:
    """A block's private land and everything on it."""

    use: str
    face: Polygon
    land: Polygon
    footprints: list[Footprint] = field(default_factory=list)
    paths: list[Street] = field(default_factory=list)
    gates: list[Point] = field(default_factory=list)
    walled: bool = False
    lake: Polygon | None = None


def private_land(face: Polygon, streets: shapely.STRtree, space: list[Polygon]) -> Polygon:
    """Return the face without the street spaces around it, its largest part where they cut it."""
    near = [space[i] for i in streets.query(face)]
    return largest(face.difference(shapely.union_all(near)).buffer(-1.0).buffer(1.0, join_style="mitre"))


def build(use: str, face: Polygon, land: Polygon, cross: CrossField, rng: np.random.Generator) -> Parcel:
    """Return a parcel of a use, built up."""
    parcel = Parcel(use, face, land)
    angle = cross.angle(land.centroid.x, land.centroid.y)
    if use == "old":
        _build_old_quarter(parcel, cross, rng, piece_m2=3600.0, lot_m2=105.0, gap=(0.25, 1.1), empty=0.08)
    elif use == "street":
        _build_street_block(parcel, angle, rng)
    elif use in STYLES:
        _build_rows(parcel, land, angle, rng)
        parcel.walled = bool(rng.random() < WALLED.get(use, 0.0)) and bool(parcel.gates)
    elif use == "park":
        _build_park(parcel, angle, rng)
    return parcel


def build_village(face: Polygon, road: Street, cross: CrossField, rng: np.random.Generator) -> Parcel:
    """Return a village on both sides of the road that passes through ``face``."""
    parcel = Parcel("village", face, face)
    for side in polygons_of(split(face, road.line)):
        half = Parcel("village", side, largest(side.difference(road.line.buffer(WIDTH_M[road.highway] / 2 + 2.0))))
        _build_old_quarter(half, cross, rng, piece_m2=5200.0, lot_m2=215.0, gap=(1.2, 4.2), empty=0.26)
        parcel.footprints += half.footprints
        parcel.paths += _reached([road], half.paths)
    return parcel


def _build_old_quarter(
    parcel: Parcel,
    cross: CrossField,
    rng: np.random.Generator,
    *,
    piece_m2: float,
    lot_m2: float,
    gap: tuple[float, float],
    empty: float,
) -> None:
    """Cut a block by crooked lanes and fill the pieces with houses."""
    junctions: list[Junction] = []
    queue, pieces = [parcel.face], []
    while queue:
        piece = queue.pop(0)
        cut = None
        if piece.area > piece_m2 * rng.uniform(0.8, 1.5):
            cut = cut_block(piece, cross, rng, junctions=junctions, snap_m=9.0, crooked_m=1.6)
        if cut is None:
            pieces.append(piece)
            continue
        parcel.paths.append(Street(None, "living_street", cut.line))
        junctions += [Junction(x, y, "living_street", None) for x, y in (cut.line.coords[0], cut.line.coords[-1])]
        queue.extend(cut.parts)
    lanes = shapely.union_all([lane.line.buffer(rng.uniform(1.3, 2.4)) for lane in parcel.paths])
    kind = "village" if parcel.use == "village" else "old"
    for piece in pieces:
        for part in polygons_of(piece.intersection(parcel.land).difference(lanes)):
            if part.area > HOUSE_GROUND_M2:
                made = houses(part, lot_m2, rng, gap=gap, empty=empty)
                parcel.footprints += [Footprint(kind, shape) for shape in made]


def _build_street_block(parcel: Parcel, angle: float, rng: np.random.Generator) -> None:
    """Line a block with shop houses and put slabs into its yard."""
    shops = kerb_houses(parcel.land, 12.0, rng)
    yard = largest(parcel.land.buffer(-19.0, join_style="mitre"))
    if yard.area > 0.25 * HECTARE_M2:
        _build_rows(parcel, yard, angle, rng, kind="slab")
        ways = shapely.union_all([path.line.buffer(2.5) for path in parcel.paths])
        inner = shapely.union_all([footprint.shape.buffer(3.0) for footprint in parcel.footprints])
        shops = [shop for shop in shops if not shop.intersects(ways) and not shop.intersects(inner)]
    parcel.footprints += [Footprint("shop", shop) for shop in shops]


def _build_rows(
    parcel: Parcel, ground: Polygon, angle: float, rng: np.random.Generator, kind: str | None = None
) -> None:
    kind = kind or parcel.use
    filling = rows(ground, angle, STYLES[kind], rng)
    if not filling.footprints:
        return
    parcel.footprints += [Footprint(kind, shape) for shape in filling.footprints]
    wanted = 1 + int(ground.area > 1.3 * HECTARE_M2) + int(ground.area > 3.2 * HECTARE_M2)
    for connector in _connectors(filling, parcel.face, wanted, rng):
        parcel.paths.append(Street(None, "service", connector))
        crossing = shapely.get_parts(connector.intersection(parcel.land.exterior))
        parcel.gates += [shapely.get_parts(shapely.extract_unique_points(point))[0] for point in crossing[:1]]
    inner = [Street(None, "service", line) for line in filling.spines]
    inner += [Street(None, "footway", line) for line in filling.paths]
    parcel.paths += _reached(parcel.paths, inner)


def _connectors(filling: Filling, face: Polygon, wanted: int, rng: np.random.Generator) -> list[LineString]:
    """Return paths from the ends of spines and lanes to the street outside, far apart from each other."""
    middle = filling.paths[len(filling.paths) // 2 : len(filling.paths) // 2 + 1]
    ends = []
    for line in [*filling.spines, *middle]:
        start, end = np.array(line.coords[0]), np.array(line.coords[-1])
        ends += [(end, end - start), (start, start - end)]
    chosen: list[LineString] = []
    for index in rng.permutation(len(ends)):
        place, heading = ends[index]
        heading = heading / np.hypot(*heading)
        ray = LineString([place, place + 120.0 * heading])
        hits = shapely.get_coordinates(ray.intersection(face.exterior))
        if len(hits) == 0 or len(chosen) == wanted:
            continue
        hit = hits[np.argmin(np.hypot(*(hits - place).T))]
        if all(Point(hit).distance(other) > GATES_APART_M for other in chosen):
            chosen.append(LineString([place, hit]))
    return chosen


def _reached(gateways: list[Street], inner: list[Street]) -> list[Street]:
    """Return the inner paths that can be walked to from a gateway."""
    reached, waiting = list(gateways), list(inner)
    found: list[Street] = []
    while True:
        new = [path for path in waiting if any(path.line.distance(other.line) < TOUCHING_M for other in reached)]
        if not new:
            return found
        waiting = [path for path in waiting if path not in new]
        found += new
        reached = new


def _build_park(parcel: Parcel, angle: float, rng: np.random.Generator) -> None:
    """Lay a round through a park, about a lake where there is room, else with two walks that cross."""
    centre = parcel.land.representative_point()
    half = np.sqrt(parcel.land.area) / 2
    ring = parcel.land.buffer(-0.42 * half).buffer(0.1 * half)
    walks = (0.3,) if parcel.land.area > LAKE_PARK_M2 else (0.3, 0.3 + np.pi / 2)
    if parcel.land.area > LAKE_PARK_M2:
        lake = blob((centre.x, centre.y), (0.48 * half, 0.34 * half), angle, rng)
        parcel.lake = largest(lake.intersection(parcel.land.buffer(-0.5 * half)))
        ring = parcel.lake.convex_hull.buffer(12.0)
    for turn in walks:
        span = LineString([(centre.x - 900, centre.y), (centre.x + 900, centre.y)])
        walk = rotate(span, angle + turn, origin=centre, use_radians=True).intersection(parcel.face)
        walk = max(shapely.get_parts(walk), key=lambda part: part.length)
        beside = walk if parcel.lake is None else walk.difference(ring)
        parcel.paths += [Street(None, "footway", part) for part in shapely.get_parts(beside)]
    if isinstance(ring, Polygon) and not ring.is_empty:
        parcel.paths.append(Street(None, "footway", LineString(ring.exterior.coords)))


def walls(parcel: Parcel) -> list[LineString]:
    """Return the wall of a parcel, open at its gates."""
    openings = shapely.union_all([gate.buffer(GATE_M / 2) for gate in parcel.gates])
    ring = LineString(parcel.land.exterior.coords)
    return [part for part in shapely.get_parts(ring.difference(openings)) if part.length > 1.0]
