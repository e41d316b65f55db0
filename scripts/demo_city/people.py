"""Buildings and estates with the people in them; counts only, all invented."""

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely import Polygon
from shapely.affinity import rotate

from demo_city.names import estate_names
from demo_city.parcels import Footprint, Parcel

ESTATE_BUILDINGS_MIN = 2
ESTATE_HOUSEHOLDS_MAX = 1450


@dataclass(frozen=True)
class Household:
    """How people live in a kind of building.

    Parameters
    ----------
    floors
        Fewest and most floors.
    area_m2
        Gross floor area of a household, stairs included [m²].
    size
        Mean residents of a household.
    elderly, children
        Share of the residents who are 60 and older, and younger than 15.
    """

    floors: tuple[int, int]
    area_m2: float
    size: float
    elderly: float
    children: float


LIVING = {
    "old": Household((1, 3), 105.0, 2.5, 0.29, 0.12),
    "village": Household((2, 4), 230.0, 3.4, 0.27, 0.15),
    "shop": Household((3, 5), 135.0, 2.6, 0.19, 0.16),
    "slab": Household((5, 7), 104.0, 2.7, 0.22, 0.15),
    "tower": Household((15, 30), 128.0, 3.1, 0.13, 0.20),
}
"""Kinds with residents; what stands on every other parcel is nobody's home."""

WORKING_FLOORS = {"office": (5, 14), "campus": (4, 6), "hospital": (5, 12), "civic": (4, 8)}


def straddle_a_lane(parcels: list[Parcel]) -> None:
    """Put one house across a lane of the largest old quarter, as gatehouses stand, in place of those it touches."""
    quarter = max((parcel for parcel in parcels if parcel.use == "old"), key=lambda parcel: len(parcel.footprints))
    lanes = [path.line for path in quarter.paths]
    crossings = shapely.extract_unique_points(shapely.union_all([
        shapely.get_point(lane, at) for lane in lanes for at in (0, -1)
    ]))  # fmt: skip
    lane, share = max(
        ((lane, share) for lane in lanes for share in (0.2, 0.35, 0.5, 0.65, 0.8)),
        key=lambda spot: spot[0].interpolate(spot[1], normalized=True).distance(crossings),
    )
    middle, beyond = (lane.interpolate(at, normalized=True) for at in (share, share + 0.01))
    angle = np.arctan2(beyond.y - middle.y, beyond.x - middle.x)
    box = shapely.box(middle.x - 5.0, middle.y - 7.0, middle.x + 5.0, middle.y + 7.0)
    gatehouse = rotate(box, angle, origin=middle, use_radians=True)
    quarter.footprints[:] = [other for other in quarter.footprints if not other.shape.intersects(gatehouse)]
    quarter.footprints.append(Footprint("old", gatehouse))


def settle(parcels: list[Parcel], rng: np.random.Generator) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """Return the buildings and the estates of the town.

    Returns
    -------
    buildings
        ``id, households, residents, elderly, children, floors, estate_id, use, geometry``; ids run from the north-west.
    estates
        ``id, name, geometry``.
    """
    named = {"slab": estate_names(rng, new=False), "tower": estate_names(rng, new=True)}
    estates: list[tuple[str, str, Polygon]] = []
    rows: list[tuple[int, int, int, int, int, str | None, Footprint]] = []
    order = sorted(range(len(parcels)), key=lambda i: (-round(parcels[i].face.centroid.y), parcels[i].face.centroid.x))
    for i in order:
        parcel = parcels[i]
        estate = None
        if parcel.use in named and len(parcel.footprints) >= ESTATE_BUILDINGS_MIN:
            estate = f"x{len(estates) + 1:04d}"
            estates.append((estate, next(named[parcel.use]), parcel.land))
        floors_here = None
        if parcel.use in {"slab", "tower"}:
            living = LIVING[parcel.use]
            built_m2 = sum(footprint.shape.area for footprint in parcel.footprints)
            most = int(ESTATE_HOUSEHOLDS_MAX * living.area_m2 / max(built_m2, 1.0))
            floors_here = max(min(int(rng.integers(*living.floors, endpoint=True)), most), living.floors[0])
        rows += [(*_people(footprint, floors_here, rng), estate, footprint) for footprint in parcel.footprints]
    buildings = gpd.GeoDataFrame(
        {
            "id": [f"b{number:05d}" for number in range(1, len(rows) + 1)],
            "households": [row[0] for row in rows],
            "residents": [row[1] for row in rows],
            "elderly": [row[2] for row in rows],
            "children": [row[3] for row in rows],
            "floors": [row[4] for row in rows],
            "estate_id": pd.array([row[5] for row in rows], dtype=object),
            "use": [row[6].kind for row in rows],
        },
        geometry=list(shapely.set_precision(np.array([row[6].shape for row in rows], dtype=object), 0.001)),
    )
    columns = zip(*estates, strict=True)
    return buildings, gpd.GeoDataFrame(dict(zip(("id", "name", "geometry"), columns, strict=True)))


def _people(footprint: Footprint, floors_here: int | None, rng: np.random.Generator) -> tuple[int, int, int, int, int]:
    """Return households, residents, elderly, children and floors of a building."""
    living = LIVING.get(footprint.kind)
    if living is None:
        low, high = WORKING_FLOORS.get(footprint.kind, (1, 2))
        return 0, 0, 0, 0, int(rng.integers(low, high, endpoint=True))
    floors = floors_here if floors_here is not None else int(rng.integers(*living.floors, endpoint=True))
    households = max(round(footprint.shape.area * floors / living.area_m2 * rng.uniform(0.92, 1.04)), 1)
    residents = max(round(households * living.size * rng.normal(1.0, 0.07)), households)
    elderly = int(rng.binomial(residents, living.elderly))
    children = int(rng.binomial(residents - elderly, living.children))
    return households, residents, elderly, children, floors
