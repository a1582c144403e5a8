"""The grading schemes of a register, as their pages show them."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import select

from registry import i18n
from registry.accounts.policy import Action, Actor, require
from registry.errors import NotFound
from registry.i18n import _
from registry.kit.display import Words
from registry.kit.grading import Scheme, SchemeIndicator, Threshold
from registry.kit.indicators import OPERATORS
from registry.kit.record import Record
from registry.reference.text.folding import fold_number
from registry.services.bootstrap import Registry
from registry.services.publication import record_queries
from registry.services.records import titles
from registry.services.records.reading import get_definition
from registry.services.records.views import (
    LevelView,
    SchemeIndicatorView,
    SchemeLineView,
    SchemeStandardView,
    SchemeView,
)
from registry.store.unit_of_work import read_transaction

GRADER_WORDS = {
    "certification": _("certification bodies"),
    "testing": _("testing laboratories with CMA or CNAS approval"),
    "assessment": _("assessment bodies"),
    "authority": _("authorities"),
}
SUBJECT_WORDS = {
    "product": _("products"),
    "service": _("services"),
    "farm_produce": _("farm produce"),
    "institution": _("institutions"),
}


def list_schemes(actor: Actor, slug: str) -> tuple[SchemeLineView, ...]:
    """List the grading schemes of a register, with their levels from the best to the worst; none where it has none.

    Raises `NotFound` for a register that does not exist.
    """
    require(actor, Action.READ)
    schemes = get_definition(slug).schemes
    return tuple(
        SchemeLineView(
            each.words,
            f"/{slug}/schemes/{each.code}",
            tuple(Words(level.zh, level.en) for level in each.levels),
            each.closed,
        )
        for each in (schemes.schemes if schemes else ())
    )


def get_scheme(registry: Registry, actor: Actor, slug: str, code: str, *, lang: str) -> SchemeView:
    """Read a grading scheme for its page: publisher, version, standards, direction, levels and thresholds.

    Raises `NotFound` for a register or a scheme that does not exist.
    """
    require(actor, Action.READ)
    definition = get_definition(slug)
    found = [each for each in definition.schemes.schemes if each.code == code] if definition.schemes else []
    if not found:
        raise NotFound("scheme", code)
    scheme = found[0]
    return SchemeView(
        register=titles.register_view(definition),
        code=scheme.code,
        path=f"/{slug}/schemes/{scheme.code}",
        records_query={definition.schemes.scheme_field: scheme.name} if definition.schemes else {},
        words=scheme.words,
        version=i18n.format_day(scheme.version, lang) if "-" in scheme.version else scheme.version,
        is_draft="-" in scheme.version,
        publisher=scheme.publisher,
        source=scheme.source,
        source_url=scheme.source_url,
        standards=_standards(registry, scheme),
        subject=SUBJECT_WORDS[scheme.subject],
        graders=tuple(GRADER_WORDS[kind] for kind in scheme.graders),
        validity_months=scheme.validity_months,
        evidence_months=scheme.evidence_months,
        levels=tuple(
            LevelView(level.code, scheme.level_words(level.code), scheme.placed_words(level.code), level.rank)
            for level in scheme.levels
        ),
        closed=scheme.closed,
        indicators=tuple(_indicator_view(each, scheme, lang) for each in scheme.indicators),
    )


def _standards(registry: Registry, scheme: Scheme) -> tuple[SchemeStandardView, ...]:
    """The standards of a scheme, linked to their pages where they are on record."""
    keys = {number: fold_number(number) for number in scheme.standards}
    with read_transaction(registry.engine) as connection:
        rows = connection.execute(
            select(*record_queries.TITLE_COLUMNS).where(
                Record.id.in_(record_queries.select_ids_by_keys(keys.values()))
            )
        ).all()
    found = {fold_number(row.number): row for row in rows}
    return tuple(
        SchemeStandardView(
            number,
            titles.record_path(row.register, row.slug) if row else "",
            titles.title_of(get_definition(row.register), row) if row else None,
        )
        for number, key in keys.items()
        for row in (found.get(key),)
    )


def _indicator_view(indicator: SchemeIndicator, scheme: Scheme, lang: str) -> SchemeIndicatorView:
    by_level: Mapping[str, Threshold] = {each.level: each for each in indicator.thresholds}
    return SchemeIndicatorView(
        indicator.name_zh if lang == "zh" else indicator.name_en,
        indicator.unit,
        tuple(
            threshold_text(by_level[level.code], lang) if level.code in by_level else ""
            for level in scheme.levels
        ),
        indicator.source,
    )


def threshold_text(threshold: Threshold, lang: str) -> str:
    """Return what a level asks, in signs: `≤ 0.05`, `8–12`."""
    lower = i18n.format_number(threshold.limit, lang)
    if threshold.limit_to is not None:
        return f"{lower}–{i18n.format_number(threshold.limit_to, lang)}"
    return f"{getattr(OPERATORS.codes[threshold.operator], lang)} {lower}"
