"""Pages of a draft: the list of its tasks, the check before publication, taking over changes, discarding."""

from __future__ import annotations

from dataclasses import replace

from flask import Response

from portal.web import forms
from portal.web.access import redirect_see_other
from portal.web.forms import Field, Form, FormPage
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
from registry.registers import applied_registers, catalogue
from registry.services import applying, filing
from registry.services.applying import DraftEvidence
from registry.services.filing import (
    AMENDMENT_HINTS,
    AMENDMENT_LABELS,
    AMENDMENT_NOTE,
    AMENDMENT_REASON,
    Amendment,
    DraftSubmission,
    DraftView,
    PublishedDraft,
    QuestionView,
    describe_issue,
    issue_anchor,
    list_amendment_reasons,
    list_questions,
)
from registry.services.issue_messages import issue_message
from registry.services.people import Represented, UserSession

EVIDENCE_FIELD = "file"  # of issues about files of an application
SIGNER = Form(
    _("Check your answers"),
    "",
    (
        Field(
            "signer",
            _("Name of who commits"),
            _("Kept with the receipt, never published."),
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
    _("Delete the draft"),
    _("Delete it"),
    intro=(_("What was typed into it is gone for good. Nothing public changes."),),
)


def task_list(site: Site, lang: Lang, user: UserSession, *, org: Represented, draft: int) -> Response:
    """Show the steps of a draft and which of them are done."""
    view = draft_or_published(site, user, org, draft)
    if isinstance(view, PublishedDraft):
        return redirect_to_receipt(lang, org, view)
    return forms.private_page(
        site,
        lang,
        draft_path(org, draft),
        "workspace/tasks.html",
        draft=view,
        evidence=evidence_of(site, user, org, view),
    )


def evidence_of(site: Site, user: UserSession, org: Represented, draft: DraftView) -> DraftEvidence | None:
    """Return the files of a draft of an application, and what is to be corrected; None for a draft that is published itself."""
    if draft.register not in {each.slug for each in applied_registers()}:
        return None
    return applying.get_draft_evidence(site.registry, user.actor, org, draft.id)


def check(site: Site, lang: Lang, user: UserSession, *, org: Represented, draft: int) -> Response:
    """Show every answer on one page, what is still wrong or differs, and the button that publishes."""
    view = draft_or_published(site, user, org, draft)
    if isinstance(view, PublishedDraft):
        return redirect_to_receipt(lang, org, view)
    if filing.has_unsettled_text(site.registry, user.actor, draft) and view.organisation.role != "viewer":
        steps = (
            step for step in view.steps if any(map(_is_file, list_questions(view.register, step.fields)))
        )
        return redirect_see_other(f"/{lang}{draft_path(org, draft)}/{next(steps).key}?back=check")
    evidence = evidence_of(site, user, org, view)
    bars = applying.find_bars(site.registry, user.actor, org, draft) if evidence else ()
    barred = (*bars, *(evidence.issues if evidence else ()))
    differences = filing.compare_draft_with_record(site.registry, user.actor, org, draft, lang=lang)
    step_of_field = {name: step.key for step in view.steps for name in step.fields}

    def with_links(issues: tuple[Issue, ...]) -> list[tuple[str, str]]:
        """Return the messages of issues, each with the address where it can be corrected."""
        return [
            (
                describe_issue(issue, view.register, lang, in_summary=True),
                f"{draft_path(org, draft)}/{step_of_field[issue.field]}?checked=1&back=check#{issue_anchor(issue, view.register)}"
                if issue.field in step_of_field
                else "",
            )
            for issue in issues
        ]

    return forms.handle_form(
        FormPage(
            site,
            lang,
            draft_path(org, draft) + "/check",
            _signing_form(view, lang),
            template="workspace/check.html",
            context={
                "draft": view,
                "evidence": evidence,
                "ready": view.ready and not barred,
                "differences": differences,
                "comparison_lines": indicator_comparison.comparison_lines(
                    catalogue()[view.register], view.comparisons, lang
                )
                | indicator_comparison.limit_lines(catalogue()[view.register], view.limits, lang),
                "groups": tuple(
                    (step, list_questions(view.register, step.fields), with_links(step.issues))
                    for step in view.steps
                ),
                "notices": with_links(view.notices),
                "others": with_links(
                    tuple(issue for issue in view.issues if issue.field not in step_of_field)
                )
                + [
                    (
                        issue_message(issue, lang, catalogue()[view.register]),
                        f"{draft_path(org, draft)}/evidence" if issue.field == EVIDENCE_FIELD else "",
                    )
                    for issue in barred
                ],
            },
        ),
        lambda typed: _submit(site, user, view, _submission(typed, amends=bool(view.amends))),
        lambda published: redirect_to_receipt(lang, org, published),
    )


def _submit(site: Site, user: UserSession, draft: DraftView, submitted: DraftSubmission) -> PublishedDraft:
    """Publish a draft, or submit it as an application where its register wants that."""
    registry, actor = site.registry, user.actor
    org = Represented(draft.organisation.register, draft.organisation.slug)
    if draft.register in {each.slug for each in applied_registers()}:
        application = applying.submit_application(registry, actor, org, draft.id, submitted=submitted)
        return PublishedDraft(draft.register, "", application)
    return PublishedDraft(
        draft.register, filing.file_draft(registry, actor, org, draft.id, submitted=submitted)
    )


def _is_file(question: QuestionView) -> bool:
    return question.kind == "file"


def take_over_changes(site: Site, lang: Lang, user: UserSession, *, org: Represented, draft: int) -> Response:
    """Take over what changed in the record since the draft was opened."""
    filing.rebase_draft(site.registry, user.actor, org, draft)
    return redirect_see_other(f"/{lang}{draft_path(org, draft)}/check")


def discard(site: Site, lang: Lang, user: UserSession, *, org: Represented, draft: int) -> Response:
    """Ask for confirmation, then delete the draft."""
    view = draft_or_published(site, user, org, draft)
    if isinstance(view, PublishedDraft):
        return redirect_to_receipt(lang, org, view)
    return forms.handle_form(
        FormPage(
            site,
            lang,
            draft_path(org, draft) + "/discard",
            DISCARD,
            context={
                "organisation": view.organisation,
                "back": draft_path(org, draft),
                "about": f"{view.title.in_language(lang)} {view.amends or view.subject}".strip(),
            },
        ),
        lambda _typed: filing.discard_draft(site.registry, user.actor, org, draft),
        lambda _done: redirect_see_other(f"/{lang}{filed_path(org, view.register)}"),
    )


def _signing_form(draft: DraftView, lang: Lang) -> Form:
    """Return the form that publishes; for an amendment it also asks for the reason, if the register has reasons."""
    if not draft.amends:
        return replace(SIGNER, button=draft.words.publish)
    if draft.order:
        correction = draft.order.correction
        note = replace(NOTE_FIELD, label=_("What was corrected"), hint=correction.note_hint)
        return replace(SIGNER, button=correction.button, fields=(note, *SIGNER.fields))
    form = replace(SIGNER, button=_("Publish the amendment"))
    reasons = list_amendment_reasons(draft.register)
    if not reasons:
        return form
    choices = (("", ""), *((code, getattr(words, lang)) for code, words in reasons))
    return replace(form, fields=(replace(REASON_FIELD, choices=choices), NOTE_FIELD, *SIGNER.fields))


def _submission(typed: dict[str, str], *, amends: bool) -> DraftSubmission:
    """Return what the form of the check page has sent."""
    amendment = Amendment(
        typed.get(AMENDMENT_REASON, ""), typed.get(AMENDMENT_NOTE, ""), hidden_number("seen")
    )
    return DraftSubmission(hidden_number("revision"), typed["signer"], amendment if amends else None)
