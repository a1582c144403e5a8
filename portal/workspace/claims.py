"""Claiming an organisation or a body: it is found by name or number, named again, and claimed with a document of proof."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from flask import Response, request

from portal.web import forms
from portal.web.access import TOO_LARGE_PARAMETER, redirect_see_other
from portal.web.forms import Field, Form, FormPage, FormState
from portal.web.site import Site
from registry.errors import BeingExamined
from registry.i18n import Lang, _
from registry.kit.representation import Representation
from registry.registers import represented_registers
from registry.services import finding, people
from registry.services.finding import SearchRequest
from registry.services.issue_messages import issue_message
from registry.services.people import ClaimCandidate, UserSession

HOME_PATH = "/workspace/home"
CLAIM_PATH = "/workspace/claim"
ATTACHMENT_FIELD = "kept"  # the hidden field with the id of a file that was uploaded before
EXAMINED_FIELD = "examined"  # the hidden field with the token of a file that was being examined
MAX_FOUND = 10
REGISTER_FIELD = "of"  # the register of what is claimed, in addresses and in the hidden field
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
POST_FIELD = Field("post", _("Your post there"), _("For example: quality manager"), width="20")
SEND = _("Send the claim")


@dataclass(frozen=True, slots=True)
class Claimed:
    """What is claimed: the register, what its pages say, and the questions."""

    register: str
    representation: Representation

    @property
    def form(self) -> Form:
        """The whole form of a claim."""
        words = self.representation.words
        number = Field("number", words.number, words.number_hint, width="20")
        return Form(words.claim, SEND, (number, *self.names, *self.proof))

    @property
    def names(self) -> tuple[Field, ...]:
        """The questions for the name of one that the register does not hold; none where it must hold it."""
        return NAME_FIELDS if self.representation.files else ()

    @property
    def proof(self) -> tuple[Field, ...]:
        """The questions for the person and the proof."""
        words = self.representation.words
        return (POST_FIELD, Field("file", _("Document of proof"), words.proof_hint, "file"))

    @property
    def path(self) -> str:
        """The address of the claim, without the language."""
        return CLAIM_PATH if self.representation.files else f"{CLAIM_PATH}?{REGISTER_FIELD}={self.register}"


def claimed() -> Claimed:
    """Return what the request claims: an organisation, unless it names another register for whose records people act."""
    definition = people.claimed_register(request.values.get(REGISTER_FIELD, ""))
    assert definition.representation is not None
    return Claimed(definition.slug, definition.representation)


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
    candidate = people.find_claim_candidate(site.registry, user.actor, number, claimed().register)
    errors = {issue.field: issue_message(issue, lang) for issue in candidate.issues}
    state = FormState({"number": candidate.number}, errors, 400 if errors else 200)
    return _show_claim(site, lang, state, candidate=candidate)


def _show_search(site: Site, lang: Lang, user: UserSession) -> Response:
    """Show the box that finds the organisation, and what it has found."""
    find = " ".join(request.args.get("find", "").split())[:120]
    results, candidate, what = None, None, claimed()
    if find:
        search = SearchRequest(q=find, scope=finding.search_scope(what.register), size=MAX_FOUND)
        results = finding.find_records(site.registry, user.actor, search, lang)
        named = people.find_claim_candidate(site.registry, user.actor, find, what.register)
        candidate = named if not named.issues else None
    return forms.private_page(
        site,
        lang,
        CLAIM_PATH,
        "workspace/claim_search.html",
        what=what,
        others=[each for each in represented_registers() if each.slug != what.register],
        find=find,
        results=results,
        candidate=candidate,
        decision_days=people.CLAIM_DECISION_DAYS,
    )


def _handle_claim(site: Site, lang: Lang, user: UserSession) -> Response:
    """Store the file, then send the claim; show the form again with what is wrong."""
    attachment, filename = request.form.get(ATTACHMENT_FIELD, ""), request.form.get("kept_name", "")
    what = claimed()
    values = forms.submitted_values(what.form)
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
            values["number"],
            values.get("name_zh", ""),
            values.get("name_en", ""),
            values["post"],
            row_id(attachment),
            what.register,
        )
        submitted = forms.attempt(lang, values, lambda: people.submit_claim(site.registry, user.actor, form))
        if not isinstance(submitted, FormState):
            return redirect_see_other(f"/{lang}{HOME_PATH}?claimed={submitted}")
        state = replace(submitted, errors={**submitted.errors, **file_errors})
    candidate = people.find_claim_candidate(site.registry, user.actor, values["number"], what.register)
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
    hidden, what = dict(kept or {}), claimed()
    fields = what.form.fields
    if not what.representation.files:
        hidden[REGISTER_FIELD] = what.register
    if candidate is not None and not candidate.issues and "number" not in state.errors:
        hidden["number"] = candidate.number
        fields = what.proof if candidate.name else (*what.names, *what.proof)
    context = {
        "hidden_fields": hidden,
        "candidate": candidate if "number" in hidden else None,
        "what": what,
        "decision_days": people.CLAIM_DECISION_DAYS,
    }
    page = FormPage(
        site,
        lang,
        CLAIM_PATH,
        replace(what.form, fields=fields),
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
