"""From a question to a statement of PostgreSQL: the same worths as in the embedded engine, added up by the database."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from registry.search.analysis import scoring
from registry.search.analysis.query_parser import Group
from registry.search.port import Query
from registry.search.postgresql.tables import SCHEMA, storable, term

Params = dict[str, Any]
NAMES = {"zh": "key_zh", "en": "key_en"}
LAST_DAY = 99_999_999


@dataclass(slots=True)
class Cell:
    """Terms that must stand together in a record, what that is worth, and at most how many records have them."""

    terms: list[str]
    worth: float
    holding: int


@dataclass(slots=True)
class Statement:
    """Common table expressions one after another, with their parameters; over the records `only`, where they are given."""

    build: str
    only: Sequence[int] | None = None
    parts: list[str] = field(default_factory=list)
    params: Params = field(default_factory=dict)

    @property
    def doc(self) -> str:
        return f"{SCHEMA}.doc_{self.build}"

    @property
    def name(self) -> str:
        return f"{SCHEMA}.name_{self.build}"

    def put(self, value: Any, kind: str) -> str:
        """A parameter, as the text that stands for it."""
        name = f"p{len(self.params)}"
        self.params[name] = value
        return f"CAST(:{name} AS {kind})"

    def among(self) -> str:
        """The condition that a record is one of those that are looked at."""
        return "true" if self.only is None else f"id = ANY({self.put(list(self.only), 'bigint[]')})"

    def add(self, name: str, select: str, *, kept: bool = False) -> str:
        """A common table expression; gives its name."""
        self.parts.append(f"{name} AS {'MATERIALIZED ' if kept else ''}({select})")
        return name

    def written(self, select: str) -> str:
        return f"WITH {', '.join(self.parts)} {select}" if self.parts else select


def cells(group: Group, holding: Mapping[str, int], n: int) -> list[Cell]:
    """Every alternative of a group in every field where all its terms are known."""
    found = []
    for alternative in group.alternatives:
        for field_ in alternative.fields:
            terms = [term(field_, word) for word in alternative.terms]
            least = min((holding.get(each, 0) for each in terms), default=0)
            if least > 0:
                found.append(Cell(terms, scoring.of_field(alternative, field_, n, least), least))
    return found


def terms_in(groups: Iterable[Group]) -> set[str]:
    """Every term that these groups ask for, as it is kept."""
    return {
        term(field_, word)
        for group in groups
        for alternative in group.alternatives
        for field_ in alternative.fields
        for word in alternative.terms
    }


def _group(statement: Statement, name: str, of: Sequence[Cell], within: str) -> str:
    """Records of a group, each with the worth of its best cell; only those of `within`, where that is named."""
    only = f" AND id IN (SELECT id FROM {within})" if within else f" AND {statement.among()}"
    each = " UNION ALL ".join(
        f"SELECT id, {statement.put(cell.worth, 'real')} AS worth FROM {statement.doc}"
        f" WHERE terms @> {statement.put(cell.terms, 'text[]')}{only}"
        for cell in of
    )
    return statement.add(
        name, f"SELECT id, max(worth) AS worth FROM ({each}) AS c GROUP BY id" if each else _none(), kept=True
    )


def _none() -> str:
    return "SELECT CAST(NULL AS bigint) AS id, CAST(NULL AS real) AS worth WHERE false"


def words(statement: Statement, groups: Sequence[Sequence[Cell]], share: float = 1.0) -> str:
    """Records that hold at least this share of the groups, with the sum of their worth."""
    least = len(groups) if share >= 1 else max(1, math.ceil(len(groups) * share))
    every = least == len(groups)
    order = sorted(groups, key=lambda group: sum(cell.holding for cell in group))
    names: list[str] = []
    for place, group in enumerate(order):
        names.append(_group(statement, f"g{place}", group, names[-1] if every and names else ""))
    if not names:
        return statement.add("words", _none())
    each = " UNION ALL ".join(f"SELECT id, worth FROM {name}" for name in names)
    return statement.add(
        "words", f"SELECT id, sum(worth) AS worth FROM ({each}) AS g GROUP BY id HAVING count(*) >= {least}"
    )


def lifted(statement: Statement, of: str, names: Sequence[str]) -> str:
    """The same with more for records that one of the words names as a whole."""
    return statement.add(
        "lifted",
        f"SELECT {of}.id, worth + coalesce(more, 0) AS worth FROM {of} LEFT JOIN"
        f" (SELECT id, count(*) * {scoring.PART_IS_NAME} AS more FROM {statement.name}"
        f" WHERE term = ANY({statement.put(list(names), 'text[]')}) GROUP BY id) AS l USING (id)",
    )


def hits(statement: Statement, of: str, named: Mapping[int, float], without: Sequence[Sequence[Cell]]) -> str:
    """Records of words and of names together, but those that hold a word that is left out."""
    ids, worths = statement.put(list(named), "bigint[]"), statement.put(list(named.values()), "real[]")
    left = [
        f" AND NOT d.terms @> {statement.put(cell.terms, 'text[]')}" for group in without for cell in group
    ]
    return statement.add(
        "hit",
        "SELECT d.id, h.worth - CASE WHEN d.ended THEN"
        f" {scoring.ENDED_LOSS} ELSE 0 END AS worth, d.ended, d.date, d.rank, d.key_zh, d.key_en, d.tags, d.links"
        " FROM (SELECT id, sum(worth) AS worth FROM"
        f" (SELECT id, worth FROM {of} UNION ALL SELECT * FROM unnest({ids}, {worths})) AS b GROUP BY id) AS h"
        f" JOIN {statement.doc} AS d USING (id) WHERE true{''.join(left)}",
        kept=True,
    )


def everything(statement: Statement) -> str:
    """Every record, worth nothing."""
    return statement.add(
        "hit",
        "SELECT id, CAST(0 AS real) AS worth, ended, date, rank, key_zh, key_en, tags, links"
        f" FROM {statement.doc} WHERE {statement.among()}",
    )


def passing(statement: Statement, query: Query, but: str = "") -> str:
    """The condition of the query's filters, all but one facet's."""
    conditions = ["true"]
    for name, values in query.filters.items():
        if name != but:
            column = "links" if name == "linked" else "tags"
            asked = statement.put([storable(f"{name}={value}") for value in values], "text[]")
            conditions.append(f"{column} && {asked}")
    if query.since or query.until:
        since, until = max(query.since, 1), query.until or LAST_DAY
        conditions.append(
            f"date BETWEEN {statement.put(since, 'integer')} AND {statement.put(until, 'integer')}"
        )
    return " AND ".join(conditions)


def order(query: Query) -> str:
    """The order of a page: what it is sorted by, then the newest, then the name, then the id."""
    name = NAMES["zh" if query.lang == "zh" else "en"]
    first = {
        "date": "date",
        "-date": "date DESC",
        "name": "",
        "rank": "CASE WHEN rank = 0 THEN 2147483647 ELSE rank END",
    }.get(query.sort, "worth DESC, date DESC")
    return ", ".join(part for part in (first, name, "id") if part)


def seen(statement: Statement, query: Query, exact: Sequence[int], *, ended: bool) -> str:
    """Of the hits those that may be `visible`, and of these those `shown`, which pass the filters; gives the latter's name."""
    kept = "true" if ended else f"(NOT ended OR id = ANY({statement.put(list(exact), 'bigint[]')}))"
    statement.add(
        "judged", f"SELECT *, ({passing(statement, query)}) AS passes, {kept} AS kept FROM hit", kept=True
    )
    # Where nothing is left but what has ended, that is shown: an empty page would be a lie.
    statement.add("bare", "SELECT bool_or(passes) AND NOT bool_or(passes AND kept) AS bare FROM judged")
    statement.add("visible", "SELECT judged.* FROM judged, bare WHERE kept OR bare.bare")
    return statement.add("shown", "SELECT * FROM visible WHERE passes", kept=True)


def page(statement: Statement, query: Query, exact: Sequence[int], *, ended: bool) -> str:
    """One page of the hits, counts of facets, and what is hidden, in one row."""
    seen(statement, query, exact, ended=ended)
    counts = {"": "SELECT tag, count(*) AS n FROM shown, unnest(tags) AS tag GROUP BY tag"}
    for name in query.facets:
        if name in query.filters:
            begins = statement.put(f"{name}=", "text")
            counts[name] = (
                "SELECT tag, count(*) AS n FROM visible, unnest(tags) AS tag"
                f" WHERE starts_with(tag, {begins}) AND {passing(statement, query, but=name)} GROUP BY tag"
            )
    if not query.facets:
        counts = {}
    counted = ", ".join(
        f"(SELECT json_object_agg(tag, n) FROM ({select}) AS f{place}) AS f{place}"
        for place, select in enumerate(counts.values())
    )
    return statement.written(
        "SELECT (SELECT count(*) FROM shown) AS total, (SELECT count(*) FROM hit) AS hits,"
        " (SELECT CASE WHEN bare.bare THEN 0 ELSE (SELECT count(*) FROM judged WHERE passes AND NOT kept) END FROM bare)"
        f" AS hidden, ARRAY(SELECT id FROM shown ORDER BY {order(query)} LIMIT {statement.put(query.limit, 'bigint')}"
        f" OFFSET {statement.put(query.offset, 'bigint')}) AS ids" + (f", {counted}" if counted else "")
    )
