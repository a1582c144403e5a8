"""Commands as processes of their own."""

from tests.processes import run, start

__all__ = ["run", "start"]
