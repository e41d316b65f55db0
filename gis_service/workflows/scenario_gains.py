"""What a scenario would gain for one reader: who is newly covered, in which streets, and by which of the new sites."""

from collections.abc import Collection, Hashable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
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
    rows = np.concatenate([changed.gained, changed.lost])
    gains = np.arange(len(rows)) < len(changed.gained)
    table = pd.DataFrame({"community": standing.buildings["community_code"].to_numpy(object)[rows]})
    for name in COUNTED:
        count = standing.counts[name][rows]
        table[f"{name}_gained"], table[f"{name}_lost"] = np.where(gains, count, 0.0), np.where(gains, 0.0, count)
    figures = [column for column in table if column != "community"]
    by_code = city.regions.set_index("code")[["name", "level", "parent_code"]]
    told: list[dict[str, Any]] = []
    code = table["community"]
    for level in reversed(LEVELS):
        summed = table.groupby(code.where(code.notna(), None))[figures].agg(_whole)
        of_level = by_code.loc[summed.index, ["name", "level"]].join(summed).reset_index(names="code")
        of_level = of_level[of_level["level"] == level]
        of_level = of_level.sort_values(["households_gained", "code"], ascending=[False, True])
        told = [_plain(row) for row in of_level.to_dict("records")] + told
        code = code.map(by_code["parent_code"])
    return told


def _households(standing: Standing, rows: NDArray[np.int64]) -> int:
    return int(standing.counts["households"][rows].sum())


def _plain(row: Mapping[Hashable, Any]) -> dict[str, Any]:
    return {str(name): None if pd.isna(value) else value for name, value in row.items()}


def _whole(counts: "pd.Series[float]") -> int | None:
    """Return a sum of counts; None where one is unknown."""
    total = counts.sum(skipna=False)
    return None if np.isnan(total) else int(total)
