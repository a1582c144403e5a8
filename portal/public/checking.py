"""The page that checks numbers: typed, pasted by the thousand, or read from a photograph of a code."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from flask import Response, request
from werkzeug.exceptions import RequestEntityTooLarge

from portal.web.access import redirect_see_other
from portal.web.downloads import CSV, content_disposition
from portal.web.responses import CACHE_REVALIDATE, NO_STORE, Page
from portal.web.site import Site
from registry import clock, i18n
from registry.accounts.policy import ANONYMOUS
from registry.errors import Invalid
from registry.i18n import Lang, _
from registry.services import records
from registry.services.issue_messages import issue_message
from registry.services.records import CheckedNumberView

PATH = "/verify"
NUMBERS_FIELD = "numbers"
MAX_TEXT = 250_000  # characters of a pasted text: a thousand numbers of the longest kind
MAX_NUMBER_LENGTH = 200
NOTHING_GIVEN = _("Type a number, or choose a photograph of its code.")
TOO_MANY = _(
    "%(count)s numbers were given; at most %(most)s are checked at a time. Check the rest afterwards."
)
NO_CODE = _(
    "No code was found in the picture. Photograph the code alone, straight and in good light, or type the number."
)


@dataclass(frozen=True, slots=True)
class _Asked:
    """What a request asks: the numbers, those among them that a picture held, and errors by field."""

    numbers: tuple[str, ...] = ()
    from_picture: tuple[str, ...] = ()
    errors: tuple[tuple[str, str], ...] = ()


def check_page(site: Site, lang: Lang) -> Response:
    """Show the form, or the answers to the numbers that were sent; one typed number leads to its record.

    Numbers come as `n` in the address, or as a form that changes nothing. With `format=csv` the answers are a sheet.
    """
    asked = (
        _sent(site, lang) if request.method == "POST" else _Asked(tuple(_trimmed(request.args.getlist("n"))))
    )
    most = records.MAX_CHECKED_NUMBERS
    if not asked.errors and len(asked.numbers) > most:
        message = i18n.gettext(TOO_MANY, lang, count=len(asked.numbers), most=most)
        asked = replace(asked, errors=((NUMBERS_FIELD, message),))
    if asked.errors:
        return _show(site, lang, asked, ()).respond(request, 400)
    if asked.numbers and request.values.get("format") == "csv":
        sheet = records.checked_numbers_csv(site.registry, ANONYMOUS, asked.numbers, lang)
        disposition = content_disposition("checked-numbers.csv")
        return Response(sheet, 200, [("Content-Type", CSV), ("Cache-Control", NO_STORE), disposition])
    checked = records.list_checked_numbers(site.registry, ANONYMOUS, asked.numbers) if asked.numbers else ()
    if (
        len(checked) == 1
        and len(checked[0].records) == 1
        and not asked.from_picture
        and "switch" not in request.form
    ):
        return redirect_see_other(f"/{lang}{checked[0].records[0].path}")
    return _show(site, lang, asked, checked).respond(request)


def _show(site: Site, lang: Lang, asked: _Asked, checked: Sequence[CheckedNumberView]) -> Page:
    is_sent = request.method == "POST"
    return site.page(
        "public/verify.html",
        lang,
        PATH,
        kept_query="" if is_sent else urlencode([("n", number) for number in asked.numbers]),
        cache=NO_STORE if is_sent or checked else CACHE_REVALIDATE,
        is_sent=is_sent,
        numbers=asked.numbers,
        from_picture=asked.from_picture,
        errors=dict(asked.errors),
        checked=checked,
        counts=records.count_answers(checked),
        checked_on=clock.today().isoformat(),
        most=records.MAX_CHECKED_NUMBERS,
        megabytes=records.MAX_PICTURE_MEGABYTES,
    )


def _sent(site: Site, lang: Lang) -> _Asked:
    """Return what the form asks. Raises `Unavailable` if too many pictures are being read."""
    try:
        text = request.form.get(NUMBERS_FIELD, "")[:MAX_TEXT]
        picture = request.files.get(records.PICTURE_FIELD)
    except RequestEntityTooLarge:
        return _Asked(errors=((records.PICTURE_FIELD, _too_large(lang)),))
    typed = tuple(_trimmed(records.split_numbers(text)))
    data = b""
    if picture:
        with closing(picture):
            data = picture.read(records.MAX_PICTURE_MEGABYTES * 1_000_000 + 1)
    if not data:
        given = typed or "switch" in request.form
        return _Asked(typed, errors=() if given else ((NUMBERS_FIELD, i18n.gettext(NOTHING_GIVEN, lang)),))
    try:
        codes = tuple(_trimmed(records.read_picture(site.registry, ANONYMOUS, data)))
    except Invalid as problem:
        return _Asked(typed, errors=tuple((each.field, issue_message(each, lang)) for each in problem.issues))
    if not codes:
        return _Asked(typed, errors=((records.PICTURE_FIELD, i18n.gettext(NO_CODE, lang)),))
    return _Asked((*typed, *codes), codes)


def _too_large(lang: Lang) -> str:
    [issue] = records.picture_too_large().issues
    return issue_message(issue, lang)


def _trimmed(numbers: Sequence[str]) -> list[str]:
    """Return numbers without blanks around them and empty ones, each cut at the length that is read."""
    return [number for each in numbers if (number := each.strip()[:MAX_NUMBER_LENGTH])]
