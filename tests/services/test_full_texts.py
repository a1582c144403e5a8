"""Full texts: whose they are, and that a hash alone gives nobody hold of one."""

from __future__ import annotations

import hashlib
import io

import pytest

from registry.accounts.policy import ANONYMOUS, SYSTEM
from registry.errors import Forbidden, NotFound
from registry.services import claims, draft_texts, drafts, full_texts
from registry.services.signing_in import Signed
from registry.services.wiring import Registry
from tests.services import people
from tests.services.filers import OTHER_FIRM, OWN, drafted, filed, firm
from tests.services.test_organisations_of_people import LIN, SLUG, WEI, claim, joined, owner
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
