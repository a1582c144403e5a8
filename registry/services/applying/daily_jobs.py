"""The daily jobs of this room."""

from __future__ import annotations

from registry.services.applying import retention
from registry.services.daily_job import DailyJob

DAILY_JOBS = (DailyJob("forget applications", retention.forget_applications),)
