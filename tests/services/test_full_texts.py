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
from registry.services.filing.draft_texts import UploadedFile
from registry.services.filing.drafts import DraftSubmission, NewDraft
from registry.services.people import claims
from registry.services.people.sessions import UserSession
from registry.services.records import full_texts
from registry.store.unit_of_work import unit_of_work
from tests.services import people
from tests.services.filers import (
    DECLARATIONS,
    OTHER_FIRM_NUMBER,
    OWN_STANDARD,
    at,
    file_declaration,
    firm,
    save_draft,
)
from tests.services.filing_sheets import counts, get_job, hand_in_and_run, to_cells
from tests.services.members import LIN, SLUG, WEI, sign_up_member, sign_up_owner, submit_claim
from tests.unit.attachments.files import pdf

__all__ = ["firm"]
TEXT = pdf()
HASH = hashlib.sha256(TEXT).hexdigest()


def attached(registry: Registry, who: UserSession, draft: int) -> None:
    draft_texts.attach_full_text(
        registry, who.actor, SLUG, draft, file=UploadedFile("text.pdf", io.BytesIO(TEXT))
    )


def test_knowing_a_hash_gives_no_access_to_the_text(firm: Registry) -> None:
    mei = sign_up_owner(firm)
    draft = save_draft(firm, mei, OWN_STANDARD)
    attached(firm, mei, draft)
    number = drafts.file_draft(firm, mei.actor, SLUG, draft, submitted=DraftSubmission(3, "王强"))
    assert draft_texts.get_own_full_text(firm, mei.actor, at(number)).path.read_bytes() == TEXT
    known = {**OWN_STANDARD, "product_name_zh": "书柜", "text_hash": HASH, "fulltext_public": "true"}
    other = file_declaration(firm, mei, known)
    with pytest.raises(NotFound):
        full_texts.find_public_text(firm, ANONYMOUS, HASH)
    with pytest.raises(NotFound):
        draft_texts.get_own_full_text(firm, mei.actor, at(other))


def test_editors_attach_texts_and_members_read_them(firm: Registry) -> None:
    mei = sign_up_owner(firm)
    lin, wei = sign_up_member(firm, mei, LIN, "viewer"), people.sign_up(firm, WEI)
    claims.decide_claim(firm, SYSTEM, submit_claim(firm, wei, OTHER_FIRM_NUMBER), confirmed=True)
    draft = save_draft(firm, mei, OWN_STANDARD)
    for who, error in ((lin, Forbidden), (wei, NotFound)):
        with pytest.raises(error):
            attached(firm, who, draft)
        with pytest.raises(error):
            draft_texts.remove_full_text(firm, who.actor, SLUG, draft)
    attached(firm, mei, draft)
    number = drafts.file_draft(firm, mei.actor, SLUG, draft, submitted=DraftSubmission(3, "王强"))
    assert draft_texts.get_own_full_text(firm, lin.actor, at(number)).sha256 == HASH
    for org in (SLUG, OTHER_FIRM_NUMBER):
        with pytest.raises(NotFound):
            draft_texts.get_own_full_text(firm, wei.actor, at(number, org))


def public(registry: Registry) -> bool:
    try:
        return full_texts.find_public_text(registry, ANONYMOUS, HASH).path.read_bytes() == TEXT
    except NotFound:
        return False


def disclosed(registry: Registry, mei: UserSession) -> str:
    draft = save_draft(registry, mei, {**OWN_STANDARD, "fulltext_public": "true"})
    attached(registry, mei, draft)
    number = drafts.file_draft(registry, mei.actor, SLUG, draft, submitted=DraftSubmission(3, "王强"))
    assert public(registry)
    return number


def test_a_text_is_withheld_by_form_sheet_and_program(firm: Registry) -> None:
    """Formulas may stand in it: what the document says of it holds, not what was once said by form."""
    mei = sign_up_owner(firm)
    number = disclosed(firm, mei)
    row = {**to_cells({**OWN_STANDARD, "text_hash": HASH, "fulltext_public": "false"}), "number": number}
    job = hand_in_and_run(firm, mei, [row])
    assert counts(get_job(firm, mei, job)) == (0, 1, 0, 0)
    assert not public(firm)
    assert draft_texts.get_own_full_text(firm, mei.actor, at(number)).sha256 == HASH
    hand_in_and_run(firm, mei, [{**row, "全文公开": "是"}])
    assert public(firm)


def test_a_text_that_was_removed_or_replaced_is_not_public_any_more(firm: Registry) -> None:
    mei = sign_up_owner(firm)
    number = disclosed(firm, mei)
    draft = drafts.open_draft(firm, mei.actor, SLUG, NewDraft(DECLARATIONS, amend=number))
    draft_texts.remove_full_text(firm, mei.actor, SLUG, draft)
    drafts.file_draft(
        firm,
        mei.actor,
        SLUG,
        draft,
        submitted=DraftSubmission(2, "王强", Amendment("amended_standard_text", seen_version=1)),
    )
    assert not public(firm)
    with pytest.raises(NotFound):
        draft_texts.get_own_full_text(firm, mei.actor, at(number))


def test_a_file_that_is_not_a_pdf_leaves_nothing_behind(firm: Registry) -> None:
    mei = sign_up_owner(firm)
    draft = save_draft(firm, mei, OWN_STANDARD)
    with unit_of_work(firm.engine) as connection:
        before = connection.execute(select(func.count()).select_from(Attachment)).scalar_one()
    with pytest.raises(Invalid) as refused:
        draft_texts.attach_full_text(
            firm, mei.actor, SLUG, draft, file=UploadedFile("a.png", io.BytesIO(people.ONE_PIXEL_PNG))
        )
    assert [(each.code, each.field) for each in refused.value.issues] == [
        ("file_of_another_kind", "text_hash")
    ]
    with unit_of_work(firm.engine) as connection:
        assert connection.execute(select(func.count()).select_from(Attachment)).scalar_one() == before
