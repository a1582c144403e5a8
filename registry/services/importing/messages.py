"""The words of the codes about imports at the desk."""

from __future__ import annotations

from registry.i18n import _
from registry.messages import Message, declare

MESSAGES: dict[str, Message | str] = {
    "import_is_own": _("You have prepared this import: another person with the right to import runs it."),
    "import_of_another": _(
        "Another person has prepared this import; only they choose how it is read, or end it."
    ),
    "import_not_there": Message(
        _("This import has gone on meanwhile. Look at where it stands now."), unspoken=("state",)
    ),
    "import_stopped": _("Work on this import has stopped at row %(row)s. The rows before it were processed."),
    "importer_not_active": _(
        "The account that prepared or runs this import is suspended, or may import no longer."
    ),
    "source_wanted": _("Say where the facts of the sheet come from, such as the notice with its number."),
    "too_many_imports": _("%(at_most)s imports of yours wait already. Please end one of them first."),
    "too_many_imports_today": _(
        "You have submitted %(at_most)s sheets for import today, as many as are taken; refused ones count. Try again tomorrow."
    ),
    "meaning_repeated": Message(
        _("The field “%(name)s” is chosen for more than one column. Choose one of them."),
        unspoken=("name_en",),
    ),
    "meaning_unknown": _("This register has no field “%(value)s”."),
    "mapping_gone": _("This register has no mapping “%(name)s” any more. Choose another one."),
    "mapping_name_too_long": _("The name of a mapping has at most %(at_most)s characters."),
    "too_many_mappings": _(
        "This register has %(at_most)s saved mappings, as many as are kept. Delete one, or use the name of one."
    ),
    "header_row_wrong": _("The row of the header is a number from 1 to %(at_most)s."),
}

declare(__name__, MESSAGES)
