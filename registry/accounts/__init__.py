"""Accounts: users, memberships, tokens, passwords, and who may do what."""

import registry.accounts.messages  # noqa: F401 - declares the words of the codes of this room
