"""Instances of the districting problem: a city drawn by the project's generator, and prepared graphs where present."""

import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

REPOSITORY = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(REPOSITORY / "scripts"))

from make_demo_city import make_demo_city, write_demo_city  # noqa: E402 the path comes first

from gis_service.ingest.city import CityFrames, read_city  # noqa: E402
from gis_service.partition.community import CommunityInput, clipped  # noqa: E402
from gis_service.partition.contiguity import UnitGraph, compressed  # noqa: E402
from gis_service.partition.groundwork import groundwork_of  # noqa: E402
from gis_service.partition.streets import with_streets  # noqa: E402
from gis_service.plan.rules import Rules  # noqa: E402

RULES = Rules(basis="households")
"""The size rule of all comparisons: no peer can weigh two counts."""


@dataclass(frozen=True)
class Instance:
    """One graph to be cut.

    Parameters
    ----------
    households
        Count of each unit.
    area_m2, perimeter_m
        Area [m²] and perimeter [m] of each unit.
    place_m
        The (n, 2) middles of the units [m].
    ends
        The (n, 2) pairs of neighbours, each once, the smaller first.
    length_m, barrier_m, follow_m
        Of each pair as in ``contiguity.UnitGraph``; a length of 0 is a bridge.
    """

    households: NDArray[np.int64]
    area_m2: NDArray[np.float64]
    perimeter_m: NDArray[np.float64]
    place_m: NDArray[np.float64]
    ends: NDArray[np.int64]
    length_m: NDArray[np.float64]
    barrier_m: NDArray[np.float64]
    follow_m: NDArray[np.float64]

    @property
    def graph(self) -> UnitGraph:
        """The graph as the engine sees it."""
        return compressed(len(self.households), self.ends, self.length_m, self.barrier_m, self.follow_m)

    def part(self, units: NDArray[np.int64]) -> "Instance":
        """Return the instance of some units alone."""
        new = np.full(len(self.households), -1, np.int64)
        new[units] = np.arange(len(units))
        kept = (new[self.ends] >= 0).all(axis=1)
        return Instance(
            self.households[units],
            self.area_m2[units],
            self.perimeter_m[units],
            self.place_m[units],
            np.sort(new[self.ends[kept]], axis=1),
            self.length_m[kept],
            self.barrier_m[kept],
            self.follow_m[kept],
        )


@dataclass(frozen=True)
class Case:
    """A named problem: communities that are cut one by one, or one graph."""

    name: str
    communities: tuple[Instance, ...]

    @property
    def units(self) -> int:
        """Units of all communities."""
        return sum(len(each.households) for each in self.communities)

    @property
    def households(self) -> int:
        """Households of all communities."""
        return int(sum(each.households.sum() for each in self.communities))


def demo_cases(cities: int) -> Iterator[Case]:
    """Yield cities of the generator, community by community at 1, 2 and ``cities`` cities, then one as one graph."""
    frames = [drawn_city(seed) for seed in range(1, cities + 1)]
    by_city = [
        tuple(instance_of(community) for community in communities_of(city) if len(community.buildings) > 0)
        for city in frames
    ]
    for count in sorted({1, 2, cities} & set(range(1, cities + 1))):
        yield Case(f"generated, {count} × 14 communities", tuple(each for own in by_city[:count] for each in own))
    yield from balls("generated, one graph", instance_of(whole_city(frames[0])))


def harness_cases(folder: Path) -> Iterator[Case]:
    """Yield the prepared graphs of a folder: ``sg_west.npz`` by communities and ``sg_west_city.npz`` as one graph."""
    whole, community = _read(folder / "sg_west.npz")
    parts = tuple(whole.part(np.flatnonzero(community == number)) for number in np.unique(community))
    for share in (4, 2, 1):
        yield Case(f"sg_west, {len(parts) // share} communities", parts[: len(parts) // share])
    yield from balls("sg_west_city, one graph", _read(folder / "sg_west_city.npz")[0])


def balls(name: str, instance: Instance) -> Iterator[Case]:
    """Yield a quarter, a half and the whole of a graph: the units nearest to the first by steps."""
    near = _by_steps(instance.graph)
    for share in (4, 2, 1):
        units = np.sort(near[: len(near) // share])
        yield Case(f"{name}, {len(units):,} units", (instance.part(units),))


def _by_steps(graph: UnitGraph) -> NDArray[np.int64]:
    """Return the units in the order of a search in breadth from the unit in the middle of the numbering."""
    count = len(graph.start) - 1
    order = [count // 2]
    seen = np.zeros(count, bool)
    seen[order] = True
    for unit in order:
        for other in graph.neighbour[graph.start[unit] : graph.start[unit + 1]]:
            if not seen[other]:
                seen[other] = True
                order.append(int(other))
    return np.array(order)


def _read(path: Path) -> tuple[Instance, NDArray[np.int64]]:
    data = np.load(path)
    ends = np.sort(np.column_stack((data["ei"], data["ej"])), axis=1).astype(np.int64)
    none = np.zeros(len(ends))
    instance = Instance(
        data["pop"].astype(np.int64),
        data["area"],
        data["perim"],
        data["xy"],
        ends,
        data["elen"].astype(float),
        none,
        none,
    )
    return instance, data["comm"].astype(np.int64)


def drawn_city(seed: int) -> CityFrames:
    """Return the frames of a generated city, read back from its files as an import does."""
    with tempfile.TemporaryDirectory() as folder:
        write_demo_city(make_demo_city(seed), seed, Path(folder))
        return read_city(Path(folder))


def communities_of(city: CityFrames) -> Iterator[CommunityInput]:
    """Yield the communities of a city that have a polygon, as a partition starts from them, by code."""
    regions = city.regions
    extents = regions[(regions["level"] == "community") & regions.geometry.notna()].sort_values("code")
    lines = city.barriers if city.edges is None else with_streets(city.barriers, city.edges)
    special = city.given_grids[city.given_grids["kind"] == "special"]
    of_community = dict(iter(city.buildings.groupby("community_code")))
    for code, name, geometry in zip(extents["code"], extents["name"], extents.geometry, strict=True):
        here = of_community.get(code, city.buildings.iloc[:0])
        yield clipped(
            CommunityInput(
                code=code,
                name=name,
                geometry=geometry,
                buildings=gpd.GeoDataFrame(here.reset_index(drop=True)),
                barriers=lines,
                estates=city.estates,
                special=special[special["community_code"] == code].reset_index(drop=True),
                rules=RULES,
            )
        )


def whole_city(city: CityFrames) -> CommunityInput:
    """Return a city as if it were one community."""
    parts = list(communities_of(city))
    lines = city.barriers if city.edges is None else with_streets(city.barriers, city.edges)
    inside = city.buildings[city.buildings["community_code"].isin([part.code for part in parts])]
    return CommunityInput(
        code=parts[0].code,
        name=city.dataset.title,
        geometry=shapely.union_all([part.geometry for part in parts]),
        buildings=gpd.GeoDataFrame(inside.reset_index(drop=True)),
        barriers=lines,
        estates=city.estates,
        special=city.given_grids.iloc[:0].reset_index(drop=True),
        rules=RULES,
    )


def instance_of(community: CommunityInput) -> Instance:
    """Return the graph of a community as the engine gets it: estates that fit into a grid are one unit."""
    ground = groundwork_of(replace(community, special=community.special.iloc[:0]))
    bundles = ground.bundles
    graph = bundles.graph
    left = np.repeat(np.arange(len(graph.start) - 1), np.diff(graph.start))
    once = left < graph.neighbour
    return Instance(
        bundles.households,
        bundles.area_m2,
        bundles.perimeter_m,
        shapely.get_coordinates(shapely.centroid(ground.units.geometry.to_numpy()[bundles.first])),
        np.column_stack((left, graph.neighbour))[once].astype(np.int64),
        graph.length_m[once],
        graph.barrier_m[once],
        graph.follow_m[once],
    )
