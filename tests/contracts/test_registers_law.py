"""The law of registers: each agrees with itself, speaks both languages, cites its sources and takes its own sheets.

Holds for every register of the catalogue, whichever folders there are.
"""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from registry import clock, i18n
from registry.accounts.policy import ROLES
from registry.i18n import gettext
from registry.kit.definition import RegisterDefinition
from registry.kit.kinds import Choice, Many, RegisterField, Rows
from registry.kit.life_cycle import BADGES, LifeCycle, State, Transition
from registry.kit.rules import RuleContext
from registry.messages import as_message
from registry.registers import catalogue
from registry.services.exchange import export
from registry.services.publication import validation
from registry.tabular.mapping import SheetMapping, load_mapping

ROOT = Path(__file__).resolve().parents[2]
SPINE = {"number", "status"}
CHINESE = re.compile(r"[\u4e00-\u9fff]")
LETTER = re.compile(r"[A-Za-z]")
SIGN = re.compile(r"[≤≥<>=★]+")  # a value that is a sign reads the same in both languages
QUOTED = re.compile(r"\([\u4e00-\u9fff]+\)")  # an English sentence may name a Chinese title in brackets
SAME_IN_BOTH = {"CCS"}  # the name of a classification
# One citation; several stand in one source, separated by "; ".
CITED = re.compile(
    r"register"  # a rule of our own
    r"|(?:GB|GB/T|ISO) \d[\d.]*(?:-\d+)?(?:, \d[\d.]*)?"  # a standard, and its clause
    r"|《[^《》]+》 ?[(（][^()（）]*\d[^()（）]*[)）](?:[,:]? ?.+)?"  # an order, with its number or day, and what is meant in it
    r"|[^;]+(?:法|条例|Law)(?: \(\d{4}\)|, Art\. \d).*"  # a law, with its year or article
)

each_register = pytest.mark.parametrize("register", catalogue().values(), ids=lambda each: each.slug)
MAPPINGS = [(each, name) for each in catalogue().values() for name in each.mappings()]
each_mapping = pytest.mark.parametrize(
    ("register", "name"), MAPPINGS, ids=[f"{each.slug}-{name}" for each, name in MAPPINGS]
)


def parts(field: RegisterField) -> Iterator[RegisterField]:
    """A field, and the fields inside a list or a table."""
    yield field
    if isinstance(field, Many):
        yield from parts(field.inner)
    if isinstance(field, Rows):
        for column in field.columns.values():
            yield from parts(column)


def fields(register: RegisterDefinition) -> list[tuple[str, RegisterField]]:
    return [
        (name, part) for name, field in register.schema.register_fields().items() for part in parts(field)
    ]


def badly_worded(message: str) -> bool:
    """True for a message id that does not read as English, or whose Chinese the catalogue lacks."""
    if message in SAME_IN_BOTH:
        return False
    zh = i18n.gettext(message, "zh")
    en = QUOTED.sub("", i18n.gettext(message, "en"))
    return not (LETTER.search(en) and not CHINESE.search(en) and zh != message and CHINESE.search(zh))


def bad_pair(zh: str, en: str) -> bool:
    """True for words of which one language is missing or is the other one."""
    if SIGN.fullmatch(zh):
        return not en.strip() or bool(CHINESE.search(en))
    return not CHINESE.search(zh) or not en.strip() or bool(CHINESE.search(en))


def messages(register: RegisterDefinition) -> Iterator[str]:
    """Every message id of a register that is not a field's."""
    yield from (register.label, register.label_one, register.about)
    yield from filter(None, (register.not_covered,))
    yield from (section.title for section in register.layout.sections)
    yield from (each.label for each in register.derived)
    yield from (
        words for link in register.links for words in (link.outgoing, link.incoming, link.role) if words
    )
    yield from register.search.computed_labels.values()
    yield from (as_message(each).text for each in register.messages.values())
    for state in register.life_cycle.states:
        yield from filter(None, (state.explanation,))
    for move in register.life_cycle.transitions:
        yield from filter(None, (*move.evidence, move.public_notice))


def is_citation(source: str) -> bool:
    return all(CITED.fullmatch(part) for part in source.split("; "))


def reached(cycle: LifeCycle) -> set[str]:
    """States that a record can come to, begun at a transition that makes one."""
    found: set[str] = {""}
    while more := {move.after for move in cycle.transitions if move.before in found} - found:
        found |= more
    return found - {""}


def wrong_states(cycle: LifeCycle) -> list[str]:
    found = [f"{state.code}: words" for state in cycle.states if bad_pair(state.zh, state.en)]
    found += [
        f"{state.code}: badge {state.badge!r}"
        for state in cycle.states
        if state.badge not in (BADGES if state.is_public else ("",))
    ]
    return found + [
        f"{state.code}: never reached" for state in cycle.states if state.code not in reached(cycle)
    ]


def wrong_moves(cycle: LifeCycle) -> list[str]:
    codes = {state.code for state in cycle.states}
    found = [
        f"{move.name}: nobody may do it"
        for move in cycle.transitions
        if not move.roles or not all(move.roles)
    ]
    found += [
        f"{move.name}: unknown role {role}"
        for move in cycle.transitions
        for role in move.roles
        if role and role not in ROLES
    ]
    public = {state.code for state in cycle.states if state.is_public}
    found += [
        f"{move.name} to {move.after}: nothing said of what the public sees"
        for move in cycle.transitions
        if move.after in public and not move.public_notice
    ]
    found += [f"{move.name}: words" for move in cycle.transitions if bad_pair(move.zh, move.en)]
    found += [f"{move.name}: to {move.after!r}" for move in cycle.transitions if move.after not in codes]
    return found + [
        f"{move.name}: from {move.before!r}" for move in cycle.transitions if move.before not in codes | {""}
    ]


def strangers(register: RegisterDefinition, mapping: SheetMapping) -> set[str]:
    """What a mapping fills that the register does not have: fields, and columns of its tables."""
    kept = register.schema.register_fields()
    found = {*mapping.value_rules, *mapping.list_rows} - {*kept, *SPINE}
    for name, rows in mapping.list_rows.items():
        table = kept.get(name)
        columns = set(table.columns) if isinstance(table, Rows) else set()
        given = {column for row in rows for column in (*row.constants, *row.texts, *row.numbers)}
        found |= {f"{name}.{column}" for column in given - columns}
    return found


def written(mapping: SheetMapping, name: str) -> Iterator[str]:
    """Words that a mapping itself writes into a field, whatever the sheet holds."""
    for take in mapping.value_rules.get(name, ()):
        given = [take.operand] if take.source == "constant" else []
        yield from (word for word in (*given, *(take.values or {}).values(), take.otherwise) if word)


def unknown_words(register: RegisterDefinition, mapping: SheetMapping) -> list[str]:
    """Words that a mapping writes and neither the life cycle nor the list of the field knows."""
    found = [
        f"status {word}"
        for word in written(mapping, "status")
        if not register.life_cycle.find_status(str(word))
    ]
    for name, field in register.schema.register_fields().items():
        if isinstance(field, Choice) and not field.open_list:
            found += [f"{name} {word}" for word in written(mapping, name) if not field.codes.find(str(word))]
    return found


def repeated(names: Iterable[str]) -> list[str]:
    return [name for name, times in Counter(names).items() if times > 1]


@each_register
def test_a_register_agrees_with_itself(register: RegisterDefinition) -> None:
    assert register.self_check() == []
    assert replace(register, identifiers=("no_such_field",)).self_check() == [
        "identifiers: no field no_such_field"
    ]


@each_register
def test_every_field_is_labelled_in_both_languages(register: RegisterDefinition) -> None:
    labels = {(name, part.info.label) for name, part in fields(register)}
    assert {(name, label) for name, label in labels if badly_worded(label)} == set()
    helps = {part.info.help for _name, part in fields(register) if part.info.help}
    assert {words for words in helps if badly_worded(words)} == set()


@each_register
def test_every_value_of_a_list_has_words_in_both_languages(register: RegisterDefinition) -> None:
    wrong = {
        f"{name}: {code.code}"
        for name, part in fields(register)
        if isinstance(part, Choice)
        for code in part.codes
        if bad_pair(code.zh, code.en)
    }
    assert wrong == set()
    computed = [words for values in register.search.computed_words.values() for words in values.values()]
    assert [
        words
        for words in (*computed, *(kind for rule in register.cautions for kind in rule.kinds))
        if bad_pair(words.zh, words.en)
    ] == []


@each_register
def test_everything_a_register_says_is_in_the_catalogue(register: RegisterDefinition) -> None:
    assert {message for message in messages(register) if badly_worded(message)} == set()


@each_register
def test_every_rule_names_its_source(register: RegisterDefinition) -> None:
    uncited = [(rule.name, rule.source) for rule in register.rules if not is_citation(rule.source)]
    assert uncited == []
    legal = {(name, part.info.legal) for name, part in fields(register) if part.info.legal}
    assert {(name, source) for name, source in legal if not is_citation(gettext(source, "zh"))} == set()
    assert repeated(rule.name for rule in register.rules) == []


@each_register
def test_every_state_has_words_a_badge_and_a_way_to_it(register: RegisterDefinition) -> None:
    assert wrong_states(register.life_cycle) == []


@each_register
def test_codes_that_fit_a_state_are_of_the_list_of_their_field(register: RegisterDefinition) -> None:
    fields = register.schema.register_fields()
    for state in register.life_cycle.states:
        for name, codes in state.fitting.items():
            listed = fields[name]
            assert isinstance(listed, Choice)
            assert codes
            assert codes <= {code.code for code in listed.codes}, (state.code, name)


@each_register
def test_every_transition_names_who_and_leads_from_state_to_state(register: RegisterDefinition) -> None:
    assert wrong_moves(register.life_cycle) == []


@each_register
def test_samples_are_taken_and_no_rule_stops_them(register: RegisterDefinition) -> None:
    assert register.samples
    context = RuleContext(clock.today())
    taken = [
        validation.validate_row(register, row, sample, context, registrar=True)
        for row, sample in enumerate(register.samples)
    ]
    assert [each for each in taken if isinstance(each, validation.RefusedRow)] == []
    broken = {
        name: value
        for name, value in register.samples[0].items()
        if name not in (*register.key.fields, *register.title.zh)
    }
    assert isinstance(
        validation.validate_row(register, 1, broken, context, registrar=True), validation.RefusedRow
    )


@each_register
def test_the_export_names_every_field_once(register: RegisterDefinition) -> None:
    header = export.sheet_header(register)
    assert repeated(header) == []
    assert set(header) == {*register.schema.register_fields(), *SPINE}


@each_mapping
def test_a_shipped_mapping_fills_only_fields_of_its_register(register: RegisterDefinition, name: str) -> None:
    mapping = load_mapping(register.mapping_path(name))
    assert strangers(register, mapping) == set()
    assert unknown_words(register, mapping) == []
    assert mapping.source.get("about", "").strip()
    assert [
        refusal.code for refusal in mapping.refusals if register.message_for(refusal.code) == refusal.code
    ] == []


def test_every_shipped_mapping_belongs_to_a_register() -> None:
    known = {register.mapping_path(name) for register, name in MAPPINGS}
    assert known
    assert set((ROOT / "registry").rglob("mappings/*.toml")) == known


@pytest.mark.parametrize(
    "source", ["", " ", "the law", "GB", "somewhere, Art. 3", "《办法》", "标准化法", "domain B.1; hearsay"]
)
def test_hearsay_is_no_source(source: str) -> None:
    assert not is_citation(source)


def test_words_of_one_language_are_noticed() -> None:
    assert badly_worded("A label that nobody translated")
    assert badly_worded("")
    assert badly_worded("状态")
    assert bad_pair("", "Listed")
    assert bad_pair("在册", "")
    assert bad_pair("Listed", "Listed")
    assert bad_pair("在册", "在册")


def test_a_broken_life_cycle_is_noticed() -> None:
    cycle = LifeCycle(
        (
            State(code="one", zh="一", en="One", standing="ended", badge="past"),
            State(code="two", zh="二", en="", standing="ended", badge=""),
        ),
        (
            Transition(name="round", before="two", after="two", zh="再", en="Again", roles=()),
            Transition(name="off", before="one", after="three", zh="走", en="Off", roles=("a",)),
            Transition(name="on", before="two", after="one", zh="来", en="On", roles=("admin",)),
        ),
        "one",
    )
    assert wrong_states(cycle) == ["two: words", "two: badge ''", "one: never reached", "two: never reached"]
    assert wrong_moves(cycle) == [
        "round: nobody may do it",
        "off: unknown role a",
        "round to two: nothing said of what the public sees",
        "on to one: nothing said of what the public sees",
        "off: to 'three'",
    ]


def test_a_mapping_of_another_register_is_noticed() -> None:
    plan = {
        "constants": {"status": "nonsense", "kind": "nonsense", "no_field": "x"},
        "rows": {"no_table": [{"constants": {"a": 1}}]},
    }
    standards = catalogue()["standards"]
    assert strangers(standards, SheetMapping(plan)) == {"no_field", "no_table", "no_table.a"}
    assert unknown_words(standards, SheetMapping(plan)) == ["status nonsense", "kind nonsense"]


@each_register
def test_nothing_known_from_a_source_is_said_of_today(register: RegisterDefinition) -> None:
    """A sentence with today's date needs another one for a record whose source is of an earlier day.

    What follows from a linked record the register itself works out every day.
    """
    worked_out = {change.after for change in register.life_cycle.linked_changes}
    values = {"source_date": "2023-06-08"}
    told = [
        state.code
        for state in register.life_cycle.public_states()
        if "%(today)s" in state.sentence(values, dt.date(2026, 11, 29)).message
        and state.explain is None
        and state.code not in worked_out
    ]
    assert told == []
