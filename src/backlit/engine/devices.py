"""Where members run: how many devices, and how many members side by side. A fixed rule, kept with the run.

On a CPU the caches decide. Members side by side share each load of a batch and each loop step, which is what a tiny
network mostly costs; but when their weights and optimiser state together no longer fit a core's cache, one member
after another is faster. So a block holds as many members as fit `BLOCK_BYTES`, at most `MAX_BLOCK`, and exactly one if
the network convolves (vmapped kernels become grouped convolutions, which XLA's CPU backend runs slowly) or if each
member reads the rows in an order of its own (nothing is shared, and one after another is bit-identical to alone).

Measured on 2 cores, 32 members, batch 32, model-samples a second: tiny net (102 kB of state) 2.2 M in blocks of 8 or
16 against 1.2 M one by one; MLP (875 kB) 342 k one by one against 193 k in blocks of 16 (see `benchmarks/`).

Every device runs a program of its own, compiled for one device, on its share of the members; so a member that is mapped
has the same bits alone and in any population. On a CPU the devices are clients with one thread each: JAX's own devices
share a pool of threads, and splitting the products of a small network over it costs more than it gains (MLP, batch 32:
203 k samples/s on one thread, 142 k on two; tiny net: 720 k, 490 k). A single network with large steps does gain (MLP,
batch 256: 260 k, 290 k), so it is *wide*: it runs on JAX's own device with all threads. Convolutions, recurrent layers
and attention gain nothing by threads, but their steps can be *shared* where each example is computed for itself: each
core takes a part of the batch, and they add up their gradients (CNN, batch 128: 5.5 k on one core, 5.4 k by threads,
9.3 k shared; LSTM, batch 64: 27 k, 24 k, 41 k; a small transformer, batch 64: 13 k, 10 k, 20 k). Dense networks lose by
it (MLP, batch 256: 220 k; batch 1,024: 270 k on one core, 350 k by threads, 300 k shared).

Not for timing anything: the same Experiment on the same number of devices is always placed alike.
"""

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jax
import keras
import numpy as np
import platformdirs
from pydantic import BaseModel, ConfigDict

from backlit.backend import n_cores
from backlit.engine._jax_private import sharing_devices, single_threaded_devices
from backlit.engine.slices import SHARES

BLOCK_BYTES = 1_000_000  # half of a core's 2 MB second-level cache
WIDE_FLOPS = 80_000_000  # of one step, above which threads pay; the MLP has 21 M at batch 32, 168 M at batch 256
SHARED_S = 1.2e-3  # of one step on one core, above which it pays to share it: waiting for the others costs 0.3 ms
CORE_FLOPS_PER_S = 200e9  # of large products on one core, roughly
SMALL_FLOPS_PER_S = 60e9  # where many small ones alternate with other work: recurrent layers, attention
MAX_BLOCK = 8  # 16 gave 3 % more and leaves more dead places when members stop
_CONVOLUTIONS = (
    keras.layers.Conv1D,
    keras.layers.Conv2D,
    keras.layers.Conv3D,
    keras.layers.DepthwiseConv1D,
    keras.layers.DepthwiseConv2D,
    keras.layers.SeparableConv1D,
    keras.layers.SeparableConv2D,
    keras.layers.Conv1DTranspose,
    keras.layers.Conv2DTranspose,
    keras.layers.Conv3DTranspose,
)


_SMALL_PRODUCTS = (keras.layers.RNN, keras.layers.MultiHeadAttention, keras.layers.GroupQueryAttention)


class Placement(BaseModel):
    """How the members of a group lie on the devices.

    Attributes:
        n_devices: Devices that share the group.
        block: Members side by side (vmapped) in one block; blocks run one after another.
        n_slots: Places for members, a multiple of `n_devices * block`; places beyond the members stay idle.
        is_wide: Whether one network has all threads to itself.
        n_shares: Cores that share each step of one network.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    n_devices: int
    block: int
    n_slots: int
    is_wide: bool = False
    n_shares: int = 1


def place_members(
    n_members: int,
    *,
    member_bytes: int,
    is_convolutional: bool,
    has_own_order: bool,
    n_devices: int,
    step_flops: float = 0.0,
    step_s: float = 0.0,
    is_cpu: bool = True,
    may_be_wide: bool = True,
    may_share: Callable[[int], bool] = lambda _: False,
) -> Placement:
    """Decides how members lie on the devices.

    Args:
        n_members: Members of the group, at least 1.
        member_bytes: Size of one member's weights and optimiser state.
        is_convolutional: Whether the network has a convolution.
        has_own_order: Whether each member sees the rows in its own order.
        n_devices: Devices at hand.
        step_flops: Floating-point operations of one member's step, roughly.
        step_s: Seconds of one member's step on one core, roughly.
        is_cpu: Whether the devices are CPU cores; an accelerator takes all members side by side.
        may_be_wide: Whether several threads help one operation.
        may_share: Whether a step can be shared among so many cores.

    Returns:
        The placement.

    Example:
        >>> place_members(32, member_bytes=102_000, is_convolutional=False, has_own_order=False, n_devices=2)
        Placement(n_devices=2, block=8, n_slots=32, is_wide=False, n_shares=1)
    """
    if not is_cpu:
        limit = n_members
    elif is_convolutional or has_own_order:
        limit = 1
    else:
        limit = max(1, min(MAX_BLOCK, BLOCK_BYTES // max(member_bytes, 1)))
    used = min(n_devices, n_members)
    each = -(-n_members // used)
    n_blocks = -(-each // limit)
    block = -(-each // n_blocks)
    is_large = is_cpu and n_members == 1 and step_flops > WIDE_FLOPS
    is_shared = is_cpu and n_members == 1 and n_devices > 1 and step_s > SHARED_S and may_share(n_devices)
    n_shares = n_devices if is_shared else 1
    return Placement(
        n_devices=used,
        block=block,
        n_slots=used * n_blocks * block,
        is_wide=is_large and may_be_wide and not is_shared,
        n_shares=n_shares,
    )


def one_after_another(placement: Placement, *, n_members: int) -> Placement:
    """The same devices with no two members side by side, for operations that cannot be vmapped.

    Args:
        placement: What was decided.
        n_members: Members of the group.

    Returns:
        The placement.

    Example:
        >>> one_after_another(Placement(n_devices=2, block=2, n_slots=4), n_members=3)
        Placement(n_devices=2, block=1, n_slots=4, is_wide=False, n_shares=1)
    """
    each = -(-n_members // placement.n_devices)
    return Placement(n_devices=placement.n_devices, block=1, n_slots=placement.n_devices * each)


def is_convolutional(model: keras.Model) -> bool:
    """Whether any layer of the model convolves."""
    return any(isinstance(layer, _CONVOLUTIONS) for layer in model._flatten_layers())


def keep_compiled_programs() -> None:
    """Lets JAX keep compiled programs on disk between processes, unless the user chose a folder or `jax` forbids it."""
    if jax.config.values["jax_compilation_cache_dir"] is None:
        jax.config.update("jax_compilation_cache_dir", str(Path(platformdirs.user_cache_dir("backlit")) / "programs"))
        jax.config.update("jax_persistent_cache_min_compile_time_secs", 0)
        jax.config.update("jax_persistent_cache_min_entry_size_bytes", -1)


def devices() -> list[Any]:
    """The devices that groups are spread over: one a core, each with one thread; or the accelerators that JAX sees."""
    own = jax.devices()
    return own if own[0].platform != "cpu" else list(single_threaded_devices(n_cores()))


def devices_of(placement: Placement) -> list[Any]:
    """The devices of a placement.

    Args:
        placement: From `place_members`.

    Returns:
        As many as it wants; where cores share steps, one sharding that gives each core all arrays.
    """
    if placement.n_shares > 1:
        mesh = jax.sharding.Mesh(np.array(sharing_devices(placement.n_shares)), (SHARES,))
        return [jax.sharding.NamedSharding(mesh, jax.sharding.PartitionSpec())]
    return [jax.devices()[0]] if placement.is_wide else devices()[: placement.n_devices]


def step_flops(model: keras.Model, batch_size: int) -> float:
    """Floating-point operations of one step, roughly: forward and twice that backward.

    A weight of a dense layer is used once an example and step of a sequence, one of a convolution at every place of its
    output, one of a recurrent layer or of attention at every step of its input.

    Args:
        model: Built.
        batch_size: Examples of one step.

    Returns:
        The estimate.
    """
    total = 0.0
    for layer in model._flatten_layers(include_self=False):
        places = 1
        if isinstance(layer, (*_CONVOLUTIONS, keras.layers.Dense, keras.layers.EinsumDense)) and layer.built:
            places = math.prod(size or 1 for size in _shape(layer, "output")[1:-1])
        elif isinstance(layer, _SMALL_PRODUCTS) and layer.built:  # their weights are those of the layers inside
            end = "input" if isinstance(layer, keras.layers.RNN) else "output"
            total += (*_shape(layer, end), 1, 1)[1] * layer.count_params()
        total += places * sum(math.prod(weight.shape) for weight in layer._trainable_variables)
    return 6.0 * total * batch_size


def step_s(model: keras.Model, batch_size: int) -> float:
    """Seconds of one step on one core, roughly and always the same: a rule, not a measurement.

    Args:
        model: Built.
        batch_size: Examples of one step.

    Returns:
        The estimate.
    """
    return step_flops(model, batch_size) / (SMALL_FLOPS_PER_S if has_small_products(model) else CORE_FLOPS_PER_S)


def has_small_products(model: keras.Model) -> bool:
    """Whether the model spends its time on many small products: recurrent layers, attention."""
    return any(isinstance(layer, _SMALL_PRODUCTS) for layer in model._flatten_layers())


def _shape(layer: keras.Layer, end: str) -> tuple[int, ...]:
    """Shape of a layer's input or output; empty where it is not in one place of a graph."""
    try:
        return tuple(size or 1 for size in getattr(layer, end).shape)
    except (AttributeError, ValueError):
        return ()
