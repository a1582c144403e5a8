"""Spreadsheets: the only room that knows their formats."""

import registry.tabular.messages  # noqa: F401 - declares the words of the codes of this room
