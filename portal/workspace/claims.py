"""Claiming an organisation: it is found by name or code, named again, and claimed with a document of proof."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from flask import Response, request

from portal.web import forms
from portal.web.access import TOO_LARGE_PARAMETER, redirect_see_other
from portal.web.forms import Field, Form, FormPage, FormState
from portal.web.site import Site
from registry.errors import BeingExamined
from registry.i18n import Lang, _
from registry.registers import organisation_register
from registry.services import finding, people
from registry.services.finding import SearchRequest
from registry.services.issue_messages import issue_message
from registry.services.people import ClaimCandidate, UserSession

HOME_PATH = "/workspace/home"
CLAIM_PATH = "/workspace/claim"
ATTACHMENT_FIELD = "kept"  # the hidden field with the id of a file that was uploaded before
EXAMINED_FIELD = "examined"  # the hidden field with the token of a file that was being examined
MAX_FOUND = 10
NUMBER_FIELD = Field(
    "number",
    _("Unified social credit code"),
    _(
        "18 characters, as on the business licence. Foreign organisations: F-country-registration number, for example F-DE-HRB12345."
    ),
    width="20",
)
NAME_FIELDS = (
    Field(
        "name_zh",
        _("Name (Chinese)"),
        _(
            "Only if the register does not hold the organisation yet. Organisations from abroad may leave it empty."
        ),
        width="30",
    ),
    Field(
        "name_en",
        _("Name (English)"),
        _("Only if the register does not hold the organisation yet"),
        width="30",
    ),
)
PROOF_FIELDS = (
    Field("post", _("Your post there"), _("For example: quality manager"), width="20"),
    Field(
        "file",
        _("Document of proof"),
        _(
            "Business licence with the seal, or a letter of authority: PDF, OFD, JPEG or PNG. Only the registrar sees it; it is deleted 90 days after the decision, or a week after you sent it if you do not claim."
        ),
        "file",
    ),
)
CLAIM = Form(_("Claim an organisation"), _("Send the claim"), (NUMBER_FIELD, *NAME_FIELDS, *PROOF_FIELDS))


def claim(site: Site, lang: Lang, user: UserSession) -> Response:
    """Find the organisation, show what it is called, and claim it.

    The file is stored first and stays with the form, so that another mistake does not lose it.
    """
    if request.method == "POST":
        return _handle_claim(site, lang, user)
    number = request.args.get("number", "")[:120]
    if TOO_LARGE_PARAMETER in request.args:
        return _show_claim(site, lang, forms.initial_state(), candidate=None)
    if not number:
        return _show_search(site, lang, user)
    candidate = people.find_claim_candidate(site.registry, user.actor, number)
    errors = {issue.field: issue_message(issue, lang) for issue in candidate.issues}
    state = FormState({"number": candidate.number}, errors, 400 if errors else 200)
    return _show_claim(site, lang, state, candidate=candidate)


def _show_search(site: Site, lang: Lang, user: UserSession) -> Response:
    """Show the box that finds the organisation, and what it has found."""
    find = " ".join(request.args.get("find", "").split())[:120]
    results, candidate = None, None
    if find:
        search = SearchRequest(
            q=find, scope=finding.search_scope(organisation_register().slug), size=MAX_FOUND
        )
        results = finding.find_records(site.registry, user.actor, search, lang)
        named = people.find_claim_candidate(site.registry, user.actor, find)
        candidate = named if not named.issues else None
    return forms.private_page(
        site,
        lang,
        CLAIM_PATH,
        "workspace/claim_search.html",
        find=find,
        results=results,
        candidate=candidate,
        decision_days=people.CLAIM_DECISION_DAYS,
    )


def _handle_claim(site: Site, lang: Lang, user: UserSession) -> Response:
    """Store the file, then send the claim; show the form again with what is wrong."""
    attachment, filename = request.form.get(ATTACHMENT_FIELD, ""), request.form.get("kept_name", "")
    values = forms.submitted_values(CLAIM)
    file_errors: Mapping[str, str] = {}
    examined: BeingExamined | None = None
    try:
        stored = _store_proof(site, lang, user, values)
    except BeingExamined as unfinished:
        stored, examined = None, unfinished
    if isinstance(stored, FormState):
        file_errors, attachment, filename = stored.errors, "", ""
    elif stored is not None:
        attachment, filename = str(stored.id), stored.name
    state = FormState(values, file_errors)
    if examined is None and forms.is_submitted():
        form = people.ClaimForm(
            values["number"], values["name_zh"], values["name_en"], values["post"], row_id(attachment)
        )
        submitted = forms.attempt(lang, values, lambda: people.submit_claim(site.registry, user.actor, form))
        if not isinstance(submitted, FormState):
            return redirect_see_other(f"/{lang}{HOME_PATH}?claimed={submitted}")
        state = replace(submitted, errors={**submitted.errors, **file_errors})
    candidate = people.find_claim_candidate(site.registry, user.actor, values["number"])
    kept = {ATTACHMENT_FIELD: attachment, "kept_name": filename} if attachment else {}
    if examined is not None:
        kept = {EXAMINED_FIELD: examined.token, "kept_name": examined.name}
    return _show_claim(site, lang, state, candidate=candidate, kept=kept)


def _show_claim(
    site: Site,
    lang: Lang,
    state: FormState,
    *,
    candidate: ClaimCandidate | None,
    kept: Mapping[str, str] | None = None,
) -> Response:
    """Show the form of the claim: for a known organisation with its name, else with the questions for its number and name."""
    hidden = dict(kept or {})
    fields = CLAIM.fields
    if candidate is not None and not candidate.issues and "number" not in state.errors:
        hidden["number"] = candidate.number
        fields = PROOF_FIELDS if candidate.name else (*NAME_FIELDS, *PROOF_FIELDS)
    context = {
        "hidden_fields": hidden,
        "candidate": candidate if "number" in hidden else None,
        "decision_days": people.CLAIM_DECISION_DAYS,
    }
    page = FormPage(
        site,
        lang,
        CLAIM_PATH,
        replace(CLAIM, fields=fields),
        template="workspace/claim.html",
        context=context,
    )
    return forms.show_form(page, state)


def _store_proof(
    site: Site, lang: Lang, user: UserSession, values: Mapping[str, str]
) -> people.AttachmentView | FormState | None:
    """Store the uploaded document of proof; return it, what is wrong with it, or None if there is none.

    One that was sent before and was being examined is asked for again. Raises `BeingExamined`.
    """
    uploaded = request.files.get("file")
    if uploaded is None or not uploaded.filename:
        if not (token := request.form.get(EXAMINED_FIELD, "")):
            return None
        return forms.attempt(
            lang, values, lambda: people.collect_attachment(site.registry, user.actor, token[:80])
        )
    name, stream = uploaded.filename, uploaded.stream
    return forms.attempt(
        lang, values, lambda: people.upload_attachment(site.registry, user.actor, name, stream)
    )


def row_id(text: str) -> int:
    """Return the id of a row from an address or a hidden field, 0 if it is none."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 12 else 0


def withdraw_claim(site: Site, lang: Lang, user: UserSession, claim: int) -> Response:
    """Withdraw a claim that is not decided yet."""
    people.withdraw_claim(site.registry, user.actor, claim)
    return redirect_see_other(f"/{lang}{HOME_PATH}#claims")
