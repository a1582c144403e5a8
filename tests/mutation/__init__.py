"""Small changes of the code that some test should notice: `make mutants`, `python -m tests.mutation --help`."""
