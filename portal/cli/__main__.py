"""`python -m portal.cli` does what `pinzheng` does."""

from portal.cli import main

main()
