"""The daily jobs of this room."""

from __future__ import annotations

from registry.services.daily_job import DailyJob
from registry.services.reports import retention

DAILY_JOBS = (DailyJob("forget reports", retention.forget_reports),)
