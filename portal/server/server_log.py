"""The log of the web server itself, in the lines of all other logs."""

from __future__ import annotations

from typing import Any

from gunicorn.glogging import Logger

from registry.config import read_log_choice
from registry.observing.log_lines import configure_logs


class ServerLog(Logger):  # type: ignore[misc] # Gunicorn has no types
    """Gunicorn's log without handlers of its own; requests are logged by the application."""

    def setup(self, cfg: Any) -> None:
        super().setup(cfg)
        for each in (self.error_log, self.access_log):
            each.handlers.clear()
            each.propagate = True
        configure_logs(read_log_choice(), "web")
