"""The part of each gap that lies in a region: gaps know no borders, but a region's figures stop at its own."""

from collections.abc import Collection, Sequence
from typing import Any, cast

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
    figures = _figures(inside, limits)
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
    shares: dict[int, tuple[tuple[str, int], ...]] = {}
    for rank, place, count in zip(*(ordered[name].tolist() for name in ordered), strict=True):
        shares[rank] = (*shares.get(rank, ()), (place, count))
    return {gap["centre_id"]: shares[gap["rank"]] for gap in gaps}


def _figures(inside: pd.DataFrame, limits: Limits) -> dict[int, Row]:
    """Return the figures of these buildings, gap by gap, by rank."""
    ranks, households, walk_m = inside["gap_rank"], inside["households"], inside["walk_m"]
    figures = pd.DataFrame(
        {
            "buildings": households.groupby(ranks).size(),
            "households": households.groupby(ranks).sum(),
            "residents": _known_sums(inside["residents"], ranks),
            "elderly": _known_sums(inside["elderly"], ranks),
            "nearest_walk_m": walk_m.groupby(ranks).min(),
            "mean_walk_m": _means(walk_m, households, ranks),
            "farthest_walk_m": walk_m.groupby(ranks).max(),
            "missing_min": _means(inside["walk_s"], households, ranks) / 60.0 - limits.minutes[-1],
            "households_no_path": households.where(walk_m.isna(), 0).groupby(ranks).sum(),
            "households_beyond": households.where(limits.is_beyond(walk_m), 0).groupby(ranks).sum(),
        }
    )
    plain = figures.astype(object).where(figures.notna(), None)
    return dict(zip(plain.index.tolist(), cast("list[Row]", plain.to_dict("records")), strict=True))


def _means(walks: "pd.Series[float]", households: "pd.Series[int]", ranks: "pd.Series[int]") -> "pd.Series[float]":
    """Return the mean walk of the households of each gap that have one; gaps in which none has are left out."""
    known = walks.notna() & (households > 0)
    walked = (walks * households)[known].groupby(ranks[known]).sum()
    return walked / households[known].groupby(ranks[known]).sum()


def _known_sums(counts: "pd.Series[int]", ranks: "pd.Series[int]") -> "pd.Series[int]":
    """Return the sum of a count in each gap, ``<NA>`` where it is unknown for some building."""
    return counts.groupby(ranks).sum().mask(counts.isna().groupby(ranks).any())
