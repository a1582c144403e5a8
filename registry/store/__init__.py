"""The database: engines, transactions, counters, locks."""

import registry.store.messages  # noqa: F401 - declares the words of the codes of this room
