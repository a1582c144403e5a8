"""Finding in the tables of PostgreSQL: a question in stages, each looser than the one before, until something is found."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, text

from registry.reference.text.folding import fold_name
from registry.search.analysis import scoring, tokens
from registry.search.analysis.fuzzy_alternatives import lacking, respelled
from registry.search.analysis.query_parser import Question, ask
from registry.search.embedded import lexicon
from registry.search.embedded.lru import SizedCache
from registry.search.port import Found, Query
from registry.search.postgresql import statements
from registry.search.postgresql.statements import Cell, Statement
from registry.search.postgresql.tables import SCHEMA, term

MOST_NAMED = 2_000
MOST_BEGUN = 50  # words of names that begin as the last word that was typed
PART_TERMS = 50
LAST = "\U0010ffff"


@dataclass(frozen=True, slots=True)
class Present:
    """The build that is read, and how often it was written to."""

    build: str
    generation: int
    documents: int


def sees_ended(query: Query) -> bool:
    """Who filters by a status wants to see it, ended or not."""
    return query.include_ended or bool(query.filters.get("status") or query.filters.get("standing"))


class Finder:
    """Finds in one build, over one connection."""

    def __init__(self, connection: Connection, present: Present, kept: SizedCache) -> None:
        self._connection, self._present, self._kept = connection, present, kept
        self._n = present.documents

    def find(self, query: Query) -> Found:
        question = ask(query.text, query.synonyms)
        ended = sees_ended(query) or question.asks_ended
        if question.asks_nothing:
            statement = self._statement()
            statements.everything(statement)
            return self._page(statement, query, question, [], ended=ended, stage="browse") or Found()
        named, exact = self._named(question)
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
        return Found(
            terms=question.terms,
            meant=question.meant,
            facets={each: [] for each in query.facets},
        )

    def named(self, typed: str) -> tuple[int, int]:
        found, exact = self._named(ask(typed))
        return len(exact), len(found)

    def among(self, query: Query, ids: Sequence[int]) -> list[int]:
        question = ask(query.text, query.synonyms)
        if question.asks_nothing:
            statement = self._statement(ids)
            statements.everything(statement)
        else:
            named, _exact = self._named(question)
            asked = set(ids)
            named = {one: each for one, each in named.items() if one in asked}
            _stage, statement = next(self._stages(question, named, ids))
        select = f"SELECT id FROM hit WHERE {statements.passing(statement, query)} ORDER BY id"
        return list(self._connection.execute(text(statement.written(select)), statement.params).scalars())

    def _statement(self, only: Sequence[int] | None = None) -> Statement:
        return Statement(self._present.build, only)

    def _page(
        self,
        statement: Statement,
        query: Query,
        question: Question,
        exact: Sequence[int],
        *,
        ended: bool,
        stage: str,
    ) -> Found | None:
        """What a statement finds; None where it finds no record at all, filters left aside."""
        row = self._connection.execute(
            text(statements.page(statement, query, exact, ended=ended)), statement.params
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
        return Found(
            total=row.total,
            ids=list(row.ids),
            facets={
                name: sorted(values, key=lambda each: (-each[1], each[0])) for name, values in counted.items()
            },
            ended_hidden=row.hidden,
            terms=question.terms,
            stage=stage,
            meant=question.meant,
        )

    # --- from strict to loose -------------------------------------------------------------------------------

    def _stages(
        self, question: Question, named: dict[int, float], only: Sequence[int] | None = None
    ) -> Iterator[tuple[str, Statement]]:
        """Statements, each looser than the one before; over these records `only`, where they are given."""
        asked = (*question.groups, *question.phrases)
        holding = self._holding(statements.terms_in((*asked, *question.without)))
        groups = [statements.cells(group, holding, self._n) for group in asked]
        without = [statements.cells(group, holding, self._n) for group in question.without]
        names = [
            each
            for group in question.groups
            for each in (term("exact", group.text), term("exact", tokens.PINYIN_MARK + group.text))
        ]

        def strict(of: Sequence[Sequence[Cell]], share: float = 1.0, *, lift: bool = False) -> Statement:
            statement = self._statement(only)
            source = statements.words(statement, of, share) if of else statements.words(statement, [[]])
            if lift and len(question.groups) > 1:
                source = statements.lifted(statement, source, names)
            statements.hits(statement, source, named if lift else {}, without)
            return statement

        yield "words", strict(groups, lift=True)
        if near := self._near_name(question):
            statement = self._statement()
            statements.hits(statement, statements.words(statement, [[]]), near, without)
            yield "spelling", statement
        if not groups:
            return
        other = [respelled(self._near, group) for group in question.groups]
        holding = self._holding(statements.terms_in(other))
        both = [
            [*own, *statements.cells(group, holding, self._n)]
            for own, group in zip(
                groups, other, strict=False
            )  # phrases, which come last, are not spelled otherwise
        ]
        if lacking(question, [len(each) for each in both]):
            return
        if len(groups) > 1:
            yield "most", strict(groups, scoring.MOST_OF)
        yield "spelling", strict(both)
        yield "spelling", strict(both, scoring.ANY)

    def _holding(self, terms: Iterable[str]) -> dict[str, int]:
        """How many records have each term; those that none has are left out."""
        asked = sorted(terms)
        if not asked:
            return {}
        word = f"{SCHEMA}.word_{self._present.build}"
        rows = self._connection.execute(
            text(
                f"SELECT term, holding FROM {word} WHERE term = ANY(CAST(:terms AS text[])) AND holding > 0"
            ),
            {"terms": asked},
        )
        return {row.term: row.holding for row in rows}

    # --- what is named ----------------------------------------------------------------------------------------

    def _ids(self, *terms: str) -> list[int]:
        """Records with any of these names or numbers."""
        return list(
            self._connection.execute(
                text(
                    f"SELECT DISTINCT id FROM {SCHEMA}.name_{self._present.build} WHERE term = ANY(CAST(:terms AS text[]))"
                ),
                {"terms": list(terms)},
            ).scalars()
        )

    def _begun(self, begins: str) -> list[tuple[int, int]]:
        """Records with a name or number that begins so, and the bytes of each one's shortest."""
        rows = self._connection.execute(
            text(
                f"SELECT id, min(octet_length(term)) - 1 AS size FROM {SCHEMA}.name_{self._present.build}"
                " WHERE term >= :begins AND term < :ends GROUP BY id ORDER BY size, id LIMIT :most"
            ),
            {"begins": begins, "ends": begins + LAST, "most": MOST_NAMED},
        )
        return [(row.id, row.size) for row in rows]

    def _named(self, question: Question) -> tuple[dict[int, float], list[int]]:
        """Records that the whole text names or begins to name, with their worth; and those that it names exactly."""
        found: dict[int, float] = {}

        def add(ids: Iterable[int], each: float) -> None:
            for one in ids:
                found[one] = found.get(one, 0.0) + each

        for place, number in enumerate(question.numbers):
            if ids := self._ids(term("code", number)):
                add(ids, scoring.EXACT_NUMBER / (1 + place))
                break
        if not found:
            for piece in question.number_parts:
                for number in self._codes_with(piece):
                    add(self._ids(term("code", number)), scoring.EXACT_NUMBER / 10 * len(piece) / len(number))
        if question.whole:
            add(self._ids(term("exact", question.whole)), scoring.EXACT_NAME)
        if question.pinyin:
            add(self._sounding(question.pinyin), scoring.EXACT_PINYIN)
        exact = sorted(found)
        if len(question.whole) >= scoring.SHORTEST_PREFIX:
            for one, size in self._begun(term("exact", question.whole)):
                add([one], scoring.NAME_PREFIX * len(question.whole.encode()) / max(size, 1))
        return found, exact

    def _codes_with(self, piece: str) -> list[str]:
        """Identifiers that contain this text."""
        sign = term("code", "")
        rows = self._connection.execute(
            text(
                f"SELECT term FROM {SCHEMA}.word_{self._present.build} WHERE term >= :sign AND term < :ends"
                " AND position(:piece IN term) > 1 AND holding > 0 ORDER BY term LIMIT :most"
            ),
            {"sign": sign, "ends": sign + LAST, "piece": piece, "most": PART_TERMS},
        )
        return [row.term[1:] for row in rows]

    def _sounding(self, pinyin: str) -> list[int]:
        return self._ids(term("exact", tokens.PINYIN_MARK + pinyin[: tokens.LONGEST_TERM]))

    def _near_name(self, question: Question) -> dict[int, float]:
        """Records whose name sounds like a Chinese one that was typed, or has one character that differs."""
        whole = question.whole
        if not scoring.SHORTEST_PREFIX <= len(whole) <= tokens.LONGEST_SOUNDED or not tokens.is_chinese(
            whole
        ):
            return {}
        found = dict.fromkeys(self._sounding(tokens.joined_pinyin(whole)), scoring.NEAR_NAME)
        if len(whole) >= scoring.SHORTEST_NEAR:
            for near in self._near("exact", whole):
                for one in self._ids(term("exact", near)):
                    found[one] = found.get(one, 0.0) + scoring.NEAR_NAME / 2
        return found

    def _near(self, field: str, word: str) -> list[str]:
        """Terms of a field that are spelled almost like this one, nearest first."""
        sign = term(field, "")
        key = ("lexicon", self._present.build, self._present.documents, field)
        words = self._kept.get(key)
        if words is None:
            rows = self._connection.execute(
                text(
                    f"SELECT term FROM {SCHEMA}.word_{self._present.build}"
                    " WHERE term >= :sign AND term < :ends AND holding > 0"
                ),
                {"sign": sign, "ends": sign + LAST},
            )
            words = lexicon.by_length((row.term[1:].encode() for row in rows), field)
            self._kept.put(key, words, lexicon.WORD_BYTES * (1 + sum(map(len, words.values()))))
        nearest = lexicon.nearest(words, word)
        return sorted(nearest, key=lambda each: (nearest[each], each))

    # --- suggestions ------------------------------------------------------------------------------------------

    def suggest(self, typed: str, lang: str, limit: int) -> list[int]:
        found: dict[int, float] = {}
        for field, begins, most in scoring.beginnings(typed):
            for one, size in self._begun(term(field, begins)):
                found[one] = max(found.get(one, 0.0), most * len(begins.encode()) / max(size, 1))
        statement = self._statement()
        inside = [Cell(terms, scoring.NAME_INSIDE, 1) for terms in self._inside(typed) if terms]
        ids, worths = statement.put(list(found), "bigint[]"), statement.put(list(found.values()), "real[]")
        each = "".join(
            f" UNION ALL SELECT id, {statement.put(cell.worth, 'real')} FROM {statement.doc}"
            f" WHERE terms @> {statement.put(cell.terms, 'text[]')}"
            for cell in inside
        )
        statement.add(
            "found",
            f"SELECT id, max(worth) AS worth FROM (SELECT * FROM unnest({ids}, {worths}) AS b (id, worth){each}) AS c GROUP BY id",
        )
        order = statements.order(Query(lang=lang))
        select = (
            "SELECT id FROM (SELECT d.id, f.worth - CASE WHEN d.ended THEN"
            f" {scoring.ENDED_LOSS} ELSE 0 END AS worth, d.date, d.key_zh, d.key_en FROM found f JOIN {statement.doc} d USING (id))"
            f" AS s ORDER BY {order} LIMIT {statement.put(limit, 'bigint')}"
        )
        return list(self._connection.execute(text(statement.written(select)), statement.params).scalars())

    def _inside(self, typed: str) -> Iterator[list[str]]:
        """Terms that stand together in a name in which this stands; the last word may be a beginning."""
        latin = scoring.latin_of(typed)
        if not latin:
            name = fold_name(typed)
            yield [term("names", gram) for gram in tokens.grams(name)] if name else []
            return
        yield [term("pinyin", latin)]
        *before, last = tokens.runs(typed)
        others = [term("names", tokens.latin(word)) for word in before]
        begins = term("names", last)
        rows = self._connection.execute(
            text(
                f"SELECT term FROM {SCHEMA}.word_{self._present.build} WHERE term >= :begins AND term < :ends"
                " AND holding > 0 ORDER BY holding DESC LIMIT :most"
            ),
            {"begins": begins, "ends": begins + LAST, "most": MOST_BEGUN},
        )
        for each in {*(row.term for row in rows), term("names", tokens.latin(last))}:
            yield [*others, each]
