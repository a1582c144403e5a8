"""Who acts for an organisation in tests: claims, the desk that confirms them, owners and those who joined."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from registry.accounts.policy import REGISTRAR, SYSTEM
from registry.errors import Invalid
from registry.services.bootstrap import Registry
from registry.services.exchange.importer import import_files
from registry.services.people import attachments, claims, invitations
from registry.services.people.sessions import Signed
from tests.services import people, samples
from tests.services.people import mails, token_of

FIRM, SLUG = "91330100MAWY010175", "91330100MAWY010175"
NEW = "91110000101461180X"
MEI, WEI, LIN = "mei@example.com", "wei@example.com", "lin@example.com"


def proof(registry: Registry, who: Signed) -> int:
    return attachments.attach(registry, who.actor, "营业执照.png", io.BytesIO(people.PICTURE)).id


def claim(
    registry: Registry, who: Signed, number: str = FIRM, name: str = "", file: int | None = None
) -> int:
    attachment = proof(registry, who) if file is None else file
    return claims.claim(registry, who.actor, number, name, "", "质量经理", attachment)


def desk(registry: Registry, address: str = "wang@example.com") -> Signed:
    """A registrar, with his second factor."""
    people.appoint(registry, address, "registrar")
    return people.complete(registry, address)


def owner(registry: Registry, address: str = MEI) -> Signed:
    """Somebody whose claim was confirmed."""
    who = people.sign_up(registry, address)
    claims.decide(registry, SYSTEM, claim(registry, who), confirmed=True)
    return who


def joined(registry: Registry, by: Signed, address: str, role: str, *, agent: bool = False) -> Signed:
    """Somebody who was invited and came."""
    who = people.sign_up(registry, address)
    invitations.invite(registry, by.actor, SLUG, address, role, agent=agent)
    invitations.accept(registry, who.actor, token_of(mails(registry)[-1]))
    return who


@pytest.fixture
def firm(registry: Registry, tmp_path: Path) -> Registry:
    """A registry that holds one enterprise."""
    row = {
        "uscc": FIRM,
        "name_zh": "杭州青屿家具有限公司（演示）",
        "status": "active",
        "region_code": "330100",
    }
    sheet = samples.write_sheet(tmp_path / "organisations.csv", "organisations", [row])
    import_files(registry, REGISTRAR, "organisations", [sheet])
    return registry


def codes(refused: pytest.ExceptionInfo[Invalid]) -> list[tuple[str, str]]:
    return [(issue.code, issue.field) for issue in refused.value.issues]
