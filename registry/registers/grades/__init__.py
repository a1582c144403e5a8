"""Quality grades (质量分级): results of grading by scheme, scale and rank."""

from registry.registers.grades.definition import REGISTER

__all__ = ["REGISTER"]
