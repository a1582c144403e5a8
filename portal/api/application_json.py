"""Applications in JSON as their holders read them: without who acted at the authority, and without its papers."""

from __future__ import annotations

from portal.api.desk_json import Json, evidence_kind, in_both, labelled, status, words
from registry.services.applying import ApplicationLine, OwnApplication, StepView


def application_line(line: ApplicationLine, register: str) -> Json:
    """An application in a list of its holder. `register`: as addresses name it."""
    record = f"/api/v1/registers/{register}/records/{line.record_path.rpartition('/')[2]}"
    return {
        "id": line.id,
        "register": register,
        "title": line.title.zh or line.title.en,
        "organisation": words(line.organisation),
        "status": status(line.status),
        "submitted_at": line.submitted_at.isoformat(),
        "since": line.since.isoformat(),
        "over": line.over,
        "record": record if line.record_path else None,
    }


def application(found: OwnApplication, register: str) -> Json:
    """An application as its holder reads it: where it stands, what it needs, and what was submitted."""
    view = found.view
    return {
        **application_line(view.line, register),
        "revision": view.revision,
        "correctable": view.correctable,
        "withdrawable": view.withdrawable,
        "opinion": found.opinion,
        "to_correct": dict(found.to_correct),
        "waits_for": [in_both(role) for role in found.waits_for],
        "appeal": in_both(view.appeal) if view.appeal else None,
        "document": dict(found.document),
        "signer": view.signer,
        "files": [evidence_kind(each) for each in view.evidence],
        "steps": [_own_step(each) for each in view.steps],
    }


def _own_step(step: StepView) -> Json:
    """A step as the holder is told of it: who acted stays with the authority."""
    return {
        "name": words(step.name),
        "after": status(step.after),
        "role": in_both(step.role),
        "opinion": step.opinion,
        "reasons": [labelled(each) for each in step.reasons],
        "at": (step.settled_at or step.prepared_at).isoformat(),
    }
