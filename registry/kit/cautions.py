"""Cautions: what stands beside the status of a record because its word alone would mislead.

A certificate may be "Valid" while the body that gave it has lost its approval. A register declares cautions as rules; the
services work them out whenever a record is shown, from its values, the day and the records it links to, so that no page
tells an earlier answer. A caution has a short mark, shown beside the status in lists too, and a sentence that says what
it means for the reader.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from registry import i18n
from registry.i18n import _
from registry.kit.display import StatusView, Words
from registry.kit.life_cycle import STANDINGS, Deadline, LifeCycle
from registry.reference.text import sparse_dates

PLAIN_BADGE, CAUTION_BADGE, OTHER_BADGE = "live", "act", "abroad"
NOT_ENDED = ("in_force", "restricted", "pending")
SHOWN_SINCE = _("Shown here since %(since)s.")
LEARNED_LATER = _("The register learned this only after that day.")


class Day(NamedTuple):
    """A sparse ISO date as a parameter of a caution's sentence: shown in words."""

    iso: str


class Since(NamedTuple):
    """The day since which a linked record is in its state: of the decision, else the one since which it is shown so."""

    iso: str
    is_decided: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CautionKind:
    """One caution in words.

    `zh`, `en`: the mark. `sentence`: a message id with `%(name)s` for the parameters. `dated`: the same for a state whose
    day of decision is known, as `%(since)s`; of one that is only shown since some day, `sentence` is told with that day.
    `not_plain`: the status is never shown in the plain badge of a record in force beside it, and never told without it.
    `badge`: that of the mark.
    `in_force`: what a record in force is called beside it, because the word of its state means something else here; a
    finding may state more exact words as its parameter `in_force`. Such a status never has the plain badge either.
    `watch`: the watch list on which a record with this caution stands, "" for none or where a due date puts it there.
    """

    code: str
    zh: str
    en: str
    sentence: str
    dated: str = ""
    not_plain: bool = False
    badge: str = CAUTION_BADGE
    in_force: Words | None = None
    watch: str = ""


@dataclass(frozen=True, slots=True)
class Caution:
    """One finding: a kind by its code, and what its sentence needs: text, `Words`, `Day` or a date; `since`: a `Since`.

    `notes`: message ids of further sentences for this record, with the same parameters.
    """

    code: str
    params: Mapping[str, Any] = field(default_factory=dict)
    notes: Iterable[str] = ()


class LinkedFacts(NamedTuple):
    """What a record links to: `status` (as of the day asked) is "" and `values` empty for one that is not in the store."""

    relation: str
    register: str
    key: str
    number: str
    status: str
    standing: str
    title: Words
    values: Mapping[str, Any]
    since: Since | None = None  # of the status

    @property
    def is_known(self) -> bool:
        return self.status != ""


class Subject(NamedTuple):
    """The record that a rule looks at. `linked`: what it links to by the relations that its register's rules name."""

    values: Mapping[str, Any]
    status: str
    today: dt.date
    linked: Sequence[LinkedFacts] = ()

    def linked_by(self, relation: str) -> Iterator[LinkedFacts]:
        return (each for each in self.linked if each.relation == relation)


@dataclass(frozen=True, slots=True, kw_only=True)
class CautionRule:
    """Finds cautions of the `kinds` that it declares.

    `relations`: the links along which it looks. `reads_values`: it reads the values of those records, not their status
    only; without it these are not fetched. `standings`: of the records that it concerns. `days(values)`: the days on
    which its answer may change by date alone; pages are right without them, lists of records by caution need them.
    """

    kinds: tuple[CautionKind, ...]
    check: Callable[[Subject], Iterable[Caution]]
    relations: tuple[str, ...] = ()
    reads_values: bool = False
    standings: tuple[str, ...] = NOT_ENDED
    days: Callable[[Mapping[str, Any]], Iterable[dt.date]] | None = None


class CautionView(NamedTuple):
    """A caution in words: its mark in both languages, and its sentence as a message id with parameters.

    `notes`: message ids of further sentences with the same parameters. `learned_later`: it is told of a past day, and
    the register learned it after that day.
    """

    code: str
    mark: StatusView
    sentence: str
    params: Mapping[str, Any]
    not_plain: bool
    notes: tuple[str, ...] = ()
    learned_later: bool = False
    in_force: Words | None = None

    @property
    def qualifies(self) -> bool:
        """True if the status may not be told without it."""
        return self.not_plain or self.in_force is not None

    def message(self, lang: str) -> str:
        """The sentences in one language."""
        params = {name: _param_text(value, lang) for name, value in self.params.items()}
        messages = (self.sentence, *self.notes, *((LEARNED_LATER,) if self.learned_later else ()))
        sentences = (i18n.gettext(message, lang, **params) for message in messages)
        return ("" if lang == "zh" else " ").join(sentences)


def _param_text(value: Any, lang: str) -> str:
    if isinstance(value, Words):
        return (value.zh or value.en) if lang == "zh" else (value.en or value.zh)
    if isinstance(value, Day | Since):
        return i18n.format_day(value.iso, lang)
    if isinstance(value, dt.date):
        return i18n.format_day(value.isoformat(), lang)
    return str(value)


def find_cautions(rules: Iterable[CautionRule], subject: Subject, standing: str) -> tuple[CautionView, ...]:
    """The cautions of a record in a state of this `standing`, in the order of the rules, each kind once."""
    found: dict[str, CautionView] = {}
    for rule in rules:
        if standing not in rule.standings:
            continue
        for caution in rule.check(subject):
            if caution.code not in found:
                kind = next(each for each in rule.kinds if each.code == caution.code)
                found[caution.code] = caution_view(kind, caution.params, caution.notes)
    return tuple(found.values())


def caution_view(kind: CautionKind, params: Mapping[str, Any], notes: Iterable[str] = ()) -> CautionView:
    """A caution of this kind in words."""
    mark = StatusView(kind.code, kind.zh, kind.en, "", kind.badge)
    since = params.get("since")
    if not isinstance(since, Since):
        in_force = params.get("in_force", kind.in_force)
        return CautionView(
            kind.code, mark, kind.sentence, params, kind.not_plain, tuple(notes), in_force=in_force
        )
    is_dated = since.is_decided and bool(kind.dated)
    shown_since = (SHOWN_SINCE,) if kind.dated and not is_dated else ()
    sentence = kind.dated if is_dated else kind.sentence
    return CautionView(kind.code, mark, sentence, params, kind.not_plain, (*shown_since, *notes))


def qualified_status(status: StatusView, cautions: Iterable[CautionView]) -> StatusView:
    """The status as it may be shown: not in the word or the plain badge of a record in force where a caution forbids it."""
    if status.badge != PLAIN_BADGE:
        return status
    found = tuple(cautions)
    words = next((each.in_force for each in found if each.in_force), None)
    if words is not None:
        status = status._replace(zh=words.zh, en=words.en, badge=OTHER_BADGE)
    if any(each.not_plain for each in found):
        status = status._replace(badge=CAUTION_BADGE)
    return status


def next_caution_day(
    rules: Iterable[CautionRule], values: Mapping[str, Any], after: dt.date
) -> dt.date | None:
    """The first day after `after` on which the cautions of a record may change by date alone; None if there is none."""
    days = [day for rule in rules if rule.days for day in rule.days(values) if day > after]
    return min(days, default=None)


def days_after(*written: object) -> list[dt.date]:
    """The day after each of these sparse dates, for `CautionRule.days`; empty ones are left out."""
    last = [sparse_dates.last_day(str(each)) for each in written if each]
    return [day + dt.timedelta(days=1) for day in last if day < dt.date.max]


def linked_in_state(
    kind: CautionKind, relation: str, statuses: Sequence[str], *, standings: tuple[str, ...] = NOT_ENDED
) -> CautionRule:
    """A rule for the plain case: a record linked by `relation` is in one of `statuses`.

    The sentence may name it by `%(number)s` and `%(title)s`, and the day since which it is so by `%(since)s`.
    """

    def check(subject: Subject) -> Iterator[Caution]:
        for linked in subject.linked_by(relation):
            if linked.status in statuses:
                yield Caution(
                    kind.code, {"number": linked.number, "title": linked.title, "since": linked.since}
                )

    return CautionRule(kinds=(kind,), check=check, relations=(relation,), standings=standings)


def overdue(life_cycle: LifeCycle) -> CautionRule:
    """The rule of the deadlines that a life cycle declares: one caution for each that has passed."""
    kinds = tuple(_kind_of_deadline(each) for each in life_cycle.deadlines)

    def check(subject: Subject) -> Iterator[Caution]:
        for deadline, due in life_cycle.overdue(subject.status, subject.values, subject.today):
            yield Caution(deadline.code, {"due": due})

    def days(values: Mapping[str, Any]) -> Iterator[dt.date]:
        for deadline in life_cycle.deadlines:
            due = deadline.due(values)
            if due is not None and due < dt.date.max:
                yield due + dt.timedelta(days=1)

    return CautionRule(kinds=kinds, check=check, standings=STANDINGS, days=days)


def _kind_of_deadline(deadline: Deadline) -> CautionKind:
    return CautionKind(
        code=deadline.code,
        zh=deadline.zh,
        en=deadline.en,
        sentence=deadline.meaning,
        not_plain=deadline.not_plain,
        badge=deadline.badge,
    )
