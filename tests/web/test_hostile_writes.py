"""What is sent to addresses that write: whatever it is, the answer is one clear refusal and nothing is written."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text
from werkzeug.routing import Rule

from gis_service.app import create_app
from gis_service.config import Settings
from gis_service.db.accounts import Grant
from gis_service.db.engine import begin, engine, reading
from gis_service.plan.rules import Rules
from gis_service.workflows import accounts, desk
from gis_service.workflows.import_city import import_city
from gis_service.workflows.partition_city import partition_city
from gis_service.workflows.plan_names import NOTHING
from tests.web.signing_in import PASSWORD, signed_in, token_at
from tests.workflows.town import WEST_CODE, write_town

JSON = "application/json"
LONG = "网" * 300_000
BODIES: dict[str, tuple[str, bytes]] = {
    "nothing": (JSON, b""),
    "no JSON": (JSON, b"{"),
    "no text": (JSON, b'{"a": "\xff\xfe"}'),
    "a list nested too deeply": (JSON, b"[" * 100_000),
    "an object nested too deeply": (JSON, b'{"a":' * 100_000),
    "a field nested too deeply": (JSON, b'{"operation":' + b"[" * 5_000 + b"]" * 5_000 + b"}"),
    "a number": (JSON, b"1"),
    "a number of 5,000 digits": (JSON, b'{"grid": ' + b"9" * 5_000 + b"}"),
    "no number": (JSON, b'{"line": [[NaN, 0], [Infinity, -Infinity]], "effective": NaN}'),
    "a number beyond numbers": (JSON, b'{"line": [[1e999, 0], [1, -1e999]]}'),
    "JSON of another name": ("text/plain", b'{"action": "undo"}'),
    "XML": ("application/xml", b"<a/>"),
    "another form": ("application/x-www-form-urlencoded", b"action=undo"),
    "half a form": ("multipart/form-data; boundary=x", b"--x\r\nContent-Dis"),
    "two million bytes": (JSON, b'{"action": "' + b"x" * 2_000_000 + b'"}'),
}
VALUES: dict[str, str] = {
    "lists": "[[]]",
    "objects": '[{"a": []}]',
    "empty": '[""]',
    "nulls": "[null]",
    "truths": "[true, false]",
    "negative": "[-1, -1e9, -9007199254740993]",
    "large": f"[{10**400}, 9007199254740993]",
    "long": f'["{LONG}"]',
    "halves of characters": r'["\ud800", "\u0000"]',
}
"""Lists of hostile values; each is put into every field that some write reads, whole and one by one."""
FIELDS = (
    "action", "operation", "operations", "reason", "line", "units", "grid", "grids", "title", "effective", "basis",
    "target", "wish", "start", "seed", "locked", "keep_estates", "follow_barriers", "origin", "datum", "other",
    "revision", "withdraw",
)  # fmt: skip


@pytest.fixture(scope="module")
def settings(make_database: Callable[[str], Settings], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    made = make_database("hostile_writes")
    with begin(made) as conn:
        import_city(conn, write_town(Path(tmp_path_factory.mktemp("hostile_writes")) / "town"))
        partition_city(conn, "town", rules=Rules())
        roles = [Grant(role, "town", "") for role in ("planner", "reviewer", "auditor")]
        accounts.add_account(conn, "everybody", title="岗", password=PASSWORD, grants=roles)  # type: ignore[arg-type]
        # Never complete, so that handing it in is refused whatever the reason.
        desk.begin_draft(conn, "town", WEST_CODE, origin=NOTHING, title="调整", rules=Rules(), account=None)
    yield made
    engine(made).dispose()


@pytest.fixture(scope="module")
def app(settings: Settings) -> Flask:
    return create_app(settings)


@pytest.fixture(scope="module")
def insider(app: Flask) -> tuple[FlaskClient, str]:
    browser = signed_in(app, "everybody")
    return browser, token_at(browser, "/account/")


def writes(app: Flask) -> list[Rule]:
    """Return every route that takes a body."""
    return [rule for rule in app.url_map.iter_rules() if "POST" in (rule.methods or ()) and rule.rule not in UNREAD]


def of_desk(rule: Rule) -> bool:
    return rule.endpoint.startswith(("desk_api.", "planner_jobs.", "planner."))


def address_of(rule: Rule) -> str:
    known: dict[str, Any] = {"number": 1, "city": "town", "community": WEST_CODE, "what": "map_a4", "tool": "fix_grid"}
    values = {name: known.get(name, "x") for name in rule.arguments}
    built = rule.build(values)
    assert built is not None, rule
    return built[1]


def stored(settings: Settings) -> list[Any]:
    """Return what a write to the desk would change."""
    with reading(settings) as conn:
        return [conn.scalar(text(f"SELECT count(*) FROM {table}")) for table in ("draft", "journal", "plan", "job")]


def told_plainly(answer: Any) -> bool:
    """Return whether an answer is a refusal of the request in a few words; a page says so in words of its own."""
    if not 400 <= answer.status_code < 500:
        return False
    return not answer.is_json or 0 < len(answer.get_json()["message"]) < 300


def test_no_body_is_taken_for_what_it_is_not(app: Flask, settings: Settings, insider: tuple[FlaskClient, str]) -> None:
    browser, token = insider
    before, wrong = stored(settings), []
    for rule in writes(app):
        for name, (kind, body) in BODIES.items():
            headers = {"X-CSRFToken": token, "If-Match": '"0"'}
            answer = browser.post(address_of(rule), data=body, content_type=kind, headers=headers)
            if answer.status_code >= 500 or (of_desk(rule) and not told_plainly(answer)):
                wrong.append((rule.rule, name, answer.status_code))
    assert wrong == []
    assert stored(settings) == before


def test_no_value_of_a_field_is_taken_for_what_it_is_not(
    app: Flask, settings: Settings, insider: tuple[FlaskClient, str]
) -> None:
    browser, token = insider
    before, wrong = stored(settings), []
    for rule in writes(app):
        if not of_desk(rule):
            continue
        for name, values in VALUES.items():
            for body in bodies_of(values):
                headers = {"X-CSRFToken": token, "If-Match": '"0"'}
                answer = browser.post(address_of(rule), data=body.encode(), content_type=JSON, headers=headers)
                if not told_plainly(answer):
                    wrong.append((rule.rule, name, answer.status_code))
    assert wrong == []
    assert stored(settings) == before


def bodies_of(values: str) -> Iterator[str]:
    """Yield JSON objects with hostile values in every field, and in every field of an operation."""
    yield "{" + ", ".join(f'"{field}": {values}' for field in FIELDS) + "}"
    for kind, fields in FIELDS_OF.items():
        parts = ", ".join(f'"{field}": {values}' for field in fields)
        record = f'{{"kind": "{kind}", {parts}}}'
        yield f'{{"action": "do", "operation": {record}, "operations": [{record}], "reason": [], "wish": []}}'
    for value in json.loads(values):
        if value not in ("", None):  # as good as left out
            yield json.dumps(dict.fromkeys(FIELDS, value) | {"operations": {}})


FIELDS_OF = {
    "assign": ("moves",),
    "merge": ("grids", "into"),
    "rename": ("grid", "name"),
    "note": ("grid", "note"),
    "lock": ("grid",),
    "together": ("operations",),
    "split_units": ("cuts", "buildings", "recut"),
}
UNREAD = {
    "/api/v1/jobs/<int:number>/cancel",
    "/planner/drafts/<int:number>/export/<what>",
}
"""Routes that read no body, so that none can be wrong."""
