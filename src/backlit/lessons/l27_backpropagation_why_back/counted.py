r"""The gradient of a small network on three roads, every multiplication counted.

    backwards      one walk from the loss to the first layer                          (`backwards`)
    forwards       one walk for each weight, from it to the loss                      (`forwards`)
    unremembered   backwards, but what a node is told is computed anew for whoever asks   (`unremembered`)

Only multiplications are counted: additions go along with them. The slopes of the activation functions are part of the
forward pass, which all roads share.

Source:
    baydin-2018, sections 3.1 (forwards) and 3.2 (backwards).
"""

from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np


@dataclass
class Tally:
    """Multiplications so far.

    Attributes:
        by_weights: Those with a weight, or for one: a weighted sum, its way back, the gradient by a weight.
        others: Those with slopes and errors.
    """

    by_weights: int = 0
    others: int = 0

    @property
    def total(self) -> int:
        """All of them."""
        return self.by_weights + self.others

    def times(self, a: np.ndarray, b: np.ndarray) -> np.ndarray:
        """Number by number."""
        self.others += np.broadcast(a, b).size
        return a * b

    def sums(self, a: np.ndarray, w: np.ndarray) -> np.ndarray:
        """Weighted sums: a row times a matrix."""
        self.by_weights += w.size
        return a @ w

    def outer(self, a: np.ndarray, b: np.ndarray) -> np.ndarray:
        """Each number with each."""
        self.by_weights += a.size * b.size
        return np.outer(a, b)


@dataclass(frozen=True)
class Net:
    """A network of dense layers, tanh and at the end sigmoid, after the forward pass of one sample.

    Attributes:
        w: Weights of each layer, (k, j); entry 0 is empty, so that layers count from 1.
        b: Biases.
        x: Inputs.
        y: Targets.
        tally: Multiplications of the forward pass.
        a: What each layer hands on; entry 0 is the inputs.
        slopes: g' at each sum.
        errors: ∂C/∂a of the outputs.
    """

    w: tuple[np.ndarray, ...]
    b: tuple[np.ndarray, ...]
    x: np.ndarray
    y: np.ndarray
    tally: Tally = field(init=False)
    a: tuple[np.ndarray, ...] = field(init=False)
    slopes: tuple[np.ndarray, ...] = field(init=False)
    errors: np.ndarray = field(init=False)

    def __post_init__(self) -> None:
        """Carries out the forward pass."""
        tally, a, slopes = Tally(), [self.x], [np.zeros(0)]
        for layer in range(1, len(self.w)):
            z = tally.sums(a[-1], self.w[layer]) + self.b[layer]
            is_last = layer == len(self.w) - 1
            a.append(1 / (1 + np.exp(-z)) if is_last else np.tanh(z))
            slopes.append(tally.times(a[-1], 1 - a[-1]) if is_last else 1 - tally.times(a[-1], a[-1]))
        errors = tally.times(np.array(2 / len(self.y)), a[-1] - self.y)
        for name, value in (("tally", tally), ("a", tuple(a)), ("slopes", tuple(slopes)), ("errors", errors)):
            object.__setattr__(self, name, value)

    @property
    def n_layers(self) -> int:
        """L."""
        return len(self.w) - 1

    @property
    def widths(self) -> tuple[int, ...]:
        """Nodes of each layer, the inputs first."""
        return tuple(len(part) for part in self.a)

    @property
    def n_numbers(self) -> int:
        """Weights and biases."""
        return sum(part.size for part in (*self.w, *self.b))


Gradient = tuple[list[np.ndarray], list[np.ndarray]]  # by the weights, by the biases; entry 0 is empty


def drawn(seed: int, *, layers: int, units: int, x: np.ndarray, n_outputs: int) -> Net:
    """A network with weights that nobody trained.

    Args:
        seed: Of the weights.
        layers: Layers with weights.
        units: Nodes of each hidden layer.
        x: Inputs.
        n_outputs: Outputs; the first should be one.

    Returns:
        The network after its forward pass.
    """
    rng = np.random.default_rng([seed, layers])
    widths = [len(x), *[units] * (layers - 1), n_outputs]
    w = [rng.normal(0.0, n**-0.5, (n, m)) for n, m in pairwise(widths)]
    b = [rng.normal(0.0, 0.1, m) for m in widths[1:]]
    return Net((np.zeros((0, 0)), *w), (np.zeros(0), *b), x, np.eye(n_outputs)[0])


def backwards(net: Net, tally: Tally, *, carry: str = "all") -> Gradient:
    """The gradient by one walk from the loss to the first layer.

    Args:
        net: Which.
        tally: Where multiplications are counted.
        carry: Whether a node adds up what `all` sums tell it that it speaks to, or listens to the `first` alone.

    Returns:
        By the weights and by the biases.
    """
    by_w, by_b = list(net.w), list(net.b)
    at_a = net.errors
    for layer in range(net.n_layers, 0, -1):
        at_z = tally.times(at_a, net.slopes[layer])
        by_w[layer], by_b[layer] = tally.outer(net.a[layer - 1], at_z), at_z
        if layer > 1:  # nothing in front of the first layer learns
            heard = at_z if carry == "all" else at_z * (np.arange(len(at_z)) == 0)
            at_a = tally.sums(heard, net.w[layer].T)
    return by_w, by_b


def forwards(net: Net, tally: Tally) -> Gradient:
    """The gradient by one walk for each weight and bias, from it to the loss.

    Args:
        net: Which.
        tally: Where multiplications are counted.

    Returns:
        By the weights and by the biases.
    """
    by_w, by_b = [np.zeros_like(part) for part in net.w], [np.zeros_like(part) for part in net.b]
    for layer in range(1, net.n_layers + 1):
        for j in range(len(net.b[layer])):
            by_b[layer][j] = forward_from(net, tally, layer=layer, j=j, start=1.0)
            for k in range(len(net.w[layer])):
                by_w[layer][k, j] = forward_from(net, tally, layer=layer, j=j, start=net.a[layer - 1][k])
    return by_w, by_b


def forward_from(net: Net, tally: Tally, *, layer: int, j: int, start: float) -> float:
    """∂C/∂ one number, from the number to the loss.

    Args:
        net: Which.
        tally: Where multiplications are counted.
        layer: To whose sum the number belongs.
        j: Which sum.
        start: ∂z/∂number: what the node hands on where a weight begins, or 1 for a bias.

    Returns:
        The derivative.
    """
    moved = tally.times(np.array([start]), net.slopes[layer][j : j + 1])
    rows = slice(j, j + 1)  # in its own layer one node alone moves, and zeros need not be multiplied
    for later in range(layer + 1, net.n_layers + 1):
        moved = tally.times(tally.sums(moved, net.w[later][rows]), net.slopes[later])
        rows = slice(None)
    return float(tally.times(moved, net.errors[rows]).sum())


def unremembered(net: Net, tally: Tally) -> Gradient:
    """The gradient backwards, with nothing kept: what a node is told is computed anew for each weight that asks.

    Args:
        net: Which; the number of multiplications grows with the number of paths.
        tally: Where multiplications are counted.

    Returns:
        By the weights and by the biases.
    """

    def at_z(layer: int, j: int) -> float:
        told = float(net.errors[j]) if layer == net.n_layers else 0.0
        if layer < net.n_layers:
            for i, weight in enumerate(net.w[layer + 1][j]):
                tally.by_weights += 1
                told += float(weight) * at_z(layer + 1, i)
        tally.others += 1
        return told * float(net.slopes[layer][j])

    by_w, by_b = [np.zeros_like(part) for part in net.w], [np.zeros_like(part) for part in net.b]
    for layer in range(1, net.n_layers + 1):
        for j in range(len(net.b[layer])):
            by_b[layer][j] = at_z(layer, j)
            for k in range(len(net.w[layer])):
                tally.by_weights += 1
                by_w[layer][k, j] = net.a[layer - 1][k] * at_z(layer, j)
    return by_w, by_b


def unremembered_count(widths: tuple[int, ...]) -> int:
    """Multiplications of `unremembered`, without carrying them out.

    Args:
        widths: Nodes of each layer, the inputs first.

    Returns:
        How many.

    Example:
        >>> unremembered_count((1, 1))  # a bias: one slope; a weight: one slope, and times the input
        3
    """
    total, one = 0, 1  # what one question to a node of the last layer takes
    for layer in range(len(widths) - 1, 0, -1):
        total += widths[layer] * (one + widths[layer - 1] * (one + 1))
        one = 1 + widths[layer] * (1 + one)
    return total


def flat(gradient: Gradient) -> np.ndarray:
    """All numbers of a gradient in one row."""
    return np.concatenate([np.ravel(part) for parts in gradient for part in parts])
