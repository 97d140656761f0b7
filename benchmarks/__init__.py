"""Speed, measured against the peers: see `__main__.py`."""
