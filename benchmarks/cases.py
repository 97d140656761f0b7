"""What is measured: trainings, their peers, floors and targets.

A *case* is one training (network, batch size, members). A *contender* trains it: backlit, or a peer, in a worker
process of its own. All train the same rows for as many epochs with SGD and momentum, from Glorot-uniform weights.

Floors are ratios of model-samples a second: backlit against the best peer as people use it (`default`), and against
the best peer whatever its settings (`tuned`). A population's peers train its members one after another, or at once
(`torch-vmap`); `pair` is against two processes of the best tuned peers at once, one pinned to each core.
"""

from dataclasses import asdict, dataclass
from typing import Any

from benchmarks.networks import CNN, LSTM, MLP, TINY, TRANSFORMER, Network

TOLERANCE_FRAC = 0.02  # mean test accuracies of the contenders of a case may differ by so much
EARLY_TOLERANCE_FRAC = 0.03  # where the rounds end while accuracy still climbs, and seeds scatter more
LEARNING_RATE, MOMENTUM = 0.02, 0.9
Bounds = tuple[tuple[str, float], ...]


@dataclass(frozen=True)
class Case:
    """One training to be measured.

    Attributes:
        name: As in the table.
        network: What is trained.
        batch_size: Examples of one step.
        members: Networks of the population; peers train them one after another, unless they can do it at once.
        has_own_order: Whether each member sees the rows in an order of its own.
        n_rows: Training rows of one epoch.
        epochs: Epochs of one round.
        learning_rate: Step size.
        is_bfloat16: Whether products are computed in 16 bits (accelerators).
        tolerance_frac: By how much the contenders' mean test accuracies may differ.
        floors: Smallest allowed ratio against `default`, `tuned` and perhaps `pair`.
        targets: What is aimed at.
    """

    name: str
    network: Network
    batch_size: int
    members: int = 1
    has_own_order: bool = False
    n_rows: int = 48_000
    epochs: int = 3
    learning_rate: float = LEARNING_RATE
    is_bfloat16: bool = False
    tolerance_frac: float = TOLERANCE_FRAC
    floors: Bounds = ()
    targets: Bounds = ()

    def to_json(self) -> dict[str, Any]:
        """What a worker needs to know."""
        return asdict(self)

    @classmethod
    def from_json(cls, fields: dict[str, Any]) -> "Case":
        """The case that `to_json` wrote."""
        network = {
            name: tuple(value) if isinstance(value, list) else value for name, value in fields["network"].items()
        }
        return cls(**{**fields, "network": Network(**network)})


CASES = (
    Case("MLP, batch 32", MLP, 32, floors=(("default", 2.2), ("tuned", 1.4)), targets=(("tuned", 2.0),)),
    Case("MLP, batch 256", MLP, 256, epochs=6, floors=(("default", 1.3), ("tuned", 1.1)), targets=(("tuned", 1.4),)),
    Case("tiny net, batch 32", TINY, 32, floors=(("default", 2.0), ("tuned", 1.0)), targets=(("tuned", 1.5),)),
    Case(
        "CNN, batch 32",
        CNN,
        32,
        n_rows=4_096,
        epochs=4,
        tolerance_frac=EARLY_TOLERANCE_FRAC,
        floors=(("tuned", 1.1),),
        targets=(("tuned", 1.5),),
    ),
    Case(
        "CNN, batch 128",
        CNN,
        128,
        n_rows=4_096,
        epochs=6,
        learning_rate=0.05,
        tolerance_frac=EARLY_TOLERANCE_FRAC,
        floors=(("tuned", 1.1),),
        targets=(("tuned", 1.5),),
    ),
    Case(
        "LSTM, batch 64",
        LSTM,
        64,
        n_rows=16_000,
        epochs=3,
        learning_rate=0.1,
        tolerance_frac=EARLY_TOLERANCE_FRAC,
        floors=(("tuned", 0.7),),
        targets=(("tuned", 1.1),),
    ),
    Case(
        "transformer, batch 64",
        TRANSFORMER,
        64,
        n_rows=8_000,
        epochs=3,
        learning_rate=0.05,
        tolerance_frac=EARLY_TOLERANCE_FRAC,
        floors=(("tuned", 0.8),),
        targets=(("tuned", 1.1),),
    ),
    Case(
        "32 tiny nets, shared order",
        TINY,
        32,
        members=32,
        n_rows=16_000,
        floors=(("default", 9.0), ("tuned", 4.0)),
        targets=(("tuned", 6.0),),
    ),
    Case(
        "32 tiny nets, own order",
        TINY,
        32,
        members=32,
        n_rows=16_000,
        has_own_order=True,
        floors=(("default", 5.0), ("tuned", 2.5)),
        targets=(("tuned", 4.0),),
    ),
    Case(
        "32 MLPs",
        MLP,
        32,
        members=32,
        n_rows=16_000,
        floors=(("default", 4.5), ("tuned", 2.2), ("pair", 1.4)),
        targets=(("tuned", 4.0), ("pair", 2.5)),
    ),
    Case(
        "8 CNNs",
        CNN,
        32,
        members=8,
        n_rows=4_096,
        epochs=2,
        tolerance_frac=EARLY_TOLERANCE_FRAC,
        floors=(("tuned", 1.1),),
        targets=(("tuned", 1.5),),
    ),
)

GPU_CASES = (
    Case("GPU: one MLP", MLP, 32),
    Case("GPU: 32 MLPs", MLP, 32, members=32),
    Case("GPU: 1,024 MLPs", MLP, 32, members=1024, n_rows=16_000, epochs=1),
    Case("GPU: CNN in bfloat16", CNN, 128, n_rows=48_000, is_bfloat16=True),
)
"""For `--gpu`, where JAX's default device is one."""


def default_peers(case: Case) -> tuple[str, ...]:
    """Peers with the settings they come with."""
    learners = ("sklearn",) if case.network.kind == "dense" and not is_gpu(case) else ()
    return ("keras-jax", *(() if is_gpu(case) else ("keras-tf",)), "torch", *learners)


def tuned_peers(case: Case) -> tuple[str, ...]:
    """Peers with the settings that make them fastest, beyond the default ones."""
    vmap = ("torch-vmap",) if case.members > 1 else ()
    if is_gpu(case):
        return ("keras-jax-tuned", "torch-tuned", "torch-compile", *vmap)
    if case.members > 1:  # what one network is trained with, less what was slowest there
        return ("keras-jax-tuned", "torch-tuned", "torch-1-thread", "torch-compile-1-thread", *vmap)
    return (
        "keras-jax-tuned",
        "keras-tf-tuned",
        "keras-tf-graph",
        "torch-tuned",
        "torch-1-thread",
        "torch-compile",
        "torch-compile-1-thread",
    )


QUICK_PEERS = ("keras-jax-tuned", "torch-1-thread")
QUICK_CASES = (
    "MLP, batch 32",
    "tiny net, batch 32",
    "CNN, batch 32",
    "LSTM, batch 64",
    "transformer, batch 64",
    "32 tiny nets, shared order",
    "32 MLPs",
)
"""For `--quick`: one case of each kind, against the peers that were strongest in most of them."""
PAIRED = ("keras-jax-tuned", "torch-1-thread", "torch-compile-1-thread")
"""Peers that use one thread at their best, of which the two fastest run as two pinned processes."""


def is_gpu(case: Case) -> bool:
    """Whether the case is one for an accelerator."""
    return case in GPU_CASES
