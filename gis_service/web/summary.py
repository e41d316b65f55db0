"""The city's figures and parameters as sentences."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext, ngettext

from gis_service.db.layers import HOUSEHOLDS_MIN, Edition, PaceCoverage
from gis_service.web.labels import statuses
from gis_service.web.language import language
from gis_service.web.plan_choice import plan_label
from gis_service.workflows.kinds import any_of


@dataclass(frozen=True)
class BandRow:
    """One cut-off: the share of households within it on foot, and what a straight line claims.

    Parameters
    ----------
    minutes
        Cut-off [min].
    walked, straight
        Shares of households [%].
    households, households_straight
        The households behind them [count]; None for readers who may not see counts.
    """

    minutes: float
    walked: float
    straight: float
    households: int | None
    households_straight: int | None

    @property
    def overstated(self) -> float:
        """Return by how many percentage points the straight line overstates; negative: it understates."""
        return self.straight - self.walked


def coverage_table(bands: Sequence[Mapping[str, Any]], *, staff: bool) -> tuple[BandRow, ...]:
    """Return the share of households within each cut-off, on foot and in a straight line.

    Parameters
    ----------
    bands
        What ``load_bands`` returned.
    staff
        The reader is staff; the public reads no counts, and no shares of a handful of households.
    """
    return tuple(
        BandRow(
            band["minutes"],
            100 * band["households_covered"] / band["households"],
            100 * band["households_straight"] / band["households"],
            band["households_covered"] if staff else None,
            band["households_straight"] if staff else None,
        )
        for band in bands
        if band["households"] >= (1 if staff else HOUSEHOLDS_MIN)
    )


def groups_covered(bands: Sequence[Mapping[str, Any]]) -> tuple[tuple[str, float], ...]:
    """Return the share [%] of residents, elderly and children within the cut-off, where they are known."""
    names = {"residents": gettext("常住人口"), "elderly": gettext("老年人"), "children": gettext("儿童")}
    widest = bands[-1] if bands else {}
    return tuple(
        (name, 100 * widest[f"{group}_covered"] / widest[group])
        for group, name in names.items()
        if widest.get(group) and widest[f"{group}_covered"] is not None
    )


def figures_sentence(figures: dict[str, int], edition: Edition, elderly: PaceCoverage | None, *, staff: bool) -> str:
    """Return the line above the map; the public reads shares only, never counts of households.

    Parameters
    ----------
    figures
        What ``load_summary`` returned.
    edition
        What the map shows.
    elderly
        What an equal run at the pace of the elderly covers; None without such a run.
    staff
        The reader is staff.
    """
    return " ".join(
        (
            *((gettext("方案“%(plan)s”：", plan=plan_label(edition.plan)),) if edition.plan else ()),
            _grids(figures) if staff else _communities(figures),
            *_coverage(figures, edition, elderly, staff=staff),
        )
    )


def parameters_line(edition: Edition) -> str:
    """Return data date and walking parameters, which stand wherever a result does: ``15分钟 · 1.0 米/秒 · 900米``."""
    date = str(gettext("数据日期 %(date)s", date=edition.city.data_date.isoformat()))
    if edition.run is None:
        return date
    walk = gettext(
        "%(minutes)s分钟 · %(speed).1f 米/秒 · %(metres).0f米",
        minutes=f"{edition.run.minutes:g}",
        speed=edition.run.speed_m_per_s,
        metres=edition.run.cutoff_m,
    )
    counted = edition.run.profile.described().in_language(language())
    return " · ".join((date, walk, *([counted] if counted else [])))


def _grids(figures: dict[str, int]) -> str:
    if not figures["grids"]:
        return str(gettext("还没有划分网格。"))
    listed = gettext("、").join(
        f"{name}\N{NO-BREAK SPACE}{figures[status]:,}" for status, name in statuses().items() if figures[status]
    )
    number = figures["grids"]
    return str(
        ngettext(
            "%(count)s 个网格：%(listed)s。",
            "%(count)s 个网格：%(listed)s。",
            number,
            count=f"{number:,}",
            listed=listed,
        )
    )


def _communities(figures: dict[str, int]) -> str:
    number = figures["communities"]
    return str(ngettext("%(count)s 个社区。", "%(count)s 个社区。", number, count=f"{number:,}"))


def _coverage(
    figures: dict[str, int], edition: Edition, elderly: PaceCoverage | None, *, staff: bool
) -> tuple[str, ...]:
    if edition.run is None:
        return (gettext("还没有检查步行可达性。"),)
    if not figures["households"]:
        return (gettext("没有户数，无法计算覆盖率。"),)
    said = [
        gettext(
            "%(share).1f%% 的家庭步行 %(minutes)s 分钟内可到%(kinds)s（%(speed).1f 米/秒）。",
            share=100 * figures["households_covered"] / figures["households"],
            minutes=f"{edition.run.minutes:g}",
            kinds=any_of(edition.run.kinds).in_language(language()),
            speed=edition.run.speed_m_per_s,
        )
    ]
    if elderly is not None:
        said.append(
            gettext(
                "按老年人步速（%(speed).1f 米/秒）为 %(share).1f%%。",
                speed=elderly.speed_m_per_s,
                share=elderly.percent,
            )
        )
    if staff:
        said.append(_gaps(figures))
    return tuple(said)


def _gaps(figures: dict[str, int]) -> str:
    if not figures["gaps"]:
        return str(gettext("没有盲区。"))
    return str(
        ngettext(
            "盲区 %(gaps)s 处，共 %(households)s 户。",
            "盲区 %(gaps)s 处，共 %(households)s 户。",
            figures["gaps"],
            gaps=f"{figures['gaps']:,}",
            households=f"{figures['gap_households']:,}",
        )
    )
