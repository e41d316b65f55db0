"""The real cases, whole and with their awkward raw files."""

import shutil

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from gis_service.errors import InputError
from gis_service.ingest.city import read_city
from gis_service.ingest.dataset import read_dataset
from gis_service.ingest.layers import read_shapefile

pytestmark = pytest.mark.cases


@pytest.fixture
def copied(cases_dir, tmp_path):
    """Return a function that copies a case and replaces one section of its ``dataset.toml``."""

    def copy(name, kind, section):
        folder = tmp_path / name
        shutil.copytree(cases_dir / name, folder, copy_function=shutil.copyfile)
        toml = folder / "dataset.toml"
        parts = toml.read_text(encoding="utf-8").split("[files.")
        kept = [part for part in parts if not part.startswith(f"{kind}]")]
        toml.write_text("[files.".join([*kept, f"{kind}]\n{section}\n"]), encoding="utf-8")
        return folder

    return copy


@pytest.mark.parametrize(
    ("name", "sizes", "households"),
    [
        ("ningde_codes", (2508, 0, 252, 0, 0), 0),
        ("shenzhen_futian_west", (13, 190, 18, 258, 53), 109_465),
        ("singapore_bukit_merah", (20, 567, 213, 0, 143), 54_151),
        ("singapore_hdb_west", (181, 4338, 0, 0, 0), 480_449),
        ("singapore_outram", (7, 52, 87, 0, 54), 7855),
        ("xiamen_city", (265, 2717, 284, 4285, 0), 1_378_080),
    ],
)
def test_a_case_holds_what_its_readme_counts(cases_dir, name, sizes, households):
    frames = read_city(cases_dir / name)
    kinds = ("regions", "buildings", "facilities", "estates", "barriers")
    assert {kind: len(getattr(frames, kind)) for kind in kinds} == dict(zip(kinds, sizes, strict=True))
    assert frames.buildings["households"].sum() == households
    assert frames.buildings["community_code"].notna().all()
    assert (frames.nodes is None) == (not (cases_dir / name / "streets.gpkg").exists())
    for frame in (frames.regions, frames.buildings, frames.facilities, frames.estates, frames.barriers):
        known = frame.geometry.dropna()
        assert known.is_valid.all()
        assert np.array_equal(shapely.get_coordinates(known), np.round(shapely.get_coordinates(known), 6))


def test_ningde_comes_in_as_a_hierarchy_with_its_invalid_county_repaired(cases_dir):
    notes = read_city(cases_dir / "ningde_codes").notes
    assert [note.severity for note in notes] == ["repaired", "notice"]
    assert "第 4 个要素" in notes[0].zh
    assert "只导入行政层级和设施" in notes[1].zh


def test_the_office_workbook_of_ningde_gives_the_same_hierarchy(copied, cases_dir):
    folder = copied("ningde_codes", "regions", 'path = "raw/quhua_daima_2023.xlsx"')
    (folder / "dataset.toml").write_text(
        (folder / "dataset.toml").read_text(encoding="utf-8").replace("（仅区划代码，无楼栋）", ""), encoding="utf-8"
    )
    frames = read_city(folder)
    reference = gpd.read_file(
        cases_dir / "ningde_codes" / "regions.gpkg", columns=["code", "name", "level", "parent_code"]
    )
    wanted = pd.DataFrame(reference.drop(columns="geometry")).sort_values("code").reset_index(drop=True)
    found = pd.DataFrame(frames.regions.drop(columns="geometry"))
    below = wanted["level"] != "city"
    assert found.loc[below].to_numpy().tolist() == wanted.loc[below].to_numpy().tolist()
    assert found.loc[~below, ["code", "level"]].to_numpy().tolist() == [["350900000000", "city"]]
    assert any("已按下级的代码补出" in note.zh for note in frames.notes)


BD09 = """path = "raw/xiaoqu_bd09_gb18030.csv"
datum = "bd09"
encoding = "gb18030"
columns = { id = "小区编号", households = "总户数", lon = "百度经度", lat = "百度纬度" }
"""


def test_the_baidu_list_of_shenzhen_is_refused_for_its_empty_households(copied):
    with pytest.raises(InputError) as caught:
        read_city(copied("shenzhen_futian_west", "buildings", BD09))
    text = caught.value.text.zh
    assert text.startswith("raw/xiaoqu_bd09_gb18030.csv：第 2、7、8、")
    assert "共 68 行的“总户数”为空" in text


@pytest.mark.parametrize("encoding", ['encoding = "gb18030"\n', 'encoding = "gbk"\n', ""])
def test_the_baidu_list_of_shenzhen_lands_within_a_metre(copied, cases_dir, encoding):
    folder = copied("shenzhen_futian_west", "buildings", BD09.replace('encoding = "gb18030"\n', encoding))
    path = folder / "raw" / "xiaoqu_bd09_gb18030.csv"
    table = pd.read_csv(path, encoding="gb18030", dtype=str)
    table.dropna(subset="总户数").to_csv(path, encoding="gb18030", index=False)
    found = read_city(folder).buildings.set_index("id")
    wanted = gpd.read_file(cases_dir / "shenzhen_futian_west" / "buildings.gpkg").to_crs(4547).set_index("id")
    assert list(found.index) == sorted(wanted.index)
    wanted = wanted.loc[found.index]
    assert found.geometry.distance(wanted.geometry).max() < 1.0
    assert (found["households"] == wanted["households"]).all()


def test_the_baidu_list_without_its_datum_is_refused(copied):
    section = BD09.replace('datum = "bd09"\n', "")
    with pytest.raises(InputError, match="没有坐标系"):
        read_city(copied("shenzhen_futian_west", "buildings", section))


GCJ02 = """path = "raw/shangwuzhuzhai_bianjie_gcj02_gbk.zip"
datum = "gcj02"
"""


@pytest.mark.parametrize("encoding", ["", 'encoding = "gb18030"\n'])
def test_the_zipped_shapefile_of_xiamen_is_refused_for_its_repeated_ids(copied, encoding):
    with pytest.raises(InputError) as caught:
        read_city(copied("xiamen_city", "estates", GCJ02 + encoding))
    assert "raw/shangwuzhuzhai_bianjie_gcj02_gbk.zip：第 " in caught.value.text.zh
    assert "8 个重复的值" in caught.value.text.zh


def test_the_zipped_shapefile_of_xiamen_is_read_without_mojibake_and_in_place(copied, cases_dir, tmp_path):
    folder = copied("xiamen_city", "estates", GCJ02)
    table = read_shapefile(read_dataset(folder).files["estates"])
    assert len(table.rows) == 107
    assert "中天海星港城" in set(table.columns["name"])
    unique = ~table.columns["id"].duplicated()
    layer = gpd.GeoDataFrame(table.columns[unique], geometry=table.geometry[unique.to_numpy()], crs=table.crs)
    layer.to_file(folder / "aoi.gpkg")
    toml = folder / "dataset.toml"
    toml.write_text(
        toml.read_text(encoding="utf-8").replace("raw/shangwuzhuzhai_bianjie_gcj02_gbk.zip", "aoi.gpkg"),
        encoding="utf-8",
    )
    frames = read_city(folder)
    assert any("以声明为准" in note.zh for note in frames.notes)
    reference = gpd.read_file(cases_dir / "xiamen_city" / "estates.gpkg").dropna(subset=["gaode_aoi"])
    reference = reference[reference.geometry.notna()].to_crs(4548).set_index("gaode_aoi")
    found = frames.estates.set_index("id")
    both = found.index.intersection(reference.index)
    assert len(both) >= 40
    apart = found.loc[both].geometry.centroid.distance(reference.loc[both].geometry.centroid)
    assert apart.max() < 1.0
