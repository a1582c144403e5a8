"""The daily jobs of this room."""

from __future__ import annotations

from registry.services.daily_job import DailyJob
from registry.services.watch_lists import copied_texts, digests, keeping

DAILY_JOBS = (
    DailyJob("look for what is due on all records", keeping.keep_lists),
    DailyJob("find copied texts", copied_texts.find_copied_texts),
    DailyJob("write letters of what is due", digests.write_digests, after_indexing=True),
)
