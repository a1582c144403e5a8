"""Write empty sheets to fill in: a header with notes, drop-downs for closed lists, and a page that explains."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from registry.tabular.writing import CHUNK_SIZE, xlsxwriter

FORMATTED_ROWS = 50_000  # that the drop-downs and the text format reach down to
LISTS_SHEET = "lists"
NARROW_WIDTH, WIDE_WIDTH = 14, 28  # characters


@dataclass(frozen=True, slots=True)
class TemplateColumn:
    """A column to fill in. `note`: a comment of its header; `choices`: offered by its drop-down.

    `explanation_cells`: its row on the page that explains.
    """

    header: str
    note: str
    required: bool
    choices: tuple[str, ...] = ()
    explanation_cells: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ExplanationPage:
    """The second page of a template: its name, and the header of its table of columns."""

    title: str
    header: tuple[str, ...]


def template_chunks(
    columns: Sequence[TemplateColumn], title: str, explanation: ExplanationPage
) -> Iterator[bytes]:
    """The workbook in chunks. `title`: name of the page to fill in.

    Cells are texts, so that no standard number turns into a date; drop-downs warn and do not forbid: words in the
    other language are taken as well.
    """
    with tempfile.TemporaryDirectory(prefix="pinzheng-") as folder:
        path = Path(folder) / "template.xlsx"
        _write(path, columns, title, explanation)
        with path.open("rb") as file:
            while chunk := file.read(CHUNK_SIZE):
                yield chunk


def _write(path: Path, columns: Sequence[TemplateColumn], title: str, explanation: ExplanationPage) -> None:
    with xlsxwriter.Workbook(str(path), {"strings_to_formulas": False, "strings_to_urls": False}) as book:
        sheet, notes, lists = (book.add_worksheet(name) for name in (title, explanation.title, LISTS_SHEET))
        as_text = book.add_format({"num_format": "@"})
        plain = {"bold": True, "text_wrap": True, "valign": "top", "border": 1}
        optional = book.add_format({**plain, "bg_color": "#EEF1F0"})
        required = book.add_format({**plain, "bg_color": "#FFE9A8"})
        list_columns: dict[tuple[str, ...], int] = {}
        for index, column in enumerate(columns):
            sheet.set_column(
                index, index, WIDE_WIDTH if len(column.header) > NARROW_WIDTH else NARROW_WIDTH, as_text
            )
            sheet.write_string(0, index, column.header, required if column.required else optional)
            sheet.write_comment(0, index, column.note, {"x_scale": 2.2, "y_scale": 1.6})
            if column.choices:
                at = list_columns.setdefault(column.choices, len(list_columns))
                lists.write_column(0, at, column.choices)
                source = f"={LISTS_SHEET}!{_cell_range(at, len(column.choices))}"
                sheet.data_validation(
                    1,
                    index,
                    FORMATTED_ROWS,
                    index,
                    {"validate": "list", "source": source, "error_type": "warning"},
                )
        sheet.freeze_panes(1, 0)
        wrapped = book.add_format({"text_wrap": True, "valign": "top"})
        notes.set_column(0, len(explanation.header) - 1, WIDE_WIDTH, wrapped)
        notes.write_row(0, 0, explanation.header, optional)
        for line, column in enumerate(columns, start=1):
            for at, cell in enumerate(column.explanation_cells):
                notes.write_string(line, at, cell)
        lists.hide()


def _cell_range(column: int, rows: int) -> str:
    letter = xlsxwriter.utility.xl_col_to_name(column)
    return f"${letter}$1:${letter}${rows}"
