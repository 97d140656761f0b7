"""Speed, measured against the peers: `python -m benchmarks --help`."""
