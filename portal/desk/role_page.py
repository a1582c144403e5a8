"""A page for each role: what it does here, in which order, and what it may not do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from flask import Response

from portal.web import forms
from portal.web.site import Site
from registry.errors import NotFound
from registry.i18n import Lang, _
from registry.services import applying, deciding, people
from registry.services.people import UserSession

PATH = "/desk/role"


@dataclass(frozen=True, slots=True)
class RoleHelp:
    """What a role does. All message ids; `steps`: (what, path of the page where it is done)."""

    does: str
    steps: tuple[tuple[str, str], ...]
    does_not: str


DECIDES = (
    (_("Look at what others have prepared, and take it or return it with a note."), "/desk"),
    (
        _("Look at the records that wait, the most overdue first, and prepare decisions on them."),
        "/desk#h-cases",
    ),
    (_("See what will be due, and what does not fit with other records."), "/desk/watch"),
    (_("Open a record by its number to see what may be decided on it."), "/desk"),
)
ANSWERS = (_("Answer reports of errors and fakes, and objections, before their time ends."), "/desk/reports")
EXAMINES = (  # roles to which the life cycle of a register gives a step
    _("Examine applications: give an opinion, return them with what is to be corrected, or decide on them."),
    "/desk/applications",
)
BOUNDS = (
    _("See on which records you act, and declare a conflict of interest before you meet it."),
    "/desk/bounds",
)
NOT_ALONE = _(
    "You take no decision that you have prepared, and none on what you have filed or have an interest in."
)
REVIEWER = RoleHelp(
    _("You review records of your region and decide on them as the life cycles of the registers say."),
    (*DECIDES, ANSWERS, BOUNDS),
    NOT_ALONE,
)
HELP: Mapping[str, RoleHelp] = {
    "reviewer_county": REVIEWER,
    "reviewer_city": REVIEWER,
    "reviewer_province": REVIEWER,
    "reviewer_national": RoleHelp(
        _(
            "You review records of the whole country and decide on them as the life cycles of the registers say."
        ),
        (*DECIDES, ANSWERS, BOUNDS),
        NOT_ALONE,
    ),
    "publisher": RoleHelp(
        _("You make decisions public that need a publisher, such as a notice or a final list."),
        (*DECIDES, ANSWERS, BOUNDS),
        NOT_ALONE,
    ),
    "registrar": RoleHelp(
        _(
            "You keep the registers: decisions, imports, claims to organisations, and the words of the search."
        ),
        (
            *DECIDES,
            ANSWERS,
            (
                _("Decide on claims: does the proof show that this person acts for the organisation?"),
                "/desk/claims",
            ),
            (
                _("Keep the synonyms of the search, and look at what was searched for without a result."),
                "/desk/words",
            ),
            (
                _("Import sheets: say how their columns are read, check them, and run those of others."),
                "/desk/imports",
            ),
            BOUNDS,
        ),
        NOT_ALONE,
    ),
    "body": RoleHelp(
        _("You act for a certification or grading body on what it has issued, while its approval holds."),
        (*DECIDES, BOUNDS),
        _(
            "You act on no record of another body, on none beyond your scope, and see no reports: they may be about you."
        ),
    ),
    "inspector": RoleHelp(
        _("You carry out the random checks for which you were drawn, and record what each came to."),
        (
            (
                _(
                    "Look at the checks, and record the result of each record that is yours: findings and article."
                ),
                "/desk/checks",
            ),
        ),
        _("You do not choose what you check, and another person makes your results public."),
    ),
    "auditor": RoleHelp(
        _(
            "You read everything at the desk: what waits, what was prepared, what was reported and how it was answered."
        ),
        (
            (_("Look at prepared decisions and at the records that wait, in every register."), "/desk"),
            (_("Look at reports and objections, and at their answers."), "/desk/reports"),
            (_("Look at sheets that are imported, row by row."), "/desk/imports"),
            (_("Search the log of all acts: who did what, and when."), "/desk/audit"),
        ),
        _("You change nothing. Each file that you open from a report is noted in the audit log."),
    ),
    "admin": RoleHelp(
        _(
            "You keep the accounts of the staff: you make them, give them their role and region, suspend and restore them."
        ),
        (
            (_("Make accounts and set their bounds; name substitutes for a time."), "/desk/accounts"),
            (
                _("Decide on claims: does the proof show that this person acts for the organisation?"),
                "/desk/claims",
            ),
            (
                _("Keep the synonyms of the search, and look at what was searched for without a result."),
                "/desk/words",
            ),
        ),
        _("You decide on no records, and do not change your own account's role."),
    ),
}


def show_role(site: Site, lang: Lang, user: UserSession) -> Response:
    """Show what the role of the person does here."""
    shown = HELP.get(user.actor.role)
    if shown is None:
        raise NotFound("desk")
    registers = deciding.list_desk_registers(site.registry, user.actor) if user.sees_desk else ()
    return forms.private_page(
        site,
        lang,
        PATH,
        "desk/role.html",
        help=replace(shown, steps=(*shown.steps, EXAMINES)) if applying.examines(user.actor) else shown,
        role=people.ROLE_LABELS[user.actor.role],
        registers=registers,
    )
