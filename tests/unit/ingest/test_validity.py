from datetime import date

import pytest
import shapely

REGIONS = '[files.regions]\npath = "regions.csv"\n'
CODE = "350902500007"


def codes_csv(town, rows):
    """Write a hierarchy without polygons: rows of code, name, 启用日期, 停用日期."""
    town.csv("regions.csv", "\n".join(["代码,名称,启用日期,停用日期", "350902500000,漳湾镇,,", *rows]) + "\n")


def zh(frames):
    return " ".join(note.zh for note in frames.notes)


def test_a_code_used_again_means_one_region_in_force_and_one_that_was(town):
    codes_csv(town, [f"{CODE},湖滨社区,2020年5月1日,", f"{CODE},万安社区,2009/1/1,20200501"])
    frames = town.read(regions=REGIONS, buildings="")
    now = frames.regions[frames.regions["code"] == CODE]
    assert now["name"].tolist() == ["湖滨社区"]
    assert list(frames.regions.columns) == ["code", "name", "level", "parent_code", "geometry"]
    assert frames.region_since == {CODE: date(2020, 5, 1)}
    former = frames.former_regions
    assert former[["code", "name", "level", "valid_from", "valid_to"]].to_numpy().tolist() == [
        [CODE, "万安社区", "community", date(2009, 1, 1), date(2020, 5, 1)]
    ]
    assert former.columns[-1] == "geometry"


def test_without_the_columns_every_region_is_in_force(town):
    frames = town.read()
    assert len(frames.regions) == 5
    assert frames.region_since == {}
    assert len(frames.former_regions) == 0


def test_former_communities_hold_no_building_and_may_overlap_those_of_today(town):
    regions = town.regions()
    regions["停用日期"] = None
    regions["启用日期"] = None
    old = regions.iloc[[3]].assign(name="旧社区", 启用日期="2001-01-01", 停用日期="2023-06-30")
    old["geometry"] = town.stored({"id": ["o"]}, [town.square(0, 0, 800)]).geometry.to_numpy()
    both = type(regions)([*regions.to_dict("records"), *old.to_dict("records")], crs=regions.crs)
    both.to_file(town.folder / "regions.gpkg")
    frames = town.read()
    assert frames.regions["name"].tolist() == ["测试市", "测试区", "测试街道", "东山社区", "西山社区"]
    assert frames.buildings["community_code"].tolist() == [town.a, town.a, town.b, town.b]
    assert frames.former_regions["parent_code"].tolist() == ["990101001000"]
    assert shapely.area(frames.former_regions.geometry[0]) == pytest.approx(640_000)


@pytest.mark.parametrize("end", ["2023-06-30", "2023-06-29"])
def test_on_its_last_day_no_longer_a_region_is_former(town, end):
    codes_csv(town, [f"{CODE},万安社区,2009-01-01,{end}"])
    frames = town.read(regions=REGIONS, buildings="")
    assert frames.former_regions["valid_to"].tolist() == [date.fromisoformat(end)]
    assert CODE not in set(frames.regions["code"])


def test_an_end_after_the_data_date_is_noticed_and_the_region_is_in_force(town):
    codes_csv(town, [f"{CODE},万安社区,2009-01-01,2023-07-01", f"{CODE},湖滨社区,2023-07-01,"])
    frames = town.read(regions=REGIONS, buildings="")
    assert frames.regions.set_index("code").loc[CODE, "name"] == "万安社区"
    assert len(frames.former_regions) == 0
    assert "第 4 行（共 1 个单位）在数据日期 2023-06-30 尚未启用，未导入" in zh(frames)
    assert "第 3 行（共 1 个单位）的停用日期晚于数据日期" in zh(frames)


def test_a_former_regions_parent_that_the_file_does_not_know_is_left_out_and_noticed(town):
    town.csv(
        "regions.csv",
        "代码,名称,上级代码,启用日期,停用日期\n350902500000,漳湾镇,,,\n"
        f"{CODE},万安社区,350902999000,2009-01-01,2020-05-01\n350902500008,增坂社区,350902500000,2009-01-01,2020-05-01\n",
    )
    frames = town.read(regions=REGIONS, buildings="")
    assert frames.former_regions["parent_code"].tolist() == [None, "350902500000"]
    assert "上级代码不在文件里（共 1 个）" in zh(frames)


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (
            [f"{CODE},湖滨社区,2020-05-01,", f"{CODE},万安社区,2009-01-01,2020-05-02"],
            f"第 3、4 行的“代码”都是“{CODE}”，而启用、停用日期有重叠",
        ),
        ([f"{CODE},万安社区,2009-01-01,2020-05-01", f"{CODE},旧社区,2001-01-01,2009-01-02"], "第 3、4 行的“代码”都是"),
        ([f"{CODE},湖滨社区,2020-05-01,", f"{CODE},万安社区,,"], "（共有 1 个重复的值）"),
        ([f"{CODE},湖滨社区,2020-05-01,", f"{CODE},万安社区,2030-01-01,"], "启用、停用日期有重叠"),
        ([f"{CODE},万安社区,,2020-05-01"], "第 3 行的“启用日期”为空，但本行已停用"),
        ([f"{CODE},万安社区,2020-05-01,2020-05-01"], "第 3 行的“停用日期”（2020-05-01）不晚于启用日期（2020-05-01）"),
        ([f"{CODE},万安社区,2020-13-01,"], "第 3 行的“启用日期”不是日期（现为“2020-13-01”）"),
        ([f"{CODE},万安社区,43952,"], "第 3 行的“启用日期”不是日期"),
    ],
)
def test_dates_that_contradict_are_refused_by_row(town, rows, said):
    codes_csv(town, rows)
    assert said in town.refusal(regions=REGIONS, buildings="")


def test_a_file_without_any_region_in_force_is_refused(town):
    town.csv("regions.csv", f"代码,名称,启用日期,停用日期\n{CODE},万安社区,2009-01-01,2020-05-01\n")
    assert "使所有行在数据日期 2023-06-30 都不生效" in town.refusal(regions=REGIONS, buildings="")
