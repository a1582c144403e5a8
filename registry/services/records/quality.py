"""The quality page: how many records lack what, register by register. No gap is ever filled in silently."""

from __future__ import annotations

import re

from sqlalchemy import func, select

from registry import i18n
from registry.accounts.policy import Action, Actor, require
from registry.kit.record import Record, StandingWarning
from registry.registers import catalogue
from registry.services.bootstrap import Registry
from registry.services.records import titles
from registry.services.records.reading import column_label
from registry.services.records.views import QualityGapView
from registry.store.unit_of_work import read_transaction

PLACEHOLDER = re.compile(r"%\(\w+\)s")


def list_quality_gaps(registry: Registry, actor: Actor, lang: str) -> tuple[QualityGapView, ...]:
    """List the gaps of every register by field and kind, with the records concerned; largest first in a register."""
    require(actor, Action.READ)
    with read_transaction(registry.engine) as connection:
        totals = {
            row.register: row.number
            for row in connection.execute(
                select(Record.register, func.count().label("number")).group_by(Record.register)
            )
        }
        rows = connection.execute(
            select(
                StandingWarning.register,
                StandingWarning.field,
                StandingWarning.code,
                func.count().label("number"),
            )
            .group_by(StandingWarning.register, StandingWarning.field, StandingWarning.code)
            .order_by(func.count().desc(), StandingWarning.field)
        ).all()
    return tuple(
        QualityGapView(
            register=titles.register_view(definition),
            code=row.code,
            field_label=column_label(definition.schema.register_fields(), row.field),
            message=_without_particulars(definition.message_for(row.code), lang),
            count=row.number,
            share=row.number / totals[slug],
        )
        for slug, definition in catalogue().items()
        for row in rows
        if row.register == slug
    )


def _without_particulars(message: str, lang: str) -> str:
    """The words of an issue without the particulars of one record."""
    return PLACEHOLDER.sub("…", i18n.gettext(message, lang))
