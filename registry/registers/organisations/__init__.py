"""Organisations (单位): who holds, files and makes. A reference register, keyed by unified social credit code."""

from registry.registers.organisations.definition import REGISTER

__all__ = ["REGISTER"]
