"""The daily jobs of this room."""

from __future__ import annotations

from registry.services.auditing import days
from registry.services.daily_job import DailyJob

DAILY_JOBS = (DailyJob("close the days of the audit log", days.close_days),)
