"""The one place that touches what JAX does not promise to keep; each function has a test of its own.

`single_threaded_devices`   CPU devices whose operations never split over threads   (`jaxlib.xla_client`, `PJRT_NPROC`)
`sharing_devices`           the same as devices of one client, which can add up what each computed
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
    return tuple(_single_threaded_client(n_devices=1).local_devices()[0] for _ in range(n))


@functools.cache
def sharing_devices(n: int) -> tuple[Any, ...]:
    """CPU devices of one client, each with one thread, over which one program can be spread.

    Args:
        n: How many devices.

    Returns:
        The devices; made once a process.
    """
    return tuple(_single_threaded_client(n_devices=n).local_devices())


def _single_threaded_client(*, n_devices: int) -> Any:
    from jaxlib import xla_client

    before = os.environ.get("PJRT_NPROC")
    os.environ["PJRT_NPROC"] = "1"
    try:
        return xla_client.make_cpu_client(asynchronous=True, num_devices=n_devices)
    finally:
        if before is None:
            del os.environ["PJRT_NPROC"]
        else:
            os.environ["PJRT_NPROC"] = before
