"""The state of the register as metrics: looked up when they are asked for, not counted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from prometheus_client import Metric
from prometheus_client.metrics_core import GaugeMetricFamily

from registry.observing.recent_trouble import seconds_since_trouble
from registry.observing.shared_files import started_at
from registry.services.bootstrap import Registry
from registry.services.operations.readiness import OperationReport, check_readiness, report_operation

Labelled = Mapping[str, float]

# Name → what it says, and its label, "" for none. docs/operations/monitoring.md lists them; a test compares.
GAUGES: Mapping[str, tuple[str, str]] = {
    "pinzheng_ready": ("1 while pages can be answered: database, schema and index are usable.", ""),
    "pinzheng_database_up": ("1 while the database answers.", ""),
    "pinzheng_index_up": ("1 while there is an index to search in.", ""),
    "pinzheng_schema": ("1 for the word that says how schema and program fit.", "word"),
    "pinzheng_start_time_seconds": ("When this server was started, in seconds since 1970.", ""),
    "pinzheng_database_writable": ("1 while the database takes writes.", ""),
    "pinzheng_data_free_bytes": ("Free space in the data directory.", ""),
    "pinzheng_relay_lag_seconds": ("How long the oldest change has waited to be sealed and found.", ""),
    "pinzheng_companion_alive": ("1 while a process beside the web comes round.", "process"),
    "pinzheng_companion_last_turn_seconds": ("Seconds since a process beside the web came round.", "process"),
    "pinzheng_lease_token": (
        "Rises whenever another process takes over the work of this lease.",
        "lease",
    ),
    "pinzheng_trouble_seconds": ("Seconds since this kind of trouble came last, on this machine.", "kind"),
    "pinzheng_outbox_messages": ("Messages that wait for the relay, by kind.", "topic"),
    "pinzheng_letters_waiting": ("Letters that wait to be sent.", ""),
    "pinzheng_letters_oldest_seconds": ("How long the oldest letter has waited.", ""),
    "pinzheng_sheets_waiting": (
        "Sheets that wait for the process that works on them, or are being worked on: of enterprises, imports and decisions at the desk.",
        "",
    ),
    "pinzheng_sheets_oldest_seconds": ("How long ago the oldest of them was handed in.", ""),
    "pinzheng_examinations_waiting": ("Files that wait to be examined or are being examined.", ""),
    "pinzheng_log_entries": ("Sealed entries of the log.", ""),
    "pinzheng_records": ("Records in the store.", ""),
    "pinzheng_index_documents": ("Documents in the search index.", ""),
    "pinzheng_daily_work_refused": (
        "1 while the work of the day is refused, as after a jump of the clock.",
        "",
    ),
    "pinzheng_backup_last_success_seconds": ("When the last backup was made, in seconds since 1970.", ""),
    "pinzheng_restore_drill_last_success_seconds": (
        "When a backup was last restored for trial, in seconds since 1970.",
        "",
    ),
    "pinzheng_attention": ("1 for each thing that somebody should look at.", "code"),
}


def read_gauges(registry: Registry) -> list[Metric]:
    """Return the state of the register as metrics; what cannot be read at the moment is left out."""
    values = dict(_of_readiness(registry))
    report = report_operation(registry)
    if report is not None:
        values |= dict(_of_report(report))
    metrics: list[Metric] = []
    for name, (text, label) in GAUGES.items():
        if name not in values:
            continue
        value = values[name]
        if isinstance(value, Mapping):
            family = GaugeMetricFamily(name, text, labels=[label])
            for of, number in value.items():
                family.add_metric([of], number)
        else:
            family = GaugeMetricFamily(name, text, value=value)
        metrics.append(family)
    return metrics


def _of_readiness(registry: Registry) -> Iterator[tuple[str, float | Labelled]]:
    parts = check_readiness(registry)
    yield "pinzheng_ready", float(parts.is_ready)
    yield "pinzheng_database_up", float(parts.database)
    yield "pinzheng_index_up", float(parts.index)
    yield "pinzheng_schema", {parts.schema.word: 1.0}
    yield "pinzheng_start_time_seconds", started_at().timestamp()
    yield "pinzheng_trouble_seconds", {str(kind): since for kind, since in seconds_since_trouble().items()}


def _of_report(report: OperationReport) -> Iterator[tuple[str, float | Labelled]]:
    yield "pinzheng_database_writable", float(report.writable)
    yield "pinzheng_data_free_bytes", float(report.free_bytes)
    yield "pinzheng_relay_lag_seconds", report.lag_seconds
    yield "pinzheng_companion_alive", {name: float(report.is_alive(name)) for name in report.seconds_since}
    yield (
        "pinzheng_companion_last_turn_seconds",
        {name: since for name, since in report.seconds_since.items() if since is not None},
    )
    yield "pinzheng_lease_token", {name: float(token) for name, token in report.lease_tokens.items()}
    yield "pinzheng_outbox_messages", {topic: float(count) for topic, count in report.outbox.items()}
    yield "pinzheng_letters_waiting", float(report.letters.number)
    yield "pinzheng_letters_oldest_seconds", report.letters.oldest_seconds
    yield "pinzheng_sheets_waiting", float(report.sheets.number)
    yield "pinzheng_sheets_oldest_seconds", report.sheets.oldest_seconds
    yield "pinzheng_examinations_waiting", float(report.examinations)
    yield "pinzheng_log_entries", float(report.entries)
    yield "pinzheng_records", float(report.index.records)
    if report.index.documents is not None:
        yield "pinzheng_index_documents", float(report.index.documents)
    yield "pinzheng_daily_work_refused", float(bool(report.daily_work.refused))
    if report.backup.backup_at is not None:
        yield "pinzheng_backup_last_success_seconds", report.backup.backup_at.timestamp()
    if report.backup.drill_at is not None:
        yield "pinzheng_restore_drill_last_success_seconds", report.backup.drill_at.timestamp()
    yield "pinzheng_attention", dict.fromkeys(report.attention, 1.0)
