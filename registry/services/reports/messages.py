"""The words of the codes about reports and objections."""

from __future__ import annotations

from registry.i18n import _
from registry.messages import Message, declare

MESSAGES: dict[str, Message | str] = {
    "report_trap": _("Leave this field empty: it is there to recognise programs that fill in forms."),
    "report_too_quick": _("This was sent sooner than a person can write it. Look at it and send it again."),
    "report_form_old": _("This form was open for more than a day. Look at it and send it again."),
    "statement_short": _("Say in at least %(at_least)s characters what is wrong and how you know."),
    "objections_not_open": Message(
        _("%(number)s is not open for objections. What is wrong on its page can be reported as an error."),
    ),
    "objections_over": _(
        "The time for objections to %(number)s ended on %(due)s. What is wrong on its page can be reported as an error."
    ),
    "objections_end_unknown": _(
        "%(number)s was announced by another authority, and until when it takes objections is not known here. Send yours to "
        "that authority."
    ),
    "objection_without_record": _("An objection names the record whose title or grade is proposed."),
    "objector_never_shown": _(
        "Who objects is never shown: what is proposed is decided on the facts. The platform writes to them for you."
    ),
    "report_ended": _("This report was answered or withdrawn meanwhile."),
    "report_claimed": _("%(name)s has taken this report up and is looking at it."),
    "report_names_no_record": _("This report names no record that it could challenge."),
    "report_admitted": _("This report challenges its record already."),
    "outcome_wanted": _("Say what came of it."),
    "reply_to_reporter_wanted": _("Answer the person who reported it: what was found, and on what grounds."),
    "public_answer_wanted": _(
        "Say what the page of the record is to tell the public, without naming the reporter."
    ),
    "authority_wanted": _("Name the authority to which it was sent on."),
    "names_the_reporter": _(
        "This names an e-mail address or a telephone number. What is public names no reporter."
    ),
    "statement_wanted": _("Write what you state."),
    "statements_enough": _("There are %(at_most)s statements on this report already."),
}

declare(__name__, MESSAGES)
