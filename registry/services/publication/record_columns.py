"""From a document's values to the columns of its record: title, parties, region, validity, identifiers, links."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from registry.kit import english_sources, kinds
from registry.kit.definition import KeyMissing, RegisterDefinition
from registry.kit.links import LinkSpec
from registry.kit.schema import FORMER_NUMBERS, RecordSchema
from registry.reference.identifiers import standard_numbers
from registry.reference.identifiers.recognition import stored_keys
from registry.reference.text.folding import fold_number
from registry.registers import catalogue


class LinkKey(NamedTuple):
    """A link as the document states it: the target register and its natural key."""

    relation: str
    register: str
    key: str


def first_value(values: Mapping[str, Any], names: tuple[str, ...]) -> str:
    """Return the text of the first of these fields that is stated, "" where none is."""
    return next((str(values[name]) for name in names if values.get(name)), "")


def columns_of(definition: RegisterDefinition, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the record's columns that follow from the document alone."""
    title_en = first_value(values, definition.title.en)
    title_field = next((name for name in definition.title.en if values.get(name)), "")
    holder, issuer = definition.holder, definition.issuer
    return {
        "title_zh": first_value(values, definition.title.zh),
        "title_en": title_en,
        "en_source": english_sources.source_of(definition, values, title_field)[:20]
        if title_en
        else "missing",
        "holder_zh": str(values.get(holder.zh) or "") if holder else "",
        "holder_en": str(values.get(holder.en) or "") if holder else "",
        "issuer_zh": str(values.get(issuer.zh) or "") if issuer else "",
        "region_code": str(values.get(definition.region) or "")[:6],
        "valid_from": str(values.get(definition.valid_from) or ""),
        "valid_to": str(values.get(definition.valid_to) or ""),
        "demo": bool(values.get("demo")),
    }


def number_slug(number: str) -> str:
    """Return the number as an address has it: `/` and blank become `-`."""
    return standard_numbers.url_slug(number)


def identifier_keys(definition: RegisterDefinition, number: str, values: Mapping[str, Any]) -> set[str]:
    """Return the folded keys under which this very record can be looked up, and those that it shares with others."""
    keys = {key for text in identifying_texts(definition, number, values) for key in stored_keys(text)}
    if definition.group_keys is not None:
        keys |= {group_identifier(definition.slug, key) for key in definition.group_keys(values)}
    return keys | model_keys(definition, values) | near_double_keys(definition, values)


def model_keys(definition: RegisterDefinition, values: Mapping[str, Any]) -> set[str]:
    """Return the identifiers under which all records of a model are found, those of other makers among them."""
    models = _as_list(values.get(definition.product.models)) if definition.product else ()
    folded = {fold_number(str(model)) for model in models}
    return {model_identifier(definition.slug, model) for model in folded if model}


def model_identifier(register: str, model: str) -> str:
    """Return the identifier that records of a model share. `model`: folded."""
    return group_identifier(register, f"model:{model}")


def near_double_keys(definition: RegisterDefinition, values: Mapping[str, Any]) -> set[str]:
    """Return the identifiers under which records meet that may be one thing."""
    return {
        group_identifier(definition.slug, f"~{number}:{key}")
        for number, each in enumerate(definition.near_doubles)
        for key in each.keys(values)
    }


def group_identifier(register: str, key: str) -> str:
    """Return the identifier of a key that several records of a register share: no text that is typed folds to it."""
    return f"#{register}:{key}"[:200]


def identifying_texts(definition: RegisterDefinition, number: str, values: Mapping[str, Any]) -> list[str]:
    """Return every number that names a record, as its document has it: also in lists and tables, such as barcodes."""
    texts = [number]
    for name in definition.exact_lookup_fields:
        if value := values.get(name):
            texts += [str(item) for item in value] if isinstance(value, list) else [str(value)]
    for name, column in _fields_that_name_the_record(definition.schema):
        for value in _as_list(values.get(name)):
            written = value.get(column) if isinstance(value, Mapping) else value
            texts += [str(written)] if written else []
    if definition.further_numbers:
        texts += definition.further_numbers(values)
    texts += values.get(FORMER_NUMBERS) or ()
    return list(dict.fromkeys(texts))


@functools.cache
def _fields_that_name_the_record(schema: type[RecordSchema]) -> tuple[tuple[str, str], ...]:
    """The fields, with the column of a table, whose form says that they name the record."""
    found: list[tuple[str, str]] = []
    for name, field in schema.register_fields().items():
        columns = field.columns if isinstance(field, kinds.Rows) else {"": field}
        for column, of_column in columns.items():
            inner = of_column.inner if isinstance(of_column, kinds.Many) else of_column
            if isinstance(inner, kinds.NormalisedText) and inner.form.names_record:
                found.append((name, column))
    return tuple(found)


def _as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value] if value else []


def link_keys(definition: RegisterDefinition, values: Mapping[str, Any]) -> Iterator[LinkKey]:
    """Yield every link that the document states, each once."""
    seen = set()
    for spec in definition.all_links():
        for text in link_texts(spec, values):
            key = LinkKey(spec.relation, spec.register, link_key(spec, values, text))
            if key.key and key not in seen:
                seen.add(key)
                yield key


def link_key(spec: LinkSpec, values: Mapping[str, Any], text: str) -> str:
    """Return the natural key of the record that one text in a link's field means, "" where the document says too little."""
    if spec.key is None:
        return target_key(spec.register, text)
    try:
        return spec.key(values)[:200]
    except KeyMissing:
        return ""


def link_texts(spec: LinkSpec, values: Mapping[str, Any]) -> list[str]:
    """Return the texts that name records in a link's field of the document."""
    written = values.get(spec.field)
    if not written:
        return []
    texts = [str(text) for text in written] if isinstance(written, list) else [str(written)]
    return [part for text in texts for part in spec.parts(text)] if spec.parts else texts


@functools.cache
def lasting_relations(register: str) -> frozenset[str]:
    """Return the relations whose links stay when a later version of a record no longer names the other one."""
    return frozenset(link.relation for link in catalogue()[register].all_links() if link.lasting)


def links_named_in(definition: RegisterDefinition, text: str) -> set[LinkKey]:
    """Return the lasting links that a text which is no field makes, such as the legal basis of an entry."""
    return {
        LinkKey(spec.relation, spec.register, target_key(spec.register, part))
        for spec in {link.relation: link for link in definition.all_links() if link.lasting}.values()
        for part in (spec.parts(text) if spec.parts and text else ())
    }


@functools.lru_cache(maxsize=16_384)  # the rows of a sheet name the same bodies and standards
def target_key(register: str, text: str) -> str:
    """Return the natural key in `register` for the text by which another record names one of its records."""
    return catalogue()[register].key.parse(text)[:200]
