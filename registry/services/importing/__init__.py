"""Imports at the desk: a registrar's sheet, how its columns are read, its check, its run by a second person, its report.

The names below are the face of the room: what doors may call.
"""

from __future__ import annotations

import registry.services.importing.messages  # noqa: F401 - declares the words of the codes of this room
from registry.services.importing.columns import SOURCE, SOURCE_DATE
from registry.services.importing.desk_imports import (
    ImportUpload,
    Reading,
    cancel_import,
    check_import,
    choose_reading,
    delete_mapping,
    hand_in_import,
    run_import,
)
from registry.services.importing.import_results import export_import_results
from registry.services.importing.import_views import (
    ImportColumnView,
    ImportCounts,
    ImportLineView,
    ImportListView,
    ImportReadingView,
    ImportRequest,
    ImportRowView,
    ImportView,
    count_imports_to_run,
    get_import,
    list_imports,
)
from registry.services.importing.import_work import ImportWork

__all__ = [
    "SOURCE",
    "SOURCE_DATE",
    "ImportColumnView",
    "ImportCounts",
    "ImportLineView",
    "ImportListView",
    "ImportReadingView",
    "ImportRequest",
    "ImportRowView",
    "ImportUpload",
    "ImportView",
    "ImportWork",
    "Reading",
    "cancel_import",
    "check_import",
    "choose_reading",
    "count_imports_to_run",
    "delete_mapping",
    "export_import_results",
    "get_import",
    "hand_in_import",
    "list_imports",
    "run_import",
]
