"""Full texts: whose they are, and that a hash alone gives nobody hold of one."""

from __future__ import annotations

import hashlib
import io

import pytest
from sqlalchemy import func, select

from registry.accounts.policy import ANONYMOUS, SYSTEM
from registry.attachments.model import Attachment
from registry.errors import Forbidden, Invalid, NotFound
from registry.services.bootstrap import Registry
from registry.services.filing import draft_texts, drafts
from registry.services.filing.amendment_reasons import Amendment
from registry.services.people import claims
from registry.services.people.sessions import Signed
from registry.services.records import full_texts
from registry.store.unit_of_work import unit_of_work
from tests.services import people
from tests.services.filers import OTHER_FIRM, OWN, drafted, filed, firm
from tests.services.members import LIN, SLUG, WEI, claim, joined, owner
from tests.services.sheets_of_firms import as_row, counts, handed_in, job_of
from tests.unit.attachments.files import pdf

__all__ = ["firm"]
TEXT = pdf()
HASH = hashlib.sha256(TEXT).hexdigest()


def attached(registry: Registry, who: Signed, draft: int) -> None:
    draft_texts.attach(registry, who.actor, SLUG, draft, "text.pdf", io.BytesIO(TEXT))


def test_a_known_hash_gives_no_hold_of_the_text(firm: Registry) -> None:
    mei = owner(firm)
    draft = drafted(firm, mei, OWN)
    attached(firm, mei, draft)
    number = drafts.file(firm, mei.actor, SLUG, draft, 3, "王强")
    assert draft_texts.own(firm, mei.actor, SLUG, number).place.read_bytes() == TEXT
    known = {**OWN, "product_name_zh": "书柜", "text_hash": HASH, "fulltext_public": "true"}
    other = filed(firm, mei, known)
    with pytest.raises(NotFound):
        full_texts.public(firm, ANONYMOUS, HASH)
    with pytest.raises(NotFound):
        draft_texts.own(firm, mei.actor, SLUG, other)


def test_texts_are_handed_in_by_who_files_and_seen_by_who_acts_for_the_enterprise(firm: Registry) -> None:
    mei = owner(firm)
    lin, wei = joined(firm, mei, LIN, "viewer"), people.sign_up(firm, WEI)
    claims.decide(firm, SYSTEM, claim(firm, wei, OTHER_FIRM), confirmed=True)
    draft = drafted(firm, mei, OWN)
    for who, error in ((lin, Forbidden), (wei, NotFound)):
        with pytest.raises(error):
            attached(firm, who, draft)
        with pytest.raises(error):
            draft_texts.remove(firm, who.actor, SLUG, draft)
    attached(firm, mei, draft)
    number = drafts.file(firm, mei.actor, SLUG, draft, 3, "王强")
    assert draft_texts.own(firm, lin.actor, SLUG, number).sha256 == HASH
    for org in (SLUG, OTHER_FIRM):
        with pytest.raises(NotFound):
            draft_texts.own(firm, wei.actor, org, number)


def public(registry: Registry) -> bool:
    try:
        return full_texts.public(registry, ANONYMOUS, HASH).place.read_bytes() == TEXT
    except NotFound:
        return False


def disclosed(registry: Registry, mei: Signed) -> str:
    draft = drafted(registry, mei, {**OWN, "fulltext_public": "true"})
    attached(registry, mei, draft)
    number = drafts.file(registry, mei.actor, SLUG, draft, 3, "王强")
    assert public(registry)
    return number


def test_a_text_is_held_back_at_whatever_door_that_is_said(firm: Registry) -> None:
    """Formulas may stand in it: what the document says of it holds, not what was once said by form."""
    mei = owner(firm)
    number = disclosed(firm, mei)
    row = {**as_row({**OWN, "text_hash": HASH, "fulltext_public": "false"}), "number": number}
    job = handed_in(firm, mei, [row])
    assert counts(job_of(firm, mei, job)) == (0, 1, 0, 0)
    assert not public(firm)
    assert draft_texts.own(firm, mei.actor, SLUG, number).sha256 == HASH
    handed_in(firm, mei, [{**row, "全文公开": "是"}])
    assert public(firm)


def test_a_text_that_was_removed_or_replaced_is_not_public_any_more(firm: Registry) -> None:
    mei = owner(firm)
    number = disclosed(firm, mei)
    draft = drafts.begin(firm, mei.actor, SLUG, amend=number)
    draft_texts.remove(firm, mei.actor, SLUG, draft)
    drafts.file(firm, mei.actor, SLUG, draft, 2, "王强", Amendment("amended_standard_text", seen=1))
    assert not public(firm)
    with pytest.raises(NotFound):
        draft_texts.own(firm, mei.actor, SLUG, number)


def test_what_is_no_pdf_leaves_nothing_behind(firm: Registry) -> None:
    mei = owner(firm)
    draft = drafted(firm, mei, OWN)
    with unit_of_work(firm.engine) as connection:
        before = connection.execute(select(func.count()).select_from(Attachment)).scalar_one()
    with pytest.raises(Invalid) as refused:
        draft_texts.attach(firm, mei.actor, SLUG, draft, "a.png", io.BytesIO(people.PICTURE))
    assert [(each.code, each.field) for each in refused.value.issues] == [
        ("file_of_another_kind", "text_hash")
    ]
    with unit_of_work(firm.engine) as connection:
        assert connection.execute(select(func.count()).select_from(Attachment)).scalar_one() == before
