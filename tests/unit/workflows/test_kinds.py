from gis_service.errors import Text
from gis_service.reach.check import ReachRules
from gis_service.workflows.kinds import any_of, kind_name, nearest_of


def test_the_nearest_facility_is_named_after_the_kinds_that_counted():
    assert nearest_of(ReachRules().kinds) == Text(
        "最近的近邻红色驿站或党群服务中心", "Nearest red station or service centre"
    )
    assert nearest_of(["elder_canteen"]) == Text("最近的长者食堂", "Nearest elder canteen")


def test_a_kind_that_nobody_has_named_is_called_by_its_own_word():
    assert kind_name("bookshop") == Text("bookshop", "bookshop")
    assert any_of(["clinic", "bookshop"]).zh == "诊所或bookshop"
