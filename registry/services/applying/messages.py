"""The words of the codes about applications."""

from __future__ import annotations

from registry.i18n import _
from registry.messages import Message, declare

MESSAGES: dict[str, Message | str] = {
    "evidence_missing": Message(_("A file is missing: %(kind)s."), unspoken=("kind_en",)),
    "too_much_evidence": _("An application has at most %(at_most)s files."),
    "evidence_kind_unknown": _("Say what kind of evidence the file is."),
    "application_open": _("Application %(application)s for the same is being examined."),
    "too_many_applications": _(
        "An organisation has at most %(at_most)s applications in one register that are being examined."
    ),
    "nothing_applied_for": _("Nothing is applied for in %(register)s."),
    "correction_begun": _(
        "%(name)s has begun to correct this application in the browser. Submit that draft there, or delete it first."
    ),
    "separator_in_item": _(
        "An item of this list has a comma, a semicolon or a line end, which would divide it: “%(value)s”."
    ),
    "application_moved": _("The application has moved on meanwhile. Look at it again."),
    "application_not_open": _("The application cannot be corrected or withdrawn now."),
    "reasons_wanted": _("Say at one question at least, or in general, what is to be corrected."),
    "opinion_wanted": _("Give the reasons: the holder reads them."),
    "paper_wanted": _("Say which paper it is, with its number and date."),
    "not_asked_in_step": _("This step does not ask for “%(name)s”."),
    "step_waits": _("A step is prepared already and waits for another person."),
    "step_settled": _("This step was taken, returned or taken back meanwhile."),
    "step_of_others": _("The life cycle gives this step to other roles."),
    "time_passed_already": _(
        "It would be published after %(due)s, the end of a time that begins with it. State a later day."
    ),
    "record_takes_no_reports": Message(
        _("In its present state this record takes no annual report."), unspoken=("number",)
    ),
    "year_not_to_report": _("Choose a year that has ended and is not reported yet."),
    "figure_unreadable": _("“%(value)s” is not a number. Write digits, with a point before decimals."),
    "opinion_given_already": _(
        "You have given an opinion on this application already: somebody else gives the next one."
    ),
}

declare(__name__, MESSAGES)
