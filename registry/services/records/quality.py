"""The quality page: how many records lack what, register by register. No gap is ever filled in silently."""

from __future__ import annotations

import re

from sqlalchemy import func, select

from registry import i18n
from registry.accounts.policy import Action, Actor, require
from registry.i18n import LOCALES
from registry.kit.definition import RegisterDefinition
from registry.kit.display import Words
from registry.kit.record import Record, StandingWarning
from registry.reference.code_lists import platforms
from registry.registers import catalogue
from registry.services.bootstrap import Registry
from registry.services.records import titles
from registry.services.records.doubts import column_label
from registry.services.records.views import PlatformView, QualityGapView
from registry.store.unit_of_work import read_transaction

PLACEHOLDER = re.compile(r"%\(\w+\)s")
PARTICULAR = re.compile(r"[“\"(（]?%\(\w+\)s[”\")）]?")
ROW = re.compile(r"^(?:第\s*%\(\w+\)s\s*行[^：]*：|Row %\(\w+\)s[^:]*: )")  # of a table, at the beginning
SENTENCE_END = re.compile(r"(?<=[。.])\s*")
BEFORE_STOP = re.compile(r"[\s,，]+([.。,，:：;；])")
LEAST_RECORDS = 2  # of a gap that is listed: a single record says nothing of a register


def list_quality_gaps(registry: Registry, actor: Actor, lang: str) -> tuple[QualityGapView, ...]:
    """List the gaps of every register by field and kind, with the records concerned; largest first in a register.

    Those of fewer than `LEAST_RECORDS` records are left out.
    """
    require(actor, Action.READ)
    kind = (StandingWarning.register, StandingWarning.field, StandingWarning.code)
    with read_transaction(registry.engine) as connection:
        totals = {
            row.register: row.number
            for row in connection.execute(
                select(Record.register, func.count().label("number")).group_by(Record.register)
            )
        }
        rows = connection.execute(
            select(*kind, func.count().label("number"))
            .group_by(*kind)
            .having(func.count() >= LEAST_RECORDS)
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
            filter=f"{row.field}.{row.code}",
        )
        for slug, definition in catalogue().items()
        for row in rows
        if row.register == slug
    )


def gap_words(definition: RegisterDefinition, value: str) -> Words:
    """Return a gap in words by its filter (`field.code`): the field, and what is known of it."""
    field, _dot, code = value.rpartition(".")
    label = column_label(definition.schema.register_fields(), field)
    zh, en = (
        ": ".join(
            part
            for part in (i18n.gettext(label, lang), _without_particulars(definition.message_for(code), lang))
            if part
        )
        for lang in LOCALES
    )
    return Words(zh.replace(": ", "："), en)


def list_platforms(actor: Actor) -> tuple[PlatformView, ...]:
    """List where else to look: public platforms of authorities and bodies."""
    require(actor, Action.READ)
    return tuple(PlatformView.shown(each) for each in platforms.listed_platforms())


def _without_particulars(message: str, lang: str) -> str:
    """The sentences of an issue that tell nothing of one record; where each does, the first as far as it goes."""
    text = ROW.sub("", i18n.gettext(message, lang))
    sentences = [part for part in SENTENCE_END.split(text) if part]
    if general := [part for part in sentences if not PLACEHOLDER.search(part)]:
        return ("" if lang == "zh" else " ").join(general)
    bare = PARTICULAR.sub("", sentences[0] if sentences else text)
    return BEFORE_STOP.sub(r"\1", re.sub(r"\s{2,}", " ", bare)).strip(" :：,，")
