"""Records in JSON as their holders and issuers see them: what is due, asked and answered; never who reported, nor who decided."""

from __future__ import annotations

from portal.api.desk_json import Json, in_both, status, words
from registry.services.deciding import RequestView
from registry.services.own_records import AskableView, DueView, OwnRecordLine, OwnRecordView
from registry.services.records import VersionView
from registry.services.reports import PutReportView

OWN_RECORDS = "/api/v1/own-records"


def own_record_line(line: OwnRecordLine) -> Json:
    """A record in a list of its party."""
    return {
        **_named(line.register.slug, line.number, line.slug),
        "title": words(line.title),
        "status": status(line.status),
        "due": [_due(each) for each in line.due],
        "open_requests": line.asked,
        "challenged": line.challenged,
    }


def own_record(found: OwnRecordView) -> Json:
    """A record with what its party needs to know, may ask for and may answer."""
    record = found.record
    return {
        **_named(record.register.slug, record.number, record.slug),
        "title": words(record.title),
        "status": status(record.status),
        "party": {
            "register": found.party.register,
            "number": found.party.number,
            "name": words(found.party.name),
            "side": found.party.side,
            "acts": found.party.acts,
        },
        "decision": _decision(found.decision) if found.decision else None,
        "appeal": in_both(found.appeal) if found.appeal else None,
        "due": [_due(each) for each in found.due],
        "challenges": [_challenge(each) for each in found.challenges],
        "requests": [_request(each) for each in found.requests],
        "may_ask_for": [_askable(each) for each in found.askable],
    }


def _named(register: str, number: str, slug: str) -> Json:
    return {
        "register": register,
        "number": number,
        "record": f"/api/v1/registers/{register}/records/{slug}",
        "own_record": f"{OWN_RECORDS}/{register}/{slug}",
    }


def _decision(version: VersionView) -> Json:
    """The decision that has led to the state of today; its role, never its person."""
    return {
        "version": version.version,
        "name": in_both(version.reason),
        "role": in_both(version.actor_role) if version.actor_role else None,
        "at": version.recorded_at.isoformat(),
        "legal_basis": version.legal_basis,
        "words": version.words,
    }


def _due(each: DueView) -> Json:
    return {"label": in_both(each.label), "due": each.due or None, "days_left": each.days_left}


def _challenge(each: PutReportView) -> Json:
    return {
        "id": each.id,
        "number": each.number,
        "kind": each.kind,
        "since": each.since,
        "due": each.due_on,
        "put": each.put,
        "statements": [{"text": stated.text, "at": stated.made_at.isoformat()} for stated in each.statements],
    }


def _request(each: RequestView) -> Json:
    return {
        "id": each.id,
        "name": words(each.name),
        "after": status(each.after),
        "text": each.text,
        "state": each.state,
        "made_on": each.made_on,
        "ended_on": each.ended_on or None,
        "reply": each.reply,
    }


def _askable(each: AskableView) -> Json:
    return {
        "transition": each.key,
        "name": words(each.name),
        "after": status(each.after),
        "evidence": [in_both(paper) for paper in each.evidence],
    }
