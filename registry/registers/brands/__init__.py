"""Time-honoured brands (老字号): national, provincial and city titles, with review and removal visible."""

from registry.registers.brands.definition import REGISTER

__all__ = ["REGISTER"]
