"""Mixed-integer programmes for HiGHS."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array, sparray

from gis_service.reach.siting.watch import Watch

SMALLEST_GAP = 1e-9
"""Relative gap at which a programme counts as solved."""
LIMIT, INFEASIBLE = 1, 2
"""What ``scipy.optimize.milp`` calls these ends."""


@dataclass(frozen=True)
class Programme:
    """Minimise ``cost @ x`` for ``lower <= matrix @ x <= upper`` and ``0 <= x <= most``.

    Parameters
    ----------
    cost, most
        Cost and upper bound of each variable.
    whole
        Whether each variable must be a whole number.
    matrix, lower, upper
        The constraints.
    """

    cost: NDArray[np.float64]
    most: NDArray[np.float64]
    whole: NDArray[np.bool_]
    matrix: sparray
    lower: NDArray[np.float64]
    upper: NDArray[np.float64]


@dataclass(frozen=True)
class Answer:
    """What HiGHS found.

    Parameters
    ----------
    x
        The best solution found; None: none.
    bound
        Proven lower bound of the cost; -inf: none, +inf: there is no solution.
    stopped
        Whether the time limit ended it.
    """

    x: NDArray[np.float64] | None
    bound: float
    stopped: bool


def solve(programme: Programme, watch: Watch, relative_gap: float) -> Answer:
    """Return the best solution HiGHS (Huangfu and Hall 2018) finds before the watch is over or the gap small enough."""
    if not len(programme.cost):
        return Answer(np.zeros(0), 0.0, stopped=False)
    if watch.over:
        return Answer(None, -np.inf, stopped=True)
    scale = float(np.max(np.abs(programme.cost), initial=0.0)) or 1.0
    options = {"mip_rel_gap": max(SMALLEST_GAP, relative_gap)}
    if np.isfinite(watch.ends_at):
        options["time_limit"] = watch.left_s
    result = milp(
        programme.cost / scale,
        integrality=programme.whole.astype(np.int64),
        bounds=Bounds(0.0, programme.most),
        constraints=LinearConstraint(csr_array(programme.matrix), programme.lower, programme.upper),
        options=options,
    )
    if result.status == INFEASIBLE:
        return Answer(None, np.inf, stopped=False)
    bound = -np.inf if result.mip_dual_bound is None else result.mip_dual_bound * scale
    return Answer(result.x, bound, stopped=result.status == LIMIT)
