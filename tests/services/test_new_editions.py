"""A new edition of an own standard takes the place of the declaration to the edition before, linked both ways."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from sqlalchemy import select

from registry import clock
from registry.accounts.policy import ANONYMOUS, REGISTRAR
from registry.errors import Conflict
from registry.ledger.model import Entry
from registry.services.bootstrap import Registry
from registry.services.exchange.importer import import_files
from registry.services.filing import drafts, filed_lists
from registry.services.filing.drafts import DraftSubmission, NewDraft
from registry.services.operations import maintenance, relay
from registry.services.people.sessions import UserSession
from registry.services.records import reading
from registry.services.records.views import RecordView
from registry.store.unit_of_work import read_transaction
from tests.services import samples
from tests.services.filers import DECLARATIONS, OWN_STANDARD, file_declaration, firm
from tests.services.members import SLUG, sign_up_owner

__all__ = ["firm"]
NEW = {"std_no": "Q/HZQY 0003-2027", "issued_on": "2027-01-31", "in_force_on": "2027-03-01"}
LATER = dt.datetime(2027, 4, 1, 9, tzinfo=clock.SHANGHAI)


def shown(registry: Registry, number: str) -> RecordView:
    return reading.get_record(
        registry, ANONYMOUS, reading.locate_record(registry, ANONYMOUS, "declarations", number), "en"
    )


def linked(view: RecordView) -> dict[str, list[str]]:
    return {group.label: [item.number for item in group.items] for group in view.links}


def renewed(registry: Registry, who: UserSession, number: str, begins: str = "2027-03-01") -> str:
    draft = drafts.open_draft(registry, who.actor, SLUG, NewDraft(DECLARATIONS, new_edition=number))
    drafts.save_draft(registry, who.actor, SLUG, draft, revision=1, typed={**NEW, "effective_from": begins})
    return drafts.file_draft(registry, who.actor, SLUG, draft, submitted=DraftSubmission(2, "王强"))


def test_a_new_edition_copies_the_facts_of_the_product(firm: Registry) -> None:
    mei = sign_up_owner(firm)
    old = file_declaration(firm, mei, OWN_STANDARD)
    view = drafts.get_draft(
        firm,
        mei.actor,
        SLUG,
        drafts.open_draft(firm, mei.actor, SLUG, NewDraft(DECLARATIONS, new_edition=old)),
    )
    assert view.typed["edition_of"] == OWN_STANDARD["std_no"]
    assert view.typed["product_name_zh"] == OWN_STANDARD["product_name_zh"]
    assert view.typed["models"] == OWN_STANDARD["models"]
    assert not {"std_no", "issued_on", "in_force_on", "effective_from"} & set(view.typed)
    assert view.amends == ""


def test_the_earlier_declaration_is_superseded_in_the_same_transaction(firm: Registry) -> None:
    with clock.frozen_at(LATER):
        mei = sign_up_owner(firm)
        old, other = (
            file_declaration(firm, mei, OWN_STANDARD),
            file_declaration(firm, mei, {**OWN_STANDARD, "product_name_zh": "书柜"}),
        )
        new = renewed(firm, mei, old)
        before, after = shown(firm, old), shown(firm, new)
        assert (before.status.code, after.status.code) == ("superseded", "active")
        assert (
            shown(firm, other).status.code == "active"
        )  # another product, which still goes by the old edition
        assert linked(before)["Superseded by"] == [new]
        assert linked(after)["Takes the place of"] == [old]
        assert before.history[0].reason == "Superseded"
        with read_transaction(firm.engine) as connection:  # on the authority of the enterprise that filed
            roles = connection.execute(
                select(Entry.actor_role).where(Entry.number == old).order_by(Entry.version)
            )
            assert list(roles.scalars()) == ["enterprise", "enterprise"]
        with pytest.raises(Conflict):
            drafts.open_draft(firm, mei.actor, SLUG, NewDraft(DECLARATIONS, new_edition=old))
        assert {
            row.number: row.amendable
            for row in filed_lists.list_filed_records(firm, mei.actor, SLUG, DECLARATIONS).rows
        }[old] is False
        relay.run_relay_once(firm, confirmed=True)
        assert list(maintenance.check_store(firm)) == []


def test_a_postponed_edition_supersedes_on_its_day(firm: Registry) -> None:
    with clock.frozen_at(LATER):
        mei = sign_up_owner(firm)
        old = file_declaration(firm, mei, OWN_STANDARD)
        new = renewed(firm, mei, old, "2027-05-01")
        relay.run_relay_once(firm, confirmed=True)
        assert (shown(firm, old).status.code, shown(firm, new).status.code) == ("active", "scheduled")
    with clock.frozen_at(LATER + dt.timedelta(days=31)):
        relay.run_relay_once(firm, confirmed=True)
        assert (shown(firm, old).status.code, shown(firm, new).status.code) == ("superseded", "active")
        relay.run_relay_once(firm, confirmed=True)
        assert len(shown(firm, old).history) == 2


def test_an_import_does_not_undo_a_superseded_state(firm: Registry, tmp_path: Path) -> None:
    with clock.frozen_at(LATER):
        mei = sign_up_owner(firm)
        old = file_declaration(firm, mei, OWN_STANDARD)
        document = dict(shown(firm, old).document)
        renewed(firm, mei, old)
        rows = [{**document, "status": "active", "category": "0704"}]
        import_files(
            firm, REGISTRAR, "declarations", [samples.write_sheet(tmp_path / "a.csv", "declarations", rows)]
        )
        view = shown(firm, old)
        assert (view.status.code, view.document["category"]) == ("superseded", "0704")
