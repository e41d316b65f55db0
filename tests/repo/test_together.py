"""Tests that share something costly stay with one worker; the others are handed out one by one."""

from xdist.scheduler import LoadScopeScheduling

from tests.together import Together, group_of


def test_a_module_that_makes_something_for_all_its_tests_stays_whole() -> None:
    path = "tests/workflows/test_programs.py"
    assert group_of(f"{path}::test_one") == group_of(f"{path}::test_two[a::b-[c]]") == path


def test_tests_that_share_nothing_go_one_by_one() -> None:
    one = "tests/repo/test_together.py::test_one[a::b]"
    assert group_of(one) == one


def test_the_tests_of_a_real_city_stay_together_whatever_their_module() -> None:
    journey = "tests/e2e/test_desk_cases.py::test_a_journey[singapore_outram-mouse]"
    assert group_of(journey) == group_of("tests/workflows/test_cases.py::test_it[singapore_outram]")
    assert group_of(journey) != group_of("tests/workflows/test_cases.py::test_it[xiamen_city]")


def test_the_scheduler_asks_for_the_group() -> None:
    nodeid = "tests/db/test_plans.py::test_one"
    assert Together._split_scope(None, nodeid) == group_of(nodeid) == "tests/db"  # type: ignore[arg-type]
    assert Together._split_scope is not LoadScopeScheduling._split_scope
