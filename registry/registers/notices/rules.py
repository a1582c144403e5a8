"""Rules of notices: a title and a text in at least one language, a number that others can name, days in their order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from registry.i18n import _
from registry.kit.issues import Issue
from registry.kit.rules import RuleContext, not_after_today, order_of_dates, rule
from registry.messages import Message
from registry.reference.identifiers import notice_numbers

SOURCE = "《党政机关公文处理工作条例》（中办发〔2012〕14号）第九条"


@rule("notice_in_a_language", fields=("title_zh", "title_en", "text_zh", "text_en"), source=SOURCE)
def notice_in_a_language(values: Mapping[str, Any], _context: RuleContext) -> Iterable[Issue]:
    """A notice has a title and a text; one that exists in one language only has them in that one."""
    for what in ("title", "text"):
        if not (values.get(f"{what}_zh") or values.get(f"{what}_en")):
            yield Issue(f"notice_without_{what}", f"{what}_zh")


@rule("notice_number_known", fields=("notice_no", "authority_zh"), source=SOURCE)
def notice_number_known(values: Mapping[str, Any], _context: RuleContext) -> Iterable[Issue]:
    """Texts of records are joined to a notice by its number, which must have a form that is found in them."""
    number = str(values.get("notice_no") or "")
    if number and not notice_numbers.is_known_form(number, str(values.get("authority_zh") or "")):
        yield Issue("notice_number_form", "notice_no", {"value": number}, "warns")


@rule("repeal_dated", fields=("repealed_on",), source="register")
def repeal_dated(values: Mapping[str, Any], context: RuleContext) -> Iterable[Issue]:
    """A repealed notice says since when, and one in effect says nothing of it."""
    repealed = values.get("repealed_on")
    if context.status == "repealed" and not repealed:
        yield Issue("repeal_without_day", "repealed_on")
    elif context.status == "issued" and repealed:
        yield Issue("repeal_of_valid", "repealed_on", {"value": repealed})


RULES = (
    notice_in_a_language,
    notice_number_known,
    repeal_dated,
    not_after_today("issued_on", source="register"),
    order_of_dates("issued_on", "repealed_on", source="register"),
)
MESSAGES: dict[str, Message | str] = {
    "notice_without_title": _("The notice has a title in neither language."),
    "notice_without_text": _("The notice has a text in neither language."),
    "notice_number_form": _(
        "“%(value)s” is no usual number of a notice, with authority or office, year and number: texts of records are joined to it "
        "only where they name it in the same words."
    ),
    "repeal_without_day": _("Since when the notice is repealed is not stated."),
    "repeal_of_valid": _("The notice is in effect, but a day of its repeal is given: %(value)s."),
}
