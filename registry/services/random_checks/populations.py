"""The population of a check: the records that the filters of a list find, in states in which they may be checked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from urllib.parse import parse_qsl

from sqlalchemy import Connection, select

from registry.accounts.policy import Action, Actor, require
from registry.errors import Invalid, NotFound
from registry.kit.definition import RegisterDefinition
from registry.kit.issues import Issue
from registry.kit.random_check import CheckRules
from registry.kit.record import Record
from registry.registers import catalogue
from registry.services.bootstrap import Registry
from registry.services.finding.requests import SearchRequest, parse_request
from registry.services.finding.results.result_ids import list_result_ids
from registry.services.finding.scope import search_scope
from registry.store.batching import batches

MAX_POPULATION = 100_000
BATCH_SIZE = 500
STATUS, REGION, REGISTER = "status", "region", "register"
LIST_LANGUAGE = "zh"  # filters mean the same in both


@dataclass(frozen=True, slots=True)
class PopulationRule:
    """Which records a check draws from: a register, and the filters of its list. `filters`: name → values; dates as typed."""

    register: str
    filters: Mapping[str, tuple[str, ...]]
    since: str = ""
    until: str = ""

    @property
    def definition(self) -> RegisterDefinition:
        return catalogue()[self.register]

    @property
    def rules(self) -> CheckRules:
        rules = self.definition.checks
        assert rules is not None  # as `parse_rule` has found
        return rules

    @property
    def request(self) -> SearchRequest:
        """The list of the population, without any words: they would be weighed, filters are not."""
        chosen = [each for each in self.filters.get(STATUS, ()) if each in self.rules.states]
        return SearchRequest(
            scope=search_scope(self.register),
            filters={**self.filters, STATUS: tuple(chosen) or self.rules.states},
            since=self.since,
            until=self.until,
            include_ended=True,
        )

    @property
    def region_code(self) -> str:
        """The region within which all of it lies, "" where none is chosen or several."""
        chosen = self.filters.get(REGION, ())
        return chosen[0] if len(chosen) == 1 else ""


def checked_registers() -> tuple[RegisterDefinition, ...]:
    """Return the registers whose records are checked at random, in the order of the catalogue."""
    return tuple(definition for definition in catalogue().values() if definition.checks)


def parse_rule(register: str, query: str) -> PopulationRule:
    """Return the rule that the filters of a list's address say; its words are left out.

    Raises `NotFound` for a register that there is not, `Invalid` for one whose records are not checked.
    """
    definition = catalogue().get(register)
    if definition is None:
        raise NotFound("register", register, code="register_unknown")
    if definition.checks is None:
        raise Invalid((Issue("check_not_possible", REGISTER),))
    request = parse_request(search_scope(register), parse_qsl(query))
    return PopulationRule(register, request.filters, request.since, request.until)


def find_population(registry: Registry, actor: Actor, rule: PopulationRule) -> tuple[int, ...]:
    """Return the ids of the records that the search finds. Raises `Invalid` (dates; none; too many) and `Unavailable`."""
    require(actor, Action.ANNOUNCE_CHECKS)
    found = list_result_ids(registry, actor, rule.request, LIST_LANGUAGE, limit=MAX_POPULATION)
    if found.total > MAX_POPULATION:
        raise Invalid(
            (Issue("population_too_large", REGISTER, {"count": found.total, "at_most": MAX_POPULATION}),)
        )
    return found.ids


def read_numbers(connection: Connection, rule: PopulationRule, ids: Sequence[int]) -> tuple[str, ...]:
    """Return the numbers of those records that may be checked as they are now, sorted. Raises `Invalid` where there are none."""
    numbers: list[str] = []
    for batch in batches(sorted(ids), BATCH_SIZE):
        numbers += connection.execute(
            select(Record.number).where(
                Record.id.in_(batch), Record.register == rule.register, Record.status.in_(rule.rules.states)
            )
        ).scalars()
    if not numbers:
        raise Invalid((Issue("population_empty", REGISTER),))
    return tuple(sorted(numbers))


def record_ids(connection: Connection, register: str, numbers: Sequence[str]) -> dict[str, int]:
    """Return the ids of records by their numbers."""
    found: dict[str, int] = {}
    for batch in batches(list(numbers), BATCH_SIZE):
        rows = connection.execute(
            select(Record.number, Record.id).where(Record.register == register, Record.number.in_(batch))
        )
        found |= {row.number: row.id for row in rows}
    return found


def list_address(rule: PopulationRule) -> str:
    """Return the address of the list that the rule means, without the language."""
    return f"/{rule.register}?{replace(rule.request, sort='').query_string()}"
