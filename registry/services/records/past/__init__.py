"""The past: a record as it stood on a past day, its versions and what changed between them."""
