"""Draw twelve telling communities of a plan on one sheet: load, choose, draw, write."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np

from gis_service.config import Settings
from gis_service.db import barriers, buildings, cities, network, plans, regions
from gis_service.db.cities import City
from gis_service.db.engine import Connection
from gis_service.db.plans import PlanRecord
from gis_service.errors import InputError, NoNetworkError, Text, UnknownPlanError
from gis_service.exports.contact_sheet import COLUMNS, ROWS, SUFFIXES, Panel, contact_sheet
from gis_service.exports.files import check_writable, replacing
from gis_service.exports.fonts import face_for
from gis_service.geo.compactness import polsby_popper
from gis_service.partition.community import clip_to
from gis_service.partition.quality import Quality
from gis_service.partition.streets import with_streets
from gis_service.workflows.provenance import about_plan

MOST = COLUMNS * ROWS


@dataclass(frozen=True)
class Candidate:
    """A community that may be drawn.

    Parameters
    ----------
    code, name
        The community.
    quality
        What its plan is worth; only communities with grids that have people are candidates.
    least_compact
        Polsby-Popper measure of its least compact grid.
    """

    code: str
    name: str
    quality: Quality
    least_compact: float

    @property
    def households(self) -> int:
        """Households of its base grids."""
        return self.quality.households


@dataclass(frozen=True)
class Choice:
    """A community to be drawn, and why."""

    candidate: Candidate
    why: Text


def draw_city(
    conn: Connection, city_name: str, to: Path, *, plan: str | None, settings: Settings
) -> tuple[Choice, ...]:
    """Write the contact sheet of a city and return what is on it.

    Parameters
    ----------
    conn
        Open transaction, for reading.
    city_name
        Slug of the city.
    to
        ``.png`` or ``.pdf``; a file that is there is replaced.
    plan
        Name of the plan; None takes the newest of each community.
    settings
        Names the language, the operator and the map approval.

    Raises
    ------
    UnknownCityError, UnknownPlanError
        No such city; no plan of that name, or none of a community where people live.
    InputError
        The suffix is not one of the two, or the place takes no file.
    """
    suffix = to.suffix.lower()
    if suffix not in SUFFIXES:
        known = "、".join(SUFFIXES)
        raise InputError(
            Text(f"不支持画成 {to.name}，可选：{known}", f"cannot draw {to.name}; choose one of {', '.join(SUFFIXES)}")
        )
    check_writable(to, suffix)
    city = cities.load_city(conn, city_name)
    records = plans.load_plans(conn, city, plan)
    grids = plans.load_grids(conn, city, records)
    choices = choose(_candidates(conn, city, records, grids))
    if not choices:
        raise UnknownPlanError(
            Text(
                f"城市 {city.name} 还没有划分方案，请先运行 scripts/partition_grids.py {city.name}",
                f"city {city.name} has no plan yet; run scripts/partition_grids.py {city.name} first",
            )
        )
    of_city = buildings.load_buildings(conn, city)
    lines = _lines(conn, city)
    panels = [_panel(choice, grids, of_city, lines) for choice in choices]
    about = about_plan(city, records, of_city, settings)
    texts = (about.title, about.plan, *(text.zh for panel in panels for text in (panel.title, panel.caption)))
    drawn = contact_sheet(panels, about=about, face=face_for(texts), language=settings.language, suffix=suffix)
    with replacing(to, suffix) as temporary:
        temporary.write_bytes(drawn)
    return choices


def choose(candidates: Sequence[Candidate]) -> tuple[Choice, ...]:
    """Return at most twelve communities: first the extremes, then others evenly by size; the code decides ties."""
    left = sorted(candidates, key=lambda each: each.code)
    chosen = []
    for why, key in _EXTREMES:
        if len({key(each) for each in left}) > 1:  # where all are alike there is no extreme
            candidate = min(left, key=key)
            left.remove(candidate)
            chosen.append(Choice(candidate, why))
    left.sort(key=lambda each: (each.households, each.code))
    more = min(MOST - len(chosen), len(left))
    places = np.floor((np.arange(more) + 0.5) * len(left) / max(more, 1)).astype(int)
    return (*chosen[:MOST], *(Choice(left[place], Text("按规模均匀抽取", "evenly by size")) for place in places))


def _missed(each: Candidate) -> int:
    return each.quality.grids - each.quality.in_range


_EXTREMES: tuple[tuple[Text, Callable[[Candidate], float]], ...] = (
    (Text("户数最多", "most households"), lambda each: -each.households),
    (Text("户数最少", "fewest households"), lambda each: float(each.households)),
    (Text("符合比例最低", "lowest share in range"), lambda each: each.quality.share_in_range),
    (Text("不符合的网格最多", "most grids out of range"), lambda each: -_missed(each)),
    (Text("边界沿线最少", "fewest borders on lines"), lambda each: np.nan_to_num(each.quality.share_on_lines, nan=2.0)),
    (Text("形状最不紧凑", "least compact on average"), lambda each: each.quality.mean_compactness),
    (Text("有最不紧凑的网格", "the least compact grid"), lambda each: each.least_compact),
    (Text("户数最不均衡", "least balanced"), lambda each: -each.quality.imbalance),
)


def _candidates(
    conn: Connection, city: City, records: Sequence[PlanRecord], grids: gpd.GeoDataFrame
) -> list[Candidate]:
    names = regions.load_regions(conn, city, level="community").set_index("code")["name"]
    inhabited = grids[~grids["status"].isin(["special", "empty"])]
    measure = polsby_popper(inhabited.geometry.to_numpy())
    least = dict(inhabited.assign(measure=measure).groupby("community_code")["measure"].min())
    return [
        Candidate(
            record.community_code,
            names[record.community_code],
            Quality(**record.account["quality"]),
            float(least[record.community_code]),
        )
        for record in records
        if record.community_code in least
    ]


def _lines(conn: Connection, city: City) -> gpd.GeoDataFrame:
    lines = barriers.load_barriers(conn, city)
    try:
        return with_streets(lines, network.load_network(conn, city)[1])
    except NoNetworkError:
        return lines


def _panel(choice: Choice, grids: gpd.GeoDataFrame, of_city: gpd.GeoDataFrame, lines: gpd.GeoDataFrame) -> Panel:
    code, quality = choice.candidate.code, choice.candidate.quality
    own = grids[grids["community_code"] == code]
    on_lines = quality.share_on_lines
    zh = "无内部边界" if np.isnan(on_lines) else f"边界沿线 {on_lines:.0%}"
    en = "no inner borders" if np.isnan(on_lines) else f"{on_lines:.0%} of borders on lines"
    return Panel(
        title=Text(f"{choice.candidate.name}（{choice.why.zh}）", f"{choice.candidate.name} ({choice.why.en})"),
        caption=Text(
            f"{quality.households:,} 户，{quality.grids} 个网格，{quality.in_range} 个符合；{zh}；"
            f"紧凑度 {quality.mean_compactness:.2f}",
            f"{quality.households:,} households, {quality.grids} grids, {quality.in_range} in range; {en}; "
            f"PP {quality.mean_compactness:.2f}",
        ),
        grids=own,
        prefix=code,
        buildings=of_city[of_city["community_code"] == code],
        lines=clip_to(lines, own.geometry.union_all()),
    )
