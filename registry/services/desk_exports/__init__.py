"""Lists of the desk as files: what waits for the reader in each queue, with the filters of its page.

The names below are the face of the room: what doors may call.
"""

from __future__ import annotations

from registry.services.desk_exports.exporting import export_list
from registry.services.desk_exports.queues import QUEUES, Queue

__all__ = ["QUEUES", "Queue", "export_list"]
