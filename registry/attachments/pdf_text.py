"""Reads the text of a PDF, page by page, so that records are found by the words in it.

Run as `python -m registry.attachments.pdf_text PATH` it limits itself and prints each page as a line of JSON, until the
file or its budget ends: what was read before that counts. Scanned pages have no text.
"""

from __future__ import annotations

import functools
import json
import re
import resource
import sys
import unicodedata
from collections.abc import Iterator
from pathlib import Path

from pypdf import PdfReader, apply_configuration

from registry.attachments.pdf_active_content import MAX_FILTERS, MAX_UNPACKED_BYTES
from registry.attachments.sandbox import MAX_TEXT_BYTES
from registry.reference.text.folding import INVISIBLE, to_simplified

MAX_PAGES = 2_000
CPU_SECONDS = 20  # in the background, while no one waits
MEMORY_BYTES = 1024 * 1024 * 1024  # bytes of address space
HAN = r"\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
# What fonts put in the place of the plain character: radicals, ligatures, letters and figures in full width.
VARIANTS = re.compile("[\u2e80-\u2fdf\uf900-\ufaff\ufb00-\ufb06\uff10-\uff19\uff21-\uff3a\uff41-\uff5a]")
# A line of a paragraph goes on in the next one; a heading or a cell, which is shorter, does not.
BROKEN_LINE = re.compile(rf"(?<=[^\n]{{15}}[{HAN}]) ?\n ?(?=[{HAN}])")
BROKEN_WORD = re.compile(r"(?<=[a-z])-\n(?=[a-z])")
SPACED_OUT = re.compile(rf"(?<![^\s])[{HAN}](?: [{HAN}])+(?![^\s])")  # as titles are set: 企 业 标 准
BLANKS = re.compile(r"[^\S\n]+")
EMPTY_LINES = re.compile(r"\s*\n\s*")


def read_pages(path: Path) -> Iterator[str]:
    """Yield the text of each page, until `MAX_TEXT_BYTES` are reached. A page that cannot be read is empty.

    Raises whatever the library raises for a file that is no PDF.
    """
    bytes_left = MAX_TEXT_BYTES
    with apply_configuration(
        zlib_maximum_output_length=MAX_UNPACKED_BYTES,
        lzw_maximum_output_length=MAX_UNPACKED_BYTES,
        run_length_maximum_output_length=MAX_UNPACKED_BYTES,
        stream_filters_maximum_length=MAX_FILTERS,
    ):
        for number, page in enumerate(PdfReader(path, strict=False).pages):
            if number == MAX_PAGES or bytes_left <= 0:
                return
            try:
                text = tidy_page(page.extract_text())
            except Exception:  # noqa: BLE001 - the library raises many kinds, RecursionError included
                text = ""
            encoded = text.encode()[:bytes_left]
            bytes_left -= len(encoded)
            yield encoded.decode(errors="ignore")


def tidy_page(text: str) -> str:
    """Return the text of a page as it would be written: plain characters, without the breaks of lines within words."""
    plain = VARIANTS.sub(lambda match: _plain_character(match[0]), text)
    visible = BLANKS.sub(" ", INVISIBLE.sub("", plain.replace("\f", "\n").replace("\r", "\n")))
    titled = SPACED_OUT.sub(lambda match: match[0].replace(" ", ""), EMPTY_LINES.sub("\n", visible).strip())
    return BROKEN_WORD.sub("", BROKEN_LINE.sub("", titled))


@functools.cache
def _plain_character(variant: str) -> str:
    return to_simplified(unicodedata.normalize("NFKC", variant))


def _main() -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    for page in read_pages(Path(sys.argv[1])):
        sys.stdout.write(json.dumps(page) + "\n")
        sys.stdout.flush()  # what is read counts, even if the next page exhausts the process


if __name__ == "__main__":
    _main()
