"""SQL of a query for PostgreSQL: the same scores as in the embedded engine, added up by the database."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from registry.search.analysis import scoring
from registry.search.analysis.document import DEMO_FACET, DEMO_VALUE
from registry.search.analysis.query_parser import Clause
from registry.search.analysis.ranges import parse_range
from registry.search.port import NearText, Query
from registry.search.postgresql.tables import SCHEMA, prefixed_term, sanitize

NAME_COLUMNS = {"zh": "key_zh", "en": "key_en"}
MAX_DATE = 99_999_999
NEAR = "near_matches"  # the expression of records that are only near in meaning
SIMILAR = "near_subjects"  # of all that are near, matches among them
BEHIND_NEAR = "behind_near"  # of the matches of a weak way, so that these come first
COUNTS = "json_build_array(count(*), count(*) FILTER (WHERE demo))"  # of all records, of invented ones
MAX_INTEGER = 2_147_483_647  # sorts behind every rank


@dataclass(slots=True)
class ScoredTerms:
    """Terms that must stand together in a record, their score, and at most how many records have them."""

    terms: list[str]
    score: float
    document_frequency: int


@dataclass(slots=True)
class Statement:
    """Common table expressions one after another, with their parameters; on the records `only_ids`, if given."""

    build: str
    only_ids: Sequence[int] | None = None
    parts: list[str] = field(default_factory=list)
    params: dict[str, Any] = field(default_factory=dict)

    def copy(self) -> Statement:
        """Return a statement that begins like this one, to which others can be added."""
        return Statement(self.build, self.only_ids, [*self.parts], {**self.params})

    @property
    def doc(self) -> str:
        """Name of the table of documents."""
        return f"{SCHEMA}.doc_{self.build}"

    @property
    def name(self) -> str:
        """Name of the table of names."""
        return f"{SCHEMA}.name_{self.build}"

    def bind(self, value: Any, sql_type: str) -> str:
        """Add a parameter; return the SQL that stands for it."""
        name = f"p{len(self.params)}"
        self.params[name] = value
        return f"CAST(:{name} AS {sql_type})"

    def only_condition(self) -> str:
        """Return the condition that a record is one of `only_ids`."""
        return "true" if self.only_ids is None else f"id = ANY({self.bind(list(self.only_ids), 'bigint[]')})"

    def add_cte(self, name: str, select: str, *, materialized: bool = False) -> str:
        """Add a common table expression; return its name."""
        self.parts.append(f"{name} AS {'MATERIALIZED ' if materialized else ''}({select})")
        return name

    def to_sql(self, select: str) -> str:
        """Return the whole statement with this final select."""
        return f"WITH {', '.join(self.parts)} {select}" if self.parts else select


def scored_terms(clause: Clause, frequencies: Mapping[str, int], document_count: int) -> list[ScoredTerms]:
    """Return every alternative of a clause in every field in which all its terms are known."""
    scored = []
    for alternative in clause.alternatives:
        for field_name in alternative.fields:
            terms = [prefixed_term(field_name, word) for word in alternative.terms]
            frequency = min((frequencies.get(term, 0) for term in terms), default=0)
            if frequency > 0:
                score = scoring.field_score(alternative, field_name, document_count, frequency)
                scored.append(ScoredTerms(terms, score, frequency))
    return scored


def terms_of_clauses(clauses: Iterable[Clause]) -> set[str]:
    """Return every term that these clauses ask for, with the prefix of its field."""
    return {
        prefixed_term(field_name, word)
        for clause in clauses
        for alternative in clause.alternatives
        for field_name in alternative.fields
        for word in alternative.terms
    }


def clause_cte(statement: Statement, name: str, scored: Sequence[ScoredTerms], within: str) -> str:
    """Add the records of a clause, each with its best score; only those of the expression `within`, if named."""
    only = f" AND id IN (SELECT id FROM {within})" if within else f" AND {statement.only_condition()}"
    selects = " UNION ALL ".join(
        f"SELECT id, {statement.bind(each.score, 'real')} AS score FROM {statement.doc}"
        f" WHERE terms @> {statement.bind(each.terms, 'text[]')}{only}"
        for each in scored
    )
    best = f"SELECT id, max(score) AS score FROM ({selects}) AS s GROUP BY id" if selects else _empty_select()
    return statement.add_cte(name, best, materialized=True)


def _empty_select() -> str:
    return "SELECT CAST(NULL AS bigint) AS id, CAST(NULL AS real) AS score WHERE false"


def add_clauses(statement: Statement, clauses: Sequence[Sequence[ScoredTerms]]) -> str:
    """Add the records that match all clauses, with the sum of their scores."""
    rarest_first = sorted(clauses, key=lambda clause: sum(each.document_frequency for each in clause))
    names: list[str] = []
    for index, clause in enumerate(rarest_first):
        within = names[-1] if names else ""
        names.append(clause_cte(statement, f"c{index}", clause, within))
    selects = " UNION ALL ".join(f"SELECT id, score FROM {name}" for name in names)
    return statement.add_cte(
        "words",
        f"SELECT id, sum(score) AS score FROM ({selects}) AS c GROUP BY id HAVING count(*) >= {len(clauses)}",
    )


def add_name_boost(statement: Statement, source: str, names: Sequence[str]) -> str:
    """Add the records of an expression, with a higher score where one of the clauses is their whole name."""
    return statement.add_cte(
        "boosted",
        f"SELECT {source}.id, score + coalesce(boost, 0) AS score FROM {source} LEFT JOIN"
        f" (SELECT id, count(*) * {scoring.CLAUSE_IS_NAME_BOOST} AS boost FROM {statement.name}"
        f" WHERE term = ANY({statement.bind(list(names), 'text[]')}) GROUP BY id) AS b USING (id)",
    )


def add_light_words(
    statement: Statement, source: str, light: Sequence[tuple[Sequence[ScoredTerms], float]]
) -> str:
    """Add the records of an expression, with a higher score where they have words that tell little, by their weight."""
    names = [
        clause_cte(statement, f"light{index}", scored, source)
        for index, (scored, _weight) in enumerate(light)
    ]
    added = "".join(
        f" + coalesce({name}.score, 0) * {statement.bind(weight, 'real')}"
        for name, (_scored, weight) in zip(names, light, strict=True)
    )
    joins = "".join(f" LEFT JOIN {name} ON {name}.id = {source}.id" for name in names)
    return statement.add_cte(
        "raised", f"SELECT {source}.id, {source}.score{added} AS score FROM {source}{joins}"
    )


def add_matches(
    statement: Statement,
    source: str,
    named: Mapping[int, float],
    excluded: Sequence[Sequence[ScoredTerms]],
) -> str:
    """Add the records of words and of names together, without those that have an excluded word."""
    ids, scores = statement.bind(list(named), "bigint[]"), statement.bind(list(named.values()), "real[]")
    return statement.add_cte(
        "matches",
        f"SELECT d.id, s.score - {penalty('d')} AS score,"
        f" d.ended, d.date, d.rank, d.key_zh, d.key_en, d.tags, d.links, {is_demo('d.tags')} AS demo"
        " FROM (SELECT id, sum(score) AS score FROM"
        f" (SELECT id, score FROM {source} UNION ALL SELECT * FROM unnest({ids}, {scores})) AS b"
        f" GROUP BY id) AS s JOIN {statement.doc} AS d USING (id) WHERE true{_without(statement, excluded)}",
        materialized=True,
    )


def add_near(
    statement: Statement, near: Sequence[NearText], excluded: Sequence[Sequence[ScoredTerms]]
) -> str:
    """Add the records that have one of these texts among their subjects, without those that are matches already."""
    subjects = statement.bind([prefixed_term("subjects", each.text) for each in near], "text[]")
    similarities = statement.bind([each.similarity for each in near], "real[]")
    statement.add_cte(
        SIMILAR,
        f"SELECT id, max(similarity) AS similarity FROM unnest({subjects}, {similarities}) AS n (term, similarity)"
        f" JOIN {statement.doc} ON terms @> ARRAY[term] GROUP BY id",
        materialized=True,
    )
    return statement.add_cte(
        NEAR,
        f"SELECT d.id, {scoring.NEAR_SCORE} + {scoring.NEAR_WEIGHT} * s.similarity - {penalty('d')} AS score,"
        f" d.ended, d.date, d.rank, d.key_zh, d.key_en, d.tags, d.links, {is_demo('d.tags')} AS demo"
        f" FROM {SIMILAR} AS s JOIN {statement.doc} AS d USING (id)"
        f" WHERE NOT EXISTS (SELECT 1 FROM matches m WHERE m.id = d.id){_without(statement, excluded)}",
        materialized=True,
    )


def add_behind_near(statement: Statement) -> str:
    """Add the matches so that those that are near in meaning too come first, the others behind all near ones."""
    return statement.add_cte(
        BEHIND_NEAR,
        f"SELECT m.id, CAST(m.score + coalesce({scoring.NEAR_WEIGHT} * s.similarity, -{scoring.BEHIND_NEAR}) AS real) AS score,"
        " m.ended, m.date, m.rank, m.key_zh, m.key_en, m.tags, m.links, m.demo"
        f" FROM matches AS m LEFT JOIN {SIMILAR} AS s USING (id)",
    )


def _without(statement: Statement, excluded: Sequence[Sequence[ScoredTerms]]) -> str:
    """Return the SQL of the condition that a record `d` has no excluded word."""
    return "".join(
        f" AND NOT d.terms @> {statement.bind(each.terms, 'text[]')}"
        for clause in excluded
        for each in clause
    )


def add_all(statement: Statement) -> str:
    """Add every record, with a score of 0."""
    return statement.add_cte(
        "matches",
        "SELECT id, CAST(0 AS real) AS score, ended, date, rank, key_zh, key_en, tags, links,"
        f" {is_demo('tags')} AS demo"
        f" FROM {statement.doc} WHERE {statement.only_condition()}",
    )


def add_suggestions(
    statement: Statement, scores: Mapping[int, float], containing: Iterable[ScoredTerms]
) -> str:
    """Add records with scores, and those whose name contains terms, each with its best score."""
    ids = statement.bind(list(scores), "bigint[]")
    values = statement.bind(list(scores.values()), "real[]")
    selects = "".join(
        f" UNION ALL SELECT id, {statement.bind(each.score, 'real')} FROM {statement.doc}"
        f" WHERE terms @> {statement.bind(each.terms, 'text[]')}"
        for each in containing
    )
    return statement.add_cte(
        "suggested",
        "SELECT id, max(score) AS score FROM"
        f" (SELECT * FROM unnest({ids}, {values}) AS b (id, score){selects}) AS s GROUP BY id",
    )


def suggestions_sql(statement: Statement, query: Query) -> str:
    """Return the SQL of the ids of the best suggestions, at most `query.limit`."""
    return statement.to_sql(
        "SELECT id FROM (SELECT d.id,"
        f" s.score - {penalty('d')} AS score,"
        f" d.date, d.key_zh, d.key_en, {is_demo('d.tags')} AS demo FROM suggested s JOIN {statement.doc} d USING (id)) AS r"
        f" ORDER BY {order_by(query)} LIMIT {statement.bind(query.limit, 'bigint')}"
    )


def is_demo(tags: str) -> str:
    """Return the SQL that tells whether a column of tags is that of an invented record."""
    return f"'{DEMO_FACET}={DEMO_VALUE}' = ANY({tags})"


def penalty(doc: str) -> str:
    """Return the SQL of what the score of an ended or an invented record is lowered by."""
    return (
        f"(CASE WHEN {doc}.ended THEN {scoring.ENDED_PENALTY} ELSE 0 END"
        f" + CASE WHEN {is_demo(doc + '.tags')} THEN {scoring.DEMO_PENALTY} ELSE 0 END)"
    )


def filter_condition(statement: Statement, query: Query, except_facet: str = "") -> str:
    """Return the condition of the query's filters, without that of one facet."""
    conditions = ["true"]
    for name, values in query.filters.items():
        if name != except_facet:
            conditions.append(_facet_condition(statement, name, values))
    if query.since or query.until:
        since, until = max(query.since, 1), query.until or MAX_DATE
        conditions.append(
            f"date BETWEEN {statement.bind(since, 'integer')} AND {statement.bind(until, 'integer')}"
        )
    return " AND ".join(conditions)


def _facet_condition(statement: Statement, name: str, values: Sequence[str]) -> str:
    """Return the condition that a record has any of these values of a facet, or one in a range of them."""
    column = "links" if name == "linked" else "tags"
    ranges = [found for value in values if (found := parse_range(value)) is not None]
    plain = [sanitize(f"{name}={value}") for value in values if parse_range(value) is None]
    conditions = [f"{column} && {statement.bind(plain, 'text[]')}"] if plain or not ranges else []
    for within in ranges:
        prefix = statement.bind(f"{name}=", "text")
        number = f"CAST(substr(t, {len(name) + 2}) AS bigint)"
        first, last = statement.bind(within.first, "bigint"), statement.bind(within.last, "bigint")
        conditions.append(
            f"EXISTS (SELECT 1 FROM unnest({column}) AS t WHERE CASE WHEN starts_with(t, {prefix})"
            f" AND substr(t, {len(name) + 2}) ~ '^[0-9]{{1,9}}$' THEN {number} BETWEEN {first} AND {last} ELSE false END)"
        )
    return f"({' OR '.join(conditions)})"


def order_by(query: Query) -> str:
    """Return the order of a page: by `query.sort`, real records first, then newest first, by name and by id."""
    name = NAME_COLUMNS["zh" if query.lang == "zh" else "en"]
    first = {
        "date": "date",
        "-date": "date DESC",
        "rank": f"CASE WHEN rank = 0 THEN {MAX_INTEGER} ELSE rank END",
    }
    if query.sort == "name":
        return f"{name}, demo, id"
    if query.sort in first:
        return f"{first[query.sort]}, demo, {name}, id"
    return f"score DESC, demo, date DESC, {name}, id"


def add_visibility(statement: Statement, query: Query, exact: Sequence[int], *, ended: bool) -> str:
    """Add the `visible` matches, and those of them that pass the filters, `shown`; return the latter's name."""
    may_show = "true" if ended else f"(NOT ended OR id = ANY({statement.bind(list(exact), 'bigint[]')}))"
    matches = BEHIND_NEAR if query.near_first else "matches"
    visible = _add_checked(statement, query, may_show, (matches, "checked", "fallback"))
    if query.near:
        may_show_near = "true" if ended else "NOT ended"
        near = _add_checked(statement, query, may_show_near, (NEAR, "near_checked", "near_fallback"))
        visible = f"{visible} UNION ALL {near}"
    statement.add_cte("visible", visible)
    return statement.add_cte("shown", "SELECT * FROM visible WHERE passes", materialized=True)


def _add_checked(statement: Statement, query: Query, may_show: str, names: tuple[str, str, str]) -> str:
    """Add whether each record of an expression passes the filters and may be shown; return the SQL of those that are.

    `names`: of the expression, and of the two that are added. Where only ended records pass the filters, they are shown:
    an empty page would be a lie.
    """
    source, checked, fallback = names
    statement.add_cte(
        checked,
        f"SELECT *, ({filter_condition(statement, query)}) AS passes, {may_show} AS may_show FROM {source}",
        materialized=True,
    )
    statement.add_cte(
        fallback, f"SELECT bool_or(passes) AND NOT bool_or(passes AND may_show) AS only_ended FROM {checked}"
    )
    return f"SELECT {checked}.* FROM {checked}, {fallback} WHERE may_show OR only_ended"


def page_sql(statement: Statement, query: Query, exact: Sequence[int], *, ended: bool) -> str:
    """Return the SQL of one page of the matches with facet counts and the number of hidden records, in one row."""
    add_visibility(statement, query, exact, ended=ended)
    selects = []
    if query.facets:
        selects.append(f"SELECT tag, {COUNTS} AS n FROM shown, unnest(tags) AS tag GROUP BY tag")
    for name in query.facets:
        if name in query.filters:
            prefix = statement.bind(f"{name}=", "text")
            condition = filter_condition(statement, query, except_facet=name)
            selects.append(
                f"SELECT tag, {COUNTS} AS n FROM visible, unnest(tags) AS tag"
                f" WHERE starts_with(tag, {prefix}) AND {condition} GROUP BY tag"
            )
    counts = "".join(
        f", (SELECT json_object_agg(tag, n) FROM ({select}) AS f{index}) AS f{index}"
        for index, select in enumerate(selects)
    )
    limit, offset = statement.bind(query.limit, "bigint"), statement.bind(query.offset, "bigint")
    page = f"FROM shown ORDER BY {order_by(query)} LIMIT {limit} OFFSET {offset}"
    near = f"SELECT id FROM (SELECT id, score {page}) AS p WHERE score BETWEEN {scoring.LEAST_NEAR_SCORE} AND {scoring.NEAR_SCORE / 2}"
    return statement.to_sql(
        "SELECT (SELECT count(*) FROM shown) AS total, (SELECT count(*) FROM shown WHERE demo) AS demo_total, (SELECT count(*) FROM matches) AS match_count,"
        " (SELECT CASE WHEN only_ended THEN 0 ELSE"
        " (SELECT count(*) FROM checked WHERE passes AND NOT may_show) END FROM fallback) AS hidden,"
        f" ARRAY(SELECT id {page}) AS ids, {f'ARRAY({near})' if query.near else 'NULL'} AS near_ids,"
        f" {f'ARRAY(SELECT score {page})' if query.explain else 'NULL'} AS scores{counts}"
    )
