"""What the officials' dashboard shows of a frozen audit: the sentence, the key figures, the table and the map."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import shapely

from gis_service.db import snapshots
from gis_service.db.engine import Connection
from gis_service.errors import Text
from gis_service.geo.crs import to_stored
from gis_service.plan.rules import STATUS_LABELS
from gis_service.plan.spacing import set_apart
from gis_service.workflows.audit_reading import OpenAudit, Row
from gis_service.workflows.gap_outlines import gap_outlines
from gis_service.workflows.kept import Kept
from gis_service.workflows.kinds import any_of
from gis_service.workflows.measures import Measure, measures, written

LARGE_GAP = 0.25
"""A gap with at least this share of the households outside every circle is named in the sentence."""
TOLERANCE_M = 8.0
"""Simplification of whole tilings on the dashboard's map [m], below a pixel at its scale."""
DIGITS = 6
MAPS_KEPT = 24
_maps: Kept[bytes] = Kept(MAPS_KEPT)

Direction = Literal["asc", "desc"]


@dataclass(frozen=True)
class Tile:
    """One key figure.

    Parameters
    ----------
    measure
        What it is.
    value, beside
        As people write them; ``beside`` is empty where nothing stands beside it.
    row
        The region's row it was read from.
    """

    measure: Measure
    value: str
    beside: str
    row: Row


def measures_of(audit: OpenAudit) -> tuple[Measure, ...]:
    """Return the measures of an audit."""
    rules = audit.reach_rules
    return measures(audit.limits, () if rules is None else rules.kinds)


def headline(audit: OpenAudit, region: Row) -> Text:
    """Return the one sentence that says what matters in a region: who is not reached, and what grids are out of range.

    Parameters
    ----------
    audit, region
        The audit, and the region's row of indicators.
    """
    parts = [_walks(audit, region), _sizes(region), _missing(region)]
    told = [part for part in parts if part is not None]
    zh, en = "；".join(part.zh for part in told), "; ".join(part.en for part in told)
    return Text(f"{region['name']}：{zh}。", f"{region['name']}: {en}.")


def tiles(audit: OpenAudit, region: Row) -> tuple[Tile, ...]:
    """Return the key figures of a region."""
    return tuple(
        Tile(
            measure,
            written(region[measure.key], measure.unit),
            written(region[measure.beside], measure.unit) if measure.beside else "",
            region,
        )
        for measure in measures_of(audit)
    )


def grid_statuses(region: Row) -> tuple[tuple[str, int], ...]:
    """Return how many grids of a region have each status, of those of which there are any, in the usual order."""
    counted = ((status, int(region[f"grids_{status}"])) for status in STATUS_LABELS)
    return tuple((status, number) for status, number in counted if number)


def table_rows(
    audit: OpenAudit, level: str, region: str | None, *, words: str, status: str | None, sort: str, direction: Direction
) -> list[Row]:
    """Return the rows of the table: the regions or grids of a level, filtered and sorted.

    Parameters
    ----------
    audit
        The audit as its reader may see it.
    level
        county, street, community or grid.
    region
        Only what lies in it; None: everything visible.
    words
        Only what has these words in its name or code, grids also in the name of their community; empty: all.
    status
        Only grids of this status; None: of any.
    sort, direction
        Column, and ascending or descending; what is unknown comes last both ways, ties are ordered by code.
    """
    rows = audit.grids(region) if level == "grid" else audit.regions(level, region)
    if status is not None and level == "grid":
        rows = [row for row in rows if row["status"] == status]
    if words:
        wanted = words.casefold()
        rows = [row for row in rows if any(wanted in called.casefold() for called in _called(audit, row))]
    known = [row for row in rows if row.get(sort) is not None]
    unknown = [row for row in rows if row.get(sort) is None]
    known.sort(key=lambda row: str(row[sort]) if isinstance(row[sort], str) else row[sort], reverse=direction == "desc")
    return known + unknown


def _called(audit: OpenAudit, row: Row) -> tuple[str, ...]:
    community = row.get("community_code")
    return (row["name"], row["code"]) if community is None else (row["name"], row["code"], audit.name_of(community))


def area_map(conn: Connection, audit: OpenAudit, kind: str, region: str | None, extra: Sequence[str] = ()) -> bytes:
    """Return the extents of the regions, grids or gaps that a reader may see, with their figures, as GeoJSON.

    Parameters
    ----------
    conn, audit
        Open transaction, and the audit as its reader may see it.
    kind
        county, street, community, grid or gap.
    region
        Only what lies in it; None: everything visible.
    extra
        Columns that are handed over beside code, name and status.

    Returns
    -------
    bytes
        UTF-8, longitude and latitude; whole tilings are simplified at once, so that neighbours keep their edges. Of a
        gap only the part in the region is drawn, as its figures are those of that part.
    """
    key = (audit.head.id, audit.head.content_hash, kind, region, audit.roots, tuple(extra))
    return _maps.get(key, lambda: _area_map(conn, audit, kind, region, extra))


def _area_map(conn: Connection, audit: OpenAudit, kind: str, region: str | None, extra: Sequence[str]) -> bytes:
    rows = {
        "grid": audit.grids,
        "gap": audit.gaps,
    }.get(kind, lambda inside: audit.regions(kind, inside))(region)
    told = {str(row["rank"] if kind == "gap" else row["code"]): row for row in rows}
    if kind == "gap":
        areas = gap_outlines(conn, audit, region)
    else:
        areas = snapshots.load_snapshot_areas(conn, audit.head.id, audit.content["metric_crs"], kind)
        areas = areas[areas["code"].isin(told)].reset_index(drop=True)
    shapes = areas.geometry.to_numpy()
    if kind != "gap" and len(shapes):
        shapes = shapely.coverage_simplify(shapes, TOLERANCE_M, simplify_boundary=False)
    drawn = to_stored(areas.set_geometry(shapes, crs=areas.crs)).geometry.to_numpy()
    rounded = shapely.transform(drawn, lambda xy: np.round(xy, DIGITS))
    features = [
        {
            "type": "Feature",
            "properties": {"code": code} | {name: told[code].get(name) for name in ("name", "status", *extra)},
            "geometry": json.loads(shape),
        }
        for code, shape in zip(areas["code"], shapely.to_geojson(rounded), strict=True)
    ]
    collection: dict[str, Any] = {"type": "FeatureCollection", "features": features}
    return json.dumps(collection, ensure_ascii=False, separators=(",", ":")).encode()


def _walks(audit: OpenAudit, region: Row) -> Text | None:
    if audit.limits is None or audit.reach_rules is None:
        return Text("没有步行结果", "nothing was walked")
    if not region["households"]:
        return Text("没有户数", "there are no households")
    missing = region["households"] - region["households_covered"]
    to, minutes = any_of(audit.reach_rules.kinds), audit.limits.minutes[-1]
    if not missing:
        return Text(
            f"全部住户步行 {minutes:g} 分钟内可到{to.zh}", f"everybody reaches a {to.en} within {minutes:g} minutes"
        )
    share = written(missing / region["households"], "share")
    zh = f"{missing:,} 户（{share}）步行 {minutes:g} 分钟到不了{to.zh}"
    en = f"{missing:,} households ({share}) do not reach a {to.en} within {minutes:g} minutes"
    gap = max(audit.gaps(region["code"]), key=lambda row: row["households"], default=None)
    if gap is not None and gap["households"] >= LARGE_GAP * missing:
        zh += set_apart(f"，其中 {gap['households']:,} 户集中在", gap["name"])
        en += f", {gap['households']:,} of them at {gap['name']}"
    return Text(zh, en)


def _sizes(region: Row) -> Text:
    tested = region["grids"] - region["grids_special"] - region["grids_empty"]
    if not tested:
        return Text("还没有应检规模的网格", "no grid has a size test yet")
    missed = tested - region["grids_normal"]
    if not missed:
        return Text(f"{tested:,} 个应检网格规模全部合规", f"all {tested:,} grids with a size test are in range")
    return Text(f"{tested:,} 个应检网格中 {missed:,} 个规模不合规", f"{missed:,} of {tested:,} grids are out of range")


def _missing(region: Row) -> Text | None:
    if not region["buildings_without_grid"]:
        return None
    number, households = region["buildings_without_grid"], region["households_without_grid"]
    return Text(
        f"{number:,} 栋楼（{households:,} 户）不在任何网格内",
        f"{number:,} buildings ({households:,} households) are in no grid",
    )
