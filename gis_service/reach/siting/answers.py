"""Turn a choice into the answer people read."""

import numpy as np

from gis_service.reach.siting.capacitated import Served
from gis_service.reach.siting.choice import Choice
from gis_service.reach.siting.demand import (
    Demand,
    by_contribution,
    covered_households,
    newly_covered,
    uncoverable_demand,
)
from gis_service.reach.siting.problem import Siting, SitingProblem
from gis_service.reach.siting.watch import Watch


def answer(
    problem: SitingProblem, demand: Demand, choice: Choice, watch: Watch, *, cutoff_m: float, before: float
) -> Siting:
    """Return the answer for a choice of value and bound as the watch measures them."""
    order, gain = by_contribution(demand, choice.is_open)
    chosen = demand.candidate[order]
    return Siting(
        chosen=chosen,
        gain=gain,
        newly_covered=newly_covered(problem, chosen, cutoff_m),
        objective=watch.objective(choice.value),
        bound=watch.objective(choice.bound),
        before=before,
        covered_before=covered_households(problem, cutoff_m, np.zeros(0, np.int64)),
        covered_after=covered_households(problem, cutoff_m, chosen),
        uncoverable=uncoverable_demand(problem, cutoff_m),
        stopped_by_limit=choice.stopped,
    )


def answer_served(
    problem: SitingProblem, demand: Demand, served: Served, value: tuple[float, float, float], *, cutoff_m: float
) -> Siting:
    """Return the answer for a choice under capacities; `value` is objective, bound and objective before."""
    order, gain = served.by_contribution(demand)
    objective, bound, before = value
    covered_before = covered_households(problem, cutoff_m, np.zeros(0, np.int64))
    newly = served.newly_covered(demand, cutoff_m)[order]
    return Siting(
        chosen=demand.candidate[order],
        gain=gain,
        newly_covered=newly,
        objective=objective,
        bound=bound,
        before=before,
        covered_before=covered_before,
        covered_after=covered_before + float(newly.sum()),
        uncoverable=uncoverable_demand(problem, cutoff_m),
        stopped_by_limit=served.stopped,
    )
