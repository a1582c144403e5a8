"""An index of another format is missing: it would answer by other fields and terms than those that are searched for."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from sqlalchemy import text

from registry.errors import Unavailable
from registry.search.analysis.document_terms import FIELDS, terms_of
from registry.search.embedded import engine as embedded
from registry.search.embedded.engine import open_engine
from registry.search.port import Query, SearchPort
from registry.search.postgresql import engine as postgresql
from registry.search.postgresql.engine import PostgresEngine
from registry.search.postgresql.tables import FIELD_PREFIXES, SCHEMA
from registry.store.engine import engine_for
from registry.store.unit_of_work import unit_of_work
from tests.databases import Template
from tests.unit.search.sample_documents import DOCUMENTS, ids

# What is indexed of the sample documents. When this changes, raise `INDEX_FORMAT` of both engines, so that every index in
# use is built anew, and write the new numbers and the new digest here.
FORMATS = (15, 12)
TERMS = "c08d3a2d55f34e80"


def digest() -> str:
    """Return a digest of the fields and of all terms of the sample documents."""
    parts = [repr(FIELDS), repr(sorted(FIELD_PREFIXES.items()))]
    for document in DOCUMENTS:
        parts += [repr((name, sorted(terms))) for name, terms in sorted(terms_of(document).items())]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


def test_the_format_is_raised_when_other_terms_are_indexed() -> None:
    assert (embedded.INDEX_FORMAT, postgresql.INDEX_FORMAT, digest()) == (*FORMATS, TERMS)


def _is_missing(engine: SearchPort) -> bool:
    with pytest.raises(Unavailable) as refused:
        engine.find(Query("同仁堂"))
    with pytest.raises(Unavailable):
        engine.write(DOCUMENTS[:1], deletes=[])
    return (
        refused.value.reason == "index_missing" and engine.status().documents is None and not engine.verify()
    )


@pytest.mark.once
def test_a_folder_of_another_format_counts_as_missing_and_is_replaced(tmp_path: Path) -> None:
    engine = open_engine(tmp_path)
    engine.rebuild(DOCUMENTS)
    pointer = tmp_path / embedded.POINTER_FILE
    _format, _space, old_build = pointer.read_text().strip().partition(" ")
    for other in (str(embedded.INDEX_FORMAT - 1), str(embedded.INDEX_FORMAT + 1), "", "x"):
        pointer.write_text(f"{other} {old_build}\n")
        assert _is_missing(open_engine(tmp_path)), other
    engine = open_engine(tmp_path)
    assert engine.rebuild(DOCUMENTS) == len(DOCUMENTS)
    assert ids(engine, "同仁堂")
    assert not (tmp_path / old_build).exists()


@pytest.mark.postgresql
def test_tables_of_another_format_count_as_missing_and_are_replaced(
    template: Template, tmp_path: Path
) -> None:
    with template.copy(tmp_path) as settings:
        engine = PostgresEngine(settings.database_url, 8)
        engine.rebuild(DOCUMENTS)
        old_build = engine.status().generation.partition(":")[0]
        with unit_of_work(engine_for(settings.database_url)) as connection:
            connection.execute(text(f"UPDATE {SCHEMA}.present SET form = form - 1"))
        assert _is_missing(PostgresEngine(settings.database_url, 8))
        engine = PostgresEngine(settings.database_url, 8)
        assert engine.rebuild(DOCUMENTS) == len(DOCUMENTS)
        assert ids(engine, "同仁堂")
        with unit_of_work(engine_for(settings.database_url)) as connection:
            tables = connection.execute(text(f"SELECT to_regclass('{SCHEMA}.doc_{old_build}')"))
            assert tables.scalar() is None
