"""Who may read a city's audits: staff all of it, auditors their regions, everybody else nothing."""

from collections.abc import Sequence

from flask import abort, request

from gis_service.db.cities import City, load_cities, load_city
from gis_service.db.engine import Connection
from gis_service.web.audience import is_staff
from gis_service.web.sign_in import signed_in
from gis_service.workflows.audit_reading import OpenAudit, open_audit

LARGEST_NUMBER = 2**31 - 1


def readable_cities(conn: Connection) -> list[City]:
    """Return the cities whose audits this request may read, in order of their names."""
    return [city for city in load_cities(conn) if is_staff(city) or _roots(city)]


def asked_city(conn: Connection, name: str) -> tuple[City, Sequence[str] | None]:
    """Return a city and the codes of the regions this request may read; None: all of it.

    Whoever may read nothing is answered 404, as if there were no audit.
    """
    city = load_city(conn, name)
    if is_staff(city):
        return city, None
    roots = _roots(city)
    if not roots:
        abort(404)
    return city, roots


def asked_audit(conn: Connection, name: str) -> tuple[City, OpenAudit | None]:
    """Return a city and the snapshot that ``?snapshot=`` asks for, by default the newest; None: there is none yet.

    A snapshot that is not there, or in which the reader has no region, is answered 404.
    """
    city, roots = asked_city(conn, name)
    number = request.args.get("snapshot", type=int)
    audit = open_numbered(conn, city, number, roots)
    if audit is None and number is not None:
        abort(404)
    return city, audit


def needed_audit(conn: Connection, name: str) -> tuple[City, OpenAudit]:
    """Return what `asked_audit` does; without any snapshot 404."""
    city, audit = asked_audit(conn, name)
    if audit is None:
        abort(404)
    return city, audit


def open_numbered(conn: Connection, city: City, number: int | None, roots: Sequence[str] | None) -> OpenAudit | None:
    """Return a snapshot of a city for a reader; None where there is none, 404 where the reader has no region in it."""
    if number is not None and not 0 < number <= LARGEST_NUMBER:
        abort(404)
    audit = open_audit(conn, city.name, number, roots=roots)
    if audit is not None and not audit.visible:
        abort(404)
    return audit


def asked_region(audit: OpenAudit) -> str | None:
    """Return the region that ``?region=`` asks for; where one may be read only, that one; 404 for others."""
    code = request.args.get("region") or None
    if code is None:
        return audit.tops[0] if len(audit.tops) == 1 else None
    if code not in audit.visible:
        abort(404)
    return code


def _roots(city: City) -> tuple[str, ...]:
    """Return the codes of the regions in which whoever is signed in is an auditor."""
    account = signed_in()
    if account is None:
        return ()
    own = [grant for grant in account.grants if grant.role == "auditor" and grant.city in {"", city.name}]
    return tuple(sorted({grant.region_code for grant in own if grant.region_code}))
