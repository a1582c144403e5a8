"""Life after filing: withdrawn, marked as misfiled, confirmed, told of an ended standard, found again."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from registry import clock
from registry.accounts.policy import ANONYMOUS, REGISTRAR, SYSTEM
from registry.errors import Conflict, Invalid, NotFound
from registry.services.bootstrap import Registry
from registry.services.exchange.importer import import_files
from registry.services.filing import annual_confirmation, drafts, filed_records
from registry.services.operations import relay
from registry.services.people import claims
from registry.services.records import lookup, projections, reading
from tests.services import people, samples
from tests.services.filers import CATALOGUE, NOW, OTHER_FIRM, OWN, STATE, drafted, filed, firm
from tests.services.members import FIRM, LIN, SLUG, WEI, claim, joined, owner
from tests.services.people import mails

__all__ = ["firm"]


def test_a_declaration_is_withdrawn_with_a_reason_and_stays(firm: Registry) -> None:
    mei = owner(firm)
    number = filed(firm, mei, OWN)
    with pytest.raises(Invalid):
        filed_records.withdraw(firm, mei.actor, SLUG, number, " ")
    amendment = drafts.begin(firm, mei.actor, SLUG, amend=number)
    filed_records.withdraw(firm, mei.actor, SLUG, number, "产品停产")
    pointer = reading.locate(firm, ANONYMOUS, "declarations", number)
    view = reading.record(firm, ANONYMOUS, pointer, "zh")
    assert view.status.code == "withdrawn"
    shown = projections.record_json(firm, ANONYMOUS, pointer)["document"]
    assert (shown["status_reason"], shown["withdrawn_on"]) == ("产品停产", clock.today().isoformat())
    for act in (
        lambda: filed_records.withdraw(firm, mei.actor, SLUG, number, "again"),
        lambda: annual_confirmation.confirm(firm, mei.actor, SLUG, (number,)),
        lambda: filed_records.mark_misfiled(firm, mei.actor, SLUG, number),
        lambda: drafts.begin(firm, mei.actor, SLUG, amend=number),
    ):
        with pytest.raises(Conflict):
            act()
    assert {issue.code for issue in drafts.draft(firm, mei.actor, SLUG, amendment).issues} == {"not_open"}
    row = filed_records.listed(firm, mei.actor, SLUG).rows[0]
    assert (row.number, row.status.code, row.open) == (number, "withdrawn", False)


def test_a_mistake_is_marked_within_a_day_and_no_longer(firm: Registry) -> None:
    with clock.fixed(NOW):
        mei = owner(firm)
        early, late = filed(firm, mei, OWN), filed(firm, mei, {**OWN, "product_name_zh": "书柜"})
    with clock.fixed(NOW + dt.timedelta(hours=23)):
        filed_records.mark_misfiled(firm, mei.actor, SLUG, early)
        pointer = reading.locate(firm, ANONYMOUS, "declarations", early)
        assert reading.record(firm, ANONYMOUS, pointer, "en").status.code == "misfiled"
    with clock.fixed(NOW + dt.timedelta(hours=24)), pytest.raises(Conflict):
        filed_records.mark_misfiled(firm, mei.actor, SLUG, late)


def test_a_declaration_is_confirmed_as_still_true(firm: Registry) -> None:
    mei = owner(firm)
    number = filed(firm, mei, OWN)
    annual_confirmation.confirm(firm, mei.actor, SLUG, (number,))
    document = projections.record_json(
        firm, ANONYMOUS, reading.locate(firm, ANONYMOUS, "declarations", number)
    )
    assert (document["version"], document["document"]["still_true_on"]) == (2, clock.today().isoformat())


def test_declarers_are_told_when_their_standard_ends(firm: Registry, tmp_path: Path) -> None:
    mei = owner(firm)
    joined(firm, mei, LIN, "viewer")
    number = filed(firm, mei, STATE)
    relay.run_once(firm)
    end = {"status": "withdrawn", "withdrawn_on": clock.today().isoformat()}
    sheet = samples.write_sheet(tmp_path / "ended.csv", "standards", [{**CATALOGUE[0], **end}])
    import_files(firm, REGISTRAR, "standards", [sheet])
    relay.run_once(firm)
    told = [mail for mail in mails(firm) if "has ended" in mail["Subject"]]
    assert [mail["To"] for mail in told] == [mei.email]  # who only looks on need not act
    assert number in told[0].get_content()
    [row] = filed_records.listed(firm, mei.actor, SLUG).rows
    assert (row.status.code, row.open) == ("standard_ended", True)
    relay.run_once(firm)
    assert len([mail for mail in mails(firm) if "has ended" in mail["Subject"]]) == 1


def test_the_declarations_of_others_are_out_of_reach(firm: Registry) -> None:
    """An owner of one enterprise names the numbers and drafts of another."""
    mei = owner(firm)
    number = filed(firm, mei, OWN)
    draft = drafted(firm, mei, {**OWN, "product_name_zh": "书柜"})
    wei = people.sign_up(firm, WEI)
    claims.decide(firm, SYSTEM, claim(firm, wei, OTHER_FIRM), confirmed=True)
    for act in (
        lambda: drafts.draft(firm, wei.actor, OTHER_FIRM, draft),
        lambda: drafts.save(firm, wei.actor, OTHER_FIRM, draft, 2, {}),
        lambda: drafts.file(firm, wei.actor, OTHER_FIRM, draft, 2, "x"),
        lambda: drafts.discard(firm, wei.actor, OTHER_FIRM, draft),
        lambda: drafts.begin(firm, wei.actor, OTHER_FIRM, copy=number),
        lambda: drafts.begin(firm, wei.actor, OTHER_FIRM, amend=number),
        lambda: filed_records.withdraw(firm, wei.actor, OTHER_FIRM, number, "x"),
        lambda: filed_records.receipt(firm, wei.actor, OTHER_FIRM, number),
    ):
        with pytest.raises(NotFound):
            act()
    assert filed_records.listed(firm, wei.actor, OTHER_FIRM).total == 0


def test_a_number_that_was_filed_is_looked_up(firm: Registry) -> None:
    number = filed(firm, owner(firm), OWN)
    [answer] = lookup.check(firm, ANONYMOUS, [number.lower()])
    assert answer["answer"] == "in_force"


def test_receipts_are_found_again(firm: Registry, tmp_path: Path) -> None:
    with clock.fixed(NOW):
        mei = owner(firm)
        number = filed(firm, mei, OWN)
        [line] = filed_records.recent(firm, mei.actor)
        assert (line.number, line.path) == (
            number,
            f"/workspace/organisations/{SLUG}/declarations/{number}/receipt",
        )
        assert line.path in mails(firm)[-1].get_content()
        [row] = filed_records.listed(firm, mei.actor, SLUG).rows
        assert (row.receipt, row.fresh) == (True, True)
        assert filed_records.recent(firm, people.sign_up(firm, "stranger@example.com").actor) == ()
    with clock.fixed(NOW + dt.timedelta(hours=25)):
        [row] = filed_records.listed(firm, mei.actor, SLUG).rows
        assert (row.receipt, row.fresh) == (True, False)
    with clock.fixed(NOW + dt.timedelta(days=8)):
        assert filed_records.recent(firm, mei.actor) == ()
    entered = {
        "org_uscc": FIRM,
        **{k: v for k, v in STATE.items() if v},
        "models": "A",
        "declared_on": "2026-01-01",
    }
    sheet = samples.write_sheet(tmp_path / "entered.csv", "declarations", [entered])
    import_files(firm, REGISTRAR, "declarations", [sheet])
    assert sorted(row.receipt for row in filed_records.listed(firm, mei.actor, SLUG).rows) == [False, True]


def test_what_is_not_possible_says_in_what_state_it_is(firm: Registry) -> None:
    with clock.fixed(NOW):
        mei = owner(firm)
        number = filed(firm, mei, OWN)
        state = filed_records.state(firm, mei.actor, SLUG, number)
        assert (state.open, state.fresh, state.status.code) == (True, True, "active")
        filed_records.withdraw(firm, mei.actor, SLUG, number, "产品停产")
        state = filed_records.state(firm, mei.actor, SLUG, number)
        assert (state.open, state.fresh, state.reason, state.since) == (
            False,
            False,
            "产品停产",
            "2026-05-04",
        )
        with pytest.raises(NotFound):
            filed_records.state(firm, mei.actor, SLUG, "SD-2026-999999-X")
