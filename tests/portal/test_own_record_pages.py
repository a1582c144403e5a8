"""The pages of a party's records: the list, one record, asking for a decision, answering a challenge; and the desk's side."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import update

from portal.app import create_app
from portal.desk import requests as desk_requests
from registry import clock
from registry.kit.report import Report
from registry.services.bootstrap import Registry, open_registry
from registry.services.own_records import RecordAddress, reading
from registry.store.unit_of_work import unit_of_work
from tests.databases import Template
from tests.portal.people import Person
from tests.portal.workspaces import owner
from tests.services.deciders import set_status
from tests.services.test_own_records import challenge
from tests.services.watched import CERTIFICATES, FIRM, NOW, certificate, day, load, world

pytestmark = pytest.mark.once


@pytest.fixture
def owned(template: Template, tmp_path: Path) -> Iterator[Registry]:
    with clock.frozen_at(NOW), template.copy(tmp_path / "data") as settings:
        registry = open_registry(settings)
        world(registry, tmp_path)
        load(registry, tmp_path, CERTIFICATES, [certificate("DEMO-CGP-2025-00100", valid_to=day(20))])
        yield registry
        registry.search.close()


@pytest.fixture
def app(owned: Registry) -> Flask:
    return create_app(registry=owned)


def test_requests_are_shown_page_by_page(
    app: Flask, owned: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desk_requests, "REQUESTS_ON_PAGE", 2)
    number = set_status(owned, CERTIFICATES, "valid")
    mei, wang = owner(app, owned), Person(app)
    wang.appointed(owned, "registrar@example.com", "registrar")
    record = f"workspace/records/{CERTIFICATES}/{number}"
    for asked, key in enumerate(("suspended", "cancelled", "changed"), start=1):
        assert "Next page" not in wang.text("desk/requests"), asked
        assert mei.send(f"{record}/ask/{key}", text="产线检修，自12月1日起。").status_code == 303
    first = wang.text("desk/requests")
    assert [f'"/en/desk/requests/{each}"' in first for each in (1, 2, 3)] == [True, True, False]
    [following] = re.findall(r'href="(/en/desk/requests\?next=[^"]+)"', first)
    second = wang.text(following)
    assert [f'"/en/desk/requests/{each}"' in second for each in (1, 2, 3)] == [False, False, True]
    assert ("First page" in second, "Next page" in second) == (True, False)
    assert wang.open("desk/requests?next=x").status_code == 400


def test_a_holder_asks_and_the_desk_refuses_and_a_challenge_is_answered(app: Flask, owned: Registry) -> None:
    number = set_status(owned, CERTIFICATES, "valid")
    mei, wang, stranger = owner(app, owned), Person(app), Person(app)
    listed = mei.text(f"workspace/organisations/{FIRM}/records")
    record = f"workspace/records/{CERTIFICATES}/{number}"
    assert f'href="/en/{record}"' in listed
    assert "20 days left" in listed
    assert f"organisations/{FIRM}/records" in mei.text("workspace/home")
    page = mei.text(record)
    assert f'href="/en/{record}/ask/suspended"' in page
    assert "Code and label to print" in page
    for path in ("ask/revoked", "ask/nothing", "answer/1"):
        assert mei.open(f"{record}/{path}").status_code == 404
    form = mei.text(f"{record}/ask/suspended")
    assert "Ask for a decision: Suspended" in form
    refused = mei.send(f"{record}/ask/suspended", text=" ")
    assert (refused.status_code, "from which day" in refused.get_data(as_text=True)) == (400, True)
    sent = mei.send(f"{record}/ask/suspended", text="产线检修，自12月1日起。")
    assert (sent.status_code, str(sent.location)) == (303, f"/en/{record}?done=asked")
    page = mei.text(str(sent.location))
    assert "The request is sent." in page
    assert "产线检修，自12月1日起。" in page
    assert f"{record}/ask/suspended" not in page  # it waits
    twice = mei.send(f"{record}/ask/suspended", text="又一次")
    assert (twice.status_code, "asked for already" in twice.get_data(as_text=True)) == (409, True)

    stranger.sign_up(owned, "stranger@example.com")
    for path in ("", "/ask/suspended", "/answer/1"):
        assert stranger.open(f"{record}{path}").status_code == 404
    assert stranger.send(f"{record}/requests/1/withdraw").status_code == 404

    wang.appointed(owned, "registrar@example.com", "registrar")
    for queue in ("desk", "desk/requests", f"desk/{CERTIFICATES}/{number}"):
        assert 'href="/en/desk/requests/1"' in wang.text(queue)
    assert f'href="/en/desk/{CERTIFICATES}/{number}/suspended"' in wang.text("desk/requests/1")
    auditor = Person(app)
    auditor.appointed(owned, "auditor@example.com", "auditor")
    looked_at = auditor.text("desk/requests/1")
    assert "change nothing" in looked_at
    assert not any(each in looked_at for each in ("/suspended", 'name="reply"'))
    assert wang.send("desk/requests/1", reply="").status_code == 400
    assert wang.send("desk/requests/1", reply="请先交检修计划。").status_code == 303
    assert wang.send("desk/requests/1", reply="又一次").status_code == 409
    assert "请先交检修计划。" in wang.text("desk/requests/1?done=refused")
    assert "No request waits" in wang.text("desk/requests")
    assert "请先交检修计划。" in mei.text(record)
    again = mei.send(f"{record}/ask/cancelled", text="不再生产。")
    assert again.status_code == 303
    assert mei.send(f"{record}/requests/2/withdraw").status_code == 303
    assert mei.send(f"{record}/requests/2/withdraw").status_code == 409


def test_a_challenge_is_put_to_the_holder_and_answered(app: Flask, owned: Registry) -> None:
    number = set_status(owned, CERTIFICATES, "valid")
    mei, wang = owner(app, owned), Person(app)
    wang.appointed(owned, "registrar@example.com", "registrar")
    record = f"workspace/records/{CERTIFICATES}/{number}"
    report = challenge(owned, RecordAddress(CERTIFICATES, number))
    shown = wang.text(f"desk/reports/{report}")
    assert "What is put to holder and issuing body" in shown
    told = wang.send(f"desk/reports/{report}", act="admitted", put="见 a@example.com")
    assert (told.status_code, "names no reporter" in told.get_data(as_text=True)) == (400, True)
    assert wang.send(f"desk/reports/{report}", act="admitted", put="还在生产吗？").status_code == 303
    assert "还在生产吗？" in mei.text(record)
    assert "举报人的话" not in mei.text(f"{record}/answer/{report}")
    assert mei.send(f"{record}/answer/{report}", text="").status_code == 400
    assert mei.send(f"{record}/answer/{report}", text="还在生产。").status_code == 303
    assert "还在生产。" in wang.text(f"desk/reports/{report}")
    with unit_of_work(owned.engine) as connection:
        connection.execute(update(Report).values(admitted_at=None))
    assert mei.open(f"{record}/answer/{report}").status_code == 404


def test_the_pages_read_in_chinese_too(app: Flask, owned: Registry) -> None:
    number = set_status(owned, CERTIFICATES, "valid")
    mei = owner(app, owned, "zh")
    record = f"workspace/records/{CERTIFICATES}/{number}"
    for path in (
        f"workspace/organisations/{FIRM}/records?needing=yes&register=green-products",
        record,
        f"{record}/ask/cancelled",
    ):
        page = mei.open(path)
        assert page.status_code == 200
        words = re.sub(
            r"<[^>]+>", " ", page.get_data(as_text=True).partition("<main")[2].partition("</main>")[0]
        )
        assert "records in all registers" not in words
        assert "%(" not in words
    set_status(owned, CERTIFICATES, "suspended")
    assert "停止印制" in mei.text(f"workspace/artwork/{CERTIFICATES}/{number}")


def test_the_filters_of_the_list_stay_from_page_to_page(
    app: Flask, owned: Registry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "PAGE_SIZE", 1)
    load(owned, tmp_path, CERTIFICATES, [certificate("DEMO-CGP-2025-00101", valid_to=day(21))])
    mei = owner(app, owned)
    first = mei.text(f"workspace/organisations/{FIRM}/records?register={CERTIFICATES}&needing=yes")
    onward = re.search(r'href="(/en/[^"]*)" rel="next"', first)
    assert onward is not None
    second = mei.text(html.unescape(onward[1]))
    assert 'value="yes" selected' in second
    assert f'value="{CERTIFICATES}" selected' in second
    assert "Page 2 of 2" in second
    assert 'rel="next"' not in second
    assert "20 days left" in first
    assert "21 days left" in second
