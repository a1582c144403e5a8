"""The words of the codes about drafts, filings and their sheets."""

from __future__ import annotations

from registry.i18n import _
from registry.messages import Messages, declare

MESSAGES: Messages = {
    "begins_later": _("A record in force cannot be made to begin later. Withdraw it and file again."),
    "reason_public": _("Give the reason: it is public."),
    "filer_not_approved": _(
        "The approval of this body is not valid today: it may file nothing until it is. Ask the authority that approves it."
    ),
    "issuer_not_approved_then": _(
        "The body that files this was not approved on that day (%(day)s): it may issue only while it is approved."
    ),
    "issuer_of_other_kind": _("The body that files this is of another kind: it may not issue this."),
    "issuer_scope_exceeded": _(
        "The approved scope of the body does not name this: it may issue only within its scope (%(scope)s)."
    ),
    "holder_is_own": _(
        "You act for “%(value)s” as well, or have declared a conflict of interest with it: somebody else at the body files this."
    ),
    "issued_to_itself": _("A body issues nothing to itself: “%(value)s” has the name of the body."),
    "holder_ended": _("“%(value)s” has been deregistered: nothing new is issued to it."),
    "other_organisation": _("“%(value)s” is another organisation; this is filed for %(own)s."),
    "number_not_yours": _(
        "“%(value)s” is no record of this organisation. Leave the number empty to file again."
    ),
    "record_not_yours": _(
        "“%(value)s” is no record of this organisation. Type the number of one that it holds, or leave it empty for the organisation itself."
    ),
    "picture_rights": _("Say that you may publish the picture here; without that it cannot be shown."),
    "too_many_pictures": _(
        "Your organisation has supplied %(at_most)s pictures, as many as are taken. Remove one first."
    ),
    "not_acting": _(
        "The person who submitted this no longer files for the organisation. Nothing more was published."
    ),
    "job_stopped": _(
        "Processing stopped at row %(row)s because of an error on our side. The rows before it are done; please submit the others again."
    ),
    "sheet_too_large": _("The file is too large: at most %(at_most)s MB are taken. Please divide it."),
    "too_many_sheets": _(
        "Your organisation has submitted %(at_most)s sheets today, as many as are taken; refused ones count. Try again tomorrow."
    ),
    "results_being_made": _("The results are being put together. They can be downloaded in a moment."),
    "too_many_jobs": _(
        "%(at_most)s sheets of this organisation wait already. Please wait until one is done."
    ),
    "filed_already": _("Your organisation has filed this already: %(number)s. Amend that one instead."),
    "another_record": _(
        "An amendment keeps what tells %(number)s from other records. For something else file a new record."
    ),
    "not_open": _("%(number)s has ended, or the authority has it in hand: it cannot be amended now."),
    "not_filed": _("This field is not filed by enterprises. Leave it out."),
    "filled_in": _("The register fills this in, here with “%(value)s”. Leave it out, or send the same."),
    "corrects_an_order": _(
        "%(number)s is under an order of the authority: its amendment is the answer to that. Leave the reason empty."
    ),
    "amended_because": _("Say why the record is amended: the reason is public."),
    "amended_how": _("Say in words what the reason is: it is public."),
    "status_not_filed": _(
        "An enterprise can only withdraw a record by its status; “%(value)s” comes about in other ways. Leave it empty."
    ),
    "withdraws_nothing": _("Give the number of the record that is withdrawn."),
    "withdrawal_changes_facts": _(
        "A withdrawal changes no facts, and the record says something else here. Leave it out, or amend first."
    ),
    "none_chosen": _("Choose at least one of them."),
    "amends_nothing": _(
        "A reason belongs to an amendment: name the record that is amended, or leave this empty."
    ),
    "record_moved": _(
        "%(number)s has changed since you looked at it; it is version %(version)s now. Look at what changed, then publish."
    ),
    "nothing_changed": _("Nothing differs from what %(number)s says already."),
    "too_many_drafts": _(
        "An organisation has at most %(at_most)s drafts. Publish or delete some of them first."
    ),
    "credit_code_needed": _(
        "Only enterprises with a unified social credit code file records here; %(number)s has none."
    ),
    "draft_too_long": _("A draft has at most %(at_most)s characters."),
    "not_filed_by_enterprises": _("%(register)s are not filed by enterprises themselves."),
    "applied_for_first": _(
        "The authority decides on %(register)s first: submit an application at /api/v1/registers/%(register)s/applications."
    ),
    "token_of_another_organisation": _("This token does not file for that organisation."),
    "version_differs": _("%(number)s is at version %(version)s."),
    "retraction_too_late": _("This is possible only within %(hours)s hours of the filing."),
    "draft_saved_meanwhile": _("%(name)s has saved this draft meanwhile."),
    "no_withdrawal": _("Records of this register cannot be withdrawn."),
    "no_confirmation": _("Records of this register need no confirmation."),
    "no_new_editions": _("Records of this register have no editions."),
    "sheet_not_checked": _("Only a sheet that was checked to its end is published so."),
    "sheet_work_ended": _("This sheet has been processed."),
}

declare(__name__, MESSAGES)
