"""The desk of the staff: decisions on records, new ones, imports of sheets, reports and objections, claims, the synonyms of the search, accounts, the audit log, and what bounds one's own."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from flask import Blueprint

from portal.desk import (
    accounts,
    applications,
    audit,
    bounds,
    claims,
    decision_files,
    decision_sheets,
    decisions,
    entries,
    exports,
    imports,
    queue,
    random_checks,
    reports,
    requests,
    role_page,
    saved_views,
    synonyms,
    tokens,
    watch_lists,
)
from portal.web.access import login_required
from portal.web.site import Site

View = Callable[..., Any]
ROUTES: tuple[tuple[str, str, View, tuple[str, ...]], ...] = (
    ("claims", "claims", claims.list_claims, ("GET",)),
    ("claims/<int:claim>", "claim", claims.decide, ("GET", "POST")),
    ("claims/<int:claim>/proof", "proof", claims.proof, ("GET", "POST")),
    ("claims/<int:claim>/person", "claimant", claims.claimant, ("GET", "POST")),
    ("words", "words", synonyms.list_words, ("GET", "POST")),
    ("words/<int:synonym>", "word", synonyms.show_words, ("GET", "POST")),
    ("accounts", "accounts", accounts.list_accounts, ("GET", "POST")),
    ("accounts/find", "account_find", accounts.find_account, ("GET", "POST")),
    ("accounts/<int:account>", "account", accounts.show_account, ("GET", "POST")),
    ("bounds", "bounds", bounds.show_bounds, ("GET", "POST")),
    ("audit", "audit", audit.show_trail, ("GET",)),
    ("audit/entries.csv", "audit_file", audit.download_trail, ("GET",)),
    ("audit/accounts/<int:account>", "audit_account", audit.show_account, ("GET", "POST")),
    ("audit/<day>.jsonl", "audit_day", audit.download_day, ("GET",)),
    ("words/hide", "search_hide", synonyms.hide_search, ("POST",)),
    ("applications", "applications", applications.list_applications, ("GET",)),
    ("applications/<int:application>", "application", applications.show_application, ("GET", "POST")),
    (
        "applications/<int:application>/files/<int:file>",
        "application_file",
        applications.send_file,
        ("GET", "POST"),
    ),
    ("applications/<int:application>/signer", "signer", applications.show_signer, ("GET", "POST")),
    ("applications/<int:application>/<key>", "application_step", applications.take_step, ("GET", "POST")),
    ("reports", "reports", reports.list_reports, ("GET",)),
    ("reports/<int:report>", "report", reports.show_report, ("GET", "POST")),
    ("reports/<int:report>/file", "report_file", reports.report_file, ("GET", "POST")),
    ("reports/<int:report>/sender", "reporter", reports.show_reporter, ("GET", "POST")),
    ("requests", "requests", requests.list_requests, ("GET",)),
    ("requests/<int:asked>", "request", requests.show_request, ("GET", "POST")),
    ("imports", "imports", imports.list_imports, ("GET", "POST")),
    ("imports/<int:job>", "import", imports.show_import, ("GET", "POST")),
    ("imports/<int:job>/rows.<kind>", "import_rows", imports.results, ("GET",)),
    ("tokens", "tokens", tokens.list_tokens, ("GET", "POST")),
    ("watch", "watch", watch_lists.show_lists, ("GET",)),
    ("watch.<kind>", "watch_file", watch_lists.download_lists, ("GET",)),
    ("exports/<queue>.<kind>", "export", exports.download_list, ("GET",)),
    ("role", "role", role_page.show_role, ("GET",)),
    ("checks", "checks", random_checks.list_checks, ("GET",)),
    ("checks/new", "new_check", random_checks.announce, ("GET", "POST")),
    ("checks/<int:check>", "check", random_checks.show_check, ("GET", "POST")),
    ("checks/<int:check>/<int:place>", "check_result", random_checks.show_result, ("GET", "POST")),
    ("new/<register:slug>", "new", entries.enter_record, ("GET", "POST")),
    ("entries/<int:entry>", "entry", entries.show_entry, ("GET", "POST")),
    ("entries/<int:entry>/file", "entry_file", entries.send_file, ("GET", "POST")),
    ("find", "find", queue.find, ("GET",)),
    ("views/new", "view_new", saved_views.save, ("GET", "POST")),
    ("views/<int:view>/remove", "view_remove", saved_views.remove, ("POST",)),
    ("sheets", "decision_sheets", decision_sheets.list_sheets, ("GET", "POST")),
    ("sheets/<int:sheet>", "decision_sheet", decision_sheets.show_sheet, ("GET", "POST")),
    ("sheets/<int:sheet>/rows.<kind>", "decision_sheet_rows", decision_sheets.rows_file, ("GET",)),
    (
        "sheets/empty/<register:slug>/<key>.<kind>",
        "empty_decision_sheet",
        decision_sheets.empty_sheet,
        ("GET",),
    ),
    ("batch", "choose_batch", decisions.choose_batch, ("GET",)),
    ("batch/<register:slug>/<key>", "batch", decisions.decide_on_many, ("GET", "POST")),
    ("decisions/<int:decision>", "decision", decisions.show_decision, ("GET", "POST")),
    ("decisions/<int:decision>/files", "decision_files", decision_files.show_files, ("GET", "POST")),
    ("decisions/<int:decision>/files/<int:file>", "decision_file", decision_files.send_file, ("GET", "POST")),
    ("<register:slug>/<number>", "case", decisions.show_case, ("GET",)),
    ("<register:slug>/<number>/figures", "figures", decisions.show_figures, ("GET", "POST")),
    ("<register:slug>/<number>/text", "private_text", decisions.send_text, ("GET", "POST")),
    ("<register:slug>/<number>/<key>", "decide", decisions.decide, ("GET", "POST")),
)


def blueprint(site: Site) -> Blueprint:
    """Return the blueprint of the desk; every view takes the site, the language and the signed-in user."""
    desk = Blueprint("desk", __name__)
    desk.add_url_rule(
        "/<lang:lang>/desk", "start", partial(login_required(queue.start), site), methods=["GET"]
    )
    for rule, endpoint, view, methods in ROUTES:
        desk.add_url_rule(
            f"/<lang:lang>/desk/{rule}", endpoint, partial(login_required(view), site), methods=list(methods)
        )
    return desk
