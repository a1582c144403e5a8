"""One value of a JSON text, read by the database: for conditions on documents, which have no column of their own."""

from __future__ import annotations

from sqlalchemy import JSON, Connection, Text, cast, func, type_coerce
from sqlalchemy.sql.elements import ColumnElement


def json_text(connection: Connection, document: ColumnElement[str], name: str) -> ColumnElement[str]:
    """The value under a name at the top of a JSON text, as text; NULL where there is none.

    `name`: made of letters, digits and underscores, as the fields of a register are.
    """
    if not name.isidentifier():
        raise ValueError(f"no name of a field: {name}")
    if connection.dialect.name == "sqlite":
        return func.json_extract(document, f"$.{name}", type_=Text)
    return type_coerce(cast(document, JSON)[name].as_string(), Text)
