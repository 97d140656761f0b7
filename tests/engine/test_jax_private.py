"""What JAX does not promise to keep still does what the engine needs."""

import os

import jax
import jax.numpy as jnp

from backlit.engine._jax_private import single_threaded_devices


def test_each_device_is_a_client_of_its_own_that_computes():
    one, other = single_threaded_devices(2)
    assert one.client is not other.client
    assert "cpu" == one.platform
    doubled = [jax.jit(lambda x: 2 * x)(jax.device_put(jnp.array([1.0, 2.0]), device)) for device in (one, other)]
    assert [[2.0, 4.0]] * 2 == [values.tolist() for values in doubled]
    assert [{one}, {other}] == [values.devices() for values in doubled]


def test_they_are_made_once_and_leave_the_environment_as_it_was():
    before = os.environ.get("PJRT_NPROC")
    assert single_threaded_devices(2) is single_threaded_devices(2)
    assert before == os.environ.get("PJRT_NPROC")


def test_their_operations_run_on_one_thread(in_fresh_python):
    """A product large enough to be split: one thread computes no longer than the wall, two would."""
    code = """
import backlit, jax, jax.numpy as jnp, numpy as np, resource, time
from backlit.engine._jax_private import single_threaded_devices
(device,) = single_threaded_devices(1)
x = jax.device_put(np.ones((1500, 1500), "float32"), device)
product = jax.jit(lambda x: jax.lax.fori_loop(0, 8, lambda i, y: x @ y / 1500, x))
product(x).block_until_ready()
cpu = lambda: sum(resource.getrusage(resource.RUSAGE_SELF)[:2])
wall, used = time.perf_counter(), cpu()
product(x).block_until_ready()
print(round((cpu() - used) / (time.perf_counter() - wall), 2))
"""
    assert float(in_fresh_python(code)) < 1.3
