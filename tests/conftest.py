"""What every test needs: a home of its own, English, JAX's strict promotion, and a seed that a failure prints.

`import backlit` stands first, before anything can import Keras: it chooses the JAX backend and the CPU's devices.
"""

import os
import random
import signal
import subprocess
import sys
import zlib
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("JAX_NUMPY_DTYPE_PROMOTION", "strict")
os.environ["BACKLIT_LANG"] = "en"
# Two devices, as on two cores. Set here, because jaxtyping's plugin imports JAX before backlit can ask for them.
os.environ.setdefault("XLA_FLAGS", "--xla_force_host_platform_device_count=2")

import jax
import numpy as np
import pytest

import backlit

jax.config.update("jax_numpy_dtype_promotion", os.environ["JAX_NUMPY_DTYPE_PROMOTION"])  # JAX may have read it before

# A shell's background jobs ignore Ctrl-C, and so would every test that presses it.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# Given to subprocesses that need to find a Python, a home and temporary files; nothing that chooses a backend.
PLAIN_VARIABLES = ("PATH", "HOME", "TMPDIR", "SYSTEMROOT", "BACKLIT_HOME", "BACKLIT_LANG")
SNAPSHOTS = Path(__file__).parent / "snapshots"
WRITE_SNAPSHOTS = os.environ.get("BACKLIT_WRITE_SNAPSHOTS") == "1"  # `make snapshots` alone sets it


def pytest_collection_modifyitems(config, items):
    """Keeps in one process what compiles the same; `make snapshots` runs the tests that have one, and no others."""
    if config.pluginmanager.hasplugin("xdist"):
        for item in items:
            item.add_marker(pytest.mark.xdist_group(_group(item)))
    if WRITE_SNAPSHOTS:
        others = [item for item in items if "snapshot" not in getattr(item, "fixturenames", ())]
        config.hook.pytest_deselected(items=others)
        items[:] = [item for item in items if item not in others]


def _group(item) -> str:
    """A file, because its tests share programs and trained runs; of the lessons' contract each lesson."""
    lesson = getattr(getattr(item, "callspec", None), "params", {}).get("lesson")
    return str(item.path.name if lesson is None else f"lesson {lesson.number}") + str(item.path.parent)


@pytest.fixture
def snapshot(request) -> Callable[..., None]:
    """Compares text with `tests/snapshots/<test>.txt`. A missing snapshot fails; only `make snapshots` writes."""

    def compare(text: str, name: str = "") -> None:
        path = SNAPSHOTS / f"{request.node.originalname}{'-' if name else ''}{name}.txt"
        if WRITE_SNAPSHOTS:
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8")
        assert path.exists(), f"no snapshot {path.name}: run `make snapshots`, then read the diff"
        assert path.read_text(encoding="utf-8") == text

    return compare


@pytest.fixture(autouse=True)
def _own_home(tmp_path_factory, monkeypatch):
    monkeypatch.setenv("BACKLIT_HOME", str(tmp_path_factory.mktemp("home")))
    yield
    backlit.set_language(None)


@pytest.fixture(autouse=True)
def _same_samples(request):
    """beartype looks at one random item of a list: seeded by the test's name, a test that passes once passes always."""
    random.seed(zlib.crc32(request.node.nodeid.encode()))


@pytest.fixture
def seed() -> int:
    """The seed of a test's randomness; shown when the test fails, set again by BACKLIT_TEST_SEED."""
    number = int(os.environ.get("BACKLIT_TEST_SEED", "0"))
    print(f"seed: run again with BACKLIT_TEST_SEED={number}")
    return number


@pytest.fixture
def rng(seed) -> np.random.Generator:
    """NumPy's randomness for a test."""
    return np.random.default_rng(seed)


@pytest.fixture
def key(seed):
    """JAX's randomness for a test."""
    import jax

    return jax.random.key(seed)


@pytest.fixture
def in_fresh_python() -> Callable[..., str]:
    """Runs code in a new Python with a nearly empty environment, and returns what it printed."""

    def run(code: str, *, timeout_s: float = 100, **variables: str) -> str:
        plain = {name: os.environ[name] for name in PLAIN_VARIABLES if name in os.environ}
        done = subprocess.run(
            [sys.executable, "-c", code],
            env=plain | variables,
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=timeout_s,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    return run


@pytest.fixture
def ctrl_c_at(monkeypatch) -> Callable[[int], None]:
    """Presses Ctrl-C once, within the chunk in which a group reaches a step."""
    from backlit.engine.loop import Training

    def arm(step: int) -> None:
        run_chunk, pressed = Training._run_chunk, []

        def press(self, call):
            n_samples = run_chunk(self, call)
            if self.step >= step and not pressed:
                pressed.append(self.step)
                signal.raise_signal(signal.SIGINT)
            return n_samples

        monkeypatch.setattr(Training, "_run_chunk", press)

    return arm
