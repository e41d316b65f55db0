"""What cannot be avoided in a plan though arithmetic alone allows it, told to people."""

from collections.abc import Iterator, Sequence

from gis_service.errors import Text
from gis_service.geo.coverage import IndexArray
from gis_service.partition.refinement import PartBound
from gis_service.plan.findings import Finding

NOT_IMPROVED = Text(
    "楼栋和不超上限的小区不拆分，搜索至今未找到更好的划法，也未证明不可避免",
    "buildings and estates that fit into one grid are not cut; the search has found no better division so far, "
    "and it is not proven that there is none",
)
"""Why a grid is out of range of which nothing else is known."""
LOCKED = Text("已按要求锁定，保持原样", "it is locked, as was asked, and stays as it is")
"""Why a grid that must not change is out of range."""


def bound_findings(bounds: Sequence[PartBound], unit_codes: Sequence[str]) -> Iterator[Finding]:
    """Yield a finding of kind ``size_indivisible`` for each part whose units cannot be grouped into grids in range.

    Parameters
    ----------
    bounds
        What is proven about each part of a community.
    unit_codes
        Code of each unit, or of the first unit of each bundle, that the bounds speak of.
    """
    for bound in bounds:
        if bound.witness == "indivisible":
            first, count, note = unit_codes[int(bound.units[0])], len(bound.units), counting(bound.forced)
            yield Finding(
                "size_indivisible",
                "warning",
                first,
                f"单元 {first} 等 {count} 个相连单元的楼栋和小区不可拆分，已逐一排除其他划法："
                f"至少 {bound.forced} 个网格不能合规{note.zh}",
                f"the buildings and estates of the {count} connected units around {first} cannot be cut, and every "
                f"other division was ruled out: at least {bound.forced} of their grids must be out of range{note.en}",
            )


def counting(misses: int) -> Text:
    """Return how so many grids out of range are counted, as a remark to set behind the number; empty for one.

    They are misses: one large grid could always take the place of many others, so it counts for several, see
    :func:`gis_service.partition.misses.misses_of`.
    """
    if misses <= 1:
        return Text("", "")
    return Text("（远超上限的一个网格按规模折算成几个）", " (one far above the maximum counts as several)")


def reasons(bounds: Sequence[PartBound], rows: IndexArray) -> dict[int, Text]:
    """Return by grid why it may be out of range, as far as that is known of the part of the community it lies in.

    Parameters
    ----------
    bounds
        What is proven about each part of a community.
    rows
        Grid of each unit that the bounds speak of.

    Returns
    -------
    dict
        For the grids of parts with grids out of range: that it was proven, that it was not and how many are, or that
        fewer could be at a price. Parts are left out whose forced ones have a witness that people see by themselves: a
        total that fits no number of grids, or units above the maximum.
    """
    return {
        int(row): text
        for bound in bounds
        if bound.missed > 0 and (text := _reason(bound)) is not None
        for row in rows[bound.units]
    }


def _reason(bound: PartBound) -> Text | None:
    if bound.missed <= bound.forced:
        return _forced(bound) if bound.witness == "indivisible" else None
    zh = en = ""
    if bound.forced > 0:
        zh = f"；这一片 {bound.missed} 个不合规网格中，至少 {bound.forced} 个已证明不可避免"
        en = f"; of the {bound.missed} out of range in this part, at least {bound.forced} are proven to be forced"
    note = counting(bound.missed)
    if bound.found < bound.missed:
        return Text(
            f"为少动住户而保留；从头划分这一片，不合规网格可由 {bound.missed} 个减到 {bound.found} 个，"
            f"但更多住户会换网格{zh}{note.zh}",
            f"kept so that few households move; dividing this part from nothing leaves {bound.found} instead of "
            f"{bound.missed} grids out of range, but more households change their grid{en}{note.en}",
        )
    if bound.forced == 0:
        return NOT_IMPROVED
    return Text(f"{NOT_IMPROVED.zh}{zh}{note.zh}", f"{NOT_IMPROVED.en}{en}{note.en}")


def _forced(bound: PartBound) -> Text:
    note = counting(bound.forced)
    return Text(
        f"所在一片的楼栋和小区不可拆分，已逐一排除其他划法，至少 {bound.forced} 个网格不能合规{note.zh}",
        "buildings and estates around it cannot be cut, every other division was ruled out: at least "
        f"{bound.forced} of the grids there must be out of range{note.en}",
    )
