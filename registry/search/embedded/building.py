"""Building a whole index: one segment after another, on all cores where there is much to do."""

from __future__ import annotations

import itertools
import multiprocessing
import os
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from whoosh import fields
from whoosh.index import Index

from registry.search.analysis import document_terms
from registry.search.analysis.document import SearchDocument
from registry.search.embedded.segment import ArrayCodec
from registry.search.embedded.storage import BuildFolder
from registry.search.embedded.writer import PostingsPool, open_writer
from registry.search.port import RebuildStopped

MAX_SEGMENT_DOCUMENTS = 65_536  # few large segments are searched faster than many small ones
MAX_SEGMENT_TEXT = 1 << 25  # characters of full texts: what a process holds of them in memory
MIN_PARALLEL_DOCUMENTS = 4_000  # for fewer, starting a process takes longer than indexing them
MAX_PROCESSES = 4
STOP_SECONDS = 0.2  # between two questions whether to stop, while other processes build
STOP_DOCUMENTS = 64  # between two of them while this process builds


def index_schema() -> fields.Schema:
    """Return the schema: all fields hold terms of `document_terms`; everything else is stored in columns."""
    return fields.Schema(**{name: fields.KEYWORD() for name in document_terms.FIELDS})


def index_documents(
    opened: Index, documents: Iterable[SearchDocument], stopped: Callable[[], bool] = lambda: False
) -> int:
    """Put all documents into a new index in one commit; return how many there were.

    Raises `RebuildStopped` soon after `stopped` says True.
    """
    folder = Path(opened.storage.folder)
    remaining = _until_stopped(documents, stopped)
    start = list(itertools.islice(remaining, MIN_PARALLEL_DOCUMENTS))
    remaining = itertools.chain(start, remaining)
    processes = min(os.cpu_count() or 1, MAX_PROCESSES)
    if len(start) < MIN_PARALLEL_DOCUMENTS or processes == 1:
        segments = [_build_segment(folder, opened.indexname, chunk, stopped) for chunk in _chunks(remaining)]
    else:
        segments = _build_in_parallel(folder, opened.indexname, _chunks(remaining), (processes, stopped))
    writer = open_writer(opened)
    writer.add_segments(segments)
    writer.commit()
    return sum(int(segment.doc_count()) for segment in segments)


def _until_stopped(
    documents: Iterable[SearchDocument], stopped: Callable[[], bool]
) -> Iterator[SearchDocument]:
    for number, document in enumerate(documents):
        if number % STOP_DOCUMENTS == 0 and stopped():
            raise RebuildStopped
        yield document


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
    folder: Path, name: str, chunks: Iterator[list[SearchDocument]], work: tuple[int, Callable[[], bool]]
) -> list[Any]:
    """Return segments in the order of their chunks, built by several processes. `work`: how many, and whether to stop.

    At most one chunk more than there are processes is held in memory. No process outlives this call, nor this process.
    """
    processes, stopped = work
    futures: list[Future[Any]] = []
    # Spawned: a fork would inherit locks that other threads hold.
    context = multiprocessing.get_context("spawn")
    far, near = context.Pipe(duplex=False)
    with (
        far,
        near,
        ProcessPoolExecutor(
            processes, mp_context=context, initializer=_end_with_pipe, initargs=(far,)
        ) as pool,
    ):
        try:
            for chunk in chunks:
                futures.append(pool.submit(_build_segment, folder, name, chunk))
                del chunk
                _wait_for(futures, processes - 1, stopped)
            _wait_for(futures, 0, stopped)
            return [future.result() for future in futures]
        except BaseException:
            for child in multiprocessing.active_children():  # no other part of the program has any
                child.kill()
            raise


def _wait_for(futures: list[Future[Any]], most: int, stopped: Callable[[], bool]) -> None:
    """Wait until at most `most` are not done. Raises `RebuildStopped`."""
    while len(waiting := [future for future in futures if not future.done()]) > most:
        wait(waiting, STOP_SECONDS, return_when=FIRST_COMPLETED)
        if stopped():
            raise RebuildStopped


def _end_with_pipe(far: Connection) -> None:
    """End this process when the other end of the pipe is closed: by its parent, or because that was killed."""

    def wait_for_the_end() -> None:
        far.poll(None)
        os._exit(1)

    threading.Thread(target=wait_for_the_end, name="end of the parent", daemon=True).start()


def _build_segment(
    folder: Path,
    name: str,
    documents: list[SearchDocument],
    stopped: Callable[[], bool] = lambda: False,
) -> Any:
    """Write one segment's files; it becomes part of the index when a commit names it."""
    storage, codec, pool = BuildFolder(str(folder)), ArrayCodec(), PostingsPool()
    segment = codec.new_segment(storage, name)
    columns, terms = codec.per_document_writer(storage, segment), codec.field_writer(storage, segment)
    for doc, document in enumerate(_until_stopped(documents, stopped)):
        columns.columns.add(document)
        pool.put(doc, document)
    columns.close()
    terms.add_postings(None, None, pool)
    terms.close()
    segment.set_doc_count(len(documents))
    return segment
