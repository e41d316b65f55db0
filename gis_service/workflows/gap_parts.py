"""The part of each gap that lies in a region: gaps know no borders, but a region's figures stop at its own."""

from collections.abc import Collection, Sequence
from typing import Any, cast

import numpy as np
import pandas as pd

from gis_service.audit.limits import Limits
from gis_service.audit.shortfalls import COVERAGE_GAP, gap_text

Row = dict[str, Any]


def parts_of(gaps: Sequence[Row], members: pd.DataFrame, places: Collection[str], limits: Limits) -> list[Row]:
    """Return the gaps of which somebody lives in a region, each with the figures of that part, most people first.

    Parameters
    ----------
    gaps
        Gaps of an audit, see :data:`gis_service.workflows.audit_figures.GAP_COLUMNS`.
    members
        Their buildings, see :func:`gis_service.db.snapshot_gaps.load_gap_members`.
    places
        Codes of the region and of all regions in it.
    limits
        What counted as reached.

    Returns
    -------
    list of dict
        The columns of ``gaps``: people, buildings and walks are those of the part (``residents`` and ``elderly`` None
        where one building's are unknown; walks None where nobody has a path), rank, name, centre and facility those of
        the whole gap. ``partial`` (bool): whether some of its buildings lie outside the region.
    """
    inside = members[members["place"].isin(list(places))]
    whole = members.groupby("gap_rank").size()
    figures = {int(cast("int", rank)): _figures(part, limits) for rank, part in inside.groupby("gap_rank")}
    parts = [
        gap | figures[gap["rank"]] | {"partial": bool(figures[gap["rank"]]["buildings"] < whole[gap["rank"]])}
        for gap in gaps
        if gap["rank"] in figures and figures[gap["rank"]]["households"]
    ]
    by = "households" if any(part["residents"] is None for part in parts) else "residents"
    return sorted(parts, key=lambda part: (-part[by], -part["households"], part["rank"]))


def findings_of_gaps(gaps: Sequence[Row], findings: Sequence[Row]) -> list[Row]:
    """Return the findings about gaps, those about parts of gaps with the figures of the part.

    Parameters
    ----------
    gaps
        What `parts_of` returned, or whole gaps.
    findings
        The findings of the audit; where each lies stays as it is: the office of one community answers for a gap.
    """
    about = {row["subject"]: row for row in findings if row["kind"] == COVERAGE_GAP}
    told = []
    for gap in gaps:
        words = gap_text(gap, part=gap.get("partial", False))
        told.append(about[gap["centre_id"]] | {"zh": words.zh, "en": words.en})
    return told


def shares_of(gaps: Sequence[Row], members: pd.DataFrame) -> dict[str, tuple[tuple[str, int], ...]]:
    """Return the households of each gap in each region, by the building in its centre.

    Returns
    -------
    dict
        ``centre_id`` to code of the smallest region and households in it [count], most first, ties by code.
    """
    households = members.groupby(["gap_rank", "place"])["households"].sum().reset_index()
    ordered = households.sort_values(["households", "place"], ascending=[False, True])
    shares = {
        int(cast("int", rank)): tuple(zip(rows["place"], map(int, rows["households"]), strict=True))
        for rank, rows in ordered.groupby("gap_rank")
    }
    return {gap["centre_id"]: shares[gap["rank"]] for gap in gaps}


def _figures(part: pd.DataFrame, limits: Limits) -> Row:
    households = part["households"]
    mean_s = _mean(part["walk_s"], households)
    return {
        "buildings": len(part),
        "households": int(households.sum()),
        "residents": _known_sum(part["residents"]),
        "elderly": _known_sum(part["elderly"]),
        "nearest_walk_m": _known(part["walk_m"].min()),
        "mean_walk_m": _mean(part["walk_m"], households),
        "farthest_walk_m": _known(part["walk_m"].max()),
        "missing_min": None if mean_s is None else mean_s / 60.0 - limits.minutes[-1],
        "households_no_path": int(households[part["walk_m"].isna()].sum()),
        "households_beyond": int(households[limits.is_beyond(part["walk_m"])].sum()),
    }


def _mean(walks: "pd.Series[float]", households: "pd.Series[int]") -> float | None:
    """Return the mean walk of the households that have one; None: none has."""
    known = walks.notna() & (households > 0)
    return float(np.average(walks[known], weights=households[known])) if known.any() else None


def _known_sum(counts: "pd.Series[int]") -> int | None:
    return None if counts.isna().any() else int(counts.sum())


def _known(value: float) -> float | None:
    return None if np.isnan(value) else float(value)
