"""The officials' figures for programs: indicators as JSON, extents as GeoJSON."""

from flask import Blueprint, Response, abort, make_response, request

from gis_service.audit.canonical import canonical_json
from gis_service.db.engine import reading
from gis_service.web.audience import current_settings
from gis_service.web.audit_access import asked_region, needed_audit
from gis_service.workflows.dashboard import area_map, measures_of

blueprint = Blueprint("audit_api", __name__, url_prefix="/api/v1/cities/<city>/audit")

KINDS = ("county", "street", "community", "grid", "gap")
GAP_FIELDS = ("rank", "households", "residents", "nearest_walk_m", "missing_min")


@blueprint.get("")
def indicators(city: str) -> Response:
    """Return the indicators of the regions and grids one may see, as they were frozen: the same bytes every time."""
    with reading(current_settings()) as conn:
        _, audit = needed_audit(conn, city)
    region = asked_region(audit)
    inside = audit.within(region)
    content = audit.content
    told = {
        "city": audit.head.city,
        "snapshot": audit.head.id,
        "content_hash": audit.head.content_hash,
        "data_date": content["data_date"],
        "software_version": content["software_version"],
        "limits": content["limits"],
        "regions": [row for row in content["indicators"] if row["code"] in inside],
        "grids": audit.grids(region),
        "gaps": audit.gaps(region),
    }
    response = make_response(canonical_json(told))
    response.mimetype = "application/json"
    return response


@blueprint.get("/areas.geojson")
def areas(city: str) -> Response:
    """Return extents with their figures: ``?level=`` county, street, community, grid or gap."""
    kind = request.args.get("level", "community")
    if kind not in KINDS:
        abort(404)
    with reading(current_settings()) as conn:
        _, audit = needed_audit(conn, city)
        region = asked_region(audit)
        shares = tuple(measure.key for measure in measures_of(audit) if measure.unit == "share")
        body = area_map(conn, audit, kind, region, GAP_FIELDS if kind == "gap" else ("households", *shares))
    response = make_response(body)
    response.mimetype = "application/geo+json"
    return response
