"""The index as tables of PostgreSQL, in a schema of their own: documents with their terms, names, and all words.

Each build has its tables; one row says which build is the present one. A term begins with the sign of its field.
"""

from __future__ import annotations

import collections
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from sqlalchemy import Connection, text

from registry.search.analysis.document import SearchDocument
from registry.search.analysis.document_terms import terms_of

SCHEMA = "pinzheng_search"
FIELD_PREFIXES = {
    "code": "c",
    "exact": "e",
    "names": "n",
    "pinyin": "p",
    "parties": "a",
    "mentions": "m",
    "words": "w",
}
NAMED = ("code", "exact")  # fields whose beginnings are looked for
BUILD_PATTERN = re.compile(r"[0-9a-f]{12}")
SELECT_CURRENT_BUILD = text(f"SELECT form, build, generation, documents FROM {SCHEMA}.present")
BATCH = 1_000
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
    """A word of a field as it is kept."""
    return FIELD_PREFIXES[field] + word


def document_row(document: SearchDocument) -> tuple[Any, ...]:
    """A document as the row of its table."""
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
    tags = [f"{name}={value}" for name, values in facets.items() if name != "linked" for value in values]
    links = [f"linked={value}" for value in document.facets.get("linked", ())]
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
    """A text as PostgreSQL takes it: without nulls and halves of characters."""
    return word.replace("\x00", " ").encode("utf-8", "ignore").decode()


def run_statements(connection: Connection, statements: str, build: str = "") -> None:
    """Several statements for the tables of a build."""
    assert not build or BUILD_PATTERN.fullmatch(build)
    for each in statements.format(s=SCHEMA, b=build).split(";\n"):
        connection.execute(text(each))


def copy_documents(connection: Connection, build: str, documents: Iterable[SearchDocument]) -> int:
    """Put documents into the tables of a new build; gives how many."""
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
    """Delete and put documents; the tables of names and words follow. Gives by how many documents the index has grown."""
    doc, name, word = (f"{SCHEMA}.{each}_{build}" for each in ("doc", "name", "word"))
    rows = [document_row(document) for document in upserts]
    ids = {"ids": [*deletes, *(row[0] for row in rows)]}
    holding: collections.Counter[str] = collections.Counter()
    for each, number in connection.execute(
        text(f"SELECT term, count(*) FROM {doc}, unnest(terms) term WHERE id = ANY(:ids) GROUP BY term"), ids
    ):
        holding[each] -= number
    deleted = connection.execute(text(f"DELETE FROM {doc} WHERE id = ANY(:ids)"), ids).rowcount
    connection.execute(text(f"DELETE FROM {name} WHERE id = ANY(:ids)"), ids)
    if rows:
        places = ", ".join(f":{column}" for column in COLUMNS)
        connection.execute(
            text(f"INSERT INTO {doc} ({', '.join(COLUMNS)}) VALUES ({places})"),
            [dict(zip(COLUMNS, row, strict=True)) for row in rows],
        )
        names = [(row[0], each) for row in rows for each in row[-1] if each[0] in "ce"]
        connection.execute(
            text(f"INSERT INTO {name} SELECT * FROM unnest(CAST(:ids AS bigint[]), CAST(:terms AS text[]))"),
            {"ids": [each[0] for each in names], "terms": [each[1] for each in names]},
        )
        holding.update(each for row in rows for each in row[-1])
    for some in _batches(sorted((each, number) for each, number in holding.items() if number)):
        connection.execute(
            text(
                f"INSERT INTO {word} AS w SELECT * FROM unnest(CAST(:terms AS text[]), CAST(:numbers AS bigint[]))"
                " ON CONFLICT (term) DO UPDATE SET holding = w.holding + excluded.holding"
            ),
            {"terms": [each[0] for each in some], "numbers": [each[1] for each in some]},
        )
    return len(rows) - deleted


def _batches(changes: list[tuple[str, int]]) -> Iterator[list[tuple[str, int]]]:
    for start in range(0, len(changes), BATCH):
        yield changes[start : start + BATCH]
