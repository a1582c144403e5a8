"""Empty sheets to fill in: a header with notes, drop-downs where a list is closed, and a page that explains."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import xlsxwriter

from registry.tabular.writing import CHUNK_SIZE

FORMATTED_ROWS = 50_000  # that the drop-downs and the text format reach down to
LISTS_SHEET = "lists"
NARROW_WIDTH, WIDE_WIDTH = 14, 28  # characters


@dataclass(frozen=True, slots=True)
class TemplateColumn:
    """A column to fill in. `note` is shown at its header; `choices`: what its drop-down offers."""

    header: str
    note: str
    required: bool
    choices: tuple[str, ...] = ()
    explanation_cells: tuple[str, ...] = ()  # its line on the page that explains


def template_chunks(
    columns: Sequence[TemplateColumn], title: str, explanation: str, explanation_header: Sequence[str]
) -> Iterator[bytes]:
    """The workbook in pieces. `title`, `explanation`: names of its two pages; `heads`: columns of the second.

    Cells are texts, so that no standard number turns into a date; drop-downs warn and do not forbid: words in the
    other language are taken as well.
    """
    with tempfile.TemporaryDirectory(prefix="pinzheng-") as folder:
        path = Path(folder) / "template.xlsx"
        _write(path, columns, title, explanation, explanation_header)
        with path.open("rb") as file:
            while part := file.read(CHUNK_SIZE):
                yield part


def _write(
    path: Path,
    columns: Sequence[TemplateColumn],
    title: str,
    explanation: str,
    explanation_header: Sequence[str],
) -> None:
    with xlsxwriter.Workbook(str(path), {"strings_to_formulas": False, "strings_to_urls": False}) as book:
        sheet, notes, lists = (book.add_worksheet(name) for name in (title, explanation, LISTS_SHEET))
        as_text = book.add_format({"num_format": "@"})
        plain = {"bold": True, "text_wrap": True, "valign": "top", "border": 1}
        optional = book.add_format({**plain, "bg_color": "#EEF1F0"})
        wanted = book.add_format({**plain, "bg_color": "#FFE9A8"})
        places: dict[tuple[str, ...], int] = {}
        for place, column in enumerate(columns):
            sheet.set_column(
                place, place, WIDE_WIDTH if len(column.header) > NARROW_WIDTH else NARROW_WIDTH, as_text
            )
            sheet.write_string(0, place, column.header, wanted if column.required else optional)
            sheet.write_comment(0, place, column.note, {"x_scale": 2.2, "y_scale": 1.6})
            if column.choices:
                at = places.setdefault(column.choices, len(places))
                lists.write_column(0, at, column.choices)
                source = f"={LISTS_SHEET}!{_cell_range(at, len(column.choices))}"
                sheet.data_validation(
                    1,
                    place,
                    FORMATTED_ROWS,
                    place,
                    {"validate": "list", "source": source, "error_type": "warning"},
                )
        sheet.freeze_panes(1, 0)
        wrapped = book.add_format({"text_wrap": True, "valign": "top"})
        notes.set_column(0, len(explanation_header) - 1, WIDE_WIDTH, wrapped)
        notes.write_row(0, 0, explanation_header, optional)
        for line, column in enumerate(columns, start=1):
            for at, cell in enumerate(column.explanation_cells):
                notes.write_string(line, at, cell)
        lists.hide()


def _cell_range(column: int, rows: int) -> str:
    letter = xlsxwriter.utility.xl_col_to_name(column)
    return f"${letter}$1:${letter}${rows}"
