"""The API, reading half: JSON over the same services and projections as the pages (design, section 6)."""

from portal.api.routes import blueprint

__all__ = ["blueprint"]
