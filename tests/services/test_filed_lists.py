"""The list of what an organisation has filed: tabs, words, order, pages, and what each record needs."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from registry import clock
from registry.services.bootstrap import Registry
from registry.services.filing import filed_lists, filed_records, receipts
from registry.services.filing.filed_lists import FiledListRequest, FiledRecordsView, list_filed_records
from registry.services.people.sessions import UserSession
from tests.services.filers import (
    DECLARATIONS,
    NATIONAL_STANDARD,
    NOW,
    OWN_STANDARD,
    at,
    file_declaration,
    firm,
)
from tests.services.members import SLUG, sign_up_owner
from tests.services.test_corrections import by_form, order

__all__ = ["firm"]


def listed(
    registry: Registry, user: UserSession, tab: str = "", find: str = "", by: str = ""
) -> FiledRecordsView:
    wanted = FiledListRequest.read(tab, find, by)
    return list_filed_records(registry, user.actor, SLUG, DECLARATIONS, wanted=wanted)


def numbers(view: FiledRecordsView) -> list[str]:
    return [row.number for row in view.rows]


def test_what_needs_action_comes_first_until_it_is_done(firm: Registry, tmp_path: Path) -> None:
    with clock.frozen_at(NOW):
        mei = sign_up_owner(firm)
        ordered = file_declaration(firm, mei, OWN_STANDARD)
        plain = file_declaration(firm, mei, {**OWN_STANDARD, "product_name_zh": "书柜"})
        ended = file_declaration(firm, mei, {**OWN_STANDARD, "product_name_zh": "床头柜"})
        filed_records.withdraw_record(firm, mei.actor, at(ended), "产品停产")
        order(firm, tmp_path, ordered)
        view = listed(firm, mei)
        assert numbers(view) == [ordered, ended, plain]
        assert view.counts == {"all": 3, "act": 1, "open": 1, "ended": 1}
        first = view.rows[0]
        assert first.action is not None
        assert (first.action.kind, first.action.day, first.action.days_left) == ("correct", "2026-06-05", 32)
        assert [numbers(listed(firm, mei, tab)) for tab in ("act", "open", "ended", "drafts")] == [
            [ordered],
            [plain],
            [ended],
            [],
        ]
        assert numbers(listed(firm, mei, by="oldest")) == [ordered, plain, ended]
        by_form(firm, mei, ordered)
        answered = listed(firm, mei)
        assert (answered.counts["act"], answered.rows[-1].action, answered.rows[-1].correctable) == (
            0,
            None,
            True,
        )


@pytest.mark.parametrize(
    ("find", "found"),
    [
        ("餐桌", 1),
        ("DINING", 1),
        ("ＧＢ/Ｔ 35607", 1),
        ("q/hzqy", 1),
        ("100%", 0),
        ("_", 0),
        ("SD-2026", 2),
        ("  ", 2),
    ],
)
def test_records_are_found_by_name_number_or_standard(firm: Registry, find: str, found: int) -> None:
    with clock.frozen_at(NOW):
        mei = sign_up_owner(firm)
        number = file_declaration(firm, mei, OWN_STANDARD)
        file_declaration(
            firm, mei, {**NATIONAL_STANDARD, "product_name_zh": "书柜", "product_name_en": "Bookcase"}
        )
        assert listed(firm, mei, find=find).total == found
        assert numbers(listed(firm, mei, find=number.replace("-", "").lower())) == [number]


def test_a_list_has_pages(firm: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(filed_lists, "PAGE_SIZE", 2)
    with clock.frozen_at(NOW):
        mei = sign_up_owner(firm)
        filed = [file_declaration(firm, mei, {**OWN_STANDARD, "product_name_zh": f"桌{n}"}) for n in range(3)]
        seen = []
        for page in (1, 2, 3, 0):
            wanted = FiledListRequest(page=page)
            view = list_filed_records(firm, mei.actor, SLUG, DECLARATIONS, wanted=wanted)
            seen.append((view.page, view.pages, numbers(view)))
    assert seen == [
        (1, 2, [filed[2], filed[1]]),
        (2, 2, [filed[0]]),
        (2, 2, [filed[0]]),
        (1, 2, [filed[2], filed[1]]),
    ]


def test_a_confirmation_is_offered_from_the_next_day_on(firm: Registry) -> None:
    midnight = dt.datetime(2026, 5, 4, 16, tzinfo=dt.UTC)  # of the fifth, in Shanghai
    with clock.frozen_at(midnight - dt.timedelta(seconds=1)):
        mei = sign_up_owner(firm)
        number = file_declaration(firm, mei, OWN_STANDARD)
        assert not listed(firm, mei).rows[0].confirmable
        assert not filed_records.get_filed_record_state(firm, mei.actor, at(number)).confirmable
    with clock.frozen_at(midnight):
        assert listed(firm, mei).rows[0].confirmable
        assert filed_records.get_filed_record_state(firm, mei.actor, at(number)).confirmable


def test_a_withdrawal_has_a_receipt_of_its_own(firm: Registry) -> None:
    with clock.frozen_at(NOW):
        mei = sign_up_owner(firm)
        number = file_declaration(firm, mei, OWN_STANDARD)
        filed_records.withdraw_record(firm, mei.actor, at(number), "产品停产")
        shown = receipts.get_receipt(firm, mei.actor, at(number))
        assert (shown.version, shown.heading, shown.status.code) == (
            2,
            "The declaration is withdrawn",
            "withdrawn",
        )
        assert [(line.version, line.heading) for line in receipts.list_recent_receipts(firm, mei.actor)] == [
            (2, "The declaration is withdrawn"),
            (1, "The declaration is public"),
        ]
