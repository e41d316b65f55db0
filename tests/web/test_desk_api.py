"""Drafts over HTTP: who sees them, what a write must name, and what a stale one is told."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import shapely
from jsonschema import Draft202012Validator
from pyproj import Transformer
from shapely.geometry import shape
from sqlalchemy import text

from gis_service.app import create_app
from gis_service.config import Settings
from gis_service.db import approved_plans, drafts
from gis_service.db.accounts import Grant, Role
from gis_service.db.cities import load_city
from gis_service.db.engine import begin, engine
from gis_service.db.plans import load_grids_of
from gis_service.plan.operations import Assign
from gis_service.plan.rules import Rules
from gis_service.workflows import accounts, desk, desk_tools
from gis_service.workflows.import_city import import_city
from gis_service.workflows.moments import office_today
from gis_service.workflows.partition_city import partition_city
from tests.web.signing_in import PASSWORD, Desk, at_desk_of
from tests.workflows.town import CRS, EAST, EAST_CODE, NORTH, WEST_CODE, write_town

ORDER = ("grid_in_pieces", "grid_large", "grid_small")
"""Which finding is cured first."""
PEOPLE: dict[str, tuple[Role, str]] = {
    "planner": ("planner", ""),
    "second": ("planner", WEST_CODE),
    "reviewer": ("reviewer", ""),
    "east": ("planner", EAST_CODE),
    "auditor": ("auditor", ""),
}


@pytest.fixture(scope="module")
def settings(make_database: Callable[[str], Settings], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    made = make_database("desk_api")
    with begin(made) as conn:
        import_city(conn, write_town(Path(tmp_path_factory.mktemp("desk_api")) / "town"))
        partition_city(conn, "town", rules=Rules())
        for login, (role, region) in PEOPLE.items():
            accounts.add_account(conn, login, title="岗", password=PASSWORD, grants=[Grant(role, "town", region)])
    yield made
    engine(made).dispose()


@pytest.fixture
def number(settings: Settings) -> int:
    with begin(settings) as conn:
        begun = desk.begin_draft(conn, "town", WEST_CODE, origin="proposal", title="调整", rules=Rules(), account=None)
    return begun.record.id


@pytest.fixture
def at_desk(settings: Settings) -> Callable[[str], Desk]:
    return at_desk_of(create_app(settings))


@pytest.fixture
def planner(at_desk: Callable[[str], Desk]) -> Desk:
    return at_desk("planner")


def rename(grid: int, name: str) -> dict[str, object]:
    return {"action": "do", "operation": {"kind": "rename", "grid": grid, "name": name}}


def test_strangers_and_planners_of_elsewhere_do_not_learn_that_there_is_a_draft(
    settings: Settings, at_desk: Callable[[str], Desk], number: int
) -> None:
    stranger = Desk(create_app(settings).test_client())
    for address in (str(number), f"{number}/land.geojson", f"{number}/journal"):
        assert stranger.get(address).status_code == 404
        assert at_desk("east").get(address).status_code == 404
        assert at_desk("auditor").get(address).status_code == 200
    written = at_desk("east").post(f"{number}/steps", rename(0, "x"))
    assert written.status_code == 404
    assert "西社区" not in written.text


def test_the_state_tells_totals_tests_and_what_may_be_done(planner: Desk, number: int) -> None:
    answer = planner.get(str(number))
    assert answer.headers["ETag"] == '"0"'
    state = answer.get_json()
    assert sum(grid["households"] for grid in state["grids"]) == 1000
    assert sum(grid["residents"] for grid in state["grids"]) == 3000
    assert {grid["status"] for grid in state["grids"]} == {"normal"}
    assert state["may"] == {"edit": True, "submit": True, "withdraw": True, "recall": False} | {
        "review": False,
        "revoke": False,
    }
    assert state["complete"] is True
    assert state["undo"] is state["redo"] is False


def test_the_land_tiles_the_community_in_the_order_of_the_labels(planner: Desk, number: int) -> None:
    state, land = planner.get(str(number)).get_json(), planner.get(f"{number}/land.geojson")
    units = land.get_json()["features"]
    assert len(units) == len(state["labels"])
    assert sum(unit["properties"]["households"] for unit in units) == 1000
    shapes = [shape(unit["geometry"]) for unit in units]
    whole = shapely.unary_union(shapes)
    assert sum(each.area for each in shapes) == pytest.approx(whole.area, rel=1e-6)
    assert all(left < right for left, right, *_ in land.get_json()["borders"])
    again = planner.client.get(f"/api/v1/drafts/{number}/land.geojson", headers={"If-None-Match": land.headers["ETag"]})
    assert again.status_code == 304


def test_a_step_answers_with_the_new_state_and_can_be_undone_and_redone(planner: Desk, number: int) -> None:
    done = planner.post(f"{number}/steps", rename(0, "东园") | {"reason": "社区意见"})
    assert (done.status_code, done.headers["ETag"]) == (200, '"1"')
    assert done.get_json()["grids"][0]["name"] == "东园"
    undone = planner.post(f"{number}/steps", {"action": "undo"}, seen=1).get_json()
    assert undone["redo"] is True
    assert planner.post(f"{number}/steps", {"action": "redo"}, seen=2).get_json()["grids"][0]["name"] == "东园"
    told = planner.get(f"{number}/journal").get_json()["entries"]
    assert [entry["action"] for entry in told] == ["redo", "undo", "do", "begin"]
    assert told[2]["reason"] == "社区意见"
    assert told[2]["who"] == "planner · 岗"


@pytest.mark.parametrize("step", [rename(0, "东园"), {"action": "undo"}, {"action": "redo"}])
def test_a_fault_between_journal_and_draft_leaves_both_as_they_were(
    planner: Desk, number: int, monkeypatch: pytest.MonkeyPatch, step: dict[str, object]
) -> None:
    for seen, action in enumerate((rename(1, "西园"), rename(2, "南园"), {"action": "undo"})):
        assert planner.post(f"{number}/steps", action, seen).status_code == 200
    before = [planner.get(f"{number}{part}").get_json() for part in ("", "/journal")]

    def break_down(*_: object, **__: object) -> None:
        raise RuntimeError

    with monkeypatch.context() as broken:
        broken.setattr(drafts, "save_progress", break_down)
        assert planner.post(f"{number}/steps", step, seen=3).status_code == 500
    assert [planner.get(f"{number}{part}").get_json() for part in ("", "/journal")] == before
    assert planner.post(f"{number}/steps", step, seen=3).status_code == 200


def test_answers_are_as_the_interface_describes_them(
    planner: Desk, at_desk: Callable[[str], Desk], number: int
) -> None:
    told = planner.client.get("/api/v1/openapi.json").get_json()

    def faults(name: str, value: object) -> list[str]:
        schema = {"$ref": f"#/components/schemas/{name}", "components": told["components"]}
        return [f"{fault.json_path}: {fault.message}" for fault in Draft202012Validator(schema).iter_errors(value)]

    half = planner.get(f"{number}/land.geojson").get_json()["features"][::2]
    free = {"kind": "unassign", "units": [unit["properties"]["code"] for unit in half]}
    answers = {
        "DraftLand": planner.get(f"{number}/land.geojson"),
        "DraftCodes": planner.get(f"{number}/codes"),  # while every unit is in a grid
        "DraftState": planner.post(f"{number}/steps", {"action": "do", "operation": free}),
        "DraftStale": at_desk("second").post(f"{number}/steps", rename(0, "x")),
        "DraftRefusal": planner.post(f"{number}/steps", {"action": "fly"}, seen=1),
        "DraftJournal": planner.get(f"{number}/journal"),
        "DraftsMergeable": planner.get(f"{number}/mergeable"),
        "Fault": planner.post(f"{number}/steps", {}, seen=None),
    }
    assert {name: faults(name, answer.get_json()) for name, answer in answers.items()} == {name: [] for name in answers}
    assert answers["DraftState"].get_json()["findings"]


def test_a_write_without_a_revision_or_without_the_token_changes_nothing(planner: Desk, number: int) -> None:
    assert planner.post(f"{number}/steps", rename(0, "x"), seen=None).status_code == 428
    planner.token = ""
    untold = planner.post(f"{number}/steps", rename(0, "x"))
    assert untold.status_code == 400
    assert "refused" not in untold.get_json(), "a browser would give its work up"
    assert planner.get(str(number)).get_json()["revision"] == 0


def test_a_stale_write_is_told_what_the_other_did_and_can_be_repeated_or_kept_apart(
    planner: Desk, at_desk: Callable[[str], Desk], number: int
) -> None:
    second = at_desk("second")
    assert second.post(f"{number}/steps", {"action": "do", "operation": {"kind": "lock", "grid": 1}}).status_code == 200
    stale = planner.post(f"{number}/steps", rename(0, "东园"))
    assert stale.status_code == 412
    told = stale.get_json()
    assert told["revision"] == 1
    assert [(entry["who"], entry["kind"]) for entry in told["since"]] == [("second · 岗", "lock")]
    assert told["since"][0]["detail"] == planner.get(str(number)).get_json()["grids"][1]["label"]
    mine = [rename(0, "东园")["operation"], rename(1, "西园")["operation"]]
    tried = planner.post(f"{number}/repeat/trial", {"operations": mine}).get_json()
    assert [each["why"] is None for each in tried["repeated"]] == [True, False]
    assert tried["revision"] == 1, "a trial does nothing"
    kept = planner.post(f"{number}/keep", {"operations": mine, "title": "我的"}).get_json()
    assert kept["number"] != number
    assert [grid["name"] for grid in kept["grids"]][:2] == ["东园", "西园"]
    repeated = planner.post(f"{number}/repeat", {"operations": mine}).get_json()
    assert repeated["grids"][0]["name"] == "东园"
    done, refused = repeated["repeated"]
    assert (done["kind"], done["why"]) == ("rename", None)
    assert done["detail"].endswith("→ 东园")
    assert refused["detail"].endswith("→ 西园")
    assert "锁定" in refused["why"]


def test_others_go_on_while_a_tool_looks_for_the_least_change(
    planner: Desk, at_desk: Callable[[str], Desk], number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    second, waited = at_desk("second"), ThreadPoolExecutor()

    def found(opened: desk.OpenDraft, _: int) -> Assign:
        answer = waited.submit(second.post, f"{number}/steps", rename(1, "西园"))
        assert answer.result(timeout=20).status_code == 200
        return Assign(((0, tuple(opened.draft.units_of(1)[:1])),))

    monkeypatch.setattr(desk_tools, "fixed", found)
    overtaken = planner.post(f"{number}/tools/fix_grid", {"grids": [0]})
    assert overtaken.status_code == 412, "nothing is done to what nobody saw"
    assert [grid["name"] for grid in planner.get(str(number)).get_json()["grids"]][1] == "西园"


@pytest.mark.parametrize(
    "body",
    [
        None,
        [],
        {},
        {"action": "fly"},
        {"action": "do"},
        {"action": "do", "operation": {"kind": "rename", "grid": 99, "name": "x"}},
        {"action": "do", "operation": {"kind": "rename", "grid": "0", "name": "x"}},
        {"action": "do", "operation": {"kind": "assign", "moves": [[0, ["nowhere"]]]}},
        {"action": "do", "operation": {"kind": "split_units", "cuts": [], "buildings": [], "recut": {}}},
        {"action": "do", "operation": {"kind": "note", "grid": 0, "note": "a\0b"}},
        {"action": "do", "operation": {"kind": "rename", "grid": 0, "name": "\ud800"}},
        {"action": "undo"},
    ],
)
def test_nonsense_is_refused_in_one_sentence_and_changes_nothing(planner: Desk, number: int, body: object) -> None:
    refused = planner.post(f"{number}/steps", body)
    assert refused.status_code == 400
    assert refused.get_json()["message"]
    assert refused.get_json()["refused"] is True
    assert planner.get(str(number)).get_json()["revision"] == 0


def test_a_drawn_line_cuts_units_and_the_land_is_another(planner: Desk, number: int) -> None:
    before = planner.get(str(number)).get_json()
    to_degrees = Transformer.from_crs(CRS, "EPSG:4326", always_xy=True)
    line = [to_degrees.transform(EAST + x, NORTH + y) for x, y in ((-10, 307), (610, 293))]
    cut = planner.post(f"{number}/cut", {"line": line})
    assert cut.status_code == 200, cut.get_json()
    after = cut.get_json()
    assert "已切分" in after["said"]
    assert len(after["labels"]) > len(before["labels"])
    assert after["land"] != before["land"]
    assert sum(grid["households"] for grid in after["grids"]) == 1000
    for nonsense in (None, [], [[1, 2]], "x", [["a", "b"], [1, 2]]):
        assert planner.post(f"{number}/cut", {"line": nonsense}, seen=1).status_code == 400
    undone = planner.post(f"{number}/steps", {"action": "undo"}, seen=1).get_json()
    assert undone["land"] == before["land"]


def test_a_cut_is_believed_of_no_client_whatever_borders_it_names(
    settings: Settings, planner: Desk, number: int
) -> None:
    """Pieces that tile, sent back with other borders, would change what the tools and the judgement see."""
    to_degrees = Transformer.from_crs(CRS, "EPSG:4326", always_xy=True)
    line = [to_degrees.transform(EAST + x, NORTH + y) for x, y in ((-10, 307), (610, 293))]
    assert planner.post(f"{number}/cut", {"line": line}).status_code == 200
    with begin(settings) as conn:
        (entry,) = desk.since(conn, number, 0)
    planner.post(f"{number}/steps", {"action": "undo"}, seen=1)
    forged = entry.record
    forged["recut"]["borders"] = [[*ends, 9_999.0, 0.0, 0.0] for *ends, _, _, _ in forged["recut"]["borders"]]
    for address, body in (
        ("steps", {"action": "do", "operation": forged}),
        ("steps", {"action": "do", "operation": {"kind": "together", "operations": [forged]}}),
        ("repeat", {"operations": [forged]}),
        ("keep", {"operations": [forged], "title": "我的"}),
    ):
        refused = planner.post(f"{number}/{address}", body, seen=2)
        assert (refused.status_code, refused.get_json()["refused"]) == (400, True)
        assert "划线" in refused.get_json()["message"]
    assert planner.get(str(number)).get_json()["revision"] == 2


def test_a_grid_is_divided_by_a_drawn_line_in_one_step(planner: Desk, number: int) -> None:
    before = planner.get(str(number)).get_json()
    whole = next(grid for grid in before["grids"] if grid["key"] == 0)
    line = _across(planner.get(f"{number}/land.geojson").get_json(), before["labels"], 0)
    divided = planner.post(f"{number}/split", {"line": line, "grid": 0})
    assert divided.status_code == 200, divided.get_json()
    after = {grid["key"]: grid["households"] for grid in divided.get_json()["grids"]}
    assert after[0] + after[before["next_key"]] == whole["households"]
    assert divided.get_json()["revision"] == 1
    assert planner.post(f"{number}/split", {"line": line, "grid": "0"}, seen=1).status_code == 400
    assert planner.post(f"{number}/split", {"line": [[0, 0], [1, 1]], "grid": 0}, seen=1).status_code == 400


def _across(land: Any, labels: list[int], key: int) -> list[tuple[float, float]]:
    """Return a line from west to east through the middle of a grid and a little further."""
    shapes = [shape(unit["geometry"]) for unit, label in zip(land["features"], labels, strict=True) if label == key]
    west, south, east, north = shapely.unary_union(shapes).bounds
    middle = (south + north) / 2
    return [(west - 0.0001, middle), (east + 0.0001, middle)]


def test_a_tool_mends_a_grid_that_a_cure_points_to(planner: Desk, number: int) -> None:
    state = planner.get(str(number)).get_json()
    units = planner.get(f"{number}/land.geojson").get_json()["features"]
    first = [
        unit for unit, key in zip(units, state["labels"], strict=True) if key == 0 and unit["properties"]["households"]
    ]
    neighbour = next(
        state["labels"][other]
        for left, right, *_ in planner.get(f"{number}/land.geojson").get_json()["borders"]
        for one, other in ((left, right), (right, left))
        if state["labels"][one] == 0 and state["labels"][other] != 0
    )
    moves = [[neighbour, [unit["properties"]["code"] for unit in first[: len(first) // 2 + 1]]]]
    broken = planner.post(
        f"{number}/steps", {"action": "do", "operation": {"kind": "assign", "moves": moves}}
    ).get_json()
    assert broken["complete"] is False
    state = broken
    while not state["complete"]:
        wrong = min(state["findings"], key=lambda finding: ORDER.index(finding["kind"]))
        cure, seen = wrong["cure"], state["revision"]
        if cure["tool"]:
            mended = planner.post(f"{number}/tools/{cure['tool']}", {"grids": [cure["grid"]]}, seen=seen)
        else:
            mended = planner.post(f"{number}/steps", {"action": "do", "operation": cure["operation"]}, seen=seen)
        assert mended.status_code == 200, mended.get_json()
        assert mended.get_json()["revision"] < 5, "cures that cure nothing"
        state = mended.get_json()
    assert sum(grid["households"] for grid in state["grids"]) == 1000
    assert planner.post(f"{number}/tools/fly", {"grids": [0]}, seen=state["revision"]).status_code == 400


def test_a_large_file_is_read_from_those_who_are_signed_in_and_from_nobody_else(
    settings: Settings, planner: Desk
) -> None:
    """Two megabytes of blanks are no grids, which is told; more than files may have is refused unread."""
    stranger = Desk(create_app(settings).test_client())

    def sent(by: Desk, size: int) -> Any:
        fields = {"csrf_token": by.token, "title": "上传", "origin": "upload", "datum": ""}
        parts = [f'form-data; name="{name}"\r\n\r\n{value}'.encode() for name, value in fields.items()]
        parts.append(b'form-data; name="file"; filename="grids.geojson"\r\n\r\n' + b" " * size)
        body = b"".join(b"--=\r\nContent-Disposition: " + part + b"\r\n" for part in parts) + b"--=--\r\n"
        address, kind = f"/planner/town/{WEST_CODE}/drafts", "multipart/form-data; boundary="
        return by.client.post(address, data=body, content_type=f'{kind}"="')

    told = sent(planner, 2_000_000)
    assert told.status_code == 400
    assert "grids.geojson" in told.text
    refused = sent(planner, 11_000_000)
    assert refused.status_code == 413
    assert "最多 10 MB" in refused.text
    assert sent(stranger, 2_000_000).status_code == 413


def test_texts_are_kept_without_what_cannot_be_stored(planner: Desk, number: int) -> None:
    done = planner.post(f"{number}/steps", rename(0, "东园") | {"reason": "a\0b\ud800\u202ec\n虎𬇙"})
    assert done.status_code == 200, done.get_json()
    assert planner.get(f"{number}/journal").get_json()["entries"][0]["reason"] == "abc\n虎𬇙"
    kept = planner.post(f"{number}/keep", {"operations": [], "title": "\0我的"}).get_json()
    assert kept["title"] == "我的"


def test_tools_do_not_work_for_those_who_may_not_change_the_draft(
    planner: Desk, at_desk: Callable[[str], Desk], number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def worked(*_: object, **__: object) -> None:
        raise AssertionError

    for tool in ("cut_by_line", "divided", "fixed", "balanced"):
        monkeypatch.setattr(desk_tools, tool, worked)
    line = {"line": [[120.0, 27.0], [120.1, 27.1]], "grid": 0}
    for address, body in (("cut", line), ("split", line), ("tools/fix_grid", {"grids": [0]})):
        assert at_desk("reviewer").post(f"{number}/{address}", body).status_code == 403
    assert planner.post(f"{number}/submit", {"reason": ""}).status_code == 200
    assert planner.post(f"{number}/cut", line, seen=1).status_code == 400


def test_a_draft_is_handed_in_sent_back_handed_in_and_approved(
    settings: Settings, planner: Desk, at_desk: Callable[[str], Desk], number: int
) -> None:
    reviewer = at_desk("reviewer")
    assert reviewer.post(f"{number}/steps", rename(0, "x")).status_code == 403
    assert planner.post(f"{number}/submit", {"reason": "新小区入住"}).get_json()["state"] == "submitted"
    assert reviewer.get(str(number)).get_json()["may"]["review"] is True
    assert reviewer.post(f"{number}/return", {"reason": ""}, seen=1).status_code == 400
    assert reviewer.post(f"{number}/return", {"reason": "沿河"}, seen=1).get_json()["state"] == "draft"
    assert planner.post(f"{number}/submit", {"reason": ""}, seen=2).status_code == 200
    assert planner.post(f"{number}/approve", {"effective": "2026-03-01"}, seen=3).status_code == 403
    assert reviewer.post(f"{number}/approve", {"effective": "soon"}, seen=3).status_code == 400
    past = {"effective": "2026-03-01"}
    refused = reviewer.post(f"{number}/approve", past, seen=3)
    assert refused.status_code == 400
    assert reviewer.get(str(number)).get_json()["today"] == office_today().isoformat()
    assert office_today().isoformat() in refused.get_json()["message"]
    assert reviewer.post(f"{number}/approve", past | {"backdated": "true"}, seen=3).status_code == 400
    approved = reviewer.post(f"{number}/approve", past | {"backdated": True}, seen=3)
    assert approved.get_json()["state"] == "approved"
    with begin(settings) as conn:
        conn.execute(text("UPDATE plan SET effective_from = NULL, effective_to = NULL"))


def test_an_approved_draft_shows_the_codes_and_names_that_came_into_force(
    settings: Settings, planner: Desk, at_desk: Callable[[str], Desk], number: int
) -> None:
    before = planner.get(str(number)).get_json()
    assert {grid["code"] for grid in before["grids"]} == {None}
    assert planner.post(f"{number}/submit", {"reason": ""}).status_code == 200
    approval = {"effective": "2026-03-01", "backdated": True}
    approved = at_desk("reviewer").post(f"{number}/approve", approval, seen=1).get_json()
    with begin(settings) as conn:
        in_force = approved_plans.last_approved(conn, load_city(conn, "town"), WEST_CODE)
        assert in_force is not None
        stored = load_grids_of(conn, load_city(conn, "town"), [in_force.id]).set_index("code")
        conn.execute(text("UPDATE plan SET effective_from = NULL, effective_to = NULL"))
    assert sorted(grid["code"] for grid in approved["grids"]) == list(stored.index)
    for grid in approved["grids"]:
        assert (grid["name"], grid["households"]) == tuple(stored.loc[grid["code"], ["name", "households"]])
        assert grid["title"] == f"网格 {grid['code']}"
    assert planner.get(str(number)).get_json()["grids"] == approved["grids"]
