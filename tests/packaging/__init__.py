"""The distribution: what is in the wheel, that it runs where the repository is not, and its requirements."""
