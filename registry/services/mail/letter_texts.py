"""Texts of letters, by kind; those about the records of a register lie in its folder.

Subject and paragraphs are message ids, which the catalogues translate.
"""

from __future__ import annotations

from registry.i18n import _
from registry.kit.letter_text import LetterText
from registry.registers import catalogue

NOT_YOU = _("If you did not ask for this, you can ignore this message.")
TELL_US = _("If this was not you, set a new password now: %(forgotten)s")

TOKENS_ENDED = _("Tokens of programs that were ended: %(ended)s.")


LETTER_TEXTS: dict[str, LetterText] = {
    "sign_up": LetterText(
        _("Finish your sign-up with Pinzheng"),
        (
            _(
                "Somebody, probably you, wants to open an account with this address. Open this link to finish:"
            ),
            "%(link)s",
            _("It works once, within %(lifetime)s."),
            NOT_YOU,
        ),
    ),
    "has_account": LetterText(
        _("You have an account with Pinzheng already"),
        (
            _(
                "Somebody, probably you, wants to use this address for an account. There is one already; sign in:"
            ),
            "%(sign_in)s",
            _("A forgotten password can be set again: %(forgotten)s"),
            NOT_YOU,
        ),
    ),
    "password": LetterText(
        _("Set a new password for Pinzheng"),
        (
            _("Open this link to set a new password:"),
            "%(link)s",
            _("It works once, within %(lifetime)s."),
            NOT_YOU,
        ),
    ),
    "dormant": LetterText(
        _("Set a new password for Pinzheng"),
        (
            _("Your account has not been used for a year. To sign in again, set a new password:"),
            "%(link)s",
            _("It works once, within %(lifetime)s."),
            TELL_US,
        ),
    ),
    "appointed": LetterText(
        _("Your account with Pinzheng"),
        (
            _("The operator has made an account for you. Open this link to choose a password:"),
            "%(link)s",
            _("It works once, within %(lifetime)s."),
            "%(role_given)s",
        ),
    ),
    "role_changed": LetterText(
        _("Your account has another role"),
        (
            _(
                "The operator has changed what your account is for. You have been signed out; sign in again: %(sign_in)s"
            ),
            "%(role_given)s",
            TOKENS_ENDED,
            TELL_US,
        ),
    ),
    "account_suspended": LetterText(
        _("Your account is suspended"),
        (
            _(
                "The operator has suspended your account. You cannot sign in until it is restored. The reason given:"
            ),
            "%(reason)s",
            TOKENS_ENDED,
            TELL_US,
        ),
    ),
    "account_restored": LetterText(
        _("Your account is restored"),
        (_("The operator has restored your account. You can sign in again: %(sign_in)s"), TELL_US),
    ),
    "password_changed": LetterText(
        _("Your password was changed"),
        (
            _("The password of your account was changed. Every other session was ended."),
            TOKENS_ENDED,
            TELL_US,
        ),
    ),
    "confirm_address": LetterText(
        _("Confirm your new e-mail address"),
        (
            _("Open this link to use this address for your account from now on:"),
            "%(link)s",
            _("It works once, within %(lifetime)s."),
            NOT_YOU,
        ),
    ),
    "address_asked": LetterText(
        _("Your e-mail address is to be changed"),
        (
            _("Somebody who knows your password has asked to change the e-mail address of your account."),
            TELL_US,
        ),
    ),
    "address_changed": LetterText(
        _("Your e-mail address was changed"),
        (_("Your account has another e-mail address from now on. This one is not used any more."), TELL_US),
    ),
    "factor_set": LetterText(
        _("Second factor set up"),
        (
            _("From now on a code of your authenticator app is asked for when you sign in."),
            TOKENS_ENDED,
            TELL_US,
        ),
    ),
    "factor_reset": LetterText(
        _("Second factor removed"),
        (
            _("The operator has removed the second factor of your account. Every session was ended."),
            TOKENS_ENDED,
            _("Sign in with your password and set up a new one: %(sign_in)s"),
            TELL_US,
        ),
    ),
    "member_added": LetterText(
        _("You may act for %(organisation)s now"),
        (_("The operator has entered that you act for %(organisation)s. Go on here:"), "%(workspace)s"),
    ),
    "region_set": LetterText(
        _("The region of your account with Pinzheng"),
        (
            _(
                "The operator has set the region of your account. From now on it acts on records of: %(region)s"
            ),
            _("Within what you act, and how to declare a conflict of interest: %(site)s/desk/bounds"),
        ),
    ),
    "substitute_named": LetterText(
        _("You stand in for another reviewer"),
        (
            _(
                "The operator has named you a substitute from %(first)s to %(last)s, both days included. In that time you act on records of %(region)s as well, in the place of:"
            ),
            "%(person)s",
            _("Within what you act, and how to declare a conflict of interest: %(site)s/desk/bounds"),
        ),
    ),
    "body_removed": LetterText(
        _("You do not act for %(organisation)s any more"),
        (_("The operator has ended that your account acts for %(organisation)s."),),
    ),
    "claim_confirmed": LetterText(
        _("You may act for %(organisation)s now"),
        (_("The registrar has confirmed that you act for %(organisation)s. Go on here:"), "%(workspace)s"),
    ),
    "claim_refused": LetterText(
        _("Your claim to %(organisation)s was refused"),
        (
            _("The registrar could not confirm that you act for %(organisation)s. The reason given:"),
            "%(reason)s",
            _("You can claim again with another proof:"),
            "%(workspace)s",
        ),
    ),
    "claim_made": LetterText(
        _("Somebody claims %(organisation)s"),
        (
            _(
                "You are an owner of %(organisation)s. Another account claims to act for it; the registrar will decide. The account:"
            ),
            "%(person)s",
            _("If you know them, invite them instead; if not, tell the registrar."),
        ),
    ),
    "invitation": LetterText(
        _("Invitation to %(organisation)s"),
        (
            _("You are invited to act for %(organisation)s. The invitation comes from:"),
            "%(person)s",
            _("Open this link to answer:"),
            "%(link)s",
            _("It works for %(days)s days."),
            _("If you do not know who invited you, you can ignore this message."),
        ),
    ),
    "sheet_done": LetterText(
        _("Your sheet %(file)s has been filed"),
        (
            _("%(organisation)s: %(good)s rows are public, %(refused)s rows were refused."),
            _("The result of each row, and the refused rows as a sheet to correct and submit again:"),
            "%(door)s/%(sheet)s",
        ),
    ),
    "sheet_checked": LetterText(
        _("Your sheet %(file)s has been checked"),
        (
            _(
                "%(organisation)s: %(good)s rows can be filed, %(refused)s rows would be refused. Nothing is published yet."
            ),
            _("The problems of each row, and how to publish the others:"),
            "%(door)s/%(sheet)s",
        ),
    ),
    "sheet_failed": LetterText(
        _("Your sheet %(file)s was not processed to its end"),
        (
            "%(organisation)s: %(problem)s",
            _("What became of its rows, and how to submit it again:"),
            "%(door)s/%(sheet)s",
        ),
    ),
    "import_checked": LetterText(
        _("The sheet %(file)s has been checked for import"),
        (
            _("%(good)s rows can be imported, %(refused)s rows would be refused. Nothing is published yet."),
            _("What it would change, row by row; another person with the right to import runs it:"),
            "%(site)s/%(page)s",
        ),
    ),
    "import_done": LetterText(
        _("The sheet %(file)s has been imported"),
        (
            _("%(good)s rows are on record, %(refused)s rows were refused."),
            _("The result of each row, and the refused rows as a sheet to correct and submit again:"),
            "%(site)s/%(page)s",
        ),
    ),
    "import_failed": LetterText(
        _("The import of the sheet %(file)s has stopped"),
        (
            "%(problem)s",
            _("Where it stands, and what became of its rows:"),
            "%(site)s/%(page)s",
        ),
    ),
    "search_news": LetterText(
        _("News for your search “%(name)s”"),
        (
            _("Changes to the records that your saved search “%(name)s” finds:"),
            "%(lines)s",
            _("The whole list: %(site)s%(search)s"),
            _("To have these e-mails less often, or no more: %(site)s/account/searches"),
        ),
    ),
    "follow_search": LetterText(
        _("Confirm that you want these e-mails"),
        (
            _("Somebody, probably you, wants e-mails at this address about changes at Pinzheng."),
            _(
                "Open this link to see what they are about and to begin them, or, if they have begun already, to end them:"
            ),
            "%(link)s",
            _("If you do nothing, nothing more is sent and your address is deleted after %(lifetime)s."),
        ),
    ),
    "followed_news": LetterText(
        _("News for your search “%(name)s”"),
        (
            _("Changes to the records that the search “%(name)s” finds:"),
            "%(lines)s",
            _("The whole list: %(site)s%(search)s"),
            _("To stop these e-mails and have your address deleted, open this link:"),
            "%(link)s",
        ),
    ),
    "receipt": LetterText(
        _("Receipt for %(number)s"),
        (
            _("%(organisation)s has filed a record; it is public:"),
            "%(base)s/r/%(number)s",
            _("The receipt with entry, hash and time, to keep:"),
            "%(door)s/%(path)s",
        ),
    ),
    "record_decided": LetterText(
        _("A decision on %(number)s: %(decision)s"),
        (
            _(
                "%(organisation)s holds %(number)s. The authority has taken a decision on it: %(decision)s. Its grounds, the "
                "legal basis and what it means stand on the page of the record:"
            ),
            "%(base)s/r/%(record)s",
            "%(stop)s",
            "%(appeal)s",
            _("What you can ask and answer about it: %(door)s/records/%(page)s"),
            _("Whom to ask: %(site)s/contact"),
        ),
    ),
    "request_made": LetterText(
        _("A holder asks for a decision on %(number)s: %(decision)s"),
        (
            _(
                "The holder of %(number)s, which %(organisation)s has issued, asks for a decision: %(decision)s. What is asked and why:"
            ),
            "%(site)s/desk/requests/%(request)s",
        ),
    ),
    "request_refused": LetterText(
        _("Not granted: %(decision)s, %(number)s"),
        (
            _(
                "%(organisation)s has asked for a decision on %(number)s: %(decision)s. It was not granted. The reasons, and what you can do:"
            ),
            "%(door)s/records/%(page)s",
        ),
    ),
    "record_challenged": LetterText(
        _("%(number)s is under challenge"),
        (
            _(
                "A report on %(number)s was found admissible; until it is answered, the page of the record says that it is challenged. %(organisation)s can state its side. What it is asked, and until when:"
            ),
            "%(door)s/records/%(page)s",
        ),
    ),
    "challenge_ended": LetterText(
        _("The challenge of %(number)s has ended"),
        (
            _(
                "The report that challenged %(number)s was answered; %(organisation)s was told of it before. What came of it is said on the page of the record:"
            ),
            "%(site)s/%(page)s",
        ),
    ),
    "due_digest": LetterText(
        _("Due on records that you act on: %(count)s"),
        (
            _("This has come near, or has passed, since the last e-mail of this kind:"),
            "%(lines)s",
            _("The whole list, with what can be done: %(site)s/%(page)s"),
            _(
                "Each thing is told 90, 30 and 7 days before its day, and once it is overdue. To end these e-mails: %(site)s/account/due-letters"
            ),
        ),
    ),
    "report_received": LetterText(
        _("We have received %(report)s"),
        (
            _("You have sent the register a report or an objection. Its number is %(report)s."),
            _(
                "On this page you see what becomes of it. Keep the link to yourself: it opens the page without a password."
            ),
            "%(report_page)s",
            _("It is to be answered by %(due)s. You get another e-mail then."),
            NOT_YOU,
        ),
    ),
    "report_answered": LetterText(
        _("%(report)s is answered"),
        (
            _("Your report or objection %(report)s has been examined. You find the answer on its page:"),
            "%(report_page)s",
            _("Whom to ask: %(site)s/contact"),
        ),
    ),
    "check_result": LetterText(
        _("Random check %(check)s: result for %(number)s"),
        (
            _(
                "%(organisation)s holds %(number)s, which was drawn for random check %(check)s. The result is public: %(result)s. "
                "What was found, the article and the last day for a correction, if one was ordered, stand on the page of the record:"
            ),
            "%(base)s/r/%(record)s",
            _("How it was drawn, and how to recompute it: %(site)s/checks/%(check)s"),
            _("Whom to ask: %(site)s/contact"),
        ),
    ),
    "application_submitted": LetterText(
        _("Application received: %(title)s"),
        (
            _(
                "The application of %(organisation)s for %(title)s was received. Nothing of it is public. Where it stands:"
            ),
            "%(door)s/%(path)s",
            _("You are written to whenever it goes a step further, or something is to be corrected."),
        ),
    ),
    "application_passed": LetterText(
        _("%(title)s: %(state)s"),
        (
            _("The application of %(organisation)s for %(title)s has gone a step further: %(state)s."),
            "%(door)s/%(path)s",
        ),
    ),
    "application_returned": LetterText(
        _("To be corrected: your application for %(title)s"),
        (
            _(
                "The application of %(organisation)s for %(title)s came back. What is to be corrected, question by question:"
            ),
            "%(door)s/%(path)s",
            _("Correct it there and submit it again; your answers and files are kept."),
        ),
    ),
    "application_refused": LetterText(
        _("Decision on your application for %(title)s: %(state)s"),
        (
            _(
                "The application of %(organisation)s for %(title)s was decided on: %(state)s. The reasons, and how to appeal:"
            ),
            "%(door)s/%(path)s",
            _("Nothing of the application is public."),
        ),
    ),
    "application_published": LetterText(
        _("%(title)s: %(state)s"),
        (
            _(
                "What %(organisation)s has applied for is public now: %(title)s, %(state)s. Its page, and what follows:"
            ),
            "%(door)s/%(path)s",
        ),
    ),
    "application_withdrawn": LetterText(
        _("Application withdrawn: %(title)s"),
        (
            _(
                "The application of %(organisation)s for %(title)s was withdrawn by somebody who acts for it. Nothing of it was public."
            ),
            "%(door)s/%(path)s",
        ),
    ),
    "member_removed": LetterText(
        _("You do not act for %(organisation)s any more"),
        (_("An owner has ended your access to %(organisation)s."),),
    ),
    "factor_removed": LetterText(
        _("Second factor removed"),
        (_("From now on your password alone is asked for when you sign in."), TOKENS_ENDED, TELL_US),
    ),
    "account_deleted": LetterText(
        _("Your account is deleted"),
        (
            _(
                "Your account with the register is deleted: name, address, password, access to organisations, tokens, saved and "
                "followed searches. This is the last e-mail to this address."
            ),
            _(
                "Published records stay, as they name no person; so do the receipts of filings, which prove who filed what."
            ),
            _("If this was not you, please tell the operator of the register: %(site)s/contact"),
        ),
    ),
    "codes_renewed": LetterText(
        _("New recovery codes were made"),
        (
            _("Your account has new recovery codes; the ones before them are void."),
            TELL_US,
        ),
    ),
    "recovery_code_used": LetterText(
        _("A recovery code was used"),
        (
            _(
                "Somebody, probably you, has signed in to your account with a recovery code. Codes left: %(left)s."
            ),
            _("Make new ones before they are used up: %(site)s/account"),
            TELL_US,
        ),
    ),
    "token_made": LetterText(
        _("A token for a program was made"),
        (
            _(
                "With this token a program can act for you from now on: “%(name)s”. %(scope)s; valid until %(until)s."
            ),
            _("If you did not make it, revoke it: %(door)s/tokens"),
            TELL_US,
        ),
    ),
}


def letter_text(kind: str, register: str = "") -> LetterText:
    """Return the text of a kind of letter: that of the register it is about, where that has its own.

    Raises KeyError for an unknown kind.
    """
    definition = catalogue().get(register)
    if definition is not None and kind in definition.letters:
        return definition.letters[kind]
    if kind in LETTER_TEXTS:
        return LETTER_TEXTS[kind]
    for other in catalogue().values():  # a letter of a time when letters did not name their register
        if kind in other.letters:
            return other.letters[kind]
    raise KeyError(kind)
