"""Organisations that one acts for: claiming one, its people, inviting, leaving."""

from __future__ import annotations

from flask import Response, request

from portal.web import forms
from portal.web.access import see
from portal.web.forms import Field, Form, Outcome
from portal.web.site import Site
from registry.i18n import Lang, _
from registry.services.filing import filed_records, pending_tasks
from registry.services.people import attachments, claims, invitations, memberships
from registry.services.people.memberships import ROLE_WORDS, MemberView
from registry.services.people.sessions import Signed

HOME = "/workspace/home"
KEPT = "kept"  # the hidden field that names a file which was uploaded with an earlier try
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
    ((HOME, _("Back to your organisations")),),
)
ROLES = tuple(ROLE_WORDS.items())
INVITE = Form(
    _("Invite somebody"),
    _("Send the invitation"),
    (
        Field("email", _("E-mail address"), kind="email", width="30"),
        Field("role", _("What they may do"), kind="choice", choices=ROLES),
        Field(
            "agent",
            _("Who they are"),
            kind="choice",
            choices=(("", _("A colleague")), ("1", _("An agent from outside, who acts for others as well"))),
        ),
    ),
)
ROLE = Form(
    _("Change the role"), _("Save"), (Field("role", _("What they may do"), kind="choice", choices=ROLES),)
)
LEAVE = Form(
    _("Leave the organisation"),
    _("Leave"),
    intro=(
        _("You will not act for it any more; what you have filed stays."),
        _("The last owner cannot leave: make somebody else owner first."),
    ),
)


def home(site: Site, lang: Lang, who: Signed) -> Response:
    view = memberships.home(site.registry, who.actor)
    receipts = filed_records.recent(site.registry, who.actor)
    waits = pending_tasks.agenda(site.registry, who.actor)
    return forms.page(site, lang, HOME, "workspace/home.html", home=view, receipts=receipts, waits=waits)


def claim(site: Site, lang: Lang, who: Signed) -> Response:
    """The file is taken first and kept with the form, so that another mistake does not lose it."""
    outcome, kept, name = None, request.form.get(KEPT, ""), request.form.get("kept_name", "")
    if request.method == "POST":
        values = forms.typed(CLAIM)
        uploaded = request.files.get("file")
        errors: dict[str, str] = {}
        if uploaded is not None and uploaded.filename:
            filename, stream = uploaded.filename, uploaded.stream
            taken = forms.attempt(
                lang, values, lambda: attachments.attach(site.registry, who.actor, filename, stream)
            )
            if isinstance(taken, Outcome):
                errors, kept, name = dict(taken.errors), "", ""
            else:
                kept, name = str(taken.id), taken.name
        if forms.wanted():
            attachment = int(kept) if kept.isascii() and kept.isdecimal() and len(kept) < 12 else 0
            done = forms.attempt(
                lang,
                values,
                lambda: claims.claim(
                    site.registry,
                    who.actor,
                    values["number"],
                    values["name_zh"],
                    values["name_en"],
                    values["post"],
                    attachment,
                ),
            )
            if not isinstance(done, Outcome):
                return see(f"/{lang}{HOME}#claims")
            outcome = Outcome(values, {**done.errors, **errors}, done.status, done.wait)
        else:
            outcome = Outcome(values, errors)
    return forms.show(
        site, lang, "/workspace/claim", CLAIM, outcome, held={KEPT: kept, "kept_name": name} if kept else {}
    )


def withdraw_claim(site: Site, lang: Lang, who: Signed, claim: int) -> Response:
    claims.withdraw(site.registry, who.actor, claim)
    return see(f"/{lang}{HOME}#claims")


def people(site: Site, lang: Lang, who: Signed, org: str) -> Response:
    view = memberships.people(site.registry, who.actor, org)
    return forms.page(site, lang, _people(org), "workspace/people.html", people=view)


def invite(site: Site, lang: Lang, who: Signed, org: str) -> Response:
    about = memberships.people(site.registry, who.actor, org).organisation
    return forms.run(
        site,
        lang,
        f"/workspace/organisations/{org}/invite",
        INVITE,
        lambda typed: invitations.invite(
            site.registry, who.actor, org, typed["email"], typed["role"], agent=typed["agent"] == "1"
        ),
        lambda _address: see(f"/{lang}{_people(org)}#invited"),
        forms.untouched(role="editor"),
        organisation=about,
    )


def member(site: Site, lang: Lang, who: Signed, org: str, member: int) -> Response:
    """Another role for a member, or the end of the membership."""
    view = memberships.people(site.registry, who.actor, org)
    chosen = next((each for each in view.members if each.id == member), None)
    if chosen is None:
        return see(f"/{lang}{_people(org)}")
    outcome = forms.untouched(role=chosen.role) if request.method == "GET" else None
    if forms.wanted():
        role = forms.typed(ROLE)["role"]
        done = forms.attempt(
            lang,
            {"role": role},
            lambda: memberships.change_role(site.registry, who.actor, org, member, role),
        )
        if not isinstance(done, Outcome):
            return see(f"/{lang}{_people(org)}")
        outcome = done
    return _member(site, lang, org, chosen, outcome, view)


def _member(
    site: Site,
    lang: Lang,
    org: str,
    chosen: MemberView,
    outcome: Outcome | None,
    view: memberships.PeopleView,
) -> Response:
    path = f"/workspace/organisations/{org}/members/{chosen.id}"
    return forms.show(
        site,
        lang,
        path,
        ROLE,
        outcome,
        "workspace/member.html",
        member=chosen,
        organisation=view.organisation,
        remove=f"{path}/remove",
    )


def remove(site: Site, lang: Lang, who: Signed, org: str, member: int) -> Response:
    done = forms.attempt(lang, {}, lambda: memberships.remove(site.registry, who.actor, org, member))
    if not isinstance(done, Outcome):
        return see(f"/{lang}{_people(org)}")
    view = memberships.people(site.registry, who.actor, org)
    chosen = next(each for each in view.members if each.id == member)
    return _member(site, lang, org, chosen, done, view)  # the last owner: said on the page of the member


def withdraw(site: Site, lang: Lang, who: Signed, org: str, invitation: int) -> Response:
    invitations.withdraw(site.registry, who.actor, org, invitation)
    return see(f"/{lang}{_people(org)}#invited")


def leave(site: Site, lang: Lang, who: Signed, org: str) -> Response:
    about = memberships.people(site.registry, who.actor, org).organisation
    return forms.run(
        site,
        lang,
        f"/workspace/organisations/{org}/leave",
        LEAVE,
        lambda _typed: memberships.leave(site.registry, who.actor, org),
        lambda _done: see(f"/{lang}{HOME}"),
        organisation=about,
    )


def _people(org: str) -> str:
    return f"/workspace/organisations/{org}/people"
