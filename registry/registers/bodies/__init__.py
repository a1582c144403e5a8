"""Bodies (机构): who certifies, tests and grades. A reference register, keyed by approval number."""

from registry.registers.bodies.definition import REGISTER

__all__ = ["REGISTER"]
