"""Running a register's rules on plain values, and its example sheet through schema and rules."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from registry.kit import kinds, limits, rules
from registry.kit.definition import RegisterDefinition
from registry.kit.issues import Issue
from registry.registers import catalogue

TODAY = dt.date(2026, 11, 24)


@dataclass
class Others:
    """Records of other registers by (register, key), with values that these registers can have."""

    records: Mapping[tuple[str, str], Mapping[str, Any]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for (register, _key), record in self.records.items():
            fields = catalogue()[register].schema.register_fields()
            for name, value in record.items():
                if name not in ("status", "number"):
                    listed = isinstance(fields[name], kinds.Many | kinds.Rows)
                    assert isinstance(value, list) is listed, f"{register}.{name} cannot be {value!r}"

    def find_record(self, register: str, key: str) -> Mapping[str, Any] | None:
        return self.records.get((register, key))

    def find_group(self, register: str, key: str) -> list[Mapping[str, Any]]:
        """The records of this register that set limits for a category."""
        return [
            record
            for (of, _key), record in self.records.items()
            if of == register and key in limits.limit_categories(record)
        ]


def found(
    definition: RegisterDefinition, values: Mapping[str, Any], others: Others | None = None
) -> set[tuple[str, str]]:
    """(code, field) of what the rules find in values as they are kept; `status` among them is the record's state."""
    context = rules.RuleContext(TODAY, others, str(values.get("status") or ""))
    return {(issue.code, issue.field) for issue in rules.run(definition.rules, values, context)}


def load(
    definition: RegisterDefinition, raw: Mapping[str, Any]
) -> tuple[dict[str, Any], list[Issue], list[Issue]]:
    """Values, blocking issues and standing warnings of a row of the registrar's import."""
    loaded = definition.schema.load_values(raw, complete=True)
    context = rules.RuleContext(TODAY)
    issues = [
        *loaded.issues,
        *rules.run(definition.rules, loaded.values, context, refused_fields=loaded.refused_fields),
    ]
    blocking, warnings = rules.split_by_severity(issues, registrar=True)
    return loaded.values, blocking, warnings


def unworded(definition: RegisterDefinition) -> set[str]:
    """Transitions and states whose words are missing in one of the languages."""
    cycle = definition.life_cycle
    return {each.name for each in cycle.transitions if not (each.zh and each.en and each.roles)} | {
        each.code for each in cycle.states if not (each.zh and each.en)
    }
