"""The law of persons' names: no register publishes one in full, and a field that holds one is of the kind that masks it."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from registry.i18n import gettext
from registry.kit import fields as f
from registry.kit.definition import RegisterDefinition
from registry.kit.kinds import Many, RegisterField, Rows
from registry.kit.person_names import PersonName
from registry.kit.schema import RecordSchema
from registry.registers import catalogue

pytestmark = pytest.mark.once
# How fields that hold the name of a person are called, in forms and in sheets; the post of a person is none.
PERSON = re.compile(
    r"姓名|联系人|法定代表人|法人代表|负责人|传承人|签署人|签字人|经办人|审核员|检查员|检查人|评审专家|经营者"
    r"|\b(?:contact persons?|legal representatives?|inheritors?|signers?|signator(?:y|ies)|inspectors?|persons? in charge|full name|experts?)\b",
    re.IGNORECASE,
)
POST = re.compile(r"职务|职位|岗位|\bposts?\b|\bposition\b", re.IGNORECASE)


def all_fields(definition: RegisterDefinition) -> Iterator[tuple[str, RegisterField]]:
    """Every field of a register by its name, the columns of tables and the items of lists among them."""
    for name, field in definition.schema.register_fields().items():
        yield name, field
        if isinstance(field, Rows):
            yield from ((f"{name}.{column}", inner) for column, inner in field.columns.items())
        if isinstance(field, Many):
            yield f"{name}[]", field.inner


def words_of(field: RegisterField) -> list[str]:
    return [field.info.label, gettext(field.info.label, "zh"), *field.info.aliases]


@pytest.mark.parametrize("slug", sorted(catalogue()))
def test_a_field_called_after_a_person_is_of_the_kind_that_masks(slug: str) -> None:
    wrong = [
        (name, words)
        for name, field in all_fields(catalogue()[slug])
        for words in words_of(field)
        if PERSON.search(words) and not POST.search(words) and not isinstance(field, PersonName)
    ]
    assert wrong == []


@pytest.mark.parametrize("slug", sorted(catalogue()))
def test_every_field_of_a_register_is_public(slug: str) -> None:
    """What is not public has no place in a document: page, export and log have all of it."""
    assert {field.info.audience for _name, field in all_fields(catalogue()[slug])} == {"public"}


class Inheritors(RecordSchema):
    inheritor = f.person_name("Inheritor", search="name")
    inheritors = f.many(f.person_name("Inheritors"))
    people = f.rows("People", columns={"name": f.person_name("Name"), "post": f.text("Post")})


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("张小泉", "张*"),
        (" 欧阳 修 ", "欧*"),
        ("Anna Li", "A*"),
        ("张*", "张*"),
        ("𠮷田", "𠮷*"),
        (1980, "1*"),
    ],
)
def test_a_name_is_read_as_its_mask_in_every_place(given: object, kept: str) -> None:
    raw = {
        "inheritor": given,
        "inheritors": [given],
        "people": [{"name": given, "post": "大师"}],
    }
    loaded = Inheritors.load_values(raw, complete=True)
    assert loaded.values == {
        "inheritor": kept,
        "inheritors": [kept],
        "people": [{"name": kept, "post": "大师"}],
    }
    again = Inheritors.load_values(loaded.values, complete=True)
    assert again.values == loaded.values
    as_cells = {
        name: field.to_cell(loaded.values[name]) for name, field in Inheritors.register_fields().items()
    }
    assert Inheritors.load_values(as_cells, complete=True).values == loaded.values
    assert not [issue for issue in loaded.issues if str(given) in str(issue.params)]


@pytest.mark.parametrize("empty", ["", "  ", None])
def test_no_name_is_none(empty: object) -> None:
    assert "inheritor" not in Inheritors.load_values({"inheritor": empty}, complete=True).values


def test_the_law_sees_a_name() -> None:
    for words in ("法定代表人", "代表性传承人", "Contact person", "Signatories", "签署人姓名"):
        assert PERSON.search(words)
    assert POST.search("Signer's post")
