"""Contract of the routes: every address is in the public contract, has the right methods and a well-formed response.

Holds for every rule of the application, over a store with the samples of every register.
"""

from __future__ import annotations

import datetime as dt
import io
import re
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import replace

import pytest
from flask import Flask, Response
from flask.testing import FlaskClient
from PIL import Image
from sqlalchemy import delete, func, insert, select
from werkzeug.routing import Rule

from portal.app import create_app
from portal.web.security import SECURITY_HEADERS, STRICT_TRANSPORT_SECURITY
from registry import clock
from registry.accounts.membership import Invitation, Membership
from registry.accounts.policy import ANONYMOUS, REGISTRAR, Actor
from registry.attachments.model import Picture
from registry.i18n import HTML_LANG, LOCALES
from registry.kit.draft import Receipt
from registry.kit.record import Record
from registry.registers import applied_registers, catalogue, filed_registers
from registry.search.words.model import SearchFollower
from registry.services import random_checks
from registry.services.bootstrap import Registry
from registry.services.exchange.importer import import_files
from registry.services.mail import email_links, report_links
from registry.services.people import attachments, registration
from registry.store.unit_of_work import unit_of_work
from tests.databases import Template
from tests.portal.pages import parse_page
from tests.services import reporters, samples
from tests.services.checks import announce
from tests.services.deciders import staff
from tests.unit.attachments.files import pdf

PAGES = re.compile(
    r"|/|/(?:search|verify|compare|statistics|open-data|quality|glossary|searches|about|status|registers)"
    r"|/statistics/(?:<register:slug>|(?:<register:slug>|all)/<chart>\.<any\(csv, svg, png\):ending>)"
    r"|/checks(?:/<check>)?|/compare\.csv|/products(?:/<gtin>)?"
    r"|/(?:contact|privacy|accessibility|terms|licence|security|display)"
    r"|/report/<kind>|/reports/<number>/<token>"  # without an account
    r"|/(?:account|workspace|desk)(?:/.+)?|/feeds/.+"
    r"|/<register:slug>(?:/<number:number>)?"
)
API = re.compile(
    r"search|suggest|statistics(?:/<slug>)?|quality|check|entries|docs|openapi\.json"
    r"|registers(?:/<slug>(?:/schema\.json|/records(?:/<path:number>.*)?)?)?"
    r"|files(?:/<token>)?|registers/<slug>/(?:reports|applications(?:/<int:application>.*)?)"  # with a token
    r"|own-records(?:/<slug>/<path:number>.*)?"  # with a token
    r"|desk/(?:registers(?:/<slug>/records/<path:number>)?|cases|(?:decisions|applications|sheets|entries)(?:/.+)?)"  # with a token
)
OUTSIDE = re.compile(
    r"/"  # redirects to the reader's language
    r"|/r/<number:number>"  # printed in QR codes
    r"|/texts/<digest>"  # of standards whose full text is public
    r"|/pictures/<picture>(?:/small)?"  # of records, supplied by their holders
    r"|/static/.+|/favicon\.ico|/robots\.txt|/sitemap(?:-<int:part>)?\.xml"
    r"|/healthz|/readyz|/metrics|/csp-reports"
    r"|/\.well-known/(?:security\.txt|change-password)"  # RFC 9116; W3C, a well-known URL for changing passwords
    r"|/checks\.json|/checks/.+"  # files from which a draw is recomputed
    r"|/exports/.+|/log/.+"
)
ROOMS = (("/<lang:lang>", PAGES), ("/api/v1/", API), ("", OUTSIDE))
MAY_END_IN_SLASH = {"/", "/<lang:lang>/"}
REQUIRED_HEADERS = {
    "Content-Security-Policy",
    "X-Content-Type-Options",
    "Referrer-Policy",
    "Permissions-Policy",
    "Cross-Origin-Opener-Policy",
}
READ_METHODS = {"GET", "HEAD", "OPTIONS"}
POST_ONLY = {"POST", "OPTIONS"}
METHODS_BY_RULE = {
    "/csp-reports": POST_ONLY,  # from browsers, changes nothing
    "/api/v1/check": POST_ONLY,  # a query with a body, changes nothing
    "/api/v1/registers/<slug>/records": READ_METHODS | {"POST"},  # with a token
    "/api/v1/registers/<slug>/records/<path:number>": READ_METHODS | {"PUT"},
    "/api/v1/registers/<slug>/reports": POST_ONLY,
    "/api/v1/registers/<slug>/applications": READ_METHODS | {"POST"},
    "/api/v1/registers/<slug>/applications/<int:application>": READ_METHODS | {"PUT"},
    "/api/v1/registers/<slug>/applications/<int:application>/withdraw": POST_ONLY,
    "/api/v1/own-records/<slug>/<path:number>/requests": POST_ONLY,
    "/api/v1/own-records/<slug>/<path:number>/requests/<int:asked>/withdraw": POST_ONLY,
    "/api/v1/own-records/<slug>/<path:number>/challenges/<int:challenge>/statements": POST_ONLY,
    "/api/v1/files": POST_ONLY,
    "/api/v1/desk/decisions": READ_METHODS | {"POST"},
    "/api/v1/desk/sheets": POST_ONLY,
    "/api/v1/desk/decisions/<int:decision>/files": POST_ONLY,
    "/api/v1/desk/decisions/<int:decision>/files/<int:file>/remove": POST_ONLY,
    "/api/v1/desk/entries": READ_METHODS | {"POST"},
    "/api/v1/desk/entries/<int:entry>/file": READ_METHODS,
    "/<lang:lang>/account/sign-out": POST_ONLY,
    "/<lang:lang>/account/end-session": POST_ONLY,
}
# Forms are shown with GET and sent with POST; actions without a page of their own take POST only.
FORMS = re.compile(
    r"/<lang:lang>/(?:verify|display|report/<kind>|reports/<number>/<token>|account/(?!sent$|deleted$|overview$|session$|my-data$|searches).+"
    r"|workspace/(?:claim|tokens|.+/(?:invite|leave|withdraw|misfiled|still-true|confirm|check|discard|evidence|report|sheets|pictures|answer/<int:report>|<key>|<int:(?:member|job)>))"
    r"|desk/(?:claims/<int:claim>(?:/(?:person|proof))?|new/<register:slug>|entries/<int:entry>(?:/file)?|audit/accounts/<int:account>|imports(?:/<int:job>)?|sheets(?:/<int:sheet>)?|reports/<int:report>(?:/(?:file|sender))?|requests/<int:asked>|words(?:/<int:synonym>)?|bounds|tokens|accounts(?:/find|/<int:account>)?"
    r"|applications/<int:application>(?:/(?:<key>|signer|files/<int:file>))?|views/new|checks/(?:new|<int:check>(?:/<int:place>)?)|decisions/<int:decision>(?:/files(?:/<int:file>)?)?|batch/<register:slug>/<key>|<register:slug>/<number>/(?:<key>|figures|text)))"
)
ACTIONS = re.compile(
    r"/<lang:lang>/workspace/(?:claims/<int:claim>/withdraw|tokens/<int:token>/revoke|.+/(?:remove|begin|correct|follow|cancel|<int:(?:invitation|asked)>/withdraw))"
    r"|/<lang:lang>/account/searches/<int:search>"
    r"|/<lang:lang>/desk/(?:words/hide|views/<int:view>/remove)"
    r"|/api/v1/desk/(?:(?:decisions/<int:decision>|sheets/<int:sheet>|entries/<int:entry>)|applications/<int:application>/steps/<int:step>)/[a-z-]+"
    r"|/api/v1/desk/applications/<int:application>/steps"
)
OWNER = "owner@example.com"
OTHER_METHODS = ("DELETE", "PATCH", "PUT", "POST", "TRACE", "BREW")
NOT_FOUND = (
    "/nothing",
    "/zh/nothing",
    "/en/brands/nothing",
    "/r/nothing",
    "/static/nothing",
    "/api/v1/nothing",
)


@pytest.fixture(scope="module")
def filled(filled_template: Template, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registry]:
    folder = tmp_path_factory.mktemp("routes")
    with samples.opened(filled_template, folder) as registry:
        yield registry


@pytest.fixture(scope="module")
def app(filled: Registry) -> Flask:
    return create_app(registry=filled)


@pytest.fixture(scope="module")
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture(scope="module")
def addresses(app: Flask, filled: Registry) -> list[tuple[Rule, str]]:
    """Every rule with its addresses for each language and register, filled from the samples."""
    urls = app.url_map.bind("127.0.0.1")
    return [
        (rule, urls.build(rule.endpoint, values, method=None))
        for rule in app.url_map.iter_rules()
        for values in rule_values(rule, filled)
    ]


def rule_values(rule: Rule, registry: Registry) -> Iterator[dict[str, object]]:
    """Values of a rule's arguments, once for each language and register."""
    for lang in LOCALES if "lang" in rule.arguments else ("",):
        for slug in catalogue() if rule.arguments & {"slug", "number"} else ("",):
            known = {
                "lang": lang,
                "slug": slug,
                "register": "organisations"
                if "represented_register:register" in rule.rule
                else applied_registers()[0].slug
                if "applied_register" in rule.rule
                else filed_registers()[0].slug,
                "number": samples.number_of(registry, slug).replace("/", "-") if slug else "",
                "of": "organisations",
                "check": 1 if "desk" in rule.rule else announced_check(registry),
                "place": 1,
                "name": "pinzheng.css",
                "chart": "region",
                "gtin": "06901234567892",  # of a sample
                "ending": "csv",
                "part": 1,
                "picture": public_picture_hash(registry) if "picture" in rule.arguments else "",
                "digest": public_text_hash(registry) if "digest" in rule.arguments else "",
                "token": link_token_for(registry, rule) or 1,
                "org": "91330100MAWY010175",  # anonymous visitors are redirected to the sign-in, whatever they name
                "key": "standard",
                "queue": "cases",
                "kind": "error" if "/report/" in rule.rule else "csv",
                "file_format": "csv",
                "day": "2026-03-02",
                **dict.fromkeys(
                    (
                        "account",
                        "application",
                        "asked",
                        "challenge",
                        "claim",
                        "decision",
                        "draft",
                        "entry",
                        "file",
                        "invitation",
                        "job",
                        "member",
                        "record",
                        "report",
                        "search",
                        "sheet",
                        "step",
                        "synonym",
                        "view",
                    ),
                    1,
                ),
            }
            if "/reports/<number>" in rule.rule:
                known |= handed_in(registry)
            yield {name: known[name] for name in rule.arguments}


def handed_in(registry: Registry) -> dict[str, object]:
    """Number and token of a report that somebody has handed in."""
    row = reporters.hand_in(registry, "error")
    path = report_links.report_path(registry, row.number, row.nonce, "en")
    return {"number": row.number, "token": path.rpartition("/")[2]}


def new_enterprise(registry: Registry) -> Actor:
    """A new account of an enterprise."""
    with unit_of_work(registry.engine) as connection:
        address = f"{uuid.uuid4()}@example.com"
        user = registration.create_user(connection, address, name="Owner", lang="en", role="enterprise")
    return Actor("enterprise", user)


def announced_check(registry: Registry) -> str:
    """The number of a check, which is announced once."""
    lines, _pages = random_checks.list_checks(registry, ANONYMOUS)
    if not lines:
        reviewer = staff(registry, "reviewer_national")
        days = [(clock.today() + dt.timedelta(days=days)).isoformat() for days in (2, 60)]
        announce(registry, reviewer, register="green-products", seed_on=days[0], results_until=days[1])
        lines, _pages = random_checks.list_checks(registry, ANONYMOUS)
    return lines[0].number


def public_picture_hash(registry: Registry) -> str:
    """The hash of a picture that an organisation has supplied of itself."""
    file = io.BytesIO()
    Image.new("RGB", (60, 40)).save(file, "PNG")
    file.seek(0)
    stored = attachments.upload_attachment(
        registry, new_enterprise(registry), "logo.png", file, is_picture=True
    )
    with unit_of_work(registry.engine) as connection:
        firm = connection.execute(
            select(func.max(Record.id)).where(Record.register == "organisations")
        ).scalar_one()
        shown = {
            "record_id": firm,
            "organisation_id": firm,
            "attachment_id": stored.id,
            "sha256": stored.sha256,
        }
        said = {"width": 60, "height": 40, "alt_zh": "标志", "alt_en": "A logo", "given_at": clock.now()}
        connection.execute(delete(Picture).where(Picture.record_id == firm))
        connection.execute(insert(Picture).values(**shown, **said))
    return stored.sha256


def public_text_hash(registry: Registry) -> str:
    """The hash of a text that a declaration makes public."""
    actor = new_enterprise(registry)
    text = attachments.upload_attachment(registry, actor, "text.pdf", io.BytesIO(pdf()))
    row = {**catalogue()["declarations"].samples[0], "fulltext_public": "是", "text_hash": text.sha256}
    path = registry.settings.data_dir / "disclosed.csv"
    sheet = samples.write_sheet(path, "declarations", [{**row, "product_name_zh": "全文公开的产品"}])
    import_files(registry, REGISTRAR, "declarations", [sheet])
    with unit_of_work(registry.engine) as connection:
        mine = Record.register == "declarations"
        last = connection.execute(select(func.max(Record.id)).where(mine)).scalar_one()
        firm = connection.execute(
            select(func.max(Record.id)).where(Record.register == "organisations")
        ).scalar_one()
        filed = {
            "record_id": last,
            "version": 1,
            "organisation_id": firm,
            "user_id": actor.user_id,
            "signer": "x",
        }
        connection.execute(insert(Receipt).values(**filed, made_at=clock.now(), text_id=text.id))
    return text.sha256


def link_token_for(registry: Registry, rule: Rule) -> str:
    """The token of a valid link of a mail for this rule, "" if it takes none."""
    purpose = next(
        (purpose for purpose, path in email_links.LINK_PATHS.items() if f"/{path}/" in rule.rule), ""
    )
    if not purpose:
        return ""
    with unit_of_work(registry.engine) as connection:
        user = registration.find_user(connection, OWNER)
        user_id = (
            user.id
            if user
            else registration.create_user(connection, OWNER, name="Owner", lang="en", role="enterprise")
        )
        address = f"{uuid.uuid4()}@example.com"
        ticket = email_links.find_link(
            connection, email_links.create_link(connection, purpose, address, user_id=user_id)
        )
        if ticket is not None and purpose == email_links.FOLLOW_LINK:
            follower = {
                "link_id": ticket.id,
                "lang": "en",
                "name": "x",
                "query": "",
                "mail": "daily",
                "position": 0,
            }
            connection.execute(
                insert(SearchFollower).values(**follower, made_at=clock.now(), mailed_on=clock.today())
            )
        if ticket is not None and purpose == email_links.INVITATION_LINK:
            firm = connection.execute(
                select(Record.id).where(Record.register == "organisations").limit(1)
            ).scalar_one()
            offer = {
                "record_id": firm,
                "ticket_id": ticket.id,
                "email": address,
                "role": "editor",
                "agent": False,
            }
            membership = {"record_id": firm, "user_id": user_id, "role": "owner", "agent": False}
            if connection.execute(select(Membership.id).where(Membership.record_id == firm)).first() is None:
                connection.execute(insert(Membership).values(**membership, since=clock.now()))
            connection.execute(insert(Invitation).values(**offer, invited_by=user_id, created_at=clock.now()))
    assert ticket is not None
    return email_links.link_token(registry, ticket)


def outside_contract(rules: Iterable[str]) -> list[str]:
    """Rules that are not in the public contract."""
    return [
        rule
        for rule in rules
        if not any(names.fullmatch(rule.removeprefix(room)) for room, names in ROOMS if rule.startswith(room))
    ]


def with_trailing_slash(rules: Iterable[str]) -> list[str]:
    return [rule for rule in rules if rule.endswith("/") and rule not in MAY_END_IN_SLASH]


def expected_methods(rule: str) -> set[str]:
    if ACTIONS.fullmatch(rule):
        return POST_ONLY
    return READ_METHODS | ({"POST"} if FORMS.fullmatch(rule) else set())


def with_wrong_methods(rules: Iterable[Rule]) -> list[str]:
    """Rules that accept other methods than they should."""
    return [
        rule.rule
        for rule in rules
        if (rule.methods or set()) != (METHODS_BY_RULE.get(rule.rule) or expected_methods(rule.rule))
    ]


def missing_headers(response: Response, headers: Iterable[tuple[str, str]] = SECURITY_HEADERS) -> list[str]:
    """Security headers that a response lacks or has twice."""
    return [name for name, value in headers if response.headers.getlist(name) != [value]]


def form_problem(address: str, response: Response) -> str:
    """What is wrong with an error response; "" if it is a problem document or a page in its language."""
    if address.startswith("/api/"):
        body = response.get_json(silent=True) if response.mimetype == "application/problem+json" else None
        return "" if body and body["status"] == response.status_code else "no problem document"
    page = parse_page(response.get_data(as_text=True))
    if response.mimetype != "text/html" or page.unclosed or page.problems or len(page.all("h1")) != 1:
        return "no page"
    html_lang = [page.all("html")[0].get("lang")]
    lang = next((lang for lang in LOCALES if f"{address}/".startswith(f"/{lang}/")), "")
    return "" if not lang or html_lang == [HTML_LANG[lang]] else f"a page in {html_lang}"


def test_every_address_is_in_the_contract(app: Flask) -> None:
    rules = [rule.rule for rule in app.url_map.iter_rules()]
    assert outside_contract(rules) == []
    assert with_trailing_slash(rules) == []
    assert len(rules) == len(set(rules))


def test_every_address_takes_its_methods_only(app: Flask) -> None:
    assert with_wrong_methods(app.url_map.iter_rules()) == []


def test_every_address_responds_in_both_languages(
    client: FlaskClient, addresses: list[tuple[Rule, str]]
) -> None:
    assert {rule.endpoint for rule, _address in addresses} == {
        rule.endpoint for rule in client.application.url_map.iter_rules()
    }
    failing = {
        address: status
        for rule, address in addresses
        if "GET" in (rule.methods or ()) and (status := client.get(address).status_code) >= 400
    }
    assert failing.pop("/metrics") == 404  # without a token in the settings
    private = re.compile(
        r"/api/v1/(?:desk/.+|files/.+|own-records(?:/.+)?|registers/[^/]+/applications(?:/.+)?)"
    )  # they need a token
    assert [address for address in failing if not private.fullmatch(address)] == []
    assert set(failing.values()) == {401}


def test_forged_forms_are_refused(app: Flask, addresses: list[tuple[Rule, str]]) -> None:
    """No form is accepted without the token of the same browser, nor from a page of another site (ASVS 4.2.2)."""
    form_addresses = [
        address
        for rule, address in addresses
        if "POST" in (rule.methods or ()) and not address.startswith("/api/")
    ]
    assert len(form_addresses) >= 30
    mine, theirs = app.test_client(), app.test_client()
    tokens = [
        re.search(r'name="form" value="([^"]+)"', browser.get("/en/account/sign-in").get_data(as_text=True))
        for browser in (mine, theirs)
    ]
    own, other = (match[1] for match in tokens if match)
    for address in form_addresses:
        assert mine.post(address).status_code == 400
        assert mine.post(address, data={"form": other}).status_code == 400
        abroad = mine.post(address, data={"form": own}, headers={"Sec-Fetch-Site": "cross-site"})
        assert abroad.status_code == 403
    assert mine.post("/en/account/sign-out", data={"form": own}).status_code == 303


def test_the_security_headers_are_strict() -> None:
    headers = dict(SECURITY_HEADERS)
    assert set(headers) >= REQUIRED_HEADERS
    policy = headers["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "*" not in policy
    assert {"default-src 'none'", "base-uri 'none'", "frame-ancestors 'none'", "form-action 'self'"} <= set(
        policy.split("; ")
    )


def test_every_response_has_the_security_headers(
    client: FlaskClient, addresses: list[tuple[Rule, str]]
) -> None:
    requests = [
        (method, address) for _rule, address in addresses for method in ("GET", "HEAD", "OPTIONS", "BREW")
    ]
    requests += [("GET", address) for address in NOT_FOUND]
    missing = {
        (method, address): names
        for method, address in requests
        if (names := missing_headers(client.open(address, method=method)))
    }
    assert missing == {}
    other_host = client.get("/zh/", headers={"Host": "elsewhere.example"})
    assert (other_host.status_code, missing_headers(other_host)) == (421, [])
    tag = client.get("/zh/about").headers["ETag"]
    known = client.get("/zh/about", headers={"If-None-Match": tag})
    assert (known.status_code, missing_headers(known)) == (304, [])


def test_in_production_every_response_has_strict_transport_security(
    filled: Registry, addresses: list[tuple[Rule, str]]
) -> None:
    settings = replace(filled.settings, base_url="https://pinzheng.example")
    public = create_app(registry=replace(filled, settings=settings)).test_client()
    host = {"Host": "pinzheng.example"}
    missing = {
        address: missing_headers(
            public.get(address, headers=host), (*SECURITY_HEADERS, STRICT_TRANSPORT_SECURITY)
        )
        for _rule, address in addresses
    }
    assert {address: names for address, names in missing.items() if names} == {}


@pytest.mark.once
@pytest.mark.parametrize("method", OTHER_METHODS)
def test_other_methods_are_refused_in_the_form_of_the_door(
    client: FlaskClient, addresses: list[tuple[Rule, str]], method: str
) -> None:
    wrong = {}
    for rule, address in addresses:
        if method not in (rule.methods or set()):
            response = client.open(address, method=method)
            problem = form_problem(address, response)
            if response.status_code != 405 or problem or response.headers.get("Allow", "") == "":
                wrong[address] = (response.status_code, problem)
    assert wrong == {}


@pytest.mark.parametrize("address", NOT_FOUND)
def test_not_found_has_the_form_of_the_door(client: FlaskClient, address: str) -> None:
    response = client.get(address)
    assert (response.status_code, form_problem(address, response)) == (404, "")


def test_the_checker_detects_violations() -> None:
    wild = Flask("wild", static_folder=None)
    wild.add_url_rule("/zh/secret", "secret", lambda: "<p>hello", methods=["GET", "POST"])
    rules = [
        "/zh/secret",
        "/api/v2/registers",
        "/api/v1/searching",
        "/<lang:lang>/<register:slug>/x",
        "/logs",
    ]
    assert outside_contract(rules) == rules
    assert with_trailing_slash(["/", "/<lang:lang>/", "/<lang:lang>/about/"]) == ["/<lang:lang>/about/"]
    assert with_wrong_methods(wild.url_map.iter_rules()) == ["/zh/secret"]
    response = wild.test_client().get("/zh/secret")
    assert missing_headers(response) == [name for name, _value in SECURITY_HEADERS]
    assert form_problem("/zh/secret", response) == "no page"
    assert form_problem("/api/v1/x", response) == "no problem document"
    english = Response('<html lang="en"><h1>Hello</h1></html>', mimetype="text/html")
    assert form_problem("/zh/secret", english) == "a page in ['en']"
    assert form_problem("/en/secret", english) == form_problem("/r/1", english) == ""
