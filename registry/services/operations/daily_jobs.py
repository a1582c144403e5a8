"""The table of daily jobs: dates that take effect first, then what each room declares in its own `daily_jobs`."""

from __future__ import annotations

from registry.services.applying.daily_jobs import DAILY_JOBS as APPLICATION_JOBS
from registry.services.auditing.daily_jobs import DAILY_JOBS as AUDITING_JOBS
from registry.services.bootstrap import Registry
from registry.services.daily_job import DailyJob
from registry.services.decision_sheets.daily_jobs import DAILY_JOBS as DECISION_SHEET_JOBS
from registry.services.filing.daily_jobs import DAILY_JOBS as FILING_JOBS
from registry.services.finding.daily_jobs import DAILY_JOBS as FINDING_JOBS
from registry.services.importing.daily_jobs import DAILY_JOBS as IMPORT_JOBS
from registry.services.operations import due_changes, text_reading
from registry.services.people.daily_jobs import DAILY_JOBS as PEOPLE_JOBS
from registry.services.publication import conflicts, lasting_links
from registry.services.reports.daily_jobs import DAILY_JOBS as REPORT_JOBS
from registry.services.watch_lists.daily_jobs import DAILY_JOBS as WATCH_JOBS

DAILY_JOBS = (
    DailyJob("apply due changes", due_changes.apply_due_changes),
    DailyJob("join records with what their texts name", lasting_links.link_all_records),
    DailyJob("find conflicts", conflicts.find_conflicts),
    DailyJob("forget texts that are not public", text_reading.forget_texts),
    *PEOPLE_JOBS,
    *IMPORT_JOBS,
    *DECISION_SHEET_JOBS,
    *FILING_JOBS,
    *APPLICATION_JOBS,
    *FINDING_JOBS,
    *REPORT_JOBS,
    *WATCH_JOBS,
    *AUDITING_JOBS,
)


def run_daily_jobs(registry: Registry, *, after_indexing: bool = False) -> None:
    """Run the jobs of a new day, in the order of the table: those before indexing, or those after it.

    The caller has asked `daily_work` whether the day may be worked on.
    """
    for job in DAILY_JOBS:
        if job.after_indexing == after_indexing:
            job.run(registry)
