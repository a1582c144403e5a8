"""Organisations that a user acts for: claiming one, its members, inviting, leaving."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from flask import Response, request

from portal.web import forms
from portal.web.access import redirect_see_other
from portal.web.forms import Field, Form, FormPage, FormState
from portal.web.site import Site
from registry.i18n import Lang, _
from registry.registers import filed_registers
from registry.services import filing, people
from registry.services.people import ROLE_DESCRIPTIONS, MemberView, UserSession

HOME_PATH = "/workspace/home"
ATTACHMENT_FIELD = "kept"  # the hidden field with the id of a file that was uploaded before
CLAIM = Form(
    _("Claim an organisation"),
    _("Send the claim"),
    (
        Field(
            "number",
            _("Unified social credit code"),
            _(
                "18 characters, as on the business licence. Foreign organisations: F-country-registration number, for example F-DE-HRB12345."
            ),
            width="20",
        ),
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
        Field("post", _("Your post there"), _("For example: quality manager"), width="20"),
        Field(
            "file",
            _("Document of proof"),
            _(
                "Business licence with the seal, or a letter of authority: PDF, OFD, JPEG or PNG. Only the registrar sees it; it is deleted 90 days after the decision."
            ),
            "file",
        ),
    ),
    (
        _(
            "The registrar checks the proof and decides; you get an e-mail. You can then file for the organisation and invite colleagues."
        ),
        _(
            "Standards can be declared only for organisations with a Chinese unified social credit code (SAMR Order No. 83)."
        ),
    ),
    ((HOME_PATH, _("Back to your organisations")),),
)
ROLE_CHOICES = tuple(ROLE_DESCRIPTIONS.items())
INVITE = Form(
    _("Invite somebody"),
    _("Send the invitation"),
    (
        Field("email", _("E-mail address"), kind="email", width="30"),
        Field("role", _("What they may do"), kind="choice", choices=ROLE_CHOICES),
        Field(
            "agent",
            _("Who they are"),
            kind="choice",
            choices=(("", _("A colleague")), ("1", _("An agent from outside, who acts for others as well"))),
        ),
    ),
)
CHANGE_ROLE = Form(
    _("Change the role"),
    _("Save"),
    (Field("role", _("What they may do"), kind="choice", choices=ROLE_CHOICES),),
)
LEAVE = Form(
    _("Leave the organisation"),
    _("Leave"),
    intro=(
        _("You will not act for it any more; what you have filed stays."),
        _("The last owner cannot leave: make somebody else owner first."),
    ),
)


def home(site: Site, lang: Lang, user: UserSession) -> Response:
    """Show the organisations that the user acts for, their latest receipts, and what waits to be done."""
    view = people.get_workspace_home(site.registry, user.actor)
    receipts = filing.list_recent_receipts(site.registry, user.actor)
    waits = filing.list_pending_tasks(site.registry, user.actor)
    return forms.private_page(
        site,
        lang,
        HOME_PATH,
        "workspace/home.html",
        home=view,
        receipts=receipts,
        waits=waits,
        registers=filed_registers(),
    )


def claim(site: Site, lang: Lang, user: UserSession) -> Response:
    """Claim an organisation with a document of proof.

    The file is stored first and stays with the form, so that another mistake does not lose it.
    """
    state = None
    attachment, filename = request.form.get(ATTACHMENT_FIELD, ""), request.form.get("kept_name", "")
    if request.method == "POST":
        values = forms.submitted_values(CLAIM)
        file_errors: Mapping[str, str] = {}
        stored = _store_proof(site, lang, user, values)
        if isinstance(stored, FormState):
            file_errors, attachment, filename = stored.errors, "", ""
        elif stored is not None:
            attachment, filename = str(stored.id), stored.name
        state = FormState(values, file_errors)
        if forms.is_submitted():
            attachment_id = _row_id(attachment)
            submitted = forms.attempt(
                lang,
                values,
                lambda: people.submit_claim(
                    site.registry,
                    user.actor,
                    people.ClaimForm(
                        values["number"], values["name_zh"], values["name_en"], values["post"], attachment_id
                    ),
                ),
            )
            if not isinstance(submitted, FormState):
                return redirect_see_other(f"/{lang}{HOME_PATH}#claims")
            state = replace(submitted, errors={**submitted.errors, **file_errors})
    hidden_fields = {ATTACHMENT_FIELD: attachment, "kept_name": filename} if attachment else {}
    page = FormPage(site, lang, "/workspace/claim", CLAIM, context={"hidden_fields": hidden_fields})
    return forms.show_form(page, state)


def _store_proof(
    site: Site, lang: Lang, user: UserSession, values: Mapping[str, str]
) -> people.AttachmentView | FormState | None:
    """Store the uploaded document of proof; return it, what is wrong with it, or None if there is none."""
    uploaded = request.files.get("file")
    if uploaded is None or not uploaded.filename:
        return None
    name, stream = uploaded.filename, uploaded.stream
    return forms.attempt(
        lang, values, lambda: people.upload_attachment(site.registry, user.actor, name, stream)
    )


def _row_id(text: str) -> int:
    """Return the id of a row from a hidden field, 0 if it is none."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 12 else 0


def withdraw_claim(site: Site, lang: Lang, user: UserSession, claim: int) -> Response:
    """Withdraw a claim that is not decided yet."""
    people.withdraw_claim(site.registry, user.actor, claim)
    return redirect_see_other(f"/{lang}{HOME_PATH}#claims")


def show_people(site: Site, lang: Lang, user: UserSession, org: str) -> Response:
    """Show the members of an organisation and its open invitations."""
    view = people.list_members(site.registry, user.actor, org)
    return forms.private_page(
        site, lang, _people_path(org), "workspace/people.html", people=view, registers=filed_registers()
    )


def invite(site: Site, lang: Lang, user: UserSession, org: str) -> Response:
    """Invite a person by e-mail to act for an organisation."""
    organisation = people.list_members(site.registry, user.actor, org).organisation
    path = f"/workspace/organisations/{org}/invite"
    return forms.handle_form(
        FormPage(site, lang, path, INVITE, context={"organisation": organisation}),
        lambda typed: people.invite_member(
            site.registry,
            user.actor,
            org,
            email=typed["email"],
            role=typed["role"],
            agent=typed["agent"] == "1",
        ),
        lambda _address: redirect_see_other(f"/{lang}{_people_path(org)}#invited"),
        forms.initial_state(role="editor"),
    )


def change_member(site: Site, lang: Lang, user: UserSession, *, org: str, member: int) -> Response:
    """Show a member, and change their role."""
    view = people.list_members(site.registry, user.actor, org)
    chosen = next((candidate for candidate in view.members if candidate.id == member), None)
    if chosen is None:
        return redirect_see_other(f"/{lang}{_people_path(org)}")
    page = _member_page(site, lang, view, chosen)
    return forms.handle_form(
        page,
        lambda typed: people.change_member_role(site.registry, user.actor, org, member, role=typed["role"]),
        lambda _done: redirect_see_other(f"/{lang}{_people_path(org)}"),
        forms.initial_state(role=chosen.role),
    )


def _member_page(site: Site, lang: Lang, view: people.MembersView, member: MemberView) -> FormPage:
    path = f"/workspace/organisations/{view.organisation.slug}/members/{member.id}"
    return FormPage(
        site,
        lang,
        path,
        CHANGE_ROLE,
        template="workspace/member.html",
        context={"member": member, "organisation": view.organisation, "remove": f"{path}/remove"},
    )


def remove_member(site: Site, lang: Lang, user: UserSession, *, org: str, member: int) -> Response:
    """End a membership; that the last owner cannot go is said on the page of the member."""
    result = forms.attempt(lang, {}, lambda: people.remove_member(site.registry, user.actor, org, member))
    if not isinstance(result, FormState):
        return redirect_see_other(f"/{lang}{_people_path(org)}")
    view = people.list_members(site.registry, user.actor, org)
    chosen = next(candidate for candidate in view.members if candidate.id == member)
    return forms.show_form(_member_page(site, lang, view, chosen), result)


def withdraw_invitation(site: Site, lang: Lang, user: UserSession, *, org: str, invitation: int) -> Response:
    """Withdraw an invitation that is not accepted yet."""
    people.withdraw_invitation(site.registry, user.actor, org, invitation)
    return redirect_see_other(f"/{lang}{_people_path(org)}#invited")


def leave(site: Site, lang: Lang, user: UserSession, org: str) -> Response:
    """End the user's own membership, after a page that asks for confirmation."""
    organisation = people.list_members(site.registry, user.actor, org).organisation
    path = f"/workspace/organisations/{org}/leave"
    return forms.handle_form(
        FormPage(site, lang, path, LEAVE, context={"organisation": organisation}),
        lambda _typed: people.leave_organisation(site.registry, user.actor, org),
        lambda _done: redirect_see_other(f"/{lang}{HOME_PATH}"),
    )


def _people_path(org: str) -> str:
    return f"/workspace/organisations/{org}/people"
