"""What has changed between two frozen audits, and how much of it because borders changed and how much in reality."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from gis_service.audit.standing import same_land
from gis_service.db import snapshots
from gis_service.db.engine import Connection
from gis_service.errors import Text
from gis_service.plan.rules import UNTESTED, Rules, judge
from gis_service.workflows.audit_reading import LEVELS, OpenAudit, Row

COMPARED = ("households", "residents", "grids_tested", "grids_normal", "households_covered", "households_beyond")
"""Columns that are compared; ``grids_tested`` are the grids with a size test."""


@dataclass(frozen=True)
class Change:
    """One figure of one region.

    Parameters
    ----------
    before, after
        In the older and in the newer audit; None: unknown, or the region is not in it.
    steady
        What the newer audit's buildings give on the older one's borders; None: unknown.
    """

    before: int | None
    steady: int | None
    after: int | None

    @property
    def reality(self) -> int | None:
        """How much changed in reality: people, buildings, walks."""
        return None if self.steady is None or self.before is None else self.steady - self.before

    @property
    def borders(self) -> int | None:
        """How much changed because borders did."""
        return None if self.after is None or self.steady is None else self.after - self.steady


@dataclass(frozen=True)
class RegionChange:
    """A region of the older audit and its figures by name."""

    code: str
    name: str
    level: str
    changes: Mapping[str, Change]


@dataclass(frozen=True)
class SnapshotComparison:
    """What has changed from one frozen audit to another.

    Parameters
    ----------
    older, newer
        The audits.
    caveats
        What makes figures not comparable: other parameters, other rules; empty: nothing.
    regions
        The visible regions of the older audit, from the whole to its parts.
    grids
        How many grids are ``unchanged``, have ``other_land`` under their code, are ``new`` or ``ended`` [count].
    households_moved
        Households of the newer audit that on the older one's borders would be in another grid, or in none [count].
    """

    older: OpenAudit
    newer: OpenAudit
    caveats: tuple[Text, ...]
    regions: tuple[RegionChange, ...]
    grids: Mapping[str, int]
    households_moved: int


def compare_snapshots(conn: Connection, older: OpenAudit, newer: OpenAudit) -> SnapshotComparison:
    """Compare two frozen audits of one city.

    Parameters
    ----------
    conn
        Open transaction.
    older, newer
        The audits, as one reader may see them.

    Notes
    -----
    Figures depend on who lives where and walks how far (reality) and on where the borders run. Between the two stands
    what the newer audit's buildings give on the older one's borders: each lies in the community and grid of the older
    audit whose extent covers it, and grids are judged anew by the older audit's rules. From the older figure to this
    one only reality changes, from this one to the newer figure only borders and rules do, so the two parts add up to
    the whole change exactly.
    """
    crs = older.content["metric_crs"]
    buildings = snapshots.load_snapshot_buildings(conn, newer.head.id, crs)
    areas = snapshots.load_snapshot_areas(conn, older.head.id, crs)
    points = buildings.geometry.to_numpy()
    placed = pd.DataFrame(buildings.drop(columns="geometry")).assign(
        old_grid=_covering(points, areas[areas["kind"] == "grid"]),
        old_community=_covering(points, areas[areas["kind"] == "community"]),
    )
    steady = _steady(older, newer, placed)
    visible = [row for level in LEVELS[:-1] for row in older.regions(level)]
    after = {row["code"]: _figures(row) for row in newer.content["indicators"]}
    moved = placed[(placed["old_grid"] != placed["grid_code"]) & placed["community_code"].isin(newer.visible)]
    return SnapshotComparison(
        older,
        newer,
        _caveats(older, newer),
        tuple(
            RegionChange(
                row["code"],
                row["name"],
                row["level"],
                {
                    name: Change(_figures(row)[name], steady[row["code"]][name], after.get(row["code"], {}).get(name))
                    for name in COMPARED
                },
            )
            for row in visible
        ),
        _grids(conn, older, newer, areas),
        int(moved["households"].sum()),
    )


def _covering(points: NDArray[np.object_], areas: gpd.GeoDataFrame) -> NDArray[np.object_]:
    """Return the code of the area that covers each point; on a border the first by code, None where none does."""
    ordered = areas.sort_values("code")
    point, area = shapely.STRtree(ordered.geometry.to_numpy()).query(points, predicate="intersects")
    first = pd.Series(area).groupby(point).min()
    codes: NDArray[np.object_] = np.full(len(points), None, dtype=object)
    codes[first.index.to_numpy(dtype=np.int64)] = ordered["code"].to_numpy()[first.to_numpy(dtype=np.int64)]
    return codes


def _steady(older: OpenAudit, newer: OpenAudit, placed: pd.DataFrame) -> dict[str, dict[str, int | None]]:
    """Return the figures that the newer audit's buildings give in the regions of the older one."""
    inhabited = placed["households"] > 0
    too_far = newer.limits.is_beyond(placed["walk_m"]) if newer.limits is not None else inhabited
    counts = pd.DataFrame(
        {
            "households": placed["households"],
            "residents": placed["residents"].fillna(0).astype("int64"),
            "residents_unknown": placed["residents"].isna().astype("int64"),
            "households_covered": placed["households"].where(placed["covered"], 0),
            "households_beyond": placed["households"].where(too_far, 0),
        }
    )
    by_community = counts.groupby(placed["old_community"]).sum()
    sizes = _sizes_on_old_borders(older, placed)
    parts = pd.concat([by_community, sizes.groupby("community_code")[["grids_tested", "grids_normal"]].sum()], axis=1)
    parts = parts.fillna(0).astype("int64")
    found: dict[str, dict[str, int | None]] = {}
    for region in older.all_regions:
        codes = [code for code in parts.index if region in older.ancestors(str(code))]
        total = parts.loc[codes].sum()
        figures: dict[str, int | None] = {name: int(total[name]) for name in COMPARED}
        if total["residents_unknown"]:
            figures["residents"] = None
        if newer.limits is None:
            figures |= {"households_covered": None, "households_beyond": None}
        found[region] = figures
    return found


def _sizes_on_old_borders(older: OpenAudit, placed: pd.DataFrame) -> pd.DataFrame:
    """Return the older audit's grids, judged by their own rules with the newer audit's people."""
    own = placed.groupby("old_grid")
    households, known = own["households"].sum().to_dict(), own["residents"].sum().to_dict()
    unknown = own["residents"].apply(lambda people: bool(people.isna().any())).to_dict()
    rules = {plan["community"]: Rules.from_dict(plan["rules"]) for plan in older.content["plans"]}
    rows = []
    for grid in older.content["grids"]:
        code = grid["code"]
        residents = None if unknown.get(code) else int(known.get(code, 0))
        status = judge(int(households.get(code, 0)), residents, grid["kind"], rules[grid["community_code"]]).status
        rows.append(
            {
                "community_code": grid["community_code"],
                "grids_tested": int(status not in UNTESTED),
                "grids_normal": int(status == "normal"),
            }
        )
    return pd.DataFrame(rows, columns=["community_code", "grids_tested", "grids_normal"])


def _figures(row: Row) -> dict[str, Any]:
    tested = row["grids"] - row["grids_special"] - row["grids_empty"]
    return {name: tested if name == "grids_tested" else row[name] for name in COMPARED}


def _grids(conn: Connection, older: OpenAudit, newer: OpenAudit, areas: gpd.GeoDataFrame) -> dict[str, int]:
    before = areas[areas["kind"] == "grid"].set_index("code").geometry
    now = snapshots.load_snapshot_areas(conn, newer.head.id, older.content["metric_crs"], "grid")
    after = now.set_index("code").geometry
    visible = ({row["code"] for row in audit.grids()} for audit in (older, newer))
    had, has = (set(codes) & set(shapes.index) for codes, shapes in zip(visible, (before, after), strict=True))
    same = sum(same_land(before[code], after[code]) for code in had & has)
    return {
        "unchanged": same,
        "other_land": len(had & has) - same,
        "new": len(has - had),
        "ended": len(had - has),
    }


def _caveats(older: OpenAudit, newer: OpenAudit) -> tuple[Text, ...]:
    """Return what makes figures of two audits not comparable."""
    found = []
    one, other = older.content["reach"], newer.content["reach"]
    if (one and one["rules"]) != (other and other["rules"]):
        found.append(
            Text(
                "两次步行检查的口径（时限、步速、设施类别或其他参数）不同，覆盖户数的变化里含口径变化",
                "the reach runs have different parameters, so changes in coverage contain the change of parameters",
            )
        )
    rules = [{plan["community"]: plan["rules"] for plan in audit.content["plans"]} for audit in (older, newer)]
    if any(rules[0][code] != rules[1][code] for code in set(rules[0]) & set(rules[1])):
        found.append(
            Text(
                "部分社区的划分规则已变，规模合规的变化计入“边界与规则”",
                "the rules of some communities have changed; what that does to grids in range counts as borders and "
                "rules",
            )
        )
    if older.content["software_version"] != newer.content["software_version"]:
        found.append(
            Text(
                f"两个快照由不同版本的软件生成（{older.content['software_version']}、{newer.content['software_version']}）",
                f"different versions of the software made the snapshots ({older.content['software_version']}, "
                f"{newer.content['software_version']})",
            )
        )
    return tuple(found)
