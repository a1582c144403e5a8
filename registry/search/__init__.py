"""Search: the analysis of texts, the words staff adds, the port and the engines behind it."""

import registry.search.messages  # noqa: F401 - declares the words of the codes of this room
