"""Signing in, lock-out and what an account may do where."""

from datetime import UTC, datetime, timedelta

import pytest
from argon2 import PasswordHasher
from sqlalchemy import Connection, text

from gis_service.db import accounts as stored
from gis_service.db.accounts import Grant
from gis_service.errors import InputError, UnknownCityError
from gis_service.workflows import accounts
from gis_service.workflows.account_words import grant_of, words_of

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
PASSWORD = "seven-small-boats"  # noqa: S105 of a test


@pytest.fixture
def planner(connection: Connection) -> stored.Account:
    return accounts.add_account(connection, " Plan.1 ", title="规划岗", password=PASSWORD, grants=[Grant("planner")])


def test_the_right_password_signs_in_whatever_the_case_of_the_login(
    connection: Connection, planner: stored.Account
) -> None:
    attempt = accounts.sign_in(connection, " PLAN.1", PASSWORD, NOON)
    assert attempt.account == planner
    assert attempt.refused is None


def test_a_password_is_kept_as_argon2id_only(connection: Connection, planner: stored.Account) -> None:
    assert planner.password_hash is not None
    assert planner.password_hash.startswith("$argon2id$")
    everything = connection.execute(text("SELECT account::text FROM account")).scalars().all()
    assert not any(PASSWORD in row for row in everything)


@pytest.mark.parametrize("login", ["plan.1", "nobody"])
def test_the_eleventh_attempt_in_a_quarter_of_an_hour_is_refused_even_with_the_right_password(
    connection: Connection, planner: stored.Account, login: str
) -> None:
    for minute in range(10):
        refused = accounts.sign_in(connection, login, "wrong", NOON + timedelta(minutes=minute)).refused
        assert refused == accounts.WRONG
    later = NOON + timedelta(minutes=10)
    assert accounts.sign_in(connection, login, PASSWORD, later).refused == accounts.LOCKED


def test_a_lock_ends_when_its_first_failure_is_a_quarter_of_an_hour_old(
    connection: Connection, planner: stored.Account
) -> None:
    for _ in range(10):
        accounts.sign_in(connection, "plan.1", "wrong", NOON)
    last_moment = NOON + accounts.LOCKED_FOR - timedelta(seconds=1)
    assert accounts.sign_in(connection, "plan.1", PASSWORD, last_moment).refused == accounts.LOCKED
    assert accounts.sign_in(connection, "plan.1", PASSWORD, NOON + accounts.LOCKED_FOR).account == planner


def test_success_forgets_the_failures_before_it(connection: Connection, planner: stored.Account) -> None:
    for _ in range(9):
        accounts.sign_in(connection, "plan.1", "wrong", NOON)
    assert accounts.sign_in(connection, "plan.1", PASSWORD, NOON).account == planner
    for _ in range(9):
        accounts.sign_in(connection, "plan.1", "wrong", NOON)
    assert accounts.sign_in(connection, "plan.1", PASSWORD, NOON).account == planner


def test_failures_keep_no_name_that_was_typed(connection: Connection) -> None:
    accounts.sign_in(connection, "my-secret-password", "", NOON)
    kept = connection.execute(text("SELECT sign_in_failure::text FROM sign_in_failure")).scalars().all()
    assert kept
    assert not any("my-secret" in row for row in kept)


def test_a_blocked_account_is_refused_in_the_same_words_as_an_unknown_one(
    connection: Connection, planner: stored.Account
) -> None:
    stored.save_active(connection, planner.id, active=False)
    assert accounts.sign_in(connection, "plan.1", PASSWORD, NOON).refused == accounts.WRONG


def test_an_account_without_a_password_cannot_sign_in_with_one(connection: Connection) -> None:
    accounts.add_account(connection, "office", title="岗", password=None, grants=[])
    for password in ("", "\N{DOTTED CIRCLE}" * accounts.PASSWORD_LENGTH_MIN):
        assert accounts.sign_in(connection, "office", password, NOON).refused == accounts.WRONG


def test_an_old_hash_is_renewed_without_ending_sessions(connection: Connection, planner: stored.Account) -> None:
    cheap = PasswordHasher(time_cost=1, memory_cost=1024).hash(PASSWORD)
    stored.save_password(connection, planner.id, cheap, ends_sessions=False)
    assert accounts.sign_in(connection, "plan.1", PASSWORD, NOON).account is not None
    renewed = stored.load_account(connection, planner.id)
    assert renewed is not None
    assert renewed.password_hash != cheap
    assert renewed.session_number == planner.session_number


def test_a_new_password_ends_sessions(connection: Connection, planner: stored.Account) -> None:
    accounts.change_password(connection, planner, "another-good-one")
    changed = stored.load_account(connection, planner.id)
    assert changed is not None
    assert changed.session_number == planner.session_number + 1


@pytest.mark.parametrize("password", ["short", "aaaaaaaaaaaa", "ababababababab", "xx-plan.1-xx-yy", "x" * 129])
def test_weak_passwords_are_refused(password: str) -> None:
    with pytest.raises(InputError):
        accounts.hash_password(password, "plan.1")


@pytest.mark.parametrize("login", ["", "a", "中文账号", "two words", "-first", "a" * 65])
def test_odd_logins_are_refused(connection: Connection, login: str) -> None:
    with pytest.raises(InputError):
        accounts.add_account(connection, login, title="岗", password=PASSWORD, grants=[])


def test_a_login_is_given_once(connection: Connection, planner: stored.Account) -> None:
    with pytest.raises(InputError, match="已经存在"):
        accounts.add_account(connection, "PLAN.1", title="岗", password=PASSWORD, grants=[])


def test_roles_name_cities_that_are_stored(connection: Connection) -> None:
    with pytest.raises(UnknownCityError):
        accounts.add_account(connection, "lost", title="岗", password=None, grants=[Grant("planner", "nowhere")])


def test_a_grant_covers_its_region_and_what_lies_in_it() -> None:
    street = Grant("planner", "fuding", "350982001")
    assert street.covers("fuding", ["350982001001", "350982001", "350982"])
    assert not street.covers("fuding", ["350982002001", "350982002", "350982"])
    assert not street.covers("fuding")
    assert not street.covers("xiapu", ["350982001"])
    assert Grant("planner", "fuding").covers("fuding")
    assert Grant("planner").covers("anywhere", ["1"])


def test_administering_accounts_needs_the_role_everywhere(connection: Connection) -> None:
    one = stored.save_account(
        connection, "one", title="岗", password_hash=None, grants=[Grant("administrator", "fuding")]
    )
    all_cities = stored.save_account(connection, "all", title="岗", password_hash=None, grants=[Grant("administrator")])
    assert not one.administers
    assert all_cities.administers


@pytest.mark.parametrize("words", ["planner", "auditor@fuding", "reviewer@fuding/350982001"])
def test_written_grants_read_back(words: str) -> None:
    assert words_of(grant_of(words)) == words


def test_a_role_may_be_written_in_chinese() -> None:
    assert grant_of("规划员@fuding") == Grant("planner", "fuding")


@pytest.mark.parametrize("words", ["king", "", "planner@", "planner@/1"])
def test_odd_roles_are_refused(words: str) -> None:
    with pytest.raises(InputError, match="看不懂角色"):
        grant_of(words)


def test_the_office_vouches_for_an_account_made_for_it_and_for_no_other(
    connection: Connection, planner: stored.Account
) -> None:
    made = accounts.add_account(connection, "li", title="岗", password=None, grants=[])

    def of_office(subject: str, login: str | None) -> stored.Account | None:
        return accounts.account_of_office(connection, issuer="https://id.example", subject=subject, login=login)

    assert of_office("7", None) is None
    bound = of_office("7", "li")
    assert bound is not None
    assert bound.id == made.id
    assert of_office("7", "renamed") == stored.load_account(connection, made.id)
    assert of_office("8", "li") is None, "another subject took the name over"
    assert of_office("9", planner.login) is None, "an account with a password belongs to who knows it"
    stored.save_active(connection, made.id, active=False)
    assert of_office("7", "li") is None
