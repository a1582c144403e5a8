"""The daily jobs of this room."""

from __future__ import annotations

from registry.services.daily_job import DailyJob
from registry.services.filing import annual_confirmation, drafts
from registry.services.filing.by_sheet import sheet_uploads

DAILY_JOBS = (
    DailyJob("purge old sheets", sheet_uploads.purge_old_sheets),
    DailyJob("delete drafts that nothing was done with for long", drafts.purge_old_drafts),
    DailyJob("send confirmation reminders", annual_confirmation.send_confirmation_reminders),
)
