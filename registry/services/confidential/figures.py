"""How often confidential parts were looked at: figures for the public, by year, kind and reason, without a word on any person."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from sqlalchemy import func, select

from registry.accounts.model import ConfidentialLook
from registry.accounts.policy import Action, Actor, require
from registry.kit.display import Words
from registry.services.bootstrap import Registry
from registry.services.confidential.reasons import LOOK_REASONS, LOOKS
from registry.store.unit_of_work import read_transaction

MAX_YEARS = 10  # that the public page shows


@dataclass(frozen=True, slots=True)
class ReasonFigureView:
    """How often a reason was given."""

    code: str
    words: Words
    looks: int


@dataclass(frozen=True, slots=True)
class LookFigureView:
    """How often one kind of thing was looked at in a year. `reasons`: how often for which reason, in the order of the code list."""

    code: str
    kind: Words
    looks: int
    reasons: tuple[ReasonFigureView, ...]


@dataclass(frozen=True, slots=True)
class LookYearView:
    """The looks of one year in the time of China; of this year, up to now."""

    year: int
    looks: int
    figures: tuple[LookFigureView, ...]


def list_look_figures(registry: Registry, actor: Actor) -> tuple[LookYearView, ...]:
    """Return the figures of the last years, the newest first; a year without looks is left out."""
    require(actor, Action.READ)
    counted: dict[int, dict[str, dict[str, int]]] = defaultdict(lambda: defaultdict(dict))
    columns = (ConfidentialLook.year, ConfidentialLook.kind, ConfidentialLook.reason)
    with read_transaction(registry.engine) as connection:
        for row in connection.execute(select(*columns, func.count().label("looks")).group_by(*columns)):
            counted[row.year][row.kind][row.reason] = row.looks
    return tuple(
        LookYearView(
            year, sum(sum(each.values()) for each in counted[year].values()), _figures(counted[year])
        )
        for year in sorted(counted, reverse=True)[:MAX_YEARS]
    )


def _figures(counted: dict[str, dict[str, int]]) -> tuple[LookFigureView, ...]:
    return tuple(
        LookFigureView(
            kind.code,
            Words(kind.zh, kind.en),
            sum(counted[kind.code].values()),
            tuple(
                ReasonFigureView(reason.code, Words(reason.zh, reason.en), counted[kind.code][reason.code])
                for reason in LOOK_REASONS
                if reason.code in counted[kind.code]
            ),
        )
        for kind in LOOKS
        if kind.code in counted
    )
