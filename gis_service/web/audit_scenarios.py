"""Scenarios that officials keep side by side: listed with the figures they had, kept, and taken off the list."""

from typing import Any

from flask import Blueprint, Response, abort, jsonify

from gis_service.db.accounts import Account
from gis_service.db.cities import City
from gis_service.db.engine import Connection, begin, reading
from gis_service.db.scenarios import KeptScenario
from gis_service.errors import InputError, NoNetworkError, NotAllowedError
from gis_service.exports.about import BEIJING
from gis_service.web.api_nearest import BadQuestionError, json_body, refusal
from gis_service.web.api_what_if import kept_city, read_what_if
from gis_service.web.audience import current_settings
from gis_service.web.audit_access import needed_audit
from gis_service.web.errors import status_of
from gis_service.web.language import language
from gis_service.web.sign_in import csrf, signed_in
from gis_service.workflows.audit_reading import OpenAudit
from gis_service.workflows.kept_scenarios import (
    Proposal,
    keep_scenario,
    kept_scenarios,
    may_withdraw,
    proposal_of,
    repeated,
    rests_on_today,
    withdraw_scenario,
)
from gis_service.workflows.what_if_map import load_what_if_rules

blueprint = Blueprint("audit_scenarios", __name__, url_prefix="/api/v1/cities/<city>/audit/scenarios")

FIELDS = {"name", "sites", "close"}
SITE_FIELDS = {"name", "lon", "lat", "cost", "candidate"}


@blueprint.get("")
def listed(city: str) -> Response:
    """Return the scenarios one may see, as they were kept."""
    with reading(current_settings()) as conn:
        known, audit = needed_audit(conn, city)
        told = scenarios_told(conn, known, audit, signed_in())
    return jsonify(scenarios=told)


@blueprint.post("")
def keep(city: str) -> Response:
    """Compute what a scenario gains and keep it, in one transaction; for strangers there is nothing here."""
    try:
        with begin(current_settings()) as conn:
            known, audit = needed_audit(conn, city)
            account, proposal = _account(), _proposal(city)
            keep_scenario(conn, known, kept_city(conn, known), proposal, roots=audit.roots, who=account)
            told = scenarios_told(conn, known, audit, account)
    except BadQuestionError as fault:
        return refusal(fault)
    except (InputError, NoNetworkError) as fault:
        return refusal(BadQuestionError(fault.text.zh, fault.text.en))
    return jsonify(scenarios=told)


@blueprint.post("/<int:number>/withdraw")
def withdraw(city: str, number: int) -> Response:
    """Take a scenario off the list."""
    try:
        with begin(current_settings()) as conn:
            known, audit = needed_audit(conn, city)
            account = _account()
            withdraw_scenario(conn, known, _kept(conn, known, audit, number), account)
            told = scenarios_told(conn, known, audit, account)
    except NotAllowedError as fault:
        response = jsonify(status=status_of(fault), message=fault.text.in_language(language()))
        response.status_code = status_of(fault)
        return response
    return jsonify(scenarios=told)


@blueprint.post("/<int:number>/repeat")
def repeat(city: str, number: int) -> Response:
    """Return whether a scenario computed once more has the figures that were kept."""
    with reading(current_settings()) as conn:
        known, audit = needed_audit(conn, city)
        kept = _kept(conn, known, audit, number)
        return jsonify(id=number, repeated=repeated(conn, known, kept_city(conn, known), kept))


csrf.exempt(repeat)  # changes nothing


def scenarios_told(conn: Connection, city: City, audit: OpenAudit, account: Account | None) -> list[dict[str, Any]]:
    """Return the scenarios one may see as plain values for JSON."""
    rules = load_what_if_rules(conn, city)
    return [
        _told(kept, audit)
        | {"current": rests_on_today(kept, city, rules), "removable": may_withdraw(kept, account, city)}
        for kept in kept_scenarios(conn, city, audit.roots, audit.visible)
    ]


def _told(kept: KeptScenario, audit: OpenAudit) -> dict[str, Any]:
    return {
        "id": kept.id,
        "name": kept.name,
        "regions": [audit.name_of(code) for code in kept.roots],
        "sites": kept.content["sites"],
        "closed": kept.content["closed"],
        "gains": kept.gains,
        "data_date": kept.data_date.isoformat(),
        "dataset_hash": kept.dataset_hash,
        "reach_run": kept.reach_run,
        "minutes": kept.rules["minutes"],
        "speed_m_per_s": kept.rules["speed_m_per_s"],
        "software_version": kept.software_version,
        "who": kept.who,
        "at": kept.at.astimezone(BEIJING).isoformat(timespec="seconds"),
    }


def _kept(conn: Connection, city: City, audit: OpenAudit, number: int) -> KeptScenario:
    every = kept_scenarios(conn, city, audit.roots, audit.visible)
    found = next((kept for kept in every if kept.id == number), None)
    if found is None:
        abort(404)
    return found


def _account() -> Account:
    account = signed_in()
    if account is None:
        abort(404)
    return account


def _proposal(city: str) -> Proposal:
    """Return the scenario of the request's body."""
    body = json_body()
    if not isinstance(body, dict) or not set(body) <= FIELDS:
        raise BadQuestionError(
            "请求内容应为 JSON 对象，可用 name、sites、close", "the body must be a JSON object with name, sites, close"
        )
    sites = body.get("sites", [])
    if not isinstance(sites, list) or not all(isinstance(each, dict) and set(each) <= SITE_FIELDS for each in sites):
        raise BadQuestionError(
            "sites 应为列表，每项可用 name、lon、lat、cost、candidate",
            "sites must be a list of objects with name, lon, lat, cost, candidate",
        )
    places = [[each.get("lon"), each.get("lat")] for each in sites]
    _, imagined, _ = read_what_if({"city": city, "add": places, "close": body.get("close", [])})
    return proposal_of({"name": body.get("name"), "sites": sites}, imagined.add, imagined.close)
