"""`python -m backlit` is the command `backlit`."""

from backlit.cli.app import main

if __name__ == "__main__":
    main()
