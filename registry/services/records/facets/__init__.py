"""Facets: the values by which a record is counted, filtered and found."""
