"""The report says what it must, and its map can be read without colour."""

from dataclasses import replace
from io import BytesIO

import geopandas as gpd
import matplotlib.image
import numpy as np
import pandas as pd
import pytest
import shapely

from gis_service.errors import InputError
from gis_service.exports.fonts import face_for
from gis_service.exports.palette import STATUS_STYLES
from gis_service.exports.pdf import report_html, write_report
from gis_service.exports.plan_map import plan_map, scale_length_m
from gis_service.exports.plan_sheets import PlanAccount
from gis_service.partition.quality import Quality
from gis_service.plan.priorities import soft_order
from gis_service.plan.rules import Rules

RULES = {"999901001001": Rules(), "999901001002": Rules(soft_order=soft_order("balance"))}
NAMES = {"999901001001": "河东社区", "999901001002": "<b>河西</b>社区"}


@pytest.fixture
def grids(plan):
    return plan.grids.assign(community_name=plan.grids["community_code"].map(NAMES))


@pytest.fixture
def html(grids, plan, about):
    return report_html(grids, plan.buildings, rules=RULES, about=about)


def picture(grids, plan, about):
    png = plan_map(grids, plan.buildings, about=about, face=face_for(["网格"]))
    return matplotlib.image.imread(BytesIO(png))[..., :3]


def share_of(image, colour):
    """Return the share of the pixels that have a colour; edges of letters have many by chance."""
    wanted = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    return (np.abs(image - wanted).max(axis=2) < 0.01).mean()


def test_the_report_is_a_pdf(tmp_path, grids, plan, about):
    write_report(tmp_path / "report.pdf", grids, plan.buildings, rules=RULES, about=about)
    content = (tmp_path / "report.pdf").read_bytes()
    assert content.startswith(b"%PDF-")
    assert content.rstrip().endswith(b"%%EOF")
    assert [entry.name for entry in tmp_path.iterdir()] == ["report.pdf"]


def test_every_grid_and_every_sum_is_told(html, grids):
    assert all(f"<td>{code}</td>" in html for code in grids["code"])
    assert "虎𬇙第一网格" in html
    assert '<td>河东社区</td><td class="n">3</td>' in html
    assert "<b>1,690</b><span>户</span>" in html
    assert "<b>未知</b><span>人</span>" in html
    assert "<b>25%</b><span>基础网格规模正常</span>" in html


def test_parameters_and_date_are_told(html):
    assert "15 分钟 × 1 米/秒 = 900 米（含）" in html
    assert "数据日期 2023-06-30" in html


def test_texts_of_the_data_are_never_markup(html):
    assert "<b>河西" not in html
    assert "&lt;b&gt;河西&lt;/b&gt;社区" in html
    assert "随机生成 &lt;不是真实城市&gt;" in html


def test_synthetic_data_are_marked_on_every_page_and_real_data_are_not(html, grids, plan, about):
    assert '@top-right { content: "合成数据"' in html
    real = report_html(grids, plan.buildings, rules=RULES, about=replace(about, synthetic=False))
    assert "合成" not in real.split("base64")[0]


def test_a_plan_without_grids_is_refused(tmp_path, grids, plan, about):
    with pytest.raises(InputError, match="没有网格"):
        write_report(tmp_path / "report.pdf", grids.iloc[:0], plan.buildings, rules=RULES, about=about)
    assert list(tmp_path.iterdir()) == []


def test_another_suffix_is_refused(tmp_path, grids, plan, about):
    with pytest.raises(InputError, match=r"\.pdf"):
        write_report(tmp_path / "report.html", grids, plan.buildings, rules=RULES, about=about)


def test_equal_reports_are_equal_bytes_whatever_the_order_of_rows(tmp_path, grids, plan, about):
    write_report(tmp_path / "one.pdf", grids, plan.buildings, rules=RULES, about=about)
    write_report(tmp_path / "two.pdf", grids.iloc[::-1], plan.buildings.iloc[::-1], rules=RULES, about=about)
    assert (tmp_path / "one.pdf").read_bytes() == (tmp_path / "two.pdf").read_bytes()


def test_grids_without_households_are_told_apart_and_no_part_of_the_share(grids, plan, about):
    grids.loc[1, ["status", "households"]] = ["empty", 0]
    html = report_html(grids, plan.buildings, rules=RULES, about=about)
    assert "<span>网格（专属 1、无住户 1）</span>" in html
    assert "<b>33%</b><span>基础网格规模正常</span>" in html
    assert '<span class="status empty">无住户</span>' in html


@pytest.mark.parametrize("status", list(STATUS_STYLES))
def test_the_map_has_the_colours_of_the_statuses_it_shows(grids, plan, about, status):
    real = replace(about, synthetic=False)
    style = STATUS_STYLES[status]
    grids.loc[0, "status"] = status
    shown, others = grids.iloc[:1], grids.iloc[1:][grids["status"].iloc[1:] != status]
    assert share_of(picture(shown, plan, real), style.fill) > 0.05
    assert share_of(picture(others, plan, real), style.fill) < 0.005


def test_synthetic_maps_are_marked_across(grids, plan, about):
    marked, plain = (picture(grids, plan, replace(about, synthetic=synthetic)) for synthetic in (True, False))
    middle = slice(int(marked.shape[0] * 0.3), int(marked.shape[0] * 0.5))
    assert (marked[middle] != plain[middle]).any()


def test_an_approval_number_is_written_on_the_map(grids, plan, about):
    with_number = picture(grids, plan, replace(about, map_approval="示S(2024)001号"))
    assert (with_number != picture(grids, plan, about)).any()


def test_the_scale_bar_stands_below_the_legend_however_many_statuses_that_names(grids, plan, about):
    real = replace(about, synthetic=False)
    every = gpd.GeoDataFrame(pd.concat([grids.assign(code=grids["code"] + f"-{n}") for n in range(60)]), crs=grids.crs)
    statuses = np.resize(list(STATUS_STYLES), len(every))
    few, many = (picture(every.assign(status=status), plan, real) for status in ("normal", statuses))
    below = int(0.45 * 17 / 25.4 * 220)  # of the foot of 17 mm at 220 dots per inch
    assert (few[-below:] == many[-below:]).all()
    dark = (few[-below:, few.shape[1] // 2 :] < 0.3).all(axis=2)
    longest = max(len(run) for row in dark for run in "".join(np.where(row, "#", " ")).split())
    assert longest > few.shape[1] / 12  # no stroke of a letter is as long


def test_holes_and_parts_are_drawn(grids, plan, about):
    x0, y0, x1, y1 = grids.geometry.iloc[0].bounds
    ring = shapely.box(x0, y0, x1, y1).difference(shapely.box(x0 + 30, y0 + 30, x1 - 30, y1 - 30))
    real, fill = replace(about, synthetic=False), STATUS_STYLES["normal"].fill
    share = share_of(picture(grids.iloc[:1].set_geometry([ring], crs=grids.crs), plan, real), fill)
    whole = share_of(picture(grids.iloc[:1], plan, real), fill)
    assert 0.75 * whole < share < 0.95 * whole


@pytest.mark.parametrize(("width_m", "length_m"), [(4000, 1000), (3999, 500), (800, 200), (90000, 20000), (7, 1)])
def test_the_scale_bar_is_round_and_within_a_quarter_of_the_map(width_m, length_m):
    assert scale_length_m(width_m) == length_m


def test_a_character_no_font_has_is_replaced_and_the_report_says_so(tmp_path, grids, plan, about):
    unprintable = "\ue8a7"  # of the private use area: offices' own characters
    grids.loc[0, "name"] = f"虎{unprintable}网格"
    html = report_html(grids, plan.buildings, rules=RULES, about=replace(about, title=f"{unprintable}市"))
    assert unprintable not in html
    assert "<td>虎〓网格</td>" in html
    assert "〓市 网格划分报告" in html
    assert "文中以“〓”代替：U+E8A7" in html
    write_report(tmp_path / "report.pdf", grids, plan.buildings, rules=RULES, about=about)
    assert (tmp_path / "report.pdf").read_bytes().startswith(b"%PDF-")


def test_a_report_with_every_character_says_nothing_of_substitutes(html):
    assert "字符替代" not in html


def test_buildings_outside_every_community_are_told_with_their_households(grids, plan, about):
    html = report_html(
        grids, plan.buildings, rules=RULES, about=replace(about, buildings_outside=2, households_outside=31)
    )
    told = "另有 2 栋楼、31 户不在任何社区内，不计入各网格、各社区和全市的合计"
    assert html.index("<b>1,690</b>") < html.index(f'<p class="outside">{told}。</p>') < html.index("各社区网格")
    assert f"<td>{told}</td>" in html
    assert "不在任何社区内" not in report_html(grids, plan.buildings, rules=RULES, about=about)


def test_hard_rules_then_each_order_of_the_soft_ones_are_told(html, grids, plan, about):
    assert "<th>硬性规则（必须）</th><td>网格不跨社区；网格连成一片；" in html
    assert "<th>软性规则（依次，1 个社区）</th><td>1 规模符合；2 不跨河流、铁路、快速路；3 户数均衡；4 边界" in html
    alike = report_html(grids, plan.buildings, rules={"999901001001": Rules()}, about=about)
    assert "<th>软性规则（依次）</th>" in alike


def test_what_the_plans_are_worth_stands_under_their_rules_where_it_is_known(html, grids, plan, about):
    quality = Quality(4, 3, 1000.0, 800.0, 2.4, 1600, 650_000)
    account = PlanAccount(quality=quality, households_moved=1234)
    told = report_html(grids, plan.buildings, rules=RULES, about=about, account=account)
    line = "规模符合 3/4（75.0%）；网格间边界沿道路、围墙、水系、铁路 80.0%；平均紧凑度 0.60；户数离散系数 12.5%"
    assert f"<th>方案质量</th><td>{line}；相对起点调整 1,234 户</td>" in told
    assert "方案质量</th>" not in html
    nobody = report_html(grids, plan.buildings, rules=RULES, about=about, account=PlanAccount(quality=Quality()))
    assert "规模符合 0/0（—）；网格间边界沿道路、围墙、水系、铁路 —；平均紧凑度 —；户数离散系数 —</td>" in nobody
