"""The one place that touches what JAX does not promise to keep; each function has a test of its own.

`single_threaded_devices`   CPU devices whose operations never split over threads   (`jaxlib.xla_client`, `PJRT_NPROC`)
"""

import functools
import os
from typing import Any


@functools.cache
def single_threaded_devices(n: int) -> tuple[Any, ...]:
    """CPU devices, each a client of its own with one thread.

    JAX's own CPU devices share one pool of threads and split even small products over it, which costs a small network
    more than it gains (see `devices.py`). The size of a client's pool is read from `PJRT_NPROC` when it is made.

    Args:
        n: How many devices.

    Returns:
        The devices; made once a process.
    """
    from jaxlib import xla_client

    before = os.environ.get("PJRT_NPROC")
    os.environ["PJRT_NPROC"] = "1"
    try:
        clients = [xla_client.make_cpu_client(asynchronous=True, num_devices=1) for _ in range(n)]
    finally:
        if before is None:
            del os.environ["PJRT_NPROC"]
        else:
            os.environ["PJRT_NPROC"] = before
    return tuple(client.local_devices()[0] for client in clients)
