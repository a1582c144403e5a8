"""Tables go up and one step back: refused where something would be lost, and by programs that do not know them."""

from __future__ import annotations

import threading

import pytest
from alembic import command
from sqlalchemy import text

from registry.config import Settings
from registry.errors import Conflict, Misconfigured
from registry.services.operations import migrating, schema_state
from registry.services.operations.maintenance import initialise
from registry.services.operations.migrating import migrate_down, migrate_up, report_schema
from registry.store.engine import engine_for
from registry.store.state import read_state, write_state
from registry.store.unit_of_work import read_transaction, unit_of_work
from tests.databases import POSTGRESQL

HEAD = schema_state.newest_revision()


def before(revision: str) -> str:
    step = schema_state.step_to(revision)
    assert step is not None
    assert step.before is not None
    return step.before


def down_to(settings: Settings, revision: str) -> None:
    """Go back several steps in one run."""
    with unit_of_work(engine_for(settings.database_url)) as connection:
        config = migrating.migrations_config()
        config.attributes["connection"] = connection
        command.downgrade(config, revision)


def refusal(settings: Settings, *, confirmed: bool = False) -> Conflict:
    with pytest.raises(Conflict) as refused:
        migrate_down(settings, confirmed=confirmed)
    return refused.value


def serves_from(settings: Settings) -> str | None:
    with read_transaction(engine_for(settings.database_url)) as connection:
        return read_state(connection, schema_state.SERVES_FROM_STATE)


def write(settings: Settings, *statements: str) -> None:
    with unit_of_work(engine_for(settings.database_url)) as connection:
        for statement in statements:
            connection.execute(text(statement))


def test_one_step_back_and_up_again(settings: Settings) -> None:
    assert report_schema(settings) == ((("equal", HEAD, HEAD)), ())
    assert migrate_up(settings) == (HEAD, HEAD)
    assert migrate_down(settings) == (HEAD, before(HEAD))
    report = report_schema(settings)
    assert (report.state.word, report.state.is_usable) == ("older", False)
    assert [step.revision for step in report.pending] == [HEAD]
    assert serves_from(settings) == schema_state.oldest_served(before(HEAD))
    assert migrate_up(settings) == (before(HEAD), HEAD)
    assert serves_from(settings) == schema_state.oldest_served(HEAD)


def test_what_would_be_lost_is_counted_and_stays_until_it_is_confirmed(settings: Settings) -> None:
    down_to(settings, "0020")
    user = (
        'INSERT INTO "user" (id, email, email_key, lang, role, created_at, seen_at) '
        "VALUES (7, 'a@b.example', 'a@b.example', 'zh', 'enterprise', '2026-01-01', '2026-01-01')"
    )
    link = (
        "INSERT INTO ticket (id, purpose, email, nonce, created_at, expires_at) "
        "VALUES (3, 'follow', 'a@b.example', 'n', '2026-01-01', '2026-01-01')"
    )
    follower = (
        "INSERT INTO search_follower (link_id, lang, name, query, mail, position, made_at, mailed_on) "
        "VALUES (3, 'zh', 'x', '', 'daily', 0, '2026-01-01', '2026-01-01')"
    )
    write(settings, user, link, follower)
    refused = refusal(settings)
    assert (refused.reason, refused.params) == (
        "step_back_loses_data",
        {"schema": "0019", "lost": "search_follower (1)"},
    )
    assert report_schema(settings).state.found == "0020"
    write(settings, "DELETE FROM search_follower")
    assert migrate_down(settings).after == "0019"  # an empty table is no loss
    down_to(settings, "0018")
    job = (
        "INSERT INTO import_job (id, register, organisation_id, user_id, signer, file, name, dry_run, state, made_at) "
        f"VALUES (1, 'declarations', 1, 7, '', 'f', 'n', {'false' if POSTGRESQL else 0}, 'done', '2026-01-01')"
    )
    record = (
        "INSERT INTO record (id, register, number, slug, natural_key, document_hash, status, version, entry_id, status_since) "
        "VALUES (1, 'organisations', '1', '1', '1', 'h', 'active', 1, 1, '2026-01-01')"
    )
    rows = [
        f"INSERT INTO import_row (job_id, \"row\", result, changes) VALUES (1, {n}, 'created', '{said}')"
        for n, said in enumerate(("", "name"))
    ]
    write(settings, record, job, *rows)
    assert refusal(settings).params == {"schema": "0017", "lost": "import_row.changes (1)"}
    assert migrate_down(settings, confirmed=True).after == "0017"
    write(settings, "INSERT INTO attachment_text (sha256, text, read_at) VALUES ('h', 't', '2026-01-01')")
    assert migrate_down(settings).after == "0016"  # is made anew from the file
    assert migrate_up(settings).after == HEAD


def test_the_first_tables_have_no_step_back(settings: Settings) -> None:
    write(settings, "UPDATE alembic_version SET version_num = '0001'")
    assert refusal(settings, confirmed=True).reason == "schema_has_no_step_back"
    assert report_schema(settings).state.found == "0001"


def test_tables_of_a_newer_program_are_left_as_they_are(settings: Settings) -> None:
    with unit_of_work(engine_for(settings.database_url)) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
        write_state(connection, schema_state.SERVES_FROM_STATE, HEAD)
    assert report_schema(settings) == (("newer_compatible", "9999", HEAD), ())
    assert migrate_up(settings) == ("9999", "9999")
    assert initialise(settings)[-1] == "database: schema 9999"
    assert refusal(settings, confirmed=True).params == {"schema": "9999"}
    with unit_of_work(engine_for(settings.database_url)) as connection:
        write_state(connection, schema_state.SERVES_FROM_STATE, "9999")
    with pytest.raises(Misconfigured, match="newer version"):
        migrate_up(settings)


@pytest.mark.postgresql
def test_a_migration_does_not_hold_up_those_who_read_behind_it(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A long reader holds a table; the migration gives up its place in the queue and gets it later."""
    monkeypatch.setattr(migrating, "LOCK_SECONDS", 0.05)
    monkeypatch.setattr(migrating, "PAUSE_SECONDS", 0.05)
    down_to(settings, "0017")
    engine = engine_for(settings.database_url)
    with engine.connect() as reader:
        reader.execute(text("SELECT count(*) FROM import_row"))
        work = threading.Thread(target=migrate_up, args=(settings,))
        work.start()
        for _turn in range(5):
            with engine.connect() as other:
                other.execute(text("SELECT count(*) FROM import_row"))
            work.join(0.05)
        assert work.is_alive()
    work.join(20)
    assert report_schema(settings).state.word == "equal"
