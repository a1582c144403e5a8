"""Words of public full texts: found as the weakest, shown with their passage, gone with what made them public."""

from __future__ import annotations

import hashlib
import io
from typing import Any

import pytest
from sqlalchemy import delete, func, select, update

from registry.accounts.policy import ANONYMOUS
from registry.attachments import file_store, sandbox
from registry.attachments.model import AttachmentText
from registry.outbox.model import TEXT_TOPIC, Message
from registry.services.bootstrap import Registry
from registry.services.filing import draft_texts, drafts, filed_records
from registry.services.filing.amendment_reasons import Amendment
from registry.services.filing.draft_texts import UploadedFile
from registry.services.filing.drafts import DraftSubmission, NewDraft
from registry.services.finding import projections, search
from registry.services.finding.projections import PageOfItems
from registry.services.finding.requests import SearchRequest
from registry.services.operations import indexing, relay, text_reading
from registry.services.people.sessions import UserSession
from registry.services.records.views import PassageView, ResultRowView
from registry.store.unit_of_work import unit_of_work
from tests.services.filers import (
    DECLARATIONS,
    OWN_STANDARD,
    at,
    file_declaration,
    firm,
    save_draft,
)
from tests.services.members import SLUG, sign_up_owner
from tests.unit.attachments.files import pdf, pdf_of_text

__all__ = ["firm"]
RESIDENT = "11010519491231002X"
TEXT = pdf_of_text(
    "企业标准\n本标准规定了餐桌的术语。",
    f"起草人：王强 {RESIDENT}。\n桌面用鸡翅木，榫卯处不得开裂；the veneers are seasoned.",
)
OTHER_TEXT = pdf_of_text("桌面用花梨木。")
PUBLIC = {**OWN_STANDARD, "fulltext_public": "true"}


def filed(registry: Registry, mei: UserSession, content: bytes = TEXT, **typed: Any) -> str:
    """File a declaration with a text, index it, and read what is public; return its number."""
    draft = save_draft(registry, mei, {**PUBLIC, **typed})
    _attach(registry, mei, draft, content)
    number = drafts.file_draft(registry, mei.actor, SLUG, draft, submitted=DraftSubmission(3, "王强"))
    relay.run_relay_once(registry)
    return number


def _attach(registry: Registry, mei: UserSession, draft: int, content: bytes) -> None:
    file = UploadedFile("text.pdf", io.BytesIO(content))
    draft_texts.attach_full_text(registry, mei.actor, SLUG, draft, file=file)


def amended(registry: Registry, mei: UserSession, number: str, *, content: bytes | None = None) -> None:
    """Replace the text of a declaration, or take it out of the public's sight; index that."""
    draft = drafts.open_draft(registry, mei.actor, SLUG, NewDraft(DECLARATIONS, amend=number))
    if content is None:
        drafts.save_draft(registry, mei.actor, SLUG, draft, revision=1, typed={"fulltext_public": "false"})
    else:
        _attach(registry, mei, draft, content)
    why = Amendment("amended_standard_text", seen_version=1)
    drafts.file_draft(registry, mei.actor, SLUG, draft, submitted=DraftSubmission(2, "王强", why))
    relay.run_relay_once(registry)


def rows(registry: Registry, q: str, lang: str = "zh", **more: Any) -> list[ResultRowView]:
    return list(search.find_records(registry, ANONYMOUS, SearchRequest(q, **more), lang).rows)


def passage(registry: Registry, q: str) -> PassageView | None:
    (row,) = rows(registry, q)
    return row.passage


def kept(registry: Registry) -> dict[str, str]:
    with unit_of_work(registry.engine) as connection:
        return {row.sha256: row.text for row in connection.execute(select(AttachmentText.__table__))}


def waiting(registry: Registry) -> int:
    with unit_of_work(registry.engine) as connection:
        count = select(func.count()).where(Message.topic == TEXT_TOPIC)
        return int(connection.execute(count).scalar_one())


def test_a_word_of_a_public_text_finds_its_record_and_shows_where_it_stands(firm: Registry) -> None:
    mei = sign_up_owner(firm)
    number = filed(firm, mei)
    for typed, marked, page in (
        ("鸡翅木", ["鸡翅木"], 2),
        ("雞翅木", ["鸡翅木"], 2),
        ("鸡翅木 榫卯", ["鸡翅木", "榫卯"], 2),
        ("餐桌 榫卯", ["榫卯"], 2),  # the record itself has the first word
        ("veneer seasoned", ["veneers", "seasoned"], 2),
        ('"不得开裂"', [], 2),
    ):
        (row,) = rows(firm, typed)
        assert row.number == number, typed
        if marked:
            assert row.passage is not None, typed
            assert [piece for piece, found in row.passage.pieces if found] == marked, typed
            assert row.passage.page == page, typed
            assert "".join(piece for piece, _found in row.passage.pieces) == row.passage.text
    assert passage(firm, "餐桌") is None
    assert passage(firm, number) is None
    assert passage(firm, "杭州 实木餐桌") is None


def test_the_passage_is_the_sentence_of_the_word(firm: Registry) -> None:
    filed(firm, sign_up_owner(firm))
    found = passage(firm, "鸡翅木")
    assert found is not None
    assert (found.text, found.marks) == ("桌面用鸡翅木，榫卯处不得开裂；", ((3, 6),))


def test_programs_get_the_passage_too(firm: Registry) -> None:
    filed(firm, sign_up_owner(firm))

    def items(q: str) -> list[dict[str, Any]]:
        answer = projections.search_json(firm, ANONYMOUS, SearchRequest(q), PageOfItems(10), lang="zh")
        return list(answer["items"])

    (item,) = items("鸡翅木")
    assert item["full_text"] == {
        "page": 2,
        "passage": "桌面用鸡翅木，榫卯处不得开裂；",
        "highlights": [[3, 6]],
    }
    assert "full_text" not in items("实木餐桌")[0]


def test_a_record_that_has_the_word_itself_stands_before_one_whose_text_has_it(firm: Registry) -> None:
    mei = sign_up_owner(firm)
    by_text = filed(firm, mei)
    by_name = file_declaration(firm, mei, {**OWN_STANDARD, "product_name_zh": "鸡翅木凳"})
    by_word = file_declaration(firm, mei, {**OWN_STANDARD, "product_name_zh": "凳", "common_name": "鸡翅木"})
    relay.run_relay_once(firm)
    assert [row.number for row in rows(firm, "鸡翅木")] == [by_name, by_word, by_text]


def test_a_text_that_is_not_public_is_neither_kept_nor_found(firm: Registry) -> None:
    filed(firm, sign_up_owner(firm), fulltext_public="false")
    assert not rows(firm, "鸡翅木")
    assert not kept(firm)
    assert not waiting(firm)


def test_a_text_that_is_held_back_leaves_the_index_and_is_forgotten(firm: Registry) -> None:
    mei = sign_up_owner(firm)
    number = filed(firm, mei)
    assert kept(firm)
    amended(firm, mei, number)
    assert not rows(firm, "鸡翅木")
    text_reading.forget_texts(firm)
    assert not kept(firm)


def test_a_text_that_is_held_back_is_not_shown_before_the_index_knows(firm: Registry) -> None:
    """What is shown is read from the record, whatever the index still says."""
    mei = sign_up_owner(firm)
    number = filed(firm, mei)
    draft = drafts.open_draft(firm, mei.actor, SLUG, NewDraft(DECLARATIONS, amend=number))
    drafts.save_draft(firm, mei.actor, SLUG, draft, revision=1, typed={"fulltext_public": "false"})
    why = Amendment("amended_standard_text", seen_version=1)
    drafts.file_draft(firm, mei.actor, SLUG, draft, submitted=DraftSubmission(2, "王强", why))
    assert passage(firm, "鸡翅木") is None


def test_a_text_that_is_replaced_is_found_by_its_new_words_only(firm: Registry) -> None:
    mei = sign_up_owner(firm)
    number = filed(firm, mei)
    amended(firm, mei, number, content=OTHER_TEXT)
    assert not rows(firm, "鸡翅木")
    assert [row.number for row in rows(firm, "花梨木")] == [number]
    text_reading.forget_texts(firm)
    assert set(kept(firm)) == {hashlib.sha256(OTHER_TEXT).hexdigest()}


def test_the_text_of_a_withdrawn_declaration_leaves_the_index(firm: Registry) -> None:
    mei = sign_up_owner(firm)
    number = filed(firm, mei)
    filed_records.withdraw_record(firm, mei.actor, at(number), "停产")
    (row,) = rows(firm, "鸡翅木", include_ended=True)  # the index is behind
    assert row.passage is None
    relay.run_relay_once(firm)
    assert not rows(firm, "鸡翅木", include_ended=True)
    text_reading.forget_texts(firm)
    assert kept(firm)  # the file is still offered on the record's page


def test_numbers_of_people_are_masked_before_a_text_is_kept(firm: Registry) -> None:
    filed(firm, sign_up_owner(firm))
    (text,) = kept(firm).values()
    assert RESIDENT not in text
    found = passage(firm, "起草人")
    assert found is not None
    assert found.text == "起草人：王强 1101**********002X。"
    assert not rows(firm, RESIDENT)


def test_a_number_that_the_end_of_the_text_cuts_off_is_left_out(
    firm: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    def read_until_limit(*_given: object) -> str:
        return f"起草人 {RESIDENT[:17]}"

    monkeypatch.setattr(sandbox, "MAX_TEXT_BYTES", len(read_until_limit().encode()))
    monkeypatch.setattr(sandbox, "read_pdf_text", read_until_limit)
    filed(firm, sign_up_owner(firm))
    assert list(kept(firm).values()) == ["起草人"]


def test_a_file_without_words_is_read_once(firm: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    mei = sign_up_owner(firm)
    filed(firm, mei, pdf())
    assert list(kept(firm).values()) == [""]
    monkeypatch.setattr(sandbox, "read_pdf_text", pytest.fail)
    indexing.rebuild_index(firm)
    assert not waiting(firm)


def test_a_file_that_is_lost_has_no_words(firm: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(file_store, "HASH", file_store.PREFIX_FOLDER)  # no path is that of a file
    filed(firm, sign_up_owner(firm))
    assert list(kept(firm).values()) == [""]
    assert not waiting(firm)


def test_texts_from_before_they_were_read_are_read_when_the_index_is_built_anew(firm: Registry) -> None:
    number = filed(firm, sign_up_owner(firm))
    with unit_of_work(firm.engine) as connection:
        connection.execute(delete(AttachmentText))
    indexing.rebuild_index(firm)
    assert not rows(firm, "鸡翅木")
    assert waiting(firm) == 1
    relay.run_relay_once(firm)
    assert [row.number for row in rows(firm, "鸡翅木")] == [number]
    assert not waiting(firm)


def test_a_relay_that_ends_while_a_text_is_read_reads_it_next_time(
    firm: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(sandbox, "read_pdf_text", lambda *_given: None)
        number = filed(firm, sign_up_owner(firm))
    assert (kept(firm), waiting(firm)) == ({}, 1)
    relay.run_relay_once(firm)
    assert [row.number for row in rows(firm, "鸡翅木")] == [number]


def test_one_file_of_two_records_is_read_once_and_finds_both(
    firm: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    mei = sign_up_owner(firm)
    one = filed(firm, mei)
    monkeypatch.setattr(sandbox, "read_pdf_text", pytest.fail)
    other = filed(firm, mei, product_name_zh="书柜")
    assert {row.number for row in rows(firm, "鸡翅木")} == {one, other}
    amended(firm, mei, one)
    text_reading.forget_texts(firm)
    assert [row.number for row in rows(firm, "鸡翅木")] == [other]
    assert passage(firm, "鸡翅木") is not None


def test_the_hash_of_anothers_text_does_not_lend_its_words(firm: Registry) -> None:
    mei = sign_up_owner(firm)
    number = filed(firm, mei)
    stated = {**PUBLIC, "product_name_zh": "书柜", "text_hash": hashlib.sha256(TEXT).hexdigest()}
    file_declaration(firm, mei, stated)
    relay.run_relay_once(firm)
    assert [row.number for row in rows(firm, "鸡翅木")] == [number]


def test_a_message_about_a_record_that_makes_no_text_public_is_dropped(firm: Registry) -> None:
    mei = sign_up_owner(firm)
    filed(firm, mei, fulltext_public="false")
    with unit_of_work(firm.engine) as connection:
        connection.execute(update(Message).values(topic=TEXT_TOPIC))
        connection.execute(
            Message.__table__.insert().values(  # type: ignore[attr-defined]
                topic=TEXT_TOPIC, subject=999, next_try_at=func.now()
            )
        )
    assert text_reading.read_next_text(firm)
    assert not text_reading.read_next_text(firm)
    assert not kept(firm)
