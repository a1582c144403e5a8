"""Filing by sheet: a sheet is handed in, checked and filed row by row in the background, and its results are made."""
