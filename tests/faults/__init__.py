"""Faults of what a register stands on, made while it is written to: what is lost, doubled, and what it says of itself."""
