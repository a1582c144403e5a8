"""The API: JSON over the same services and projections as the pages; reading for everybody, filing with a token."""

import portal.api.messages  # noqa: F401 - declares the words of the codes of this room
from portal.api.desk import blueprint as desk_blueprint
from portal.api.routes import blueprint

__all__ = ["blueprint", "desk_blueprint"]
