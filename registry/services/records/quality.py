"""The quality page: how many records lack what, register by register. Gaps are shown, never filled in silently."""

from __future__ import annotations

import re

from sqlalchemy import func, select

from registry import i18n
from registry.accounts.policy import Action, Actor, require
from registry.kit.record import Record, Warned
from registry.registers import catalogue
from registry.services.bootstrap import Registry
from registry.services.records import titles
from registry.services.records.reading import SPINE_LABELS
from registry.services.records.views import QualityLine
from registry.store.unit_of_work import reading

PARAMETER = re.compile(r"%\(\w+\)s")


def _in_general(message: str, lang: str) -> str:
    """The words of an issue without the particulars of one record."""
    return PARAMETER.sub("…", i18n.gettext(message, lang))


def quality(registry: Registry, actor: Actor, lang: str) -> tuple[QualityLine, ...]:
    """One line for each register, field and kind of gap: records concerned and their share, largest first."""
    require(actor, Action.READ)
    with reading(registry.engine) as connection:
        totals = {
            row.register: row.number
            for row in connection.execute(
                select(Record.register, func.count().label("number")).group_by(Record.register)
            )
        }
        found = connection.execute(
            select(Warned.register, Warned.field, Warned.code, func.count().label("number"))
            .group_by(Warned.register, Warned.field, Warned.code)
            .order_by(func.count().desc(), Warned.field)
        ).all()
    lines = []
    for slug, definition in catalogue().items():
        kept = definition.schema.kept()
        view = titles.register_view(definition)
        for row in found:
            if row.register != slug:
                continue
            label = kept[row.field].facts.label if row.field in kept else SPINE_LABELS.get(row.field, "")
            lines.append(
                QualityLine(
                    view,
                    row.code,
                    label,
                    _in_general(definition.message_of(row.code), lang),
                    row.number,
                    row.number / totals[slug],
                )
            )
    return tuple(lines)
