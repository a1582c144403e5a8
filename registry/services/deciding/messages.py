"""The words of the codes about decisions at the desk."""

from __future__ import annotations

from registry.i18n import _
from registry.messages import Message, declare

MESSAGES: dict[str, Message | str] = {
    "request_ended": _("This request was granted, refused or withdrawn meanwhile."),
    "decision_needs_account": _("A decision is prepared and taken by a person who has signed in."),
    "role_changed_meanwhile": _("The role of this account was changed. Sign in again."),
    "transition_of_others": Message(
        _("The life cycle gives this decision to other roles."), unspoken=("role", "transition")
    ),
    "transition_gone": Message(
        _("The life cycle does not have this decision any more."), unspoken=("transition",)
    ),
    "desk_reads_only": _("Your role reads everything at the desk and decides nothing."),
    "decision_is_own": _("You have prepared this decision: another person takes it."),
    "decision_of_another": _("Another person has prepared this decision; only they take it back."),
    "decision_settled": _("This decision was taken, returned or taken back meanwhile."),
    "decision_claimed": _("%(name)s has taken this decision up and is looking at it."),
    "filed_by_you": _("You have filed this record: somebody else takes the decision."),
    "decision_waits": _(
        "Decision %(decision)s waits for this record already. It is taken or returned first."
    ),
    "record_changed": _(
        "%(number)s has changed since this decision was prepared; it is version %(version)s now. Look at it again."
    ),
    "status_kept": _(
        "A date or a linked record keeps this record “%(before)s”; it would not become “%(after)s”."
    ),
    "decision_changes_nothing": _("What is stated is what the record says already."),
    "decision_not_shown": _("What is stated does not amount to this decision. Look at the fields again."),
    "field_not_of_decision": _(
        "This decision does not state “%(name)s”; facts are corrected in another way."
    ),
    "before_last_decision": _("%(value)s lies before the decision that the record has, of %(last)s."),
    "not_possible_on_all": _(
        "The decision is not possible on %(count)s of its records; nothing was done. Send leave_out to do without them."
    ),
    "evidence_wanted": _("Say what the decision is based on: which papers, with number and date."),
    "objections_still_taken": _("Objections are taken until %(due)s: it may come into force after that day."),
    "objections_open": _(
        "%(count)s objections to this record are not answered yet. They are answered first; then it may come into force."
    ),
    "reply_wanted": _("Say what is to be changed: the person who prepared it reads this."),
    "correction_words_wanted": _(
        "Say what was wrong and why: the public reads this in the history of the record."
    ),
    "entry_known": _("It is in the register already, as %(number)s: correct that record instead."),
    "entry_waits": _(
        "Entry %(entry)s with the same number waits already. It is published or returned first."
    ),
    "two_records_wanted": _(
        "Name two different records of this register: the one that remains, and its double."
    ),
    "merge_choice": _("“%(value)s” is none of the two records: “remaining” or “merged”."),
    "key_of_another": _(
        "%(number)s has this key already. If both are one thing, merge them; else state another key."
    ),
    "no_record_named": _("Name at least one record by its number."),
    "number_unknown_here": _("No record of this register has the number “%(value)s”."),
    "too_many_views": _("%(at_most)s views are saved already, which is the limit. Please remove one first."),
    "too_many_decision_files": _("A decision has at most %(at_most)s files."),
    "too_many_records": _("%(count)s numbers are given; one decision takes at most %(at_most)s."),
}

declare(__name__, MESSAGES)
