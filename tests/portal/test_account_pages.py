"""The pages of accounts: sign-up and sign-in, what forms keep, the session cookie, and safe redirects."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import quote

import pytest
from flask import Flask

from portal.app import create_app
from portal.web.access import client_network
from registry import clock
from registry.accounts import second_factor
from registry.accounts.policy import SYSTEM
from registry.config import Settings
from registry.i18n import HTML_LANG, LOCALES, gettext
from registry.services.bootstrap import Registry, open_registry
from registry.services.people import login_throttling, personal_data_export, registration, staff_accounts
from registry.store.unit_of_work import read_transaction
from tests.databases import Template
from tests.portal.pages import parse_page
from tests.portal.people import Person
from tests.services.people import PASSWORD, read_mails, token_of, totp_code

pytestmark = pytest.mark.once  # the services behind these pages are tested on both databases
PRIVATE = (
    "overview",
    "name",
    "password",
    "address",
    "set-up-factor",
    "remove-factor",
    "recovery-codes",
    "delete",
)
OPEN = ("sign-up", "sign-in", "forgotten", "sent")


@pytest.fixture
def opened(template: Template, tmp_path: Path) -> Iterator[Registry]:
    with template.copy(tmp_path / "data") as settings:
        registry = open_registry(settings)
        yield registry
        registry.search.close()


@pytest.fixture
def app(opened: Registry) -> Flask:
    return create_app(registry=opened)


def code_of(registry: Registry, address: str) -> str:
    """What the authenticator app of an account shows, and not what it showed when it was last used."""
    with read_transaction(registry.engine) as connection:
        user = registration.find_user(connection, address)
    assert user is not None
    secret = second_factor.totp_secret(registry.settings.secret_key, user.id, user.factor_nonce)
    present = clock.now()
    if int(present.timestamp()) // second_factor.STEP_SECONDS <= user.factor_step:
        present += dt.timedelta(seconds=second_factor.STEP_SECONDS)
    return totp_code(secret, present)


@pytest.mark.parametrize("lang", LOCALES)
def test_sign_up_sign_in_and_sign_out(app: Flask, opened: Registry, lang: str) -> None:
    mei = Person(app, lang)
    response = mei.send("account/sign-up", email="mei@example.com")
    assert (response.status_code, response.location) == (303, f"/{lang}/account/sent")
    sent = mei.open("account/sent").get_data(as_text=True)
    assert "mei@example.com" in sent
    assert gettext("This site does not send e-mail yet. Ask its operator for the message.", lang) in sent
    spam = "No e-mail within ten minutes? Check your spam folder and the spelling of the address."
    assert gettext(spam, lang) not in sent  # nothing was sent, so no page says that it was
    assert str(opened.settings.data_dir) not in sent  # no path of the server on a page
    assert "PINZHENG_" not in sent
    token = token_of(read_mails(opened)[-1])
    done = mei.send(f"account/finish/{token}", name="李梅 Li Mei", password=PASSWORD)
    assert (done.status_code, done.location) == (303, f"/{lang}/workspace/home")
    assert "李梅 Li Mei" in mei.open("account/overview").get_data(as_text=True)
    assert mei.open(f"account/finish/{token}").location == f"/{lang}/workspace/home"
    again = Person(app, lang)  # the button pressed twice: the second answer finds the first one's account
    assert (
        again.send(f"account/finish/{token}", name="李梅", password=PASSWORD).location
        == f"/{lang}/workspace/home"
    )
    assert again.text("workspace/home").count("<h1") == 1
    other = Person(app, lang)
    wrong = other.send(f"account/finish/{token}", name="李梅", password="another one " + PASSWORD)
    assert wrong.location == f"/{lang}/account/sign-in"
    assert other.open(f"account/finish/{token}").status_code == 410
    assert mei.send("account/sign-out").location == f"/{lang}/"
    assert mei.open("account/overview").status_code == 303
    wrong = mei.send("account/sign-in", email="mei@example.com", password="wrong")
    page = wrong.get_data(as_text=True)
    assert (wrong.status_code, 'value="mei@example.com"' in page, "wrong" in page) == (400, True, False)
    assert mei.send("account/sign-in", email="mei@example.com", password=PASSWORD).status_code == 303
    assert mei.open("account/overview").status_code == 200


def test_pages_for_a_new_password_name_the_account_to_password_managers(app: Flask, opened: Registry) -> None:
    mei = Person(app, "en")
    mei.send("account/sign-up", email="mei＠example.com")  # the sign of a Chinese keyboard
    chosen = mei.text(f"account/finish/{token_of(read_mails(opened)[-1])}")
    mei.sign_up(opened, "mei@example.com")
    changed = mei.text("account/password")
    for page in (chosen, changed):
        assert re.search(r'name="username" value="mei@example.com" autocomplete="username"', page)
    assert mei.open("account/password").status_code == 200


def test_the_second_factor_is_required_after_the_password(app: Flask, opened: Registry) -> None:
    mei = Person(app)
    mei.sign_up(opened, "mei@example.com")
    shown = mei.open("account/set-up-factor").get_data(as_text=True)
    assert 'class="pz-qr"' in shown
    for page in ("set-up-factor", "remove-factor", "password"):
        ticked = re.search(r'<input type="checkbox" id="end_tokens"[^>]*>', mei.text(f"account/{page}"))
        assert ticked is not None, page
        assert " checked" in ticked[0], page
    wrong = mei.send("account/set-up-factor", code="123456")
    assert (wrong.status_code, "123456" in wrong.get_data(as_text=True)) == (400, False)
    codes = mei.send("account/set-up-factor", code=code_of(opened, "mei@example.com"))
    recovery = re.findall(r"[A-Z0-9]{4}(?:-[A-Z0-9]{4}){3}", codes.get_data(as_text=True))
    assert len(recovery) == 10
    assert codes.headers["Cache-Control"] == "no-store"
    assert mei.open("account/set-up-factor").location == "/en/account/overview"
    other = Person(app)
    signed_in = other.send(
        "account/sign-in", email="mei@example.com", password=PASSWORD, next="/en/account/name"
    )
    assert signed_in.location == "/en/account/second-factor?next=/en/account/name"
    assert other.open("account/overview").location.startswith("/en/account/sign-in")
    wrong = other.send("account/second-factor", code="102030")
    assert (wrong.status_code, "102030" in wrong.get_data(as_text=True)) == (400, False)
    assert (
        other.send("account/second-factor", code=recovery[0], next="/en/account/name").location
        == "/en/account/name"
    )
    assert other.open("account/name").status_code == 200
    renewed = other.send("account/recovery-codes", password=PASSWORD).get_data(as_text=True)
    assert recovery[1] not in renewed
    assert other.send("account/remove-factor", password=PASSWORD).status_code == 303
    assert "Set up" in other.open("account/overview").get_data(as_text=True)


def test_an_older_session_needs_the_password_to_set_up_a_second_factor(app: Flask, opened: Registry) -> None:
    mei = Person(app)
    mei.sign_up(opened, "mei@example.com")
    with clock.frozen_at(clock.now() + dt.timedelta(minutes=11)):
        page = mei.open("account/set-up-factor").get_data(as_text=True)
        assert ("password again" in page, 'class="pz-qr"' in page) == (True, False)
        assert mei.send("account/set-up-factor", password="wrong").status_code == 400
        assert mei.send("account/set-up-factor", code="123456").status_code == 400
        assert mei.send("account/set-up-factor", password=PASSWORD).location == "/en/account/set-up-factor"
        assert 'class="pz-qr"' in mei.open("account/set-up-factor").get_data(as_text=True)


def test_a_page_says_when_the_session_ends_and_a_request_prolongs_it(app: Flask, opened: Registry) -> None:
    mei = Person(app)
    now = clock.now()
    with clock.frozen_at(now):
        mei.sign_up(opened, "mei@example.com")
        page = mei.text("account/name")
        assert 'data-left="43200"' in page
        assert re.search(r'<script src="/static/session\.js\?v=\w+" defer></script>', page)
        assert "You stay signed in until" in page
    with clock.frozen_at(now + dt.timedelta(hours=11)):
        assert mei.open("account/session").get_json() == {"left": 43200}
    with clock.frozen_at(now + dt.timedelta(hours=22)):
        assert mei.open("account/session").get_json() == {"left": 43200}
    with clock.frozen_at(now + dt.timedelta(hours=35)):
        assert mei.open("account/session").status_code == 303
    assert "session.js" not in app.test_client().get("/en/account/sign-in").get_data(as_text=True)
    served = app.test_client().get("/static/session.js")
    assert served.content_type == "text/javascript; charset=utf-8"
    assert "script-src 'self'" in served.headers["Content-Security-Policy"]


def test_personal_data_are_exported_as_json(
    app: Flask, opened: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In batches, without secrets, and without anything of others."""
    monkeypatch.setattr(personal_data_export, "BATCH_SIZE", 2)
    mei, wei = Person(app), Person(app)
    mei.sign_up(opened, "mei@example.com", "李梅")
    wei.sign_up(opened, "wei@example.com", "Wei")
    wei.send("account/name", name="Wei the other", lang="en")
    for lang in ("zh", "en", "zh"):
        mei.send("account/name", name="李梅", lang=lang)
    sent = mei.open("account/my-data")
    assert sent.headers["Content-Disposition"].startswith('attachment; filename="pinzheng-20')
    assert sent.headers["Cache-Control"] == "no-store"
    assert sent.is_streamed
    text = sent.get_data(as_text=True)
    data = json.loads(text)
    assert data["profile"]["email"] == "mei@example.com"
    acts = [act["action"] for act in data["trail"]]
    assert acts == ["signed_up", "signed_in", "renamed", "renamed", "renamed", "data_carried_away"]
    assert len(data["sessions"]) == 1
    assert [data[name] for name in ("memberships", "claims", "receipts", "files")] == [[], [], [], []]
    assert [secret for secret in ("wei@", "argon2", "hash", "nonce") if secret in text] == []
    assert app.test_client().get("/en/account/my-data").status_code == 303
    assert "A copy of all personal data was made" in mei.text("account/overview")


def test_staff_are_redirected_to_set_up_a_second_factor(app: Flask, opened: Registry) -> None:
    link = staff_accounts.assign_account_role(opened, SYSTEM, "wang@example.com", "registrar", lang="en")
    wang = Person(app)
    assert wang.send(link, password=PASSWORD).status_code == 303
    for page in PRIVATE:
        if page != "set-up-factor":
            assert wang.open(f"account/{page}").location == "/en/account/set-up-factor", page
    assert "need a second factor" in wang.open("account/set-up-factor").get_data(as_text=True)
    wang.send("account/set-up-factor", code=code_of(opened, "wang@example.com"))
    assert wang.open("account/overview").status_code == 200
    assert wang.send("account/remove-factor", password=PASSWORD).status_code == 400


def test_changing_name_sessions_address_and_password(app: Flask, opened: Registry) -> None:
    mei, elsewhere = Person(app), Person(app)
    mei.sign_up(opened, "mei@example.com")
    elsewhere.send("account/sign-in", email="mei@example.com", password=PASSWORD)
    assert mei.send("account/name", name=" ", lang="zh").status_code == 400
    refused = mei.send("account/name", name="Wang <b>Mei</b>", lang="zh")
    assert (refused.status_code, "<b>Mei" in refused.get_data(as_text=True)) == (400, False)
    assert mei.send("account/name", name="Wang & Mei", lang="zh").status_code == 303
    page = mei.open("account/overview").get_data(as_text=True)
    assert "Wang &amp; Mei" in page
    [session] = re.findall(r'name="session" value="(\d+)"', page)
    assert mei.send("account/end-session", session=session).location == "/en/account/overview#sessions"
    assert elsewhere.open("account/overview").status_code == 303
    for wrong in ("1e3", "9" * 40, "", "everything"):
        assert mei.send("account/end-session", session=wrong).status_code == 303
    assert (
        mei.send("account/address", email="new@example.com", password=PASSWORD).location == "/en/account/sent"
    )
    confirm = next(mail for mail in read_mails(opened) if mail["To"] == "new@example.com")
    assert confirm["Subject"] == "确认新邮箱"  # in the language that was chosen
    assert mei.send(f"account/confirm-address/{token_of(confirm)}").status_code == 303
    assert "new@example.com" in mei.open("account/overview").get_data(as_text=True)
    assert mei.send("account/password", present="wrong", password=PASSWORD).status_code == 400
    assert (
        mei.send("account/password", present=PASSWORD, password="eleven calm geese 看水").status_code == 303
    )
    assert mei.open("account/overview").status_code == 200


@pytest.mark.parametrize("page", ["sign-up", "sign-in", "forgotten"])
def test_the_language_switch_of_a_form_does_not_submit_it(app: Flask, opened: Registry, page: str) -> None:
    mei = Person(app)
    shown = mei.send(f"account/{page}", email="half@typed", password="never shown", switch="zh")
    body = shown.get_data(as_text=True)
    assert shown.status_code == 200
    assert 'value="half@typed"' in body
    assert "never shown" not in body
    assert "govuk-error-summary" not in body
    assert f'formaction="/zh/account/{page}"' in body
    assert read_mails(opened) == []


@pytest.mark.parametrize("lang", LOCALES)
@pytest.mark.parametrize("page", [*PRIVATE, *OPEN])
def test_every_account_page_is_well_formed_private_and_not_cached(
    app: Flask, opened: Registry, page: str, lang: str
) -> None:
    mei = Person(app, lang)
    if page in PRIVATE:
        mei.sign_up(opened, "mei@example.com")
    response = mei.open(f"account/{page}")
    if page == "sign-in" and response.status_code == 303:
        return
    seen = parse_page(response.get_data(as_text=True))
    assert (response.status_code, seen.unclosed, seen.problems) == (200, [], [])
    assert seen.all("html")[0]["lang"] == HTML_LANG[lang]
    assert len(seen.all("h1")) == 1
    assert response.headers["Cache-Control"] == "no-store"
    assert {"name": "robots", "content": "noindex"} in seen.all("meta")
    labelled = {each["for"] for each in seen.all("label")}
    inputs = [each for each in seen.all("input") if each.get("type") != "hidden"]
    assert {each["id"] for each in inputs} <= labelled
    for form in seen.all("form"):
        assert (form["method"], form["action"].startswith(f"/{lang}/account/")) == ("post", True)


@pytest.mark.parametrize("page", PRIVATE)
def test_anonymous_visitors_are_redirected_to_sign_in_and_back(
    app: Flask, opened: Registry, page: str
) -> None:
    mei = Person(app)
    mei.sign_up(opened, "mei@example.com")
    mei.send("account/sign-out")
    led = mei.open(f"account/{page}")
    assert led.location == f"/en/account/sign-in?next=/en/account/{page}"
    shown = mei.open(led.location).get_data(as_text=True)
    assert f'name="next" value="/en/account/{page}"' in shown


@pytest.mark.parametrize(
    "onward",
    [
        "//evil.example/",
        "https://evil.example/",
        "/\\evil.example",
        "/en//evil.example",
        "javascript:alert(1)",
        "/fr/x",
    ],
)
def test_next_never_redirects_to_another_site(app: Flask, opened: Registry, onward: str) -> None:
    mei = Person(app)
    mei.sign_up(opened, "mei@example.com")
    assert mei.open(f"account/sign-in?next={quote(onward)}").location == "/en/workspace/home"
    mei.send("account/sign-out")
    done = mei.send("account/sign-in", email="mei@example.com", password=PASSWORD, next=onward)
    assert done.location == "/en/workspace/home"


def test_too_many_attempts_are_refused_with_retry_after(app: Flask, opened: Registry) -> None:
    mei = Person(app)
    for _turn in range(login_throttling.ACCOUNT_AND_NETWORK_LIMIT.max_attempts):
        assert mei.send("account/sign-in", email="mei@example.com", password="wrong").status_code == 400
    locked = mei.send("account/sign-in", email="mei@example.com", password="wrong")
    assert locked.status_code == 429
    assert 800 < int(locked.headers["Retry-After"]) <= 900
    assert "Too many attempts" in locked.get_data(as_text=True)


def test_the_cookie_changes_with_the_session_and_is_void_after_it(app: Flask, opened: Registry) -> None:
    mei = Person(app)
    before = mei.open("account/sign-in").headers["Set-Cookie"]
    assert "HttpOnly" in before
    assert "SameSite=Lax" in before
    done = mei.sign_up(opened, "mei@example.com")
    cookie = done.headers["Set-Cookie"].partition(";")[0]
    assert cookie != before.partition(";")[0]
    mei.send("account/sign-out")
    thief = app.test_client()
    name, _equals, value = cookie.partition("=")
    thief.set_cookie(name, value)
    assert thief.get("/en/account/overview").status_code == 303


def test_in_production_the_cookie_is_secure_and_bound_to_the_host(opened: Registry) -> None:
    settings = replace(opened.settings, base_url="https://pinzheng.example")
    public = create_app(registry=replace(opened, settings=settings)).test_client()
    shown = public.get("/en/account/sign-in", base_url="https://pinzheng.example")
    cookie = shown.headers["Set-Cookie"]
    assert cookie.startswith("__Host-pinzheng=")
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= {part.strip() for part in cookie.split(";")}
    assert "Domain" not in cookie
    sent = public.get("/en/account/sent", base_url="https://pinzheng.example").get_data(as_text=True)
    assert str(settings.mail_dir) not in sent  # the folder of files is never shown there


def test_public_pages_set_no_cookie_and_ignore_the_session(app: Flask, opened: Registry) -> None:
    mei = Person(app)
    mei.sign_up(opened, "mei@example.com")
    for page in ("/en/", "/en/search", "/en/brands", "/en/about", "/healthz"):
        alone, known = app.test_client().get(page), mei.open(page)
        assert alone.get_data() == known.get_data()
        assert "Set-Cookie" not in alone.headers
        assert "Set-Cookie" not in known.headers


def test_only_trusted_proxies_are_believed_about_the_client(app: Flask, opened: Registry) -> None:
    def asked(remote: str, trusted: str = "", **headers: str) -> str:
        given = {"PINZHENG_TRUSTED_PROXIES": trusted}
        settings = replace(opened.settings, trusted_proxies=Settings.from_environment(given).trusted_proxies)
        site = SimpleNamespace(registry=replace(opened, settings=settings))
        with app.test_request_context(environ_base={"REMOTE_ADDR": remote}, headers=headers) as context:
            return client_network(site, context.request)  # type: ignore[arg-type] - asked for its settings alone

    forged = {"X-Forwarded-For": "203.0.113.9, 198.51.100.4"}
    assert asked("192.0.2.1", **forged) == "192.0.2.1"
    assert asked("127.0.0.1", **forged) == "198.51.100.4"
    assert asked("127.0.0.1") == "127.0.0.1"
    row = {"X-Forwarded-For": "6.6.6.6, 203.0.113.9:4711, 10.1.2.3, 10.9.9.9"}
    assert asked("10.0.0.1", "10.0.0.0/8, fd00::/8", **row) == "203.0.113.9"
    assert asked("fd00::1", "10.0.0.0/8, fd00::/8", **row) == "203.0.113.9"
    assert asked("127.0.0.1", "10.0.0.0/8", **row) == "127.0.0.1"  # a value replaces the default
    assert asked("127.0.0.1", **{"X-Forwarded-For": "2001:db8:1:2:3:4:5:6"}) == "2001:db8:1:2::/64"
    assert asked("127.0.0.1", **{"X-Forwarded-For": "[2001:db8:1:2::9]:443"}) == "2001:db8:1:2::/64"
    assert asked("::ffff:192.0.2.1") == "192.0.2.1"
    assert asked("127.0.0.1", **{"X-Forwarded-For": "1.2.3.4, unknown"}) == "127.0.0.1"


def test_a_form_that_was_open_while_the_secret_was_replaced_is_taken(app: Flask, opened: Registry) -> None:
    mei = Person(app, "en")
    mei.sign_up(opened, "mei@example.com")
    token, cookie = mei.token(), mei.browser.get_cookie("pinzheng")
    assert cookie is not None

    def rename(*secrets: str) -> int:
        settings = replace(opened.settings, secret_key=secrets[0], former_secret_keys=secrets[1:])
        browser = create_app(registry=replace(opened, settings=settings)).test_client()
        browser.set_cookie("pinzheng", cookie.value)
        sent = browser.post("/en/account/name", data={"form": token, "name": "Mei", "lang": "en"})
        return sent.status_code if sent.location == "/en/account/overview" else 0

    new = "the secret that comes after it: thirty-two"
    assert rename(new, "one between: thirty-two characters long", opened.settings.secret_key) == 303
    assert rename(new) == 0


@pytest.mark.parametrize("lang", LOCALES)
def test_an_account_is_deleted_by_its_owner(app: Flask, opened: Registry, lang: str) -> None:
    mei = Person(app, lang)
    mei.sign_up(opened, "mei@example.com")
    assert f'href="/{lang}/account/delete"' in mei.text("account/overview")
    page = mei.text("account/delete")
    for words in ("What ends", "What stays", "Delete the account for good"):
        assert gettext(words, lang) in page
    assert mei.send("account/delete", password="wrong").status_code == 400
    sent = mei.send("account/delete", password=PASSWORD)
    assert (sent.status_code, sent.location) == (303, f"/{lang}/account/deleted")
    assert gettext("Your account is deleted", lang) in mei.text("account/deleted")
    assert mei.open("account/overview").status_code == 303
    assert gettext("Your account is deleted", lang) in str(read_mails(opened)[-1]["Subject"])


def test_staff_are_told_who_ends_their_account(app: Flask, opened: Registry) -> None:
    wang = Person(app, "en")
    wang.appointed(opened, "wang@example.com", "registrar")
    page = wang.text("account/delete")
    assert "ended by the operator of the register. Please ask there." in page
    assert "Delete the account for good" not in page
