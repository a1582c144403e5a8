"""Suggestions while a search is typed: records, those of one name folded into one line with their number."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from urllib.parse import urlencode

from sqlalchemy import bindparam, select

from registry.accounts.policy import Action, Actor, require
from registry.errors import Unavailable
from registry.kit.display import Words
from registry.kit.record import Record
from registry.registers import catalogue
from registry.search.port import Query
from registry.services.bootstrap import Registry
from registry.services.finding import numbers_in_searches
from registry.services.finding.results.result_lines import result_rows
from registry.services.records.views import ResultRowView
from registry.store.base import FetchedRow
from registry.store.unit_of_work import read_transaction

MAX_SUGGESTIONS = 8
MAX_CANDIDATES = 120  # that the index gives, to be folded
NAMES = select(
    Record.id,
    Record.register,
    Record.number,
    Record.title_zh,
    Record.title_en,
    Record.demo,
    Record.holder_id,
    Record.holder_zh,
).where(Record.id.in_(bindparam("record_ids", expanding=True)))


@dataclass(frozen=True, slots=True)
class SuggestionView:
    """A record that may be meant (`row`), or the first of several of one name.

    `records`: how many of its register have the name, `demo_records` of them invented. `holder`: whose they all are.
    `path`: of the record's page, of several records that of their list.
    """

    row: ResultRowView
    path: str
    records: int = 1
    demo_records: int = 0
    holder: Words | None = None


@dataclass(slots=True)
class _Namesakes:
    """Candidates of one register that are read alike, best first. `name`: what is read; "" where names tell records apart."""

    name: str = ""
    rows: list[FetchedRow] = field(default_factory=list)

    @property
    def first(self) -> FetchedRow:
        """The best real one; the best one where all are invented."""
        return next((row for row in self.rows if not row.demo), self.rows[0])


def suggest_records(registry: Registry, actor: Actor, typed: str, lang: str) -> list[SuggestionView]:
    """Return what may be meant while a search is being typed, real records first among equals; nothing while the index is away.

    Records of one name are one suggestion where names do not tell records of their register apart (goods).
    """
    require(actor, Action.READ)
    typed = " ".join(typed.split())
    if not typed:
        return []
    named = numbers_in_searches.ids_of_number(registry, actor, typed)
    try:
        ids = registry.search.suggest(typed, lang, MAX_CANDIDATES)
        groups = _fold(registry, list(dict.fromkeys((*named, *ids))), lang)[:MAX_SUGGESTIONS]
        totals = [_count(registry, group, cut=len(ids) >= MAX_CANDIDATES) for group in groups]
    except Unavailable:
        groups = _fold(registry, list(dict.fromkeys(named)), lang)[:MAX_SUGGESTIONS]
        totals = [_count(registry, group, cut=False) for group in groups]
    rows = {
        (row.register.slug, row.number): row
        for row in result_rows(registry, [group.first.id for group in groups], lang)
    }
    return [
        _view(rows[group.first.register, group.first.number], group, total)
        for group, total in zip(groups, totals, strict=True)
        if (group.first.register, group.first.number) in rows
    ]


def _fold(registry: Registry, ids: Sequence[int], lang: str) -> list[_Namesakes]:
    """Return records by the name that is read in a language, in the order of the first of each; those that are gone are left out."""
    if not ids:
        return []
    with read_transaction(registry.engine) as connection:
        found = {row.id: row for row in connection.execute(NAMES, {"record_ids": list(ids)})}
    groups: dict[tuple[str, ...], _Namesakes] = {}
    for row in (found[record_id] for record_id in ids if record_id in found):
        title = catalogue()[row.register].title
        read = (row.title_zh or row.title_en) if lang == "zh" else (row.title_en or row.title_zh)
        by_name = read if title.told_apart_by or title.told_apart_by_holder else ""
        key = (row.register, by_name) if by_name else (row.register, "", str(row.id))
        groups.setdefault(key, _Namesakes(by_name)).rows.append(row)
    return list(groups.values())


def _count(registry: Registry, group: _Namesakes, *, cut: bool) -> tuple[int, int]:
    """Return how many records have the name, and how many of them are invented.

    Where the candidates were `cut` the index counts, by the words of the name.
    """
    demo = sum(row.demo for row in group.rows)
    if not cut or len(group.rows) == 1:
        return len(group.rows), demo
    name = group.name or group.first.title_zh or group.first.title_en
    found = registry.search.find(
        Query(text=name, filters={"register": (group.first.register,)}, include_ended=True, limit=1)
    )
    return max(found.total, len(group.rows)), max(found.demo_total, demo)


def _view(row: ResultRowView, group: _Namesakes, total: tuple[int, int]) -> SuggestionView:
    records, demo = total
    if records == 1:
        return SuggestionView(row, row.path, 1, demo, _other_name(row))
    name = group.name or row.title.zh or row.title.en
    holders = {(each.holder_id, each.holder_zh) for each in group.rows}
    one_holder = len(holders) == 1 and records == len(group.rows)
    return SuggestionView(
        row,
        f"/{row.register.slug}?{urlencode({'q': name, 'ended': '1'})}",
        records,
        demo,
        _other_name(row) if one_holder else None,
    )


def _other_name(row: ResultRowView) -> Words | None:
    """Return the name of the holder, None where the title is the same."""
    return row.holder.name if row.holder and row.holder.name.zh != row.title.zh else None
