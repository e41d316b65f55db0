"""Why each grid of a plan is as it is: what it is made of, what bounds it, and who could give or take."""

from dataclasses import asdict, dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gis_service.geo.coverage import group_sums
from gis_service.partition.articulation import articulation
from gis_service.partition.contiguity import UnitGraph
from gis_service.partition.contraction import Bundles, bundle_estates
from gis_service.plan.rules import Rules, Verdict, judge


@dataclass(frozen=True)
class Exchange:
    """What one grid could hand to a neighbour so that neither is farther from the rules than before.

    Parameters
    ----------
    code
        The neighbour's code.
    ways
        Number of units (or whole estates) each of which could change hands alone [count].
    households_min, households_max
        Households of the smallest and the largest of them [count].
    """

    code: str
    ways: int
    households_min: int
    households_max: int


@dataclass(frozen=True)
class Explanation:
    """Why one grid is as it is.

    Parameters
    ----------
    code
        The grid.
    households, residents
        Its sums [count]; residents None where unknown.
    verdict
        Both tests and the status.
    binding
        The test that decides: ``households``, ``residents``, ``both`` (either would do, and both pass or neither), or
        ``none`` for special grids and land without households.
    room_down, room_up
        Households it could lose or gain before the deciding range ends [count]; negative where it is out of range
        already; None where residents decide or nothing does.
    units, estates
        Number of its units and of estates wholly inside it [count].
    border_m
        Length of its border [m], by the borders of its units: ``community`` along the community's border, ``barrier``
        along rivers, railways and expressways, ``line`` along roads and walls, ``open`` between buildings; outlines of
        estates are no line here, unlike in ``quality.Quality``.
    gives, takes
        What it could give to and take from each neighbour, by the neighbour's code.
    """

    code: str
    households: int
    residents: int | None
    verdict: Verdict
    binding: str
    room_down: int | None
    room_up: int | None
    units: int
    estates: int
    border_m: dict[str, float]
    gives: tuple[Exchange, ...]
    takes: tuple[Exchange, ...]

    def as_dict(self) -> dict[str, Any]:
        """Return the explanation as plain values for JSON; lengths are rounded to whole metres."""
        values = asdict(self)
        values["border_m"] = {name: round(length) for name, length in self.border_m.items()}
        return values


def explain(
    units: gpd.GeoDataFrame,
    graph: UnitGraph,
    labels: NDArray[np.int64],
    grids: gpd.GeoDataFrame,
    rules: Rules,
    *,
    locked: NDArray[np.bool_] | None = None,
) -> tuple[Explanation, ...]:
    """Return why each grid of a community's plan is as it is, in the order of ``grids``.

    Parameters
    ----------
    units, graph
        The units frame of the community and its neighbourhood.
    labels
        Row of ``grids`` for each unit.
    grids
        The grids frame.
    rules
        The size rule of the plan.
    locked
        True for rows of ``grids`` that must stay as they are, and so neither give nor take; None: none.

    Returns
    -------
    tuple of Explanation
        Exchanges count units, and estates that must stay whole as one, that touch the neighbour, do not hold their
        grid together, and after which neither grid gets out of range, or farther out than it was. Where an estate lies
        in several grids already (one may be locked), its units count one by one.
    """
    bundles = bundle_estates(units, graph, rules, _of_split_estates(units, labels))
    free = (grids["kind"] == "base").to_numpy()
    exchanges = _exchanges(bundles, labels[bundles.first], grids, rules, free if locked is None else free & ~locked)
    border_m = _border_m(graph, labels, grids)
    estates = _whole_estates(units, labels, len(grids))
    sizes = np.bincount(labels, minlength=len(grids))
    out = []
    counts = zip(grids["code"], grids["kind"], grids["households"], grids["residents"], strict=True)
    for row, (code, kind, households, people) in enumerate(counts):
        residents = None if pd.isna(people) else int(people)
        verdict = judge(int(households), residents, kind, rules)
        binding = _binding(verdict, rules)
        by_households = binding in ("households", "both")
        out.append(
            Explanation(
                code=str(code),
                households=int(households),
                residents=residents,
                verdict=verdict,
                binding=binding,
                room_down=int(households) - rules.households_min if by_households else None,
                room_up=rules.households_max - int(households) if by_households else None,
                units=int(sizes[row]),
                estates=int(estates[row]),
                border_m={name: float(lengths[row]) for name, lengths in border_m.items()},
                gives=_listed(exchanges[exchanges["giver"] == row], "taker", grids),
                takes=_listed(exchanges[exchanges["taker"] == row], "giver", grids),
            )
        )
    return tuple(out)


def _binding(verdict: Verdict, rules: Rules) -> str:
    """Return the test that decides by the rules' basis."""
    if verdict.households_test == "exempt" or verdict.status not in ("normal", "small", "large", "conflict"):
        return "none"
    if rules.basis == "households" or verdict.residents_test == "unknown":
        return "households"
    if rules.basis == "residents":
        return "residents"
    if verdict.households_test == "pass" and verdict.residents_test != "pass":
        return "households"
    if verdict.residents_test == "pass" and verdict.households_test != "pass":
        return "residents"
    return "both"


def _exchanges(
    bundles: Bundles, labels: NDArray[np.int64], grids: gpd.GeoDataFrame, rules: Rules, partner: NDArray[np.bool_]
) -> pd.DataFrame:
    """Return the moves of one bundle between partners that hurt neither: columns giver, taker, households."""
    graph = bundles.graph
    left = np.repeat(np.arange(len(labels)), np.diff(graph.start))
    alone = np.bincount(labels, minlength=len(grids)) == 1
    free = ~articulation(graph.start, graph.neighbour, labels) & partner[labels] & ~alone[labels]
    crossing = free[left] & (labels[left] != labels[graph.neighbour]) & partner[labels[graph.neighbour]] & ~graph.bridge
    moves = pd.DataFrame({"bundle": left[crossing], "taker": labels[graph.neighbour[crossing]]}).drop_duplicates()
    bundle, taker = moves["bundle"].to_numpy(), moves["taker"].to_numpy()
    giver = labels[bundle]
    moved, people = bundles.households[bundle], bundles.residents[bundle]
    households = grids["households"].to_numpy(np.int64)
    residents = grids["residents"].to_numpy(dtype=np.float64, na_value=np.nan)
    changed = np.where(people < 0, np.nan, people)
    now = _missed(households, residents, rules)
    gave = _missed(households[giver] - moved, residents[giver] - changed, rules)
    took = _missed(households[taker] + moved, residents[taker] + changed, rules)
    sound = (moved > 0) & (gave <= now[giver]) & (took <= now[taker])
    return pd.DataFrame({"giver": giver[sound], "taker": taker[sound], "households": moved[sound]})


def _missed(households: NDArray[np.int64], residents: NDArray[np.float64], rules: Rules) -> NDArray[np.float64]:
    """Return how far counts are out of range, relative to the middle of it; 0 in range (as the engine measures it)."""
    by_households = _outside(households, rules.households_min, rules.households_max)
    by_residents = _outside(residents, rules.residents_min, rules.residents_max)
    if rules.basis == "households":
        return by_households
    if rules.basis == "residents":
        return np.where(np.isnan(by_residents), by_households, by_residents)
    return np.fmin(by_households, by_residents)


def _outside(counts: NDArray[np.int64] | NDArray[np.float64], low: int, high: int) -> NDArray[np.float64]:
    missed: NDArray[np.float64] = 2.0 * np.maximum(np.maximum(low - counts, counts - high), 0.0) / (low + high)
    return missed


def _border_m(graph: UnitGraph, labels: NDArray[np.int64], grids: gpd.GeoDataFrame) -> dict[str, NDArray[np.float64]]:
    """Return by what the border of each grid runs [m]."""
    left = np.repeat(np.arange(len(labels)), np.diff(graph.start))
    between = labels[left] != labels[graph.neighbour]
    row = labels[left[between]]
    inner, barrier, follow = (
        group_sums(row, lengths[between], len(grids)) for lengths in (graph.length_m, graph.barrier_m, graph.follow_m)
    )
    around = grids.geometry.length.to_numpy()
    return {
        "community": np.maximum(around - inner, 0.0),
        "barrier": barrier,
        "line": np.maximum(follow - barrier, 0.0),
        "open": np.maximum(inner - follow, 0.0),
    }


def _whole_estates(units: gpd.GeoDataFrame, labels: NDArray[np.int64], count: int) -> NDArray[np.int64]:
    """Return how many estates lie wholly in each grid."""
    named = units["estate_id"].notna().to_numpy()
    rows = pd.Series(labels[named]).groupby(units["estate_id"].to_numpy(dtype=object)[named])
    first = rows.min()
    only = first[first == rows.max()]
    return np.bincount(only.to_numpy(np.int64), minlength=count).astype(np.int64)


def _of_split_estates(units: gpd.GeoDataFrame, labels: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Return which units are of an estate that lies in several grids."""
    grids = pd.Series(labels).groupby(units["estate_id"].to_numpy(dtype=object)).transform("nunique")
    split: NDArray[np.bool_] = (grids > 1).to_numpy()
    return split


def _listed(exchanges: pd.DataFrame, side: str, grids: gpd.GeoDataFrame) -> tuple[Exchange, ...]:
    codes = grids["code"]
    by_neighbour = exchanges.groupby(side)["households"].agg(["size", "min", "max"])
    return tuple(
        Exchange(str(codes.iloc[row]), int(ways), int(least), int(most))
        for row, ways, least, most in by_neighbour.itertuples()
    )
