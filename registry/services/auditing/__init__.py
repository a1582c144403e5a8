"""The audit trail: who did what, when, in which role and through which door; searched, exported, and proven unchanged.

The names below are the face of the room: what doors may call.
"""

from __future__ import annotations

from registry.services.auditing.days import AuditDayView, list_days
from registry.services.auditing.export import export_day, export_trail
from registry.services.auditing.labels import DOOR_LABELS, ROLE_LABELS, known_actions
from registry.services.auditing.trail import (
    AuditEntryView,
    AuditQuery,
    AuditTrailView,
    ShownPerson,
    get_audit_trail,
    open_account,
)

__all__ = [
    "DOOR_LABELS",
    "ROLE_LABELS",
    "AuditDayView",
    "AuditEntryView",
    "AuditQuery",
    "AuditTrailView",
    "ShownPerson",
    "export_day",
    "export_trail",
    "get_audit_trail",
    "known_actions",
    "list_days",
    "open_account",
]
