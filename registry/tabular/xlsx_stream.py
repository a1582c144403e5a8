"""Write a workbook while its rows come in: the first bytes leave before the last row is known, and memory stays flat.

The library behind `write_xlsx` needs the whole sheet before its first byte. A workbook is a ZIP file of a few XML parts
(ECMA-376, part 1); every text here is an inline string, so that no cell can be a formula.
"""

from __future__ import annotations

import functools
import io
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from xml.sax.saxutils import escape

from registry.tabular.writing import CHUNK_SIZE, Cells, excel_text

MAX_SHEET_ROWS = 1_048_576  # of Excel; further rows come on a further sheet
MAX_EXACT = 2**53  # whole numbers beyond lose digits in a workbook
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
DOCUMENT = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
SPREADSHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml"
HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
STAMP = (1980, 1, 1, 0, 0, 0)  # of every part: the same rows give the same bytes


class _Unseekable(io.RawIOBase):
    """Takes what the ZIP library writes; it cannot go back, so sizes stand behind each part."""

    def __init__(self) -> None:
        super().__init__()
        self._parts: list[bytes] = []
        self.size = 0

    def writable(self) -> bool:
        return True

    def write(self, data: object) -> int:
        part = bytes(data)  # type: ignore[call-overload]  # a buffer
        self._parts.append(part)
        self.size += len(part)
        return len(part)

    def drain(self) -> bytes:
        """Return what was written since the last call."""
        parts, self._parts, self.size = self._parts, [], 0
        return b"".join(parts)


def xlsx_stream_chunks(
    header: Sequence[str], rows: Iterable[Cells], *, description: str = ""
) -> Iterator[bytes]:
    """Yield a workbook in chunks of some 64 kB, the header on each of its sheets; `description` goes into its properties."""
    sink = _Unseekable()
    sheets = 0
    remaining = iter(rows)
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED, compresslevel=4) as book:
        following: Cells | None = None
        while True:
            sheets += 1
            with book.open(_part(f"xl/worksheets/sheet{sheets}.xml"), "w", force_zip64=True) as sheet:
                sheet.write(_SHEET_HEAD.encode())
                begun = (following,) if following is not None else ()
                following = None
                for number, row in enumerate(chain((header,), begun, remaining), start=1):
                    if number > MAX_SHEET_ROWS:
                        following = row
                        break
                    sheet.write(_row_xml(number, row))
                    if number == 1 or sink.size > CHUNK_SIZE:
                        yield sink.drain()
                sheet.write(_SHEET_TAIL.encode())
            if following is None:
                break
        for name, text in _frame(sheets, description):
            book.writestr(_part(name), HEAD + text)
    yield sink.drain()


_SHEET_HEAD = (
    f'{HEAD}<worksheet xmlns="{MAIN}"><sheetViews><sheetView workbookViewId="0">'
    '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews><sheetData>'
)
_SHEET_TAIL = "</sheetData></worksheet>"


def _part(name: str) -> zipfile.ZipInfo:
    part = zipfile.ZipInfo(name, STAMP)
    part.compress_type = zipfile.ZIP_DEFLATED
    return part


def _row_xml(number: int, cells: Cells) -> bytes:
    parts = [f'<row r="{number}">']
    for index, cell in enumerate(cells):
        place = f"{_column(index)}{number}"
        if isinstance(cell, bool):
            parts.append(f'<c r="{place}" t="b"><v>{int(cell)}</v></c>')
        elif (
            isinstance(cell, int | float) and abs(cell) < MAX_EXACT
        ):  # no infinity, and nothing that is no number
            parts.append(f'<c r="{place}"><v>{cell!r}</v></c>')
        elif cell is not None and cell != "":
            text = escape(excel_text(cell), {"\r": "&#13;"})
            parts.append(f'<c r="{place}" t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>')
    parts.append("</row>")
    return "".join(parts).encode("utf-8", "replace")


@functools.cache
def _column(index: int) -> str:
    """Return the letters of a column, A for 0."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def _frame(sheets: int, description: str) -> Iterator[tuple[str, str]]:
    """Yield the parts around the sheets: what there is, and how it hangs together."""
    numbers = range(1, sheets + 1)
    overrides = [
        ("/xl/workbook.xml", f"{SPREADSHEET}.sheet.main+xml"),
        *((f"/xl/worksheets/sheet{n}.xml", f"{SPREADSHEET}.worksheet+xml") for n in numbers),
        ("/docProps/core.xml", "application/vnd.openxmlformats-package.core-properties+xml"),
    ]
    yield (
        "[Content_Types].xml",
        f'<Types xmlns="{PACKAGE}/content-types">'
        f'<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        + "".join(f'<Override PartName="{name}" ContentType="{kind}"/>' for name, kind in overrides)
        + "</Types>",
    )
    yield (
        "_rels/.rels",
        (
            f'<Relationships xmlns="{PACKAGE}/relationships">'
            f'<Relationship Id="rId1" Type="{DOCUMENT}/officeDocument" Target="xl/workbook.xml"/>'
            f'<Relationship Id="rId2" Type="{PACKAGE}/relationships/metadata/core-properties" Target="docProps/core.xml"/>'
            "</Relationships>"
        ),
    )
    yield (
        "xl/workbook.xml",
        f'<workbook xmlns="{MAIN}" xmlns:r="{DOCUMENT}"><sheets>'
        + "".join(f'<sheet name="{n}" sheetId="{n}" r:id="rId{n}"/>' for n in numbers)
        + "</sheets></workbook>",
    )
    yield (
        "xl/_rels/workbook.xml.rels",
        f'<Relationships xmlns="{PACKAGE}/relationships">'
        + "".join(
            f'<Relationship Id="rId{n}" Type="{DOCUMENT}/worksheet" Target="worksheets/sheet{n}.xml"/>'
            for n in numbers
        )
        + "</Relationships>",
    )
    yield (
        "docProps/core.xml",
        (
            f'<cp:coreProperties xmlns:cp="{PACKAGE}/metadata/core-properties" '
            f'xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:description>{escape(excel_text(description))}'
            "</dc:description></cp:coreProperties>"
        ),
    )
