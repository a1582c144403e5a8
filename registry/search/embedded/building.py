"""Building a whole index: one segment after another, on all cores where there is much to do."""

from __future__ import annotations

import itertools
import multiprocessing
import os
from collections.abc import Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from pathlib import Path
from typing import Any

from whoosh import fields, index
from whoosh.filedb.filestore import FileStorage
from whoosh.index import Index

from registry.search.analysis import document_terms
from registry.search.analysis.document import SearchDocument
from registry.search.embedded.segment import ArrayCodec
from registry.search.embedded.writer import PostingsPool, open_writer

MAX_SEGMENT_DOCUMENTS = 65_536  # documents; few large segments answer faster than many small ones
MIN_PARALLEL_DOCUMENTS = (
    4_000  # documents for which no further process is started: that takes longer than they do
)
MAX_PROCESSES = 4


def index_schema() -> fields.Schema:
    """All fields hold terms made by `document_terms`; what else is known of a document stands in its columns."""
    return fields.Schema(**{name: fields.KEYWORD() for name in document_terms.FIELDS})


def create_index(folder: Path) -> Index:
    """An index without documents in this folder."""
    return index.create_in(str(folder), index_schema())


def index_documents(opened: Index, documents: Iterable[SearchDocument]) -> int:
    """Put all documents into a new index in one commit; returns how many there were."""
    folder = Path(opened.storage.folder)
    left = iter(documents)
    start = list(itertools.islice(left, MIN_PARALLEL_DOCUMENTS))
    left = itertools.chain(start, left)
    processes = min(os.cpu_count() or 1, MAX_PROCESSES)
    if len(start) < MIN_PARALLEL_DOCUMENTS or processes == 1:
        segments = [_build_segment(folder, opened.indexname, chunk) for chunk in _chunks(left)]
    else:
        segments = _build_in_parallel(folder, opened.indexname, left, processes)
    writer = open_writer(opened)
    writer.add_segments(segments)
    writer.commit()
    return sum(int(segment.doc_count()) for segment in segments)


def _chunks(documents: Iterator[SearchDocument]) -> Iterator[list[SearchDocument]]:
    while chunk := list(itertools.islice(documents, MAX_SEGMENT_DOCUMENTS)):
        yield chunk


def _build_in_parallel(
    folder: Path, name: str, documents: Iterator[SearchDocument], processes: int
) -> list[Any]:
    """Segments in the order of their documents, built by several processes. Holds one chunk more than processes."""
    made: list[Future[Any]] = []
    # Started afresh: a fork would inherit locks that other threads hold.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(processes, mp_context=context) as pool:
        try:
            for chunk in _chunks(documents):
                made.append(pool.submit(_build_segment, folder, name, chunk))
                del chunk
                while sum(not each.done() for each in made) >= processes:
                    wait([each for each in made if not each.done()], return_when=FIRST_COMPLETED)
            return [each.result() for each in made]
        except BaseException:
            pool.shutdown(wait=True, cancel_futures=True)
            raise


def _build_segment(folder: Path, name: str, documents: list[SearchDocument]) -> Any:
    """Write one segment's files; it becomes part of the index when a commit names it."""
    storage, codec, pool = FileStorage(str(folder)), ArrayCodec(), PostingsPool()
    segment = codec.new_segment(storage, name)
    columns, terms = codec.per_document_writer(storage, segment), codec.field_writer(storage, segment)
    for place, document in enumerate(documents):
        columns.gathering.add(document)
        pool.put(place, document)
    columns.close()
    terms.add_postings(None, None, pool)
    terms.close()
    segment.set_doc_count(len(documents))
    return segment
