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
batch 256: 250 k, 315 k), so it is *wide*: it runs on JAX's own device.

Not for timing anything: the same Experiment on the same number of devices is always placed alike.
"""

import math
from pathlib import Path
from typing import Any

import jax
import keras
import platformdirs
from pydantic import BaseModel, ConfigDict

from backlit.backend import n_cores
from backlit.engine._jax_private import single_threaded_devices

BLOCK_BYTES = 1_000_000  # half of a core's 2 MB second-level cache
WIDE_FLOPS = 80_000_000  # of one step, above which threads pay; the MLP has 21 M at batch 32, 168 M at batch 256
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


class Placement(BaseModel):
    """How the members of a group lie on the devices.

    Attributes:
        n_devices: Devices that share the group.
        block: Members side by side (vmapped) in one block; blocks run one after another.
        n_slots: Places for members, a multiple of `n_devices * block`; places beyond the members stay idle.
        is_wide: Whether one network has all threads to itself.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    n_devices: int
    block: int
    n_slots: int
    is_wide: bool = False


def place_members(
    n_members: int,
    *,
    member_bytes: int,
    is_convolutional: bool,
    has_own_order: bool,
    n_devices: int,
    step_flops: float = 0.0,
    is_cpu: bool = True,
) -> Placement:
    """Decides how members lie on the devices.

    Args:
        n_members: Members of the group, at least 1.
        member_bytes: Size of one member's weights and optimiser state.
        is_convolutional: Whether the network has a convolution.
        has_own_order: Whether each member sees the rows in its own order.
        n_devices: Devices at hand.
        step_flops: Floating-point operations of one member's step, roughly.
        is_cpu: Whether the devices are CPU cores; an accelerator takes all members side by side.

    Returns:
        The placement.

    Example:
        >>> place_members(32, member_bytes=102_000, is_convolutional=False, has_own_order=False, n_devices=2)
        Placement(n_devices=2, block=8, n_slots=32, is_wide=False)
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
    is_wide = is_cpu and n_members == 1 and step_flops > WIDE_FLOPS
    return Placement(n_devices=used, block=block, n_slots=used * n_blocks * block, is_wide=is_wide)


def one_after_another(placement: Placement, *, n_members: int) -> Placement:
    """The same devices with no two members side by side, for operations that cannot be vmapped.

    Args:
        placement: What was decided.
        n_members: Members of the group.

    Returns:
        The placement.

    Example:
        >>> one_after_another(Placement(n_devices=2, block=2, n_slots=4), n_members=3)
        Placement(n_devices=2, block=1, n_slots=4, is_wide=False)
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
        As many as it wants.
    """
    return [jax.devices()[0]] if placement.is_wide else devices()[: placement.n_devices]


def step_flops(model: keras.Model, batch_size: int) -> float:
    """Floating-point operations of one step, roughly: forward and twice that backward.

    A weight of a dense layer is used once an example; one of a convolution at every place of its output.

    Args:
        model: Built.
        batch_size: Examples of one step.

    Returns:
        The estimate.
    """
    total = 0.0
    for layer in model._flatten_layers(include_self=False):
        places = 1
        if isinstance(layer, _CONVOLUTIONS) and layer.built:
            places = math.prod(size or 1 for size in getattr(layer.output, "shape", ())[1:-1])
        total += places * sum(math.prod(weight.shape) for weight in layer._trainable_variables)
    return 6.0 * total * batch_size
