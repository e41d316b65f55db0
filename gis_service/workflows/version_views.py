"""What the planner's pages are told of a version of a community's grids: a table and outlines, as plain values."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gis_service.db.plans import PlanRecord
from gis_service.geo.crs import to_stored
from gis_service.plan.rules import STATUS_LABELS, TEST_LABELS, judge
from gis_service.workflows.compare_plans import DECIMALS, Change, Compared, label_of
from gis_service.workflows.plan_versions import PlanVersion


def grid_rows(version: PlanVersion, community: str, language: str) -> list[dict[str, Any]]:
    """Return the grids of a version, by code, with both tests in words.

    Returns
    -------
    list
        ``code``, ``name``, ``label``, ``kind``, ``status`` and ``status_label``, ``households``, ``residents`` (None:
        unknown), ``households_test`` and ``residents_test``, and ``note``: the planner's remark, or an empty text.
    """
    told = []
    for row in version.grids.to_dict("records"):
        residents = None if pd.isna(row["residents"]) else int(row["residents"])
        households = int(row["households"])
        verdict = asdict(judge(households, residents, row["kind"], version.rules))
        tests = {name: TEST_LABELS[test].in_language(language) for name, test in verdict.items() if name != "status"}
        told.append(
            {
                "code": row["code"],
                "name": row["name"],
                "label": label_of(row["code"], row["name"], community),
                "kind": row["kind"],
                "status": row["status"],
                "status_label": STATUS_LABELS[row["status"]].in_language(language),
                "households": households,
                "residents": residents,
                "note": version.notes.get(row["code"], ""),
                **tests,
            }
        )
    return told


def outlines(grids: gpd.GeoDataFrame, columns: Sequence[str], community: str) -> dict[str, Any]:
    """Return grids as GeoJSON in longitude and latitude, with some columns and what maps write on them."""
    stored = to_stored(grids)
    shapes = shapely.transform(stored.geometry.to_numpy(), lambda xy: np.round(xy, DECIMALS))
    rows = stored[["code", "name", *columns]].to_dict("records")
    return {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "properties": {"label": label_of(row["code"], row["name"], community)}
                | {name: None if pd.isna(value) else value for name, value in row.items()},
                "geometry": shapely.geometry.mapping(shape),
            }
            for row, shape in zip(rows, shapes, strict=True)
        ],
    }


def shown_outlines(version: PlanVersion, community: str) -> dict[str, Any]:
    """Return the grids of a version as a map draws them: outlines with status and households."""
    return outlines(version.grids, ("status", "households"), community)


def history_of(plans: Sequence[PlanRecord], today: date) -> list[dict[str, Any]]:
    """Return the plans of a community that were, are or will be in force, the latest first.

    Returns
    -------
    list
        ``name``, ``start`` and ``end`` (None: no end set), and ``when``: past, now or later.
    """
    approved = [(record.effective_from, record) for record in plans if record.effective_from is not None]
    return [
        {
            "name": record.name,
            "start": start,
            "end": record.effective_to,
            "when": "later"
            if start > today
            else "past"
            if record.effective_to is not None and record.effective_to <= today
            else "now",
        }
        for start, record in sorted(approved, key=lambda each: (each[0], each[1].id), reverse=True)
    ]


def origins_of(told: Compared) -> dict[str, list[Change]]:
    """Return from which old grids the buildings of each new grid come, by code, the most households first."""
    found: dict[str, list[Change]] = {grid.code: [] for grid in told.new_grids}
    for change in told.changes:
        if change.new is not None and change.old is not None:
            found[change.new].append(change)
    return {
        code: sorted(changes, key=lambda change: (-change.households, change.old or ""))
        for code, changes in found.items()
    }


def retired_of(told: Compared, community: str) -> list[str]:
    """Return the codes of the community that end: those of official old grids that no new one has any more."""
    if not told.old.official:
        return []
    gone = {grid.code for grid in told.old_grids} - {grid.code for grid in told.new_grids}
    return sorted(code for code in gone if code.startswith(community) and " " not in code)
