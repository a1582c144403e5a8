"""Members of an organisation, for tests: claims, the registrar who confirms them, owners and invited members."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from registry.accounts.policy import REGISTRAR, SYSTEM
from registry.errors import Invalid
from registry.services.bootstrap import Registry
from registry.services.exchange.importer import import_files
from registry.services.people import attachments, claims, invitations
from registry.services.people.sessions import UserSession
from tests.services import people, samples
from tests.services.people import read_mails, token_of

FIRM_NUMBER, SLUG = "91330100MAWY010175", "91330100MAWY010175"
UNREGISTERED_NUMBER = "91110000101461180X"
MEI, WEI, LIN = "mei@example.com", "wei@example.com", "lin@example.com"


def upload_proof(registry: Registry, user: UserSession) -> int:
    return attachments.upload_attachment(
        registry, user.actor, "营业执照.png", io.BytesIO(people.ONE_PIXEL_PNG)
    ).id


def submit_claim(
    registry: Registry,
    user: UserSession,
    number: str = FIRM_NUMBER,
    name: str = "",
    *,
    name_en: str = "",
    file: int | None = None,
) -> int:
    attachment = upload_proof(registry, user) if file is None else file
    return claims.submit_claim(
        registry, user.actor, claims.ClaimForm(number, name, name_en, "质量经理", attachment)
    )


def sign_in_registrar(registry: Registry, address: str = "wang@example.com") -> UserSession:
    """The session of a registrar, with a second factor."""
    people.create_staff_account(registry, address, "registrar")
    return people.sign_in_staff(registry, address)


def sign_up_owner(registry: Registry, address: str = MEI) -> UserSession:
    """The session of a user whose claim was confirmed."""
    user = people.sign_up(registry, address)
    claims.decide_claim(registry, SYSTEM, submit_claim(registry, user), confirmed=True)
    return user


def sign_up_member(
    registry: Registry, inviter: UserSession, address: str, role: str, *, agent: bool = False
) -> UserSession:
    """The session of a user who has accepted an invitation."""
    user = people.sign_up(registry, address)
    invitations.invite_member(registry, inviter.actor, SLUG, email=address, role=role, agent=agent)
    invitations.accept_invitation(registry, user.actor, token_of(read_mails(registry)[-1]))
    return user


@pytest.fixture
def firm(registry: Registry, tmp_path: Path) -> Registry:
    """A registry that holds one enterprise."""
    row = {
        "uscc": FIRM_NUMBER,
        "name_zh": "杭州青屿家具有限公司（演示）",
        "status": "active",
        "region_code": "330100",
    }
    sheet = samples.write_sheet(tmp_path / "organisations.csv", "organisations", [row])
    import_files(registry, REGISTRAR, "organisations", [sheet])
    return registry


def issue_codes(refused: pytest.ExceptionInfo[Invalid]) -> list[tuple[str, str]]:
    return [(issue.code, issue.field) for issue in refused.value.issues]
