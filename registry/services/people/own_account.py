"""A user's own account: name, password, address, second factor, sessions. Changes require the password again."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import Connection, delete, func, insert, select, update

from registry import clock
from registry.accounts import (
    api_tokens,
    audit_log,
    email_addresses,
    passwords,
    rate_limits,
    second_factor,
    tokens_and_hashes,
    user_agents,
)
from registry.accounts.model import RecoveryCode, Session, User
from registry.accounts.policy import STAFF, Action, Actor, require
from registry.errors import Forbidden, Invalid, TooManyAttempts
from registry.i18n import Lang, _
from registry.kit.issues import Issue
from registry.registers import filed_registers
from registry.services.bootstrap import Registry
from registry.services.mail import email_links, letters
from registry.services.mail.sending_limits import MAILS_PER_RECIPIENT, enforce_limits
from registry.services.people import factor_secrets
from registry.services.people.factor_secrets import NO_FACTOR
from registry.services.people.login_throttling import REAUTHENTICATION_LIMIT
from registry.services.people.registration import (
    find_user,
    password_issues,
    raise_if_invalid,
    require_email,
    validate_name,
)
from registry.services.people.sessions import SECOND_FACTOR_LIMIT, complete_session, session_lifetime
from registry.store.base import FetchedRow
from registry.store.unit_of_work import read_transaction, unit_of_work

REAUTHENTICATION_WINDOW = dt.timedelta(
    minutes=10
)  # after a sign-in, during which no password is required again
AUDIT_LABELS = {  # message ids, by action of the audit log
    "signed_up": _("Account made"),
    "appointed": _("Account made, or its role changed, by the operator"),
    "suspended": _("The account was suspended by the operator"),
    "restored": _("The account was restored by the operator"),
    "signed_in": _("Signed in"),
    "password_given": _("Password given, second factor wanted"),
    "sign_in_failed": _("A sign-in failed: wrong password"),
    "factor_failed": _("A sign-in failed: wrong code"),
    "token_code_failed": _("No token made: wrong code"),
    "signed_out": _("Signed out"),
    "dormant": _("Sign-in after a long time: a new password was asked for"),
    "renamed": _("Name changed"),
    "letters_chosen": _("E-mails about what is due were chosen or ended"),
    "password_asked": _("A link to set a new password was asked for"),
    "password_set": _("New password set by a link"),
    "password_changed": _("Password changed"),
    "address_asked": _("A change of the e-mail address was asked for"),
    "address_changed": _("E-mail address changed"),
    "factor_set": _("Second factor set up"),
    "factor_removed": _("Second factor removed"),
    "factor_reset": _("Second factor removed by the operator"),
    "password_given_again": _("Password given again"),
    "factor_keys_rotated": _("The keys of second factors were renewed by the operator"),
    "codes_renewed": _("New recovery codes made"),
    "session_ended": _("A session was ended"),
    "sessions_ended": _("All other sessions were ended"),
    "account_deleted": _("The account was deleted"),
    "data_carried_away": _("A copy of all personal data was made"),
    "claimed": _("An organisation was claimed"),
    "claim_withdrawn": _("A claim was withdrawn"),
    "claim_confirmed": _("A claim was confirmed by the registrar"),
    "claim_refused": _("A claim was refused by the registrar"),
    "decision_prepared": _("A decision on a record was prepared"),
    "decision_taken": _("A decision on a record was taken"),
    "decision_returned": _("A decision was returned"),
    "decision_taken_back": _("A decision was taken back"),
    "entry_prepared": _("A new record was prepared"),
    "entry_file": _("The file of a new record was added"),
    "entry_taken": _("A new record was published"),
    "entry_returned": _("A new record was returned to who prepared it"),
    "entry_taken_back": _("A new record was taken back"),
    "decision_claimed": _("A decision was taken up"),
    "decision_file_added": _("A file was added to a decision"),
    "decision_file_removed": _("A file was taken out of a decision"),
    "decision_file_seen": _("A file of a decision was looked at"),
    "decision_released": _("A decision was let go"),
    "decision_sheet_handed_in": _("A sheet of decisions was submitted"),
    "decision_sheet_prepared": _("The decisions of a sheet were prepared"),
    "decision_sheet_cancelled": _("A sheet of decisions was cancelled"),
    "decision_sheet_returned": _("The decisions of a sheet were returned"),
    "decision_sheet_taken_back": _("The decisions of a sheet were taken back"),
    "check_announced": _("A random check was announced"),
    "check_drawn": _("A random check was drawn"),
    "check_cancelled": _("A random check was cancelled"),
    "check_result_recorded": _("A result of a random check was recorded"),
    "check_result_returned": _("A result of a random check was sent back"),
    "check_result_published": _("A result of a random check was published"),
    "application_submitted": _("An application was submitted"),
    "application_withdrawn": _("An application was withdrawn"),
    "application_step": _("An application was examined"),
    "application_step_prepared": _("A decision on an application was prepared"),
    "application_step_taken": _("A decision on an application was taken"),
    "application_step_returned": _("A decision on an application was returned"),
    "application_step_taken_back": _("A decision on an application was taken back"),
    "year_reported": _("An annual report was submitted"),
    "evidence_seen": _("A file of an application was looked at"),
    "proof_seen": _("The registrar looked at the proof of a claim"),
    "entry_file_seen": _("The file of a new record was looked at"),
    "private_text_seen": _("A full text that is not public was looked at"),
    "figures_seen": _("The figures of annual reports were looked at"),
    "claimant_seen": _("The name and address of a claimant were looked at"),
    "signer_seen": _("The name of who signed an application was looked at"),
    "reporter_seen": _("The address of a reporter was looked at"),
    "account_seen": _("The name and address of an account were looked at"),
    "application_forgotten": _("Answers and files of an application were deleted after their time"),
    "draft_forgotten": _("A draft that had not been touched for long was deleted"),
    "invited": _("Somebody was invited"),
    "invitation_withdrawn": _("An invitation was withdrawn"),
    "joined": _("Joined an organisation"),
    "role_changed": _("The role in an organisation was changed"),
    "member_removed": _("The membership of an organisation was ended by an owner"),
    "left": _("Left an organisation"),
    "region_set": _("The region of the account was set by the operator"),
    "interest_declared": _("A conflict of interest was declared"),
    "interest_ended": _("A declared conflict of interest was ended by the operator"),
    "substitute_named": _("Named a substitute by the operator"),
    "substitution_ended": _("The time as a substitute was ended by the operator"),
    "filed": _("A record was filed"),
    "amended": _("A record was amended"),
    "sheet_handed_in": _("A sheet of declarations was submitted"),
    "sheet_cancelled": _("Processing of a sheet was stopped"),
    "sheet_done": _("Processing of a sheet finished"),
    "sheet_failed": _("Processing of a sheet failed"),
    "import_handed_in": _("A sheet was submitted for import"),
    "import_columns_chosen": _("The columns of a sheet for import were chosen"),
    "import_checked": _("A sheet for import was checked"),
    "import_columns": _("A sheet for import could not be read as chosen"),
    "import_started": _("An import was started by a second person"),
    "import_done": _("An import finished"),
    "import_failed": _("An import stopped"),
    "import_cancelled": _("An import was cancelled"),
    "record_imported": _("A record was entered or changed by an import"),
    "mapping_saved": _("A mapping of columns was saved"),
    "mapping_deleted": _("A mapping of columns was deleted"),
    "token_made": _("A token for a program was made"),
    "token_revoked": _("A token was revoked"),
    "withdrawn": _("A record was withdrawn"),
    "still_true": _("A record was confirmed"),
    "synonym_added": _("A group of synonyms was added"),
    "synonym_changed": _("A group of synonyms was changed"),
    "synonym_removed": _("A group of synonyms was ended"),
    "synonym_restored": _("An ended group of synonyms was restored"),
    "picture_supplied": _("A picture was supplied"),
    "picture_removed": _("A picture was removed"),
    "picture_taken_down": _("A picture was removed by the operator"),
    "list_exported": _("A list of the desk was exported"),
    "audit_exported": _("Entries of the audit log were exported"),
    "report_claimed": _("A report was taken up"),
    "report_released": _("A report was let go"),
    "report_admitted": _("A report was found admissible"),
    "report_answered": _("A report was answered"),
    "report_file_seen": _("Staff looked at the file of a report"),
    "report_withdrawn": _("A report was withdrawn by its sender"),
    "decision_requested": _("A decision was asked for"),
    "request_withdrawn": _("A request for a decision was withdrawn"),
    "request_refused": _("A request for a decision was refused"),
    "challenge_answered": _("A report on a record was answered for its party"),
    "artwork_downloaded": _("Code and label of a record were downloaded"),
    "search_saved": _("A search was saved"),
    "search_forgotten": _("A saved search was removed"),
    "search_hidden": _("A search was kept off the public page"),
    "search_shown": _("A search was shown on the public page again"),
}


@dataclass(frozen=True, slots=True)
class SessionView:
    """A session of the account. `is_current`: the one of this request; `browser`: "" if unknown."""

    id: int
    is_current: bool
    browser: str
    since: dt.datetime
    last_seen: dt.datetime


@dataclass(frozen=True, slots=True)
class AuditEventView:
    """An event of the audit log. `words`: message id; `subject`: such as the number of an organisation, or ""."""

    at: dt.datetime
    words: str
    subject: str


@dataclass(frozen=True, slots=True)
class TotpSetup:
    """What an authenticator app needs: the secret in base32, and the same in an `otpauth://` URI."""

    secret: str
    uri: str


@dataclass(frozen=True, slots=True)
class SecondFactor:
    """A second factor that was set up: its recovery codes, and the new key of the session."""

    recovery_codes: list[str]
    session_key: str


@dataclass(frozen=True, slots=True)
class AccountView:
    """An account as its owner sees it. `due_letters`: it gets letters of what is due; `factor_since`: None without a second factor."""

    name: str
    email: str
    role: str
    staff: bool
    due_letters: bool
    factor_since: dt.datetime | None
    recovery_codes_left: int
    sessions: tuple[SessionView, ...]
    audit_events: tuple[AuditEventView, ...]


def get_account(registry: Registry, actor: Actor, session_id: int) -> AccountView:
    """Return the actor's account with its valid sessions and latest events. `session_id`: of this request."""
    require(actor, Action.OWN_ACCOUNT)
    with read_transaction(registry.engine) as connection:
        user = _load_user(connection, actor)
        unused = (RecoveryCode.user_id == user.id) & RecoveryCode.used_at.is_(None)
        codes_left = connection.execute(
            select(func.count()).select_from(RecoveryCode).where(unused)
        ).scalar_one()
        rows = connection.execute(
            select(Session.id, Session.agent, Session.created_at, Session.seen_at, Session.complete)
            .where(Session.user_id == user.id)
            .order_by(Session.seen_at.desc())
        ).all()
        events = audit_log.recent_events(connection, user.id)
    now = clock.now()
    valid = (
        row
        for row in rows
        if now - row.seen_at <= (lifetime := session_lifetime(user.role, row.complete)).idle_timeout
        and now - row.created_at <= lifetime.absolute_timeout
    )
    return AccountView(
        name=user.name,
        email=user.email,
        role=user.role,
        staff=user.role in STAFF,
        due_letters=user.due_letters,
        factor_since=user.factor_since,
        recovery_codes_left=codes_left,
        sessions=tuple(
            SessionView(
                row.id, row.id == session_id, user_agents.browser_name(row.agent), row.created_at, row.seen_at
            )
            for row in valid
        ),
        audit_events=tuple(
            AuditEventView(event.at, event_label(event.action, event.subject), event.subject)
            for event in events
        ),
    )


def event_label(action: str, subject: str) -> str:
    """Return the message id of an act in the audit log; the code itself of one that this program does not know any more.

    `subject`: where it is the number of a filed record, its register names the act.
    """
    for definition in filed_registers():
        prefix = definition.numbering.prefix
        events = definition.filing.words.events if definition.filing else {}
        if prefix and subject.startswith(f"{prefix}-") and action in events:
            return events[action]
    return AUDIT_LABELS.get(action, action)


def update_profile(registry: Registry, actor: Actor, name: str, lang: Lang) -> None:
    """Change the name, and the language of mails. Raises `Invalid`."""
    require(actor, Action.OWN_ACCOUNT)
    name, issues = validate_name(name)
    raise_if_invalid(issues)
    with unit_of_work(registry.engine) as connection:
        connection.execute(update(User).where(User.id == actor.user_id).values(name=name, lang=lang))
        audit_log.record(connection, actor, "renamed")


def choose_due_letters(registry: Registry, actor: Actor, *, wanted: bool) -> None:
    """Say whether the actor gets letters of what is due on records."""
    require(actor, Action.OWN_ACCOUNT)
    with unit_of_work(registry.engine) as connection:
        connection.execute(update(User).where(User.id == actor.user_id).values(due_letters=wanted))
        details = audit_log.change_of(*(("off", "on") if wanted else ("on", "off")))
        audit_log.record(connection, actor, "letters_chosen", details=details)


def change_password(
    registry: Registry,
    actor: Actor,
    session_id: int,
    *,
    current_password: str,
    new_password: str,
    end_tokens: bool = True,
) -> None:
    """Change the password; every other session and, by choice, every API token ends; the owner is notified by mail.

    Raises `Invalid` (current password wrong, new one too weak) and `TooManyAttempts`.
    """
    require(actor, Action.OWN_ACCOUNT)
    user = require_password(registry, actor, current_password, field="present")
    raise_if_invalid(password_issues(new_password, (user.email, user.name)))
    password_hash = passwords.hash_password(new_password)
    with unit_of_work(registry.engine) as connection:
        connection.execute(update(User).where(User.id == user.id).values(password_hash=password_hash))
        connection.execute(delete(Session).where(Session.user_id == user.id, Session.id != session_id))
        email_links.revoke_links(connection, user.id)
        ended = _end_tokens(connection, user.id, wanted=end_tokens)
        letters.enqueue_letter(connection, "password_changed", user.lang, user.email, ended=ended)
        audit_log.record(connection, actor, "password_changed", user.id)


def request_email_change(registry: Registry, actor: Actor, password: str, email: str) -> str:
    """Mail a link to the new address, which is changed when the link is confirmed. Returns the normalised address.

    If the new address has an account, it gets a letter that says so instead. Raises `Invalid` (no e-mail address, wrong
    password) and `TooManyAttempts`.
    """
    require(actor, Action.OWN_ACCOUNT)
    address = require_email(email)
    user = require_password(registry, actor, password)
    if email_addresses.email_key(address) == user.email_key:
        raise Invalid((Issue("address_same", "email"),))
    with unit_of_work(registry.engine) as connection:
        enforce_limits(registry, connection, ((MAILS_PER_RECIPIENT, address),))
        if find_user(connection, address) is None:
            link_id = email_links.create_link(connection, email_links.ADDRESS_LINK, address, user_id=user.id)
            letters.enqueue_letter(connection, "confirm_address", user.lang, address, link_id=link_id)
        else:
            letters.enqueue_letter(connection, "has_account", user.lang, address)
        letters.enqueue_letter(connection, "address_asked", user.lang, user.email)
        audit_log.record(connection, actor, "address_asked", user.id)
    return address


def reauthenticate(registry: Registry, actor: Actor, session_id: int, password: str) -> str:
    """Verify the password again and renew the session; return its new key (ASVS 4.3.3).

    Only without a second factor, which would have to be verified too. Raises `Invalid` (wrong password),
    `TooManyAttempts` and `Forbidden`.
    """
    require(actor, Action.OWN_ACCOUNT)
    user = require_password(registry, actor, password)
    if user.factor_since is not None:
        raise Forbidden("factor_exists")
    with unit_of_work(registry.engine) as connection:
        own = (Session.id == session_id) & (Session.user_id == user.id)
        key, now = tokens_and_hashes.generate_key(), clock.now()
        renewed = {"key_hash": tokens_and_hashes.hash_key(key), "created_at": now, "seen_at": now}
        if connection.execute(update(Session).where(own).values(**renewed)).rowcount != 1:
            raise Forbidden("session_ended")
        audit_log.record(connection, Actor(user.role, user.id), "password_given_again")
    return key


def begin_second_factor(registry: Registry, actor: Actor, session_id: int) -> TotpSetup:
    """Return what an authenticator app needs to set up the second factor.

    The factor takes effect with `confirm_second_factor`; until then the secret stays the same, so that the page can be
    reloaded. Raises `Invalid` (`password_again`) if the password was not given within `REAUTHENTICATION_WINDOW`,
    `Forbidden` if a factor is set up already.
    """
    require(actor, Action.OWN_ACCOUNT)
    with unit_of_work(registry.engine) as connection:
        user = _load_user(connection, actor)
        if user.factor_since is not None:
            raise Forbidden("factor_exists")
        _require_recent_sign_in(connection, user, session_id)
        secret = factor_secrets.begin_secret(registry, connection, user)
    return TotpSetup(secret, second_factor.provisioning_uri(secret, user.email))


def confirm_second_factor(
    registry: Registry, actor: Actor, session_id: int, code: str, *, end_tokens: bool = True
) -> SecondFactor:
    """Set up the second factor with a first correct code; other sessions and, by choice, API tokens end.

    Raises `Invalid` (`factor_wrong`; `password_again` as above) and `Forbidden` if a factor is set up already, or none
    was begun.
    """
    require(actor, Action.OWN_ACCOUNT)
    with unit_of_work(registry.engine) as connection:
        user = _load_user(connection, actor)
        if user.factor_since is not None or not user.factor_nonce:
            raise Forbidden("factor_not_begun")
        _require_recent_sign_in(connection, user, session_id)
        step = factor_secrets.match_code(
            registry,
            connection,
            user,
            lambda secret: second_factor.matching_step(secret, code, clock.now(), 0),
            user_id=user.id,
        )
        if step is None:
            raise Invalid((Issue("factor_wrong", "code"),))
        connection.execute(
            update(User).where(User.id == user.id).values(factor_since=clock.now(), factor_step=step)
        )
        codes = _replace_recovery_codes(connection, user.id)
        connection.execute(delete(Session).where(Session.user_id == user.id, Session.id != session_id))
        key = complete_session(connection, session_id)
        email_links.revoke_links(connection, user.id)
        ended = _end_tokens(connection, user.id, wanted=end_tokens)
        letters.enqueue_letter(connection, "factor_set", user.lang, user.email, ended=ended)
        audit_log.record(connection, Actor(user.role, user.id), "factor_set")
    return SecondFactor(codes, key)


def remove_second_factor(registry: Registry, actor: Actor, password: str, *, end_tokens: bool = True) -> None:
    """Remove the second factor and, by choice, every API token.

    Raises `Invalid` (wrong password; mandatory for staff) and `TooManyAttempts`.
    """
    require(actor, Action.OWN_ACCOUNT)
    user = require_password(registry, actor, password)
    if user.role in STAFF:
        raise Invalid((Issue("factor_compulsory", "password"),))
    with unit_of_work(registry.engine) as connection:
        connection.execute(update(User).where(User.id == user.id).values(**NO_FACTOR))
        connection.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user.id))
        ended = _end_tokens(connection, user.id, wanted=end_tokens)
        letters.enqueue_letter(connection, "factor_removed", user.lang, user.email, ended=ended)
        audit_log.record(connection, actor, "factor_removed", user.id)


def renew_recovery_codes(registry: Registry, actor: Actor, password: str) -> list[str]:
    """Replace the recovery codes; return the new ones. Raises `Invalid` (wrong password) and `Forbidden`."""
    require(actor, Action.OWN_ACCOUNT)
    user = require_password(registry, actor, password)
    if user.factor_since is None:
        raise Forbidden("factor_missing")
    with unit_of_work(registry.engine) as connection:
        codes = _replace_recovery_codes(connection, user.id)
        letters.enqueue_letter(connection, "codes_renewed", user.lang, user.email)
        audit_log.record(connection, actor, "codes_renewed", user.id)
    return codes


def end_session(registry: Registry, actor: Actor, session_id: int) -> None:
    """End one session of the actor; a session of another user is left alone."""
    require(actor, Action.OWN_ACCOUNT)
    with unit_of_work(registry.engine) as connection:
        own = (Session.id == session_id) & (Session.user_id == actor.user_id)
        if connection.execute(delete(Session).where(own)).rowcount:
            audit_log.record(connection, actor, "session_ended")


def end_other_sessions(registry: Registry, actor: Actor, session_id: int) -> None:
    """End all sessions of the actor except this one."""
    require(actor, Action.OWN_ACCOUNT)
    with unit_of_work(registry.engine) as connection:
        connection.execute(delete(Session).where(Session.user_id == actor.user_id, Session.id != session_id))
        audit_log.record(connection, actor, "sessions_ended")


def _load_user(connection: Connection, actor: Actor) -> FetchedRow:
    return connection.execute(select(*User.__table__.columns).where(User.id == actor.user_id)).one()


def require_password(registry: Registry, actor: Actor, password: str, field: str = "password") -> FetchedRow:
    """Return the actor's account after verifying the password again (ASVS 4.3.3).

    `field`: of the issue. Raises `Invalid` (`password_wrong`) and `TooManyAttempts`.
    """
    require(actor, Action.OWN_ACCOUNT)
    with read_transaction(registry.engine) as connection:
        user = _load_user(connection, actor)
    key = REAUTHENTICATION_LIMIT.key(registry.settings.secret_key, str(user.id))
    with unit_of_work(registry.engine) as connection:  # before the password is looked at
        until = rate_limits.count_attempt(connection, REAUTHENTICATION_LIMIT, key)
    if until is not None:
        raise TooManyAttempts(until)
    if not passwords.verify(user.password_hash, password):  # slow: outside any transaction
        raise Invalid((Issue("password_wrong", field),))
    with unit_of_work(registry.engine) as connection:
        rate_limits.give_back(connection, REAUTHENTICATION_LIMIT, key)
    return user


def require_app_code(registry: Registry, actor: Actor, code: str, field: str = "code") -> None:
    """Let the actor go on with a code of their authenticator app that was not used before.

    `field`: of the issue. Raises `Invalid` (`factor_wrong`), `TooManyAttempts`, `Forbidden` without a second factor.
    """
    require(actor, Action.OWN_ACCOUNT)
    with unit_of_work(registry.engine) as connection:
        # One code at a time, as when signing in: concurrent guesses do not exceed the limit, which both share.
        connection.execute(select(User.id).where(User.id == actor.user_id).with_for_update())
        user = _load_user(connection, actor)
        if user.factor_since is None:
            raise Forbidden("factor_wanted")
        limit_key = SECOND_FACTOR_LIMIT.key(registry.settings.secret_key, str(user.id))
        until = rate_limits.count_attempt(connection, SECOND_FACTOR_LIMIT, limit_key)
        accepted = until is None and factor_secrets.accept_app_code(
            registry, connection, user, code, user_id=user.id
        )
        if accepted:
            rate_limits.clear(connection, [limit_key])
        elif until is None:
            audit_log.record(connection, actor, "token_code_failed", user.id)
    if until is not None:
        raise TooManyAttempts(until)
    if not accepted:
        raise Invalid((Issue("factor_wrong", field),))


def _require_recent_sign_in(connection: Connection, user: FetchedRow, session_id: int) -> None:
    """Raise `Invalid` (`password_again`) unless the session began within `REAUTHENTICATION_WINDOW`."""
    own = (Session.id == session_id) & (Session.user_id == user.id)
    signed_in_at = connection.execute(select(Session.created_at).where(own)).scalar()
    if signed_in_at is None or clock.now() - signed_in_at > REAUTHENTICATION_WINDOW:
        raise Invalid((Issue("password_again", "password"),))


def _end_tokens(connection: Connection, user_id: int, *, wanted: bool) -> str:
    """Revoke the API tokens of an account if that is wanted; return how many, for a letter."""
    return str(api_tokens.revoke_tokens(connection, user_id) if wanted else 0)


def _replace_recovery_codes(connection: Connection, user_id: int) -> list[str]:
    codes = second_factor.generate_recovery_codes()
    connection.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user_id))
    rows = [{"user_id": user_id, "code_hash": tokens_and_hashes.hash_key(code)} for code in codes]
    connection.execute(insert(RecoveryCode), rows)
    return codes
