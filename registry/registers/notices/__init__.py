"""Notices (公告): texts of authorities with number and date, to which the decisions on many records point."""

from registry.registers.notices.definition import REGISTER

__all__ = ["REGISTER"]
