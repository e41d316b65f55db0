"""What every paper about one community's plan is written from: registers, tables, maps, walk sheets, the statement."""

from collections.abc import Sequence
from dataclasses import dataclass

import geopandas as gpd
import pandas as pd

from gis_service.exports.about import About
from gis_service.plan.rules import Rules
from gis_service.plan.spacing import place_name, set_apart

MOST_NAMES = 40
"""A cell or a line lists no more names than this; all of them stand in the list of buildings."""


@dataclass(frozen=True)
class ChangeRow:
    """The buildings that one old and one new grid share.

    Parameters
    ----------
    old_code, old_name, new_code, new_name
        None: in no grid there, or without a code.
    buildings, households, residents
        How many [count]; residents None where unknown.
    stays
        They do not change grid.
    """

    old_code: str | None
    old_name: str | None
    new_code: str | None
    new_name: str | None
    buildings: int
    households: int
    residents: int | None
    stays: bool

    @property
    def kind(self) -> str:
        """What happens to them, in a word."""
        if self.old_name is None:
            return "新纳入"
        if self.new_name is None:
            return "未划入"
        if not self.stays:
            return "调整"
        return "沿用" if self.old_code in {None, self.new_code} else "仅改编码"


@dataclass(frozen=True, eq=False)
class Before:
    """The grids there were, and who changes grid.

    Parameters
    ----------
    title
        What people call them.
    grids
        ``code``, ``name``, ``kind``, ``status``, ``label`` and ``geometry``.
    rows
        Who goes from where to where.
    households, households_moved, buildings_moved
        Those in a grid before or after, and those that change grid [count].
    moved
        Land that changes grid: ``geometry``.
    retired
        Codes that end, sorted.
    """

    title: str
    grids: gpd.GeoDataFrame
    rows: tuple[ChangeRow, ...]
    households: int
    households_moved: int
    buildings_moved: int
    moved: gpd.GeoDataFrame
    retired: tuple[str, ...]

    @property
    def sentence(self) -> str:
        """The sums in one sentence."""
        share = f"（{self.households_moved / self.households:.1%}）" if self.households else ""
        return (
            set_apart("对照", self.title) + f"：共 {self.households:,} 户，其中 {self.households_moved:,} 户{share}、"
            f"{self.buildings_moved:,} 栋楼换网格"
        )


@dataclass(frozen=True)
class Irregular:
    """Something in the plan that is not as the rules want it.

    Parameters
    ----------
    grids
        Labels of the grids concerned.
    fault
        What it is, in one sentence.
    reason
        What the planner noted; empty: nothing.
    """

    grids: tuple[str, ...]
    fault: str
    reason: str


@dataclass(frozen=True, eq=False)
class PlanPaper:
    """One community's plan, ready to be printed.

    Parameters
    ----------
    about
        Provenance.
    community_code, community_name, place
        The community, and the street and county it belongs to.
    title
        What people call the plan.
    state
        Whether it is in force, in one sentence.
    rules
        Its rules.
    grids
        The grids frame with ``label`` (what maps write on it), ``bounds`` (四至) and ``note``, sorted by code, in a
        metric CRS [m], y = north.
    buildings
        The buildings frame of the community with ``grid_code`` and ``estate_name`` (None: none).
    units
        ``id``, ``grid_code``, ``geometry``.
    lines
        Barriers and streets near it: ``kind``, ``name``, ``geometry``.
    irregular
        What is not as the rules want it, the worst first.
    before
        What there was; None: nothing to compare with.
    """

    about: About
    community_code: str
    community_name: str
    place: str
    title: str
    state: str
    rules: Rules
    grids: gpd.GeoDataFrame
    buildings: gpd.GeoDataFrame
    units: gpd.GeoDataFrame
    lines: gpd.GeoDataFrame
    irregular: tuple[Irregular, ...]
    before: Before | None

    def members(self, code: str) -> gpd.GeoDataFrame:
        """Return the buildings of a grid, sorted by id."""
        return self.buildings[self.buildings["grid_code"] == code].sort_values("id", ignore_index=True)

    @property
    def full_name(self) -> str:
        """County, street and community in one."""
        return place_name(self.place, self.community_name)

    @property
    def residents(self) -> int | None:
        """Residents of all grids [count]; None where those of one are unknown."""
        total = self.grids["residents"].astype("Int64").sum(skipna=False)
        return None if pd.isna(total) else int(total)


def estates_of(members: gpd.GeoDataFrame) -> str:
    """Return the estates among some buildings with how many households each has there, those with most first."""
    here = members[members["estate_name"].notna()]
    sums = here.groupby("estate_name")["households"].sum().to_dict()
    ordered = sorted(sums.items(), key=lambda entry: (-entry[1], str(entry[0])))
    return listed([f"{name}（{households:,} 户）" for name, households in ordered], "个小区")


def buildings_of(members: gpd.GeoDataFrame) -> str:
    """Return the ids of some buildings."""
    return listed(sorted(members["id"].astype(str)), "栋")


def listed(names: Sequence[str], unit: str) -> str:
    """Return names in one line, the first of them where there are more than `MOST_NAMES`, with how many there are."""
    more = f" 等 {len(names)} {unit}（全部见楼栋清单）" if len(names) > MOST_NAMES else ""
    return "、".join(names[:MOST_NAMES]) + more
