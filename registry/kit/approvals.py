"""Approvals of bodies: what a body was allowed to do on a day, and the cautions of what it issued.

Registers whose records bodies issue (certificates, grades) share this: a body must be approved on the day of issue and its
scope must cover what it issues (认证认可条例, Art. 9; 认证机构管理办法). A body's own record states validity and sanctions.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from registry.i18n import _
from registry.kit.cautions import Caution, CautionKind, CautionRule, Day, LinkedFacts, Since, Subject
from registry.kit.codes import Code, CodeList
from registry.kit.display import Words
from registry.kit.issues import Issue
from registry.reference.text import sparse_dates

BODY_KINDS = CodeList(
    Code("certification", "认证机构", "certification body", ("认证",)),
    Code("testing", "检验检测机构", "testing laboratory", ("检测", "检测机构", "检验检测")),
    Code("inspection", "检验机构", "inspection body", ("检验",)),
    Code("assessment", "评价机构", "assessment body", ("评价",)),
    Code("authority", "主管机关", "public authority", ("机关",)),
)
SANCTION_KINDS = CodeList(
    Code("suspended", "暂停", "suspension", ("暂停资质", "责令停业整顿", "停业整顿")),
    Code("revoked", "撤销", "revocation", ("吊销", "撤销资质", "撤销批准文件")),
    Code("warned", "警告", "warning", ("告诫", "责令改正")),
)

APPROVED, NOT_YET, ENDED, SUSPENDED, REVOKED = "approved", "not_yet", "ended", "suspended", "revoked"


class Approval(NamedTuple):
    """The state of a body's approval on a day: one of the five above.

    `since`: the first day of that state, the last day of an approval that ended, "" where it is not stated.
    """

    state: str
    since: str = ""


def approval_on(body: Mapping[str, Any], status: str, day: str) -> Approval:
    """The approval of a body on a day. `body`: its values; `status`: that of its record now; `day`: sparse ISO.

    A sanction without a day may have been in force on any day: the register cannot say that the body was approved.
    """
    first = sparse_dates.first_day(day)
    for kind in (REVOKED, SUSPENDED) if body.get("sanctions") else ():
        for sanction in _sanctions(body, kind):
            begun, until = str(sanction.get("from_on") or ""), str(sanction.get("to_on") or "")
            if begun and first < sparse_dates.first_day(begun):
                continue
            if kind == SUSPENDED and until and first > sparse_dates.last_day(until):
                continue
            return Approval(kind, begun)
    begins, ends = str(body.get("valid_from") or ""), str(body.get("valid_to") or "")
    if begins and sparse_dates.last_day(day) < sparse_dates.first_day(begins):
        return Approval(NOT_YET, begins)
    if ends and first > sparse_dates.last_day(ends):
        return Approval(ENDED, ends)
    if status in (REVOKED, SUSPENDED) and not any(row.get("from_on") for row in _sanctions(body, status)):
        return Approval(status)
    return Approval(APPROVED)


def scope_of(body: Mapping[str, Any]) -> str:
    """The scope of a body's approval in words, "" where the register does not state it."""
    return str(body.get("scope") or "")


def _sanctions(body: Mapping[str, Any], kind: str) -> list[Mapping[str, Any]]:
    return [row for row in body.get("sanctions") or () if row.get("kind") == kind]


def last_sanction_day(body: Mapping[str, Any], kind: str) -> str:
    """The first day of the newest sanction of a kind, sparse ISO, "" where none is stated."""
    return max((str(row.get("from_on") or "") for row in _sanctions(body, kind)), default="")


UNKNOWN = CautionKind(
    code="issuer_unknown",
    zh="出具机构未收录",
    en="Issuer not in the register of bodies",
    sentence=_(
        "The body named as issuer, %(number)s, is not in the register of bodies: whether it may issue this is not "
        "known here."
    ),
    not_plain=True,
)
REVOKED_ON_DAY = CautionKind(
    code="issuer_revoked_on_day",
    watch="contradiction",
    zh="出具时机构资质已撤销",
    en="Issued after the body’s approval was revoked",
    sentence=_(
        "The approval of %(title)s was revoked on %(since)s. This was issued on %(day)s, when the body was no longer "
        "allowed to issue it."
    ),
    not_plain=True,
    badge="stop",
)
SUSPENDED_ON_DAY = CautionKind(
    code="issuer_suspended_on_day",
    watch="contradiction",
    zh="出具时机构资质暂停",
    en="Issued while the body was suspended",
    sentence=_(
        "The approval of %(title)s was suspended from %(since)s. This was issued on %(day)s, when the body was not "
        "allowed to issue it."
    ),
    not_plain=True,
)
NOT_APPROVED_ON_DAY = CautionKind(
    code="issuer_not_approved_on_day",
    watch="contradiction",
    zh="出具时机构无有效批准",
    en="Body not approved on the day of issue",
    sentence=_(
        "This was issued on %(day)s. The approval of %(title)s was not valid on that day: it is stated for %(from)s "
        "to %(until)s."
    ),
    not_plain=True,
)
SANCTION_UNDATED = CautionKind(
    code="issuer_sanction_undated",
    watch="contradiction",
    zh="出具机构资质被撤销或暂停，日期不详",
    en="Body revoked or suspended, day not stated",
    sentence=_(
        "The approval of %(title)s is revoked or suspended, and the register does not know since when: this may have "
        "been issued without approval."
    ),
    not_plain=True,
)
NOT_ENTITLED = CautionKind(
    code="issuer_not_entitled",
    watch="contradiction",
    zh="出具机构类别不符",
    en="Issued by a body of another kind",
    sentence=_("%(title)s is registered here as a %(kind)s: it may not issue this."),
    not_plain=True,
)
OUT_OF_SCOPE = CautionKind(
    code="issuer_out_of_scope",
    watch="contradiction",
    zh="超出机构批准范围",
    en="Outside the scope of the body",
    sentence=_("The scope for which %(title)s is approved does not name what it issued here."),
    not_plain=True,
)
REVOKED_SINCE = CautionKind(
    code="issuer_revoked_since",
    watch="party",
    zh="出具机构资质已撤销",
    en="Body’s approval since revoked",
    sentence=_(
        "The approval of %(title)s was revoked after this was issued: the body no longer oversees what it issued. Ask "
        "the holder which body has taken over."
    ),
    dated=_(
        "The approval of %(title)s was revoked on %(since)s, after this was issued: the body no longer oversees what "
        "it issued. Ask the holder which body has taken over."
    ),
    not_plain=True,
)
SUSPENDED_NOW = CautionKind(
    code="issuer_suspended",
    watch="party",
    zh="出具机构资质暂停中",
    en="Body suspended",
    sentence=_(
        "The approval of %(title)s is suspended. What it issued before stands; meanwhile it may issue nothing new."
    ),
    dated=_(
        "The approval of %(title)s has been suspended since %(since)s. What it issued before stands; meanwhile it may "
        "issue nothing new."
    ),
)
APPROVAL_ENDED = CautionKind(
    code="issuer_approval_ended",
    watch="party",
    zh="出具机构批准已到期",
    en="Body’s approval has run out",
    sentence=_(
        "The approval of %(title)s has run out since this was issued, and the register knows of no renewal."
    ),
    dated=_(
        "The approval of %(title)s ran out on %(since)s, after this was issued, and the register knows of no renewal."
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuerDuties:
    """What a register asks of the bodies that issue its records.

    `relation`: the link to the body. `day_fields`: the days of issue; the approval must hold on each that is stated.
    `may_issue(values, body)`: whether a body of this kind may issue the record. `covers(values, scope)`: whether a scope
    in words covers a record. `scope_fields`: the facts by which it is judged, the first of which is told where it does not.
    """

    relation: str
    day_fields: tuple[str, ...]
    may_issue: Callable[[Mapping[str, Any], Mapping[str, Any]], bool]
    covers: Callable[[Mapping[str, Any], str], bool]
    scope_fields: tuple[str, ...] = ()

    def filing_issues(
        self, values: Mapping[str, Any], body: Mapping[str, Any], status: str
    ) -> Iterator[Issue]:
        """Yield what stands against a body that files a record: its approval on each day of issue, its kind, its scope.

        `body`, `status`: its record's values and state (认证认可条例, Art. 9: within the approval and its scope).
        """
        scope_field = self.scope_fields[0] if self.scope_fields else ""
        for name in self.day_fields:
            day = str(values.get(name) or "")
            if day and approval_on(body, status, day).state != APPROVED:
                yield Issue("issuer_not_approved_then", name, {"day": day})
        if not self.may_issue(values, body):
            yield Issue("issuer_of_other_kind", scope_field)
        if not self.covers(values, scope_of(body)):
            yield Issue("issuer_scope_exceeded", scope_field, {"scope": scope_of(body)[:200]})

    def rules(self) -> tuple[CautionRule, ...]:
        """The cautions: of the day of issue, and of the day on which the record is looked at."""
        return (
            CautionRule(
                kinds=(
                    UNKNOWN, REVOKED_ON_DAY, SUSPENDED_ON_DAY, NOT_APPROVED_ON_DAY, SANCTION_UNDATED, NOT_ENTITLED,
                    OUT_OF_SCOPE,
                ),
                check=self._on_the_day,
                relations=(self.relation,),
                reads_values=True,
            ),
            CautionRule(
                kinds=(REVOKED_SINCE, SUSPENDED_NOW, APPROVAL_ENDED),
                check=self._since,
                relations=(self.relation,),
                reads_values=True,
            ),
        )  # fmt: skip

    def days_of_issue(self, values: Mapping[str, Any]) -> list[str]:
        """The stated days of issue, sparse ISO."""
        return [str(values[name]) for name in self.day_fields if values.get(name)]

    def _on_the_day(self, subject: Subject) -> Iterator[Caution]:
        for linked in subject.linked_by(self.relation):
            if linked.is_known:
                yield from self._of_body(subject.values, linked)
            else:
                yield Caution(UNKNOWN.code, {"number": linked.number})

    def _of_body(self, values: Mapping[str, Any], linked: LinkedFacts) -> Iterator[Caution]:
        body = linked.values
        for day in self.days_of_issue(values):
            approval = approval_on(body, linked.status, day)
            if approval.state != APPROVED:
                yield _lack_of_approval(approval, linked, day)
                break
        kind = BODY_KINDS.get(str(body.get("kind") or ""))
        if kind is not None and not self.may_issue(values, body):
            yield Caution(NOT_ENTITLED.code, {"title": linked.title, "kind": Words(kind.zh, kind.en)})
        if not self.covers(values, scope_of(body)):
            yield Caution(OUT_OF_SCOPE.code, {"title": linked.title})

    def _since(self, subject: Subject) -> Iterator[Caution]:
        for linked in subject.linked_by(self.relation):
            days = self.days_of_issue(subject.values)
            if not linked.is_known or not days:
                continue
            if any(approval_on(linked.values, linked.status, day).state != APPROVED for day in days):
                continue  # said already
            if linked.status == "expired":
                ended = str(linked.values.get("valid_to") or "")
                since = Since(ended, is_decided=True) if ended else linked.since
                yield Caution(APPROVAL_ENDED.code, {"title": linked.title, "since": since})
            elif (state := _sanction_on(linked, subject.today)) in (REVOKED, SUSPENDED):
                code = REVOKED_SINCE.code if state == REVOKED else SUSPENDED_NOW.code
                # One without a day may have run on the day of issue, and has been said already.
                since = Since(last_sanction_day(linked.values, state), is_decided=True)
                yield Caution(code, {"title": linked.title, "since": since})


def _sanction_on(linked: LinkedFacts, day: dt.date) -> str:
    """What takes the approval from a body on a day: its status, else a sanction that its record dates."""
    if linked.status in (REVOKED, SUSPENDED):
        return linked.status
    return approval_on(linked.values, linked.status, day.isoformat()).state


NOT_STATED = Words("未载明之日", "a day not stated")


def _day(iso: str) -> Day | Words:
    return Day(iso) if iso else NOT_STATED


def _lack_of_approval(approval: Approval, linked: LinkedFacts, day: str) -> Caution:
    params = {"title": linked.title, "day": Day(day), "since": _day(approval.since)}
    if approval.state in (NOT_YET, ENDED):
        bounds: Sequence[str] = [str(linked.values.get(name) or "") for name in ("valid_from", "valid_to")]
        return Caution(NOT_APPROVED_ON_DAY.code, params | {"from": _day(bounds[0]), "until": _day(bounds[1])})
    if not approval.since:
        return Caution(SANCTION_UNDATED.code, params)
    return Caution(REVOKED_ON_DAY.code if approval.state == REVOKED else SUSPENDED_ON_DAY.code, params)
