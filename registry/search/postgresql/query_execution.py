"""Query execution on the tables of PostgreSQL: stages, each looser than the one before, until a record matches."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection, text

from registry.reference.text.folding import fold_name, to_plain
from registry.search.analysis import scoring, tokens
from registry.search.analysis.explanation import Explanation, explain
from registry.search.analysis.fuzzy_alternatives import fuzzy_clause, has_unknown_part
from registry.search.analysis.joined_synonyms import join_synonyms
from registry.search.analysis.query_parser import Clause, ParsedQuery, parse_query
from registry.search.analysis.sized_cache import SizedCache
from registry.search.analysis.synonyms import built_in
from registry.search.port import NEAR_STAGE, RELAXED_STAGES, NameMatches, Query, SearchResult
from registry.search.postgresql import statements
from registry.search.postgresql.build_reader import BuildReader, CurrentBuild
from registry.search.postgresql.coverage import CoverageClause, add_best_coverage, stage_of
from registry.search.postgresql.page_terms import TablePageTerms
from registry.search.postgresql.statements import ScoredTerms, Statement
from registry.search.postgresql.tables import SCHEMA, prefixed_term

MAX_PREFIX_WORDS = 50  # words of names that begin like the last word that was typed
PARSED_BYTES = 3_000  # of a parsed query in memory, roughly
RESULT_COLUMNS = 7  # of a page's row, before the facet counts


@dataclass(frozen=True, slots=True)
class _NameScores:
    """Records that the whole text names, or whose name it begins, with their scores; `exact`: those that it names."""

    scores: dict[int, float]
    exact: list[int]


class QueryExecutor:
    """Runs queries on one build, over one connection."""

    def __init__(self, connection: Connection, build: CurrentBuild, cache: SizedCache) -> None:
        self._connection, self._build, self._cache = connection, build, cache
        self._document_count = build.documents
        self._reader = BuildReader(connection, build, cache)

    def find(self, query: Query) -> SearchResult:
        """Return one page of matches with facet counts."""
        parsed = self._parse(query)
        if parsed.is_match_all:
            statement = self._statement()
            statements.add_all(statement)
            return self._page(statement, query, parsed, exact=[], stage="browse") or SearchResult()
        names = self._match_names(parsed)
        strict: Statement | None = None
        strict_stage = "exact" if names.exact else "words"
        within = query if query.near_within else None
        for stage, statement in self._stages(parsed, names.scores, within=within):
            is_strict, strict = strict is None, strict or statement
            if within and not self._any_passes(statement, within):
                continue
            named_stage = strict_stage if is_strict else stage
            result = self._page(statement, query, parsed, exact=names.exact, stage=named_stage)
            if result is not None:
                return result
        if within and strict:
            result = self._page(strict, query, parsed, exact=names.exact, stage=strict_stage)
            if result is not None:
                return result
        if query.near:
            statement = self._statement()
            statements.add_matches(statement, statements.add_clauses(statement, [[]]), {}, [])
            result = self._page(statement, query, parsed, exact=[], stage=NEAR_STAGE)
            if result is not None and result.total:
                return result
        return SearchResult(
            highlights=parsed.highlights,
            synonyms=parsed.synonyms,
            facets={name: [] for name in query.facets},
        )

    def _any_passes(self, statement: Statement, query: Query) -> bool:
        """Return True if a record that a statement matches passes the filters of the query."""
        tried = statement.copy()
        condition = statements.filter_condition(tried, query)
        select = tried.to_sql(f"SELECT EXISTS (SELECT 1 FROM matches WHERE {condition})")
        return bool(self._connection.execute(text(select), tried.params).scalar())

    def count_name_matches(self, typed: str) -> NameMatches:
        """Count the records that the whole text names."""
        names = self._match_names(parse_query(typed))
        return NameMatches(len(names.exact), len(names.scores))

    def filter_matching(self, query: Query, ids: Sequence[int]) -> list[int]:
        """Return which of these records a query matches strictly."""
        parsed = self._parse(query)
        if parsed.is_match_all:
            statement = self._statement(ids)
            statements.add_all(statement)
        else:
            requested = set(ids)
            scores = self._match_names(parsed).scores
            named = {record_id: score for record_id, score in scores.items() if record_id in requested}
            _stage, statement = next(self._stages(parsed, named, ids))
        condition = statements.filter_condition(statement, query)
        select = f"SELECT id FROM matches WHERE {condition} ORDER BY id"
        return list(self._connection.execute(text(statement.to_sql(select)), statement.params).scalars())

    def subjects(self) -> list[str]:
        """Return every subject of a record."""
        return [term.decode() for term in self._reader.terms_of("subjects")]

    def _parse(self, query: Query) -> ParsedQuery:
        """Parse a query with the synonyms that the index has; kept by generation."""
        synonyms = query.synonyms or built_in()
        key = ("parsed", self._build.build, self._build.generation, query.text, synonyms)
        parsed: ParsedQuery | None = self._cache.get(key)
        if parsed is None:
            parsed = parse_query(query.text, join_synonyms(query.text, synonyms, self._reader.occurring))
            self._cache.put(key, parsed, PARSED_BYTES)
        return parsed

    def _statement(self, only_ids: Sequence[int] | None = None) -> Statement:
        return Statement(self._build.build, only_ids)

    def _page(
        self,
        statement: Statement,
        query: Query,
        parsed: ParsedQuery,
        *,
        exact: Sequence[int],
        stage: str,
    ) -> SearchResult | None:
        """Return one page of what a statement matches; None if it matches no record, filters disregarded."""
        ended = query.include_ended or query.filters_by_status or parsed.mentions_ended
        if query.near:
            frequencies = self._reader.document_frequencies(statements.terms_of_clauses(parsed.excluded))
            excluded = [self._scored(clause, frequencies) for clause in parsed.excluded]
            statements.add_near(statement, query.near, excluded)
            if query.near_first and stage in RELAXED_STAGES:
                statements.add_behind_near(statement)
            else:
                query = replace(query, near_first=False)
        row = self._connection.execute(
            text(statements.page_sql(statement, query, exact, ended=ended)), statement.params
        ).one()
        if not row.match_count and stage not in ("browse", NEAR_STAGE):
            return None
        near_texts = self._near_texts_of(query, row.near_ids) if query.near else {}
        counts = _facet_counts(query, list(row)[RESULT_COLUMNS:])
        demo = {name: {value: n for value, _all, n in values if n} for name, values in counts.items()}
        return SearchResult(
            total=row.total,
            ids=list(row.ids),
            facets={name: [(value, n) for value, n, _demo in values] for name, values in counts.items()},
            demo_total=row.demo_total,
            demo_facets={name: values for name, values in demo.items() if values},
            ended_hidden=row.hidden,
            highlights=parsed.highlights,
            stage=stage,
            synonyms=parsed.synonyms,
            near_texts=near_texts,
            explanation=self._explain(query, parsed, row, near_texts) if query.explain else None,
        )

    def _explain(
        self, query: Query, parsed: ParsedQuery, row: Any, near_texts: Mapping[int, str]
    ) -> Explanation:
        """Explain the order of a page."""
        rows = self._connection.execute(
            text(
                f"SELECT d.id, d.terms, d.ended, {statements.is_demo('d.tags')} AS demo"
                f" FROM {SCHEMA}.doc_{self._build.build} d WHERE id = ANY(:ids)"
            ),
            {"ids": list(row.ids)},
        ).all()
        clauses = (*parsed.clauses, *parsed.phrases, *parsed.excluded)
        page = TablePageTerms(
            dict(zip(row.ids, row.scores, strict=True)), rows, self._document_count, self._reader.near_terms
        )
        page.add_frequencies(self._reader.document_frequencies(statements.terms_of_clauses(clauses)))
        return explain(parsed, page, near_texts, dict(query.near))

    def _near_texts_of(self, query: Query, ids: Sequence[int]) -> dict[int, str]:
        """Return, for each of these records, the nearest text among its subjects."""
        terms = {prefixed_term("subjects", near.text): near.text for near in query.near}
        rows = self._connection.execute(
            text(
                f"SELECT id, term FROM {SCHEMA}.doc_{self._build.build}, unnest(terms) term"
                " WHERE id = ANY(:ids) AND term = ANY(CAST(:terms AS text[]))"
            ),
            {"ids": list(ids), "terms": list(terms)},
        ).all()
        order = {near.text: place for place, near in enumerate(query.near)}
        found: dict[int, str] = {}
        for row in sorted(rows, key=lambda row: order[terms[row.term]]):
            found.setdefault(row.id, terms[row.term])
        return found

    # --- from strict to loose -------------------------------------------------------------------------------

    def _stages(
        self,
        parsed: ParsedQuery,
        named: Mapping[int, float],
        only_ids: Sequence[int] | None = None,
        *,
        within: Query | None = None,
    ) -> Iterator[tuple[str, Statement]]:
        """Yield (stage, statement), each looser than the one before; on the records `only_ids`, if given.

        `within`: the query among whose filters it is looked for what comes nearest.
        """
        required = (*parsed.clauses, *parsed.phrases)
        asked = (*required, *parsed.excluded, *parsed.light, *parsed.across)
        frequencies = self._reader.document_frequencies(statements.terms_of_clauses(asked))
        clauses = [self._scored(clause, frequencies) for clause in required]
        excluded = [self._scored(clause, frequencies) for clause in parsed.excluded]
        light = [(self._scored(clause, frequencies), clause.weight) for clause in parsed.light]

        statement = self._statement(only_ids)
        source = statements.add_clauses(statement, clauses or [[]])
        if len(parsed.clauses) > 1:
            source = statements.add_name_boost(statement, source, _names_of_clauses(parsed))
        if light:
            source = statements.add_light_words(statement, source, light)
        statements.add_matches(statement, source, named, excluded)
        yield "words", statement
        if similar := self._similar_name_scores(parsed):
            statement = self._statement()
            source = statements.add_clauses(statement, [[]])
            statements.add_matches(statement, source, similar, excluded)
            yield "spelling", statement
        if not clauses:
            return
        fuzzy = [
            fuzzy_clause(self._reader.near_terms, clause, by_character=within is not None)
            for clause in parsed.clauses
        ]
        # Full texts do not count here.
        required = tuple(clause.without_full_text() for clause in required)
        across = [clause.without_full_text() for clause in parsed.across]
        clauses = [self._scored(clause, frequencies) for clause in required]
        other_frequencies = self._reader.document_frequencies(statements.terms_of_clauses(fuzzy))
        spelled = [self._scored(clause, other_frequencies) for clause in fuzzy]
        if has_unknown_part(
            parsed, [len(typed) + len(other) for typed, other in zip(clauses, spelled, strict=False)]
        ):
            return
        # Phrases, which come last, have no other spellings.
        spelled += [[] for _phrase in parsed.phrases]
        nearest = [
            CoverageClause(typed, other, self._told_by(clause, frequencies))
            for clause, typed, other in zip(required, clauses, spelled, strict=True)
        ]
        nearest += [
            CoverageClause(
                self._scored(clause, frequencies),
                [],
                self._told_by(clause, frequencies),
                counts_in_total=False,
            )
            for clause in across
        ]
        for all_spellings in (False, True):
            statement = self._statement(only_ids)
            condition = statements.filter_condition(statement, within) if within else ""
            source = add_best_coverage(statement, nearest, condition, all_spellings=all_spellings)
            if stage := stage_of(self._connection, statement, nearest):
                if light:
                    source = statements.add_light_words(statement, source, light)
                statements.add_matches(statement, source, {}, excluded)
                yield stage, statement
                return

    def _told_by(self, clause: Clause, frequencies: Mapping[str, int]) -> float:
        """Return what a clause tells: by the rarest term of its most common alternative."""
        frequency = max((each.document_frequency for each in self._scored(clause, frequencies)), default=0)
        return scoring.told_by(clause, self._document_count, frequency)

    def _scored(self, clause: Clause, frequencies: Mapping[str, int]) -> list[ScoredTerms]:
        return statements.scored_terms(clause, frequencies, self._document_count)

    # --- names --------------------------------------------------------------------------------------------------

    def _match_names(self, parsed: ParsedQuery) -> _NameScores:
        scores: dict[int, float] = {}

        def add(ids: Iterable[int], score: float) -> None:
            for record_id in ids:
                scores[record_id] = scores.get(record_id, 0.0) + score

        for index, number in enumerate(parsed.numbers):
            if ids := self._reader.ids_with_term(prefixed_term("code", number)):
                add(ids, scoring.EXACT_NUMBER_SCORE / (1 + index))
                break
        if not scores:
            for part in parsed.number_parts:
                for number in self._reader.codes_containing(part):
                    ids = self._reader.ids_with_term(prefixed_term("code", number))
                    add(ids, scoring.EXACT_NUMBER_SCORE / 10 * len(part) / len(number))
        if parsed.folded_name:
            ids = self._reader.ids_with_term(prefixed_term("exact", parsed.folded_name))
            add(ids, scoring.EXACT_NAME_SCORE)
        if parsed.pinyin:
            add(self._reader.ids_by_pinyin(parsed.pinyin), scoring.EXACT_PINYIN_SCORE)
        exact = sorted(scores)
        if len(parsed.folded_name) >= scoring.MIN_PREFIX_LENGTH:
            for record_id, size in self._reader.ids_with_prefix(prefixed_term("exact", parsed.folded_name)):
                prefix_length = len(parsed.folded_name.encode())
                add([record_id], scoring.NAME_PREFIX_SCORE * prefix_length / max(size, 1))
        return _NameScores(scores, exact)

    def _similar_name_scores(self, parsed: ParsedQuery) -> dict[int, float]:
        """Return records whose name sounds like the Chinese name that was typed, is it in full, or differs in one character."""
        name = parsed.folded_name
        in_range = scoring.MIN_PREFIX_LENGTH <= len(name) <= tokens.MAX_PINYIN_NAME_LENGTH
        if not in_range or not tokens.is_chinese(name):
            return {}
        scores = dict.fromkeys(
            self._reader.ids_by_pinyin(tokens.joined_pinyin(name)), scoring.SIMILAR_NAME_SCORE
        )
        for record_id in self._reader.ids_with_term(prefixed_term("exact", tokens.SHORT_NAME_MARK + name)):
            scores[record_id] = scores.get(record_id, 0.0) + scoring.SHORT_NAME_SCORE
        if len(name) >= scoring.MIN_SIMILAR_NAME_LENGTH:
            for near in self._reader.near_terms("exact", name):
                for record_id in self._reader.ids_with_term(prefixed_term("exact", near)):
                    scores[record_id] = scores.get(record_id, 0.0) + scoring.SIMILAR_NAME_SCORE / 2
        return scores

    # --- suggestions ------------------------------------------------------------------------------------------

    def suggest(self, typed: str, lang: str, limit: int) -> list[int]:
        """Return ids of records whose name or number begins with the text, or whose name contains it; best first."""
        scores: dict[int, float] = {}
        for prefix in scoring.prefix_terms(typed):
            prefix_length = len(prefix.prefix.encode())
            for record_id, size in self._reader.ids_with_prefix(prefixed_term(prefix.field, prefix.prefix)):
                score = prefix.score * prefix_length / max(size, 1)
                scores[record_id] = max(scores.get(record_id, 0.0), score)
        statement = self._statement()
        containing = [
            ScoredTerms(terms, scoring.NAME_CONTAINS_SCORE, 1)
            for terms in self._terms_containing_name(typed)
            if terms
        ]
        statements.add_suggestions(statement, scores, containing)
        select = statements.suggestions_sql(statement, Query(lang=lang, limit=limit))
        return list(self._connection.execute(text(select), statement.params).scalars())

    def _terms_containing_name(self, typed: str) -> Iterator[list[str]]:
        """Yield lists of terms that stand together in a name with this text; its last word may be a prefix."""
        latin = scoring.latin_only(typed)
        if not latin:
            name = fold_name(to_plain(typed))
            yield [prefixed_term("names", gram) for gram in tokens.bigrams(name)] if name else []
            return
        yield [prefixed_term("pinyin", latin)]
        *before, last = tokens.split_runs(typed)
        whole_words = [prefixed_term("names", tokens.latin_term(word)) for word in before]
        prefix = prefixed_term("names", last)
        for term in {
            *self._reader.common_terms(prefix, MAX_PREFIX_WORDS),
            prefixed_term("names", tokens.latin_term(last)),
        }:
            yield [*whole_words, term]


def _names_of_clauses(parsed: ParsedQuery) -> list[str]:
    """Return the terms of records of which a clause is the whole name, or its pinyin."""
    return [
        prefixed_term("exact", mark + clause.text)
        for clause in parsed.clauses
        for mark in ("", tokens.PINYIN_MARK)
    ]


def _facet_counts(
    query: Query, counts: Sequence[Mapping[str, Sequence[int]] | None]
) -> dict[str, list[tuple[str, int, int]]]:
    """Return facet → its values, each with the number of records and of invented ones among them, most first.

    `counts`: tag → the two numbers, first for all facets without a filter, then for each facet that is filtered by.
    """
    by_facet: dict[str, list[tuple[str, int, int]]] = {name: [] for name in query.facets}
    sources = ["", *(name for name in query.facets if name in query.filters)]
    for name, of_source in zip(sources, counts, strict=False):
        for tag, (count, demo) in (of_source or {}).items():
            facet, _sign, value = tag.partition("=")
            if facet in by_facet and (facet == name or (not name and facet not in query.filters)):
                by_facet[facet].append((value, count, demo))
    return {name: sorted(values, key=lambda pair: (-pair[1], pair[0])) for name, values in by_facet.items()}
