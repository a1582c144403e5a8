"""Life cycle of a certificate (the national look-up knows 有效, 暂停, 撤销, 注销, 过期)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from registry.i18n import _
from registry.kit.life_cycle import (
    ISSUER,
    SOURCE_DATE,
    DateChange,
    Deadline,
    EndedValues,
    LifeCycle,
    Sentence,
    State,
    Transition,
    until,
)
from registry.registers.green_products.codes import FOREIGN_SCHEMES, JUDGED, REASONS_OF, SCHEMES

BODY_ROLES = ("body", "registrar")

ENTRY = _("The whole entry, with QR code and label.")
LINE = _("A line in the history.")
SUSPENDED = _("A banner with reason and end: the label must not be used on new products.")
REVOKED = _("A banner with date and reason; it never comes back.")
CANCELLED = _("A banner with the date; it never comes back.")
EXPIRED = _("A banner with the end date; a renewal links to it.")

SUSPENDED_UNTIL = _(
    "This certificate is suspended until %(day)s and not valid. The mark must not be used on new products until it is restored."
)
SUSPENSION_OVER = _(
    "This certificate was suspended until %(day)s. The register knows of no decision since: until one is made, the "
    "certificate is not valid."
)


CERTIFIED_ABROAD = _("Certified by a programme abroad, not in China. End date: %(until)s.")
LISTED_ABROAD = _(
    "According to the source of %(source)s, this product is certified by a programme abroad, not in China. End date: %(until)s. The register "
    "has no later source."
)


def is_foreign(values: Mapping[str, Any]) -> bool:
    """True for a certificate of a programme abroad, which is no Chinese green-product certificate."""
    code = SCHEMES.get(str(values.get("scheme") or ""))
    return code is not None and code.code in FOREIGN_SCHEMES


def certified_abroad(values: Mapping[str, Any], today: dt.date) -> Sentence | None:
    """What a valid certificate says that was issued abroad; None for one issued in China."""
    del today
    if not is_foreign(values):
        return None
    source = str(values.get(SOURCE_DATE) or "")
    return Sentence(LISTED_ABROAD, {"source": source}) if source else Sentence(CERTIFIED_ABROAD)


def is_reissue(before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
    """A later day of re-issue makes a version a re-issue (变更换证); the number and the validity stay."""
    return str(after.get("reissued_on") or "") > str(before.get("reissued_on") or "")


def is_change_of_scope(before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
    """Models end with a day, or further models are covered; a model that is written otherwise is a correction."""
    ended = {str(row.get("model")) for row in before.get("models_ended") or ()}
    if any(str(row.get("model")) not in ended for row in after.get("models_ended") or ()):
        return True
    return set(after.get("models") or ()) > set(before.get("models") or ())


def is_surveillance(before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
    """A surveillance was done, or its result is another one; a plan alone is none."""
    former, now = (
        [row for row in values.get("surveillance") or () if row.get("done_on") or row.get("result") in JUDGED]
        for values in (before, after)
    )
    return any(row not in former for row in now)


MODELS_ENDED = EndedValues(field="models", table="models_ended", column="model", day_column="ended_on")

LIFE_CYCLE = LifeCycle(
    states=(
        State(
            code="reported_draft", zh="待报送", en="Waiting to be reported", standing="unpublished", badge=""
        ),
        State(
            code="valid",
            zh="有效",
            en="Valid",
            standing="in_force",
            badge="live",
            meaning=_(
                "The certificate is in force: the products it covers may carry the mark. It can be suspended, revoked or cancelled before its end."
            ),
            explanation=_("Today (%(today)s) this certificate is in force. Its end date: %(until)s."),
            explain=certified_abroad,
            sourced=_(
                "According to the source of %(source)s, this certificate is valid. Its end date: %(until)s. The register has no later source."
            ),
            decided=("decided_on", "reissued_on", "issued_on"),
        ),
        State(
            code="suspended",
            zh="暂停",
            en="Suspended",
            standing="restricted",
            badge="hold",
            meaning=_(
                "Stopped for a time: new products may not carry the mark; products made before may still be bought. The certificate is restored or revoked."
            ),
            explanation=_(
                "This certificate is suspended and not valid. The mark must not be used on new products until it is restored."
            ),
            explain=until("suspended_until", ahead=SUSPENDED_UNTIL, passed=SUSPENSION_OVER),
            decided=("decided_on",),
            decided_by=ISSUER,
            fitting={"status_reason": REASONS_OF["suspended"]},
        ),
        State(
            code="revoked",
            zh="撤销",
            en="Revoked",
            standing="ended",
            badge="stop",
            meaning=_(
                "Taken away because of a fault: the mark may not be used, and goods that carry it should not be relied on. It cannot come back; a new certificate is needed."
            ),
            explanation=_(
                "This certificate was revoked: it is not valid and cannot come back. The mark must not be used."
            ),
            decided=("decided_on",),
            decided_by=ISSUER,
            fitting={"status_reason": REASONS_OF["revoked"]},
        ),
        State(
            code="cancelled",
            zh="注销",
            en="Cancelled",
            standing="ended",
            badge="past",
            meaning=_(
                "Given up by the holder, or its basis ended; this means no fault. New products may not carry the mark, products made before remain certified. It cannot come back."
            ),
            explanation=_(
                "This certificate was cancelled, at the request of its holder or because its basis ended: it is not valid and cannot come back."
            ),
            decided=("decided_on",),
            decided_by=ISSUER,
            fitting={"status_reason": REASONS_OF["cancelled"]},
        ),
        State(
            code="expired",
            zh="过期失效",
            en="Expired",
            standing="ended",
            badge="past",
            meaning=_(
                "The validity ran out: new products may not carry the mark, products made before remain certified. It comes back only if it is renewed."
            ),
            explanation=_("This certificate ran out and is not valid. Its end date: %(until)s."),
            aliases=("过期", "失效"),
        ),
    ),
    transitions=(
        Transition(
            name="drafted", before="", after="reported_draft", zh="待报送", en="Drafted", roles=("body",)
        ),
        Transition(
            name="reported",
            before="reported_draft",
            after="valid",
            zh="报送",
            en="Reported",
            roles=("body",),
            evidence=(_("Certificate"), _("Test report"), _("Items assessed")),
            public_notice=ENTRY,
        ),
        Transition(
            name="entered",
            before="",
            after="valid",
            zh="登记",
            en="Entered",
            roles=BODY_ROLES,
            public_notice=ENTRY,
        ),
        Transition(
            name="suspended",
            before="valid",
            after="suspended",
            zh="暂停",
            en="Suspended",
            roles=(*BODY_ROLES, "enterprise"),
            on_request=True,
            needs=("status_reason", "legal_basis"),
            evidence=(_("Notice with reason and end"),),
            public_notice=SUSPENDED,
        ),
        Transition(
            name="restored",
            before="suspended",
            after="valid",
            zh="恢复有效",
            en="Restored",
            roles=BODY_ROLES,
            on_request=True,
            evidence=(_("Corrective evidence"),),
            public_notice=LINE,
        ),
        *(
            Transition(
                name="revoked",
                before=before,
                after="revoked",
                zh="撤销",
                en="Revoked",
                roles=BODY_ROLES,
                needs=("status_reason", "legal_basis"),
                evidence=(_("Decision"),),
                public_notice=REVOKED,
            )
            for before in ("suspended", "valid")
        ),
        *(
            Transition(
                name="cancelled",
                before=before,
                after="cancelled",
                zh="注销",
                en="Cancelled",
                roles=BODY_ROLES,
                on_request=True,
                needs=("status_reason", "legal_basis"),
                evidence=(_("Request"),),
                public_notice=CANCELLED,
            )
            for before in ("valid", "suspended")
        ),
        *(
            Transition(
                name="expired",
                before=before,
                after="expired",
                zh="过期失效",
                en="Expired",
                roles=("system",),
                public_notice=EXPIRED,
            )
            for before in ("valid", "suspended")
        ),
        Transition(
            name="renewed",
            before="expired",
            after="valid",
            zh="续证",
            en="Renewed under the same number",
            roles=BODY_ROLES,
            fields=("valid_to",),
            evidence=(_("Certificate"),),
            public_notice=_("A new issue of the same number."),
        ),
        Transition(
            name="scope_changed",
            before="valid",
            after="valid",
            zh="缩小/扩大范围",
            en="Scope narrowed or extended",
            roles=BODY_ROLES,
            on_request=True,
            fields=("models",),
            ended_values=MODELS_ENDED,
            evidence=(_("Request"),),
            is_shown_by=is_change_of_scope,
            public_notice=_("Models no longer covered are shown with their date."),
        ),
        Transition(
            name="changed",
            before="valid",
            after="valid",
            zh="变更换证",
            en="Changed and re-issued",
            roles=BODY_ROLES,
            on_request=True,
            fields=("reissued_on", "product_name_zh", "product_name_en", "models"),
            evidence=(_("Change evaluation"),),
            is_shown_by=is_reissue,
            public_notice=_("The same number with the day of re-issue, and what has changed."),
        ),
        Transition(
            name="surveilled",
            before="valid",
            after="valid",
            zh="监督结果",
            en="Surveillance recorded",
            roles=BODY_ROLES,
            evidence=(_("Report of the surveillance"),),
            is_shown_by=is_surveillance,
            public_notice=_("The day of the surveillance and its result."),
        ),
    ),
    default_status="valid",
    date_changes=(
        DateChange(transition="expired", before=("valid", "suspended"), after="expired", field="valid_to"),
    ),
    deadlines=(
        Deadline(
            code="suspension_over",
            watch="suspension",
            resolved_by=("restored", "revoked", "cancelled"),
            states=("suspended",),
            field="suspended_until",
            zh="暂停期已过",
            en="Suspension period over",
            meaning=_(
                "The suspension was to last until %(due)s. The body has to restore or to revoke the certificate; the "
                "register knows of neither."
            ),
        ),
    ),
)
