"""Drafts of filings at the door: the list of tasks, the check, publication, and what else becomes of them."""

from __future__ import annotations

from dataclasses import replace

from flask import Response

from portal.web import forms
from portal.web.access import redirect_see_other
from portal.web.forms import Field, Form
from portal.web.site import Site
from portal.workspace.draft_urls import (
    draft_or_published,
    draft_path,
    filed_path,
    hidden_number,
    redirect_to_receipt,
)
from registry.i18n import Lang, _
from registry.kit import indicator_comparison
from registry.kit.issues import Issue
from registry.registers import catalogue
from registry.services import filing
from registry.services.filing import (
    AMENDMENT_HINTS,
    AMENDMENT_LABELS,
    AMENDMENT_NOTE,
    AMENDMENT_REASON,
    Amendment,
    DraftSubmission,
    DraftView,
    PublishedDraft,
    describe_issue,
    issue_anchor,
    list_amendment_reasons,
    list_questions,
)
from registry.services.people import UserSession

SIGNER = Form(
    _("Check your answers"),
    "",
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
REASON_FIELD = Field(
    AMENDMENT_REASON, AMENDMENT_LABELS[AMENDMENT_REASON], AMENDMENT_HINTS[AMENDMENT_REASON], "choice"
)
NOTE_FIELD = Field(AMENDMENT_NOTE, AMENDMENT_LABELS[AMENDMENT_NOTE], AMENDMENT_HINTS[AMENDMENT_NOTE], "long")
DISCARD = Form(
    _("Throw the draft away"),
    _("Throw it away"),
    intro=(_("What was typed into it is gone for good. Nothing public changes."),),
)


def task_list(site: Site, lang: Lang, user: UserSession, *, org: str, draft: int) -> Response:
    view = draft_or_published(site, user, org, draft)
    if isinstance(view, PublishedDraft):
        return redirect_to_receipt(lang, org, view)
    return forms.private_page(site, lang, draft_path(org, draft), "workspace/tasks.html", draft=view)


def check(site: Site, lang: Lang, user: UserSession, *, org: str, draft: int) -> Response:
    """Every answer on one page, what is still wrong or differs, and the one button that publishes."""
    view = draft_or_published(site, user, org, draft)
    if isinstance(view, PublishedDraft):
        return redirect_to_receipt(lang, org, view)
    differences = filing.compare_draft_with_record(site.registry, user.actor, org, draft, lang=lang)
    asked = {name: each.key for each in view.steps for name in each.fields}

    def linked(issues: tuple[Issue, ...]) -> list[tuple[str, str]]:
        """Issues in words, each with the place where it is mended."""
        return [
            (
                describe_issue(issue, view.register, lang),
                f"{draft_path(org, draft)}/{asked[issue.field]}?checked=1#{issue_anchor(issue, view.register)}"
                if issue.field in asked
                else "",
            )
            for issue in issues
        ]

    return forms.handle_form(
        site,
        lang,
        draft_path(org, draft) + "/check",
        _signing_form(view, lang),
        lambda typed: filing.file_draft(
            site.registry, user.actor, org, draft, _submission(typed, amends=bool(view.amends))
        ),
        lambda number: redirect_to_receipt(lang, org, PublishedDraft(view.register, number)),
        template="workspace/check.html",
        draft=view,
        differences=differences,
        worked_out=indicator_comparison.comparison_lines(catalogue()[view.register], view.comparisons, lang),
        groups=tuple(
            (each, list_questions(view.register, each.fields), linked(each.issues)) for each in view.steps
        ),
        notices=linked(view.notices),
        others=linked(tuple(issue for issue in view.issues if issue.field not in asked)),
    )


def take_over_changes(site: Site, lang: Lang, user: UserSession, *, org: str, draft: int) -> Response:
    """Take over what changed in the record since the draft was begun."""
    filing.rebase_draft(site.registry, user.actor, org, draft)
    return redirect_see_other(f"/{lang}{draft_path(org, draft)}/check")


def discard(site: Site, lang: Lang, user: UserSession, *, org: str, draft: int) -> Response:
    """Asked once more before what was typed is gone."""
    view = draft_or_published(site, user, org, draft)
    if isinstance(view, PublishedDraft):
        return redirect_to_receipt(lang, org, view)
    return forms.handle_form(
        site,
        lang,
        draft_path(org, draft) + "/discard",
        DISCARD,
        lambda _typed: filing.discard_draft(site.registry, user.actor, org, draft),
        lambda _done: redirect_see_other(f"/{lang}{filed_path(org, view.register)}"),
        organisation=view.organisation,
        back=draft_path(org, draft),
        about=f"{view.title} {view.amends or view.subject}".strip(),
    )


def _signing_form(draft: DraftView, lang: Lang) -> Form:
    """What is asked at the end; of an amendment also why, where the register has reasons."""
    if not draft.amends:
        return replace(SIGNER, button=draft.words.publish)
    form = replace(SIGNER, button=_("Publish the amendment"))
    reasons = list_amendment_reasons(draft.register)
    if not reasons:
        return form
    choices = (("", ""), *((code, getattr(words, lang)) for code, words in reasons))
    return replace(form, fields=(replace(REASON_FIELD, choices=choices), NOTE_FIELD, *SIGNER.fields))


def _submission(typed: dict[str, str], *, amends: bool) -> DraftSubmission:
    """What the form of the check page sends."""
    amendment = Amendment(
        typed.get(AMENDMENT_REASON, ""), typed.get(AMENDMENT_NOTE, ""), hidden_number("seen")
    )
    return DraftSubmission(hidden_number("revision"), typed["signer"], amendment if amends else None)
