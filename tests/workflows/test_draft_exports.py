"""What is taken away of drafts and approved plans: it tiles the community, and says what it is."""

import json
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import geopandas as gpd
import openpyxl
import pyogrio
import pytest
import shapely
from sqlalchemy import Connection

from gis_service.config import Settings
from gis_service.db import accounts as stored_accounts
from gis_service.db import job_files, jobs, plans
from gis_service.db.accounts import Account, Grant
from gis_service.db.cities import load_city
from gis_service.db.engine import begin, engine
from gis_service.errors import InputError, NotAllowedError
from gis_service.plan.operations import Note, Unassign
from gis_service.plan.rules import Rules
from gis_service.workflows import approval, desk
from gis_service.workflows.desk import OpenDraft
from gis_service.workflows.draft_exports import (
    EXPORTS,
    PlanPlace,
    ask_export,
    ask_plan_export,
    do_export,
    export_draft,
    export_plan,
)
from gis_service.workflows.draft_papers import paper_of_draft, paper_of_plan
from gis_service.workflows.import_city import import_city
from gis_service.workflows.partition_city import partition_city
from gis_service.workflows.progress import silent
from tests.workflows import town
from tests.workflows.test_compare_plans import write_town_with_grids

PRINTED = Settings(operator="示范市网格中心", map_approval="闽S〔2026〕1号")


@pytest.fixture(scope="module")
def settings(make_database: Callable[[str], Settings], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    made = make_database("draft_exports")
    with begin(made) as conn:
        import_city(conn, write_town_with_grids(Path(tmp_path_factory.mktemp("draft_exports")) / "town"))
        partition_city(conn, "town", rules=Rules(), plan="new")
    yield made
    engine(made).dispose()


def account(conn: Connection, role: str = "planner", region: str = "") -> Account:
    grants = [Grant(role, "town", region)]  # type: ignore[arg-type]
    return stored_accounts.save_account(conn, f"{role}{region}", title=role, password_hash=None, grants=grants)


def opened(conn: Connection, community: str = town.WEST_CODE) -> OpenDraft:
    return desk.begin_draft(conn, "town", community, origin="new", title="调整", rules=Rules(), account=None)


def layer(file: Path, name: str) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(pyogrio.read_dataframe(file, layer=name))


def test_exported_grids_tile_the_community_in_every_format(conn: Connection, tmp_path: Path) -> None:
    number, planner = opened(conn).record.id, account(conn)
    community = town.box(0, 0, 600, 600)
    file = tmp_path / "plan.gpkg"
    file.write_bytes(export_draft(conn, number, "gpkg", planner, PRINTED).content)
    geopackage = layer(file, "grids")
    with ZipFile(BytesIO(export_draft(conn, number, "shapefile", planner, PRINTED).content)) as archive:
        archive.extractall(tmp_path)
    shapefile = gpd.GeoDataFrame(pyogrio.read_dataframe(tmp_path / "grids.shp"))
    geojson = json.loads(export_draft(conn, number, "geojson", planner, PRINTED).content)
    shapes = [shapely.from_geojson(json.dumps(feature["geometry"])) for feature in geojson["features"]]
    located = gpd.GeoDataFrame(geometry=shapes, crs="EPSG:4326").to_crs(town.CRS)
    for frame, slack_m2 in ((geopackage, 1e-3), (shapefile, 1e-3), (located, 1.0)):
        assert shapely.area(frame.geometry.to_numpy()).sum() == pytest.approx(360_000, abs=slack_m2)
        assert frame.union_all().symmetric_difference(community).area < slack_m2
    assert geopackage["code"].tolist() == shapefile["code"].tolist()
    assert geopackage["households"].sum() == shapefile["hh"].sum() == 1000
    buildings = layer(file, "buildings")
    assert buildings.groupby("grid_code")["households"].sum().to_dict() == dict(
        zip(geopackage["code"], geopackage["households"], strict=True)
    )


def test_a_paper_compares_with_todays_grids_until_a_plan_is_in_force(conn: Connection) -> None:
    first = opened(conn)
    paper = paper_of_draft(conn, first, PRINTED)
    assert paper.before is not None
    assert paper.before.title == "现有网格"
    assert (paper.place, paper.community_name) == ("合成区合成街道", "西社区")
    assert "未提交审核" in paper.state
    assert "供审议的方案" in paper.about.derived
    planner, reviewer, number = account(conn), account(conn, "reviewer"), first.record.id
    approval.submit(conn, number, seen=0, account=planner, reason="")
    day = first.city.data_date.replace(year=2020)
    approved = approval.approve(conn, number, seen=1, account=reviewer, reason="", effective=day, backdated=True)
    paper = paper_of_draft(conn, approved, PRINTED)
    assert paper.before is not None
    assert paper.before.title == "现有网格", "what was before it, not itself"
    assert paper.state == f"已批准，自 {day} 起生效"
    assert "经审核批准" in paper.about.derived
    second = paper_of_draft(conn, opened(conn), PRINTED)
    assert second.before is not None
    assert second.before.title == f"现行方案（{day} 起生效）"


def test_exceptions_are_told_with_the_reason_that_was_noted(conn: Connection) -> None:
    narrow = Rules(households_max=310, residents_max=1010)
    begun = desk.begin_draft(conn, "town", town.WEST_CODE, origin="new", title="严", rules=narrow, account=None)
    key = min(begun.draft.grids)
    noted = desk.act(conn, begun.record.id, "do", operation=Note(key, "老街坊不拆分"), seen=0, account=account(conn))
    paper = paper_of_draft(conn, noted, PRINTED)
    (label,) = paper.grids.loc[paper.grids["note"] == "老街坊不拆分", "label"]
    told = {each.grids[0]: each.reason for each in paper.irregular if len(each.grids) == 1}
    assert set(told) == set(paper.grids["label"][paper.grids["status"] != "normal"])
    assert told.pop(label) == "老街坊不拆分"
    assert set(told.values()) == {""}


def test_a_draft_that_is_not_finished_is_not_exported(conn: Connection) -> None:
    begun, planner = opened(conn), account(conn)
    units = tuple(begun.draft.units_of(min(begun.draft.grids))[:1])
    desk.act(conn, begun.record.id, "do", operation=Unassign(units), seen=0, account=planner)
    with pytest.raises(InputError, match="还有单元没有划入网格"):
        export_draft(conn, begun.record.id, "register", planner, PRINTED)


def test_long_papers_are_left_to_jobs_which_keep_the_file_for_their_owner(conn: Connection) -> None:
    number, planner = opened(conn).record.id, account(conn)
    for what, export in EXPORTS.items():
        if export.long:
            with pytest.raises(InputError, match="后台任务"):
                export_draft(conn, number, what, planner, PRINTED)
    job = jobs.load_job(conn, ask_export(conn, number, "walk_sheets", planner, PRINTED))
    assert job is not None
    result = do_export(conn, job, silent)
    stored = job_files.load_file(conn, job.id)
    assert stored is not None
    assert stored.content.startswith(b"%PDF")
    assert (result["file"], result["bytes"], result["revision"]) == (stored.name, len(stored.content), 0)
    assert stored.name == f"西社区-踏勘核对单-草案{number}第0版.pdf"


def test_the_table_of_old_and_new_needs_something_old(conn: Connection) -> None:
    planner = account(conn)
    compared = export_draft(conn, opened(conn).record.id, "changes", planner, PRINTED)
    assert openpyxl.load_workbook(BytesIO(compared.content)).sheetnames[0] == "新旧网格对照表"
    nothing = desk.begin_draft(
        conn, "town", town.EAST_CODE, origin="nothing", title="空白", rules=Rules(), account=None
    )
    with pytest.raises(InputError, match="还有单元"):
        export_draft(conn, nothing.record.id, "changes", planner, PRINTED)


def test_papers_are_for_those_with_a_role_in_the_community(conn: Connection) -> None:
    number = opened(conn).record.id
    for what in ("register", "walk_sheets"):
        with pytest.raises(NotAllowedError):
            export_draft(conn, number, what, account(conn, "auditor", what), PRINTED)
    with pytest.raises(InputError, match="没有“all”"):
        ask_export(conn, number, "all", account(conn), PRINTED)


def test_plans_of_programs_are_taken_away_as_drafts_of_them_are(conn: Connection, tmp_path: Path) -> None:
    """The draft of a plan, unchanged, has the codes of the plan, as nothing was approved meanwhile."""
    planner, number = account(conn), opened(conn).record.id
    place = PlanPlace("town", town.WEST_CODE, "new")
    made = export_plan(conn, place, "gpkg", planner, PRINTED)
    assert made.name == "西社区-网格方案-方案“new”.gpkg"
    of_draft = export_draft(conn, number, "gpkg", planner, PRINTED).content
    shapes = []
    for name, content in (("plan", made.content), ("draft", of_draft)):
        file = tmp_path / f"{name}.gpkg"
        file.write_bytes(content)
        shapes.append(layer(file, "grids").set_index("code").geometry)
    assert shapes[0].index.tolist() == shapes[1].index.tolist()
    assert shapes[0].geom_equals(shapes[1]).all()
    for what, export in EXPORTS.items():
        if export.long:
            job = jobs.load_job(conn, ask_plan_export(conn, place, what, planner, PRINTED))
            assert job is not None
            assert do_export(conn, job, silent)["plan"] == "new"
        else:
            assert export_plan(conn, place, what, planner, PRINTED).content


def test_a_plan_of_a_program_says_that_nobody_approved_it(conn: Connection) -> None:
    city = load_city(conn, "town")
    record = next(each for each in plans.load_plans(conn, city, "new") if each.community_code == town.WEST_CODE)
    paper = paper_of_plan(conn, city, record, PRINTED)
    assert paper.state == "程序划分的方案，未经审核；编码以批准时为准"
    assert paper.before is not None
    assert paper.before.title == "现有网格"
    assert "供审议的方案" in paper.about.derived


def test_a_plan_is_taken_away_by_those_with_a_role_there_and_only_where_it_is(conn: Connection) -> None:
    place = PlanPlace("town", town.WEST_CODE, "new")
    with pytest.raises(NotAllowedError):
        export_plan(conn, place, "register", account(conn, "planner", town.EAST_CODE), PRINTED)
    planner = account(conn)
    with pytest.raises(InputError, match="没有名为"):
        export_plan(conn, PlanPlace("town", "999901001009", "new"), "register", planner, PRINTED)
    with pytest.raises(InputError, match="后台任务"):
        export_plan(conn, place, "map_a3", planner, PRINTED)
