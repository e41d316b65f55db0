"""What a scenario would gain for one reader: who is newly covered, in which streets, and by which of the new sites."""

from collections.abc import Collection
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gis_service.reach.comparison import Difference, Edits, Standing, difference, plain_coverage
from gis_service.reach.snapping import ROUNDING_M, snap
from gis_service.workflows.what_if_map import Imagined, WhatIfCity, drawn, edits_of

COUNTED = ("households", "residents", "elderly")
"""What is told of every region that gains or loses."""
LEVELS = ("county", "street", "community")


def scenario_gains(city: WhatIfCity, imagined: Imagined, roots: Collection[str] | None = None) -> dict[str, Any]:
    """Return what a scenario changes, as plain values for JSON.

    Parameters
    ----------
    city
        The city as it is.
    imagined
        Facilities added, closed and moved.
    roots
        Codes of the regions whose people the reader may count, with all that lies in them; None: the whole city.

    Returns
    -------
    dict
        ``coverage``: as in :class:`gis_service.reach.comparison.Difference`; ``households_nearer``,
        ``households_farther``, ``households_gained``, ``households_lost`` [count]; ``sites``: of every added place in
        turn ``on_street`` (False: too far from any street to serve anybody) and ``households_gained`` beyond those
        before it; ``regions``: ``code``, ``name``, ``level`` and of `COUNTED` what is gained and lost (None: unknown
        of some building), counties, streets and communities where anybody gains or loses, most gained first;
        ``gained``, ``lost``: longitude, latitude [degrees] and households of buildings, and ``buildings_gained``,
        ``buildings_lost`` how many there are.

    Raises
    ------
    InputError
        As :func:`gis_service.workflows.what_if_map.edits_of`.
    """
    edits = edits_of(city, imagined)
    standing = city.standing if roots is None else _of_reader(city, roots)
    after_m, sites = _site_by_site(standing, edits)
    changed = difference(standing, after_m)
    return {
        "coverage": plain_coverage(changed.coverage),
        "households_nearer": changed.households_nearer,
        "households_farther": changed.households_farther,
        "households_gained": _households(standing, changed.gained),
        "households_lost": _households(standing, changed.lost),
        "sites": sites,
        "regions": _regions(city, standing, changed),
        "buildings_gained": len(changed.gained),
        "buildings_lost": len(changed.lost),
        "gained": drawn(city, changed.gained),
        "lost": drawn(city, changed.lost),
    }


def _of_reader(city: WhatIfCity, roots: Collection[str]) -> Standing:
    """Return the city with the people only whom the reader may count."""
    parents = dict(zip(city.regions["code"], city.regions["parent_code"], strict=True))
    visible, level = set(roots), set(roots)
    while level:
        level = {code for code, parent in parents.items() if parent in level} - visible
        visible |= level
    told = city.standing.buildings["community_code"].isin(visible).to_numpy(np.bool_)
    counts = {name: np.where(told, count, 0.0) for name, count in city.standing.counts.items()}
    return replace(city.standing, counts=counts)


def _site_by_site(standing: Standing, edits: Edits) -> tuple[NDArray[np.float64], list[dict[str, Any]]]:
    """Return every walk after the edits [m], and what each added site gains beyond those before it."""
    state, limit_m = standing.state.copy(), standing.rules.max_gap_m
    cutoff_m = standing.rules.cutoff_m + ROUNDING_M
    number = {facility: place for place, facility in enumerate(standing.facility_ids)}
    for facility in edits.closed:
        state.close(number[facility])
    for facility, xy in edits.moved:
        state.move(number[facility], snap(standing.network, np.array([xy]), max_gap_m=limit_m))
    sites = []
    for xy in edits.added_xy:
        place = snap(standing.network, xy[None, :], max_gap_m=limit_m)
        _, change = state.add(place)
        gained = change.gained(standing.counts["households"], cutoff_m)
        sites.append({"on_street": bool(place.edge[0] >= 0), "households_gained": int(gained)})
    return state.walks.walk_m, sites


def _regions(city: WhatIfCity, standing: Standing, changed: Difference) -> list[dict[str, Any]]:
    """Return the regions where anybody gains or loses, from counties down, most households gained first."""
    sides = (("gained", changed.gained), ("lost", changed.lost))
    of_community = {
        f"{name}_{side}": np.bincount(city.community[rows], standing.counts[name][rows], len(city.communities))
        for name in COUNTED
        for side, rows in sides
    }
    touched = np.unique(city.community[np.concatenate([rows for _, rows in sides])])
    figures = np.column_stack(list(of_community.values()))
    known = dict(zip(city.regions["code"], city.regions[["name", "level", "parent_code"]].to_numpy(), strict=True))
    summed: dict[str, NDArray[np.float64]] = {}
    for place in touched:
        code = city.communities[place]["code"]
        while code in known:
            summed[code] = summed.get(code, 0.0) + figures[place]
            code = known[code][-1]
    told = [
        {"code": code, "name": known[code][0], "level": known[code][1]}
        | dict(zip(of_community, map(_whole, sums), strict=True))
        for code, sums in summed.items()
        if known[code][1] in LEVELS
    ]
    return sorted(told, key=lambda row: (LEVELS.index(row["level"]), -row["households_gained"], row["code"]))


def _households(standing: Standing, rows: NDArray[np.int64]) -> int:
    return int(standing.counts["households"][rows].sum())


def _whole(count: float) -> int | None:
    """Return a count; None where it is unknown."""
    return None if np.isnan(count) else int(count)
