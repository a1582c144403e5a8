"""Decisions in words: what changes field by field, and what the page of the record will say, in both languages."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Mapping

from registry import clock, i18n
from registry.i18n import LOCALES, _
from registry.kit.definition import RegisterDefinition
from registry.kit.display import Words
from registry.kit.kinds import RegisterField
from registry.kit.life_cycle import Transition
from registry.kit.record import register_of
from registry.registers import catalogue
from registry.services.deciding import moves
from registry.services.deciding.checking import CheckedCase, StatedDecision
from registry.services.deciding.views import EffectView, MoveView, TitledRecordView
from registry.services.publication.transitions import MERGED_INTO
from registry.services.records import presentation, titles
from registry.services.records.doubts import COLUMN_LABELS
from registry.services.records.past.versions import ROLE_MESSAGES, document_differences
from registry.services.records.views import ChangeView, LabelledText
from registry.store.base import FetchedRow

NOW_PART_OF = _("This record was merged into %(number)s: both were one thing.")
HIDDEN_CHANGES = ("field_sources", "other_sources")  # where single facts come from follows by itself


def move_view(definition: RegisterDefinition, move: Transition, role: str) -> MoveView:
    """Return a transition in words. `role`: of the reader."""
    return MoveView(
        key=moves.move_key(definition, move),
        name=Words(move.zh, move.en),
        after=definition.life_cycle.state(move.after).view(),
        roles=tuple(ROLE_MESSAGES[each] for each in move.roles),
        mine=role in move.roles and role in moves.DESK_ROLES,
        evidence=move.evidence,
        public_notice=move.public_notice,
        hours=move.within_hours,
        keeps_status=move.before == move.after,
        corrects=moves.is_correction(move),
        merges=moves.is_merge(move),
    )


def titled(record: FetchedRow) -> TitledRecordView:
    """Return a record as a line of the desk."""
    definition = catalogue()[register_of(record.register)]
    return TitledRecordView(
        titles.register_view(definition),
        record.number,
        record.slug,
        titles.title_of(definition, record),
        definition.life_cycle.state(record.status).view(),
        record.version,
    )


def effect_of(decision: StatedDecision, case: CheckedCase, lang: str) -> EffectView:
    """Return what a decision that is possible does to its record."""
    assert case.document is not None
    definition = decision.definition
    before, values = json.loads(case.record.document), case.document.values
    life_cycle = definition.life_cycle
    status = life_cycle.refined(case.status, values)
    after = life_cycle.state(status)
    changes: tuple[ChangeView, ...] = ()
    if status != case.record.status:
        now = life_cycle.state(case.record.status)
        changes = (ChangeView(COLUMN_LABELS["status"], getattr(now, lang), getattr(after, lang)),)
    facts, former = (
        {name: value for name, value in each.items() if name not in HIDDEN_CHANGES}
        for each in (values, before)
    )
    today = clock.today()
    since = case.record.status_since
    if status != case.record.status:
        since = life_cycle.decision_day(status, values, before, today) or today
    return EffectView(
        titled(case.record),
        after.view(),
        (*changes, *document_differences(definition, former, facts, lang)),
        _said_of_merged(str(values[MERGED_INTO]))
        if MERGED_INTO in values
        else first_sentences(definition, status, values, since),
        merged_into=str(values.get(MERGED_INTO) or ""),
    )


def _said_of_merged(number: str) -> dict[str, str]:
    return {lang: i18n.gettext(NOW_PART_OF, lang, number=number) for lang in LOCALES}


def first_sentences(
    definition: RegisterDefinition, status: str, values: Mapping[str, object], since: dt.date
) -> dict[str, str]:
    """Return what the page says first of a record with these values in this status, by language."""
    today = clock.today()
    sentence = definition.life_cycle.state(status).sentence(values, today)
    until = str(values.get(definition.valid_to) or "") if definition.valid_to else ""
    said: dict[str, str] = {}
    for lang in LOCALES:
        params = presentation.status_sentence_params(today, since=since.isoformat(), until=until, lang=lang)
        params |= {name: i18n.format_day(day, lang) for name, day in sentence.days.items()}
        said[lang] = i18n.gettext(sentence.message, lang, **params)
    return said


def stated_in_words(
    definition: RegisterDefinition, stated: Mapping[str, str], lang: str
) -> tuple[LabelledText, ...]:
    """Return what a decision states, as its register reads it; what cannot be read stays as it was typed."""
    values = definition.schema.load_values(stated, complete=False).values
    fields = definition.schema.register_fields()
    of_rows = {name: definition.schema.find_column(name) for name in stated if name not in fields}
    return tuple(
        LabelledText(column.info.label, stated[name])
        for name, column in of_rows.items()
        if column and stated[name]
    ) + tuple(
        LabelledText(
            fields[name].info.label,
            value_text(name, fields[name], values, lang) if name in values else stated[name],
        )
        for name in _in_order(fields, stated)
        if stated[name]
    )


def value_text(name: str, field: RegisterField, values: Mapping[str, object], lang: str) -> str:
    """Return the value of a field in words, "" for none."""
    if values.get(name) in (None, "", []):
        return ""
    return presentation.field_text(name, field, values, lang)


def _in_order(fields: Mapping[str, RegisterField], names: Iterable[str]) -> list[str]:
    given = set(names)
    return [name for name in fields if name in given]
