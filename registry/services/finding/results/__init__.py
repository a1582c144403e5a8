"""Results: what a search found as lines, pages and ids, read again from the database."""
