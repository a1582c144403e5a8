"""The bilingual lexicon: words of the two languages that mean the same, from published dictionaries."""
