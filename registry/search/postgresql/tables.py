"""The index as tables of PostgreSQL, in a schema of their own: documents with their terms, names, and all words.

Each build has its own tables; one row says which build is current. A term begins with the prefix of its field.
"""

from __future__ import annotations

import collections
import re
from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Connection, text

from registry.search.analysis.document import UNCOUNTED_FACETS, SearchDocument
from registry.search.analysis.document_terms import terms_of
from registry.store.batching import batches

SCHEMA = "pinzheng_search"
FIELD_PREFIXES = {
    "code": "c",
    "exact": "e",
    "names": "n",
    "pinyin": "p",
    "parties": "a",
    "mentions": "m",
    "words": "w",
    "full_text": "t",
    "subjects": "s",
}
NAME_PREFIXES = "ce"  # of fields whose terms are also kept in the table of names
BUILD_PATTERN = re.compile(r"[0-9a-f]{12}")
SELECT_CURRENT_BUILD = text(f"SELECT form, build, generation, documents FROM {SCHEMA}.present")
BATCH_SIZE = 1_000
CREATE_SCHEMA = f"""
CREATE SCHEMA IF NOT EXISTS {SCHEMA};
CREATE TABLE IF NOT EXISTS {SCHEMA}.present (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    form integer NOT NULL, build text NOT NULL, generation bigint NOT NULL, documents bigint NOT NULL
)
"""
CREATE_BUILD_TABLES = """
CREATE TABLE {s}.doc_{b} (
    id bigint NOT NULL, stamp bigint NOT NULL, ended boolean NOT NULL, date integer NOT NULL, rank integer NOT NULL,
    key_zh text COLLATE "C" NOT NULL, key_en text COLLATE "C" NOT NULL, tags text[] NOT NULL, links text[] NOT NULL,
    terms text[] NOT NULL
);
CREATE TABLE {s}.name_{b} (id bigint NOT NULL, term text COLLATE "C" NOT NULL);
CREATE TABLE {s}.word_{b} (term text COLLATE "C" NOT NULL, holding bigint NOT NULL)
"""
INDEX_BUILD_TABLES = """
INSERT INTO {s}.name_{b} SELECT id, term FROM {s}.doc_{b}, unnest(terms) term WHERE left(term, 1) IN ('c', 'e');
INSERT INTO {s}.word_{b} SELECT term, count(*) FROM {s}.doc_{b}, unnest(terms) term GROUP BY term;
ALTER TABLE {s}.doc_{b} ADD PRIMARY KEY (id);
ALTER TABLE {s}.word_{b} ADD PRIMARY KEY (term);
CREATE INDEX ON {s}.name_{b} (term, id);
CREATE INDEX ON {s}.name_{b} (id);
CREATE INDEX ON {s}.doc_{b} USING gin (terms) WITH (fastupdate = off);
CREATE INDEX ON {s}.doc_{b} USING gin (tags) WITH (fastupdate = off);
CREATE INDEX ON {s}.doc_{b} USING gin (links) WITH (fastupdate = off);
ANALYZE {s}.doc_{b}, {s}.name_{b}, {s}.word_{b}
"""
COLUMNS = ("id", "stamp", "ended", "date", "rank", "key_zh", "key_en", "tags", "links", "terms")


def prefixed_term(field: str, word: str) -> str:
    """Return a word with the prefix of its field, as it is stored."""
    return FIELD_PREFIXES[field] + word


def document_row(document: SearchDocument) -> tuple[Any, ...]:
    """Return a document as the row of its table."""
    terms = [
        prefixed_term(field, word)
        for field, words in terms_of(document).items()
        if field in FIELD_PREFIXES
        for word in words
    ]
    facets: Mapping[str, Iterable[str]] = {
        **document.facets,
        "register": (document.register,),
        "status": (document.status,),
        "standing": (document.standing,),
    }
    tags = [
        f"{name}={value}"
        for name, values in facets.items()
        if name not in UNCOUNTED_FACETS
        for value in values
    ]
    links = [f"{name}={value}" for name in UNCOUNTED_FACETS for value in document.facets.get(name, ())]
    return (
        document.id,
        document.index_version,
        document.standing == "ended",
        document.date,
        document.rank,
        sanitize(document.title_sort_zh),
        sanitize(document.title_sort_en),
        list(map(sanitize, tags)),
        list(map(sanitize, links)),
        list(dict.fromkeys(map(sanitize, terms))),
    )


def sanitize(word: str) -> str:
    """Return a text that PostgreSQL accepts: without null characters and lone surrogates."""
    return word.replace("\x00", " ").encode("utf-8", "ignore").decode()


def run_statements(connection: Connection, statements: str, build: str = "") -> None:
    """Run several statements on the tables of a build."""
    assert not build or BUILD_PATTERN.fullmatch(build)
    for statement in statements.format(s=SCHEMA, b=build).split(";\n"):
        connection.execute(text(statement))


def copy_documents(connection: Connection, build: str, documents: Iterable[SearchDocument]) -> int:
    """Copy documents into the table of a new build; return how many there were."""
    driver: Any = connection.connection.driver_connection
    count = 0
    with (
        driver.cursor() as cursor,
        cursor.copy(f"COPY {SCHEMA}.doc_{build} ({', '.join(COLUMNS)}) FROM STDIN (FORMAT BINARY)") as rows,
    ):
        rows.set_types(["int8", "int8", "bool", "int4", "int4", "text", "text", "text[]", "text[]", "text[]"])
        for document in documents:
            rows.write_row(document_row(document))
            count += 1
    return count


def replace_documents(
    connection: Connection, build: str, upserts: list[SearchDocument], deletes: list[int]
) -> int:
    """Replace and delete documents, with their names and words; return by how many documents the index has grown."""
    doc, name, word = (f"{SCHEMA}.{table}_{build}" for table in ("doc", "name", "word"))
    rows = [document_row(document) for document in upserts]
    ids = {"ids": [*deletes, *(row[0] for row in rows)]}
    changes: collections.Counter[str] = collections.Counter()  # of the number of documents with each term
    for term, count in connection.execute(
        text(f"SELECT term, count(*) FROM {doc}, unnest(terms) term WHERE id = ANY(:ids) GROUP BY term"), ids
    ):
        changes[term] -= count
    deleted = connection.execute(text(f"DELETE FROM {doc} WHERE id = ANY(:ids)"), ids).rowcount
    connection.execute(text(f"DELETE FROM {name} WHERE id = ANY(:ids)"), ids)
    if rows:
        parameters = ", ".join(f":{column}" for column in COLUMNS)
        connection.execute(
            text(f"INSERT INTO {doc} ({', '.join(COLUMNS)}) VALUES ({parameters})"),
            [dict(zip(COLUMNS, row, strict=True)) for row in rows],
        )
        names = [(row[0], term) for row in rows for term in row[-1] if term[0] in NAME_PREFIXES]
        connection.execute(
            text(f"INSERT INTO {name} SELECT * FROM unnest(CAST(:ids AS bigint[]), CAST(:terms AS text[]))"),
            {"ids": [record_id for record_id, _term in names], "terms": [term for _id, term in names]},
        )
        changes.update(term for row in rows for term in row[-1])
    for batch in batches(sorted((term, count) for term, count in changes.items() if count), BATCH_SIZE):
        connection.execute(
            text(
                f"INSERT INTO {word} AS w SELECT * FROM unnest(CAST(:terms AS text[]), CAST(:counts AS bigint[]))"
                " ON CONFLICT (term) DO UPDATE SET holding = w.holding + excluded.holding"
            ),
            {"terms": [term for term, _count in batch], "counts": [count for _term, count in batch]},
        )
    return len(rows) - deleted
