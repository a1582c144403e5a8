"""The words of the codes about importing a sheet."""

from __future__ import annotations

from registry.i18n import _
from registry.messages import declare

MESSAGES = {
    "duplicate_key": _("Another row of this file (row %(row)s) has the same key and other content."),
    "storage_full": _(
        "The row could not be stored: %(problem)s. Rows before it are in; import the file again to go on."
    ),
    "mapping": _("The mapping cannot be used: %(problem)s"),
    "key_columns_missing": _(
        "The sheet has no column for %(missing)s: without it no row can be told from others."
    ),
    "columns_left_out": _("Columns that are no field of this register were left out: %(names)s"),
    "encoding_assumed": _(
        "%(file)s is not UTF-8; it was read as %(encoding)s. Please look at a record of it."
    ),
    "encoding_read": _("The file is not UTF-8; it was read as %(encoding)s. Please look at the rows."),
    "no_rows": _("%(file)s names columns and has no rows."),
    "report_incomplete": _(
        "The report ends at row %(row)s: %(problem)s. Rows refused after it stand only in %(file)s."
    ),
    "report_replaces_sheet": _(
        "The report %(file)s would replace the sheet itself. Please name another file."
    ),
}

declare(__name__, MESSAGES)
