"""The views, one a file: each has a `VIEW`, and `registry.py` finds it."""
