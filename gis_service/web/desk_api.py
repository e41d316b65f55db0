"""Drafts for the desk's page: read, changed by one operation at a time, handed in and decided on, all as JSON.

Every write names the revision it saw in ``If-Match``: without it 428, with an old one 412 and nothing is written.
"""

import re
from collections.abc import Callable
from datetime import date
from typing import Any, cast, get_args

from flask import Blueprint, Response, abort, jsonify, request

from gis_service.db.accounts import Account
from gis_service.db.drafts import DraftRecord, load_draft
from gis_service.db.engine import Connection, begin, reading
from gis_service.errors import InputError, NotAllowedError, StaleDraftError, Text
from gis_service.plan.operation_records import sent_operation
from gis_service.web.audience import current_settings
from gis_service.web.language import language
from gis_service.web.sign_in import signed_in
from gis_service.workflows import approval, desk, desk_tools, merging
from gis_service.workflows.desk import OpenDraft
from gis_service.workflows.desk_access import storable
from gis_service.workflows.draft_views import (
    codes_view,
    draft_view,
    journal_view,
    land_version,
    land_view,
    repeated_view,
)

blueprint = Blueprint("desk_api", __name__, url_prefix="/api/v1/drafts/<int:number>")

MOST_OPERATIONS = 1_000
"""Operations that may be repeated at once; more were never made without a network in one sitting."""
REASON_LENGTH = 500
_REVISION = re.compile(r'"(\d{1,9})"')

Work = Callable[[Connection, int, Account, dict[str, Any]], OpenDraft]


@blueprint.get("")
def show(number: int) -> Response:
    """Return the state of a draft; its ETag is the revision that writes must name."""
    account = _reader()
    with reading(current_settings()) as conn:
        opened = _seen_by(conn, number, account)
        return _state(conn, opened, account)


@blueprint.get("/land.geojson")
def land(number: int) -> Response:
    """Return the units of a draft; they change with every cut, and with nothing else."""
    account = _reader()
    with reading(current_settings()) as conn:
        opened = _seen_by(conn, number, account)
        version = land_version(opened.draft.land)
        if request.if_none_match.contains_weak(version):
            response = Response(status=304)
        else:
            response = jsonify(land_view(opened))
            response.mimetype = "application/geo+json"
    response.set_etag(version, weak=True)
    response.headers["Cache-Control"] = "private, no-cache"
    return response


@blueprint.get("/journal")
def journal(number: int) -> Response:
    """Return what was done to a draft after ``?after=`` a revision, the last first."""
    account = _reader()
    after = request.args.get("after", -1, type=int)
    with reading(current_settings()) as conn:
        opened = _seen_by(conn, number, account)
        return jsonify(entries=journal_view(conn, opened, desk.since(conn, number, after), language()))


@blueprint.get("/codes")
def codes(number: int) -> Response:
    """Return the codes and names that the grids of a draft would be approved with."""
    account = _reader()
    with reading(current_settings()) as conn:
        opened = _seen_by(conn, number, account)
        return jsonify(revision=opened.record.revision, grids=codes_view(conn, opened))


@blueprint.get("/mergeable")
def mergeable(number: int) -> Response:
    """Return the open drafts whose work can be done on this one, too, and how many steps each has."""
    account = _reader()
    with reading(current_settings()) as conn:
        listed = merging.mergeable(conn, _seen_by(conn, number, account))
        return jsonify(
            drafts=[
                {
                    "number": record.id,
                    "title": record.title,
                    "changed_at": record.changed_at.isoformat(timespec="seconds"),
                    "steps": steps,
                }
                for record, steps in listed
            ]
        )


@blueprint.post("/steps")
def step(number: int) -> Response:
    """Do, undo or redo one operation."""

    def work(conn: Connection, seen: int, account: Account, body: dict[str, Any]) -> OpenDraft:
        action = body.get("action")
        if action not in get_args(desk.Action):
            raise InputError(Text("action 应为 do、undo 或 redo", "action must be do, undo or redo"))
        operation = sent_operation(body.get("operation")) if action == "do" else None
        return desk.act(
            conn,
            number,
            cast("desk.Action", action),
            operation=operation,
            seen=seen,
            account=account,
            reason=_reason(body),
        )

    return _write(work)


@blueprint.post("/cut")
def cut(number: int) -> Response:
    """Cut the units that a drawn line divides; the answer says which buildings the line bends around."""
    told: dict[str, Any] = {}

    def work(conn: Connection, seen: int, account: Account, body: dict[str, Any]) -> OpenDraft:
        opened = desk.seen_for_change(conn, number, seen=seen, account=account)
        found = desk_tools.cut_by_line(conn, opened, _line(body.get("line")), units=_codes(body.get("units")))
        told["said"] = found.text.in_language(language())
        return desk.act(conn, number, "do", operation=found.operation, seen=seen, account=account, reason=_reason(body))

    return _write(work, told)


@blueprint.post("/split")
def split(number: int) -> Response:
    """Divide a grid along a drawn line; the answer says which buildings the line bends around."""
    told: dict[str, Any] = {}

    def work(conn: Connection, seen: int, account: Account, body: dict[str, Any]) -> OpenDraft:
        opened = desk.seen_for_change(conn, number, seen=seen, account=account)
        found = desk_tools.divided(conn, opened, _key(body.get("grid")), _line(body.get("line")))
        if found.cut is not None:
            told["said"] = found.cut.text.in_language(language())
        return desk.act(conn, number, "do", operation=found.operation, seen=seen, account=account, reason=_reason(body))

    return _write(work, told)


@blueprint.post("/tools/<tool>")
def use_tool(number: int, tool: str) -> Response:
    """Let a tool find the least change and do it: ``fix_grid`` one grid, ``balance_two`` grids."""

    def work(conn: Connection, seen: int, account: Account, body: dict[str, Any]) -> OpenDraft:
        opened = desk.seen_for_change(conn, number, seen=seen, account=account)
        keys = [_key(key) for key in _listed(body.get("grids"))]
        if tool == "fix_grid" and len(keys) == 1:
            found = desk_tools.fixed(opened, keys[0])
        elif tool == "balance_two" and len(keys) == 2:  # noqa: PLR2004 the two
            found = desk_tools.balanced(opened, *keys)
        else:
            raise InputError(Text("请选择一个网格修正，或两个网格平衡", "choose one grid to fix or two to balance"))
        return desk.act(conn, number, "do", operation=found, seen=seen, account=account, reason=_reason(body))

    return _write(work)


@blueprint.post("/repeat")
def repeat(number: int) -> Response:
    """Repeat operations made on an older revision on the draft as it stands, as far as they can be."""
    told: dict[str, Any] = {}

    def work(conn: Connection, seen: int, account: Account, body: dict[str, Any]) -> OpenDraft:
        rebased = merging.repeat(conn, number, _operations(body), seen=seen, account=account)
        told["repeated"] = repeated_view(rebased, language())
        return desk.open_draft(conn, number)

    return _write(work, told)


@blueprint.post("/repeat/trial")
def try_to_repeat(number: int) -> Response:
    """Tell what ``/repeat`` would do; nothing is done."""
    told: dict[str, Any] = {}

    def work(conn: Connection, seen: int, _: Account, body: dict[str, Any]) -> OpenDraft:
        opened = desk.open_draft(conn, number)
        told["repeated"] = repeated_view(merging.repeated(conn, opened, _operations(body), seen=seen), language())
        return opened

    return _write(work, told)


@blueprint.post("/merge")
def merge(number: int) -> Response:
    """Do the work of another draft on this one, too, as far as it can be done."""
    told: dict[str, Any] = {}

    def work(conn: Connection, seen: int, account: Account, body: dict[str, Any]) -> OpenDraft:
        merged, found = merging.merge(
            conn,
            number,
            seen=seen,
            other=_key(body.get("other")),
            other_seen=_key(body.get("revision")),
            withdraw=body.get("withdraw") is True,
            account=account,
        )
        told["repeated"] = repeated_view(found.rebased, language())
        return merged

    return _write(work, told)


@blueprint.post("/merge/trial")
def try_to_merge(number: int) -> Response:
    """Tell what ``/merge`` would do, and the revision of the other draft that it names; nothing is done."""
    told: dict[str, Any] = {}

    def work(conn: Connection, _: int, __: Account, body: dict[str, Any]) -> OpenDraft:
        opened = desk.open_draft(conn, number)
        found = merging.merging(conn, opened, _key(body.get("other")))
        told["repeated"] = repeated_view(found.rebased, language())
        told["other"] = {"title": found.other.title, "revision": found.other.revision}
        return opened

    return _write(work, told)


@blueprint.post("/keep")
def keep(number: int) -> Response:
    """Begin a draft of one's own from an older revision with one's operations done on it."""

    def work(conn: Connection, seen: int, account: Account, body: dict[str, Any]) -> OpenDraft:
        title = str(body.get("title") or "")[:80] or Text("我的修改", "my changes").in_language(language())
        return merging.keep_apart(conn, number, _operations(body), seen=seen, account=account, title=title)

    return _write(work)


@blueprint.post("/submit")
def submit(number: int) -> Response:
    """Hand a draft to the reviewers."""
    return _write(
        lambda conn, seen, account, body: approval.submit(
            conn, number, seen=seen, account=account, reason=_reason(body)
        )
    )


@blueprint.post("/return")
def send_back(number: int) -> Response:
    """Send a submitted draft back with remarks."""
    return _write(
        lambda conn, seen, account, body: approval.send_back(
            conn, number, seen=seen, account=account, reason=_reason(body)
        )
    )


@blueprint.post("/recall")
def recall(number: int) -> Response:
    """Take a submitted draft back to go on with it."""
    return _write(lambda conn, seen, account, _: approval.recall(conn, number, seen=seen, account=account))


@blueprint.post("/withdraw")
def withdraw(number: int) -> Response:
    """Give a draft up."""
    return _write(
        lambda conn, seen, account, body: approval.withdraw(
            conn, number, seen=seen, account=account, reason=_reason(body)
        )
    )


@blueprint.post("/approve")
def approve(number: int) -> Response:
    """Make a submitted draft the plan in force from a day on."""
    return _write(
        lambda conn, seen, account, body: approval.approve(
            conn,
            number,
            seen=seen,
            account=account,
            reason=_reason(body),
            effective=_day(body.get("effective")),
            backdated=body.get("backdated") is True,
        )
    )


@blueprint.post("/revoke")
def revoke(number: int) -> Response:
    """Take the approval of a plan back that is not in force yet."""
    return _write(
        lambda conn, seen, account, body: approval.revoke(
            conn, number, seen=seen, account=account, reason=_reason(body)
        )
    )


def _write(work: Work, told: dict[str, Any] | None = None) -> Response:
    """Do ``work`` in one transaction and answer with the state after it, and what ``told`` holds by then.

    What the desk itself refuses is marked ``refused``: other faults (the session is over, the token is old) say nothing
    about the work, which the browser keeps to send again.
    """
    account = _reader()
    named = _REVISION.fullmatch(request.headers.get("If-Match", ""))
    if named is None:
        response = jsonify(
            status=428, message=Text("请刷新页面后再修改", "name the revision in If-Match").in_language(language())
        )
        response.status_code = 428
        return response
    seen, number = int(named[1]), int((request.view_args or {})["number"])
    body = request.get_json(silent=True)
    settings = current_settings()
    try:
        if not isinstance(body, dict):
            raise InputError(Text("请求内容应为 JSON 对象", "the body must be a JSON object"))  # noqa: TRY301 told below
        with begin(settings) as conn:
            _refuse_strangers(load_draft(conn, number), account)
            opened = work(conn, seen, account, body)
            return _state(conn, opened, account, told)
    except StaleDraftError as fault:
        with reading(settings) as conn:
            opened = desk.open_draft(conn, number)
            entries = journal_view(conn, opened, desk.since(conn, number, seen), language())
        response = jsonify(
            status=412, message=fault.text.in_language(language()), revision=fault.revision, since=entries
        )
        response.status_code = 412
        return response
    except (InputError, NotAllowedError) as fault:
        status = 403 if isinstance(fault, NotAllowedError) else 400
        response = jsonify(status=status, message=fault.text.in_language(language()), refused=True)
        response.status_code = status
        return response


def _reader() -> Account:
    """Return who is signed in; strangers are answered 404, as if there were no drafts."""
    account = signed_in()
    if account is None:
        abort(404)
    return account


def _seen_by(conn: Connection, number: int, account: Account) -> OpenDraft:
    """Return a draft that the account may see: any role in its community will do."""
    opened = desk.open_draft(conn, number)
    _refuse_strangers(opened.record, account)
    return opened


def _refuse_strangers(record: DraftRecord, account: Account) -> None:
    """Answer 404 to those without any role in the community: they do not learn that there is a draft."""
    if not any(grant.covers(record.city, record.regions) for grant in account.grants):
        abort(404)


def _state(conn: Connection, opened: OpenDraft, account: Account, told: dict[str, Any] | None = None) -> Response:
    response = jsonify(draft_view(conn, opened, account, language()) | (told or {}))
    response.set_etag(str(opened.record.revision))
    return response


def _reason(body: dict[str, Any]) -> str:
    reason = body.get("reason", "")
    if not isinstance(reason, str) or len(reason) > REASON_LENGTH:
        raise InputError(
            Text(
                f"理由应为文字，最多 {REASON_LENGTH} 字", f"reason must be a text of {REASON_LENGTH} characters at most"
            )
        )
    stored = storable(reason)
    if reason.strip() and not stored:
        raise InputError(Text("理由中没有可以显示的文字", "reason holds no character that can be shown"))
    return stored


def _line(value: object) -> list[tuple[float, float]]:
    try:
        return [(float(lon), float(lat)) for lon, lat in _listed(value)]
    except (TypeError, ValueError) as fault:
        raise InputError(Text("line 应为经纬度的列表", "line must be a list of longitudes and latitudes")) from fault


def _codes(value: object) -> list[str] | None:
    return None if value is None else [str(code) for code in _listed(value)]


def _key(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise InputError(Text("网格、草案的编号和版本应为整数", "numbers of grids, drafts and revisions are whole"))
    return value


def _listed(value: object) -> list[Any]:
    if not isinstance(value, list):
        raise InputError(Text("请求内容应为列表", "a list is needed"))
    return value


def _operations(body: dict[str, Any]) -> list[Any]:
    listed = _listed(body.get("operations"))
    if len(listed) > MOST_OPERATIONS:
        raise InputError(Text(f"一次最多重做 {MOST_OPERATIONS} 步", f"at most {MOST_OPERATIONS} operations at once"))
    return [sent_operation(each) for each in listed]


def _day(value: object) -> date:
    try:
        return date.fromisoformat(str(value))
    except ValueError as fault:
        raise InputError(Text("请填写生效日期，如 2026-12-01", "give the first day in force, as 2026-12-01")) from fault
