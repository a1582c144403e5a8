"""Organisations that one acts for: claiming one, its people, inviting, leaving."""

from __future__ import annotations

from flask import Response, request

from portal.web import forms
from portal.web.access import redirect_see_other
from portal.web.forms import Field, Form, FormState
from portal.web.site import Site
from registry.i18n import Lang, _
from registry.registers import filed_registers
from registry.services import filing, people
from registry.services.people import ROLE_DESCRIPTIONS, MemberView, UserSession

HOME_PATH = "/workspace/home"
ATTACHMENT_FIELD = "kept"  # the hidden field that names a file which was uploaded with an earlier try
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
            _("Only if the register does not hold the organisation yet"),
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
            "The registrar looks at the proof and decides; you get a mail. You can then file for the organisation and invite colleagues."
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
    """The file is taken first and kept with the form, so that another mistake does not lose it."""
    outcome, kept, name = None, request.form.get(ATTACHMENT_FIELD, ""), request.form.get("kept_name", "")
    if request.method == "POST":
        values = forms.submitted_values(CLAIM)
        uploaded = request.files.get("file")
        errors: dict[str, str] = {}
        if uploaded is not None and uploaded.filename:
            filename, stream = uploaded.filename, uploaded.stream
            taken = forms.attempt(
                lang,
                values,
                lambda: people.upload_attachment(site.registry, user.actor, filename, stream),
            )
            if isinstance(taken, FormState):
                errors, kept, name = dict(taken.errors), "", ""
            else:
                kept, name = str(taken.id), taken.name
        if forms.is_submitted():
            attachment = int(kept) if kept.isascii() and kept.isdecimal() and len(kept) < 12 else 0
            done = forms.attempt(
                lang,
                values,
                lambda: people.submit_claim(
                    site.registry,
                    user.actor,
                    people.ClaimForm(
                        values["number"], values["name_zh"], values["name_en"], values["post"], attachment
                    ),
                ),
            )
            if not isinstance(done, FormState):
                return redirect_see_other(f"/{lang}{HOME_PATH}#claims")
            outcome = FormState(values, {**done.errors, **errors}, done.status, done.retry_after)
        else:
            outcome = FormState(values, errors)
    return forms.show_form(
        site,
        lang,
        "/workspace/claim",
        CLAIM,
        outcome,
        held={ATTACHMENT_FIELD: kept, "kept_name": name} if kept else {},
    )


def withdraw_claim(site: Site, lang: Lang, user: UserSession, claim: int) -> Response:
    people.withdraw_claim(site.registry, user.actor, claim)
    return redirect_see_other(f"/{lang}{HOME_PATH}#claims")


def show_people(site: Site, lang: Lang, user: UserSession, org: str) -> Response:
    view = people.list_members(site.registry, user.actor, org)
    return forms.private_page(
        site, lang, _people(org), "workspace/people.html", people=view, registers=filed_registers()
    )


def invite(site: Site, lang: Lang, user: UserSession, org: str) -> Response:
    about = people.list_members(site.registry, user.actor, org).organisation
    return forms.handle_form(
        site,
        lang,
        f"/workspace/organisations/{org}/invite",
        INVITE,
        lambda typed: people.invite_member(
            site.registry,
            user.actor,
            org,
            email=typed["email"],
            role=typed["role"],
            agent=typed["agent"] == "1",
        ),
        lambda _address: redirect_see_other(f"/{lang}{_people(org)}#invited"),
        forms.initial_state(role="editor"),
        organisation=about,
    )


def change_member(site: Site, lang: Lang, user: UserSession, org: str, member: int) -> Response:
    """Another role for a member, or the end of the membership."""
    view = people.list_members(site.registry, user.actor, org)
    chosen = next((each for each in view.members if each.id == member), None)
    if chosen is None:
        return redirect_see_other(f"/{lang}{_people(org)}")
    outcome = forms.initial_state(role=chosen.role) if request.method == "GET" else None
    if forms.is_submitted():
        role = forms.submitted_values(CHANGE_ROLE)["role"]
        done = forms.attempt(
            lang,
            {"role": role},
            lambda: people.change_role(site.registry, user.actor, org, member, role=role),
        )
        if not isinstance(done, FormState):
            return redirect_see_other(f"/{lang}{_people(org)}")
        outcome = done
    return _member(site, lang, org, chosen, outcome, view)


def _member(
    site: Site,
    lang: Lang,
    org: str,
    chosen: MemberView,
    outcome: FormState | None,
    view: people.MembersView,
) -> Response:
    path = f"/workspace/organisations/{org}/members/{chosen.id}"
    return forms.show_form(
        site,
        lang,
        path,
        CHANGE_ROLE,
        outcome,
        "workspace/member.html",
        member=chosen,
        organisation=view.organisation,
        remove=f"{path}/remove",
    )


def remove_member(site: Site, lang: Lang, user: UserSession, org: str, member: int) -> Response:
    done = forms.attempt(lang, {}, lambda: people.remove_member(site.registry, user.actor, org, member))
    if not isinstance(done, FormState):
        return redirect_see_other(f"/{lang}{_people(org)}")
    view = people.list_members(site.registry, user.actor, org)
    chosen = next(each for each in view.members if each.id == member)
    return _member(site, lang, org, chosen, done, view)  # the last owner: said on the page of the member


def withdraw_invitation(site: Site, lang: Lang, user: UserSession, org: str, invitation: int) -> Response:
    people.withdraw_invitation(site.registry, user.actor, org, invitation)
    return redirect_see_other(f"/{lang}{_people(org)}#invited")


def leave(site: Site, lang: Lang, user: UserSession, org: str) -> Response:
    about = people.list_members(site.registry, user.actor, org).organisation
    return forms.handle_form(
        site,
        lang,
        f"/workspace/organisations/{org}/leave",
        LEAVE,
        lambda _typed: people.leave_organisation(site.registry, user.actor, org),
        lambda _done: redirect_see_other(f"/{lang}{HOME_PATH}"),
        organisation=about,
    )


def _people(org: str) -> str:
    return f"/workspace/organisations/{org}/people"
