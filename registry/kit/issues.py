"""Issues: what is wrong, as a code with parameters. Words for each code stand here once, as message ids."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Literal

from registry.i18n import _

Severity = Literal["blocks", "warns"]


@dataclass(frozen=True, slots=True)
class Issue:
    """One finding: `field` is a field's name or "" for the whole record; `params` fit the code's message."""

    code: str
    field: str = ""
    params: dict[str, object] = dataclasses.field(default_factory=dict)
    severity: Severity = "blocks"

    def as_warning(self) -> Issue:
        return Issue(self.code, self.field, self.params, "warns")

    def as_json(self) -> dict[str, object]:
        return {"code": self.code, "field": self.field, "params": self.params}


MESSAGES: dict[str, str] = {
    # shape of one value
    "required": _("This fact is missing. Please give it."),
    "not_stated": _("The source does not state this."),
    "wrong_type": _("“%(value)s” is not the kind of value this field takes."),
    "too_long": _("This is %(length)s characters long; at most %(at_most)s fit."),
    "too_short": _("This is %(length)s characters long; at least %(at_least)s are needed."),
    "too_few": _("Give at least %(at_least)s."),
    "pattern": _("“%(value)s” does not have the form of this identifier, for example %(example)s."),
    "unknown_word": _("“%(value)s” is not in the list of this field; it is kept as the source wrote it."),
    "unknown_field": _("The register has no field “%(name)s”."),
    "not_a_number": _("“%(value)s” is not a number."),
    "below_least": _("%(value)s is below the least value, %(least)s."),
    "above_most": _("%(value)s is above the greatest value, %(most)s."),
    "date_shape": _("“%(value)s” is not a date. Write it like 2025-01-31, 2025-01 or 2025."),
    "date_does_not_exist": _("The day “%(value)s” does not exist."),
    "full_date_required": _("Give the full date: year, month and day."),
    "web_address": _("“%(value)s” is not a web address that begins with http:// or https://."),
    # identifiers
    "credit_code_length": _("A unified social credit code has 18 characters; “%(value)s” does not."),
    "credit_code_characters": _("A unified social credit code has no letters I, O, S, V or Z: “%(value)s”."),
    "credit_code_check_digit": _(
        "One character of the unified social credit code “%(value)s” is wrong: the check digit does not fit."
    ),
    "organisation_code_check_digit": _(
        "Characters 9 to 17 of the credit code do not pass the older organisation code's check."
    ),
    "number_shape": _("“%(value)s” does not have the form of a number of this register."),
    "gtin_shape": _("“%(value)s” is not a barcode of 8, 12, 13 or 14 digits."),
    "gtin_check_digit": _("One digit of the barcode “%(value)s” is wrong: the check digit does not fit."),
    "number_check_digit": _("One character of “%(value)s” is wrong: the check character does not fit."),
    "standard_number_unknown_form": _(
        "“%(value)s” matches no known form of a standard number; it is kept as written."
    ),
    "standard_number_without_year": _("“%(value)s” names no edition: the year is missing."),
    "region_unknown": _("The region code “%(value)s” is not in the list of GB/T 2260."),
    "region_abolished": _("The region code “%(value)s” has been abolished."),
    "industry_unknown": _("The industry code “%(value)s” is not in GB/T 4754."),
    "industry_too_broad": _("“%(value)s” names a section only; give the division or a deeper code, C14."),
    "hs_code_form": _("“%(value)s” is not an HS code of 4, 6, 8 or 10 digits."),
    "country_unknown": _("The country code “%(value)s” is not in ISO 3166."),
    "ics_unknown": _("“%(value)s” is not an ICS code."),
    "personal_masked": _(
        "A personal number was masked: numbers of people do not belong in a public register."
    ),
    # words of searches
    "too_few_words": _("Give at least two words that mean the same, with = between them."),
    "too_many_words": _("These are %(number)s words; at most %(at_most)s fit into one entry."),
    "word_without_meaning": _("“%(value)s” is too short or too common: it would find almost everything."),
    "too_many_saved": _("You have %(at_most)s saved searches already. Remove some that you do not need."),
    "too_many_synonyms": _("There are %(at_most)s entries already. Take out some that nobody needs."),
    # several fields
    "ends_before_start": _("The end, %(end)s, lies before the start, %(start)s."),
    "after_today": _("%(value)s lies in the future."),
    "key_missing": _(
        "Part of the key is missing: %(fields)s. Without it the row cannot be told from others."
    ),
    "duplicate_key": _("Another row of this file (row %(row)s) has the same key and other content."),
    "not_a_transition": _("The register does not lead from “%(before)s” to “%(after)s”."),
    "status_unknown": _("“%(value)s” is not a state of this register."),
    "status_assumed": _("The source states no status; the register's default, “%(value)s”, was taken."),
    "number_not_kept": _(
        "The number %(value)s in the sheet belongs to another record; a new one was issued."
    ),
    "number_of_other_register": _("“%(value)s” is not a number of this register."),
    # rows and files
    "cell_too_long": _("The cell has %(length)s characters; at most %(at_most)s are taken."),
    "too_many_cells": _("The row has %(cells)s cells, the header has %(columns)s columns."),
    "cell_without_value": _("The cell holds “%(value)s” and no value. Save the sheet with its values."),
    "not_an_object": _("The line is not a JSON object."),
    "row_truncated": _("The file ends in the middle of this row."),
    "not_of_this_register": _("This row is not a matter for this register: %(reason)s."),
    "storage_full": _(
        "The row could not be stored: %(problem)s. Rows before it are in; import the file again to go on."
    ),
    # files
    "file_missing": _("There is no such file."),
    "empty_file": _("The file is empty."),
    "no_header": _("The first row does not name columns of this register."),
    "not_a_spreadsheet": _("The file is neither CSV, XLSX nor JSON lines, or it is damaged."),
    "duplicate_header": _("Two columns have the same name or mean the same field: %(column)s."),
    "too_many_columns": _("The sheet has %(columns)s columns; at most %(at_most)s are taken."),
    "too_many_rows": _("The sheet has more than %(at_most)s rows. Please divide it."),
    "line_too_long": _("Line %(line)s is longer than a row can be: is a quotation mark left open?"),
    "encoding": _(
        "The file is neither UTF-8 nor GB18030: the byte at position %(offset)s, line %(line)s, fits neither."
    ),
    "zip_bomb": _("The workbook is refused: %(reason)s."),
    "mapping": _("The mapping cannot be used: %(problem)s"),
    # accounts
    "email_form": _("“%(value)s” is not an e-mail address, such as name@example.com."),
    "sign_in_wrong": _("The e-mail address or the password is not right. Both are taken as they are typed."),
    "dormant": _("This account was not used for a year. We have sent a link to set a new password."),
    "password_short": _("A password has at least %(at_least)s characters."),
    "password_long": _("A password has at most %(at_most)s characters."),
    "password_guessable": _(
        "This password is known from leaks or easily guessed. A few words that do not belong together are better."
    ),
    "password_again": _("Please enter your password once more."),
    "password_wrong": _("This is not the password of the account."),
    "address_taken": _("Another account uses this address."),
    "address_same": _("This is the address of the account already."),
    "factor_wrong": _("This code is not right, or was used already. Wait for the next one and try again."),
    "factor_compulsory": _("Accounts that decide over records keep their second factor."),
    "account_unknown": _("There is no account of %(value)s."),
    "organisation_unknown": _("The register holds no organisation with the number %(value)s."),
    "role_unknown": _("There is no role “%(value)s”; known are: %(known)s."),
    "foreign_number_form": _(
        "“%(value)s” is not F-country-registration number, such as F-DE-HRB12345; enterprises of mainland China give "
        "their credit code."
    ),
    "foreign_number_alike": _(
        "The register holds %(number)s, which reads alike. Write it the same way if you mean it."
    ),
    "begins_later": _("A declaration in force cannot be made to begin later. Withdraw it and declare anew."),
    "reason_public": _("Give the reason: it is public."),
    "organisation_ended": _("This organisation has been deregistered; nobody can act for it here."),
    "member_already": _("You act for this organisation already."),
    "member_already_there": _("This person acts for the organisation already."),
    "claim_waits": _("Your claim to this organisation waits for the registrar already."),
    "too_many_claims": _("At most %(at_most)s claims can wait at once."),
    "reason_wanted": _("Give the reason: the person reads it."),
    "last_owner": _("An organisation keeps an owner of its own. Make somebody else owner first."),
    "agent_no_owner": _("An agent from outside can be viewer or editor, not owner."),
    "other_organisation": _("“%(value)s” is another organisation; this is filed for %(own)s."),
    "number_not_yours": _(
        "“%(value)s” is no declaration of this organisation. Leave the number empty to file anew."
    ),
    "not_acting": _(
        "Who handed this in does not file for the organisation any more. Nothing more was published."
    ),
    "job_stopped": _(
        "The work stopped at row %(row)s through a fault of ours. Rows before it are done; please hand in the others again."
    ),
    "sheet_too_large": _("The file is too large: at most %(at_most)s MB are taken. Please divide it."),
    "too_many_jobs": _(
        "%(at_most)s sheets of this organisation wait already. Please wait until one is done."
    ),
    "filed_already": _(
        "Your organisation has declared this product with this standard already: %(number)s. Amend that one instead."
    ),
    "another_record": _(
        "An amendment keeps organisation, standard and product of %(number)s. For others make a new declaration."
    ),
    "not_open": _("%(number)s has ended, or the authority has it in hand: it cannot be amended now."),
    "amended_because": _("Say why the declaration is amended: the reason is public."),
    "amended_how": _("Say in words what the reason is: it is public."),
    "file_of_another_kind": _("Hand it in as %(wanted)s; this is another kind of file."),
    "none_chosen": _("Choose at least one of them."),
    "amends_nothing": _(
        "A reason belongs to an amendment: name the declaration that is amended, or leave this empty."
    ),
    "record_moved": _(
        "%(number)s has changed since you looked at it; it is version %(version)s now. Look at what changed, then publish."
    ),
    "nothing_changed": _("Nothing differs from what %(number)s says already."),
    "too_many_drafts": _(
        "An organisation has at most %(at_most)s drafts. Publish or throw away some of them first."
    ),
    "credit_code_needed": _(
        "Only enterprises with a unified social credit code declare standards here (SAMR Order No. 83); %(number)s has none."
    ),
    "draft_too_long": _("A draft has at most %(at_most)s characters."),
    "link_void": _("This link was used, or its time has run out."),
    # attachments
    "file_empty": _("The file is empty. Choose another one, or save it again and send that."),
    "file_too_large": _(
        "The file is too large: at most %(at_most)s MB are taken for one of its kind. Please divide it, or save it with a lower resolution."
    ),
    "file_quota": _(
        "This account has handed in as much as one may: %(files)s files or %(at_most)s MB. Please write to the authority."
    ),
    "file_kind": _(
        "The file is neither PDF, OFD, JPEG nor PNG. Only these are taken, told by what is in a file and not by its name: save or scan it as one of them."
    ),
    "file_heic": _(
        "This is a HEIC photo, as iPhones take them, which few programs can open. Save or export it as JPEG and send that; in the settings of the camera, “Most Compatible” takes JPEG at once."
    ),
    "file_damaged": _(
        "The %(kind)s file is damaged or was cut off: its parts do not fit together. Open it, save it anew and send that."
    ),
    "file_mixed": _(
        "The %(kind)s file holds something else before, behind or inside it, so that it could be opened as another kind. A file must be one thing only: open it, save it anew and send that."
    ),
    "file_infected": _(
        "The virus scanner found “%(name)s” in this file; it was not kept. Please check your computer, and send a clean copy."
    ),
    "picture_size": _(
        "The picture has %(width)s × %(height)s dots; at most %(at_most)s million are taken. Save it smaller."
    ),
    "ofd_paths": _(
        "The OFD file holds names that lead out of it, such as ../name. Such files are not taken: export it anew from the program that made it."
    ),
    "ofd_too_large": _(
        "The OFD file would unpack to more than %(at_most)s MB or %(entries)s parts, or is packed beyond all measure. Export it anew, or divide it."
    ),
    "pdf_active": _(
        "The PDF holds something that acts by itself or carries other files: %(found)s. Only documents that are merely read are taken: print it to a new PDF and send that."
    ),
    "pdf_encrypted": _(
        "The PDF is encrypted or protected by a password, so that nobody can check it. Save it without protection and send that."
    ),
    "pdf_unreadable": _(
        "The PDF does not keep to the rules of its format, so that it cannot be checked. Print it to a new PDF and send that."
    ),
    "pdf_too_complex": _(
        "The PDF has too many parts to be checked in reasonable time. Divide it, or print it to a new PDF and send that."
    ),
    # the API
    "unknown_parameter": _("There is no parameter “%(name)s” here; known are: %(known)s."),
    "unknown_value": _("“%(value)s” is not a value of this parameter; known are: %(known)s."),
    "bad_token": _("“%(value)s” is not the `next` of an earlier answer."),
    "limit_range": _("`limit` is a number from 1 to %(most)s, not “%(value)s”."),
    "too_many_tokens": _("You have %(at_most)s tokens in use. Revoke one that is not needed any more."),
    "document_wanted": _('The body must be {"document": {field: value}, "signer": "name"}.'),
    "idempotency_key_form": _("`Idempotency-Key` has from 1 to 255 visible ASCII characters."),
    "idempotency_key_reused": _(
        "This `Idempotency-Key` was sent with another request. Use a new one for each request."
    ),
    "not_json": _("The body of the request is not JSON."),
    "numbers_wanted": _('The body must be {"numbers": ["…"]}: a list of texts.'),
    "too_many_numbers": _("Give from 1 to %(most)s numbers, not %(count)s."),
    "number_too_long": _("A number has at most %(most)s characters."),
    "changed_meanwhile": _("Another import changed this record at the same moment. Import the file again."),
}


def words(code: str) -> str:
    """The message id of a code; registers add theirs through `RegisterDefinition.issue_words`."""
    return MESSAGES[code]
