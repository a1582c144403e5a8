"""Declarations (标准自我声明): which standard an enterprise says it works to, with what indicators."""

from registry.registers.declarations.definition import REGISTER

__all__ = ["REGISTER"]
