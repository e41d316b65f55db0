"""Siting problems that one can work out by hand."""

from collections.abc import Callable

import numpy as np
import pytest
from scipy.sparse import csr_array

from gis_service.reach.siting.problem import SitingProblem


@pytest.fixture
def line_town() -> Callable[..., SitingProblem]:
    """Return a function that makes a problem of people and sites along one street, places in metres."""

    def make(people, sites, *, households=None, existing=(), limit_m=np.inf, ids=None, **more) -> SitingProblem:
        people, sites = np.array(people, float), np.array(sites, float)
        walk_m = np.abs(people[:, None] - sites[None, :])
        row, column = np.nonzero(walk_m <= limit_m)
        start = np.r_[0, np.cumsum(np.bincount(row, minlength=len(people)))]
        now_m = (
            np.min([np.abs(people - place) for place in existing], axis=0) if existing else np.full(len(people), np.inf)
        )
        return SitingProblem(
            walk_m=csr_array((walk_m[row, column], column, start), shape=walk_m.shape),
            households=np.array(households or [1] * len(people), float),
            existing_walk_m=now_m,
            candidate_ids=tuple(ids or (f"s{k}" for k in range(len(sites)))),
            **{name: np.array(values, float) for name, values in more.items()},
        )

    return make
