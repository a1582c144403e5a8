"""The glossary, as the portal's page shows it."""

from __future__ import annotations

from registry.reference.code_lists.glossary import Group, load_glossary
from registry.registers import catalogue
from registry.services.records import titles
from registry.services.records.views import RegisterStatesView

__all__ = ["Group", "load_glossary", "statuses_by_register"]


def statuses_by_register() -> tuple[RegisterStatesView, ...]:
    """List every status that a reader may meet, register by register."""
    return tuple(
        RegisterStatesView(
            titles.register_view(definition),
            tuple((state.view(), state.meaning) for state in definition.life_cycle.public_states()),
        )
        for definition in catalogue().values()
    )
