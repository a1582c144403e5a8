"""Imports whatever any command imports: for the process that commands of tests are forked from."""

from importlib import import_module

from portal.cli import COMMANDS

for command in COMMANDS.values():
    import_module(command.module)
