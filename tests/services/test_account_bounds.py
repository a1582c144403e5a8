"""Bounds of accounts: administrators set regions, bodies and substitutes; people declare conflicts of interest."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from registry import clock
from registry.accounts.policy import ANONYMOUS, REGISTRAR, Actor
from registry.errors import Forbidden, Invalid, NotFound
from registry.services.bootstrap import Registry
from registry.services.exchange.importer import import_files
from registry.services.people import (
    account_bounds,
    account_deletion,
    own_account,
    personal_data_export,
    staff_accounts,
    standing_aside,
)
from registry.services.people.account_bounds import (
    get_account_bounds,
    get_own_bounds,
    parse_region,
    set_account_region,
)
from tests.services import samples
from tests.services.members import FIRM_NUMBER, firm, issue_codes
from tests.services.people import read_mails

__all__ = ["firm"]
ADMIN = Actor("admin", 4711)
MEI, WEI = "mei@example.com", "wei@example.com"
NOW = dt.datetime(2026, 11, 30, 9, tzinfo=clock.SHANGHAI)
BODY_NUMBER = "CNCA-R-2099-101"


@pytest.fixture
def with_body(firm: Registry, tmp_path: Path) -> Registry:
    """A registry with one enterprise and one body."""
    row = {
        "approval_no": BODY_NUMBER,
        "name_zh": "青衡认证（演示）有限公司",
        "kind": "认证机构",
        "scope": "绿色产品",
        "valid_from": "2019-01-01",
        "valid_to": "2030-12-31",
        "status": "valid",
    }
    ended = row | {"approval_no": "CNCA-R-2099-102", "name_zh": "旧机构", "status": "revoked"}
    sheet = samples.write_sheet(tmp_path / "bodies.csv", "bodies", [row, ended])
    import_files(firm, REGISTRAR, "bodies", [sheet])
    return firm


def reviewer(registry: Registry, address: str = MEI, region: str = "", role: str = "reviewer_city") -> int:
    return staff_accounts.make_staff_account(registry, ADMIN, address, role, lang="en", region=region)


def codes(act: Callable[[], Any]) -> list[tuple[str, str]]:
    with pytest.raises(Invalid) as refused:
        act()
    return issue_codes(refused)


@pytest.mark.parametrize(
    ("typed", "role", "code"),
    [
        ("330400", "reviewer_city", "330400"),
        (" ３３０４００ ", "reviewer_city", "330400"),
        ("嘉兴", "reviewer_city", "330400"),
        ("浙江省嘉兴市", "reviewer_city", "330400"),
        ("Jiaxing", "reviewer_city", "330400"),
        ("吉林", "reviewer_province", "220000"),
        ("吉林", "reviewer_city", "220200"),
        ("平湖市", "reviewer_county", "330482"),
        ("110101", "reviewer_county", "110101"),
    ],
)
def test_a_region_is_known_by_code_and_name(typed: str, role: str, code: str) -> None:
    assert parse_region(typed, role) == code


@pytest.mark.parametrize(
    ("typed", "role", "code"),
    [
        ("", "reviewer_city", "required"),
        ("330400", "reviewer_county", "region_of_another_level"),
        ("330000", "reviewer_city", "region_of_another_level"),
        ("110100", "reviewer_city", "region_of_another_level"),  # a heading: 市辖区
        ("330103", "reviewer_county", "region_of_another_level"),  # given away since
        ("990000", "reviewer_city", "bound_region_unknown"),
        ("Atlantis", "reviewer_city", "bound_region_unknown"),
        ("朝阳区", "reviewer_county", "region_ambiguous"),
        ("330400", "reviewer_national", "region_not_taken"),
        ("330400", "registrar", "region_not_taken"),
    ],
)
def test_what_is_no_region_of_the_role_is_refused(typed: str, role: str, code: str) -> None:
    assert codes(lambda: parse_region(typed, role)) == [(code, "region")]


def test_an_account_is_given_its_region_and_told_so(registry: Registry) -> None:
    account = reviewer(registry)
    assert get_account_bounds(registry, ADMIN, account).missing == "bound_region_missing"
    assert [each.lacks_bound for each in staff_accounts.list_staff_accounts(registry, ADMIN)] == [True]
    before = len(read_mails(registry))
    set_account_region(registry, ADMIN, account, "嘉兴市")
    letter = read_mails(registry)[-1]
    assert (letter["To"], "Jiaxing, Zhejiang" in letter.get_content()) == (MEI, True)
    set_account_region(registry, ADMIN, account, "330400")  # a second time: nothing happens
    assert len(read_mails(registry)) == before + 1
    bounds = get_account_bounds(registry, ADMIN, account)
    assert (bounds.region_code, bounds.region and bounds.region.zh, bounds.missing) == (
        "330400",
        "浙江省嘉兴市",
        "",
    )
    (listed,) = staff_accounts.list_staff_accounts(registry, ADMIN)
    assert (listed.region and listed.region.en, listed.lacks_bound) == ("Jiaxing, Zhejiang", False)
    events = own_account.get_account(registry, Actor("reviewer_city", account), 0).audit_events
    assert (events[0].words, events[0].subject) == (
        "The region of the account was set by the operator",
        "330400",
    )


def test_another_role_takes_the_region_away_unless_it_fits(registry: Registry) -> None:
    account = reviewer(registry, region="330400")
    staff_accounts.change_account_role(registry, ADMIN, account, "reviewer_province")
    assert get_account_bounds(registry, ADMIN, account).missing == "bound_region_missing"
    set_account_region(registry, ADMIN, account, "浙江")
    staff_accounts.change_account_role(registry, ADMIN, account, "publisher")
    assert get_account_bounds(registry, ADMIN, account).region is None


def test_a_wrong_region_makes_no_account(registry: Registry) -> None:
    assert codes(lambda: reviewer(registry, region="330000")) == [("region_of_another_level", "region")]
    assert staff_accounts.list_staff_accounts(registry, ADMIN) == ()


def test_a_body_account_is_bound_to_its_body(with_body: Registry) -> None:
    account = staff_accounts.make_staff_account(with_body, ADMIN, MEI, "body", lang="zh")
    with clock.frozen_at(NOW):
        assert get_account_bounds(with_body, ADMIN, account).missing == "bound_body_missing"
        account_bounds.add_body(with_body, ADMIN, account, "cnca-r-2099-101")
        own = get_own_bounds(with_body, Actor("body", account))
        (body,) = own.bodies
        assert (own.missing, body.number, body.approved, body.scope, body.role_words) == (
            "",
            BODY_NUMBER,
            True,
            "绿色产品",
            "Owner",
        )
        assert body.valid_to == "2030-12-31"
        assert [each.lacks_bound for each in staff_accounts.list_staff_accounts(with_body, ADMIN)] == [False]
        account_bounds.remove_body(with_body, ADMIN, account, body.membership)
        assert get_account_bounds(with_body, ADMIN, account).missing == "bound_body_missing"
        with pytest.raises(NotFound):
            account_bounds.remove_body(with_body, ADMIN, account, body.membership)
    assert "青衡认证" in read_mails(with_body)[-1]["Subject"]


@pytest.mark.parametrize(
    ("number", "code"),
    [("", "required"), ("CNCA-R-2099-999", "body_unknown"), ("CNCA-R-2099-102", "body_ended")],
)
def test_what_is_no_body_is_refused(with_body: Registry, number: str, code: str) -> None:
    account = staff_accounts.make_staff_account(with_body, ADMIN, MEI, "body", lang="zh")
    assert codes(lambda: account_bounds.add_body(with_body, ADMIN, account, number)) == [(code, "body")]


def test_the_operators_command_binds_a_body_account(with_body: Registry) -> None:
    staff_accounts.assign_account_role(with_body, ADMIN, MEI, "body", lang="zh", organisation=BODY_NUMBER)
    account = staff_accounts.find_account_by_email(with_body, ADMIN, MEI)
    assert [each.number for each in get_account_bounds(with_body, ADMIN, account).bodies] == [BODY_NUMBER]
    assert codes(lambda: account_bounds.add_body(with_body, ADMIN, account, BODY_NUMBER)) == [
        ("member_already_there", "body")
    ]
    other = reviewer(with_body, WEI)
    assert codes(lambda: account_bounds.add_body(with_body, ADMIN, other, BODY_NUMBER)) == [
        ("role_takes_no_body", "body")
    ]


def test_a_conflict_is_declared_once_and_ended_by_an_administrator(with_body: Registry) -> None:
    account = reviewer(with_body, region="330100")
    actor = Actor("reviewer_city", account)
    for number in (FIRM_NUMBER.lower(), FIRM_NUMBER, BODY_NUMBER):
        standing_aside.declare_interest(with_body, actor, number, " 家属任职 ")
    bounds = get_own_bounds(with_body, actor)
    assert [(each.number, each.reason) for each in bounds.interests] == [
        (FIRM_NUMBER, "家属任职"),
        (BODY_NUMBER, "家属任职"),
    ]
    first = bounds.interests[0].id
    standing_aside.end_interest(with_body, ADMIN, account, first)
    with pytest.raises(NotFound):
        standing_aside.end_interest(with_body, ADMIN, account, first)
    assert [each.number for each in get_own_bounds(with_body, actor).interests] == [BODY_NUMBER]
    own = Actor("admin", account)
    assert codes(lambda: standing_aside.end_interest(with_body, own, account, 1)) == [("account_is_own", "")]


def test_a_conflict_names_a_party_that_the_register_holds(with_body: Registry) -> None:
    actor = Actor(
        "registrar", staff_accounts.make_staff_account(with_body, ADMIN, MEI, "registrar", lang="zh")
    )
    for number, reason, expected in (
        ("", "", ("required", "number")),
        ("91110000101461180X", "", ("party_unknown", "number")),
        (FIRM_NUMBER, "x" * 501, ("too_long", "reason")),
    ):
        assert codes(lambda: standing_aside.declare_interest(with_body, actor, number, reason)) == [expected]  # noqa: B023
    standing_aside.declare_interest(with_body, actor, FIRM_NUMBER, "x" * 500)


def test_a_substitute_is_named_for_a_time_and_told_so(registry: Registry) -> None:
    account, substitute = reviewer(registry, MEI, "330400"), reviewer(registry, WEI, "330100")
    with clock.frozen_at(NOW):
        standing_aside.name_substitute(
            registry, ADMIN, account, WEI, from_on="2026-12-01", until_on="2026年12月31日"
        )
        (own,) = get_account_bounds(registry, ADMIN, account).substitutes
        assert (own.person, own.begun, own.from_on, own.until_on) == (
            WEI,
            False,
            dt.date(2026, 12, 1),
            dt.date(2026, 12, 31),
        )
        (other,) = get_account_bounds(registry, ADMIN, substitute).stands_in_for
        assert (other.person, other.region.zh) == (MEI, "浙江省嘉兴市")
    letter = read_mails(registry)[-1]
    assert letter["To"] == WEI
    assert "Jiaxing, Zhejiang" in letter.get_content()
    assert MEI in letter.get_content()
    with clock.frozen_at(NOW + dt.timedelta(days=60)):  # it is over
        assert get_account_bounds(registry, ADMIN, account).substitutes == ()
    with clock.frozen_at(NOW):
        standing_aside.end_substitution(registry, ADMIN, account, own.id)
        assert get_account_bounds(registry, ADMIN, substitute).stands_in_for == ()
        with pytest.raises(NotFound):
            standing_aside.end_substitution(registry, ADMIN, account, own.id)


@pytest.mark.parametrize(
    ("address", "first", "last", "expected"),
    [
        ("", "2026-12-01", "2026-12-02", [("required", "substitute")]),
        ("wei", "2026-12-01", "2026-12-02", [("email_form", "substitute")]),
        ("xu@example.com", "2026-12-01", "2026-12-02", [("account_unknown", "substitute")]),
        (MEI, "2026-12-01", "2026-12-02", [("substitute_is_same", "substitute")]),
        ("lin@example.com", "2026-12-01", "2026-12-02", [("substitute_of_another_role", "substitute")]),
        (WEI, "", "soon", [("required", "from_on"), ("date_shape", "until_on")]),
        (WEI, "2026-12-02", "2026-12-01", [("ends_before_start", "until_on")]),
        (WEI, "2026-11-01", "2026-11-29", [("day_past", "until_on")]),
        (WEI, "2026-12-01", "2028-01-01", [("substitution_too_long", "until_on")]),
    ],
)
def test_who_or_when_cannot_be_is_refused(
    registry: Registry, address: str, first: str, last: str, expected: list[tuple[str, str]]
) -> None:
    account = reviewer(registry, MEI, "330400")
    reviewer(registry, WEI, "330100")
    reviewer(registry, "lin@example.com", "330000", "reviewer_province")
    with clock.frozen_at(NOW):
        assert (
            codes(
                lambda: standing_aside.name_substitute(
                    registry, ADMIN, account, address, from_on=first, until_on=last
                )
            )
            == expected
        )
        standing_aside.name_substitute(
            registry, ADMIN, account, WEI, from_on="2026-11-30", until_on="2026-11"
        )


def test_nobody_stands_in_where_there_is_no_region(registry: Registry) -> None:
    days = {"from_on": "2026-12-01", "until_on": "2026-12-02"}
    account = reviewer(registry)
    reviewer(registry, WEI, "330100")
    publisher = staff_accounts.make_staff_account(registry, ADMIN, "lin@example.com", "publisher", lang="zh")
    with clock.frozen_at(NOW):
        for each, code in ((account, "substitute_without_region"), (publisher, "role_takes_no_substitute")):
            assert codes(lambda: standing_aside.name_substitute(registry, ADMIN, each, WEI, **days)) == [  # noqa: B023
                (code, "substitute")
            ]
        own = Actor("admin", account)
        assert codes(lambda: standing_aside.name_substitute(registry, own, account, WEI, **days)) == [
            ("account_is_own", "")
        ]


ADMIN_ACTS: dict[str, Callable[[Registry, Actor], Any]] = {
    "bounds": lambda registry, actor: get_account_bounds(registry, actor, 1),
    "region": lambda registry, actor: set_account_region(registry, actor, 1, "330400"),
    "body": lambda registry, actor: account_bounds.add_body(registry, actor, 1, BODY_NUMBER),
    "body_end": lambda registry, actor: account_bounds.remove_body(registry, actor, 1, 1),
    "substitute": lambda registry, actor: standing_aside.name_substitute(
        registry, actor, 1, WEI, from_on="", until_on=""
    ),
    "substitute_end": lambda registry, actor: standing_aside.end_substitution(registry, actor, 1, 1),
    "interest_end": lambda registry, actor: standing_aside.end_interest(registry, actor, 1, 1),
}


@pytest.mark.parametrize("act", ADMIN_ACTS)
def test_only_administrators_set_bounds_and_never_their_own(registry: Registry, act: str) -> None:
    for actor in (Actor("registrar", 1), Actor("body", 1), ANONYMOUS):
        with pytest.raises(Forbidden):
            ADMIN_ACTS[act](registry, actor)
    with pytest.raises((NotFound, Invalid)):
        ADMIN_ACTS[act](registry, ADMIN)
    if act in ("region", "body", "body_end"):
        account = reviewer(registry)
        assert account == 1
        assert codes(lambda: ADMIN_ACTS[act](registry, Actor("admin", 1))) == [("account_is_own", "")]
    with pytest.raises(Forbidden):
        get_own_bounds(registry, ANONYMOUS)
    with pytest.raises(Forbidden):
        get_own_bounds(registry, Actor("enterprise", 1))
    with pytest.raises(Forbidden):
        standing_aside.declare_interest(registry, ANONYMOUS, FIRM_NUMBER, "")


def test_what_bounds_a_person_is_theirs_to_take_along_and_goes_with_the_account(with_body: Registry) -> None:
    account, substitute = reviewer(with_body, MEI, "330400"), reviewer(with_body, WEI, "330100")
    with clock.frozen_at(NOW):
        standing_aside.name_substitute(
            with_body, ADMIN, account, WEI, from_on="2026-12-01", until_on="2026-12-31"
        )
        actor = Actor("reviewer_city", account)
        standing_aside.declare_interest(with_body, actor, FIRM_NUMBER, "家属任职")
        copy = b"".join(personal_data_export.export_personal_data(with_body, actor)).decode()
        assert '"region_code":"330400"' in copy
        assert "家属任职" in copy
        assert '"from_on":"2026-12-01"' in copy
        account_deletion.delete_account_of(with_body, ADMIN, MEI)
        assert get_account_bounds(with_body, ADMIN, substitute).stands_in_for == ()
    with pytest.raises(NotFound):
        get_account_bounds(with_body, ADMIN, account)
