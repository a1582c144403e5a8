"""Green-product certification (绿色产品认证): certificates of green attributes, by body and number."""

from registry.registers.green_products.definition import REGISTER

__all__ = ["REGISTER"]
