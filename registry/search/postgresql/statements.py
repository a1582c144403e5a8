"""From a question to a statement of PostgreSQL: the same worths as in the embedded engine, added up by the database."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from registry.search.analysis import scoring
from registry.search.analysis.query_parser import Clause
from registry.search.port import Query
from registry.search.postgresql.tables import SCHEMA, prefixed_term, sanitize

Params = dict[str, Any]
NAME_COLUMNS = {"zh": "key_zh", "en": "key_en"}
MAX_DATE = 99_999_999


@dataclass(slots=True)
class ScoredTerms:
    """Terms that must stand together in a record, what that is worth, and at most how many records have them."""

    terms: list[str]
    score: float
    document_frequency: int


@dataclass(slots=True)
class Statement:
    """Common table expressions one after another, with their parameters; over the records `only`, where they are given."""

    build: str
    only_ids: Sequence[int] | None = None
    parts: list[str] = field(default_factory=list)
    params: Params = field(default_factory=dict)

    @property
    def doc(self) -> str:
        return f"{SCHEMA}.doc_{self.build}"

    @property
    def name(self) -> str:
        return f"{SCHEMA}.name_{self.build}"

    def bind(self, value: Any, sql_type: str) -> str:
        """A parameter, as the text that stands for it."""
        name = f"p{len(self.params)}"
        self.params[name] = value
        return f"CAST(:{name} AS {sql_type})"

    def only_condition(self) -> str:
        """The condition that a record is one of those that are looked at."""
        return "true" if self.only_ids is None else f"id = ANY({self.bind(list(self.only_ids), 'bigint[]')})"

    def add_cte(self, name: str, select: str, *, materialized: bool = False) -> str:
        """A common table expression; gives its name."""
        self.parts.append(f"{name} AS {'MATERIALIZED ' if materialized else ''}({select})")
        return name

    def to_sql(self, select: str) -> str:
        return f"WITH {', '.join(self.parts)} {select}" if self.parts else select


def scored_terms(clause: Clause, frequencies: Mapping[str, int], document_count: int) -> list[ScoredTerms]:
    """Every alternative of a group in every field where all its terms are known."""
    found = []
    for alternative in clause.alternatives:
        for field_ in alternative.fields:
            terms = [prefixed_term(field_, word) for word in alternative.terms]
            least = min((frequencies.get(each, 0) for each in terms), default=0)
            if least > 0:
                found.append(
                    ScoredTerms(terms, scoring.field_score(alternative, field_, document_count, least), least)
                )
    return found


def terms_of_clauses(clauses: Iterable[Clause]) -> set[str]:
    """Every term that these groups ask for, as it is kept."""
    return {
        prefixed_term(field_, word)
        for group in clauses
        for alternative in group.alternatives
        for field_ in alternative.fields
        for word in alternative.terms
    }


def _clause_cte(statement: Statement, name: str, of: Sequence[ScoredTerms], within: str) -> str:
    """Records of a group, each with the worth of its best cell; only those of `within`, where that is named."""
    only = f" AND id IN (SELECT id FROM {within})" if within else f" AND {statement.only_condition()}"
    each = " UNION ALL ".join(
        f"SELECT id, {statement.bind(cell.score, 'real')} AS worth FROM {statement.doc}"
        f" WHERE terms @> {statement.bind(cell.terms, 'text[]')}{only}"
        for cell in of
    )
    return statement.add_cte(
        name,
        f"SELECT id, max(worth) AS worth FROM ({each}) AS c GROUP BY id" if each else _empty_select(),
        materialized=True,
    )


def _empty_select() -> str:
    return "SELECT CAST(NULL AS bigint) AS id, CAST(NULL AS real) AS worth WHERE false"


def add_clauses(statement: Statement, clauses: Sequence[Sequence[ScoredTerms]], share: float = 1.0) -> str:
    """Records that hold at least this share of the groups, with the sum of their worth."""
    least = len(clauses) if share >= 1 else max(1, math.ceil(len(clauses) * share))
    every = least == len(clauses)
    order = sorted(clauses, key=lambda group: sum(cell.document_frequency for cell in group))
    names: list[str] = []
    for place, group in enumerate(order):
        names.append(_clause_cte(statement, f"g{place}", group, names[-1] if every and names else ""))
    if not names:
        return statement.add_cte("words", _empty_select())
    each = " UNION ALL ".join(f"SELECT id, worth FROM {name}" for name in names)
    return statement.add_cte(
        "words", f"SELECT id, sum(worth) AS worth FROM ({each}) AS g GROUP BY id HAVING count(*) >= {least}"
    )


def add_name_boost(statement: Statement, of: str, names: Sequence[str]) -> str:
    """The same with more for records that one of the words names as a whole."""
    return statement.add_cte(
        "lifted",
        f"SELECT {of}.id, worth + coalesce(more, 0) AS worth FROM {of} LEFT JOIN"
        f" (SELECT id, count(*) * {scoring.CLAUSE_IS_NAME_BOOST} AS more FROM {statement.name}"
        f" WHERE term = ANY({statement.bind(list(names), 'text[]')}) GROUP BY id) AS l USING (id)",
    )


def add_matches(
    statement: Statement, of: str, named: Mapping[int, float], excluded: Sequence[Sequence[ScoredTerms]]
) -> str:
    """Records of words and of names together, but those that hold a word that is left out."""
    ids, worths = statement.bind(list(named), "bigint[]"), statement.bind(list(named.values()), "real[]")
    left = [
        f" AND NOT d.terms @> {statement.bind(cell.terms, 'text[]')}" for group in excluded for cell in group
    ]
    return statement.add_cte(
        "hit",
        "SELECT d.id, h.worth - CASE WHEN d.ended THEN"
        f" {scoring.ENDED_PENALTY} ELSE 0 END AS worth, d.ended, d.date, d.rank, d.key_zh, d.key_en, d.tags, d.links"
        " FROM (SELECT id, sum(worth) AS worth FROM"
        f" (SELECT id, worth FROM {of} UNION ALL SELECT * FROM unnest({ids}, {worths})) AS b GROUP BY id) AS h"
        f" JOIN {statement.doc} AS d USING (id) WHERE true{''.join(left)}",
        materialized=True,
    )


def add_all(statement: Statement) -> str:
    """Every record, worth nothing."""
    return statement.add_cte(
        "hit",
        "SELECT id, CAST(0 AS real) AS worth, ended, date, rank, key_zh, key_en, tags, links"
        f" FROM {statement.doc} WHERE {statement.only_condition()}",
    )


def filter_condition(statement: Statement, query: Query, except_facet: str = "") -> str:
    """The condition of the query's filters, all but one facet's."""
    conditions = ["true"]
    for name, values in query.filters.items():
        if name != except_facet:
            column = "links" if name == "linked" else "tags"
            asked = statement.bind([sanitize(f"{name}={value}") for value in values], "text[]")
            conditions.append(f"{column} && {asked}")
    if query.since or query.until:
        since, until = max(query.since, 1), query.until or MAX_DATE
        conditions.append(
            f"date BETWEEN {statement.bind(since, 'integer')} AND {statement.bind(until, 'integer')}"
        )
    return " AND ".join(conditions)


def order_by(query: Query) -> str:
    """The order of a page: what it is sorted by, then the newest, then the name, then the id."""
    name = NAME_COLUMNS["zh" if query.lang == "zh" else "en"]
    first = {
        "date": "date",
        "-date": "date DESC",
        "name": "",
        "rank": "CASE WHEN rank = 0 THEN 2147483647 ELSE rank END",
    }.get(query.sort, "worth DESC, date DESC")
    return ", ".join(part for part in (first, name, "id") if part)


def add_visibility(statement: Statement, query: Query, exact: Sequence[int], *, ended: bool) -> str:
    """Of the hits those that may be `visible`, and of these those `shown`, which pass the filters; gives the latter's name."""
    kept = "true" if ended else f"(NOT ended OR id = ANY({statement.bind(list(exact), 'bigint[]')}))"
    statement.add_cte(
        "judged",
        f"SELECT *, ({filter_condition(statement, query)}) AS passes, {kept} AS kept FROM hit",
        materialized=True,
    )
    # Where nothing is left but what has ended, that is shown: an empty page would be a lie.
    statement.add_cte("bare", "SELECT bool_or(passes) AND NOT bool_or(passes AND kept) AS bare FROM judged")
    statement.add_cte("visible", "SELECT judged.* FROM judged, bare WHERE kept OR bare.bare")
    return statement.add_cte("shown", "SELECT * FROM visible WHERE passes", materialized=True)


def page_sql(statement: Statement, query: Query, exact: Sequence[int], *, ended: bool) -> str:
    """One page of the hits, counts of facets, and what is hidden, in one row."""
    add_visibility(statement, query, exact, ended=ended)
    counts = {"": "SELECT tag, count(*) AS n FROM shown, unnest(tags) AS tag GROUP BY tag"}
    for name in query.facets:
        if name in query.filters:
            begins = statement.bind(f"{name}=", "text")
            counts[name] = (
                "SELECT tag, count(*) AS n FROM visible, unnest(tags) AS tag"
                f" WHERE starts_with(tag, {begins}) AND {filter_condition(statement, query, except_facet=name)} GROUP BY tag"
            )
    if not query.facets:
        counts = {}
    counted = ", ".join(
        f"(SELECT json_object_agg(tag, n) FROM ({select}) AS f{place}) AS f{place}"
        for place, select in enumerate(counts.values())
    )
    return statement.to_sql(
        "SELECT (SELECT count(*) FROM shown) AS total, (SELECT count(*) FROM hit) AS hits,"
        " (SELECT CASE WHEN bare.bare THEN 0 ELSE (SELECT count(*) FROM judged WHERE passes AND NOT kept) END FROM bare)"
        f" AS hidden, ARRAY(SELECT id FROM shown ORDER BY {order_by(query)} LIMIT {statement.bind(query.limit, 'bigint')}"
        f" OFFSET {statement.bind(query.offset, 'bigint')}) AS ids" + (f", {counted}" if counted else "")
    )
