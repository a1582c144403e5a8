"""The quality page: how many records lack what, register by register. Gaps are shown, never filled in silently."""

from __future__ import annotations

import re

from sqlalchemy import func, select

from registry import i18n
from registry.accounts.policy import Action, Actor, require
from registry.kit.record import Record, StandingWarning
from registry.registers import catalogue
from registry.services.bootstrap import Registry
from registry.services.records import titles
from registry.services.records.reading import COLUMN_LABELS
from registry.services.records.views import QualityGapView
from registry.store.unit_of_work import read_transaction

PLACEHOLDER = re.compile(r"%\(\w+\)s")


def _without_particulars(message: str, lang: str) -> str:
    """The words of an issue without the particulars of one record."""
    return PLACEHOLDER.sub("…", i18n.gettext(message, lang))


def list_quality_gaps(registry: Registry, actor: Actor, lang: str) -> tuple[QualityGapView, ...]:
    """One line for each register, field and kind of gap: records concerned and their share, largest first."""
    require(actor, Action.READ)
    with read_transaction(registry.engine) as connection:
        totals = {
            row.register: row.number
            for row in connection.execute(
                select(Record.register, func.count().label("number")).group_by(Record.register)
            )
        }
        found = connection.execute(
            select(
                StandingWarning.register,
                StandingWarning.field,
                StandingWarning.code,
                func.count().label("number"),
            )
            .group_by(StandingWarning.register, StandingWarning.field, StandingWarning.code)
            .order_by(func.count().desc(), StandingWarning.field)
        ).all()
    lines = []
    for slug, definition in catalogue().items():
        kept = definition.schema.register_fields()
        view = titles.register_view(definition)
        for row in found:
            if row.register != slug:
                continue
            label = kept[row.field].info.label if row.field in kept else COLUMN_LABELS.get(row.field, "")
            lines.append(
                QualityGapView(
                    view,
                    row.code,
                    label,
                    _without_particulars(definition.message_for(row.code), lang),
                    row.number,
                    row.number / totals[slug],
                )
            )
    return tuple(lines)
