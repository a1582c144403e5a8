"""Cautions of green certificates: what a reader must know beside the status."""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from registry.i18n import _
from registry.kit.approvals import BODY_KINDS, IssuerDuties
from registry.kit.cautions import (
    Caution,
    CautionKind,
    CautionRule,
    Day,
    Subject,
    days_after,
    linked_in_state,
)
from registry.kit.display import Words
from registry.kit.editions import edition_notes, edition_params
from registry.kit.life_cycle import STANDINGS, DueDate
from registry.kit.rules import add_months
from registry.kit.watch_lists import LinkedDueDate
from registry.reference.text import sparse_dates
from registry.registers.green_products.codes import (
    FOREIGN_SCHEMES,
    JUDGED,
    SCHEMES,
    intervals_of_schemes,
    surveillance_interval,
)
from registry.registers.green_products.life_cycle import is_foreign

HOLDER_DEREGISTERED = CautionKind(
    code="holder_deregistered",
    watch="party",
    zh="持有人已注销",
    en="Holder deregistered",
    sentence=_(
        "The holder, %(title)s, has been deregistered: there is no longer a holder who answers for this certificate, and "
        "the mark must not be used on new products."
    ),
    dated=_(
        "The holder, %(title)s, was deregistered on %(since)s: there is no longer a holder who answers for this "
        "certificate, and the mark must not be used on new products."
    ),
    not_plain=True,
)
MAKER_DEREGISTERED = CautionKind(
    code="maker_deregistered",
    watch="party",
    zh="制造商已注销",
    en="Manufacturer deregistered",
    sentence=_(
        "The manufacturer, %(title)s, has been deregistered: it makes nothing new under this certificate."
    ),
    dated=_(
        "The manufacturer, %(title)s, was deregistered on %(since)s: it makes nothing new under this certificate."
    ),
)
SUPERSEDED_EDITION = CautionKind(
    code="superseded_edition",
    zh="依据旧版标准",
    en="Based on a superseded edition",
    sentence=_(
        "The standard %(number)s, on which this certificate is based, is no longer the current edition: what was "
        "assessed may differ from what the current edition asks."
    ),
    dated=_(
        "The standard %(number)s, on which this certificate is based, has not been the current edition since "
        "%(since)s: what was assessed may differ from what the current edition asks."
    ),
)
OLDER_EDITION_USABLE = _("Certificates to the older edition can be used until %(until)s.")
OLDER_EDITION_OVER = _("Certificates to the older edition could be used until %(until)s.")
STILL_IN_FORCE = _(
    "This alone does not end the certificate: it counts until it is changed to the current edition or ends."
)
EDITION_ENDED_BEFORE_ISSUE = CautionKind(
    code="edition_ended_before_issue",
    watch="standard",
    zh="发证时标准已废止",
    en="Standard had ended before the day of issue",
    sentence=_("The standard %(number)s ended on %(until)s; this certificate was issued to it on %(day)s."),
    not_plain=True,
)
SURVEILLANCE_OVERDUE = CautionKind(
    code="surveillance_overdue",
    zh="监督逾期",
    en="Surveillance overdue",
    sentence=_(
        "A surveillance was due on %(day)s and the register knows of none since: whether the products still meet the "
        "standard has not been shown."
    ),
)
SURVEILLANCE_FAILED = CautionKind(
    code="surveillance_failed",
    watch="surveillance",
    zh="监督不合格",
    en="Surveillance failed",
    sentence=_(
        "The last surveillance, of %(day)s, was failed. Until it is made good the certificate may be suspended or "
        "revoked."
    ),
)

FOREIGN_CERTIFICATE = CautionKind(
    code="foreign_certificate",
    zh="境外认证，非中国绿色产品认证",
    en="Not a Chinese green-product certificate",
    sentence=_(
        "This certificate was issued abroad (%(scheme)s). It is no Chinese green-product certificate and does not stand in "
        "for one."
    ),
    badge="past",
    in_force=Words("境外认证有效", "Certified abroad"),
)
# What a certificate in force is called where the programme abroad is known.
IN_FORCE_ABROAD = {
    "energy_star": Words("获美国能源之星（ENERGY STAR）认证", "Certified under ENERGY STAR (United States)"),
}


def covers(values: Mapping[str, Any], scope: str) -> bool:
    """Whether a scope in words names the scheme; a scope that is not stated rules nothing out."""
    return _scope_names(scope, str(values.get("scheme") or ""))


@functools.lru_cache(maxsize=1024)  # a body certifies by few schemes
def _scope_names(scope: str, scheme: str) -> bool:
    code = SCHEMES.get(scheme)
    if not scope or code is None or code.code in ("other", *FOREIGN_SCHEMES):
        return True
    written = scope.casefold()
    return any(word and word.casefold() in written for word in (code.zh, code.en, *code.aliases))


def may_certify(values: Mapping[str, Any], body: Mapping[str, Any]) -> bool:
    """Whether a body certifies: a laboratory tests only. A kind that is not stated rules nothing out."""
    del values
    return body.get("kind") not in BODY_KINDS or body.get("kind") in ("certification", "authority")


ISSUER = IssuerDuties(
    relation="certified_by",
    day_fields=("issued_on", "reissued_on"),
    may_issue=may_certify,
    covers=covers,
    scope_fields=("scheme",),
)


class SurveillanceFinding(NamedTuple):
    """What the surveillances of a certificate show: `code` of a caution, and the day that it tells, sparse ISO."""

    code: str
    day: str


def surveillance_finding(values: Mapping[str, Any], today: dt.date) -> SurveillanceFinding | None:
    """The finding about the newest surveillance that was due or done by `today`; None where all is well."""
    rows = [(_row_day(row), row) for row in values.get("surveillance") or () if _row_day(row)]
    last, is_planned = "", False
    for day, row in sorted(rows, key=lambda pair: sparse_dates.last_day(pair[0]), reverse=True):
        done = str(row.get("done_on") or "")
        is_done = sparse_dates.first_day(done) <= today if done else row.get("result") in JUDGED
        due = str(row.get("due_on") or day)
        if is_done:
            if row.get("result") == "fail":
                return SurveillanceFinding(SURVEILLANCE_FAILED.code, day)
            last = day
            break
        if sparse_dates.last_day(due) < today:
            return SurveillanceFinding(SURVEILLANCE_OVERDUE.code, due)
        is_planned = True
    following = None if is_planned else _after_interval(values, last)
    if following is not None and following < today:
        return SurveillanceFinding(SURVEILLANCE_OVERDUE.code, following.isoformat())
    return None


def _after_interval(values: Mapping[str, Any], last: str) -> dt.date | None:
    """The day by which the surveillance after the last one is due by the interval, or the first one after the issue.

    None where there is no interval, the certificate ends by then, or it states neither an interval nor a surveillance that was
    done: then its source does not tell of surveillances at all, and none is missing.
    """
    months, begun = surveillance_interval(values), last or str(values.get("issued_on") or "")
    if not months or not begun or not (last or values.get("surveillance_months")):
        return None
    due = add_months(sparse_dates.last_day(begun), months)
    ends = str(values.get("valid_to") or "")
    return due if not ends or due < sparse_dates.last_day(ends) else None


def _row_day(row: Mapping[str, Any]) -> str:
    return str(row.get("done_on") or row.get("due_on") or "")


def next_surveillance(values: Mapping[str, Any]) -> dt.date | None:
    """The last day of the next surveillance: the first one planned after the last that was done, else by the interval
    that the certificate states or its scheme lays down.

    None where nothing tells of one.
    """
    rows = values.get("surveillance") or ()
    done = max((_row_day(row) for row in rows if _is_done(row)), default="")
    planned = [
        sparse_dates.last_day(str(row["due_on"])) for row in rows if row.get("due_on") and not _is_done(row)
    ]
    ahead = [day for day in planned if not done or day > sparse_dates.last_day(done)]
    return min(ahead) if ahead else _after_interval(values, done)


def _is_done(row: Mapping[str, Any]) -> bool:
    return bool(row.get("done_on")) or row.get("result") in JUDGED


def check_surveillance(subject: Subject) -> Iterator[Caution]:
    finding = surveillance_finding(subject.values, subject.today)
    if finding is not None:
        yield Caution(finding.code, {"day": Day(finding.day)})


def surveillance_days(values: Mapping[str, Any]) -> list[dt.date]:
    rows = values.get("surveillance") or ()
    return days_after(*(row.get("due_on") for row in rows), next_surveillance(values))


def end_of_edition(standard: Mapping[str, Any], issued: str) -> str:
    """The day on which a standard had ended before a certificate was issued to it, "" where it had not.

    A standard is no longer in force on the day of its withdrawal; the last day of a transition still counts.
    """
    if not issued:
        return ""
    day = sparse_dates.first_day(issued)
    if transition := str(standard.get("transition_until") or ""):
        return transition if day > sparse_dates.last_day(transition) else ""
    withdrawn = str(standard.get("withdrawn_on") or "")
    return withdrawn if withdrawn and day >= sparse_dates.last_day(withdrawn) else ""


def check_edition(subject: Subject) -> Iterator[Caution]:
    """The edition is the current one, and could be certified to on the day of issue."""
    issued = str(subject.values.get("reissued_on") or subject.values.get("issued_on") or "")
    for standard in subject.linked_by("based_on"):
        ended = end_of_edition(standard.values, issued)
        if ended:
            params = {"number": standard.number, "until": Day(ended), "day": Day(issued)}
            yield Caution(EDITION_ENDED_BEFORE_ISSUE.code, params)
        elif standard.status in ("superseded", "withdrawn"):
            yield Caution(
                SUPERSEDED_EDITION.code,
                {"number": standard.number, "since": standard.since, **edition_params(standard.values)},
                (
                    *edition_notes(
                        standard.values, subject.today, usable=OLDER_EDITION_USABLE, over=OLDER_EDITION_OVER
                    ),
                    *((STILL_IN_FORCE,) if subject.status == "valid" else ()),
                ),
            )


def check_maker(subject: Subject) -> Iterator[Caution]:
    """A manufacturer other than the holder that has been deregistered."""
    holders = {linked.key for linked in subject.linked_by("held_by")}
    for maker in subject.linked_by("made_by"):
        if maker.status == "deregistered" and maker.key not in holders:
            yield Caution(MAKER_DEREGISTERED.code, {"title": maker.title, "since": maker.since})


def check_foreign(subject: Subject) -> Iterator[Caution]:
    """A certificate of a programme abroad."""
    code = SCHEMES.get(str(subject.values.get("scheme") or ""))
    if code is not None and is_foreign(subject.values):
        words = IN_FORCE_ABROAD.get(code.code, FOREIGN_CERTIFICATE.in_force)
        yield Caution(FOREIGN_CERTIFICATE.code, {"scheme": Words(code.zh, code.en), "in_force": words})


DUE_DATES = (
    DueDate(
        code=SURVEILLANCE_OVERDUE.code,
        watch="surveillance",
        states=("valid",),
        zh=SURVEILLANCE_OVERDUE.zh,
        en=SURVEILLANCE_OVERDUE.en,
        last_day=next_surveillance,
        basis=intervals_of_schemes(),
        resolved_by=("suspended", "revoked"),
    ),
)
LINKED_DUE_DATES = (
    LinkedDueDate(
        code=SUPERSEDED_EDITION.code,
        watch="standard",
        states=("valid", "suspended"),
        zh=SUPERSEDED_EDITION.zh,
        en=SUPERSEDED_EDITION.en,
        relation="based_on",
        when=("superseded", "withdrawn"),
        field="transition_until",
        or_given=("transition_until",),
        resolved_by=("suspended", "cancelled"),
    ),
)

CAUTIONS = (
    CautionRule(kinds=(FOREIGN_CERTIFICATE,), check=check_foreign, standings=STANDINGS),
    *ISSUER.rules(),
    linked_in_state(HOLDER_DEREGISTERED, "held_by", ("deregistered",)),
    CautionRule(kinds=(MAKER_DEREGISTERED,), check=check_maker, relations=("made_by", "held_by")),
    CautionRule(
        kinds=(SURVEILLANCE_FAILED, SURVEILLANCE_OVERDUE),
        check=check_surveillance,
        standings=("in_force",),
        days=surveillance_days,
    ),
    CautionRule(
        kinds=(EDITION_ENDED_BEFORE_ISSUE, SUPERSEDED_EDITION),
        check=check_edition,
        relations=("based_on",),
        reads_values=True,
    ),
)
