"""Near in meaning: texts of the index as vectors, in Chinese and English alike, and which of them are near a search."""
