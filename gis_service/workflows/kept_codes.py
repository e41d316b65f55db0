"""Which codes the grids of a draft keep when it is approved, those that count until then, and which they have got."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import date

import geopandas as gpd
import numpy as np
import shapely

from gis_service.db import given_grids, plans
from gis_service.db.cities import City
from gis_service.db.engine import Connection
from gis_service.plan.codes import codes_of
from gis_service.plan.draft import Draft, DraftGrid, with_changes
from gis_service.plan.lineage import Successors, inherit
from gis_service.plan.rules import Rules

KEPT_LAND_M2 = 1.0
"""A grid keeps the code of a grid that counts only where it keeps more than this of its land [m²]."""


def official_grids(conn: Connection, city: City, community: str) -> gpd.GeoDataFrame:
    """Return the grids that count when a draft is approved: of the plan approved last, or else those given.

    A draft comes into force after every plan approved before it, so that the one it replaces is the last of them, in
    force by now or from some later day on.

    Returns
    -------
    geopandas.GeoDataFrame
        ``code``, ``name``, ``kind`` and ``geometry``; given grids without a code are left out.
    """
    records = [record for record in plans.load_plans(conn, city, on=date.max) if record.community_code == community]
    if records:
        grids = plans.load_grids(conn, city, records)
    else:
        given = given_grids.load_given_grids(conn, city)
        grids = given[(given["community_code"] == community) & given["code"].notna()]
    return gpd.GeoDataFrame(grids[["code", "name", "kind", "geometry"]].reset_index(drop=True))


def keys_that_keep(draft: Draft, official: gpd.GeoDataFrame, community: str, rules: Rules) -> frozenset[int]:
    """Return the keys of the grids of a draft whose codes would be theirs after approval too.

    Parameters
    ----------
    draft
        The draft.
    official
        The grids that count, see :func:`official_grids`.
    community, rules
        Code of the community, and the rules that hold the pattern of its codes.
    """
    well_formed = codes_of(community, rules)
    lands = dict(zip(official["code"], official.geometry, strict=True))
    return frozenset(
        key
        for key, grid in draft.grids.items()
        if grid.code in well_formed and grid.code in lands and _shares_land(draft, key, lands[grid.code])
    )


def with_codes_of(draft: Draft, keep: frozenset[int]) -> Draft:
    """Return a draft in which only some grids have codes, and the others no name that only repeats their number.

    What the others were called stays known as that, so that people find them again.
    """
    grids = {key: grid if key in keep else _without_code(grid) for key, grid in draft.grids.items()}
    return with_changes(draft, grids=grids)


def with_final_codes(
    base: Draft, draft: Draft, official: gpd.GeoDataFrame, community: str, rules: Rules
) -> tuple[Draft, Draft]:
    """Return a draft as it was begun and as it is, with the codes that count and with no others.

    Parameters
    ----------
    base, draft
        The draft before its first operation and now.
    official
        The grids that count, see :func:`official_grids`.
    community, rules
        Code of the community, and the rules that hold the pattern of its codes.

    Returns
    -------
    tuple of Draft
        Grids keep the codes that they began with, as far as these count. Codes that count and that the draft did not
        begin with (another plan was approved since, or it began with a proposal) go to the grids without one that go
        on as theirs, see :func:`gis_service.plan.lineage.inherit`. With a code goes the name that somebody gave its
        grid, unless the draft has another for it.
    """
    before, now = (with_codes_of(each, keys_that_keep(each, official, community, rules)) for each in (base, draft))
    bound = {grid.code for each in (before, now) for grid in each.grids.values()}
    others = official[~official["code"].isin(bound)]
    before, now = (_continued(each, others, codes_of(community, rules)) for each in (before, now))
    given = {key: grid.name for key, grid in base.grids.items()}
    silent = {key for key, grid in draft.grids.items() if grid.name == given.get(key)}
    return before, _with_names_of(now, official, silent)


def with_lasting_codes(conn: Connection, city: City, community: str, draft: Draft, rules: Rules) -> Draft:
    """Return what a draft begins with, with only those codes that it would be approved with, were it now.

    With a code goes the name that somebody gave its grid, unless the draft begins with another.
    """
    official = official_grids(conn, city, community)
    lasting = with_codes_of(draft, keys_that_keep(draft, official, community, rules))
    return _with_names_of(lasting, official, lasting.grids)


def as_approved(conn: Connection, city: City, plan_id: int, draft: Draft) -> Draft:
    """Return an approved draft with the codes and names that its grids were given on approval.

    Parameters
    ----------
    conn, city
        Transaction and city.
    plan_id
        The plan it became.
    draft
        The draft; grids without land stay as they are.
    """
    approved = plans.load_grids_of(conn, city, [plan_id])
    inside = shapely.point_on_surface(draft.land.polygon)
    unit, row = shapely.STRtree(approved.geometry.to_numpy()).query(inside, predicate="within")
    row_of = dict(zip(draft.labels[unit].tolist(), row.tolist(), strict=True))
    names = [(str(code), str(name)) for code, name in zip(approved["code"], approved["name"], strict=True)]
    given = {key: names[row] for key, row in row_of.items()}
    grids = {
        key: replace(grid, code=given[key][0], name=given[key][1]) if key in given else grid
        for key, grid in draft.grids.items()
    }
    return with_changes(draft, grids=grids)


def noted(draft: Draft, account: Mapping[str, object], codes: Mapping[int, str]) -> Draft:
    """Return a draft with the locks and notes that the account of the plan it begins with tells, by code."""
    locked, notes = account.get("locked", ()), account.get("notes", {})
    assert isinstance(locked, list | tuple) and isinstance(notes, Mapping)  # noqa: S101, PT018 as they were stored
    grids = {
        key: replace(grid, locked=codes[key] in locked, note=str(notes.get(codes[key], "")))
        for key, grid in draft.grids.items()
    }
    return with_changes(draft, grids=grids)


def _continued(draft: Draft, official: gpd.GeoDataFrame, well_formed: Collection[str]) -> Draft:
    """Return a draft in which grids without a code have those of the grids that they go on as."""
    if official.empty:
        return draft
    keys, grid = np.unique(draft.labels, return_inverse=True)  # land of no grid counts as what goes on as none
    called = [draft.grids.get(int(key)) for key in keys]
    special = np.array([None if one is None or one.kind == "base" else one.name for one in called], dtype=object)
    heritage = inherit(
        [official],
        Successors(
            units=gpd.GeoDataFrame({"special": special[grid]}, geometry=draft.land.polygon, crs=official.crs),
            grid=grid,
            point=shapely.point_on_surface(draft.land.polygon),
            households=draft.land.households,
            unit=np.arange(len(grid)),
        ),
        well_formed,
    )
    codes = {int(keys[new]): code for new, code in heritage.codes.items()}
    grids = {
        key: replace(one, code=codes[key]) if one.code is None and key in codes else one
        for key, one in draft.grids.items()
    }
    return with_changes(draft, grids=grids)


def _with_names_of(draft: Draft, official: gpd.GeoDataFrame, silent: Collection[int]) -> Draft:
    """Return a draft in which base grids without a name of their own have those that the grids of their codes have.

    Parameters
    ----------
    draft
        The draft.
    official
        The grids that count, see :func:`official_grids`.
    silent
        Keys of the grids whose names nobody changed.
    """
    told = {code: name for code, name in zip(official["code"], official["name"], strict=True) if name is not None}
    lost = {
        key: told[grid.code]
        for key, grid in draft.grids.items()
        if key in silent and grid.kind == "base" and grid.code in told and _is_number(grid) and draft.totals[key].units
    }
    taken = {grid.name for key, grid in draft.grids.items() if key not in lost}
    grids = {
        key: replace(grid, name=lost[key]) if key in lost and lost[key] not in taken else grid
        for key, grid in draft.grids.items()
    }
    return with_changes(draft, grids=grids)


def _is_number(grid: DraftGrid) -> bool:
    """Return whether a grid has no other name than its running number."""
    return grid.name is None or (grid.code is not None and _repeats(grid.name, grid.code))


def _shares_land(draft: Draft, key: int, land: shapely.Geometry) -> bool:
    own = draft.land.polygon[draft.labels == key]
    return bool(shapely.area(shapely.intersection(own, land)).sum() > KEPT_LAND_M2)


def _without_code(grid: DraftGrid) -> DraftGrid:
    if grid.code is None:
        return grid
    name = None if grid.kind == "base" and _repeats(grid.name, grid.code) else grid.name
    return replace(grid, code=None, name=name, was=grid.name or grid.code)


def _repeats(name: str | None, code: str) -> bool:
    """Return whether a name only repeats the running number of a code."""
    digits = "".join(sign for sign in name or "" if sign.isdigit())
    return bool(name and digits and code.endswith(digits.zfill(3)) and name.endswith("网格"))
