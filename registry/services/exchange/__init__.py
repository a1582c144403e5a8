"""Import and export: sheets come in as records, registers go out as files.

The names below are the face of the room: what doors may call.
"""

from __future__ import annotations

import registry.services.exchange.messages  # noqa: F401 - declares the words of the codes of this room
from registry.services.exchange.downloads import (
    MAX_RESULTS,
    Download,
    current_log_size,
    download_all,
    download_register,
    download_results,
)
from registry.services.exchange.export import export_filer, export_register
from registry.services.exchange.importer import ImportOptions, import_files
from registry.services.exchange.results import ImportResult

__all__ = [
    "MAX_RESULTS",
    "Download",
    "ImportOptions",
    "ImportResult",
    "current_log_size",
    "download_all",
    "download_register",
    "download_results",
    "export_filer",
    "export_register",
    "import_files",
]
