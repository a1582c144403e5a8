"""Links between records, as a register declares them: to holder and issuer, by a field, and by what texts name."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from registry.i18n import _
from registry.kit.schema import RecordSchema


@dataclass(frozen=True, slots=True)
class Party:
    """The holder or the issuer of a record: a link to another register.

    `key`: the field that names the party; `zh`, `en`: fields with its names as the source writes them. `label`: a message
    id for what the party is to the record; `role`: the same in a word or two, in the list of its own page.
    """

    relation: str
    register: str
    key: str
    zh: str = ""
    en: str = ""
    label: str = _("Held by")
    role: str = _("holder")


@dataclass(frozen=True, slots=True)
class LinkSpec:
    """A link that a field makes to a record of another register. `outgoing`, `incoming`: message ids of the directions.

    `key(values)`: the key of the other record; without it the other register parses the text of the field.
    `by_identifier`: the key is not the natural key but a folded identifier of the other record, such as its number.
    `role`: message id of what the other record is to this one, in a word or two; needed where several links lead from one
    register to another. `parts(text)`: the texts that name records within the text of the field, where that is a sentence.
    `lasting`: the link stays when a later version of the record no longer names the other one, unless that corrects it.
    """

    relation: str
    register: str
    field: str
    outgoing: str
    incoming: str
    key: Callable[[Mapping[str, Any]], str] | None = None
    by_identifier: bool = False
    role: str = ""
    parts: Callable[[str], Iterable[str]] | None = None
    lasting: bool = False


@dataclass(frozen=True, slots=True)
class NamedInTexts:
    """How texts of records of every other register name those of this one, such as a notice in a legal basis.

    `fields`: the names of the fields that are read, where a register has them; `parts(text)`: the texts in one of them that
    name a record, each of which the key of this register parses. The links last. `outgoing`: message id of the heading
    over them on the page of the other record; `role`: what it is to this one, in a word or two.
    """

    relation: str
    fields: tuple[str, ...]
    parts: Callable[[str], Iterable[str]]
    outgoing: str
    role: str

    def links_from(self, schema: type[RecordSchema], register: str) -> tuple[LinkSpec, ...]:
        """The links that records of a schema have to those of `register`, which is named so."""
        fields = schema.register_fields()
        return tuple(
            LinkSpec(
                self.relation,
                register,
                name,
                self.outgoing,
                "",
                role=self.role,
                parts=self.parts,
                lasting=True,
            )
            for name in self.fields
            if name in fields
        )
