"""Errors of the database become errors of the registry here, so that no room above the store knows its drivers."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator

from sqlalchemy import Dialect
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolExhausted

from registry.errors import ConcurrentWrite, DatabaseBusy, DatabaseUnavailable, Malformed, RegistryError

# What was published, or the audit log, was to be changed: a fault of ours, which PostgreSQL tells apart by itself.
TRIGGER = "SQLITE_CONSTRAINT_TRIGGER"
OPERATIONAL = frozenset({"OperationalError", "InterfaceError"})
# A lock that did not come, a statement that took too long, a transaction that must be tried again.
BUSY_NAMES = ("SQLITE_BUSY", "SQLITE_LOCKED", "SQLITE_INTERRUPT")
BUSY_STATES = frozenset({"55P03", "57014", "40001", "40P01"})  # PostgreSQL, appendix A
# What drivers do not report as errors of operation: a file that is damaged; read only, ended while idle.
UNUSABLE_NAMES = ("SQLITE_CORRUPT", "SQLITE_NOTADB")
UNUSABLE_STATES = frozenset({"25006", "25P03"})
NUL_REFUSED = "cannot contain NUL"  # how psycopg says that PostgreSQL holds no NUL in a text


@contextlib.contextmanager
def translate_errors(driver_error: type[Exception] = sqlite3.Error) -> Iterator[None]:
    """Raises `ConcurrentWrite` for a broken constraint, `Malformed` for a text that no database holds, and
    `DatabaseUnavailable` or `DatabaseBusy` where the database does not do its part.

    `driver_error`: of the driver itself, which SQLAlchemy has not seen: where a transaction begins, or in a read that goes
    past it (`driver_error_of`). Errors that are faults of the code pass as they are.
    """
    try:
        yield
    except PoolExhausted as error:
        raise DatabaseBusy("all connections of this process are in use") from error
    except UnicodeEncodeError as error:  # half a surrogate pair
        raise Malformed("text_unusable") from error
    except (DBAPIError, driver_error) as error:
        problem = error.orig if isinstance(error, DBAPIError) else error
        translated = _translate(problem)
        if translated is None:
            raise
        raise translated from error


def driver_error_of(dialect: Dialect) -> type[Exception]:
    """The base of the errors of a driver (PEP 249)."""
    error: type[Exception] = dialect.loaded_dbapi.Error
    return error


def _translate(error: BaseException | None) -> RegistryError | None:
    """What an error of a driver means; None for a fault of the code."""
    kinds = {kind.__name__ for kind in type(error).__mro__}  # the names of PEP 249
    name = getattr(error, "sqlite_errorname", None) or ""
    state = getattr(error, "sqlstate", None) or ""
    if "IntegrityError" in kinds:
        return None if name == TRIGGER else ConcurrentWrite()
    if name.startswith(BUSY_NAMES) or state in BUSY_STATES:
        return DatabaseBusy(str(error))
    if kinds & OPERATIONAL or name.startswith(UNUSABLE_NAMES) or state in UNUSABLE_STATES:
        return DatabaseUnavailable(str(error))
    return Malformed("text_unusable") if "DataError" in kinds and NUL_REFUSED in str(error) else None
