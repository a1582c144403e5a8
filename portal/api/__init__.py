"""The API, reading half: JSON over the same services and projections as the pages."""

from portal.api.routes import blueprint

__all__ = ["blueprint"]
