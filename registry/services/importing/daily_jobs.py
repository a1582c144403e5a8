"""The daily jobs of this room."""

from __future__ import annotations

from registry.services.daily_job import DailyJob
from registry.services.importing import desk_imports

DAILY_JOBS = (DailyJob("purge old imports", desk_imports.purge_old_imports),)
