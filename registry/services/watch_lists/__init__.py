"""Watch lists: what is due on records or does not fit, listed at the desk and in the workspace, told by letter.

The names below are the face of the room: what doors may call.
"""

from __future__ import annotations

from registry.services.watch_lists.copied_texts import (
    compare_texts_again,
    find_copied_texts,
    list_alike_texts,
)
from registry.services.watch_lists.items import items_of_rows
from registry.services.watch_lists.keeping import rows_of_items, store_items
from registry.services.watch_lists.lists import (
    count_own_overdue,
    export_desk_watch_lists,
    export_own_watch_lists,
    get_desk_watch_lists,
    get_own_watch_lists,
)
from registry.services.watch_lists.text_signatures import are_alike, bands_of, common_values
from registry.services.watch_lists.views import WHENS, AlikeTextView, WatchListsView, WatchQuery, WatchRowView

__all__ = [
    "WHENS",
    "AlikeTextView",
    "WatchListsView",
    "WatchQuery",
    "WatchRowView",
    "are_alike",
    "bands_of",
    "common_values",
    "compare_texts_again",
    "count_own_overdue",
    "export_desk_watch_lists",
    "export_own_watch_lists",
    "find_copied_texts",
    "get_desk_watch_lists",
    "get_own_watch_lists",
    "items_of_rows",
    "list_alike_texts",
    "rows_of_items",
    "store_items",
]
