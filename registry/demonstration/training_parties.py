"""What the parties of records do, to learn with: a holder asks for a decision, and is asked about a report."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from registry import clock
from registry.accounts.policy import ANONYMOUS, Actor
from registry.services import own_records, people, reports
from registry.services.bootstrap import Registry
from registry.services.own_records import OwnRecordsRequest, RecordAddress
from registry.services.reports import ReportDraft, ReportsRequest

LOOKED_AT = 20  # records of a holder
REASON = "产品线停产，申请办理（演示）。"
STATEMENT = "网页所列信息与产品铭牌不一致（演示）。"
QUESTION = "请说明铭牌与登记内容不一致之处（演示）。"


def make_request(registry: Registry, holder: Actor) -> int | None:
    """Ask for a decision as the holder of a record does; returns the request, None where none can be asked for."""
    for address in _records(registry, holder):
        for each in own_records.get_own_record(registry, holder, address, "zh").askable:
            return own_records.ask_for_decision(registry, holder, address, each.key, text=REASON)
    return None


def put_question(registry: Registry, holder: Actor, registrar: Actor) -> int | None:
    """Report an error of a record of the holder, and put to them what is to be answered; returns the report, None where there is no record."""
    address = next(_records(registry, holder), None)
    if address is None:
        return None
    with clock.frozen_at(clock.now() - dt.timedelta(hours=1)):
        stamp = reports.keep_stamp(registry, ANONYMOUS, "")
    network = "training question"
    draft = ReportDraft("error", address.register, address.number, STATEMENT, "", "", "zh", network, stamp)
    path = reports.hand_in_report(registry, ANONYMOUS, draft)
    waiting = reports.list_reports(registry, registrar, ReportsRequest()).lines
    report = next(line.id for line in waiting if f"/{line.number}/" in path)
    reports.admit_report(registry, registrar, report, QUESTION)
    return report


def _records(registry: Registry, holder: Actor) -> Iterator[RecordAddress]:
    """The records of the organisations of the holder."""
    for organisation in people.get_workspace_home(registry, holder).organisations:
        org = people.Represented(organisation.register, organisation.slug)
        view = own_records.list_own_records(registry, holder, org, OwnRecordsRequest())
        yield from (RecordAddress(line.register.slug, line.number) for line in view.lines[:LOOKED_AT])
