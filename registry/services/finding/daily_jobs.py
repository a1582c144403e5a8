"""The daily jobs of this room."""

from __future__ import annotations

from registry.services.daily_job import DailyJob
from registry.services.finding import zero_results
from registry.services.finding.subscriptions import followers, saved_searches

DAILY_JOBS = (
    DailyJob("purge zero-result log", zero_results.purge_zero_results),
    DailyJob("purge followers who did not confirm", followers.purge_unconfirmed),
    DailyJob("write letters of followed searches", followers.write_follower_letters, after_indexing=True),
    DailyJob("write letters of saved searches", saved_searches.write_search_letters, after_indexing=True),
)
