"""Applications by program: files uploaded, an application handed in, read, corrected and withdrawn, a year reported; with a token that files."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import orjson
from flask import Blueprint, Response, request

from portal.api import application_json
from portal.api.operations import JSON
from portal.api.parameters import check_parameters, limit_parameter, link_to_next, switch
from portal.api.requests import (
    MALFORMED,
    BodyKind,
    authenticate,
    fields_of,
    insufficient_scope,
    issues_with_words,
    json_response,
    keyed_request,
    program_response,
    read_fields,
    versions_to_match,
)
from portal.server.sizes import MAX_FILE_BODY
from portal.web.downloads import download
from portal.web.errors import problem_response, request_lang
from portal.web.responses import NO_STORE, Page
from registry.errors import BeingExamined, Forbidden, Invalid, Stale
from registry.kit.definition import RegisterDefinition
from registry.kit.issues import Issue, first_issues
from registry.services import applying, people
from registry.services.applying import (
    ApplicationAddress,
    OwnApplication,
    SentApplication,
    SentFile,
    SentReport,
)
from registry.services.bootstrap import Registry
from registry.services.people import AttachmentView, ProgramAnswer, TokenBearer

APPLICATIONS = "/registers/<slug>/applications"
APPLICATION = f"{APPLICATIONS}/<int:application>"
SENT_FIELDS: dict[str, BodyKind] = {"document": "object", "signer": "text", "files": "objects"}
FILE_FIELDS: dict[str, BodyKind] = {"kind": "text", "sha256": "text", "public": "flag"}
REPORT_FIELDS: dict[str, BodyKind] = {"number": "text", "year": "number", "figures": "values"}
REVISION = "r"  # begins the ETag of an application, before its revision
EXAMINED = re.compile(r"[0-9a-f-]{1,80}")
MAX_NAME = 255  # characters of the name of a file
LOOK_AGAIN = "2"  # seconds until a file may have been examined
Act = Callable[[TokenBearer], Response]


def add_rules(api: Blueprint, registry: Registry) -> None:
    """Add the addresses of applications, of their files and of annual reports to the API."""

    def add(rule: str, endpoint: str, view: Callable[..., Act], *methods: str) -> None:
        def answer(**arguments: Any) -> Response:
            return answer_holder(registry, view(registry, **arguments), str(arguments.get("slug", "")))

        api.add_url_rule(rule, endpoint, answer, methods=methods)

    add("/files", "files", _upload, "POST")
    add("/files/<token>", "examined_file", _examined, "GET")
    add(APPLICATIONS, "applications", _applications, "GET", "POST")
    add(APPLICATION, "application", _application, "GET", "PUT")
    add(f"{APPLICATION}/withdraw", "withdraw_application", _withdraw, "POST")
    add(f"{APPLICATION}/files/<int:file>", "application_file", _file, "GET")
    add("/registers/<slug>/reports", "report_year", _report, "POST")


def answer_holder(registry: Registry, act: Act, slug: str = "") -> Response:
    """Do what the bearer of a token that files asks for, and put a refusal in the form of the API.

    `slug`: the register of an application, for the words of its fields.
    """
    bearer = authenticate(registry)
    if isinstance(bearer, Response):
        return bearer
    try:
        return act(bearer)
    except Invalid as refused:
        codes = {issue.code for issue in refused.issues}
        status = 400 if codes <= MALFORMED | {"limit_range", "bad_token", "document_wanted"} else 422
        issues = first_issues(refused.issues)
        return problem_response(status, refused, issues=issues_with_words(issues, _definition(slug)))
    except Stale as stale:
        return problem_response(412, stale)
    except Forbidden as forbidden:
        response = problem_response(403, forbidden)
        if forbidden.reason in ("token_does_not_file", "token_only_checks"):
            response.headers["WWW-Authenticate"] = insufficient_scope("declare")
        return response


def _applications(registry: Registry, slug: str) -> Act:
    return _hand_in(registry, slug) if request.method == "POST" else _list(registry, slug)


def _application(registry: Registry, slug: str, application: int) -> Act:
    acts = _correct if request.method == "PUT" else _read
    return acts(registry, slug, application)


def _definition(slug: str) -> RegisterDefinition | None:
    """Whose words issues are told in; None for an address without a register."""
    return applying.require_applied(slug) if slug else None


def _upload(registry: Registry) -> Act:
    """Take the body as a file, examined like every upload."""

    def act(bearer: TokenBearer) -> Response:
        check_parameters(("name",))
        people.require_uploading_scope(bearer)
        request.max_content_length = MAX_FILE_BODY  # who sends it is known
        name = request.args.get("name", "")[:MAX_NAME]
        if not name.strip():
            raise Invalid((Issue("required", "name"),))
        try:
            return _uploaded(people.upload_attachment(registry, bearer.actor, name, request.stream), 201)
        except BeingExamined as examined:
            return _being_examined(examined)

    return act


def _examined(registry: Registry, token: str) -> Act:
    def act(bearer: TokenBearer) -> Response:
        check_parameters(())
        people.require_uploading_scope(bearer)
        given = token if EXAMINED.fullmatch(token) else ""
        try:
            return _uploaded(people.collect_attachment(registry, bearer.actor, given), 200)
        except BeingExamined as examined:
            return _being_examined(examined)

    return act


def _uploaded(file: AttachmentView, status: int) -> Response:
    told = {"sha256": file.sha256, "size": file.size, "kind": file.kind, "name": file.name, "examined": True}
    return json_response(orjson.dumps(told), status)


def _being_examined(examined: BeingExamined) -> Response:
    response = json_response(orjson.dumps({"name": examined.name, "examined": False}), 202)
    response.headers["Location"] = f"/api/v1/files/{examined.token}"
    response.headers["Retry-After"] = LOOK_AGAIN
    return response


def _list(registry: Registry, slug: str) -> Act:
    def act(bearer: TokenBearer) -> Response:
        check_parameters(("limit", "next"))
        lines, following = applying.list_own_by_program(
            registry, bearer.actor, bearer, slug, token=request.args.get("next"), limit=limit_parameter()
        )
        items = [application_json.application_line(line, slug) for line in lines]
        return link_to_next(json_response(orjson.dumps({"items": items, "next": following})), following)

    return act


def _read(registry: Registry, slug: str, application: int) -> Act:
    def act(bearer: TokenBearer) -> Response:
        check_parameters(())
        address = ApplicationAddress(slug, application)
        found = applying.get_own_by_program(registry, bearer.actor, bearer, address, lang=request_lang())
        return _application_response(found, slug)

    return act


def _application_response(found: OwnApplication, slug: str) -> Response:
    body = orjson.dumps(application_json.application(found, slug))
    response = json_response(body)
    page = Page(body, JSON, NO_STORE, etag_prefix=f"{REVISION}{found.view.revision}-")
    response.headers["ETag"] = f'"{page.etag}"'
    return response


def _hand_in(registry: Registry, slug: str) -> Act:
    def act(bearer: TokenBearer) -> Response:
        sent, body = _read_sent()
        if "document" not in body:
            raise Invalid((Issue("document_wanted", "document"),))
        return _take(registry, bearer, _sent(slug, body), sent)

    return act


def _correct(registry: Registry, slug: str, application: int) -> Act:
    def act(bearer: TokenBearer) -> Response:
        sent, body = _read_sent()
        revisions = versions_to_match(REVISION)
        if isinstance(revisions, Response):
            return revisions
        return _take(registry, bearer, _sent(slug, body, application, revisions), sent)

    return act


def _read_sent() -> tuple[bytes, dict[str, Any]]:
    check_parameters(("dry_run",))
    switch("dry_run")
    return read_fields(SENT_FIELDS)


def _sent(
    slug: str, body: dict[str, Any], application: int | None = None, revisions: frozenset[int] | None = None
) -> SentApplication:
    files = None
    if "files" in body:
        rows = [
            fields_of(file, FILE_FIELDS, f"files[{place}]")
            for place, file in enumerate(body["files"][: applying.MAX_FILES + 1], start=1)
        ]
        files = tuple(
            SentFile(file.get("kind", ""), file.get("sha256", "").lower(), file.get("public", False))
            for file in rows
        )
    return SentApplication(
        slug,
        body.get("signer", ""),
        body.get("document"),
        files,
        application=application,
        revisions=revisions,
    )


def _take(registry: Registry, bearer: TokenBearer, sent: SentApplication, body: bytes) -> Response:
    """Check an application, or hand it in."""
    if switch("dry_run"):
        notices = applying.check_by_program(registry, bearer.actor, bearer, sent)
        told = issues_with_words(notices, _definition(sent.register))
        would = "apply" if sent.application is None else "correct"
        return json_response(orjson.dumps({"would": would, "issues": [], "notices": told}))
    request_sent = keyed_request(bearer, body)
    answer = applying.hand_in_by_program(registry, bearer.actor, bearer, sent, request=request_sent)
    return _done(answer, sent.register)


def _done(answer: ProgramAnswer, slug: str) -> Response:
    application = orjson.loads(answer.body)["application"]
    return program_response(answer, f"/api/v1/registers/{slug}/applications/{application}")


def _withdraw(registry: Registry, slug: str, application: int) -> Act:
    def act(bearer: TokenBearer) -> Response:
        check_parameters(())
        sent, _nothing = read_fields({})
        address = ApplicationAddress(slug, application)
        answer = applying.withdraw_by_program(
            registry, bearer.actor, bearer, address, request=keyed_request(bearer, sent)
        )
        return _done(answer, slug)

    return act


def _file(registry: Registry, slug: str, application: int, file: int) -> Act:
    def act(bearer: TokenBearer) -> Response:
        check_parameters(())
        address = ApplicationAddress(slug, application)
        stored = applying.get_own_file_by_program(registry, bearer.actor, bearer, address, file_id=file)
        return download(stored.name, stored.path, NO_STORE)

    return act


def _report(registry: Registry, slug: str) -> Act:
    def act(bearer: TokenBearer) -> Response:
        check_parameters(())
        sent, body = read_fields(REPORT_FIELDS)
        typed = {**body.get("figures", {}), "year": str(body.get("year", ""))}
        answer = applying.submit_report_by_program(
            registry,
            bearer.actor,
            bearer,
            SentReport(slug, body.get("number", ""), typed),
            request=keyed_request(bearer, sent),
        )
        return program_response(answer)

    return act
