"""Errors of the database become errors of the registry here, so that no room above the store knows its drivers."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from sqlalchemy import Dialect
from sqlalchemy.exc import IntegrityError, InterfaceError, OperationalError

from registry.errors import ConcurrentWrite, DatabaseUnavailable

TRIGGER = "SQLITE_CONSTRAINT_TRIGGER"  # what was published, or the audit log, was to be changed


@contextlib.contextmanager
def translate_errors() -> Iterator[None]:
    """Raises `ConcurrentWrite` for a broken constraint, `DatabaseUnavailable` where the database is away or full.

    Other errors of the database, which are faults of the code, pass as they are.
    """
    try:
        yield
    except IntegrityError as error:
        if (
            getattr(error.orig, "sqlite_errorname", "") == TRIGGER
        ):  # a fault of ours, which PostgreSQL tells apart
            raise
        raise ConcurrentWrite from error
    except (OperationalError, InterfaceError) as error:
        raise DatabaseUnavailable(str(error.orig)) from error


def unavailable_errors(dialect: Dialect) -> tuple[type[Exception], ...]:
    """The errors of the driver itself that mean `DatabaseUnavailable`, for reads that go past SQLAlchemy."""
    driver = dialect.loaded_dbapi
    return driver.OperationalError, driver.InterfaceError
