"""Standards (标准): the catalogue that certificates, grades and declarations point to. A reference register."""

from registry.registers.standards.definition import REGISTER

__all__ = ["REGISTER"]
