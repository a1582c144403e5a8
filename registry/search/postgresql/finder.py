"""Finding in the tables of PostgreSQL: a question in stages, each looser than the one before, until something is found."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, text

from registry.reference.text.folding import fold_name
from registry.search.analysis import scoring, tokens
from registry.search.analysis.fuzzy_alternatives import fuzzy_clause, has_unknown_part
from registry.search.analysis.lru import SizedCache
from registry.search.analysis.query_parser import ParsedQuery, parse_query
from registry.search.embedded import lexicon
from registry.search.port import NameMatches, Query, SearchResult
from registry.search.postgresql import statements
from registry.search.postgresql.statements import ScoredTerms, Statement
from registry.search.postgresql.tables import SCHEMA, prefixed_term

MAX_NAME_MATCHES = 2_000
MAX_PREFIX_WORDS = 50  # words of names that begin as the last word that was typed
MAX_PARTIAL_CODES = 50
MAX_CHARACTER = "\U0010ffff"


@dataclass(frozen=True, slots=True)
class CurrentBuild:
    """The build that is read, and how often it was written to."""

    build: str
    generation: int
    documents: int


def includes_ended(query: Query) -> bool:
    """Who filters by a status wants to see it, ended or not."""
    return query.include_ended or bool(query.filters.get("status") or query.filters.get("standing"))


class QueryExecutor:
    """Finds in one build, over one connection."""

    def __init__(self, connection: Connection, build: CurrentBuild, cache: SizedCache) -> None:
        self._connection, self._build, self._cache = connection, build, cache
        self._document_count = build.documents

    def find(self, query: Query) -> SearchResult:
        question = parse_query(query.text, query.synonyms)
        ended = includes_ended(query) or question.mentions_ended
        if question.is_match_all:
            statement = self._statement()
            statements.add_all(statement)
            return self._page(statement, query, question, [], ended=ended, stage="browse") or SearchResult()
        named, exact = self._match_names(question)
        for stage, statement in self._stages(question, named):
            found = self._page(
                statement,
                query,
                question,
                exact,
                ended=ended,
                stage="exact" if exact and stage == "words" else stage,
            )
            if found is not None:
                return found
        return SearchResult(
            highlights=question.highlights,
            synonyms=question.synonyms,
            facets={each: [] for each in query.facets},
        )

    def count_name_matches(self, typed: str) -> NameMatches:
        found, exact = self._match_names(parse_query(typed))
        return NameMatches(len(exact), len(found))

    def filter_matching(self, query: Query, ids: Sequence[int]) -> list[int]:
        question = parse_query(query.text, query.synonyms)
        if question.is_match_all:
            statement = self._statement(ids)
            statements.add_all(statement)
        else:
            named, _exact = self._match_names(question)
            asked = set(ids)
            named = {one: each for one, each in named.items() if one in asked}
            _stage, statement = next(self._stages(question, named, ids))
        select = f"SELECT id FROM hit WHERE {statements.filter_condition(statement, query)} ORDER BY id"
        return list(self._connection.execute(text(statement.to_sql(select)), statement.params).scalars())

    def _statement(self, only_ids: Sequence[int] | None = None) -> Statement:
        return Statement(self._build.build, only_ids)

    def _page(
        self,
        statement: Statement,
        query: Query,
        parsed: ParsedQuery,
        exact: Sequence[int],
        *,
        ended: bool,
        stage: str,
    ) -> SearchResult | None:
        """What a statement finds; None where it finds no record at all, filters left aside."""
        row = self._connection.execute(
            text(statements.page_sql(statement, query, exact, ended=ended)), statement.params
        ).one()
        if not row.hits and stage != "browse":
            return None
        counted: dict[str, list[tuple[str, int]]] = {name: [] for name in query.facets}
        answers = list(row)[4:]
        sources = ["", *(name for name in query.facets if name in query.filters)]
        for name, numbers in zip(sources, answers, strict=False):
            for tag, number in (numbers or {}).items():
                facet, _sign, value = tag.partition("=")
                if facet in counted and (facet == name or (not name and facet not in query.filters)):
                    counted[facet].append((value, number))
        return SearchResult(
            total=row.total,
            ids=list(row.ids),
            facets={
                name: sorted(values, key=lambda each: (-each[1], each[0])) for name, values in counted.items()
            },
            ended_hidden=row.hidden,
            highlights=parsed.highlights,
            stage=stage,
            synonyms=parsed.synonyms,
        )

    # --- from strict to loose -------------------------------------------------------------------------------

    def _stages(
        self, parsed: ParsedQuery, named_scores: dict[int, float], only_ids: Sequence[int] | None = None
    ) -> Iterator[tuple[str, Statement]]:
        """Statements, each looser than the one before; over these records `only`, where they are given."""
        asked = (*parsed.clauses, *parsed.phrases)
        holding = self._document_frequencies(statements.terms_of_clauses((*asked, *parsed.excluded)))
        groups = [statements.scored_terms(group, holding, self._document_count) for group in asked]
        without = [statements.scored_terms(group, holding, self._document_count) for group in parsed.excluded]
        names = [
            each
            for group in parsed.clauses
            for each in (
                prefixed_term("exact", group.text),
                prefixed_term("exact", tokens.PINYIN_MARK + group.text),
            )
        ]

        def strict(
            of: Sequence[Sequence[ScoredTerms]], share: float = 1.0, *, lift: bool = False
        ) -> Statement:
            statement = self._statement(only_ids)
            source = (
                statements.add_clauses(statement, of, share)
                if of
                else statements.add_clauses(statement, [[]])
            )
            if lift and len(parsed.clauses) > 1:
                source = statements.add_name_boost(statement, source, names)
            statements.add_matches(statement, source, named_scores if lift else {}, without)
            return statement

        yield "words", strict(groups, lift=True)
        if near := self._similar_name_scores(parsed):
            statement = self._statement()
            statements.add_matches(statement, statements.add_clauses(statement, [[]]), near, without)
            yield "spelling", statement
        if not groups:
            return
        other = [fuzzy_clause(self._near_terms, group) for group in parsed.clauses]
        holding = self._document_frequencies(statements.terms_of_clauses(other))
        both = [
            [*own, *statements.scored_terms(group, holding, self._document_count)]
            for own, group in zip(
                groups, other, strict=False
            )  # phrases, which come last, are not spelled otherwise
        ]
        if has_unknown_part(parsed, [len(each) for each in both]):
            return
        if len(groups) > 1:
            yield "most", strict(groups, scoring.MOST_CLAUSES_SHARE)
        yield "spelling", strict(both)
        yield "spelling", strict(both, scoring.ANY_CLAUSE_SHARE)

    def _document_frequencies(self, terms: Iterable[str]) -> dict[str, int]:
        """How many records have each term; those that none has are left out."""
        asked = sorted(terms)
        if not asked:
            return {}
        word = f"{SCHEMA}.word_{self._build.build}"
        rows = self._connection.execute(
            text(
                f"SELECT term, holding FROM {word} WHERE term = ANY(CAST(:terms AS text[])) AND holding > 0"
            ),
            {"terms": asked},
        )
        return {row.term: row.holding for row in rows}

    # --- what is named ----------------------------------------------------------------------------------------

    def _ids_with_terms(self, *terms: str) -> list[int]:
        """Records with any of these names or numbers."""
        return list(
            self._connection.execute(
                text(
                    f"SELECT DISTINCT id FROM {SCHEMA}.name_{self._build.build} WHERE term = ANY(CAST(:terms AS text[]))"
                ),
                {"terms": list(terms)},
            ).scalars()
        )

    def _ids_with_prefix(self, prefix: str) -> list[tuple[int, int]]:
        """Records with a name or number that begins so, and the bytes of each one's shortest."""
        rows = self._connection.execute(
            text(
                f"SELECT id, min(octet_length(term)) - 1 AS size FROM {SCHEMA}.name_{self._build.build}"
                " WHERE term >= :begins AND term < :ends GROUP BY id ORDER BY size, id LIMIT :most"
            ),
            {"begins": prefix, "ends": prefix + MAX_CHARACTER, "most": MAX_NAME_MATCHES},
        )
        return [(row.id, row.size) for row in rows]

    def _match_names(self, parsed: ParsedQuery) -> tuple[dict[int, float], list[int]]:
        """Records that the whole text names or begins to name, with their worth; and those that it names exactly."""
        found: dict[int, float] = {}

        def add(ids: Iterable[int], each: float) -> None:
            for one in ids:
                found[one] = found.get(one, 0.0) + each

        for place, number in enumerate(parsed.numbers):
            if ids := self._ids_with_terms(prefixed_term("code", number)):
                add(ids, scoring.EXACT_NUMBER_SCORE / (1 + place))
                break
        if not found:
            for piece in parsed.number_parts:
                for number in self._codes_containing(piece):
                    add(
                        self._ids_with_terms(prefixed_term("code", number)),
                        scoring.EXACT_NUMBER_SCORE / 10 * len(piece) / len(number),
                    )
        if parsed.folded_name:
            add(self._ids_with_terms(prefixed_term("exact", parsed.folded_name)), scoring.EXACT_NAME_SCORE)
        if parsed.pinyin:
            add(self._ids_by_pinyin(parsed.pinyin), scoring.EXACT_PINYIN_SCORE)
        exact = sorted(found)
        if len(parsed.folded_name) >= scoring.MIN_PREFIX_LENGTH:
            for one, size in self._ids_with_prefix(prefixed_term("exact", parsed.folded_name)):
                add([one], scoring.NAME_PREFIX_SCORE * len(parsed.folded_name.encode()) / max(size, 1))
        return found, exact

    def _codes_containing(self, piece: str) -> list[str]:
        """Identifiers that contain this text."""
        sign = prefixed_term("code", "")
        rows = self._connection.execute(
            text(
                f"SELECT term FROM {SCHEMA}.word_{self._build.build} WHERE term >= :sign AND term < :ends"
                " AND position(:piece IN term) > 1 AND holding > 0 ORDER BY term LIMIT :most"
            ),
            {"sign": sign, "ends": sign + MAX_CHARACTER, "piece": piece, "most": MAX_PARTIAL_CODES},
        )
        return [row.term[1:] for row in rows]

    def _ids_by_pinyin(self, pinyin: str) -> list[int]:
        return self._ids_with_terms(
            prefixed_term("exact", tokens.PINYIN_MARK + pinyin[: tokens.MAX_TERM_LENGTH])
        )

    def _similar_name_scores(self, parsed: ParsedQuery) -> dict[int, float]:
        """Records whose name sounds like a Chinese one that was typed, or has one character that differs."""
        whole = parsed.folded_name
        if not scoring.MIN_PREFIX_LENGTH <= len(
            whole
        ) <= tokens.MAX_PINYIN_NAME_LENGTH or not tokens.is_chinese(whole):
            return {}
        found = dict.fromkeys(self._ids_by_pinyin(tokens.joined_pinyin(whole)), scoring.SIMILAR_NAME_SCORE)
        if len(whole) >= scoring.MIN_SIMILAR_NAME_LENGTH:
            for near in self._near_terms("exact", whole):
                for one in self._ids_with_terms(prefixed_term("exact", near)):
                    found[one] = found.get(one, 0.0) + scoring.SIMILAR_NAME_SCORE / 2
        return found

    def _near_terms(self, field: str, word: str) -> list[str]:
        """Terms of a field that are spelled almost like this one, nearest first."""
        sign = prefixed_term(field, "")
        key = ("lexicon", self._build.build, self._build.documents, field)
        words = self._cache.get(key)
        if words is None:
            rows = self._connection.execute(
                text(
                    f"SELECT term FROM {SCHEMA}.word_{self._build.build}"
                    " WHERE term >= :sign AND term < :ends AND holding > 0"
                ),
                {"sign": sign, "ends": sign + MAX_CHARACTER},
            )
            words = lexicon.group_by_length((row.term[1:].encode() for row in rows), field)
            self._cache.put(key, words, lexicon.WORD_BYTES * (1 + sum(map(len, words.values()))))
        nearest = lexicon.near_words(words, word)
        return sorted(nearest, key=lambda each: (nearest[each], each))

    # --- suggestions ------------------------------------------------------------------------------------------

    def suggest(self, typed: str, lang: str, limit: int) -> list[int]:
        found: dict[int, float] = {}
        for field, begins, most in scoring.prefix_terms(typed):
            for one, size in self._ids_with_prefix(prefixed_term(field, begins)):
                found[one] = max(found.get(one, 0.0), most * len(begins.encode()) / max(size, 1))
        statement = self._statement()
        inside = [
            ScoredTerms(terms, scoring.NAME_CONTAINS_SCORE, 1)
            for terms in self._terms_containing_name(typed)
            if terms
        ]
        ids, worths = statement.bind(list(found), "bigint[]"), statement.bind(list(found.values()), "real[]")
        each = "".join(
            f" UNION ALL SELECT id, {statement.bind(cell.score, 'real')} FROM {statement.doc}"
            f" WHERE terms @> {statement.bind(cell.terms, 'text[]')}"
            for cell in inside
        )
        statement.add_cte(
            "found",
            f"SELECT id, max(worth) AS worth FROM (SELECT * FROM unnest({ids}, {worths}) AS b (id, worth){each}) AS c GROUP BY id",
        )
        order = statements.order_by(Query(lang=lang))
        select = (
            "SELECT id FROM (SELECT d.id, f.worth - CASE WHEN d.ended THEN"
            f" {scoring.ENDED_PENALTY} ELSE 0 END AS worth, d.date, d.key_zh, d.key_en FROM found f JOIN {statement.doc} d USING (id))"
            f" AS s ORDER BY {order} LIMIT {statement.bind(limit, 'bigint')}"
        )
        return list(self._connection.execute(text(statement.to_sql(select)), statement.params).scalars())

    def _terms_containing_name(self, typed: str) -> Iterator[list[str]]:
        """Terms that stand together in a name in which this stands; the last word may be a beginning."""
        latin = scoring.latin_only(typed)
        if not latin:
            name = fold_name(typed)
            yield [prefixed_term("names", gram) for gram in tokens.bigrams(name)] if name else []
            return
        yield [prefixed_term("pinyin", latin)]
        *before, last = tokens.split_runs(typed)
        others = [prefixed_term("names", tokens.latin_term(word)) for word in before]
        begins = prefixed_term("names", last)
        rows = self._connection.execute(
            text(
                f"SELECT term FROM {SCHEMA}.word_{self._build.build} WHERE term >= :begins AND term < :ends"
                " AND holding > 0 ORDER BY holding DESC LIMIT :most"
            ),
            {"begins": begins, "ends": begins + MAX_CHARACTER, "most": MAX_PREFIX_WORDS},
        )
        for each in {*(row.term for row in rows), prefixed_term("names", tokens.latin_term(last))}:
            yield [*others, each]
