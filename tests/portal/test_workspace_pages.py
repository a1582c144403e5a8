"""The pages of the workspace: from the claim to the receipt, drafts, amendments, actions that the state forbids."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from registry import clock
from registry.accounts.policy import REGISTRAR, SYSTEM
from registry.i18n import LOCALES
from registry.services.bootstrap import Registry
from registry.services.exchange.importer import import_files
from registry.services.filing import DraftView, draft_views
from registry.services.operations import relay
from registry.services.people import claims, examinations
from registry.store.locks import hold_file_lock
from tests.portal.people import Person
from tests.portal.workspaces import (
    BASE,
    app,
    cells,
    fill_in_draft,
    is_found,
    opened,
    owner,
    proof,
    publish_draft,
)
from tests.services import people, samples
from tests.services.filers import FIRM_NUMBER, INDICATORS, OWN_STANDARD
from tests.services.people import read_mails, token_of

pytestmark = pytest.mark.once  # the services behind these pages are tested on both databases
__all__ = ["app", "opened"]


@pytest.mark.parametrize("lang", LOCALES)
def test_from_the_claim_to_the_receipt(app: Flask, opened: Registry, lang: str) -> None:
    mei = owner(app, opened, lang)
    assert "91330100MAWY010175" in mei.text("workspace/home")
    draft = fill_in_draft(mei)
    assert "王强" not in mei.text(f"{draft}/check")
    number = publish_draft(mei, draft)
    receipt = mei.text(f"{BASE}/declarations/{number}/receipt")
    assert number in receipt
    assert "王强" in receipt
    assert 'class="pz-qr"' in receipt
    assert f"http://127.0.0.1:8000/r/{number}" in receipt
    relay.run_relay_once(opened)
    kept = mei.open(f"{BASE}/declarations/{number}/receipt.txt")
    assert kept.headers["Content-Disposition"] == f'attachment; filename="receipt-{number}.txt"'
    assert re.search(r"[0-9a-f]{64}", kept.get_data(as_text=True))
    assert "王强" not in kept.get_data(as_text=True)
    public = mei.text(f"declarations/{number}")
    assert "QY-20" in public
    assert "王强" not in public
    assert is_found(mei, "QY-20", number)
    withdrawn = mei.send(f"{BASE}/declarations/{number}/withdraw", reason="产品停产")
    assert withdrawn.status_code == 303
    receipt = mei.text(f"{BASE}/declarations/{number}/receipt")
    assert "pz-receipt--past" in receipt
    assert "产品停产" in receipt
    assert ("Committed by" in receipt, "承诺人" in receipt) == (
        False,
        False,
    )  # a withdrawal has no commitment
    assert "产品停产" in mei.text(f"{BASE}/declarations/{number}/receipt.txt")
    assert {"zh": "产品停产", "en": "Product discontinued"}[lang] in mei.text(f"declarations/{number}")


def test_a_step_saves_valid_and_invalid_answers_alike(app: Flask, opened: Registry) -> None:
    mei = owner(app, opened)
    draft = str(mei.send(f"{BASE}/declarations/begin").location)
    wrong = {"std_no": "Q/HZQY 0003-2026", "issued_on": "31/31/2026"}
    looked = mei.send(f"{draft}/standard", revision="1", go="look", **wrong)
    page = looked.get_data(as_text=True)
    assert looked.status_code == 400
    assert "31/31/2026" in page
    assert 'href="#issued_on"' in page
    listed = mei.send(f"{draft}/standard", revision="2", go="list", **wrong)
    assert listed.location == draft
    assert "To correct" in mei.text(draft)
    switched = mei.send(f"{draft}/standard", revision="2", switch="zh", std_no="GB/T 35607-2024")
    assert switched.status_code == 200
    assert 'value="GB/T 35607-2024"' in switched.get_data(as_text=True)
    assert "govuk-error-summary" not in switched.get_data(as_text=True)
    assert mei.open(f"{draft}/nothing").status_code == 404


def test_a_step_builds_the_view_of_its_draft_at_most_once(
    app: Flask, opened: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    mei = owner(app, opened)
    draft = str(mei.send(f"{BASE}/declarations/begin").location)
    built: list[int] = []
    build = draft_views.build_draft_view

    def count(*args: Any) -> DraftView:
        built.append(1)
        return build(*args)

    monkeypatch.setattr(draft_views, "build_draft_view", count)
    answers = {"product_name_zh": "实木椅"}
    for step, sent, times in (
        ("product", None, 1),
        ("product", {"go": "keep", "revision": "1", **answers}, 0),
        ("product", {"go": "next", "revision": "2", **answers}, 0),
        ("product", {"go": "look", "revision": "2", **answers}, 1),
        ("product", {"go": "english-product_name_en", "revision": "2", "product_name_en": "", **answers}, 1),
        (
            "product",
            {"go": "next", "revision": "1", "product_name_zh": "铁椅"},
            1,
        ),  # another has saved meanwhile
    ):
        built.clear()
        response = mei.send(f"{draft}/{step}", **sent) if sent else mei.open(f"{draft}/{step}")
        assert (sent, response.status_code < 500, len(built)) == (sent, True, times)


def shown_rows(page: str) -> int:
    return page.count('id="indicators-') // 10


def test_rows_are_added_and_removed(app: Flask, opened: Registry) -> None:
    mei = owner(app, opened)
    draft = str(mei.send(f"{BASE}/declarations/begin").location)
    assert shown_rows(mei.text(f"{draft}/indicators")) == 1
    typed = cells(INDICATORS)
    added = mei.send(f"{draft}/indicators", revision="1", go="add-indicators", **typed)
    assert shown_rows(added.get_data(as_text=True)) == 3
    assert 'formaction="?#indicators-3-name_zh"' in added.get_data(as_text=True)
    empty = {"indicators-2-kind": ""}
    added = mei.send(f"{draft}/indicators", revision="2", go="add-indicators", **typed, **empty)
    assert shown_rows(added.get_data(as_text=True)) == 4
    assert shown_rows(mei.text(f"{draft}/indicators")) == 2
    less = mei.send(f"{draft}/indicators", revision="2", go="remove-indicators-0", **cells(INDICATORS))
    page = less.get_data(as_text=True)
    assert "甲醛释放量" not in page
    assert "抗弯强度" in page


def test_the_second_of_two_editors_sees_both_answers(app: Flask, opened: Registry) -> None:
    mei, wei = owner(app, opened), Person(app)
    mei.send(f"{BASE}/invite", email="wei@example.com", role="editor", agent="")
    token = token_of(read_mails(opened)[-1])
    wei.send(f"account/invitation/{token}", name="Wei", password=people.PASSWORD)
    draft = str(mei.send(f"{BASE}/declarations/begin").location)
    wei.send(f"{draft}/product", revision="1", go="next", product_name_zh="餐桌", models="A")
    behind = mei.send(f"{draft}/product", revision="1", go="next", product_name_zh="书柜", models="B")
    page = behind.get_data(as_text=True)
    assert "Wei has saved this part meanwhile" in page
    own = mei.send(f"{draft}/promise", revision="2", go="next", signer_post="总经理")
    assert own.status_code == 303
    twice = mei.send(f"{draft}/promise", revision="2", go="next", signer_post="厂长").get_data(as_text=True)
    assert "another window of yours" in twice
    assert "Mei" not in twice.partition("govuk-error-summary")[2].partition("</ul>")[0]
    assert "餐桌" in page
    assert 'value="书柜"' in page
    assert "餐桌" in mei.text(f"{draft}/product")
    kept = mei.send(f"{draft}/product", revision="3", go="next", product_name_zh="书柜", models="B")
    assert kept.status_code == 303
    late = wei.send(f"{draft}/check", revision="3", signer="Wei")
    assert late.status_code == 409


def test_filings_are_part_of_the_personal_data(app: Flask, opened: Registry) -> None:
    mei = owner(app, opened)
    number = publish_draft(mei, fill_in_draft(mei))
    kept = json.loads(mei.text("account/my-data"))
    assert [(each["organisation"], each["role"]) for each in kept["memberships"]] == [(FIRM_NUMBER, "owner")]
    assert [(each["number"], each["status"]) for each in kept["claims"]] == [(FIRM_NUMBER, "confirmed")]
    assert [each["number"] for each in kept["receipts"]] == [number]
    assert [each["name"] for each in kept["files"]] == ["营业执照.png"]


def test_the_desk_names_regions_and_a_void_invitation_has_its_own_page(app: Flask, opened: Registry) -> None:
    mei, wang = Person(app), Person(app, "zh")
    mei.sign_up(opened, "mei@example.com")
    mei.send("workspace/claim", number=FIRM_NUMBER, post="质量经理", file=proof())
    wang.appointed(opened, "wang@example.com", "registrar")
    seen = wang.text("desk/claims/1")
    assert ("杭州" in seen.partition("<h1")[2].partition("330100")[0], ">330100<" in seen) == (True, False)
    assert "Ask for a new one" not in mei.text("account/invitation/1.x")
    assert "ask the person who invited you" in mei.text("account/invitation/1.x")


def test_a_decision_is_asked_about_before_it_is_made_and_says_what_becomes_of_the_letter(
    app: Flask, opened: Registry
) -> None:
    mei, wang = Person(app), Person(app)
    mei.sign_up(opened, "mei@example.com")
    mei.send("workspace/claim", number=FIRM_NUMBER, post="质量经理", file=proof())
    wang.appointed(opened, "wang@example.com", "registrar")
    asked = wang.send("desk/claims/1", decision="confirm").text
    assert "Confirm this claim?" in asked
    assert "can publish in the name of the organisation immediately" in asked
    assert "Confirm the claim" in wang.text("desk/claims/1")  # nothing has happened yet
    assert (
        wang.send("desk/claims/1", decision="refuse", reason="").status_code == 400
    )  # a reason is asked for first
    refused = wang.send("desk/claims/1", decision="refuse", reason="The licence is another firm's").text
    assert "Refuse this claim?" in refused
    assert "another firm&#39;s" in refused
    done = wang.send("desk/claims/1", decision="refuse", reason="The licence is another firm's", sure="1")
    page = wang.text(str(done.location))
    assert "the e-mail to" in page  # no mail server is set in tests
    assert "on its way" not in page


@pytest.mark.parametrize(
    ("address", "signed_out", "enterprise", "registrar"),
    [
        ("account", "/en/account/sign-in?next=/en/account", "/en/account/overview", "/en/account/overview"),
        ("workspace", "/en/account/sign-in?next=/en/workspace", "/en/workspace/home", "/en/workspace/home"),
        ("desk", "/en/account/sign-in?next=/en/desk", "/en/workspace/home", None),
    ],
)
def test_the_addresses_above_lead_each_person_to_where_they_belong(
    app: Flask, opened: Registry, address: str, signed_out: str, enterprise: str, registrar: str | None
) -> None:
    mei, wang = Person(app), Person(app)
    assert mei.open(address).location == signed_out
    mei.sign_up(opened, "mei@example.com")
    wang.appointed(opened, "wang@example.com", "registrar")
    assert [mei.open(address).location, wang.open(address).location] == [enterprise, registrar]


def test_a_stored_file_need_not_be_uploaded_again(app: Flask, opened: Registry) -> None:
    mei = Person(app)
    mei.sign_up(opened, "mei@example.com")
    first = mei.send("workspace/claim", number="91330100MAWY010176", post="", file=proof())
    page = first.get_data(as_text=True)
    assert first.status_code == 400
    assert "营业执照.png" in page
    kept = re.search(r'name="kept" value="(\d+)"', page)
    assert kept is not None
    again = mei.send(
        "workspace/claim", number=FIRM_NUMBER, post="质量经理", kept=kept[1], kept_name="营业执照.png"
    )
    assert again.status_code == 303
    bad = mei.send("workspace/claim", number=FIRM_NUMBER, post="x", file=(io.BytesIO(b"<script>"), "a.pdf"))
    assert bad.status_code == 400
    assert "neither PDF, OFD, JPEG nor PNG" in bad.get_data(as_text=True)


@pytest.mark.parametrize("lang", LOCALES)
def test_a_proof_that_is_being_examined_is_kept_until_the_claim_is_sent_again(
    app: Flask, opened: Registry, lang: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    mei = Person(app, lang)
    mei.sign_up(opened, "mei@example.com")
    monkeypatch.setattr(examinations, "WAIT_SECONDS", 0.0)
    with hold_file_lock(examinations.EXAMINER_LOCK, opened.settings.data_dir):
        sent = mei.send("workspace/claim", number=FIRM_NUMBER, post="质量经理", file=proof())
    assert "营业执照.png" in sent.text
    token = re.search(r'name="examined" value="([^"]+)"', sent.text)
    assert token is not None
    assert examinations.run_examinations_once(opened) == 1
    again = mei.send("workspace/claim", number=FIRM_NUMBER, post="质量经理", examined=token[1])
    assert again.status_code == 303


@pytest.mark.parametrize("lang", LOCALES)
def test_publishing_twice_redirects_to_the_receipt(app: Flask, opened: Registry, lang: str) -> None:
    mei = owner(app, opened, lang)
    draft = fill_in_draft(mei)
    receipt = f"/{lang}/{BASE}/declarations/{publish_draft(mei, draft)}/receipt"
    assert mei.send(f"{draft}/check", revision="6", signer="王强").location == receipt
    for page in (draft, f"{draft}/check", f"{draft}/product", f"{draft}/discard"):
        assert mei.open(page).location == receipt
    stranger = Person(app, lang)
    stranger.sign_up(opened, "stranger@example.com")
    assert stranger.open(f"{draft}/check").status_code == 404
    assert receipt in mei.text("workspace/home")
    listed = mei.text(f"{BASE}/declarations")
    assert receipt in listed
    assert receipt.replace("receipt", "misfiled") in listed
    assert sum(mail.get_content().count(receipt) for mail in read_mails(opened)) == 1
    assert receipt.replace("receipt", "misfiled") in mei.text(receipt)


@pytest.mark.parametrize("lang", LOCALES)
def test_actions_that_do_not_fit_show_the_state_of_the_record(
    app: Flask, opened: Registry, lang: str
) -> None:
    mei = owner(app, opened, lang)
    number = publish_draft(mei, fill_in_draft(mei))
    orders = ("withdraw", "still-true", "misfiled")
    for order in orders:
        assert mei.open(f"{BASE}/declarations/SD-2026-999999-X/{order}").status_code == 404
        assert mei.send(f"{BASE}/declarations/SD-2026-999999-X/{order}", reason="x").status_code == 404
    assert mei.send(f"{BASE}/declarations/begin", amend="SD-2026-999999-X").status_code == 404
    mei.send(f"{BASE}/declarations/{number}/withdraw", reason="产品停产")
    word = {"zh": "废止", "en": "Withdrawn"}[lang]
    for order in orders:
        for shown, status in (
            (mei.open(f"{BASE}/declarations/{number}/{order}"), 200),
            (mei.send(f"{BASE}/declarations/{number}/{order}", reason="x"), 409),
        ):
            page = shown.get_data(as_text=True)
            assert (shown.status_code, word in page, "产品停产" in page) == (status, True, True)
            assert "<form" not in page.partition("<main")[2].partition("</main>")[0]
    begun = mei.send(f"{BASE}/declarations/begin", amend=number)
    assert (begun.status_code, word in begun.get_data(as_text=True)) == (409, True)


def test_an_amendment_shows_what_it_changes_and_asks_why(app: Flask, opened: Registry) -> None:
    mei = owner(app, opened)
    number = publish_draft(mei, fill_in_draft(mei))
    draft = str(mei.send(f"{BASE}/declarations/begin", amend=number).location)
    assert "says what is public already" in mei.text(f"{draft}/check")
    mei.send(
        f"{draft}/product",
        revision="1",
        go="next",
        product_name_zh="实木餐桌",
        models="QY-10、QY-30",
        category="0701",
        production_mode="own",
        product_name_en="Solid wood dining table",
    )
    page = mei.text(f"{draft}/check")
    assert "QY-10, <del>QY-20</del>" in page
    assert "QY-10, <ins>QY-30</ins>" in page
    assert "Models or specifications added or removed" in page
    declared = {"revision": "2", "signer": "王强", "seen": "1"}
    refused = mei.send(f"{draft}/check", **declared, amended_because="", amended_note="")
    assert refused.status_code == 400
    assert "Say why" in refused.get_data(as_text=True)
    moved = {**declared, "seen": "9"}
    assert mei.send(f"{draft}/check", **moved, amended_because="amended_models").status_code == 400
    done = mei.send(f"{draft}/check", **declared, amended_because="amended_models", amended_note="增加 QY-30")
    assert done.status_code == 303
    history = mei.text(f"declarations/{number}/history")
    assert "Models or specifications added or removed" in history
    assert "增加 QY-30" in history


def test_changes_of_the_record_are_shown_and_taken_over(app: Flask, opened: Registry, tmp_path: Path) -> None:
    mei = owner(app, opened)
    number = publish_draft(mei, fill_in_draft(mei))
    draft = str(mei.send(f"{BASE}/declarations/begin", amend=number).location)
    typed = {
        **OWN_STANDARD,
        "models": "QY-10|QY-20",
        "org_uscc": FIRM_NUMBER,
        "category": "0704",
        "status": "active",
    }
    document = {**typed, "declared_on": clock.today().isoformat()}
    import_files(
        opened,
        REGISTRAR,
        "declarations",
        [samples.write_sheet(tmp_path / "d.csv", "declarations", [document])],
    )
    page = mei.text(f"{draft}/check")
    assert "has changed since this draft was begun" in page
    assert "<ins>Metal</ins> furniture" in page
    assert mei.send(f"{draft}/follow").location == f"{draft}/check"
    page = mei.text(f"{draft}/check")
    assert "has changed since this draft was begun" not in page
    assert "Metal furniture" in page


def test_issues_link_to_their_questions(app: Flask, opened: Registry) -> None:
    mei = owner(app, opened)
    draft = str(mei.send(f"{BASE}/declarations/begin").location)
    rows = [INDICATORS[0], {**INDICATORS[1], "value": "viel", "method": ""}]
    mei.send(f"{draft}/standard", revision="1", go="next", std_no="Q/HZQY 0003-2026")
    looked = mei.send(f"{draft}/indicators", revision="2", go="look", **cells(rows)).get_data(as_text=True)
    for anchor in ("indicators-1-value", "indicators-1-method"):
        assert f'href="#{anchor}"' in looked
        assert f'id="{anchor}"' in looked
    page = mei.text(f"{draft}/check")
    assert f'href="{draft}/indicators?checked=1&amp;back=check#indicators-1-value"' in page
    assert f'href="{draft}/product?checked=1&amp;back=check#models"' in page
    assert 'id="models"' in mei.text(f"{draft}/product")


def test_discarding_a_draft_needs_confirmation(app: Flask, opened: Registry) -> None:
    mei = owner(app, opened)
    draft = str(mei.send(f"{BASE}/declarations/begin").location)
    assert "gone for good" in mei.text(f"{draft}/discard")
    assert mei.open(draft).status_code == 200
    assert mei.send(f"{draft}/discard").location == f"/en/{BASE}/declarations"
    assert mei.open(draft).status_code == 404


def test_a_foreign_organisation_is_told_that_it_cannot_declare(
    app: Flask, opened: Registry, tmp_path: Path
) -> None:
    rows = [{"country": "US", "foreign_reg_no": "DE123", "name_en": "Acme Inc.", "name_zh": "Acme"}]
    sheet = samples.write_sheet(tmp_path / "foreign.csv", "organisations", rows)
    import_files(opened, REGISTRAR, "organisations", [sheet])
    mei = Person(app)
    mei.sign_up(opened, "mei@example.com")
    mei.send("workspace/claim", number="F-US-DE123", post="agent", file=proof())
    claims.decide_claim(opened, SYSTEM, 1, confirmed=True)
    base = "workspace/organisations/F-US-DE123/declarations"
    page = mei.text(base)
    assert "A foreign organisation has none" in page
    assert "/declarations/begin" not in page
    assert "cannot declare standards" in mei.text("workspace/home")
    refused = mei.send(f"{base}/begin")
    assert (refused.status_code, "F-US-DE123 has none" in refused.get_data(as_text=True)) == (400, True)


@pytest.mark.parametrize("lang", LOCALES)
def test_the_law_is_named_in_the_language_of_the_page(app: Flask, opened: Registry, lang: str) -> None:
    mei = owner(app, opened, lang)
    draft = str(mei.send(f"{BASE}/declarations/begin").location)
    page = mei.text(f"{draft}/comparison")
    assert ("《企业标准化促进办法》" in page) == (lang == "zh")
    assert ("Art" in page.partition("<main")[2]) == (lang == "en")
    assert {"zh": "（企业标准必填）", "en": "(compulsory for an own standard)"}[lang] in mei.text(
        f"{draft}/standard"
    )
    number = publish_draft(mei, fill_in_draft(mei))
    basis = {"zh": "第二十七条；《企业标准化促进办法》", "en": "Article 27; Measures for the Promotion"}[lang]
    assert basis in mei.text(f"declarations/{number}")
