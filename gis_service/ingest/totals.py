"""Missing households of buildings, estimated from the total of their estate or community."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gis_service.ingest.notes import ImportNote
from gis_service.ingest.source import Source
from gis_service.ingest.spreading import floor_areas, spread

Group = tuple[NDArray[np.object_], pd.Series, str, str]
"""Group of each building or None; totals by group; what such a group is called, in Chinese and English."""


def spread_totals(
    source: Source,
    households: pd.arrays.IntegerArray,
    *,
    footprint_m2: NDArray[np.float64],
    floors: NDArray[np.float64],
    groups: Sequence[Group],
) -> tuple[NDArray[np.int64], NDArray[np.bool_], tuple[ImportNote, ...]]:
    """Return households of every building, with what is left of a total shared out by floor area.

    Parameters
    ----------
    source
        The buildings file, for messages.
    households
        Households as given, NA where empty.
    footprint_m2
        Footprint of each building [m²], 0 for points.
    floors
        Floors, nan where unknown.
    groups
        Groupings with totals, the finest first: a total of an estate goes before one of a community.

    Returns
    -------
    households : numpy.ndarray
        Whole numbers; in a group with a total they add up to it.
    estimated : numpy.ndarray
        True where the number was shared out.
    notes : tuple of ImportNote
        What was estimated, totals that differ from the sum of groups without a gap (those whose buildings were all
        observed, and communities whose buildings a finer total filled), and totals of groups without a building.

    Raises
    ------
    InputError
        A building has no households and no total; or a total is smaller than what its buildings have already.
    """
    missing = np.asarray(households.isna())
    found = households.to_numpy(dtype=np.int64, na_value=0)
    ids = np.arange(len(found))
    estimated = np.zeros(len(found), dtype=bool)
    assumed = 0
    notes: list[ImportNote] = []
    for member, totals, zh, en in groups:
        members = pd.Series(ids).groupby(pd.Series(member, dtype=object)).agg(list)
        differing: list[tuple[str, int, int]] = []
        for group in members.index.intersection(totals.dropna().index).sort_values():
            total, mine = int(totals[group]), np.array(members[group], dtype=np.int64)
            empty = mine[missing[mine]]
            left = total - int(found[mine].sum())
            if len(empty) and left < 0:
                raise source.refuse(
                    mine,
                    "households",
                    f"之和已超过{zh} {group} 的总户数 {total}，其余楼栋无法分摊，请核对",
                    f"add up to more than the {total} of {en} {group}, so nothing is left for the others; check them",
                )
            if len(empty):
                areas, unknown = floor_areas(footprint_m2[empty], floors[empty])
                order = _by_row_free_order(areas, source, ids[empty])
                found[empty[order]] = spread(left, areas[order])
                estimated[empty], missing[empty] = True, False
                assumed += int(unknown.sum())
            elif left:
                differing.append((str(group), total - left, total))
        notes += _differs(source, differing, zh, en)
        notes += _houseless(source, totals[totals > 0].drop(members.index, errors="ignore").sort_index(), zh, en)
    rows = np.flatnonzero(missing)
    if len(rows):
        raise source.refuse(
            rows,
            "households",
            "为空，也没有小区或社区的总户数可以分摊，请补上户数，或在 estates、regions 文件里给出 households（总户数）",
            "is empty and there is no total of an estate or community to share out; fill it in, or give "
            "households in the estates or regions file",
        )
    return found, estimated, (*_estimated(source, estimated, assumed), *notes)


def _by_row_free_order(areas: NDArray[np.float64], source: Source, rows: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return an order that does not depend on the order of rows: largest floor area first, then by id."""
    names = source.texts("id")[rows].astype("U")
    return np.lexsort((names, -areas))


def _differs(source: Source, differing: list[tuple[str, int, int]], zh: str, en: str) -> list[ImportNote]:
    """Return one note about groups whose buildings do not add up to the total, none left to fill: group, sum, total."""
    if not differing:
        return []
    shown = differing[:5]
    listed_zh = "、".join(f"{group}（楼栋之和 {summed}，总户数 {total}）" for group, summed, total in shown)
    listed_en = ", ".join(f"{group} (buildings {summed}, total {total})" for group, summed, total in shown)
    return [
        source.note(
            "notice",
            None,
            f"{len(differing)} 个{zh}的楼栋户数之和（含由小区总户数分摊的）与总户数不同，以楼栋为准：{listed_zh}",
            f"in {len(differing)} {en}(s) the buildings (those filled from an estate's total included) do not add up "
            f"to the total; the buildings were believed: {listed_en}",
        )
    ]


def _houseless(source: Source, totals: pd.Series, zh: str, en: str) -> list[ImportNote]:
    """Return one note about totals that no building can take, because the group has none."""
    if not len(totals):
        return []
    shown = [str(group) for group in totals.index[:5]]
    households = int(totals.sum())
    return [
        source.note(
            "notice",
            None,
            f"{len(totals)} 个{zh}有总户数但没有楼栋，共 {households} 户没有计入，请补上楼栋或核对位置："
            f"{'、'.join(shown)}",
            f"{len(totals)} {en}(s) with a total have no building, so {households} households do not count; add the "
            f"buildings or check where they stand: {', '.join(shown)}",
        )
    ]


def _estimated(source: Source, estimated: NDArray[np.bool_], assumed: int) -> tuple[ImportNote, ...]:
    rows = np.flatnonzero(estimated)
    if not len(rows):
        return ()
    return (
        source.note(
            "repaired",
            rows,
            f"没有户数，已由小区或社区总户数按建筑面积（占地 × 层数）分摊，共 {len(rows)} 栋，标为估算"
            f"（其中 {assumed} 栋缺占地或层数，取同组中位数）",
            f"{len(rows)} buildings without households took a share of their estate's or community's total by floor "
            f"area and are marked estimated ({assumed} of them lack footprint or floors, the group's median stands in)",
        ),
    )
