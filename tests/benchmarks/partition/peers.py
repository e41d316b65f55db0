"""The engine and its peers behind one signature: an instance and a number of grids in, a label for every unit out."""

import importlib
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import geopandas as gpd
import networkx as nx
import numpy as np
import shapely
from instances import RULES, Instance
from numpy.typing import NDArray

from gis_service.partition.contraction import Bundles
from gis_service.partition.engine import solve
from gis_service.partition.refinement import PartBound, refine

Labels = NDArray[np.int64]


@dataclass(frozen=True)
class Peer:
    """A solver to be measured.

    Parameters
    ----------
    needs
        Modules without which it is absent.
    solve
        Instance, number of grids wanted and seed in; a label for every unit out.
    """

    needs: tuple[str, ...]
    solve: Callable[[Instance, int, int], Labels]

    def absent(self) -> str | None:
        """Return the first module that cannot be imported, None where all can; they are loaded then."""
        for name in self.needs:
            try:
                importlib.import_module(name)
            except ImportError:
                return name
        return None


def engine(instance: Instance, count: int, seed: int) -> Labels:
    """Return the engine's own answer."""
    unknown = np.full(len(instance.households), -1, np.int64)
    return solve(
        instance.graph,
        instance.households,
        unknown,
        RULES,
        area_m2=instance.area_m2,
        perimeter_m=instance.perimeter_m,
        seed=seed,
    )


def refined(instance: Instance, count: int, seed: int) -> Labels:
    """Return the engine's answer made better where that can be decided exactly, as every plan is."""
    return proven(instance, engine(instance, count, seed))[0]


def proven(instance: Instance, labels: Labels) -> tuple[Labels, tuple[PartBound, ...]]:
    """Return the refined labels and what is proven about them."""
    unknown = np.full(len(instance.households), -1, np.int64)
    each = np.arange(len(unknown))
    bundles = Bundles(each, each, instance.graph, instance.households, unknown, instance.area_m2, instance.perimeter_m)
    found = refine(bundles, RULES, labels=labels, locked=unknown)
    return found.labels, found.bounds


def _border(instance: Instance) -> NDArray[np.int64]:
    """Return border lengths as the whole metres, at least 1, that graph partitioners want."""
    return np.maximum(1, np.rint(instance.graph.length_m)).astype(np.int64)


def metis(instance: Instance, count: int, seed: int) -> Labels:
    """Return the answer of METIS k-way with connected parts, 25 % of imbalance allowed."""
    import pymetis  # noqa: PLC0415 an optional peer

    graph = instance.graph
    _, part = pymetis.part_graph(
        count,
        pymetis.CSRAdjacency(graph.start.tolist(), graph.neighbour.tolist()),
        vweights=instance.households.tolist(),
        eweights=_border(instance).tolist(),
        recursive=False,
        options=pymetis.Options(seed=seed, ufactor=250, contig=True),
    )
    return np.asarray(part, np.int64)


def kahip(instance: Instance, count: int, seed: int) -> Labels:
    """Return the answer of KaHIP's eco mode, 3 % of imbalance allowed; its Python module cannot keep parts in one."""
    import kahip as library  # noqa: PLC0415 an optional peer

    graph = instance.graph
    eco = 1
    _, part = library.kaffpa(
        instance.households.tolist(),
        graph.start.tolist(),
        _border(instance).tolist(),
        graph.neighbour.tolist(),
        count,
        0.03,
        True,  # noqa: FBT003 its own signature: say nothing
        seed,
        eco,
    )
    return np.asarray(part, np.int64)


def gerrychain(instance: Instance, count: int, seed: int) -> Labels:
    """Return a seed plan of GerryChain.

    The tolerance is the widest that stays in range around the mean; where no cut is found in three tries it is widened,
    as its users do. Units above the maximum count as the maximum, for they would make every cut impossible.
    """
    from gerrychain import Graph  # noqa: PLC0415 an optional peer
    from gerrychain.partition.initial_partition_generators import recursive_tree_part  # noqa: PLC0415
    from gerrychain.tree import bipartition_tree  # noqa: PLC0415

    capped = np.minimum(instance.households, RULES.households_max)
    plain = nx.Graph()
    plain.add_nodes_from((unit, {"households": int(each)}) for unit, each in enumerate(capped))
    plain.add_edges_from(instance.ends.tolist())
    graph = Graph.from_networkx(plain)
    if not graph.is_rx_graph():
        graph = graph.convert_from_nx_to_rx()
    mean = capped.sum() / count
    tolerance = max(0.02, min(mean - RULES.households_min, RULES.households_max - mean) / mean)
    method = partial(bipartition_tree, max_attempts=200, warn_attempts=10**9)
    for attempt, factor in enumerate((1, 1, 1, 1.5, 2, 4, 8)):
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                parts = recursive_tree_part(
                    graph,
                    range(count),
                    mean,
                    "households",
                    tolerance * factor,
                    bipartition_tree_fn=method,
                    rng=seed + attempt,
                )
        except Exception as fault:  # noqa: BLE001 it raises many kinds where it finds no cut
            last = fault
            continue
        labels = np.zeros(len(capped), np.int64)
        for node, part in parts.items():
            labels[graph.original_nx_node_id_for_internal_node_id(node)] = part
        return labels
    raise RuntimeError(f"no plan at eight times the tolerance: {last}")


def ward(instance: Instance, count: int, seed: int) -> Labels:
    """Return spopt's Ward clustering of places under contiguity, the quickest of its regions."""
    from libpysal.weights import W  # noqa: PLC0415 an optional peer
    from spopt.region import WardSpatial  # noqa: PLC0415

    graph = instance.graph
    rows = np.split(graph.neighbour, graph.start[1:-1])
    weights = W({unit: row.tolist() for unit, row in enumerate(rows)}, silence_warnings=True)
    x, y = instance.place_m.T
    frame = gpd.GeoDataFrame({"x": x, "y": y}, geometry=shapely.points(x, y))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = WardSpatial(frame, weights, ["x", "y"], n_clusters=count)
        model.solve()
    return np.asarray(model.labels_, np.int64)


OURS = "engine"
PEERS: dict[str, Peer] = {
    OURS: Peer((), engine),
    "engine, refined": Peer((), refined),
    "METIS k-way, connected": Peer(("pymetis",), metis),
    "GerryChain": Peer(("gerrychain",), gerrychain),
    "KaHIP eco 3 %": Peer(("kahip",), kahip),
    "spopt Ward": Peer(("spopt.region", "libpysal.weights"), ward),
}
