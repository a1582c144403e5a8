"""A table as a file in either format: the writer that every list uses which is downloaded as CSV or as a workbook."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Literal, get_args

from registry.tabular.writing import Cells, csv_chunks
from registry.tabular.xlsx_stream import xlsx_stream_chunks

TableFormat = Literal["csv", "xlsx"]
TABLE_FORMATS: tuple[TableFormat, ...] = get_args(TableFormat)


def table_chunks(
    file_format: TableFormat, header: Sequence[str], rows: Iterable[Cells], *, description: str = ""
) -> Iterator[bytes]:
    """Yield a table in chunks of some 64 kB: CSV in UTF-8 with a byte order mark, or an XLSX workbook.

    In neither can a cell become a formula. `description` goes into the properties of a workbook.
    """
    if file_format == "csv":
        return csv_chunks(header, rows)
    return xlsx_stream_chunks(header, rows, description=description)
