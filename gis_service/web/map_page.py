"""The map page of a city: its map, its figures in one sentence, its legend and its lists."""

from dataclasses import dataclass
from math import ceil
from typing import Any

from flask import Blueprint, render_template, request, url_for
from flask_babel import gettext

from gis_service.config import Settings
from gis_service.db.cities import City, load_city
from gis_service.db.engine import reading
from gis_service.db.layers import (
    HOUSEHOLDS_MIN,
    SHOWN_FROM,
    SIMPLIFIED,
    Edition,
    load_bands,
    load_community_rows,
    load_elderly_coverage,
    load_extent,
    load_facility_kinds,
    load_grid_rows,
    load_presence,
    load_run_summary,
    load_summary,
)
from gis_service.db.plan_summaries import load_plan_summaries
from gis_service.maps.city_map import city_map, render_parts
from gis_service.maps.fetched_layer import LayerAddress
from gis_service.web.audience import current_settings, is_staff, layers_for, tiles_for, version_for
from gis_service.web.editions import asked_edition
from gis_service.web.labels import LAYERS, browser_texts, kinds_by_layer, statuses
from gis_service.web.language import language
from gis_service.web.plan_choice import plan_choices
from gis_service.web.summary import coverage_table, figures_sentence, groups_covered, parameters_line
from gis_service.workflows.network_words import network_remarks

blueprint = Blueprint("map_page", __name__)

ROWS_PER_PAGE = 50
BUILDINGS_MIN_ZOOM = 15
BOTTOM_TO_TOP = (
    "base",
    "communities",
    "estates",
    "barriers",
    "grids",
    "buildings",
    "circles",
    "facility_circles",
    "catchments",
    "gaps",
    "streets",
    "counties",
    "other_facilities",
    "facilities",
    "sites",
)
SHOWN = frozenset({"base", "communities", "grids", "buildings", "circles", "gaps", "facilities"})
GROUPS = (
    ("places", ("grids", "communities", "streets", "counties", "estates", "buildings")),
    ("services", ("facilities", "circles", "facility_circles", "catchments", "gaps", "sites", "other_facilities")),
    ("ground", ("base", "barriers")),
)


@dataclass(frozen=True)
class GridList:
    """One page of the list of grids and how to turn it."""

    rows: list[dict[str, Any]]
    total: int
    page: int
    pages: int
    community: str | None
    status: str | None


@blueprint.get("/map/<city>")
def show(city: str) -> str:
    """Return the map of a city."""
    settings = current_settings()
    with reading(settings) as conn:
        known = load_city(conn, city)
        staff = is_staff(known)
        edition = asked_edition(conn, known, staff=staff)
        extent = load_extent(conn, known)
        present = load_presence(conn, edition, staff=staff)
        figures = load_summary(conn, edition)
        communities = load_community_rows(conn, edition, staff=staff)
        present_kinds = load_facility_kinds(conn, edition, staff=staff)
        elderly = load_elderly_coverage(conn, edition)
        bands = load_bands(conn, edition)
        noted = load_run_summary(conn, edition) if staff else {}
        grid_list = _grid_list(conn, edition) if staff else None
        choices = plan_choices(load_plan_summaries(conn, known), edition) if staff else []
    addresses = _addresses(edition, settings, present, staff=staff)
    page_map = city_map(
        extent=extent,
        layers=addresses,
        tianditu_key=settings.tianditu_key if settings.basemap == "tianditu" else "",
    )
    return render_template(
        "map.html",
        city=known,
        staff=staff,
        parts=render_parts(page_map),
        groups=_groups(addresses, staff=staff),
        has_geometry=extent is not None,
        sentence=figures_sentence(figures, edition, elderly, staff=staff),
        figures=figures,
        coverage=coverage_table(bands, staff=staff),
        groups_covered=groups_covered(bands) if staff else (),
        tools=_tools(edition, staff=staff),
        network=[remark.in_language(language()) for remark in network_remarks(noted)],
        parameters=parameters_line(edition),
        communities=communities,
        grid_list=grid_list,
        plan_choices=choices,
        plan=edition.plan,
        statuses=statuses(),
        kinds=kinds_by_layer(present_kinds, edition.kinds),
        households_min=HOUSEHOLDS_MIN,
        settings=settings,
        island=_island(known, edition),
    )


def _addresses(
    edition: Edition, settings: Settings, present: frozenset[str], *, staff: bool
) -> tuple[LayerAddress, ...]:
    """Return the addresses of what there is and this reader may see, from the bottom to the top."""
    allowed = {*layers_for(staff=staff), *tiles_for(staff=staff)} & present
    if settings.basemap != "own":
        allowed.discard("base")
    version = version_for(edition.version, staff=staff)
    shown = _shown(allowed)
    return tuple(
        tiles_address(name, edition.city, version, shown=name in shown)
        if name in tiles_for(staff=True)
        else _geojson(name, edition, version, shown=name in shown)
        for name in BOTTOM_TO_TOP
        if name in allowed
    )


def _shown(allowed: set[str]) -> frozenset[str]:
    """Return what is drawn from the start: where there are no communities, the smallest regions that there are."""
    larger = next((level for level in ("communities", "streets", "counties") if level in allowed), "communities")
    return SHOWN | {larger}


def tiles_address(name: str, city: City, version: str, *, shown: bool) -> LayerAddress:
    """Return where the browser finds a city's tiles of a name."""
    sample = url_for("tiles.mvt", layer=name, z=0, x=0, y=0, city=city.name, v=version)
    return LayerAddress(
        name,
        sample.replace("/0/0/0.mvt", "/{z}/{x}/{y}.mvt"),
        encoding="mvt",
        shown=shown,
        min_zoom=BUILDINGS_MIN_ZOOM if name == "buildings" else 0,
    )


def _geojson(name: str, edition: Edition, version: str, *, shown: bool) -> LayerAddress:
    full = url_for("layers.geojson", city=edition.city.name, layer=name, v=version, plan=edition.plan)
    if name not in SIMPLIFIED:
        return LayerAddress(name, full, shown=shown)
    details = tuple((zoom, f"{full}&detail={detail}") for detail, zoom in SHOWN_FROM.items())
    return LayerAddress(name, details[0][1], shown=shown, closer=details[1:])


def _groups(addresses: tuple[LayerAddress, ...], *, staff: bool) -> list[dict[str, Any]]:
    """Return the layer control: groups of switches in reading order."""
    by_name = {address.name: address for address in addresses}
    titles = {
        "places": gettext("网格与区划") if staff else gettext("区划"),
        "services": gettext("服务与覆盖"),
        "ground": gettext("底图与地物"),
    }
    groups = []
    for group, names in GROUPS:
        switches = [
            {"name": name, "label": LAYERS[name], "shown": by_name[name].shown, "min_zoom": by_name[name].min_zoom}
            for name in names
            if name in by_name
        ]
        if switches:
            groups.append({"title": titles[group], "switches": switches})
    return groups


def _grid_list(conn: Any, edition: Edition) -> GridList:
    community, status = request.args.get("community") or None, request.args.get("status") or None
    page = max(1, min(request.args.get("page", 1, type=int), 10_000))
    rows, total = load_grid_rows(
        conn,
        edition,
        community=community,
        status=status,
        limit=ROWS_PER_PAGE,
        offset=(page - 1) * ROWS_PER_PAGE,
    )
    pages = max(1, ceil(total / ROWS_PER_PAGE))
    return GridList(rows, total, min(page, pages), pages, community, status)


def _tools(edition: Edition, *, staff: bool) -> dict[str, str]:
    """Return the tools that this reader may take in hand and what their buttons say."""
    tools = {"nearest": gettext("查最近")}
    if staff and edition.run is not None:
        tools["what-if"] = gettext("假如……")
    return tools


def _island(city: City, edition: Edition) -> dict[str, Any]:
    """Return what the browser's code needs to know: addresses, texts and the parameters printed under results."""
    return {
        "city": city.name,
        "searchUrl": url_for("layers.search", city=city.name, q="", plan=edition.plan),
        "buildingUrl": url_for("layers.building", city=city.name, code="CODE", plan=edition.plan),
        "gridUrl": url_for("layers.grid", city=city.name, code="CODE", plan=edition.plan),
        "nearestUrl": url_for("api_nearest.nearest"),
        "whatIfUrl": url_for("api_what_if.what_if"),
        "parameters": parameters_line(edition),
        "texts": browser_texts(edition.kinds),
    }
