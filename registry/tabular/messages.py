"""The words of the codes about reading a file of rows."""

from __future__ import annotations

from registry.i18n import _
from registry.messages import Message, declare

MESSAGES: dict[str, Message | str] = {
    "cell_too_long": _("The cell has %(length)s characters; at most %(at_most)s are taken."),
    "too_many_cells": _("The row has %(cells)s cells, the header has %(columns)s columns."),
    "cell_without_value": _("The cell holds “%(value)s” and no value. Save the sheet with its values."),
    "not_an_object": _("The line is not a JSON object."),
    "row_truncated": _("The file ends in the middle of this row."),
    "not_of_this_register": _("This row is not a matter for this register: %(reason)s."),
    "file_missing": _("There is no such file."),
    "empty_file": _("The file is empty."),
    "no_header": _("The first row does not name columns of this register."),
    "not_a_spreadsheet": _("The file is neither CSV, XLSX nor JSON lines, or it is damaged."),
    "duplicate_header": _("Two columns have the same name or mean the same field: %(column)s."),
    "too_many_columns": _("The sheet has %(columns)s columns; at most %(at_most)s are taken."),
    "too_many_rows": Message(
        _("The sheet has more than %(at_most)s rows. Please divide it."), unspoken=("rows",)
    ),
    "line_too_long": Message(
        _("Line %(line)s is longer than a row can be: is a quotation mark left open?"), unspoken=("at_most",)
    ),
    "encoding": _(
        "The file is neither UTF-8 nor GB18030: the byte at position %(offset)s, line %(line)s, fits neither."
    ),
    "encoding_unclear": _(
        "The file is not UTF-8, and in no other encoding is it a text (see line %(line)s). "
        "Save it as UTF-8 or as a workbook."
    ),
    "worksheet_missing": _("There is no worksheet “%(name)s”; the file has %(known)s."),
    "worksheets_left_out": _("Worksheets without the columns of this register were left out: %(names)s"),
    "worksheets_hidden": _("Hidden worksheets were left out: %(names)s"),
    "hidden_rows_read": _("Hidden rows of the worksheet “%(name)s” were read with the others: %(rows)s"),
    "workbook_too_large": _(
        "The workbook is too large: a worksheet may have %(at_most)s cells, empty ones between the others counted. Delete empty rows and columns, or divide it."
    ),
    "too_many_without_value": _(
        "More than %(at_most)s cells hold a formula without its value, or an error. Open the workbook in a spreadsheet program and save it with its values."
    ),
    "zip_bomb": _("The workbook is refused: %(reason)s."),
}

declare(__name__, MESSAGES)
