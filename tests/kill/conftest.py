"""Commands as processes of their own."""

from tests.processes import run_apart, start

__all__ = ["run_apart", "start"]
