"""What the officials' pages share: figures as people write them, the way down to a region, pages of long lists."""

from collections.abc import Collection
from datetime import datetime
from math import ceil
from typing import Any, cast

from flask import Flask, request, url_for
from flask_babel import gettext

from gis_service.db.cities import City
from gis_service.db.engine import Connection
from gis_service.db.layers import load_edition, load_extent
from gis_service.errors import Text
from gis_service.exports.about import BEIJING
from gis_service.maps.city_map import MapParts, city_map, render_parts
from gis_service.web.audience import current_settings, is_staff, version_for
from gis_service.web.language import language
from gis_service.web.map_page import tiles_address
from gis_service.workflows.audit_reading import OpenAudit, Row
from gis_service.workflows.dashboard import Direction
from gis_service.workflows.measures import Measure, Unit, written
from gis_service.workflows.siting_words import cost_text

TAB_OF_PAGE = {
    "audit_evidence.grid": "audit.dashboard",
    "audit_evidence.building": "audit.dashboard",
    "audit_evidence.buildings": "audit.dashboard",
    "audit_evidence.estates": "audit.dashboard",
    "audit_evidence.facilities": "audit.dashboard",
    "audit_register.finding": "audit_register.findings",
    "audit_register.decide_finding": "audit_register.findings",
    "audit_register.draw": "audit_register.field",
    "audit_register.sample": "audit_register.field",
    "audit_register.report": "audit_register.field",
}
"""The tab under which a page lies that has none of its own."""
ROWS_PER_PAGE = 100
MOST_PAGES = 10_000


def init_audit_parts(app: Flask) -> None:
    """Offer to the templates of ``app`` what they write figures and links with."""
    for name in (figure, amount, day_of, said, evidence_address, asked_snapshot, audit_tab):
        app.jinja_env.globals[name.__name__] = name


def audit_tab() -> str | None:
    """Return the endpoint of the tab under which the page lies; the buildings of a gap lie under the gaps."""
    endpoint = request.endpoint or ""
    if endpoint == "audit_evidence.buildings" and request.args.get("gap"):
        return "audit_evidence.gaps"
    return TAB_OF_PAGE.get(endpoint, endpoint)


def figure(value: Any, unit: str) -> str:
    """Return a figure as people write it."""
    return written(value, cast("Unit", unit))


def amount(value: float | None) -> str:
    """Return a cost as people write it; a dash where it is unknown."""
    return "—" if value is None else cost_text(value)


def day_of(moment: datetime) -> str:
    """Return the day of a moment in Beijing: pages, papers and meetings keep one calendar."""
    return moment.astimezone(BEIJING).date().isoformat()


def said(text: Text) -> str:
    """Return a text in the reader's language."""
    return text.in_language(language())


def level_names() -> dict[str, str]:
    """Return what the levels are called."""
    return {
        "city": gettext("全市"),
        "county": gettext("区县"),
        "street": gettext("街道"),
        "community": gettext("社区"),
        "grid": gettext("网格"),
    }


def parameters(audit: OpenAudit) -> str:
    """Return data date, snapshot and walking parameters, which stand under every figure."""
    parts = [
        gettext("快照 %(number)s", number=audit.head.id),
        gettext("数据日期 %(date)s", date=audit.content["data_date"]),
    ]
    rules = audit.reach_rules
    if rules is not None:
        parts.append(
            gettext(
                "%(minutes)s分钟 · %(speed).1f 米/秒 · %(metres).0f米",
                minutes=f"{rules.minutes:g}",
                speed=rules.speed_m_per_s,
                metres=rules.cutoff_m,
            )
        )
    return " · ".join(parts)


def evidence_address(measure: Measure, city: str, audit: OpenAudit, region: str | None) -> str | None:
    """Return the list that a click on a region's figure leads to; None: there is none."""
    here: dict[str, Any] = {"city": city, "region": region, "snapshot": asked_snapshot(audit)}
    minutes = None if measure.minutes is None else f"{measure.minutes:g}"
    addresses = {
        "grids": lambda: url_for("audit.dashboard", **here, level="grid", _anchor="table"),
        "buildings": lambda: url_for("audit_evidence.buildings", **here),
        "estates": lambda: url_for("audit_evidence.estates", **here, station="no"),
        "facilities": lambda: url_for(
            "audit_evidence.facilities", **here, over="1" if measure.key == "facilities_over_capacity" else None
        ),
    }
    if measure.evidence in addresses:
        return addresses[measure.evidence]()
    only = measure.evidence or None
    return only and url_for("audit_evidence.buildings", **here, only=only, minutes=minutes)


def asked_snapshot(audit: OpenAudit) -> int | None:
    """Return the number of the snapshot where the reader asked for it, so that links go on with it."""
    return audit.head.id if request.args.get("snapshot") else None


def path_to(audit: OpenAudit, region: str | None) -> list[Row]:
    """Return the visible regions from the top down to one."""
    if region is None:
        return []
    return [audit.all_regions[code] for code in reversed(audit.ancestors(region)) if code in audit.visible]


def audit_map(conn: Connection, city: City) -> MapParts:
    """Return the map of an officials' page: the base map alone, on which the browser's code draws figures."""
    settings, edition = current_settings(), load_edition(conn, city)
    base = tiles_address("base", city, version_for(edition.version, staff=is_staff(city)), shown=True)
    page_map = city_map(
        extent=load_extent(conn, city),
        layers=(base,) if settings.basemap == "own" else (),
        tianditu_key=settings.tianditu_key if settings.basemap == "tianditu" else "",
    )
    return render_parts(page_map)


def ground_island(audit: OpenAudit, region: str | None) -> dict[str, Any]:
    """Return where the browser's code fetches what the officials' maps have in common."""
    here: dict[str, Any] = {"city": audit.head.city, "snapshot": audit.head.id, "region": region}
    rules = audit.reach_rules
    return {
        "facilitiesUrl": url_for("layers.geojson", city=audit.head.city, layer="facilities"),
        "communitiesUrl": url_for("audit_api.areas", **here, level="community"),
        "gapsUrl": url_for("audit_api.areas", **here, level="gap"),
        "kinds": [] if rules is None else list(rules.kinds),
    }


def job_texts() -> dict[str, str]:
    """Return what the browser's code says of long work."""
    return {
        "waiting": gettext("排队等待……"),
        "done": gettext("已完成。"),
        "failed": gettext("没有完成："),
        "cancelled": gettext("已取消。"),
        "unreachable": gettext("服务器没有回答，请检查网络后再试。"),
    }


def asked_order(columns: Collection[str], usual: tuple[str, Direction]) -> tuple[str, Direction]:
    """Return the column and direction asked for; the usual ones where none of the columns is."""
    sort = request.args.get("sort", "")
    if sort not in columns:
        return usual
    return sort, "desc" if request.args.get("dir") == "desc" else "asc"


def page_of(total: int) -> tuple[int, int]:
    """Return the page asked for and how many there are."""
    pages = max(1, ceil(total / ROWS_PER_PAGE))
    return min(asked_page(), pages), pages


def asked_page() -> int:
    """Return the page asked for, whatever there is."""
    return max(1, min(request.args.get("page", 1, type=int), MOST_PAGES))
