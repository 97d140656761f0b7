"""`python -m backlit` is the command `backlit`."""

import sys

from backlit.cli.app import main

if __name__ == "__main__":
    sys.exit(main())
