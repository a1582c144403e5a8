"""Random checks of published records: announced with their population, drawn so that anybody can recompute it, results published.

The names below are the face of the room: what doors may call.
"""

from __future__ import annotations

import registry.services.random_checks.messages  # noqa: F401 - declares the words of the codes of this room
from registry.services.random_checks.announcing import (
    CheckDraft,
    CheckPreview,
    announce_check,
    cancel_check,
    preview_check,
)
from registry.services.random_checks.desk_pages import (
    get_desk_check,
    get_result_form,
    list_checked_registers,
    list_desk_checks,
    list_pool,
    list_population_filters,
)
from registry.services.random_checks.draws import draw_check
from registry.services.random_checks.outcomes import OUTCOMES, REASONS
from registry.services.random_checks.public_pages import (
    check_json,
    checks_json,
    find_check,
    get_check,
    list_check_paths,
    list_checks,
    list_checks_of_record,
    population_json,
    recomputing_script,
)
from registry.services.random_checks.results import (
    ResultDraft,
    publish_result,
    record_result,
    return_result,
)
from registry.services.random_checks.views import CheckPageView, RecordCheckView, ResultFormView

__all__ = [
    "OUTCOMES",
    "REASONS",
    "CheckDraft",
    "CheckPageView",
    "CheckPreview",
    "RecordCheckView",
    "ResultDraft",
    "ResultFormView",
    "announce_check",
    "cancel_check",
    "check_json",
    "checks_json",
    "draw_check",
    "find_check",
    "get_check",
    "get_desk_check",
    "get_result_form",
    "list_check_paths",
    "list_checked_registers",
    "list_checks",
    "list_checks_of_record",
    "list_desk_checks",
    "list_pool",
    "list_population_filters",
    "population_json",
    "preview_check",
    "publish_result",
    "recomputing_script",
    "record_result",
    "return_result",
]
