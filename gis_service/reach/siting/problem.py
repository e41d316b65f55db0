"""What a siting question is made of, and what its answer says."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from gis_service.errors import InputError, Text

OPTIMAL_GAP = 1e-6
"""A choice counts as proved optimal when its relative gap is at most this; in covering whole households it is 0."""


@dataclass(frozen=True)
class SitingProblem:
    """Demand points, the facilities that stay, and the places where facilities could be opened.

    Parameters
    ----------
    walk_m
        Walk [m] from each demand point (rows) to each candidate (columns). A stored 0 is a walk of no length; what is
        not stored is too far to count.
    households
        Weight of each demand point, >= 0: households, residents or any other count.
    existing_walk_m
        Walk [m] from each demand point to the nearest facility that stays; inf where there is none.
    candidate_ids
        One id per candidate, unique. Where choices are equally good, the order of ids decides, never the order of rows.
    cost
        Cost of each candidate, > 0, in any one unit; None: each costs 1.
    capacity
        Households each candidate can serve, >= 0; inf: any number; None: no candidate is limited. Facilities that stay
        are not limited.

    Raises
    ------
    InputError
        Sizes do not match, ids repeat, or a number is out of its range.
    """

    walk_m: csr_array
    households: NDArray[np.float64]
    existing_walk_m: NDArray[np.float64]
    candidate_ids: tuple[str, ...]
    cost: NDArray[np.float64] | None = None
    capacity: NDArray[np.float64] | None = None

    def __post_init__(self) -> None:
        """Refuse arrays that do not belong together."""
        demand, candidates = self.walk_m.shape
        for name, zh, array, size in (
            ("households", "户数", self.households, demand),
            ("existing_walk_m", "现有步行距离", self.existing_walk_m, demand),
            ("candidate_ids", "候选点编号", self.candidate_ids, candidates),
            ("cost", "造价", self.cost, candidates),
            ("capacity", "服务能力", self.capacity, candidates),
        ):
            if array is not None and len(array) != size:
                raise InputError(
                    Text(
                        f"选址数据不配套：{zh}有 {len(array)} 个，应为 {size} 个",
                        f"the siting data do not match: {len(array)} values of {name} instead of {size}",
                    )
                )
        if len(set(self.candidate_ids)) < candidates:
            raise InputError(
                Text("候选点编号有重复，请给每个候选点不同的编号", "two candidates have the same id; give each its own")
            )
        self._check_numbers()

    def _check_numbers(self) -> None:
        weights = self.households
        for zh, en, fine in (
            ("户数必须是不小于 0 的数", "households must be numbers >= 0", np.isfinite(weights) & (weights >= 0)),
            ("步行距离必须是不小于 0 的数", "walks must be numbers >= 0", self.walk_m.data >= 0),
            ("现有步行距离必须不小于 0", "walks to existing facilities must be >= 0", self.existing_walk_m >= 0),
            ("候选点造价必须大于 0", "costs of candidates must be numbers > 0", _positive(self.cost)),
            ("服务能力必须不小于 0", "capacities must be >= 0", self.capacity is None or self.capacity >= 0),
        ):
            if not np.all(fine):
                raise InputError(Text(f"选址数据有误：{zh}", f"the siting data are wrong: {en}"))

    @property
    def costs(self) -> NDArray[np.float64]:
        """Return the cost of each candidate, 1 where none is given."""
        return np.ones(len(self.candidate_ids)) if self.cost is None else self.cost

    @property
    def by_id(self) -> NDArray[np.int64]:
        """Return the candidates in the order of their ids."""
        return np.argsort(np.array(self.candidate_ids, dtype=object), kind="stable").astype(np.int64)


@dataclass(frozen=True)
class Siting:
    """Which candidates to open, and how far from the best possible choice that can be.

    Parameters
    ----------
    chosen
        Candidates by number, those that contribute most first: each is the one that adds most to those before it.
    gain
        What each of `chosen` adds to those before it, in the measure of the question: households newly covered, or
        household-metres of walking saved.
    newly_covered
        Households that each of `chosen` brings within the cut-off and none before it does; under capacities those of
        them that it serves.
    objective
        Value of the choice: its cost (covering all or a share), covered households with it (maximal covering), or
        household-metres walked with it (p-median).
    bound
        What no choice can beat: a lower bound of cost or walking, an upper bound of covered households.
    before
        The objective with nothing opened.
    covered_before, covered_after
        Households within the cut-off without and with the choice; under capacities only those who are served count
        with it.
    uncoverable
        Demand points by number that neither an existing facility nor any candidate covers.
    stopped_by_limit
        Whether the time limit ended the search. If False, the same input gives the same answer on every machine.
    """

    chosen: NDArray[np.int64]
    gain: NDArray[np.float64]
    newly_covered: NDArray[np.float64]
    objective: float
    bound: float
    before: float
    covered_before: float
    covered_after: float
    uncoverable: NDArray[np.int64]
    stopped_by_limit: bool

    @property
    def gap(self) -> float:
        """Return the distance of objective and bound as a share of the objective; 0 where they are equal."""
        distance = abs(self.objective - self.bound)
        if distance == 0:
            return 0.0
        return float(distance / abs(self.objective)) if self.objective else np.inf

    @property
    def proved_optimal(self) -> bool:
        """Return whether no choice is better by more than `OPTIMAL_GAP`."""
        return self.gap <= OPTIMAL_GAP


def _positive(cost: NDArray[np.float64] | None) -> bool:
    return cost is None or bool(np.all(np.isfinite(cost) & (cost > 0)))
