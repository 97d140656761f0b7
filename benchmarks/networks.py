"""The networks that are trained, described once for all contenders, and what one example costs.

    MLP          784 - 128 - 64 - 10                                     0.45 MFLOP an example
    TINY         784 - 16 - 10
    CNN          28×28: conv 32, pool, conv 64, pool, dense 128, 10     25 MFLOP
    LSTM         28 rows of 28 numbers: LSTM(64), 10
    TRANSFORMER  28 tokens of 28 numbers: dense 32, two blocks (attention with 2 heads of 16, FFN 64), mean, 10

Each library builds them with its own layers (`peers/keras_networks.py`, `peers/torch_networks.py`).
"""

import itertools
import math
from dataclasses import dataclass

N_CLASSES = 10


@dataclass(frozen=True)
class Network:
    """A network by kind and sizes.

    Attributes:
        kind: `dense`, `cnn`, `lstm` or `transformer`.
        input_shape: Of one example.
        sizes: Units of the hidden layers; filters, filters, units; units; width, heads, head size, FFN units.
    """

    kind: str
    input_shape: tuple[int, ...]
    sizes: tuple[int, ...]


MLP = Network("dense", (784,), (128, 64))
TINY = Network("dense", (784,), (16,))
CNN = Network("cnn", (28, 28, 1), (32, 64, 128))
LSTM = Network("lstm", (28, 28), (64,))
TRANSFORMER = Network("transformer", (28, 28), (32, 2, 16, 64))

KERNEL = 3  # convolutions are 3 × 3 with padding "same", pooling is 2 × 2
N_BLOCKS = 2


def flops_per_example(network: Network) -> float:
    """Floating-point operations of training on one example, matrix products alone.

    A multiply-add of the forward pass counts two, and twice more backward: for the weights and for the inputs. The
    first layer needs no gradient for its inputs.

    Args:
        network: Which.

    Returns:
        The count.

    Example:
        >>> flops_per_example(MLP)  # 6 * (784 * 128 + 128 * 64 + 64 * 10) - 2 * 784 * 128
        454400.0
    """
    first, others = _multiply_adds(network)
    return float(4 * first + 6 * others)


def _multiply_adds(network: Network) -> tuple[int, int]:
    """Of the first layer, and of all others."""
    sizes = network.sizes
    if network.kind == "dense":
        widths = (math.prod(network.input_shape), *sizes, N_CLASSES)
        each = [width * units for width, units in itertools.pairwise(widths)]
        return each[0], sum(each[1:])
    if network.kind == "cnn":
        side, channels = network.input_shape[0], network.input_shape[2]
        first = side * side * KERNEL**2 * channels * sizes[0]
        second = (side // 2) ** 2 * KERNEL**2 * sizes[0] * sizes[1]
        dense = (side // 4) ** 2 * sizes[1] * sizes[2]
        return first, second + dense + sizes[2] * N_CLASSES
    steps, features = network.input_shape
    if network.kind == "lstm":
        gates = 4 * sizes[0]
        return steps * features * gates, steps * sizes[0] * gates + sizes[0] * N_CLASSES
    width, heads, head, ffn = sizes
    attention = 4 * steps * width * heads * head + 2 * steps * steps * heads * head
    return steps * features * width, N_BLOCKS * (attention + 2 * steps * width * ffn) + width * N_CLASSES
