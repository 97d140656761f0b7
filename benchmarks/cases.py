"""What is measured: networks, sizes, peers and floors.

A *case* is one training (network, batch size, members). A *contender* trains it: backlit, or a peer in a worker
process of its own. All train the same rows for the same epochs with SGD and momentum, from Glorot-uniform weights.

Floors are ratios of model-samples a second: backlit against the best peer as people use it (`default`), and against
the best peer tuned (`tuned`: Keras with `steps_per_execution=50`, torch on one thread or two). `pair` is against two
tuned Keras processes, one pinned to each core, at once.
"""

from dataclasses import dataclass

TOLERANCE_FRAC = 0.02  # test accuracies of the contenders of a case may differ by so much
LEARNING_RATE, MOMENTUM = 0.02, 0.9


@dataclass(frozen=True)
class Case:
    """One training to be measured.

    Attributes:
        name: As in the table.
        hidden: Units of the hidden layers.
        batch_size: Examples of one step.
        members: Networks of the population; peers train them one after another.
        peer_members: How many of them a peer trains in one round; its rate is the same for all.
        has_own_order: Whether each member sees the rows in an order of its own.
        n_rows: Training rows of one epoch.
        epochs: Epochs of one round.
        floors: Smallest allowed ratio against `default`, `tuned` and perhaps `pair`.
        targets: What is aimed at, against `tuned`.
    """

    name: str
    hidden: tuple[int, ...]
    batch_size: int
    members: int = 1
    peer_members: int = 1
    has_own_order: bool = False
    n_rows: int = 48_000
    epochs: int = 3
    floors: tuple[tuple[str, float], ...] = ()
    targets: tuple[tuple[str, float], ...] = ()


MLP, TINY = (128, 64), (16,)
CASES = (
    Case("MLP, batch 32", MLP, 32, floors=(("default", 2.2), ("tuned", 1.4)), targets=(("tuned", 2.0),)),
    Case("MLP, batch 256", MLP, 256, epochs=6, floors=(("default", 1.3), ("tuned", 1.1)), targets=(("tuned", 1.4),)),
    Case("tiny net, batch 32", TINY, 32, floors=(("default", 2.0), ("tuned", 1.0)), targets=(("tuned", 1.5),)),
    Case(
        "32 tiny nets, shared order",
        TINY,
        32,
        members=32,
        floors=(("default", 9.0), ("tuned", 4.0)),
        targets=(("tuned", 6.0),),
    ),
    Case(
        "32 tiny nets, own order",
        TINY,
        32,
        members=32,
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
)

DEFAULT_PEERS = ("keras", "torch", "sklearn")
TUNED_PEERS = ("keras-tuned", "torch-1-thread", "torch", "sklearn")
