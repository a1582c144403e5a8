"""The glossary, as the portal's page shows it."""

from __future__ import annotations

from registry.reference.glossary import Group, glossary

__all__ = ["Group", "glossary"]
