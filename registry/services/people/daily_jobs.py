"""The daily jobs of this room."""

from __future__ import annotations

from registry.services.daily_job import DailyJob
from registry.services.people import attachments, factor_secrets, sessions

DAILY_JOBS = (
    DailyJob("purge expired sessions", sessions.purge_expired),
    DailyJob("purge attachments", attachments.purge_attachments),
    DailyJob("keep secrets of second factors", factor_secrets.seal_derived),
)
