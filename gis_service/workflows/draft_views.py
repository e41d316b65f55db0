"""What the desk's page is told of a draft: its land once, and its state after every step, as plain values."""

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import shapely
from pyproj import Transformer

from gis_service.db import approved_plans, drafts
from gis_service.db.accounts import Account
from gis_service.db.drafts import Entry
from gis_service.db.engine import Connection
from gis_service.errors import InputError, Text
from gis_service.geo.crs import STORED_CRS
from gis_service.plan.draft import Draft, DraftGrid
from gis_service.plan.history import Step
from gis_service.plan.judged import Judged, gained, state_of
from gis_service.plan.land import Land, known
from gis_service.plan.operation_records import operation_dict
from gis_service.plan.operation_words import operation_words
from gis_service.plan.rebase import Rebased
from gis_service.plan.rules import STATUS_LABELS, TEST_LABELS, Rules, describe, judge
from gis_service.plan.spacing import set_apart
from gis_service.workflows.approval import finished, is_pending, judged_base, judged_now, submitter
from gis_service.workflows.desk import OpenDraft
from gis_service.workflows.desk_access import may
from gis_service.workflows.desk_plans import OPEN, desk_title
from gis_service.workflows.draft_uploads import UPLOAD
from gis_service.workflows.kept import Kept
from gis_service.workflows.kept_codes import as_approved
from gis_service.workflows.moments import office_minute, office_today

DECIMALS = 7
"""Decimals of degrees that are told: a centimetre."""
ACTION_NAMES = {
    "begin": ("建立草案", "begun"),
    "do": ("修改", "changed"),
    "undo": ("撤销", "undone"),
    "redo": ("重做", "done again"),
    "submit": ("提交审核", "submitted"),
    "return": ("退回修改", "sent back"),
    "approve": ("批准", "approved"),
    "withdraw": ("作废", "withdrawn"),
    "recall": ("撤回修改", "taken back"),
    "revoke": ("撤销批准", "approval revoked"),
}
BASES_KEPT = 64
MUCH_OUTSIDE = 10
"""Percent of uploaded grids' land outside the community from which on it is told: borders drawn by hand have less."""


def land_version(land: Land) -> str:
    """Return what a land is called: it changes with every cut, and with what is told of it."""
    digest = hashlib.sha256(b"borders, bridges")
    for code, polygon in zip(land.code.tolist(), shapely.to_wkb(land.polygon), strict=True):
        digest.update(code.encode())
        digest.update(polygon)
    return digest.hexdigest()[:16]


def land_extent(opened: OpenDraft) -> tuple[float, float, float, float]:
    """Return the box of a draft's land: west, south, east, north [degrees]."""
    west, south, east, north = shapely.total_bounds(opened.draft.land.polygon)
    to_degrees = Transformer.from_crs(opened.city.metric_crs, STORED_CRS, always_xy=True)
    box: tuple[float, float, float, float] = to_degrees.transform_bounds(west, south, east, north)
    return box


def land_view(opened: OpenDraft) -> dict[str, Any]:
    """Return the units of a draft as GeoJSON, in the order of its labels, with who is whose neighbour.

    Returns
    -------
    dict
        A FeatureCollection in longitude and latitude; ``borders`` lists ``[left, right, length_m, barrier_m]`` by
        position, only units that touch, and ``bridges`` ``[left, right]`` of those that join parts lying apart.
    """
    land = opened.draft.land
    to_degrees = Transformer.from_crs(opened.city.metric_crs, STORED_CRS, always_xy=True)

    def stored(points: Any) -> Any:
        return np.round(np.column_stack(to_degrees.transform(points[:, 0], points[:, 1])), DECIMALS)

    shapes = shapely.transform(land.polygon, stored)
    features = [
        {
            "type": "Feature",
            "properties": {
                "code": code,
                "kind": kind,
                "special": special,
                "estate": estate,
                "households": int(households),
                "residents": known(int(residents)),
            },
            "geometry": {"type": "Polygon", "coordinates": _rings(shape)},
        }
        for code, kind, special, estate, households, residents, shape in zip(
            land.code.tolist(),
            land.kind.tolist(),
            land.special.tolist(),
            land.estate_id.tolist(),
            land.households,
            land.residents,
            shapes,
            strict=True,
        )
    ]
    borders = land.borders
    touching, bridging = np.flatnonzero(borders.touching), np.flatnonzero(~borders.touching)
    return {
        "type": "FeatureCollection",
        "version": land_version(land),
        "features": features,
        "borders": [
            [
                int(borders.left[row]),
                int(borders.right[row]),
                round(float(borders.length_m[row]), 1),
                round(float(borders.barrier_m[row]), 1),
            ]
            for row in touching.tolist()
        ],
        "bridges": [[int(borders.left[row]), int(borders.right[row])] for row in bridging.tolist()],
    }


def draft_view(conn: Connection, opened: OpenDraft, account: Account | None, language: str) -> dict[str, Any]:
    """Return the state of a draft: labels by position, grids with totals and tests, what is wrong and its cures.

    The grids of an approved one bear the codes and names that came into force.

    Parameters
    ----------
    conn
        Transaction.
    opened
        The draft.
    account
        Who asks; decides what the page offers. None: somebody who may look only.
    language
        ``zh`` or ``en``.
    """
    record, rules = opened.record, opened.rules
    if record.plan_id is not None:
        opened = replace(opened, draft=as_approved(conn, opened.city, record.plan_id, opened.draft))
    draft = opened.draft
    before = _BASES.get((record.id, record.created_at), lambda: judged_base(conn, opened))
    now = judged_now(conn, opened)
    new = {id(each) for each in gained(before, now)}
    editable = record.state == "draft" and account is not None and may(account, "planner", record)
    return {
        "number": record.id,
        "city": record.city,
        "community": {"code": record.community_code, "name": record.community_name},
        "title": record.title,
        "state": record.state,
        "revision": record.revision,
        "today": office_today().isoformat(),
        "decision": _decision(conn, opened),
        "may": {
            "edit": editable,
            "submit": editable,
            "withdraw": record.state in {"draft", "submitted"}
            and account is not None
            and may(account, "planner", record),
            "recall": record.state == "submitted"
            and account is not None
            and may(account, "planner", record)
            and submitter(conn, record.id) == account.login,
            "review": record.state == "submitted" and account is not None and may(account, "reviewer", record),
            "revoke": account is not None and may(account, "reviewer", record) and is_pending(conn, opened),
        },
        "rules": _rules_view(rules),
        "land": land_version(draft.land),
        "labels": draft.labels.tolist(),
        "next_key": draft.next_key,
        "grids": [_grid_view(draft, grid, rules, language) for grid in draft.grids.values()],
        "findings": [
            *_overtaken(conn, opened, language),
            *_fitted(conn, opened, language),
            *(_finding_view(each, language, is_new=id(each) in new) for each in now),
        ],
        "complete": state_of(before, now) == "complete",
        "undo": bool(record.done),
        "redo": bool(record.undone),
    }


def codes_view(conn: Connection, opened: OpenDraft) -> list[dict[str, Any]]:
    """Return ``key``, ``code`` and ``name`` that each grid of a draft would be approved with, by key.

    Nothing while a unit is in no grid or there are more grids than codes, or once the draft is decided.
    """
    if opened.record.state not in OPEN:
        return []
    try:
        final = finished(conn, opened)
    except InputError:
        return []
    names = dict(zip(final.grids["code"], final.grids["name"], strict=True))
    return [{"key": key, "code": code, "name": str(names[code])} for key, code in sorted(final.codes.items())]


def journal_view(conn: Connection, opened: OpenDraft, entries: Sequence[Entry], language: str) -> list[dict[str, Any]]:
    """Return what was done to a draft, the last first, without the states themselves.

    Parameters
    ----------
    conn, opened, language
        As for :func:`draft_view`.
    entries
        What was done up to its state, the first first.
    """
    undone = drafts.load_entries(conn, numbers=[entry.record["of"] for entry in entries if entry.action == "undo"])
    step_of = {entry.id: entry for entry in [*undone, *entries]}
    names = {key: grid.label for key, grid in opened.draft.grids.items()}
    told = []
    for entry in reversed(entries):
        of = step_of[entry.record["of"]] if entry.action == "undo" else entry
        detail = ""
        if "kind" in of.record:
            step = Step.from_dict({"operation": of.record, "back": of.back})
            detail = operation_words(step.operation, names, step.back).in_language(language)
            names |= {grid.key: grid.label for grid in step.back.grids}  # what they were called until then
        told.append(
            {
                "revision": entry.revision,
                "action": _action(entry),
                "title": ACTION_NAMES[_action(entry)][language == "en"],
                "kind": of.record.get("kind"),
                "detail": detail,
                "who": entry.who,
                "at": entry.at.isoformat(timespec="seconds"),
                "reason": entry.reason or _fit(entry).in_language(language),
                "effective": None if entry.effective is None else entry.effective.isoformat(),
            }
        )
    return told


def repeated_view(rebased: Rebased, language: str) -> list[dict[str, Any]]:
    """Return what became, or would become, of operations that are repeated on another draft.

    Parameters
    ----------
    rebased
        What became of them.
    language
        ``zh`` or ``en``.

    Returns
    -------
    list of dict
        In their order ``kind``, ``detail`` and ``why``: why it cannot be done, None where it can.
    """
    names = [{key: grid.label for key, grid in draft.grids.items()} for draft in (rebased.base, rebased.draft)]
    return [
        {
            "kind": operation_dict(each.operation)["kind"],
            "detail": (
                operation_words(each.operation, names[0], None)
                if each.step is None
                else operation_words(each.step.operation, names[1], each.step.back)
            ).in_language(language),
            "why": None if each.why is None else each.why.in_language(language),
        }
        for each in rebased.repeated
    ]


def _action(entry: Entry) -> str:
    """Return what was done: a draft sent back may have been recalled, one given up may have been a plan, revoked."""
    if entry.action == "return" and entry.record.get("recalled"):
        return "recall"
    return "revoke" if entry.action == "withdraw" and "plan" in entry.record else entry.action


def _fit(entry: Entry) -> Text:
    """Return how far uploaded grids, that a draft was begun with, fit the units; empty for everything else."""
    fit = entry.record.get("fit")
    if entry.action != "begin" or fit is None:
        return Text("", "")
    file = str(entry.record["origin"]).partition(":")[2]
    twice, empty = fit.get("buildings_twice", 0), fit.get("grids_empty", 0)  # older records do not tell
    zh = f"；文件中的网格互相重叠，{twice} 栋 {fit['households_twice']} 户同时在几个网格里" if twice else ""
    en = (
        f"; {twice} buildings with {fit['households_twice']} households lie in several grids of the file"
        if twice
        else ""
    )
    zh += f"；{empty} 个网格没有分到范围" if empty else ""
    en += f"; {empty} of the grids got no land" if empty else ""
    outside = fit.get("percent_outside", 0)
    if outside >= MUCH_OUTSIDE:
        zh += f"；它们有 {outside}% 的面积在社区以外，请检查坐标系是否选对（如 GCJ-02、BD-09）"
        en += f"; {outside}% of their land lies outside the community: check the coordinate system (GCJ-02, BD-09?)"
    return Text(
        f"从文件“{file}”的 {fit['grids']} 个网格开始，边界已按单元取整："
        f"{fit['buildings_elsewhere']} 栋 {fit['households_elsewhere']} 户与文件中的网格不同，"
        f"{fit['units_free']} 个单元不在任何网格{zh}",
        f"begun with the {fit['grids']} grids of {file}, laid over the units: {fit['buildings_elsewhere']} buildings "
        f"with {fit['households_elsewhere']} households are in another grid than drawn, {fit['units_free']} units in "
        f"none{en}",
    )


def _decision(conn: Connection, opened: OpenDraft) -> dict[str, Any] | None:
    """Return what was said when an open draft was last handed in or sent back; None: nothing, or it is decided."""
    entry = drafts.load_last_decision(conn, opened.record.id) if opened.record.state in OPEN else None
    if entry is None or not entry.reason:
        return None
    return {"action": entry.action, "reason": entry.reason, "who": entry.who, "at": office_minute(entry.at)}


def _rings(shape: shapely.Polygon) -> list[list[list[float]]]:
    return [shapely.get_coordinates(ring).tolist() for ring in (shape.exterior, *shape.interiors)]


def _rules_view(rules: Rules) -> dict[str, Any]:
    return {
        "basis": rules.basis,
        "households": [rules.households_min, rules.households_max],
        "residents": [rules.residents_min, rules.residents_max],
    }


def _grid_view(draft: Draft, grid: DraftGrid, rules: Rules, language: str) -> dict[str, Any]:
    totals = draft.totals[grid.key]
    verdict = judge(totals.households, totals.residents, grid.kind, rules)
    return {
        "key": grid.key,
        "code": grid.code,
        "name": grid.name,
        "title": grid.title.in_language(language),
        "label": grid.label.in_language(language),
        "kind": grid.kind,
        "locked": grid.locked,
        "note": grid.note,
        "units": totals.units,
        "households": totals.households,
        "residents": totals.residents,
        "area_m2": round(totals.area_m2),
        "status": verdict.status if totals.units else "gone",
        "status_label": STATUS_LABELS[verdict.status].in_language(language),
        "households_test": TEST_LABELS.get(verdict.households_test, STATUS_LABELS[verdict.status]).in_language(
            language
        ),
        "residents_test": TEST_LABELS.get(verdict.residents_test, STATUS_LABELS[verdict.status]).in_language(language),
        "sentence": describe(totals.households, totals.residents, verdict, rules).in_language(language),
    }


def _overtaken(conn: Connection, opened: OpenDraft, language: str) -> list[dict[str, Any]]:
    """Return the remark that another plan of the community was approved after an open draft was begun, if one was."""
    record = opened.record
    if record.state not in OPEN or "after" not in record.base:  # older software did not note it
        return []
    last = approved_plans.last_approved(conn, opened.city, record.community_code)
    after = record.base["after"]
    if last is None or last.name == after:
        return []
    # With an approval that was taken back an older plan is the last again, which the draft knew.
    if last.approved_at < record.created_at and approved_plans.is_revoked(
        conn, opened.city, record.community_code, after
    ):
        return []
    title = desk_title(last.name) or Text(last.name, last.name)
    text = Text(
        set_apart("建立本草案之后，", title.zh, f"已获批准（{last.effective_from} 起生效），")
        + "其中的改动不在本草案里；请先与它比较",
        f"after this draft was begun the {title.en} was approved, in force from {last.effective_from}; what it changes "
        "is not in this draft: compare the two first",
    )
    return [_remark("plan_approved_since", text, language)]


def _fitted(conn: Connection, opened: OpenDraft, language: str) -> list[dict[str, Any]]:
    """Return that uploaded grids do not fit, as a remark, while nothing was done to the draft that began with them."""
    record = opened.record
    if record.revision or not record.base["origin"].startswith(f"{UPLOAD}:"):
        return []
    (begun,) = drafts.load_entries(conn, draft=record.id)
    fit = begun.record["fit"]
    fits = not any(count for name, count in fit.items() if name not in {"grids", "percent_outside"})
    if fits and fit.get("percent_outside", 0) < MUCH_OUTSIDE:
        return []
    return [_remark("grids_uploaded", _fit(begun), language)]


def _remark(kind: str, text: Text, language: str) -> dict[str, Any]:
    """Return a remark on the draft as a whole, in the form of a finding."""
    place: dict[str, Any] = {"grids": [], "units": [], "new": False, "explained": False, "cure": None}
    return {"kind": kind, "severity": "warning", "text": text.in_language(language), **place}


def _finding_view(judged: Judged, language: str, *, is_new: bool) -> dict[str, Any]:
    cure = judged.cure
    return {
        "kind": judged.finding.kind,
        "severity": judged.finding.severity,
        "text": judged.finding.zh if language == "zh" else judged.finding.en,
        "grids": list(judged.grids),
        "units": list(judged.units),
        "new": is_new,
        "explained": judged.explained,
        "cure": None
        if cure is None
        else {
            "text": cure.text.in_language(language),
            "operation": None if cure.operation is None else operation_dict(cure.operation),
            "tool": cure.tool,
            "grid": cure.grid,
        },
    }


_BASES: Kept[list[Judged]] = Kept(BASES_KEPT)
