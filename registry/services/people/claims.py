"""Claims: a person claims to act for an organisation or a body and uploads a proof; staff check the proof and decide.

Four-eyes principle: no member of staff decides on their own claim. An organisation that the register does not hold yet
is published with the decision, on the evidence of the proof; a body is entered by the registrar first.
"""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import Connection, insert, select, update

from registry import clock
from registry.accounts import audit_log, borrowed_words
from registry.accounts.membership import CONFIRMED, REFUSED, WAITING, WITHDRAWN, Claim, Membership
from registry.accounts.model import User
from registry.accounts.policy import Action, Actor, require
from registry.accounts.rate_limits import RateLimit
from registry.attachments import file_store
from registry.attachments.model import Attachment
from registry.errors import Conflict, Forbidden, Invalid, NotFound
from registry.kit.definition import RegisterDefinition
from registry.kit.display import StatusView, Words
from registry.kit.issues import Issue
from registry.kit.record import Record
from registry.reference.code_lists import regions
from registry.reference.identifiers import credit_codes, foreign_numbers, personal
from registry.registers import organisation_register, represented_registers
from registry.services.bootstrap import Registry
from registry.services.confidential.looks import Look, LookReason, record_look
from registry.services.mail import letters
from registry.services.mail.sending_limits import HOUR, enforce_limits
from registry.services.people import memberships
from registry.services.people.memberships import CLAIM_BADGES, find_organisation, find_represented
from registry.services.people.registration import borrowed_word_issues
from registry.services.publication import publishing, validation
from registry.services.publication.batch_writer import Authority
from registry.services.publication.validation import RefusedRow
from registry.services.records import titles
from registry.store.base import FetchedRow
from registry.store.unit_of_work import read_transaction, unit_of_work

MAX_WAITING_CLAIMS = 5
CLAIMS_PER_USER = RateLimit("claims", 10, HOUR)  # each may mail the owners
MAX_POST_LENGTH, MAX_REASON_LENGTH = 80, 500
REGISTRATION_REASON = "entered"
REGISTRATION_SOURCE = "营业执照等证明材料，经登记机构核验 (proof shown to the registrar)"


@dataclass(frozen=True, slots=True)
class ClaimReview:
    """A claim as the registrar sees it. `days_left`: working days until it should be decided, negative when they have passed."""

    id: int
    number: str
    name: Words
    address: str  # of its page, without the language
    kind: str  # message id of what it is
    registered: bool  # the register holds the organisation
    owned: bool  # it has members already
    person: str  # masked, as is the address: `open_claimant` has them in full
    email: str
    post: str
    status: str
    badge: StatusView
    at: dt.datetime
    days_left: int
    decided_at: dt.datetime | None
    reason: str
    own: bool  # made by the person who looks at it, who may not decide
    file: str
    sha256: str  # of the file
    file_gone: bool  # deleted after its retention; the hash stays
    values: tuple[tuple[str, str | Words], ...]  # (message id, value)


class Claimant(NamedTuple):
    """Who has made a claim: their name, address, and post in what they claim."""

    person: str
    email: str
    post: str


class ProofFile(NamedTuple):
    """The file that proves a claim. `name`: for display; `path`: of its bytes."""

    name: str
    path: Path


@dataclass(frozen=True, slots=True)
class ClaimForm:
    """What a person states who claims an organisation.

    `number`: a credit code, or `F-<country>-<registration number>`. `name_zh` is required only where the register does
    not hold the organisation, and not of one abroad, which gives `name_en`. `post`: theirs in the organisation. `attachment_id`: the proof, which they have uploaded. `register`: of what is claimed, "" for
    an organisation.
    """

    number: str
    name_zh: str
    name_en: str
    post: str
    attachment_id: int
    register: str = ""


@dataclass(frozen=True, slots=True)
class ClaimCandidate:
    """The organisation that a number names, before it is claimed. `number`: as the register writes it.

    `name`, `slug`: where the register holds it, else None and "". `issues`: why it cannot be claimed by this number.
    """

    number: str
    name: Words | None
    slug: str
    issues: tuple[Issue, ...]


def find_claim_candidate(registry: Registry, actor: Actor, number: str, register: str = "") -> ClaimCandidate:
    """Return the organisation or body that a person means by a number, so that they see its name before they claim it."""
    require(actor, Action.ACT_FOR)
    definition = claimed_register(register)
    with read_transaction(registry.engine) as connection:
        issues, key, values = _identify(connection, definition, ClaimForm(number[:120], "", "", "", 0))
        row = find_represented(connection, definition, key) if key else None
    own = tuple(issue for issue in issues if issue.field == "number")
    if row is None:
        written = str(values.get("uscc") or key or " ".join(number.split())[:120])
        return ClaimCandidate(written, None, "", own)
    return ClaimCandidate(row.number, titles.title_of(definition, row), row.slug, own)


def claimed_register(slug: str) -> RegisterDefinition:
    """Return the register of what is claimed: that of the organisations for "" and for one without representatives."""
    return next((each for each in represented_registers() if each.slug == slug), organisation_register())


def submit_claim(registry: Registry, actor: Actor, form: ClaimForm) -> int:
    """Claim an organisation by its credit code, or by `F-<country>-<registration number>`; a body by the number of its approval.

    Returns the claim's id.

    Raises `Invalid` with all issues, and `TooManyAttempts`.
    """
    require(actor, Action.ACT_FOR)
    with unit_of_work(registry.engine) as connection:
        connection.execute(
            select(User.id).where(User.id == actor.user_id).with_for_update()
        )  # one claim of a person at a time
        definition = claimed_register(form.register)
        issues, key, values = _identify(connection, definition, form)
        post = " ".join(form.post.split())
        if not post:
            issues.append(Issue("required", "post"))
        elif len(post) > MAX_POST_LENGTH:
            issues.append(Issue("too_long", "post", {"length": len(post), "at_most": MAX_POST_LENGTH}))
        else:
            issues += borrowed_word_issues(post, "post")
        own = (Attachment.id == form.attachment_id) & (Attachment.uploaded_by == actor.user_id)
        if connection.execute(select(Attachment.id).where(own)).scalar() is None:
            issues.append(Issue("required", "file"))
        if not issues:
            issues += _repetition_issues(connection, actor, definition, key)
        if issues:
            raise Invalid(tuple(issues))
        enforce_limits(registry, connection, ((CLAIMS_PER_USER, str(actor.user_id)),))
        row = {
            "user_id": actor.user_id,
            "register": definition.slug,
            "number": key,
            "name": values.get("name_zh") or values.get("name_en") or "",
            "values": json.dumps(values, ensure_ascii=False),
            "post": post,
            "attachment_id": form.attachment_id,
            "status": WAITING,
            "created_at": clock.now(),
        }
        claim_id = int(connection.execute(insert(Claim).values(**row).returning(Claim.id)).scalar_one())
        _notify_owners(connection, actor, definition, key)
        audit_log.record(connection, actor, "claimed", subject=key)
    return claim_id


def withdraw_claim(registry: Registry, actor: Actor, claim_id: int) -> None:
    """Withdraw a waiting claim of the actor; do nothing for any other claim."""
    require(actor, Action.ACT_FOR)
    with unit_of_work(registry.engine) as connection:
        own = (Claim.id == claim_id) & (Claim.user_id == actor.user_id) & (Claim.status == WAITING)
        if connection.execute(update(Claim).where(own).values(status=WITHDRAWN)).rowcount:
            audit_log.record(connection, actor, "claim_withdrawn")


def list_claims(registry: Registry, actor: Actor) -> tuple[ClaimReview, ...]:
    """Return the waiting claims, oldest first, then those decided last."""
    require(actor, Action.DECIDE)
    root = registry.settings.attachments_dir
    with read_transaction(registry.engine) as connection:
        waiting = connection.execute(
            _select_claims().where(Claim.status == WAITING).order_by(Claim.id).limit(200)
        ).all()
        decided = connection.execute(
            _select_claims()
            .where(Claim.status.in_((CONFIRMED, REFUSED)))
            .order_by(Claim.decided_at.desc())
            .limit(20)
        ).all()
        return tuple(_review(connection, row, actor, root) for row in (*waiting, *decided))


def get_claim(registry: Registry, actor: Actor, claim_id: int) -> ClaimReview:
    """Return one claim. Raises `NotFound`."""
    require(actor, Action.DECIDE)
    with read_transaction(registry.engine) as connection:
        return _review(
            connection, _load_claim(connection, claim_id), actor, registry.settings.attachments_dir
        )


def open_claim_proof(registry: Registry, actor: Actor, claim_id: int, *, reason: LookReason) -> ProofFile:
    """Return the proof of a claim; the look and its reason stand in the audit log. Raises `NotFound`, and `Invalid` as `record_look`."""
    require(actor, Action.DECIDE)
    with unit_of_work(registry.engine) as connection:
        row = _load_claim(connection, claim_id)
        record_look(
            connection, actor, Look("proof", row.number, f"{row.id} {row.sha256}", row.user_id), reason
        )
    return ProofFile(str(row.file), file_store.path_of(registry.settings.attachments_dir, row.sha256))


def open_claimant(registry: Registry, actor: Actor, claim_id: int, *, reason: LookReason) -> Claimant:
    """Return who has made a claim, in full; the look and its reason stand in the audit log. Raises `NotFound`, and `Invalid` as `record_look`."""
    require(actor, Action.DECIDE)
    with unit_of_work(registry.engine) as connection:
        row = _load_claim(connection, claim_id)
        record_look(connection, actor, Look("claimant", row.number, str(row.id), row.user_id), reason)
    return Claimant(row.person, row.email, row.post)


def decide_claim(
    registry: Registry, actor: Actor, claim_id: int, *, confirmed: bool, reason: str = ""
) -> None:
    """Confirm a claim, which makes the claimant an owner, or refuse it with a reason; they are notified by mail.

    Raises `NotFound`, `Forbidden` (the actor's own claim), `Conflict` (decided or withdrawn meanwhile) and `Invalid`
    (no reason; an organisation that the register does not accept).
    """
    require(actor, Action.DECIDE)
    reason = " ".join(reason.split())
    if not confirmed and not reason:
        raise Invalid((Issue("reason_wanted", "reason"),))
    if len(reason) > MAX_REASON_LENGTH:
        raise Invalid((Issue("too_long", "reason", {"length": len(reason), "at_most": MAX_REASON_LENGTH}),))
    with unit_of_work(registry.engine) as connection:
        publishing.acquire_publish_lock(connection)
        row = _load_claim(connection, claim_id)
        if row.user_id == actor.user_id:
            raise Forbidden("own_claim")
        decision = {
            "status": CONFIRMED if confirmed else REFUSED,
            "decided_at": clock.now(),
            "decided_by": actor.user_id,
            "reason": reason,
        }
        waiting = (Claim.id == claim_id) & (Claim.status == WAITING)
        if connection.execute(update(Claim).where(waiting).values(**decision)).rowcount != 1:
            raise Conflict("claim_decided")
        if confirmed:
            definition = claimed_register(row.register)
            organisation = find_represented(connection, definition, row.number) or _register_organisation(
                connection, actor, json.loads(row.values)
            )
            if organisation.number.upper() != row.number.upper():
                raise Conflict("organisation_alike_entered")
            memberships.add_member(connection, organisation.id, row.user_id, "owner", agent=False)
            memberships.give_role(connection, organisation.id, row.user_id, actor)
        kind = "claim_confirmed" if confirmed else "claim_refused"
        name = getattr(memberships.claimed_organisation_name(row), row.lang)
        letters.enqueue_letter(connection, kind, row.lang, row.email, organisation=name, reason=reason)
        audit_log.record(connection, actor, kind, row.user_id, subject=row.number)


def _identify(
    connection: Connection, definition: RegisterDefinition, form: ClaimForm
) -> tuple[list[Issue], str, dict[str, Any]]:
    """Return the issues with what is claimed as stated, its number, and its values for the register."""
    representation = definition.representation
    assert representation is not None
    if representation.files:
        return _identify_organisation(connection, form.number, form.name_zh, form.name_en)
    typed = " ".join(form.number.split())[:120]
    if not typed:
        return [Issue("required", "number")], "", {}
    registered = find_represented(connection, definition, typed)
    if registered is None:
        return [Issue(representation.unknown, "number", {"value": typed})], "", {}
    is_over = definition.life_cycle.state(registered.status).standing == "ended"
    issues = [Issue(representation.ended, "number")] if is_over else []
    values = {
        definition.key.fields[0]: registered.number,
        definition.title.zh[0]: registered.title_zh,
        definition.title.en[0]: registered.title_en,
    }
    return issues, str(registered.number), {name: value for name, value in values.items() if value}


def _identify_organisation(
    connection: Connection, number: str, name_zh: str, name_en: str
) -> tuple[list[Issue], str, dict[str, Any]]:
    """Return the issues with the organisation as stated, its number, and its values for the register."""
    definition = organisation_register()
    issues: list[Issue] = []
    typed = " ".join(number.split())
    if abroad := foreign_numbers.normalise(typed):
        typed = abroad
        if not foreign_numbers.is_well_formed(typed):
            return [Issue("foreign_number_form", "number", {"value": typed[:60]})], "", {"name_zh": ""}
        country, _hyphen, foreign = typed[2:].partition("-")
        values: dict[str, Any] = {"country": country.upper(), "foreign_reg_no": foreign}
    else:
        values = {"uscc": credit_codes.normalise(typed)}
        if regions.region(str(values["uscc"])[2:8]):
            values["region_code"] = str(values["uscc"])[2:8]
    if not typed:
        return [Issue("required", "number")], "", values
    registered = find_organisation(connection, definition.key.parse(typed))
    if registered is not None:
        if "country" in values and registered.number.upper() != typed.upper():
            issues.append(Issue("foreign_number_alike", "number", {"number": registered.number}))
        if definition.life_cycle.state(registered.status).standing == "ended":
            issues.append(Issue("organisation_ended", "number"))
        english = {"name_en": registered.title_en} if registered.title_en else {}
        return issues, str(registered.number), {**values, "name_zh": registered.title_zh, **english}
    values |= {"name_zh": " ".join(name_zh.split()), "name_en": " ".join(name_en.split())}
    values = {name: value for name, value in values.items() if value}
    checked = validation.validate_row(
        definition, 1, values, validation.rule_context(connection), registrar=False
    )
    if isinstance(checked, RefusedRow):
        issues += [
            Issue(
                issue.code, issue.field if issue.field in ("name_zh", "name_en") else "number", issue.params
            )
            for issue in checked.issues
            if issue.severity == "blocks"
        ]
        return issues, typed, {"name_zh": "", **values}
    return (
        issues,
        definition.numbering.derive(checked.values) if definition.numbering.derive else typed,
        values,
    )


def _repetition_issues(
    connection: Connection, actor: Actor, definition: RegisterDefinition, number: str
) -> list[Issue]:
    """Return an issue if the actor is a member already, has claimed the organisation already, or has too many claims."""
    organisation = (Record.register == definition.slug) & (Record.number == number)
    membership = select(Membership.id).join(Record, Record.id == Membership.record_id)
    if (
        connection.execute(membership.where(organisation, Membership.user_id == actor.user_id)).scalar()
        is not None
    ):
        return [Issue("member_already", "number")]
    same = (Claim.number == number) & Claim.register.in_(_registers_of_claims(definition))
    waiting = (Claim.user_id == actor.user_id) & same & (Claim.status == WAITING)
    if connection.execute(select(Claim.id).where(waiting)).scalar() is not None:
        return [Issue("claim_waits", "number")]
    if memberships.count_waiting_claims(connection, actor.user_id) >= MAX_WAITING_CLAIMS:
        return [Issue("too_many_claims", "number", {"at_most": MAX_WAITING_CLAIMS})]
    return []


def _registers_of_claims(definition: RegisterDefinition) -> tuple[str, ...]:
    """What claims to records of a register say in their column; those to organisations of an earlier time say nothing."""
    return (definition.slug, "") if definition is organisation_register() else (definition.slug,)


def _notify_owners(connection: Connection, actor: Actor, definition: RegisterDefinition, number: str) -> None:
    """Mail the owners of a registered organisation that it is claimed."""
    organisation = find_represented(connection, definition, number)
    if organisation is None:
        return
    claimant = connection.execute(select(User.name, User.email).where(User.id == actor.user_id)).one()
    owners = connection.execute(
        select(User.email, User.lang)
        .join(Membership, Membership.user_id == User.id)
        .where(Membership.record_id == organisation.id, Membership.role == "owner")
    )
    for owner in owners:
        name = memberships.organisation_name(organisation, owner.lang)
        person = borrowed_words.quoted_person(claimant.name, claimant.email, owner.lang)
        letters.enqueue_letter(
            connection, "claim_made", owner.lang, owner.email, organisation=name, person=person
        )


def _register_organisation(connection: Connection, actor: Actor, values: dict[str, Any]) -> FetchedRow:
    """Publish an organisation that the register does not hold yet. Raises `Invalid`."""
    definition = organisation_register()
    row = {
        **values,
        "source": REGISTRATION_SOURCE,
        "source_date": clock.today().isoformat(),
        "status": definition.life_cycle.default_status,
    }
    checked = validation.validate_row(
        definition, 1, row, validation.rule_context(connection), registrar=False
    )
    if isinstance(checked, RefusedRow):
        raise Invalid(checked.issues)
    publishing.publish(connection, definition, [checked], Authority(actor.role), reason=REGISTRATION_REASON)
    published = find_organisation(connection, checked.key)
    assert published is not None
    return published


def _select_claims() -> Any:
    columns = [column for column in Claim.__table__.columns if column.name != "attachment_id"]
    return (
        select(*columns, User.name.label("person"), User.email, User.lang)
        .add_columns(Attachment.name.label("file"), Attachment.kind, Attachment.sha256)
        .join(User, User.id == Claim.user_id)
        .join(Attachment, Attachment.id == Claim.attachment_id)
    )


def _load_claim(connection: Connection, claim_id: int) -> FetchedRow:
    row: FetchedRow | None = connection.execute(_select_claims().where(Claim.id == claim_id)).one_or_none()
    if row is None:
        raise NotFound("claim", str(claim_id))
    return row


def _review(connection: Connection, row: FetchedRow, actor: Actor, root: Path) -> ClaimReview:
    definition = claimed_register(row.register)
    organisation = find_represented(connection, definition, row.number)
    has_members = organisation is not None and (
        connection.execute(
            select(Membership.id).where(Membership.record_id == organisation.id).limit(1)
        ).scalar()
        is not None
    )
    schema = definition.schema
    values = tuple(
        (schema.info(name).label, _display_value(name, value))
        for name, value in json.loads(row.values).items()
    )
    return ClaimReview(
        row.id,
        row.number,
        memberships.claimed_organisation_name(row),
        f"/{definition.slug}/{organisation.slug if organisation else row.number}",
        definition.label_one,
        organisation is not None,
        has_members,
        personal.mask_name(row.person) or personal.mask_email(row.email),
        personal.mask_email(row.email),
        row.post,
        row.status,
        CLAIM_BADGES[row.status],
        row.created_at,
        memberships.working_days_left(row.created_at),
        row.decided_at,
        row.reason,
        row.user_id == actor.user_id,
        row.file,
        row.sha256,
        not file_store.exists(root, row.sha256),
        values,
    )


def _display_value(name: str, value: Any) -> str | Words:
    """Return a value of a claim for display: a region by its name, others unchanged."""
    region = regions.region(str(value)) if name == "region_code" else None
    return Words(region.zh, region.en, region.en_source) if region else str(value)
