"""The words of the codes about sheets of decisions."""

from __future__ import annotations

from registry.i18n import _
from registry.messages import Message, declare

MESSAGES: dict[str, Message | str] = {
    "decision_unknown": _(
        "The life cycle of this register has no decision “%(value)s”. The empty sheet has the words that are taken."
    ),
    "decision_unclear": _("“%(value)s” may mean more than one decision. Write one of: %(possible)s."),
    "row_repeats_record": _(
        "Row %(row)s decides on this record already; one sheet has one decision on a record."
    ),
    "no_row_possible": _("Every row is refused: there is nothing to prepare."),
    "decision_sheet_moved": _("This sheet has gone on meanwhile. Look at where it stands now."),
    "too_many_decision_sheets": _(
        "%(at_most)s sheets of yours wait to be prepared already. Prepare or cancel one of them first."
    ),
    "too_many_decision_sheets_today": _(
        "You have submitted %(at_most)s sheets of decisions today, as many as are taken; refused ones count. Try again tomorrow."
    ),
}

declare(__name__, MESSAGES)
