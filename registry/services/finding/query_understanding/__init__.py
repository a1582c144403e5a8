"""Query understanding: what the words of a search mean: places, registers, states, times, ages and grades as filters."""
