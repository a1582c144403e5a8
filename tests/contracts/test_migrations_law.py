"""The law of migrations: they make what the models say, go back and forth, and what was published stays as it is.

Holds on the database of the run: SQLite, or PostgreSQL where one is given.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.operations import Operations
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, delete, insert, inspect, select, text, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError

from registry.config import Settings
from registry.kit.record import DEMO_FLAG, Identifier, Record
from registry.ledger.model import Entry, Item
from registry.outbox.model import Message
from registry.services.operations import schema_state
from registry.services.operations.maintenance import schema_drift
from registry.services.operations.migrating import migrations_config
from registry.store.base import Base
from registry.store.counters import Counter, peek
from registry.store.engine import engine_for
from registry.store.state import FLAG_SET, read_state
from registry.store.unit_of_work import unit_of_work

COLUMNS = """
    SELECT table_name, column_name, data_type, character_maximum_length, is_nullable, column_default
    FROM information_schema.columns WHERE table_schema = 'public'
"""
CONSTRAINTS = """
    SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid)
    FROM pg_constraint WHERE connamespace = 'public'::regnamespace
"""
CATALOGUES = {  # what a database itself knows of tables, indexes, constraints, triggers and functions
    "sqlite": ("SELECT type, name, tbl_name, sql FROM sqlite_master",),
    "postgresql": (
        COLUMNS,
        CONSTRAINTS,
        "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'",
        "SELECT tgrelid::regclass::text, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal",
        "SELECT pg_get_functiondef(oid) FROM pg_proc WHERE pronamespace = 'public'::regnamespace",
    ),
}
SHAPES = {  # columns, and what is unique: each in one statement, because it is asked after every migration
    "sqlite": (
        """SELECT m.name, c.name, c.type, NOT c."notnull" AND NOT c.pk, c.dflt_value
        FROM sqlite_master m JOIN pragma_table_info(m.name) c WHERE m.type = 'table'""",
        """SELECT m.name, (SELECT group_concat(name) FROM pragma_index_info(i.name))
        FROM sqlite_master m JOIN pragma_index_list(m.name) i WHERE m.type = 'table' AND i."unique" """,
    ),
    "postgresql": (
        """SELECT table_name, column_name, concat(data_type, character_maximum_length), is_nullable = 'YES', column_default
        FROM information_schema.columns WHERE table_schema = 'public'""",
        """SELECT i.indrelid::regclass::text, (SELECT string_agg(a.attname, ',') FROM pg_attribute a
        WHERE a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey)) FROM pg_index i
        JOIN pg_class c ON c.oid = i.indrelid WHERE i.indisunique AND c.relnamespace = 'public'::regnamespace""",
    ),
}
ENTRY = {
    "id": 1,
    "record_id": 1,
    "version": 1,
    "register": "brands",
    "number": "TB-2006-00001-A",
    "document_hash": "a" * 64,
    "status": "listed",
    "reason": "imported",
    "legal_basis": "",
    "actor_role": "registrar",
    "schema_version": 1,
    "recorded_at": dt.datetime(2026, 1, 1, tzinfo=dt.UTC),
}
CHANGED = {
    name: value + 1
    if isinstance(value, int)
    else value + dt.timedelta(1)
    if name == "recorded_at"
    else f"x{value[1:]}"
    for name, value in ENTRY.items()
}
SEAL = {"index": 0, "leaf_hash": "b" * 64}
ITEM = {"hash": "a" * 64, "document": "{}"}


@pytest.fixture
def connection(settings: Settings) -> Iterator[Connection]:
    """A writing transaction on a migrated database, undone at the end."""
    with unit_of_work(engine_for(settings.database_url), commit=False) as connection:
        yield connection


@pytest.fixture
def published(connection: Connection) -> Connection:
    """With one entry that waits for its seal, and its document."""
    connection.execute(insert(Entry).values(ENTRY))
    connection.execute(insert(Item).values(ITEM))
    return connection


def schema(connection: Connection) -> set[tuple[Any, ...]]:
    return {
        tuple(row)
        for query in CATALOGUES[connection.dialect.name]
        for row in connection.execute(text(query)).all()
    }


def other_defaults(connection: Connection) -> list[str]:
    """Columns whose default in the database is not that of the model; Alembic reads those of SQLite wrongly."""
    wanted = {
        f"{table.name}.{column.name}": str(column.server_default.arg) if column.server_default else None
        for table in Base.metadata.tables.values()
        for column in table.columns
    }
    found = {}
    for table in Base.metadata.tables:
        for column in inspect(connection).get_columns(table):
            given = str(column["default"] or "").partition("::")[0]
            counted = not given or given.startswith("nextval(")
            found[f"{table}.{column['name']}"] = None if counted else given.strip("()'").replace("false", "0")
    return [
        f"{name}: {given}, not {wanted.get(name)}"
        for name, given in found.items()
        if given != wanted.get(name)
    ]


def refusal(connection: Connection, statement: Any) -> str:
    """What the database says when it refuses the statement, "" when it takes it; undone in any case."""
    with connection.begin_nested() as attempt:
        try:
            connection.execute(statement)
        except DBAPIError as problem:
            attempt.rollback()
            return str(problem.orig)
        attempt.rollback()
    return ""


def refused(connection: Connection, statement: Any) -> bool:
    """True when it is our own trigger that refuses, and not some type or length."""
    return "never" in refusal(connection, statement)


def test_migrations_make_what_the_models_say(connection: Connection) -> None:
    assert {Entry.__tablename__, Message.__tablename__, Counter.__tablename__} <= set(Base.metadata.tables)
    assert schema_drift(connection) == []
    context = MigrationContext.configure(connection, opts={"compare_type": True})
    assert compare_metadata(context, Base.metadata) == []
    assert other_defaults(connection) == []


def test_a_difference_is_noticed(connection: Connection) -> None:
    connection.execute(text("DROP INDEX ix_record_due"))
    connection.execute(text("CREATE TABLE stray (id INTEGER)"))
    found = "\n".join(schema_drift(connection))
    assert "ix_record_due" in found
    assert "stray" in found
    connection.execute(text("ALTER TABLE counter ADD COLUMN note TEXT DEFAULT 'x'"))
    assert other_defaults(connection) == ["counter.note: x, not None"]


def test_there_and_back_again(connection: Connection) -> None:
    config = migrations_config()
    config.attributes["connection"] = connection
    before = schema(connection)
    assert len(before) > len(Base.metadata.tables)
    command.downgrade(config, "base")
    assert inspect(connection).get_table_names() == ["alembic_version"]
    assert not {row for row in schema(connection) if "alembic_version" not in "".join(map(str, row))}
    command.upgrade(config, "head")
    assert schema(connection) == before


class Shape(NamedTuple):
    """Table → column → (type, nullable, default), and what must be unique: (table, columns)."""

    tables: dict[str, dict[str, tuple[str, bool, str | None]]]
    unique: set[tuple[str, str]]


def shape(connection: Connection) -> Shape:
    columns, unique = (connection.execute(text(query)).all() for query in SHAPES[connection.dialect.name])
    tables: dict[str, dict[str, tuple[str, bool, str | None]]] = {}
    for table, name, kind, nullable, default in columns:
        tables.setdefault(table, {})[name] = (kind, bool(nullable), default)
    return Shape(tables, {(row[0], row[1]) for row in unique})


def hindrances(before: Shape, after: Shape) -> Iterator[str]:
    """What a program that knows the schema before would stumble over in the one after it."""
    for table, columns in before.tables.items():
        now = after.tables.get(table)
        if now is None:
            yield f"{table} is gone"
            continue
        for name, (kind, nullable, _default) in columns.items():
            if name not in now:
                yield f"{table}.{name} is gone"
            elif now[name][0] != kind:
                yield f"{table}.{name} is of another type"
            elif nullable and not now[name][1]:
                yield f"{table}.{name} may not be empty any more"
        for name in now.keys() - columns.keys():
            _kind, nullable, default = now[name]
            if not nullable and default is None:
                yield f"{table}.{name} must be given"
    for table, names in after.unique - before.unique:
        if table in before.tables:
            yield f"{table} has to be unique in {names}"


def test_every_migration_states_whether_the_program_before_may_go_on(connection: Connection) -> None:
    """And what it states is true, as far as the schema shows: nothing is gone, nothing new must be given."""
    config = migrations_config()
    config.attributes["connection"] = connection
    modules = [each.module for each in reversed(list(ScriptDirectory.from_config(config).walk_revisions()))]
    unstated = [each.revision for each in modules if not isinstance(vars(each).get("serves_before"), bool)]
    assert unstated == []
    assert not modules[0].serves_before
    command.downgrade(config, "base")
    before, wrong = shape(connection), {}
    context = MigrationContext.configure(connection)
    for module in modules:
        with Operations.context(context):  # much sooner than a command for each
            module.upgrade()
        after = shape(connection)
        if module.serves_before and (found := list(hindrances(before, after))):
            wrong[module.revision] = found
        named = {name.partition(".")[0] for name in getattr(module, "rebuilt", ())}
        assert named <= after.tables.keys(), module.revision
        before = after
    assert wrong == {}


def test_what_would_hinder_the_program_before_is_seen(connection: Connection) -> None:
    before = shape(connection)
    assert list(hindrances(before, before)) == []
    connection.execute(text("ALTER TABLE counter ADD COLUMN a INTEGER"))
    connection.execute(text("ALTER TABLE counter ADD COLUMN b INTEGER DEFAULT 1 NOT NULL"))
    assert list(hindrances(before, shape(connection))) == []
    connection.execute(text("CREATE UNIQUE INDEX uq_counter_value ON counter (value)"))
    connection.execute(text("DROP TABLE conflict"))
    connection.execute(text("ALTER TABLE record DROP COLUMN caution_codes"))
    connection.execute(text("ALTER TABLE counter RENAME COLUMN value TO amount"))
    assert sorted(hindrances(before, shape(connection))) == [
        "conflict is gone",
        "counter has to be unique in amount",
        "counter.amount must be given",
        "counter.value is gone",
        "record.caution_codes is gone",
    ]


def test_values_kept_as_counters_move_to_the_state_table(connection: Connection) -> None:
    config = migrations_config()
    config.attributes["connection"] = connection
    command.downgrade(config, "0011")
    for name, value in (("demo", 1), ("demonstration", 2**48), ("record", 7)):
        connection.execute(insert(Counter).values(name=name, value=value))
    command.upgrade(config, "head")
    assert read_state(connection, DEMO_FLAG) == FLAG_SET
    assert read_state(connection, "demonstration") == str(2**48)
    assert connection.execute(select(Counter.name)).scalars().all() == ["record"]
    command.downgrade(config, "0011")
    assert peek(connection, "demo") == 1


def test_records_of_before_are_found_by_every_number_that_names_them(connection: Connection) -> None:
    config = migrations_config()
    config.attributes["connection"] = connection
    command.downgrade(config, "0012")
    documents = {
        1: ("green-products", "GP-2026-000001-2", {"gtin": ["06999900008886"], "models": ["qy 1", "QY-1"]}),
        2: ("brands", "TB-2026-00001-2", {"trademarks": [{"number": "171188"}]}),
        3: ("declarations", "SD-2026-000001-2", {"std_no": "Q/NAFU 015-2025"}),
        4: ("organisations", "91440600MAXD00551T", {}),
        5: ("standards", "GB 3100-93", {}),
    }
    for record_id, (register, number, document) in documents.items():
        digest = f"{record_id:064}"
        connection.execute(insert(Item).values(hash=digest, document=json.dumps(document)))
        connection.execute(
            insert(Record).values(
                id=record_id,
                register=register,
                number=number,
                slug=number,
                natural_key=number,
                document_hash=digest,
                status="valid",
                version=1,
                entry_id=record_id,
                status_since=dt.date(2026, 1, 1),
            )
        )
    command.upgrade(config, "head")
    keys = {
        (row.record_id, row.key) for row in connection.execute(select(Identifier.record_id, Identifier.key))
    }
    assert {
        (1, "06999900008886"),
        (1, "#green-products:model:QY1"),
        (2, "171188"),
        (3, "QNAFU015"),
        (3, "QNAFU0152025"),
        (4, "MAXD00551"),
        (5, "GB3100"),
    } <= keys
    named = connection.execute(select(Record.natural_key).where(Record.id == 5)).scalar_one()
    assert named == "GB 3100-1993"


def test_there_is_one_line_of_revisions(connection: Connection) -> None:
    scripts = ScriptDirectory.from_config(migrations_config())
    revisions = list(scripts.walk_revisions())
    assert len(scripts.get_heads()) == len(scripts.get_bases()) == 1
    assert [each.revision for each in revisions if isinstance(each.down_revision, tuple)] == []
    assert MigrationContext.configure(connection).get_current_revision() == scripts.get_current_head()
    assert (
        schema_state.read_revision(connection) == schema_state.newest_revision() == scripts.get_current_head()
    )


def test_a_migration_is_read_as_alembic_imports_it() -> None:
    for each in ScriptDirectory.from_config(migrations_config()).walk_revisions():
        assert schema_state.step_to(each.revision) == schema_state.MigrationStep(
            each.revision,
            (each.doc or "").strip().removesuffix("."),
            each.down_revision,
            each.module.serves_before,
            frozenset(getattr(each.module, "rebuilt", ())),
        )


@pytest.mark.parametrize("column", ENTRY)
def test_an_entry_is_never_changed(published: Connection, column: str) -> None:
    change = {column: CHANGED[column]}
    assert refused(published, update(Entry).values(change))
    assert refused(published, update(Entry).values(SEAL | change))
    published.execute(update(Entry).values(SEAL))
    assert refused(published, update(Entry).values(change))


def test_an_entry_is_sealed_once_and_whole(published: Connection) -> None:
    assert refused(published, update(Entry).values(index=0))
    assert refused(published, update(Entry).values(leaf_hash="b" * 64))
    assert not refusal(published, update(Entry).values(SEAL))
    published.execute(update(Entry).values(SEAL))
    assert refused(published, update(Entry).values(SEAL))
    assert refused(published, update(Entry).values(index=1, leaf_hash="c" * 64))
    assert refused(published, update(Entry).values(index=None, leaf_hash=None))


def test_every_column_of_an_entry_is_tried() -> None:
    assert {*ENTRY, *SEAL} == set(inspect(Entry).columns.keys())


def test_what_was_published_is_never_deleted(published: Connection) -> None:
    assert refused(published, delete(Entry))
    assert refused(published, delete(Item))
    published.execute(update(Entry).values(SEAL))
    assert refused(published, delete(Entry))
    if published.dialect.name == "postgresql":
        assert refused(published, text("TRUNCATE entry"))
        assert refused(published, text("TRUNCATE item CASCADE"))


@pytest.mark.parametrize("column", ITEM)
def test_a_document_is_never_changed(published: Connection, column: str) -> None:
    assert refused(published, update(Item).values({column: "other"}))


@pytest.mark.parametrize(
    ("model", "given"), [(Entry, ENTRY | {"status": "removed"}), (Item, ITEM | {"document": "[]"})]
)
def test_what_was_published_is_not_replaced_by_a_second_insert(
    published: Connection, model: type[Base], given: dict[str, Any]
) -> None:
    """SQLite's `INSERT OR REPLACE` deletes before it inserts; PostgreSQL's form of it updates."""
    if published.dialect.name == "sqlite":
        again: Any = sqlite.insert(model).prefix_with("OR REPLACE").values(given)
    else:
        keys = [column.name for column in inspect(model).primary_key]
        again = postgresql.insert(model).values(given)
        again = again.on_conflict_do_update(index_elements=keys, set_=given)
    assert refusal(published, insert(model).values(given))
    assert refusal(published, again)


def test_what_may_be_done_is_not_refused(published: Connection) -> None:
    assert not refusal(published, insert(Entry).values(ENTRY | {"id": 2, "version": 2}))
    assert not refusal(published, update(Counter).values(value=5))
    assert published.execute(select(Entry.id)).scalars().all() == [1]
