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

MAX_SEGMENT_DOCUMENTS = 65_536  # few large segments are searched faster than many small ones
MAX_SEGMENT_TEXT = 1 << 25  # characters of full texts: what a process holds of them in memory
MIN_PARALLEL_DOCUMENTS = 4_000  # for fewer, starting a process takes longer than indexing them
MAX_PROCESSES = 4


def index_schema() -> fields.Schema:
    """Return the schema: all fields hold terms of `document_terms`; everything else is stored in columns."""
    return fields.Schema(**{name: fields.KEYWORD() for name in document_terms.FIELDS})


def create_index(folder: Path) -> Index:
    """Create an index without documents in this folder."""
    return index.create_in(str(folder), index_schema())


def index_documents(opened: Index, documents: Iterable[SearchDocument]) -> int:
    """Put all documents into a new index in one commit; return how many there were."""
    folder = Path(opened.storage.folder)
    remaining = iter(documents)
    start = list(itertools.islice(remaining, MIN_PARALLEL_DOCUMENTS))
    remaining = itertools.chain(start, remaining)
    processes = min(os.cpu_count() or 1, MAX_PROCESSES)
    if len(start) < MIN_PARALLEL_DOCUMENTS or processes == 1:
        segments = [_build_segment(folder, opened.indexname, chunk) for chunk in _chunks(remaining)]
    else:
        segments = _build_in_parallel(folder, opened.indexname, remaining, processes)
    writer = open_writer(opened)
    writer.add_segments(segments)
    writer.commit()
    return sum(int(segment.doc_count()) for segment in segments)


def _chunks(documents: Iterator[SearchDocument]) -> Iterator[list[SearchDocument]]:
    chunk: list[SearchDocument] = []
    text = 0
    for document in documents:
        chunk.append(document)
        text += len(document.full_text)
        if len(chunk) == MAX_SEGMENT_DOCUMENTS or text > MAX_SEGMENT_TEXT:
            yield chunk
            chunk, text = [], 0
    if chunk:
        yield chunk


def _build_in_parallel(
    folder: Path, name: str, documents: Iterator[SearchDocument], processes: int
) -> list[Any]:
    """Return segments in the order of their documents, built by several processes.

    At most one chunk more than there are processes is held in memory.
    """
    futures: list[Future[Any]] = []
    # Spawned: a fork would inherit locks that other threads hold.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(processes, mp_context=context) as pool:
        try:
            for chunk in _chunks(documents):
                futures.append(pool.submit(_build_segment, folder, name, chunk))
                del chunk
                while sum(not future.done() for future in futures) >= processes:
                    wait([future for future in futures if not future.done()], return_when=FIRST_COMPLETED)
            return [future.result() for future in futures]
        except BaseException:
            pool.shutdown(wait=True, cancel_futures=True)
            raise


def _build_segment(folder: Path, name: str, documents: list[SearchDocument]) -> Any:
    """Write one segment's files; it becomes part of the index when a commit names it."""
    storage, codec, pool = FileStorage(str(folder)), ArrayCodec(), PostingsPool()
    segment = codec.new_segment(storage, name)
    columns, terms = codec.per_document_writer(storage, segment), codec.field_writer(storage, segment)
    for doc, document in enumerate(documents):
        columns.columns.add(document)
        pool.put(doc, document)
    columns.close()
    terms.add_postings(None, None, pool)
    terms.close()
    segment.set_doc_count(len(documents))
    return segment
