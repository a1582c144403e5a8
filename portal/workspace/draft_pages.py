"""Drafts of declarations at the door: the list of tasks, the check, publication, and what else becomes of them."""

from __future__ import annotations

from dataclasses import replace

from flask import Response

from portal.web import forms
from portal.web.access import see
from portal.web.forms import Field, Form
from portal.web.site import Site
from portal.workspace.draft_urls import base, counted, draft_address, opened, published
from registry.i18n import Lang, _
from registry.kit import indicator_comparison
from registry.kit.issues import Issue
from registry.services.filing import draft_differences, drafts
from registry.services.filing.amendment_reasons import HINTS, LABELS, NOTE, REASON, Amendment
from registry.services.filing.draft_differences import DifferencesView
from registry.services.filing.questions import anchor_of, issue_in_words, questions, reasons
from registry.services.people.memberships import DECLARATIONS
from registry.services.people.sessions import Signed

SIGNER = Form(
    _("Check your answers"),
    _("Publish the declaration"),
    (
        Field(
            "signer",
            _("Name of who commits"),
            _("Kept with the receipt, never published; the post is public."),
            autocomplete="name",
            width="20",
        ),
    ),
)
WHY = Field(REASON, LABELS[REASON], HINTS[REASON], "choice")
HOW = Field(NOTE, LABELS[NOTE], HINTS[NOTE], "long")
DISCARD = Form(
    _("Throw the draft away"),
    _("Throw it away"),
    intro=(_("What was typed into it is gone for good. Nothing public changes."),),
)


def tasks(site: Site, lang: Lang, who: Signed, org: str, draft: int) -> Response:
    view = opened(site, who, org, draft)
    if isinstance(view, str):
        return published(lang, org, view)
    return forms.page(site, lang, draft_address(org, draft), "workspace/tasks.html", draft=view)


def check(site: Site, lang: Lang, who: Signed, org: str, draft: int) -> Response:
    """Every answer on one page, what is still wrong or differs, and the one button that publishes."""
    view = opened(site, who, org, draft)
    if isinstance(view, str):
        return published(lang, org, view)
    differences = draft_differences.look(site.registry, who.actor, org, draft, lang)
    asked = {name: each.key for each in view.steps for name in each.fields}

    def linked(issues: tuple[Issue, ...]) -> list[tuple[str, str]]:
        """Issues in words, each with the place where it is mended."""
        return [
            (
                issue_in_words(issue, DECLARATIONS, lang),
                f"{draft_address(org, draft)}/{asked[issue.field]}?checked=1#{anchor_of(issue)}"
                if issue.field in asked
                else "",
            )
            for issue in issues
        ]

    return forms.run(
        site,
        lang,
        draft_address(org, draft) + "/check",
        _signing(differences, lang),
        lambda typed: drafts.file(
            site.registry, who.actor, org, draft, counted("revision"), typed["signer"], _amendment(typed)
        ),
        lambda number: published(lang, org, number),
        template="workspace/check.html",
        draft=view,
        differences=differences,
        worked_out=indicator_comparison.lines(DECLARATIONS, view.compared, lang),
        groups=tuple(
            (each, questions(DECLARATIONS, each.fields), linked(each.issues)) for each in view.steps
        ),
        notices=linked(view.notices),
        others=linked(tuple(issue for issue in view.issues if issue.field not in asked)),
    )


def follow(site: Site, lang: Lang, who: Signed, org: str, draft: int) -> Response:
    """Take over what changed in the record since the draft was begun."""
    draft_differences.follow(site.registry, who.actor, org, draft)
    return see(f"/{lang}{draft_address(org, draft)}/check")


def discard(site: Site, lang: Lang, who: Signed, org: str, draft: int) -> Response:
    """Asked once more before what was typed is gone."""
    view = opened(site, who, org, draft)
    if isinstance(view, str):
        return published(lang, org, view)
    return forms.run(
        site,
        lang,
        draft_address(org, draft) + "/discard",
        DISCARD,
        lambda _typed: drafts.discard(site.registry, who.actor, org, draft),
        lambda _done: see(f"/{lang}{base(org)}/declarations"),
        organisation=view.organisation,
        back=draft_address(org, draft),
        about=f"{view.title} {view.amends or view.subject}".strip(),
    )


def _signing(differences: DifferencesView | None, lang: Lang) -> Form:
    """What is asked at the end; of who amends also why."""
    if differences is None:
        return SIGNER
    choices = (("", ""), *((code, getattr(words, lang)) for code, words in reasons(DECLARATIONS)))
    return replace(
        SIGNER,
        button=_("Publish the amendment"),
        fields=(replace(WHY, choices=choices), HOW, *SIGNER.fields),
    )


def _amendment(typed: dict[str, str]) -> Amendment | None:
    if REASON not in typed:
        return None
    return Amendment(typed[REASON], typed[NOTE], counted("seen"))
