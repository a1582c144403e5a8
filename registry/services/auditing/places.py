"""Where the desk shows what an entry of the audit log is about: with what was before and after, which the log does not repeat."""

from __future__ import annotations

import re
from urllib.parse import quote

OF_ROW = re.compile(
    r"(?:^| )[a-z_-]+ ([0-9]{1,12})(?= |$)"
)  # such as “brands 12”: what it is of, and its number
# Act, or how acts begin → the page of the row whose number stands in the subject or the details. The first that fits.
PAGES = (
    ("decision_sheet_", "/desk/sheets/{}"),
    ("decision_", "/desk/decisions/{}"),
    ("application_", "/desk/applications/{}"),
    ("evidence_seen", "/desk/applications/{}"),
    ("signer_seen", "/desk/applications/{}"),
    ("entry_", "/desk/entries/{}"),
    ("import_", "/desk/imports/{}"),
    ("record_imported", "/desk/imports/{}"),
)
# Acts whose subject is the number of a record.
ON_RECORDS = frozenset(
    {
        "filed", "amended", "withdrawn", "still_true", "year_reported", "figures_seen", "private_text_seen", "artwork_downloaded",
        "picture_supplied", "picture_removed", "picture_taken_down", "decision_requested", "request_withdrawn", "request_refused",
        "challenge_answered",
    }
)  # fmt: skip


def page_of(action: str, subject: str, details: str) -> str:
    """Return the address at the desk of what an act was on, without the language; "" where it has none."""
    if action in ON_RECORDS and subject:
        return f"/desk/find?number={quote(subject, safe='')}"
    page = next((page for begin, page in PAGES if action.startswith(begin)), "")
    if action == "decision_taken" and " sheet " in f" {details}":
        page = "/desk/sheets/{}"
    found = OF_ROW.search(subject) or OF_ROW.search(details)
    row = found[1] if found else details if details.isascii() and details.isdecimal() else ""
    return page.format(int(row)) if page and row else ""
