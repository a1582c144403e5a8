"""Saved views of the desk: kept by name, replaced by name, one's own, bounded, and gone with the account."""

from __future__ import annotations

import json
from urllib.parse import parse_qsl

import pytest
from sqlalchemy import select

from registry.accounts.model import User
from registry.accounts.policy import ROLES, Action, Actor, may
from registry.errors import Forbidden, Invalid, NotFound
from registry.services import deciding
from registry.services.bootstrap import Registry
from registry.services.deciding import saved_views
from registry.services.people import account_deletion, personal_data_export
from registry.store.unit_of_work import read_transaction
from tests.services.deciders import staff
from tests.services.members import issue_codes


def names(registry: Registry, actor: Actor) -> list[tuple[str, str]]:
    return [(view.name, view.path) for view in deciding.list_views(registry, actor)]


def test_a_view_is_kept_replaced_by_its_name_and_removed(registry: Registry) -> None:
    wang = staff(registry, "registrar")
    first = deciding.save_view(registry, wang, "/desk", "register=brands", name="  Brands   first ")
    deciding.save_view(registry, wang, "/desk/watch", "when=overdue", name="All overdue")
    assert names(registry, wang) == [
        ("All overdue", "/desk/watch?when=overdue"),
        ("Brands first", "/desk?register=brands"),
    ]
    assert deciding.save_view(registry, wang, "/desk/reports", "", name="Brands first") == first
    assert names(registry, wang)[1] == ("Brands first", "/desk/reports")
    deciding.remove_view(registry, wang, first)
    assert [name for name, _path in names(registry, wang)] == ["All overdue"]
    with pytest.raises(NotFound):
        deciding.remove_view(registry, wang, first)


def test_only_what_filters_the_list_is_kept() -> None:
    given = parse_qsl(
        "kind=overdue&register=brands&page=7&next=//example.com&of=/desk", keep_blank_values=True
    )
    assert deciding.filters_of("/desk", given) == "register=brands&kind=overdue"
    assert deciding.filters_of("/desk", [("register", ""), ("kind", "a b&c=d")]) == "kind=a+b%26c%3Dd"
    for page in ("", "/desk/", "//example.com", "/desk/audit"):
        with pytest.raises(NotFound):
            deciding.filters_of(page, ())


def test_views_are_bounded(registry: Registry) -> None:
    wang = staff(registry, "auditor")

    def refused(**changes: str) -> list[tuple[str, str]]:
        typed = {"page": "/desk", "query": "", "name": "x"} | changes
        with pytest.raises(Invalid) as problem:
            deciding.save_view(registry, wang, typed["page"], typed["query"], name=typed["name"])
        return issue_codes(problem)

    assert refused(name=" \t ") == [("required", "name")]
    assert refused(name="x" * 81) == [("too_long", "name")]
    assert refused(query="x" * 501) == [("too_long", "")]
    deciding.save_view(registry, wang, "/desk", "x" * 500, name="x" * 80)
    for number in range(saved_views.MAX_VIEWS - 1):
        deciding.save_view(registry, wang, "/desk", "", name=str(number))
    assert refused(name="one more") == [("too_many_views", "")]
    deciding.save_view(registry, wang, "/desk", "kind=soon", name="0")  # replaced, not added
    with pytest.raises(NotFound):
        deciding.save_view(registry, wang, "/desk/audit", "", name="x")


def test_views_are_seen_by_nobody_else_and_go_with_the_account(registry: Registry) -> None:
    wang, li = staff(registry, "registrar"), staff(registry, "publisher")
    view = deciding.save_view(registry, wang, "/desk", "kind=soon", name="Mine")
    assert names(registry, li) == []
    with pytest.raises(NotFound):
        deciding.remove_view(registry, li, view)
    exported = json.loads(b"".join(personal_data_export.export_personal_data(registry, wang)))
    assert [(each["name"], each["page"], each["query"]) for each in exported["saved_views"]] == [
        ("Mine", "/desk", "kind=soon")
    ]
    assert json.loads(b"".join(personal_data_export.export_personal_data(registry, li)))["saved_views"] == []
    with read_transaction(registry.engine) as connection:
        address = connection.execute(select(User.email).where(User.id == wang.user_id)).scalar_one()
    account_deletion.delete_account_of(registry, Actor("system"), address)
    assert names(registry, wang) == []


@pytest.mark.parametrize("role", sorted(role for role in ROLES if not may(Actor(role), Action.SEE_DESK)))
def test_who_has_no_desk_keeps_no_view(registry: Registry, role: str) -> None:
    actor = staff(registry, role)
    for act in (
        lambda: deciding.list_views(registry, actor),
        lambda: deciding.save_view(registry, actor, "/desk", "", name="x"),
        lambda: deciding.remove_view(registry, actor, 1),
    ):
        with pytest.raises(Forbidden):
            act()
