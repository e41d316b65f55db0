"""Drafts that begin with uploaded grids: our own exports come back as they went, others are fitted to the units."""

import json
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from sqlalchemy import Connection

from gis_service.config import Settings
from gis_service.db import accounts as stored_accounts
from gis_service.db.accounts import Account, Grant
from gis_service.db.engine import begin, engine
from gis_service.errors import InputError
from gis_service.geo.crs import STORED_CRS
from gis_service.geo.datum import Datum, from_wgs84
from gis_service.plan.draft import UNASSIGNED
from gis_service.plan.operations import Assign, Lock, MakeSpecial
from gis_service.plan.rules import Rules
from gis_service.workflows import desk
from gis_service.workflows.desk import OpenDraft
from gis_service.workflows.draft_exports import export_draft
from gis_service.workflows.draft_uploads import MOST_BYTES, Upload, begin_from_upload
from gis_service.workflows.draft_views import draft_view, journal_view
from gis_service.workflows.import_city import import_city
from gis_service.workflows.partition_city import partition_city
from tests.workflows import town

PRINTED = Settings()


@pytest.fixture(scope="module")
def settings(make_database: Callable[[str], Settings], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    made = make_database("draft_uploads")
    with begin(made) as conn:
        import_city(conn, town.write_town(Path(tmp_path_factory.mktemp("draft_uploads")) / "town"))
        partition_city(conn, "town", rules=Rules())
    yield made
    engine(made).dispose()


@pytest.fixture
def planner(conn: Connection) -> Account:
    grants = [Grant("planner", "town")]
    return stored_accounts.save_account(conn, "p", title="岗", password_hash=None, grants=grants)


def uploaded(conn: Connection, upload: Upload) -> OpenDraft:
    return begin_from_upload(conn, "town", town.WEST_CODE, upload=upload, title="上传", rules=Rules(), account=None)


def grids_by_unit(opened: OpenDraft) -> dict[str, tuple[str | None, str]]:
    draft = opened.draft
    grids = (draft.grids[label] for label in draft.labels.tolist())
    told = ((grid.name or grid.was, grid.kind) for grid in grids)
    return dict(zip(draft.land.code.tolist(), told, strict=True))


def geojson(*features: tuple[shapely.Geometry, dict[str, Any]], datum: Datum = Datum.WGS84) -> bytes:
    frame = gpd.GeoDataFrame(geometry=[shape for shape, _ in features], crs=town.CRS).to_crs(STORED_CRS)

    def shifted(xy: Any) -> Any:
        return np.column_stack(from_wgs84(xy[:, 0], xy[:, 1], datum))

    shapes = shapely.transform(frame.geometry.to_numpy(), shifted)
    rows = [
        {"type": "Feature", "properties": properties, "geometry": shapely.geometry.mapping(shape)}
        for shape, (_, properties) in zip(shapes, features, strict=True)
    ]
    return json.dumps({"type": "FeatureCollection", "features": rows}, ensure_ascii=False).encode()


HALVES = (
    (town.box(0, 0, 300, 600), {"code": "a1", "name": "西半"}),
    (town.box(300, 0, 600, 600), {"code": "a2", "name": "东半"}),
)


@pytest.mark.parametrize(("what", "suffix"), [("gpkg", ".gpkg"), ("geojson", ".geojson"), ("shapefile", ".zip")])
def test_what_we_exported_comes_back_as_it_went(conn: Connection, planner: Account, what: str, suffix: str) -> None:
    begun = desk.begin_draft(conn, "town", town.WEST_CODE, origin="proposal", title="原", rules=Rules(), account=None)
    first, second = sorted(begun.draft.grids)[:2]
    lived_in = [code for code in begun.draft.units_of(first) if begun.draft.land.unit(code).households]
    number = begun.record.id
    desk.act(conn, number, "do", operation=Assign(((second, tuple(lived_in[:1])),)), seen=0, account=planner)
    desk.act(conn, number, "do", operation=MakeSpecial(second, "农贸市场"), seen=1, account=planner)
    exported = export_draft(conn, number, what, planner, PRINTED)
    back = uploaded(conn, Upload(f"方案{suffix}", exported.content))
    assert grids_by_unit(back) == grids_by_unit(desk.open_draft(conn, number))
    (entry,) = desk.since(conn, back.record.id, -1)
    assert entry.record["fit"] == {
        "grids": len(begun.draft.grids), "grids_empty": 0, "buildings_elsewhere": 0, "households_elsewhere": 0,
        "buildings_twice": 0, "households_twice": 0, "percent_outside": 0, "units_free": 0,
    }  # fmt: skip
    assert back.record.base["origin"] == f"upload:方案{suffix}"


@pytest.mark.parametrize("datum", [Datum.WGS84, Datum.CGCS2000, Datum.GCJ02, Datum.BD09])
def test_a_declared_datum_is_believed(conn: Connection, datum: Datum) -> None:
    back = uploaded(conn, Upload("plan.geojson", geojson(*HALVES, datum=datum), datum.value))
    draft = back.draft
    assert [grid.name for grid in draft.grids.values()] == ["西半", "东半"]
    assert [grid.code for grid in draft.grids.values()] == [None, None], "nobody gave such codes here"
    middle = shapely.get_x(shapely.centroid(draft.land.polygon)) - town.EAST
    clear = np.abs(middle - 300) > 60
    assert (draft.labels[clear] == (middle[clear] > 300)).all()


def test_grids_that_do_not_fit_the_units_are_fitted_and_that_is_told(conn: Connection) -> None:
    """The 25 buildings stand 120 m apart; a line through the third column of them cuts units."""
    shapes = ((town.box(0, 0, 292, 600), {"name": "西片"}), (town.box(292, 0, 460, 600), {"name": "中片"}))
    back = uploaded(conn, Upload("C:\\网格\\plan.geojson", geojson(*shapes)))
    (entry,) = desk.since(conn, back.record.id, -1)
    fit = entry.record["fit"]
    assert fit["grids"] == 2
    assert fit["units_free"] == (back.draft.labels == UNASSIGNED).sum() > 0
    assert fit["households_elsewhere"] == 40 * fit["buildings_elsewhere"]
    assert back.record.base["origin"] == "upload:plan.geojson"
    (told,) = journal_view(conn, back, [entry], "zh")
    assert "“plan.geojson”的 2 个网格" in told["reason"]
    assert journal_view(conn, back, [entry], "en")[0]["reason"].startswith("begun with the 2 grids of plan.geojson")


def test_grids_that_overlap_are_told_and_no_building_in_one_of_them_counts_as_elsewhere(conn: Connection) -> None:
    """The second grid holds the first half again, so that the first gets all it draws and the second what is left."""
    whole = (town.box(0, 0, 600, 600), {"name": "全部"})
    back = uploaded(conn, Upload("plan.geojson", geojson(HALVES[0], whole)))
    (entry,) = desk.since(conn, back.record.id, -1)
    fit = entry.record["fit"]
    assert fit["buildings_elsewhere"] < fit["buildings_twice"]
    assert fit["households_twice"] == 40 * fit["buildings_twice"] > 0
    (told,) = journal_view(conn, back, [entry], "zh")
    assert (
        f"文件中的网格互相重叠，{fit['buildings_twice']} 栋 {fit['households_twice']} 户同时在几个网格里"
        in told["reason"]
    )
    assert "lie in several grids" in journal_view(conn, back, [entry], "en")[0]["reason"]


def test_a_grid_drawn_twice_gets_no_land_the_second_time_and_that_is_told(conn: Connection) -> None:
    again = (HALVES[0][0], {"name": "又一个西半"})
    back = uploaded(conn, Upload("plan.geojson", geojson(*HALVES, again)))
    (entry,) = desk.since(conn, back.record.id, -1)
    assert entry.record["fit"]["grids_empty"] == 1
    (told,) = journal_view(conn, back, [entry], "zh")
    assert told["reason"].endswith("；1 个网格没有分到范围")
    assert journal_view(conn, back, [entry], "en")[0]["reason"].endswith("; 1 of the grids got no land")


def test_a_file_of_the_whole_city_gives_what_lies_in_the_community(conn: Connection) -> None:
    beyond = (town.box(600, 0, 1200, 600), {"code": "b1", "name": "西半"})
    back = uploaded(conn, Upload("plan.geojson", geojson(*HALVES, beyond)))
    assert [grid.name for grid in back.draft.grids.values()] == ["西半", "东半"]


@pytest.mark.parametrize(
    ("upload", "said"),
    [
        (Upload("", b""), "没有选择文件"),
        (Upload("plan.geojson", b""), "没有选择文件"),
        (Upload("plan.geojson", b"{}"), "plan.geojson"),
        (Upload("plan.gpkg", b"no package"), "plan.gpkg：文件无法读取"),
        (Upload("plan.zip", b"no archive"), "plan.zip：压缩包已损坏"),
        (Upload("plan.dwg", b"x"), "不支持这种类型"),
        (Upload("plan.geojson", b" " * (MOST_BYTES + 1)), "超过 10 MB"),
        (Upload("plan.geojson", geojson(*HALVES), "wgs72"), "坐标系应为"),
        (Upload("plan.geojson", geojson((town.box(700, 0, 900, 600), {}))), "有 0 个网格落在本社区内"),
        (Upload("plan.geojson", geojson((town.box(90_000, 0, 90_600, 600), {}))), "第 1 个要素"),
        (Upload("plan.geojson", geojson(*HALVES, HALVES[0])), "都是“a1”"),
        (Upload("plan.geojson", geojson(HALVES[0], (HALVES[1][0], {"name": "西半"}))), "重复"),
        (Upload("plan.geojson", geojson((HALVES[0][0], {"name": "长" * 41}))), "40 字"),
        (Upload("plan.geojson", geojson((HALVES[0][0], {"kind": "special"}))), "专属网格必须有名称"),
        (Upload("plan.geojson", geojson((HALVES[0][0], {"kind": "raster"}))), "“raster”不认识"),
        (Upload("plan.geojson", geojson((shapely.LineString([(0, 0), (1, 1)]), {}))), "第 1 个要素"),
    ],
)
def test_what_cannot_be_read_is_refused_by_file_and_row(conn: Connection, upload: Upload, said: str) -> None:
    with pytest.raises(InputError, match=said):
        uploaded(conn, upload)


def test_a_shapefile_without_prj_is_refused_with_a_cure_at_hand_and_read_once_its_datum_is_declared(
    conn: Connection, tmp_path: Path
) -> None:
    shapes, columns = [shape for shape, _ in HALVES], {"name": ["西半", "东半"]}
    gpd.GeoDataFrame(columns, geometry=shapes, crs=town.CRS).to_file(tmp_path / "plan.shp")
    with zipfile.ZipFile(tmp_path / "plan.zip", "w") as archive:
        for suffix in (".shp", ".shx", ".dbf"):
            archive.write(tmp_path / f"plan{suffix}", f"plan{suffix}")
    content = (tmp_path / "plan.zip").read_bytes()
    with pytest.raises(InputError) as caught:
        uploaded(conn, Upload("plan.zip", content))
    assert caught.value.text.zh == (
        "plan.zip：文件没有带坐标系，请在上传时选对坐标系，或连同坐标系（shapefile 的 .prj）重新导出"
    )
    back = uploaded(conn, Upload("plan.zip", content, "cgcs2000"))
    assert [grid.name for grid in back.draft.grids.values()] == ["西半", "东半"]


def test_a_workbook_under_the_name_of_a_layer_is_called_one(conn: Connection, tmp_path: Path) -> None:
    pd.DataFrame({"name": ["西半"]}).to_excel(tmp_path / "plan.xlsx")
    for name in ("plan.geojson", "plan.gpkg"):
        with pytest.raises(InputError, match=f"{name}：是 Excel 工作簿或压缩包，不是图层"):
            uploaded(conn, Upload(name, (tmp_path / "plan.xlsx").read_bytes()))


def test_a_file_that_names_another_file_begins_nothing(conn: Connection, tmp_path: Path) -> None:
    (tmp_path / "other.geojson").write_bytes(geojson(*HALVES))
    text = (
        "<OGRVRTDataSource><OGRVRTLayer name='grids'><SrcLayer>other</SrcLayer>"
        f"<SrcDataSource>{tmp_path / 'other.geojson'}</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>"
    )
    for name in ("plan.geojson", "plan.gpkg"):
        with pytest.raises(InputError, match="文件无法读取"):
            uploaded(conn, Upload(name, text.encode()))


def test_a_draft_of_uploaded_grids_needs_a_name(conn: Connection) -> None:
    with pytest.raises(InputError, match="草案名称"):
        begin_from_upload(
            conn, "town", town.WEST_CODE, upload=Upload("p.geojson", geojson(*HALVES)), title=" ", rules=Rules(),
            account=None,
        )  # fmt: skip


def test_uploaded_grids_that_do_not_fit_are_told_at_the_desk_until_something_is_done(
    conn: Connection, planner: Account
) -> None:
    """Grids half beside the community are drawn in other coordinates, most likely."""
    back = uploaded(conn, Upload("plan.geojson", geojson((town.box(300, 0, 900, 600), {"name": "东片"}))))

    def remarks(opened: OpenDraft) -> list[str]:
        told = draft_view(conn, opened, None, "zh")["findings"]
        return [each["text"] for each in told if each["kind"] == "grids_uploaded"]

    (told,) = remarks(back)
    assert "“plan.geojson”的 1 个网格" in told
    assert told.endswith("；它们有 50% 的面积在社区以外，请检查坐标系是否选对（如 GCJ-02、BD-09）")
    assert remarks(desk.act(conn, back.record.id, "do", operation=Lock(0), seen=0, account=planner)) == []
