"""Backup and restore of the whole store: the archive, how it is made, how it is brought back."""
