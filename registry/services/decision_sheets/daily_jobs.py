"""The daily jobs of this room."""

from __future__ import annotations

from registry.services.daily_job import DailyJob
from registry.services.decision_sheets import sheets

DAILY_JOBS = (DailyJob("purge old sheets of decisions", sheets.purge_old_decision_sheets),)
