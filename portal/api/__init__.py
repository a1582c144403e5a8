"""The API: JSON over the same services and projections as the pages; reading for everybody, filing with a token."""

from portal.api.routes import blueprint

__all__ = ["blueprint"]
