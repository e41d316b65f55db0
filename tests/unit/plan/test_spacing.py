"""Names in Chinese sentences."""

import pytest

from gis_service.plan.spacing import place_name, set_apart


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        (("新网格 5", "过小"), "新网格 5 过小"),
        (("第3网格", "过小"), "第3网格过小"),
        (("网格 999901001001003", "与", "新网格 5", "都合规"), "网格 999901001001003 与新网格 5 都合规"),
        (("小区", "Sunny Court", "（12 户）"), "小区 Sunny Court（12 户）"),
        (("把", "单元 u003.1", "划入", "网格“A座”"), "把单元 u003.1 划入网格“A座”"),
        (("名称“A”已被", "", "使用"), "名称“A”已被使用"),
        ((), ""),
    ],
)
def test_a_space_stands_where_two_scripts_meet_and_nowhere_else(parts: tuple[str, ...], said: str) -> None:
    assert set_apart(*parts) == said


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (("示范街道", "东社区"), "示范街道东社区"),
        (("OUTRAM", "PEARL'S HILL"), "OUTRAM PEARL'S HILL"),
        (("OUTRAM", "珍珠山"), "OUTRAM 珍珠山"),
        (("Bukit Timah", "", "Anak Bukit"), "Bukit Timah Anak Bukit"),
        (("Sainte-Foy-lès", "Île"), "Sainte-Foy-lès Île"),
        ((), ""),
    ],
)
def test_names_of_places_are_parted_where_letters_would_join(names: tuple[str, ...], said: str) -> None:
    assert place_name(*names) == said
