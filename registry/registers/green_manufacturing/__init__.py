"""Green manufacturing (绿色制造名单): products, factories and supply chains on the lists of the Ministry of Industry."""

from registry.registers.green_manufacturing.definition import REGISTER

__all__ = ["REGISTER"]
