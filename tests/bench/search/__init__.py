"""`make bench-search`: how fast search builds and answers, beside other engines in the same run."""
