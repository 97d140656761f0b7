"""Which Keras backend runs, and how many devices the CPU is split into.

Keras reads `KERAS_BACKEND` once, when it is first imported, and XLA reads `XLA_FLAGS` once, when JAX starts. So
`import backlit` sets both, and therefore stands before `import keras`. It never overrides a choice that the user
made: where another backend was chosen, importing still works, and the first call that trains says what to do.

A population is spread over the cores: XLA shows the CPU as that many devices. A user's own
`--xla_force_host_platform_device_count`, `JAX_NUM_CPU_DEVICES` or choice of an accelerator is left alone.
"""

import os
import sys

from backlit.errors import SettingError
from backlit.language import text

DEVICE_FLAG = "--xla_force_host_platform_device_count"
MAX_DEVICES = 16  # beyond this, start-up of the devices costs more than small nets gain


def choose_backend() -> None:
    """Sets JAX as Keras's backend and one CPU device a core, where nothing else was chosen. Never raises."""
    if "keras" not in sys.modules:
        os.environ.setdefault("KERAS_BACKEND", "jax")
    if "jax" in sys.modules or _accelerator_is_chosen() or "JAX_NUM_CPU_DEVICES" in os.environ:
        return
    flags = os.environ.get("XLA_FLAGS", "")
    if DEVICE_FLAG not in flags:
        os.environ["XLA_FLAGS"] = f"{flags} {DEVICE_FLAG}={n_cores()}".strip()


def require_backend() -> None:
    """Makes sure that Keras runs on JAX; everything that trains calls this first.

    Raises:
        SettingError: If Keras was imported with another backend, or `KERAS_BACKEND` names another.
    """
    keras = sys.modules.get("keras")
    name = keras.config.backend() if keras is not None else os.environ.get("KERAS_BACKEND", "jax")
    if name == "jax":
        return
    if os.environ.get("KERAS_BACKEND") == name:
        fix = text('Set KERAS_BACKEND to "jax", or leave it unset, and start Python again.')
    else:
        fix = text("Start Python again and write `import backlit` before `import keras`.")
    raise SettingError(
        "keras-backend",
        what=text("Preparing to train"),
        expected=text("Keras on its JAX backend"),
        received=text("the backend `{name}`", name=name),
        fix=fix,
    )


def n_cores() -> int:
    """Counts the cores this process may use, at most 16.

    Returns:
        The size of the process's CPU set where the system tells it (Linux), else the number of cores.
    """
    affinity = getattr(os, "sched_getaffinity", None)  # not on macOS and Windows
    cores = len(affinity(0)) if affinity is not None else os.cpu_count() or 1
    return min(cores, MAX_DEVICES)


def _accelerator_is_chosen() -> bool:
    """Whether `JAX_PLATFORMS` names anything but the CPU."""
    platforms = os.environ.get("JAX_PLATFORMS", "").lower().split(",")
    return any(platform.strip() not in ("", "cpu") for platform in platforms)
