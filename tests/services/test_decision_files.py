"""Files of a decision: added and removed by who prepared it, seen within the bounds, and kept when it is prepared again."""

from __future__ import annotations

import io

import pytest
from sqlalchemy import select, update

from registry.accounts.model import AuditEntry
from registry.accounts.policy import Actor
from registry.errors import Conflict, Forbidden, Invalid, NotFound
from registry.kit.decision import Decision
from registry.services import deciding
from registry.services.bootstrap import Registry
from registry.services.deciding import DecisionFileUpload, decision_files
from registry.services.people import attachments
from registry.store.unit_of_work import read_transaction, unit_of_work
from tests.services.deciders import draft, set_status, staff
from tests.services.members import issue_codes
from tests.services.people import DECIDING, ONE_PIXEL_PNG

STATED = {
    "status_reason": "侵犯他人商标权（演示）",
    "legal_basis": "《中华老字号示范创建管理办法》第二十二条",
    "decided_on": "2026-11-24",
}
pytestmark = pytest.mark.usefixtures("noon")


def png(name: str = "notice.png", more: bytes = b"") -> DecisionFileUpload:
    return DecisionFileUpload(name, io.BytesIO(ONE_PIXEL_PNG + more))


def names(registry: Registry, actor: Actor, decision: int) -> list[str]:
    return [file.name for file in deciding.list_decision_files(registry, actor, decision)]


@pytest.fixture
def pair(store: Registry) -> tuple[Actor, Actor]:
    return staff(store, "reviewer_national"), staff(store, "reviewer_national")


@pytest.fixture
def decision(store: Registry, pair: tuple[Actor, Actor]) -> int:
    return prepare(store, pair[0], set_status(store, "brands", "listed"))


def prepare(registry: Registry, actor: Actor, number: str) -> int:
    with unit_of_work(registry.engine) as connection:  # none of another test waits
        connection.execute(update(Decision).where(Decision.state == "prepared").values(state="taken"))
    return deciding.prepare_decision(registry, actor, draft("brands", "suspended", number, stated=STATED))


def test_files_are_added_removed_and_looked_at(
    store: Registry, pair: tuple[Actor, Actor], decision: int
) -> None:
    wang, lin = pair
    deciding.add_decision_file(store, wang, decision, png("通知.png"))
    deciding.add_decision_file(store, wang, decision, png())
    assert names(store, lin, decision) == ["通知.png", "notice.png"]
    first, second = deciding.list_decision_files(store, lin, decision)
    assert (
        deciding.get_decision_file(store, lin, decision, first.id, reason=DECIDING).path.read_bytes()
        == ONE_PIXEL_PNG
    )
    with read_transaction(store.engine) as connection:
        newest = select(AuditEntry.action, AuditEntry.user_id, AuditEntry.details)
        entry = connection.execute(newest.order_by(AuditEntry.id.desc()).limit(1)).one()
    assert (entry.action, entry.user_id) == ("decision_file_seen", lin.user_id)
    assert entry.details == f"suspended {first.sha256} reason=deciding"
    deciding.remove_decision_file(store, wang, decision, second.id)
    assert names(store, wang, decision) == ["通知.png"]
    for again in (
        lambda: deciding.remove_decision_file(store, wang, decision, second.id),
        lambda: deciding.get_decision_file(store, lin, decision, second.id, reason=DECIDING),
    ):
        with pytest.raises(NotFound):
            again()


def test_only_who_prepared_it_changes_its_files_and_only_while_it_waits(
    store: Registry, pair: tuple[Actor, Actor], decision: int
) -> None:
    wang, lin = pair
    deciding.add_decision_file(store, wang, decision, png())
    [file] = deciding.list_decision_files(store, wang, decision)
    for act in (
        lambda: deciding.add_decision_file(store, lin, decision, png()),
        lambda: deciding.remove_decision_file(store, lin, decision, file.id),
        lambda: deciding.add_decision_file(store, staff(store, "auditor"), decision, png()),
    ):
        with pytest.raises(Forbidden):
            act()
    deciding.take_decision(store, lin, decision)
    for act in (
        lambda: deciding.add_decision_file(store, wang, decision, png()),
        lambda: deciding.remove_decision_file(store, wang, decision, file.id),
    ):
        with pytest.raises(Conflict):
            act()
    assert names(store, staff(store, "auditor"), decision) == ["notice.png"]


def test_who_does_not_see_the_decision_sees_no_file_of_it(
    store: Registry, pair: tuple[Actor, Actor], decision: int
) -> None:
    deciding.add_decision_file(store, pair[0], decision, png())
    [file] = deciding.list_decision_files(store, pair[0], decision)
    elsewhere = staff(store, "reviewer_county", region="659001")
    for look in (
        lambda: deciding.list_decision_files(store, elsewhere, decision),
        lambda: deciding.get_decision_file(store, elsewhere, decision, file.id, reason=DECIDING),
        lambda: deciding.get_decision_file(store, pair[0], decision + 1, file.id, reason=DECIDING),
    ):
        with pytest.raises(NotFound):
            look()
    with pytest.raises(Forbidden):
        deciding.list_decision_files(store, staff(store, "admin"), decision)


def test_files_go_along_when_a_returned_decision_is_prepared_again(
    store: Registry, pair: tuple[Actor, Actor], decision: int
) -> None:
    wang, lin = pair
    number = set_status(store, "brands", "listed")
    deciding.add_decision_file(store, wang, decision, png("one.png"))
    deciding.add_decision_file(store, wang, decision, png("two.png"))
    deciding.return_decision(store, lin, decision, "Article 23, not 22")
    again = prepare(store, wang, number)
    assert names(store, lin, again) == ["one.png", "two.png"]
    assert names(store, lin, decision) == ["one.png", "two.png"]
    attachments.purge_attachments(store)
    deciding.take_back_decision(store, wang, again)
    other = prepare(store, lin, number)  # of another person: their own papers
    assert names(store, wang, other) == []


@pytest.mark.parametrize(
    ("file", "code"),
    [(DecisionFileUpload(), "required"), (DecisionFileUpload("a.exe", io.BytesIO(b"MZ\x90")), "file_kind")],
)
def test_what_is_no_file_is_told(
    store: Registry, pair: tuple[Actor, Actor], decision: int, file: DecisionFileUpload, code: str
) -> None:
    with pytest.raises(Invalid) as refused:
        deciding.add_decision_file(store, pair[0], decision, file)
    assert issue_codes(refused) == [(code, "file")]


def test_a_decision_has_so_many_files_and_no_more(
    store: Registry, pair: tuple[Actor, Actor], decision: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(decision_files, "MAX_FILES", 2)
    for _each in range(2):
        deciding.add_decision_file(store, pair[0], decision, png())
    with pytest.raises(Invalid) as refused:
        deciding.add_decision_file(store, pair[0], decision, png())
    assert issue_codes(refused) == [("too_many_decision_files", "file")]
