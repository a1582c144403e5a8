"""The words of the codes about accounts, memberships, claims, tokens and attachments."""

from __future__ import annotations

from registry.i18n import _
from registry.messages import Message, declare

MESSAGES: dict[str, Message | str] = {
    "file_not_uploaded": _(
        "No file with this SHA-256 was uploaded by this account, or submitted with the same before: “%(value)s”. Upload it first."
    ),
    "email_form": _("“%(value)s” is not an e-mail address, such as name@example.com."),
    "sign_in_wrong": _("The e-mail address or the password is not right. Both are taken as they are typed."),
    "dormant": _("This account has not been used for a year. We have sent a link to set a new password."),
    "account_suspended": _(
        "This account is suspended. The operator of this site can say why, and restore it."
    ),
    "password_again": _("Please enter your password again."),
    "password_wrong": _("This is not the password of the account."),
    "address_taken": _("Another account uses this address."),
    "address_same": _("This is the address of the account already."),
    "factor_wrong": _("This code is not right, or was used already. Wait for the next one and try again."),
    "factor_compulsory": _("Accounts that decide on records must keep their second factor."),
    "account_unknown": _("There is no account of %(value)s."),
    "organisation_unknown": _("The register holds no organisation with the number %(value)s."),
    "account_exists": _("There is an account of %(value)s already. Find it below, and change its role."),
    "account_is_own": _("This is your own account: another administrator changes it."),
    "account_is_suspended": _("This account is suspended; restore it first."),
    "role_unknown": _("There is no role “%(value)s”; known are: %(known)s."),
    "foreign_number_form": _(
        "“%(value)s” is not F-country-registration number, such as F-DE-HRB12345; enterprises of mainland China give "
        "their credit code."
    ),
    "foreign_number_alike": _(
        "The register holds %(number)s, which reads alike. Write it the same way if you mean it."
    ),
    "organisation_ended": _("This organisation has been deregistered; no one can act for it here."),
    "member_already": _("You act for this organisation already."),
    "member_already_there": _("This person acts for the organisation already."),
    "claim_waits": _("Your claim to this organisation waits for the registrar already."),
    "too_many_claims": _("At most %(at_most)s claims can wait at the same time."),
    "link_in_name": _(
        "“%(value)s” would be shown as a link in our e-mails. Leave out addresses; after a full stop place a blank, as in J. R. Li."
    ),
    "foreign_signs_in_name": _(
        "Leave out %(value)s: brackets, quotation marks and invisible characters do not belong here, because others read this in our e-mails."
    ),
    "reason_wanted": _("Give the reason: the person reads it."),
    "only_owner": _(
        "%(name)s would be without an owner, though others act for it. Make one of them owner first."
    ),
    "staff_account": _("Accounts that decide on records are ended by the operator of the register."),
    "last_owner": _("An organisation keeps an owner of its own. Make somebody else owner first."),
    "agent_no_owner": _("An agent from outside can be viewer or editor, not owner."),
    "file_of_another_kind": _("Submit it as %(wanted)s; this is another kind of file."),
    "file_too_large": _(
        "The file is too large: at most %(at_most)s MB are taken for one of its kind. Please divide it, or save it with a lower resolution."
    ),
    "file_quota": _(
        "This account has reached its limit of %(files)s files or %(at_most)s MB. Please contact the authority."
    ),
    "file_infected": _(
        "The virus scanner found “%(name)s” in this file; it was not kept. Please check your computer, and send a clean copy."
    ),
    "too_many_tokens": _("You have %(at_most)s tokens in use. Revoke one that is not needed any more."),
    "idempotency_key_reused": _(
        "This `Idempotency-Key` was sent with another request. Use a new one for each request."
    ),
    "token_only_checks": _("This token may only check: send dry_run=1, or make one that may declare."),
    "token_does_not_file": _("This token works at the desk and files nothing. Make one in the workspace."),
    "token_not_of_desk": _("This token files; the desk needs one that was made there."),
    "token_only_reads": _("This token only reads the desk: send dry_run=1, or make one that may decide."),
    "desk_token_for_no_organisation": _("A token of the desk is for your account, not for an organisation."),
    "factor_wanted": _("Set up a second factor first."),
    "no_session_waits_for_factor": _("No session waits for a second factor."),
    "factor_exists": _("A second factor is set up already."),
    "factor_not_begun": _("No second factor waits for its first code."),
    "factor_missing": _("This account has no second factor that recovery codes could stand in for."),
    "session_ended": _("This session has ended."),
    "own_claim": _("A claim is decided by somebody other than the person who made it."),
    "claim_decided": _("This claim was decided or withdrawn meanwhile."),
    "organisation_alike_entered": _(
        "Another organisation with a number that reads alike was entered meanwhile."
    ),
    "invitation_of_another": _("The invitation is for another address."),
    "body_ended": _("The approval of this body has ended; no one can act for it here."),
    "body_unknown": _("The register holds no body with the number %(value)s."),
    "region_not_taken": _("An account of this role has no region."),
    "bound_region_unknown": _(
        "“%(value)s” is not a region: give the six digits of GB/T 2260, such as 330400, or the name."
    ),
    "region_of_another_level": _(
        "“%(value)s” is not in force or not of the level of this role: a county, a city or a province."
    ),
    "region_ambiguous": _("Several regions are called “%(value)s”: give the code, one of %(known)s."),
    "role_takes_no_body": _("Only an account with the role of a body acts for one."),
    "party_unknown": _("The register holds neither an organisation nor a body with the number %(value)s."),
    "too_many_interests": _("At most %(at_most)s conflicts of interest can be declared."),
    "role_takes_no_substitute": _(
        "Only reviewers with a region have substitutes; others of the role act already."
    ),
    "substitute_without_region": _("This account has no region in which another could stand in."),
    "substitute_is_same": _("No one stands in for themselves."),
    "substitute_of_another_role": _("The substitute must have the same role as the account."),
    "day_past": _("%(value)s has passed."),
    "substitution_too_long": _("Another stands in for at most %(at_most)s days."),
    "bound_region_missing": _(
        "Your account has no region yet, so it may act on no record. An administrator sets it at the desk."
    ),
    "bound_body_missing": _(
        "Your account acts for no body yet, so it may act on no record. Claim your body, or ask an administrator."
    ),
    "record_without_region": _(
        "Neither the record nor its holder states a region: a reviewer at national level or the registrar acts on it."
    ),
    "outside_region": Message(
        _("The record is of %(region)s; your account acts in %(own)s only."), unspoken=("region_en", "own_en")
    ),
    "issued_by_another": _("Your account acts for another body than the one that issued this record."),
    "held_by_another": _("Your account files for another organisation than the one that holds this record."),
    "body_not_approved": Message(
        _("%(name)s has no valid approval today, so it may act on no record."), unspoken=("name_en",)
    ),
    "body_not_entitled": Message(
        _("%(name)s is a body of another kind: it may not act on records of this register."),
        unspoken=("name_en",),
    ),
    "body_scope_exceeded": Message(
        _("The approved scope of %(name)s does not name what this record is about."), unspoken=("name_en",)
    ),
    "not_drawn_for_record": _(
        "You were not drawn as inspector for this record, or its result is public already."
    ),
    "own_organisation": _(
        "You act for an organisation that this record concerns: somebody else decides (conflict of interest)."
    ),
    "conflict_declared": _(
        "You have declared a conflict of interest with an organisation that this record concerns: somebody else decides."
    ),
    "prepared_by_decider": _("You have filed or prepared this yourself: somebody else decides."),
    "membership_role_too_low": Message(
        _("Your role in this organisation does not allow this."), unspoken=("role",)
    ),
}

declare(__name__, MESSAGES)
