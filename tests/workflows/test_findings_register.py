"""The register of findings and checks in the field over the small town."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import Connection

from gis_service.db import findings_register as store
from gis_service.db.accounts import Account, Grant
from gis_service.errors import InputError, NotAllowedError
from gis_service.plan.rules import Rules
from gis_service.reach.rules import ReachRules
from gis_service.workflows.audit_city import audit_city
from gis_service.workflows.audit_reading import OpenAudit, open_audit
from gis_service.workflows.check_city_reach import check_city_reach
from gis_service.workflows.field_sample import draw_sample, last_results, report_result, samples_of
from gis_service.workflows.findings_register import Case, cases, counted_states, decide, may_decide
from gis_service.workflows.import_city import Imported
from gis_service.workflows.moments import office_today
from gis_service.workflows.partition_city import partition_city
from tests.workflows.town import EAST_CODE, WEST_CODE


def account(*grants: Grant) -> Account:
    return Account(7, "zhang", "审计局", None, None, active=True, session_number=0, grants=grants)


AUDITOR = account(Grant("auditor", "town"))
OF_WEST = account(Grant("auditor", "town", WEST_CODE))
PLANNER = account(Grant("planner", "town"))


@pytest.fixture
def audit(connection: Connection, town: Imported) -> OpenAudit:
    partition_city(connection, "town", rules=Rules())
    check_city_reach(connection, "town", rules=ReachRules(minutes=5))
    taken = audit_city(connection, "town")
    found = open_audit(connection, "town", taken.snapshot_id)
    assert found is not None
    return found


def gap_of(connection: Connection, audit: OpenAudit, place: str = EAST_CODE) -> str:
    return next(case.key for case in cases(connection, audit) if case.kind == "coverage_gap" and case.place == place)


def case_of(connection: Connection, audit: OpenAudit, key: str) -> Case:
    return next(case for case in cases(connection, audit) if case.key == key)


def note(connection: Connection, audit: OpenAudit, key: str, who: Account | None = AUDITOR, **values: str) -> None:
    given = {"state": "open", "unit": "", "deadline": "", "note": ""} | values
    decide(connection, audit, key, account=who, **given)


def test_findings_are_open_until_something_is_decided_and_the_history_stays(
    connection: Connection, audit: OpenAudit
) -> None:
    key = gap_of(connection, audit)
    day = office_today() + timedelta(days=30)
    note(connection, audit, key, unit="东社区居委会", deadline=day.isoformat())
    note(connection, audit, key, state="resolved", unit="东社区居委会", note="已开设驿站")
    case = case_of(connection, audit, key)
    assert (case.state, case.unit, case.deadline) == ("resolved", "东社区居委会", None)
    assert [(entry.state, entry.deadline) for entry in case.entries] == [
        ("resolved", None),
        ("open", day),
    ]
    assert {entry.who for entry in case.entries} == {"zhang 审计局"}
    assert case.entries[0].snapshot == audit.head.id
    counts = counted_states(cases(connection, audit))
    assert (counts["resolved"], counts["explained"]) == (1, 0)
    assert cases(connection, audit)[-1].key == key  # what is done comes last


def test_only_auditors_of_the_region_decide(connection: Connection, audit: OpenAudit) -> None:
    key = gap_of(connection, audit)
    for who in (None, PLANNER, OF_WEST):
        with pytest.raises(NotAllowedError):
            note(connection, audit, key, who)
    assert may_decide(OF_WEST, audit, WEST_CODE)
    assert not may_decide(OF_WEST, audit, "")


@pytest.mark.parametrize(
    "values",
    [
        {"state": "gone"},
        {"state": "resolved"},
        {"deadline": "soon"},
        {"unit": "x" * 61},
        {"state": "explained", "note": "y" * 501},
    ],
)
def test_what_is_not_as_it_should_be_is_refused(
    connection: Connection, audit: OpenAudit, values: dict[str, str]
) -> None:
    with pytest.raises(InputError):
        note(connection, audit, gap_of(connection, audit), **values)


def test_a_day_that_has_passed_is_no_deadline_unless_it_was_one_before(
    connection: Connection, audit: OpenAudit
) -> None:
    key, today = gap_of(connection, audit), office_today()
    yesterday = today - timedelta(days=1)
    with pytest.raises(InputError, match=f"整改时限 {yesterday} 已过，请填今天（{today}）或以后的日期"):
        note(connection, audit, key, deadline=yesterday.isoformat())
    note(connection, audit, key, deadline=today.isoformat())
    assert not case_of(connection, audit, key).overdue  # the day itself is in time
    passed(connection, audit, key, yesterday)
    assert case_of(connection, audit, key).overdue
    note(connection, audit, key, deadline=yesterday.isoformat(), note="已催办")  # what was promised stays what it was
    assert case_of(connection, audit, key).overdue
    note(connection, audit, key, state="resolved", deadline=yesterday.isoformat(), note="已开设驿站")
    assert not case_of(connection, audit, key).overdue
    with pytest.raises(InputError, match="已过"):
        note(connection, audit, key, deadline=(yesterday - timedelta(days=1)).isoformat())


def passed(connection: Connection, audit: OpenAudit, key: str, day: date) -> None:
    """Let a deadline be one that was set when it had not passed yet."""
    store.save_entry(
        connection,
        "town",
        key,
        place=EAST_CODE,
        state="open",
        unit="居委会",
        deadline=day,
        note="",
        snapshot=audit.head.id,
        who="test",
    )


def test_a_finding_that_is_not_there_is_refused(connection: Connection, audit: OpenAudit) -> None:
    with pytest.raises(InputError, match="没有这个问题"):
        note(connection, audit, "coverage_gap:nowhere")


def test_a_reader_of_one_community_sees_its_findings_only(connection: Connection, audit: OpenAudit) -> None:
    of_west = replace(audit, roots=(WEST_CODE,))
    found = cases(connection, of_west)
    assert {case.place for case in found if case.kind != "coverage_gap"} <= {WEST_CODE}
    assert {code for case in found for code, _ in case.shares} == {WEST_CODE}  # gaps know no borders
    assert {grid["community_code"] for grid in of_west.grids()} == {WEST_CODE}
    assert of_west.tops == (WEST_CODE,)
    assert of_west.levels(WEST_CODE) == ("grid",)


def test_a_sample_is_kept_with_its_seed_and_its_results(connection: Connection, audit: OpenAudit) -> None:
    number = draw_sample(connection, audit, account=AUDITOR, region=EAST_CODE, number=2, seed=" 2026Q4 ")
    (sample,) = samples_of(connection, audit)
    assert (sample.id, sample.region, sample.seed, len(sample.grids)) == (number, EAST_CODE, "2026Q4", 2)
    grid = sample.grids[0]

    def report(outcome: str = "differs", households: str = "398", who: Account | None = AUDITOR) -> None:
        report_result(connection, audit, sample, grid, account=who, outcome=outcome, households=households, note="空置")

    report("agrees", "")
    report()
    found = last_results(connection, sample)
    assert {code: (result.outcome, result.households) for code, result in found.items()} == {grid: ("differs", 398)}
    for wrong in ({"outcome": "maybe"}, {"households": "viele"}, {"households": "-1"}):
        with pytest.raises(InputError):
            report(**wrong)
    with pytest.raises(NotAllowedError):
        report(who=OF_WEST)


@pytest.mark.parametrize(("number", "seed"), [(0, "x"), (301, "x"), (5, " "), (5, "s" * 41)])
def test_draws_out_of_bounds_are_refused(connection: Connection, audit: OpenAudit, number: int, seed: str) -> None:
    with pytest.raises(InputError):
        draw_sample(connection, audit, account=AUDITOR, region="", number=number, seed=seed)


def test_others_draw_no_sample(connection: Connection, audit: OpenAudit) -> None:
    for who in (None, PLANNER, OF_WEST):
        with pytest.raises(NotAllowedError):
            draw_sample(connection, audit, account=who, region="", number=2, seed="x")


def test_of_one_kind_what_concerns_most_households_comes_first(connection: Connection, audit: OpenAudit) -> None:
    gaps = [case.subject for case in cases(connection, audit) if case.kind == "coverage_gap"]
    households = {gap["centre_id"]: gap["households"] for gap in audit.content["gaps"]}
    assert len(gaps) > 1
    assert [households[subject] for subject in gaps] == sorted(households.values(), reverse=True)
