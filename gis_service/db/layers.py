"""What maps, tiles, lists and the search read: one SQL file a question; answers are GeoJSON, MVT or plain rows."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib import resources
from typing import Any, Literal

import numpy as np
import shapely
from numpy.typing import NDArray
from psycopg2 import errorcodes
from sqlalchemy import Connection, text
from sqlalchemy.exc import OperationalError

from gis_service import __version__
from gis_service.db.cities import City
from gis_service.db.spellings import COMMON, RARE, fold
from gis_service.errors import DatabaseUnavailableError, Text, UnknownPlanError
from gis_service.geo.coverage import simplified
from gis_service.geo.zones import generalised
from gis_service.plan.findings import Finding
from gis_service.plan.grid_findings import Members, findings_of_grid
from gis_service.plan.rules import Rules, judge
from gis_service.reach.profile import PACES, WalkingProfile
from gis_service.reach.rules import COSTS, ReachRules

LayerName = Literal[
    "counties",
    "streets",
    "communities",
    "grids",
    "facilities",
    "other_facilities",
    "circles",
    "facility_circles",
    "catchments",
    "gaps",
    "sites",
    "estates",
    "barriers",
]
TileName = Literal["base", "buildings"]
Detail = Literal["far", "overview", "full"]

STATEMENT_TIMEOUT_S = 8
"""How long one question of a reader may take [s]; a map that is late is no map."""
TOLERANCES_M: Mapping[Detail, float] = {"far": 40.0, "overview": 10.0}
"""Simplification [m], about one pixel at zoom 12 and at zoom 14."""
SHOWN_FROM: Mapping[Detail, int] = {"far": 0, "overview": 13, "full": 15}
"""Smallest zoom at which each detail is drawn, inclusive."""
METRES_PER_DEGREE = 111_320.0
"""One degree of latitude on the WGS 84 sphere [m]."""
DIGITS: Mapping[Detail, int] = {"far": 4, "overview": 5, "full": 6}
"""Decimals of a degree in GeoJSON: 11 m, 1.1 m and 0.1 m, so that places move by less than half a pixel."""

HOUSEHOLDS_MIN = 10
"""Fewest households whose covered share the public may read; a share of fewer would tell of single homes."""
COVERAGES = frozenset({"counties", "streets", "communities", "grids"})
"""Layers whose features tile an area: they are simplified together, for small scales."""
CIRCLES = frozenset({"circles", "facility_circles"})
"""Layers of areas in reach: pieces and holes of less than a pixel are left out for small scales."""
ZONES = CIRCLES | {"gaps"}
"""Layers whose features may lie upon each other: each is simplified by itself."""
SIMPLIFIED = COVERAGES | ZONES
"""Layers that have a form for small scales."""

SHADES = 6
"""Fills that the map has for areas that touch."""

_REGION_LEVELS = {"counties": "county", "streets": "street", "communities": "community"}


@dataclass(frozen=True)
class Run:
    """The parameters of a reach run that are printed wherever its results are."""

    minutes: float
    speed_m_per_s: float
    kinds: tuple[str, ...]
    data_date: date
    profile: WalkingProfile

    @property
    def cutoff_m(self) -> float:
        """Return the longest accepted walk [m]."""
        return self.minutes * 60.0 * self.speed_m_per_s


@dataclass(frozen=True)
class Edition:
    """What the map of a city shows: plans, the newest of each community unless one was asked for, and a reach run.

    Parameters
    ----------
    city
        The city.
    plans
        Keys of the plans, by community; empty before the first partition.
    run_id, run
        The newest reach run with the standard minutes, speed and kinds, so that a check of something special does not
        take over the map; where there is none, the newest of all; None before the first check.
    siting_id
        The newest siting run with these and the aim to cover most whose search was done within its time limit, else the
        newest it ended, else of the others in the same order; None before the first. Those asked for on a page stay
        there.
    version
        Changes whenever anything drawn may have changed: data, plans, runs, software, queries or constants.
    plan
        Name of the plans where one was asked for; None: the newest of each community.
    """

    city: City
    plans: tuple[int, ...]
    run_id: int | None
    run: Run | None
    siting_id: int | None
    version: str
    plan: str | None = None

    @property
    def kinds(self) -> tuple[str, ...]:
        """Return the kinds of facility that count: the run's, or those of a check that is not told otherwise."""
        return ReachRules().kinds if self.run is None else self.run.kinds


@dataclass(frozen=True)
class PaceCoverage:
    """The share of households [%] that is covered at a walking speed [m/s]."""

    speed_m_per_s: float
    percent: float


def load_edition(conn: Connection, city: City, plan: str | None = None) -> Edition:
    """Return what the map of ``city`` shows; limits the time of every later question on ``conn`` too.

    Parameters
    ----------
    plan
        Name of the plans to show, in the communities that have one; None: the newest of each community.

    Raises
    ------
    UnknownPlanError
        No community has a plan of that name.
    """
    conn.execute(text(f"SET LOCAL statement_timeout = '{STATEMENT_TIMEOUT_S}s'"))
    standard = ReachRules()
    newest = _rows(
        conn,
        "edition",
        city_id=city.id,
        plan=plan,
        minutes=standard.minutes,
        speed_m_per_s=standard.speed_m_per_s,
        kinds=list(standard.kinds),
        costs=list(COSTS),
    )[0]
    plans, run_id, siting_id = tuple(newest["plans"]), newest["run_id"], newest["siting_id"]
    if plan is not None and not plans:
        raise UnknownPlanError(
            Text(f"城市 {city.name} 没有名为“{plan}”的方案", f"city {city.name} has no plan {plan!r}")
        )
    run = None
    if run_id is not None:
        row = _rows(conn, "run", run_id=run_id)[0]
        profile = ReachRules.from_dict(row["rules"]).profile
        run = Run(row["minutes"], row["speed_m_per_s"], tuple(row["kinds"]), row["data_date"], profile)
    shaping = (TOLERANCES_M, METRES_PER_DEGREE, DIGITS, HOUSEHOLDS_MIN, *map(sorted, (COVERAGES, CIRCLES, ZONES)))
    parts = (__version__, _queries_hash(), shaping, city.id, city.imported_at.isoformat(), plans, run_id, siting_id)
    return Edition(city, plans, run_id, run, siting_id, hashlib.sha256(repr(parts).encode()).hexdigest()[:16], plan)


def load_extent(conn: Connection, city: City) -> tuple[float, float, float, float] | None:
    """Return the box of the communities with buildings [degrees: west, south, east, north]; None: no geometry."""
    row = _rows(conn, "extent", city_id=city.id)[0]
    return None if row["west"] is None else (row["west"], row["south"], row["east"], row["north"])


def load_summary(conn: Connection, edition: Edition) -> dict[str, int]:
    """Return the counts of the line above the map: grids by status, households in all, covered and in gaps."""
    return _rows(conn, "summary", **_keys(edition))[0]


def load_presence(conn: Connection, edition: Edition, *, staff: bool) -> frozenset[str]:
    """Return the names of the layers and tiles that hold anything for this reader."""
    return frozenset(
        name for name, present in _rows(conn, "presence", **_keys(edition), staff=staff)[0].items() if present
    )


def layer_geojson(conn: Connection, edition: Edition, layer: LayerName, *, staff: bool, detail: Detail) -> bytes:
    """Return one layer as a GeoJSON FeatureCollection in longitude and latitude.

    Parameters
    ----------
    edition
        What the map shows.
    layer
        Which layer.
    staff
        Include what only staff may see; the caller has decided that the reader may.
    detail
        Simplify the layers of `SIMPLIFIED` by ``TOLERANCES_M``, if it is named there. Whole coverages are simplified at
        once and coordinates rounded alike, so neighbours keep sharing their edges; of `CIRCLES` what is smaller than a
        square of the tolerance is left out, but for the largest piece of each.

    Returns
    -------
    bytes
        UTF-8, features ordered by code; coordinates to ``DIGITS`` decimals, those of ``full`` for all other layers.
    """
    query = "layer_regions" if layer in _REGION_LEVELS else f"layer_{layer.removeprefix('other_')}"
    rows = _rows(
        conn,
        query,
        **_keys(edition),
        staff=staff,
        counting=layer == "facilities",
        level=_REGION_LEVELS.get(layer),
        households_min=HOUSEHOLDS_MIN,
    )
    geometries = shapely.from_wkb([bytes(row.pop("geometry")) for row in rows])
    if layer == "grids":
        _judge(rows)
    if layer == "catchments":
        _shade(rows, geometries)
    if layer not in SIMPLIFIED:
        detail = "full"
    if detail in TOLERANCES_M:
        tolerance = TOLERANCES_M[detail] / METRES_PER_DEGREE
        if layer in COVERAGES:
            geometries = simplified(geometries, tolerance)
        elif layer in CIRCLES:
            geometries = generalised(geometries, tolerance)
        else:
            geometries = shapely.simplify(geometries, tolerance)
    return _feature_collection(rows, geometries, DIGITS[detail])


def tile_mvt(conn: Connection, edition: Edition, tile: TileName, place: tuple[int, int, int]) -> bytes:
    """Return one Mapbox vector tile of the Web Mercator scheme; empty where there is nothing to draw.

    Parameters
    ----------
    tile
        ``base`` (layers estates, barriers, streets) or ``buildings`` (staff only; from zoom 14).
    place
        Zoom z, column x from the west and row y from the north; ``0 <= x, y < 2**z``.
    """
    z, x, y = place
    return bytes(_rows(conn, f"tile_{tile}", **_keys(edition), z=z, x=x, y=y)[0]["tile"])


def load_building(conn: Connection, edition: Edition, code: str) -> dict[str, Any] | None:
    """Return what is known of one building, its grid and its walk [m, s; None: no path], or None: no such building."""
    rows = _rows(conn, "building", **_keys(edition), code=code)
    return rows[0] if rows else None


def load_grid_account(conn: Connection, edition: Edition, code: str) -> dict[str, Any] | None:
    """Return why a grid is as it is, or None: no such grid in the plans drawn.

    Returns
    -------
    dict
        ``code``, ``explanation`` (see :class:`gis_service.partition.explain.Explanation`; None where the plan's maker
        noted none), ``findings`` that concern the grid, ``start`` of its plan (empty: none) and whether it was
        ``locked`` there.
    """
    rows = _rows(conn, "grid_account", **_keys(edition), code=code)
    if not rows:
        return None
    row = rows[0]
    sorts = (frozenset(row.pop(sort)) for sort in ("units", "buildings", "estates"))
    members = Members(row["code"], row.pop("community_code"), *sorts)
    findings = [Finding.from_dict(entry) for entry in row.pop("findings")]
    return {**row, "findings": [finding.as_dict() for finding in findings_of_grid(findings, members)]}


def load_grid_rows(
    conn: Connection, edition: Edition, *, community: str | None, status: str | None, limit: int, offset: int
) -> tuple[list[dict[str, Any]], int]:
    """Return a page of the list of grids, ordered by code, and how many grids match in all.

    An offset beyond them gives the last of the pages of ``limit`` rows.
    """
    rows = _rows(conn, "grid_rows", **_keys(edition), community=community, status=status, limit=limit, offset=offset)
    total = rows[0]["total"] if rows else 0
    return [{key: value for key, value in row.items() if key != "total"} for row in rows], total


def load_community_rows(conn: Connection, edition: Edition, *, staff: bool) -> list[dict[str, Any]]:
    """Return code, name, street, covered share [%; None: unknown or withheld] and ``drawn`` of communities, by code."""
    return _rows(conn, "community_rows", **_keys(edition), staff=staff, households_min=HOUSEHOLDS_MIN)


def load_facility_kinds(conn: Connection, edition: Edition, *, staff: bool) -> frozenset[str]:
    """Return the kinds of facility that this reader may see."""
    return frozenset(row["kind"] for row in _rows(conn, "facility_kinds", **_keys(edition), staff=staff))


def load_bands(conn: Connection, edition: Edition) -> list[dict[str, Any]]:
    """Return who is within each cut-off of the run, shortest first; empty where the run has none.

    Returns
    -------
    list of dict
        ``minutes``; ``households``, ``households_covered`` (on foot), ``households_straight`` (in a straight line);
        ``residents``, ``elderly``, ``children``, each with its ``_covered`` part [count], None: unknown.
    """
    return _rows(conn, "bands", **_keys(edition))


def load_run_summary(conn: Connection, edition: Edition) -> dict[str, Any]:
    """Return what the reach run noted of network and facilities; empty before the first check."""
    rows = _rows(conn, "run_summary", **_keys(edition))
    summary: dict[str, Any] = rows[0]["summary"] if rows else {}
    return summary


def load_elderly_coverage(conn: Connection, edition: Edition) -> PaceCoverage | None:
    """Return what a run at the pace of the elderly, otherwise equal to that of the map, covers; None without one."""
    speed = PACES["elderly"]
    share = _rows(conn, "pace", **_keys(edition), speed_m_per_s=speed, costs=list(COSTS))[0]["covered_percent"]
    return None if share is None else PaceCoverage(speed, float(share))


def search_places(conn: Connection, edition: Edition, words: str, *, staff: bool, limit: int) -> list[dict[str, Any]]:
    """Return the places whose name or code contains ``words``, each with its layer and box [degrees; None: no shape].

    Parameters
    ----------
    words
        Taken literally; not empty. Either spelling finds what ``spellings`` names.
    staff
        Look among grids and non-public facilities too.
    limit
        Longest list returned.
    """
    literal = like_literal(fold(words))
    return _rows(
        conn,
        "search",
        **_keys(edition),
        pattern=f"%{literal}%",
        prefix=f"{literal}%",
        rare=RARE,
        common=COMMON,
        staff=staff,
        limit=limit,
    )


def like_literal(words: str) -> str:
    r"""Return ``words`` with the signs that LIKE gives a meaning escaped.

    Examples
    --------
    >>> like_literal("100%_a")
    '100\\%\\_a'
    """
    return words.replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_")


def _keys(edition: Edition) -> dict[str, Any]:
    return {
        "city_id": edition.city.id,
        "plans": list(edition.plans),
        "run_id": edition.run_id,
        "siting_id": edition.siting_id,
        "kinds": list(edition.kinds),
    }


def _rows(conn: Connection, query: str, **values: Any) -> list[dict[str, Any]]:
    """Run ``queries/<query>.sql`` with bound values; those it does not name are ignored."""
    try:
        return [dict(row) for row in conn.execute(text(_query(query)), values).mappings()]
    except OperationalError as fault:
        if getattr(fault.orig, "pgcode", None) != errorcodes.QUERY_CANCELED:
            raise
        raise DatabaseUnavailableError(
            Text("数据库忙，查询超时，请稍后再试", "the database is busy and the query timed out; please try again")
        ) from fault


@cache
def _query(name: str) -> str:
    return resources.files("gis_service.db").joinpath("queries", f"{name}.sql").read_text(encoding="utf-8")


@cache
def _queries_hash() -> str:
    folder = resources.files("gis_service.db").joinpath("queries")
    texts = sorted(
        (file.name, file.read_text(encoding="utf-8")) for file in folder.iterdir() if file.name.endswith(".sql")
    )
    return hashlib.sha256(repr(texts).encode()).hexdigest()


def _judge(rows: Sequence[dict[str, Any]]) -> None:
    """Put both size tests of the grids beside their counts."""
    read: dict[str, Rules] = {}  # most plans share their rules, and reading rules checks them
    for row in rows:
        stored = row.pop("rules")
        rules = read.get(repr(stored)) or Rules.from_dict(stored)
        read[repr(stored)] = rules
        verdict = judge(row["households"], row["residents"], row["kind"], rules)
        row["households_test"], row["residents_test"] = verdict.households_test, verdict.residents_test
        row["households_range"] = [rules.households_min, rules.households_max]
        row["residents_range"] = [rules.residents_min, rules.residents_max]
        row["basis"] = rules.basis


def _shade(rows: Sequence[dict[str, Any]], geometries: NDArray[np.object_]) -> None:
    """Put a number beside each area that its neighbours do not have, as far as there are `SHADES`."""
    one, other = shapely.STRtree(geometries).query(geometries, predicate="intersects")
    for place, row in enumerate(rows):
        taken = {rows[neighbour].get("shade") for neighbour in other[one == place].tolist()}
        row["shade"] = next((shade for shade in range(SHADES) if shade not in taken), place % SHADES)


def _feature_collection(rows: Sequence[dict[str, Any]], geometries: NDArray[np.object_], digits: int) -> bytes:
    rounded = shapely.transform(geometries, lambda xy: np.round(xy, digits))
    texts = (json.dumps(row, ensure_ascii=False, separators=(",", ":")) for row in rows)
    features = ",".join(
        f'{{"type":"Feature","properties":{properties},"geometry":{geometry}}}'
        for properties, geometry in zip(texts, shapely.to_geojson(rounded), strict=True)
    )
    return f'{{"type":"FeatureCollection","features":[{features}]}}'.encode()
