"""The rules of many plans, told once each."""

from datetime import UTC, date, datetime

from gis_service.db.plans import PlanRecord
from gis_service.plan.rules import Rules
from gis_service.workflows.provenance import rules_differ, rules_followed


def record(community, rules):
    made = datetime(2026, 7, 1, tzinfo=UTC)
    return PlanRecord(1, community, "p", rules.as_dict(), {}, {}, 1, date(2026, 6, 30), "0", made)


def test_rules_are_told_in_full_with_how_many_communities_follow_them():
    few, many = Rules(target_households=350), Rules(basis="households")
    told = rules_followed([record("a", many), record("b", few), record("c", many)])
    assert sorted(count for _, count in told) == [1, 2]
    by_count = {count: text for text, count in told}
    assert "判定依据：户数，目标 400 户" in by_count[2].zh
    assert "target 350 households" in by_count[1].en
    assert told == rules_followed([record("c", many), record("a", many), record("b", few)])


def test_different_rules_are_told_as_such_before_they_are_listed():
    few, many = Rules(target_households=350), Rules(basis="households")
    assert rules_differ(rules_followed([record("a", many), record("c", many)])) is None
    told = rules_differ(rules_followed([record("a", many), record("b", few)]))
    assert told is not None
    assert "所依规则不同（共 2 种）" in told.zh
    assert "2 different sets of rules" in told.en


def test_without_plans_there_are_no_rules():
    assert rules_followed([]) == ()
