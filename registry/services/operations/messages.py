"""The words of the codes about running the registry."""

from __future__ import annotations

from registry.i18n import _
from registry.messages import Message, declare

MESSAGES: dict[str, Message | str] = {
    "store_not_empty": _(
        "A backup is restored into an empty store, and this one is not. Name a new data directory and, with PostgreSQL, "
        "an empty database; do not run “pinzheng init” first."
    ),
    "drill_database_needed": _(
        "This is a register on PostgreSQL. Name an empty database for the drill: “--drill-database URL”."
    ),
    "backup_other_database": _(
        "This is a backup of %(database)s, and PINZHENG_DATABASE_URL names another kind of database."
    ),
    "backup_schema_unknown": _(
        "The tables of this backup (schema %(schema)s) are newer than this program. Install the newer program first."
    ),
    "backup_encrypted": _("%(file)s is encrypted. Name the file with the secret key: “--identity FILE”."),
    "backup_key_wrong": _("The secret key does not open %(file)s."),
    "backup_cut_off": _("%(file)s is cut off or damaged. Take another backup."),
    "backup_member_damaged": Message(
        _("%(name)s in the backup does not have the bytes that were written. Take another backup."),
        unspoken=("file",),
    ),
    "backup_member_unknown": _("“%(name)s” does not belong into a backup. Nothing was restored."),
    "backup_format_newer": _("This backup has format %(format)s, which a newer program has written."),
    "schema_of_newer_program": _(
        "The tables (schema %(schema)s) are those of a newer program, which alone can take its steps back: run its "
        "“pinzheng migrate down”."
    ),
    "schema_has_no_step_back": _("There is no step back from schema %(schema)s."),
    "step_back_loses_data": _(
        "Schema %(schema)s has no place for: %(lost)s. Make a backup first; “pinzheng migrate down --yes” then deletes it."
    ),
    "day_before_last_work": _(
        "The clock says %(today)s, but the register was last worked on on %(last)s. Nothing was changed. "
        "Set the clock, or confirm the day with “pinzheng expire --confirm”."
    ),
    "days_without_work": _(
        "The clock says %(today)s, and the daily work was last done %(days)s days ago, on %(last)s. Nothing was "
        "changed. Check the clock, then confirm the day with “pinzheng expire --confirm”."
    ),
    "too_many_endings": _(
        "On %(today)s %(count)s of %(records)s records would end at the same time. Nothing was changed. Check the "
        "clock and the last sheets, then confirm with “pinzheng expire --confirm”."
    ),
}

declare(__name__, MESSAGES)
