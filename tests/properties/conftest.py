"""The small register of the portal's tests, for properties of its doors."""

from tests.portal.conftest import app, client, filled

__all__ = ["app", "client", "filled"]
