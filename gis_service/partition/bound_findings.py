"""What cannot be avoided in a plan though arithmetic alone allows it, told to people."""

from collections.abc import Iterator, Sequence

from gis_service.errors import Text
from gis_service.geo.coverage import IndexArray
from gis_service.partition.refinement import PartBound
from gis_service.plan.findings import Finding


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
            first, count = unit_codes[int(bound.units[0])], len(bound.units)
            yield Finding(
                "size_indivisible",
                "warning",
                first,
                f"单元 {first} 等 {count} 个相连单元的楼栋和小区不可拆分，已逐一排除其他划法："
                f"至少 {bound.forced} 个网格不能合规",
                f"the buildings and estates of the {count} connected units around {first} cannot be cut, and every "
                f"other division was ruled out: at least {bound.forced} of their grids must be out of range",
            )


def unavoidable(bounds: Sequence[PartBound], rows: IndexArray) -> dict[int, Text]:
    """Return by grid why it may be out of range, for grids of parts whose units cannot be grouped otherwise.

    Parameters
    ----------
    bounds
        What is proven about each part of a community.
    rows
        Grid of each unit that the bounds speak of.
    """
    return {
        int(row): Text(
            f"所在一片的楼栋和小区不可拆分，已逐一排除其他划法，至少 {bound.forced} 个网格不能合规",
            f"buildings and estates around it cannot be cut, every other division was ruled out: at least "
            f"{bound.forced} grids there must be out of range",
        )
        for bound in bounds
        if bound.witness == "indivisible" and bound.missed <= bound.forced
        for row in rows[bound.units]
    }
