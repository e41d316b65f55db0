"""Findings on the screen: how many of which kind, the worst of them, and where to read all."""

from collections.abc import Sequence

from gis_service.errors import Text
from gis_service.plan.finding_titles import SEVERITIES, counted, worst_first
from gis_service.plan.findings import Finding

SHOWN = 8
"""More than so many sentences nobody reads on a screen."""


def size_lines(grids: int, in_range: int, forced: int | None) -> list[Text]:
    """Return the line that tells how many grids meet the size rule, and how many of the others could not.

    Parameters
    ----------
    grids, in_range
        Grids with a size test, and those of them that pass [count].
    forced
        Those out of range in every division, as is proven [count]; None: not known.
    """
    if not grids:
        return []
    missed = grids - in_range
    told = Text(
        f"  规模：{grids} 个有住户的网格中 {in_range} 个合规（{in_range / grids:.1%}）",
        f"  size: {in_range} of {grids} grids with people in range ({in_range / grids:.1%})",
    )
    if not missed or forced is None:
        return [told]
    return [
        Text(
            f"{told.zh}；不合规 {missed} 个，其中 {forced} 个已证明不可避免，{missed - forced} 个可能避免",
            f"{told.en}; {missed} out of range, {forced} of them proven to be forced, "
            f"{missed - forced} perhaps avoidable",
        )
    ]


def finding_lines(findings: Sequence[Finding], everything: Text) -> list[Text]:
    """Return the lines that tell findings.

    Parameters
    ----------
    findings
        In any order. Notes are counted only.
    everything
        Where all of them can be read.
    """
    kinds = counted(findings)
    lines = []
    for severity, label in SEVERITIES.items():
        own = [(title, number) for of, title, number in kinds if of == severity]
        if own:
            total = sum(number for _, number in own)
            lines.append(
                Text(
                    f"  {label.zh} {total}：{'，'.join(f'{title.zh} {number}' for title, number in own)}",
                    f"  {total} {label.en}: {', '.join(f'{number} {title.en}' for title, number in own)}",
                )
            )
    shown = [finding for finding in worst_first(findings) if finding.severity != "note"][:SHOWN]
    lines += [Text(f"  - {finding.zh}", f"  - {finding.en}") for finding in shown]
    more = len(findings) - len(shown)
    if more > 0:
        lines.append(Text(f"  … 另有 {more} 条，全部见 {everything.zh}", f"  … {more} more; all in {everything.en}"))
    return lines
