"""Merging a double at the desk: the other record chosen, both side by side, what would be published, and preparing it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from flask import Response, request

from portal.desk import named_choices
from portal.web import forms
from portal.web.access import redirect_see_other
from portal.web.site import Site
from registry.errors import Invalid
from registry.i18n import Lang, _
from registry.kit.issues import Issue
from registry.registers import catalogue
from registry.services import deciding
from registry.services.deciding import DecisionDraft, MergeFormView
from registry.services.issue_messages import issue_message
from registry.services.people import UserSession

CHOICE = "c-"  # before the field, in the names of inputs
OTHER, BASIS, EVIDENCE, NOTE = "other", "legal_basis", "evidence", "note"
CHECKED = "checked"
MAX_DIGITS = 10  # of the number of a decision


@dataclass(frozen=True, slots=True)
class MergePage:
    """The form of a merge at its address, with what was typed."""

    site: Site
    lang: Lang
    user: UserSession
    form: MergeFormView
    typed: Mapping[str, str]

    @property
    def path(self) -> str:
        """The address without language."""
        return f"{self.form.record.desk_path}/{deciding.MERGED_HERE}"

    @property
    def draft(self) -> DecisionDraft:
        """The decision as it is typed."""
        assert self.form.merged is not None
        choices = {fact.name: self.typed.get(CHOICE + fact.name, "") for fact in self.form.facts}
        return DecisionDraft(
            register=self.form.register.slug,
            key=deciding.MERGED_HERE,
            numbers=(self.form.record.number, self.form.merged.number),
            stated={**choices, BASIS: self.typed[BASIS]},
            evidence=self.typed[EVIDENCE],
            note=self.typed[NOTE],
            version=self.form.record.version,
        )


def merge(site: Site, lang: Lang, user: UserSession, *, slug: str, number: str) -> Response:
    """Show which record is the double, both records side by side, what would be published, and prepare the merge."""
    typed = {name: forms.field_text(name).replace("\r\n", "\n") for name in (OTHER, BASIS, EVIDENCE, NOTE)}
    fields = catalogue()[slug].schema.register_fields()
    stated = {name: text for name in fields if (text := forms.field_text(CHOICE + name)) in deciding.CHOICES}
    if request.method == "GET":
        typed[OTHER] = typed[OTHER] or request.args.get(OTHER, "")
        before, stated_before = _typed_before(site, user, slug)
        typed, stated = typed | before, stated or stated_before
    form = deciding.get_merge_form(
        site.registry, user.actor, (slug, number), typed[OTHER], stated=stated, lang=lang
    )
    typed |= {CHOICE + name: choice for name, choice in stated.items()}
    page = MergePage(site, lang, user, form, typed)
    go = forms.field_text("go")
    is_sent = forms.is_submitted() or forms.field_text("stage") == CHECKED
    if form.merged is None or not is_sent or go == "change":
        return _show(page, ())
    if go != "prepare" and named_choices.is_looking():
        return _show(replace(page, typed=named_choices.with_chosen(typed)), ())
    try:
        if go == "prepare":
            seen = forms.field_text("version")
            draft = replace(page.draft, version=int(seen[:9])) if seen.isdecimal() else page.draft
            prepared = deciding.prepare_decision(site.registry, user.actor, draft)
            return redirect_see_other(f"/{lang}/desk/decisions/{prepared}?done=prepared")
        preview = deciding.preview_decision(site.registry, user.actor, page.draft, lang)
    except Invalid as problem:
        return _show(page, problem.issues)
    if preview.refused:
        return _show(page, preview.refused[0].issues)
    return forms.private_page(
        site,
        lang,
        page.path,
        "desk/decision_check.html",
        decision_form=form,
        preview=preview,
        refused=(),
        typed=page.typed,
        action=page.path,
    )


def _typed_before(site: Site, user: UserSession, slug: str) -> tuple[dict[str, str], dict[str, str]]:
    """What a merge of this person stated that was returned or taken back, where the address names one: texts and choices."""
    named = request.args.get("from", "")
    if not (named.isascii() and named.isdecimal() and len(named) < MAX_DIGITS):
        return {}, {}
    draft = deciding.get_own_draft(site.registry, user.actor, int(named))
    if (draft.register, draft.key) != (slug, deciding.MERGED_HERE):
        return {}, {}
    typed = {OTHER: draft.numbers[-1], BASIS: draft.stated.get(BASIS, "")}
    choices = {name: text for name, text in draft.stated.items() if text in deciding.CHOICES}
    return {**typed, EVIDENCE: draft.evidence, NOTE: draft.note}, choices


def _show(page: MergePage, issues: Sequence[Issue]) -> Response:
    definition = catalogue()[page.form.register.slug]
    fields = definition.schema.register_fields()
    errors: dict[str, str] = {}
    for issue in (*((page.form.problem,) if page.form.problem else ()), *issues):
        named = (
            CHOICE + issue.field if issue.field in {fact.name for fact in page.form.facts} else issue.field
        )
        anchor = named if named.startswith(CHOICE) or named in page.typed else ""
        words = issue_message(issue, page.lang, definition)
        errors[anchor] = f"{errors[anchor]} {words}" if anchor in errors else words
    labels = {CHOICE + name: field.info.label for name, field in fields.items()}
    labels[BASIS] = fields[BASIS].info.label if BASIS in fields else _("Legal basis")
    choices = deciding.list_named_choices(
        page.site.registry,
        page.user.actor,
        definition.slug,
        (BASIS,) if page.form.merged else (),
        find=named_choices.looked_for(),
    )
    return forms.private_page(
        page.site,
        page.lang,
        page.path,
        "desk/merge.html",
        status=400 if errors else 200,
        kept_query=f"{OTHER}={page.form.merged.number}" if page.form.merged else "",
        merge_form=page.form,
        action=page.path,
        typed=page.typed,
        errors=errors,
        labels=labels,
        deciding_choices=deciding.CHOICES,
        choices=choices,
        looked_for=named_choices.looked_for(),
    )
