import pytest

from gis_service.errors import InputError, Text
from gis_service.reach.check import ReachRules
from gis_service.workflows.kinds import any_of, kind_name, kinds_meant, listed_kinds, nearest_of, require_kinds


def test_the_nearest_facility_is_named_after_the_kinds_that_counted():
    assert nearest_of(ReachRules().kinds) == Text(
        "最近的近邻红色驿站或党群服务中心", "Nearest red station or service centre"
    )
    assert nearest_of(["elder_canteen"]) == Text("最近的长者食堂", "Nearest elder canteen")


def test_a_kind_that_nobody_has_named_is_called_by_its_own_word():
    assert kind_name("bookshop") == Text("bookshop", "bookshop")
    assert any_of(["clinic", "bookshop"]).zh == "诊所或bookshop"


def test_kinds_are_understood_by_word_and_by_name_in_either_language_each_once():
    assert kinds_meant(["red_station", "近邻红色驿站", " Red Station "]) == ("red_station",)
    assert kinds_meant(["长者食堂", "bookshop"]) == ("elder_canteen", "bookshop")
    assert kinds_meant([]) == ()


def test_unknown_kinds_are_named_with_those_there_are():
    require_kinds(["clinic", "bookshop"], ["bookshop"])
    with pytest.raises(InputError) as refused:
        require_kinds(["clinic", "castle", "barn"], ["bookshop"])
    assert refused.value.text.zh.startswith("不认识设施类别 barn、castle；可用 --kind 选择：")
    assert "诊所（clinic）" in refused.value.text.zh
    assert "bookshop" in refused.value.text.en
    assert listed_kinds(["bookshop", "aed"]) == ("自动体外除颤器（AED）（aed）、bookshop", "aed, bookshop")
