"""Random checks at the desk: announcing, drawing, cancelling, recording results and publishing them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from flask import Response, request

from portal.web import forms
from portal.web.access import redirect_see_other
from portal.web.forms import Field, Form, FormPage, FormState
from portal.web.site import Site
from registry.errors import Conflict, Forbidden, NotFound
from registry.i18n import Lang, _
from registry.services import random_checks
from registry.services.issue_messages import message_of_code, refusal_message
from registry.services.people import UserSession
from registry.services.random_checks import CheckDraft, CheckPreview, ResultDraft, ResultFormView

PATH = "/desk/checks"
NEW = f"{PATH}/new"
FILTER, INSPECTOR, FIELD = "f-", "i-", "f-"  # before the names of inputs
DATES = ("from", "to")
MAX_REGISTER = 60  # characters of a slug
TEXTS = (
    Field("title_zh", _("Title in Chinese"), _("As it is published.")),
    Field("title_en", _("Title in English"), _("If there is one.")),
)
SAMPLE = (
    Field("size", _("Number of records to draw"), width="10"),
    Field("share", _("or their share in percent"), _("Rounded up to a whole record."), width="10"),
)
POOL = Field(
    "names",
    _("Inspectors without an account"),
    _("One name a line. Names are never public; only labels are."),
    "long",
)
SEED = (
    Field(
        "figure_zh",
        _("Public figure, in Chinese"),
        _(
            "A figure that somebody else publishes on a later day, such as the closing value of a stock index."
        ),
    ),
    Field("figure_en", _("Public figure, in English"), _("If there is a name for it.")),
    Field("figure_count", _("How many numbers it has"), width="10"),
    Field("source", _("Where it is published"), _("The address of a page, or the name of a publication.")),
    Field("seed_on", _("Day of the figure"), _("A day after today, such as 2026-12-31."), width="10"),
    Field("results_until", _("Last day for results"), _("A day such as 2027-03-31."), width="10"),
    Field("legal_basis", _("Legal basis"), _("Left empty, it is the one that the register states.")),
)
ANNOUNCE = Form(
    _("Announce a random check"), _("See what it would draw from"), (*TEXTS, *SAMPLE, POOL, *SEED)
)
DRAW = Form(
    _("Draw the check"),
    _("Draw it and publish the draw"),
    (
        Field(
            "figure",
            _("The figure, as it was published"),
            _("Its numbers with blanks between them; their order makes no difference."),
        ),
        Field("draw_source", _("Where it stands"), _("If it differs from what was announced.")),
    ),
)
CANCEL = Form(
    _("Cancel the check"),
    _("Cancel it and publish why"),
    (Field("reason", _("Why it is cancelled"), _("The public reads this."), "long"),),
)
RESULT = Form(
    _("Result of the check"),
    _("Record the result"),
    (
        Field("result", _("Result"), kind="choice"),
        Field("done_on", _("Day of the check"), _("A day such as 2026-12-31."), width="10"),
        Field("reason", _("Why it could not be done"), kind="choice"),
        Field(
            "findings", _("What was found, in Chinese"), _("The public reads this. Name no person."), "long"
        ),
        Field("findings_en", _("What was found, in English"), _("If there is a translation."), "long"),
        Field("article", _("Article"), _("The provision that is not met, with law and article.")),
    ),
)
RETURN = Form(
    _("Send the result back"),
    _("Send it back"),
    (Field("reply", _("What is to be changed"), _("The person who recorded it reads this."), "long"),),
)
DONE = {
    "announced": _("The check is announced. Another person draws it on the day of the figure."),
    "drawn": _("The check is drawn and the draw is public."),
    "cancelled": _("The check is cancelled, and why is public."),
    "recorded": _("The result is recorded. Another person publishes it; nothing is public before."),
    "published": _("The result is published, with what follows from it."),
    "returned": _("The result is sent back to the person who recorded it."),
}


@dataclass(frozen=True, slots=True)
class _Act:
    """A form of a page with what sending it does."""

    form: Form
    act: Callable[[dict[str, str]], object]
    done: str


def list_checks(site: Site, lang: Lang, user: UserSession) -> Response:
    """Show the checks, those first in which something waits for the reader."""
    _require_sight(user)
    checks = random_checks.list_desk_checks(site.registry, user.actor)
    return forms.private_page(
        site, lang, PATH, "desk/checks.html", checks=checks, may_announce=user.announces_checks
    )


def announce(site: Site, lang: Lang, user: UserSession) -> Response:
    """Choose the register, say what is drawn from and how, see what that means, and announce it."""
    if not user.announces_checks:
        raise NotFound("checks")
    registers = random_checks.list_checked_registers(user.actor)
    slug = request.values.get("register", "")[:MAX_REGISTER]
    if slug not in {each.slug for each in registers}:
        return forms.private_page(site, lang, NEW, "desk/check_register.html", registers=registers)
    typed = forms.submitted_values(ANNOUNCE)
    if request.method == "GET":
        typed["figure_count"] = "1"
    query = _filters_typed()
    pool = random_checks.list_pool(site.registry, user.actor)
    chosen = tuple(account for account, _name in pool if _is_chosen(account))
    draft = CheckDraft(register=slug, query=query, accounts=chosen, **typed)
    state: FormState | None = FormState(typed, {})
    preview: CheckPreview | None = None
    if forms.is_submitted():
        act = random_checks.announce_check if forms.field_text("go") == "announce" else None
        result: Any = forms.attempt(
            lang,
            typed,
            lambda: (
                act(site.registry, user.actor, draft)
                if act
                else random_checks.preview_check(site.registry, user.actor, draft)
            ),
        )
        if isinstance(result, int):
            return redirect_see_other(f"/{lang}{PATH}/{result}?done=announced")
        if isinstance(result, FormState):
            state = result
        else:
            preview = result
    facets, total = random_checks.list_population_filters(site.registry, user.actor, slug, query)
    register = next(each for each in registers if each.slug == slug)
    context = {
        "register": register,
        "facets": [facet for facet in facets if facet.values],
        "total": total,
        "pool": pool,
        "chosen": chosen,
        "dates": {name: forms.field_text(name) for name in DATES},
        "preview": preview,
    }
    return forms.show_form(FormPage(site, lang, NEW, ANNOUNCE, "desk/check_new.html", context), state)


def show_check(site: Site, lang: Lang, user: UserSession, check: int) -> Response:
    """Show a check with its drawn records; draw it or cancel it."""
    _require_sight(user)
    registry, actor = site.registry, user.actor
    acts = {
        "draw": _Act(
            DRAW,
            lambda typed: random_checks.draw_check(
                registry, actor, check, typed["figure"], source=typed["draw_source"]
            ),
            "drawn",
        ),
        "cancel": _Act(
            CANCEL,
            lambda typed: random_checks.cancel_check(registry, actor, check, typed["reason"]),
            "cancelled",
        ),
    }
    path = f"{PATH}/{check}"
    outcome = _act(lang, acts, path)
    if isinstance(outcome, Response):
        return outcome
    view, drawn = random_checks.get_desk_check(registry, actor, check)
    context = {
        "check": view,
        "drawn": drawn,
        "draw_form": DRAW,
        "cancel_form": CANCEL,
        "told": outcome.told,
        "done": DONE.get(request.args.get("done", ""), ""),
        "obstacle": message_of_code(view.obstacle, lang, view.obstacle_params) if view.obstacle else "",
        "may_cancel": user.announces_checks,
    }
    form = acts[outcome.name].form if outcome.name else DRAW
    return forms.show_form(FormPage(site, lang, path, form, "desk/check.html", context), outcome.state)


def show_result(site: Site, lang: Lang, user: UserSession, *, check: int, place: int) -> Response:
    """Show the result of a drawn record; record it, publish it or send it back."""
    _require_sight(user)
    registry, actor = site.registry, user.actor

    def record(typed: dict[str, str]) -> None:
        fields = {
            name.removeprefix(FIELD): forms.field_text(name)
            for name in request.form
            if name.startswith(FIELD)
        }
        draft = ResultDraft(**typed, fields=fields)
        random_checks.record_result(registry, actor, check, place, draft=draft)

    result_form = _result_form(lang)
    acts = {
        "record": _Act(result_form, record, "recorded"),
        "publish": _Act(
            Form("", ""),
            lambda _typed: random_checks.publish_result(registry, actor, check, place),
            "published",
        ),
        "return": _Act(
            RETURN,
            lambda typed: random_checks.return_result(registry, actor, check, place, reply=typed["reply"]),
            "returned",
        ),
    }
    path = f"{PATH}/{check}/{place}"
    outcome = _act(lang, acts, path)
    if isinstance(outcome, Response):
        return outcome
    view = random_checks.get_result_form(registry, actor, check, place, lang=lang)
    typed = {name: forms.field_text(name) for name in request.form} or _typed_before(view)
    state = outcome.state or FormState(typed, {}, outcome.status)
    context = {
        "view": view,
        "return_form": RETURN,
        "typed": {FIELD + each: text for each, text in view.suggested.items()} | typed,
        "labels": {each.name: each.label for each in view.questions},
        "result_form": result_form,
        "reasons": random_checks.REASONS,
        "told": outcome.told,
        "done": DONE.get(request.args.get("done", ""), ""),
        "obstacle": message_of_code(view.obstacle, lang, view.obstacle_params) if view.obstacle else "",
    }
    form = acts[outcome.name].form if outcome.name == "return" else result_form
    return forms.show_form(FormPage(site, lang, path, form, "desk/check_result.html", context), state)


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What became of a form that was sent, where the page is shown again. `told`: why it was refused, in words."""

    name: str = ""
    state: FormState | None = None
    told: str = ""
    status: int = 200


def _act(lang: Lang, acts: Mapping[str, _Act], path: str) -> _Outcome | Response:
    """Do what the form that was sent asks for; lead back to the page where it is done."""
    name = forms.field_text("act") if forms.is_submitted() else ""
    if name not in acts:
        return _Outcome()
    each = acts[name]
    typed = forms.submitted_values(each.form)
    try:
        result = forms.attempt(lang, typed, lambda: each.act(typed))
    except (Conflict, Forbidden) as refusal:  # of two people who act, one is told
        status = 409 if isinstance(refusal, Conflict) else 403
        return _Outcome(name, FormState(typed, {}, status), refusal_message(refusal, lang), status)
    if isinstance(result, FormState):
        return _Outcome(name, result, status=400)
    return redirect_see_other(f"/{lang}{path}?done={each.done}")


def _require_sight(user: UserSession) -> None:
    if not user.sees_checks:
        raise NotFound("checks")


def _filters_typed() -> str:
    """The filters of the form as the query of a list."""
    names = [name for name in request.form if name.startswith(FILTER)]
    pairs = [(name.removeprefix(FILTER), forms.field_text(name)) for name in names]
    pairs += [(name, forms.field_text(name)) for name in DATES]
    return urlencode([(name, text) for name, text in pairs if text])


def _is_chosen(account: int) -> bool:
    """True for an inspector who is ticked; all are when the form is shown for the first time."""
    return request.method == "GET" or forms.field_text(f"{INSPECTOR}{account}") == forms.TICKED


def _result_form(lang: Lang) -> Form:
    """The questions about a result with the codes that may answer them."""
    codes = {"result": random_checks.OUTCOMES, "reason": random_checks.REASONS}
    fields = tuple(
        replace(
            question,
            choices=(
                ("", ""),
                *((code.code, code.zh if lang == "zh" else code.en) for code in codes[question.name]),
            ),
        )
        if question.name in codes
        else question
        for question in RESULT.fields
    )
    return replace(RESULT, fields=fields)


def _typed_before(view: ResultFormView) -> dict[str, str]:
    """What the form holds before anything is typed: what was recorded, today for the day of the check."""
    if view.stated is None:
        return {}
    stated = view.stated
    texts = {name: str(getattr(stated, name)) for name in _result_names()}
    return texts | {FIELD + name: text for name, text in stated.fields.items()}


def _result_names() -> tuple[str, ...]:
    """The names of the questions about a result that every register has."""
    return tuple(question.name for question in RESULT.fields)
