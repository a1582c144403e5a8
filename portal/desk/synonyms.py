"""Synonyms and glossary terms at the desk: added, changed, ended and restored after a look at what searches find then; searches without a result."""

from __future__ import annotations

from dataclasses import asdict

from flask import Response, request

from portal.web import forms
from portal.web.access import redirect_see_other
from portal.web.forms import Field, Form, FormPage, FormState
from portal.web.site import Site
from registry.errors import Conflict
from registry.i18n import Lang, _
from registry.services import finding
from registry.services.finding import WordsDraft
from registry.services.people import UserSession

LIST_PATH = "/desk/words"
REASON = Field("reason", _("Reason"), _("It stays in the history of the words and in the audit log."), "long")
TERM_FIELDS = (
    Field(
        "part",
        _("Part of the glossary"),
        _(
            "Choose one and the words stand in the public glossary too, in place of its own entry for the same Chinese."
        ),
        "choice",
        choices=(("", _("None: only synonyms")), *finding.GLOSSARY_PARTS.items()),
    ),
    Field(
        "definition_zh",
        _("Definition in Chinese"),
        _("Of a term, if there is one: all four parts of it."),
        "long",
    ),
    Field("definition_en", _("Definition in English"), kind="long"),
    Field("source_zh", _("Source in Chinese"), _("The law and its article, or the standard.")),
    Field("source_en", _("Source in English")),
)
WORDS = Field(
    "words",
    _("Words that mean the same"),
    _(
        "Two to ten words, in either language, with = between them: sofa = couch = 沙发. "
        "From then on each finds the records of the others."
    ),
)
ADD_FORM = Form(_("Search words and glossary"), _("See what changes"), (WORDS, *TERM_FIELDS, REASON))
ENTRY_FORM = Form(_("Change or end the words"), _("Change the words"), (WORDS, *TERM_FIELDS, REASON))
ENDED_FORM = Form(_("Restore the words"), _("Restore the words"), (REASON,))
ACTS = {"change": _("Change the words"), "end": _("End the words"), "restore": _("Restore the words")}
SAVE, BACK = "save", "back"  # the buttons of the preview
DONE = {
    "added": _("The words are added and count from now on."),
    "change": _("The words are changed."),
    "end": _("The words are ended and count no longer."),
    "restore": _("The words count again."),
}
MAX_TYPED, MAX_DIGITS = 60, 9


def list_words(site: Site, lang: Lang, user: UserSession) -> Response:
    """Show the words that staff keep and the searches without a result, and add words after a preview."""
    missed = finding.list_all_zero_results(site.registry, user.actor)
    asked = request.args.get("q", "").strip()[:MAX_TYPED]
    page = FormPage(
        site,
        lang,
        LIST_PATH,
        ADD_FORM,
        template="desk/words.html",
        context={
            "added": finding.list_staff_synonyms(site.registry, user.actor, asked),
            "ended": finding.list_staff_synonyms(site.registry, user.actor, asked, ended=True),
            "asked": asked,
            "missed": missed,
        },
    )
    if not forms.is_submitted():
        initial = forms.initial_state(words=request.args.get("words", "")[:MAX_TYPED])
        return forms.show_form(page, initial if request.method == "GET" else None)
    typed = forms.submitted_values(ADD_FORM)
    go = forms.field_text("go")
    if go == BACK:
        return forms.show_form(page)
    if go == SAVE:
        added = forms.attempt(
            lang, typed, lambda: finding.add_synonym(site.registry, user.actor, WordsDraft(**typed))
        )
        if isinstance(added, FormState):
            return forms.show_form(page, added)
        return redirect_see_other(f"/{lang}{LIST_PATH}/{added}?done=added")
    preview = forms.attempt(
        lang,
        typed,
        lambda: finding.preview_words(site.registry, user.actor, lang, draft=WordsDraft(**typed)),
    )
    if isinstance(preview, FormState):
        return forms.show_form(page, preview)
    return _preview_page(page, preview, typed, title=_("Add words"), button=_("Add them"))


def show_words(site: Site, lang: Lang, user: UserSession, synonym: int) -> Response:
    """Show one entry with its history; change, end or restore it after a preview."""
    entry = finding.get_staff_words(site.registry, user.actor, synonym)
    form = ENDED_FORM if entry.ended_at else ENTRY_FORM
    page = FormPage(
        site,
        lang,
        f"{LIST_PATH}/{synonym}",
        form,
        template="desk/word.html",
        context={
            "entry": entry,
            "parts": finding.GLOSSARY_PARTS,
            "done": DONE.get(request.args.get("done", ""), ""),
        },
    )
    act, go = forms.field_text("act"), forms.field_text("go")
    if not forms.is_submitted() or go == BACK or act not in ACTS:
        return forms.show_form(page, FormState(asdict(entry.draft), {}) if request.method == "GET" else None)
    if (act == "restore") != bool(entry.ended_at):
        raise Conflict("synonyms_removed" if entry.ended_at else "synonyms_not_ended")
    typed = forms.submitted_values(form)
    if go == SAVE:
        done = forms.attempt(lang, typed, lambda: _save(page, user, act, typed))
        if isinstance(done, FormState):
            return forms.show_form(page, done)
        return redirect_see_other(f"/{lang}{page.path}?done={act}")
    draft = WordsDraft(**typed) if act == "change" else None
    preview = forms.attempt(
        lang,
        typed,
        lambda: finding.preview_words(
            site.registry, user.actor, lang, synonym_id=synonym, draft=draft, reason=typed["reason"]
        ),
    )
    if isinstance(preview, FormState):
        return forms.show_form(page, preview)
    hidden = {**typed, "act": act, "version": str(entry.version)}
    return _preview_page(page, preview, hidden, title=ACTS[act], button=ACTS[act])


def _save(page: FormPage, user: UserSession, act: str, typed: dict[str, str]) -> None:
    registry, entry = page.site.registry, page.context["entry"]
    if act == "change":
        seen = forms.field_text("version")
        version = int(seen) if seen.isascii() and seen.isdecimal() and len(seen) <= MAX_DIGITS else 0
        finding.change_synonym(registry, user.actor, entry.id, WordsDraft(**typed), version=version)
    elif act == "end":
        finding.remove_synonym(registry, user.actor, entry.id, typed["reason"])
    else:
        finding.restore_synonym(registry, user.actor, entry.id, typed["reason"])


def _preview_page(
    page: FormPage, preview: finding.WordsPreview, hidden: dict[str, str], *, title: str, button: str
) -> Response:
    return forms.private_page(
        page.site,
        page.lang,
        page.path,
        "desk/words_check.html",
        preview=preview,
        typed=hidden,
        action=page.path,
        title=title,
        button=button,
        parts=finding.GLOSSARY_PARTS,
    )


def hide_search(site: Site, lang: Lang, user: UserSession) -> Response:
    """Let a search without a result stand on the public page, or keep it off."""
    hidden = request.form.get("hidden") == "1"
    finding.hide_zero_result(site.registry, user.actor, forms.field_text("text"), hidden=hidden)
    return redirect_see_other(f"/{lang}{LIST_PATH}#missed")
