"""The words of the codes about publishing a record."""

from __future__ import annotations

from registry.i18n import _
from registry.messages import declare

MESSAGES = {
    "key_missing": _("The row must state this: by it records are told apart."),
    "number_not_on_record": _(
        "No record has the number “%(value)s”, and the row does not state what a new one is named by."
    ),
    "not_a_transition": _("The register does not lead from “%(before)s” to “%(after)s”."),
    "transition_not_allowed": _(
        "Who sends this may not give a record the status “%(after)s”, or the date for it has not come."
    ),
    "transition_too_late": _("“%(after)s” is possible only within %(hours)s hours of the first entry."),
    "sources_differ": _("Another source (%(source)s) states “%(value)s”; the later one counts."),
    "status_unknown": _("“%(value)s” is not a state of this register."),
    "status_assumed": _("The source states no status; the register's default, “%(value)s”, was taken."),
    "decision_incomplete": _("The decision on the status must give this, and it is not stated."),
    "number_not_kept": _(
        "The number %(value)s in the sheet belongs to another record; a new one was issued."
    ),
    "former_value_stated": _(
        "The source states “%(value)s”, which this record had before; what came later stays."
    ),
    "former_key": _(
        "This names %(number)s: that record was corrected, or a double was merged into it. Name it by that number to change it."
    ),
    "former_key_of_another": _(
        "%(number)s had this key before it was corrected. It is another thing by its name: compare both."
    ),
    "near_double": _(
        "%(number)s is on record too and differs in holder, place or spelling only. If both are one, give that number in the sheet."
    ),
    "number_differs": _(
        "The record has the number %(number)s; the number %(value)s in the sheet was not taken."
    ),
    "number_names_another": _(
        "The number is that of %(number)s, but the fields by which records are told apart are those of %(other)s. Correct one of them."
    ),
    "number_of_other_register": _("“%(value)s” is not a number of this register."),
}

declare(__name__, MESSAGES)
