r"""The network of lessons 23 to 27: trained on tumours, then followed number by number in one notation.

    a^{(0)} = x  →  z^{(1)}, a^{(1)}  →  …  →  z^{(L)}, a^{(L)}  →  C

Layers are counted from 1; the inputs are layer 0. w^{(l)}_{kj} leads from node k of layer l−1 to node j of layer l.
`backlit.explain` computes every number, forward and back, in float64. Here its numbers are found by their letters, any
one of them can be moved, and what follows from it is computed anew.

Lists have an entry for every layer, so that `w[2][0][1]` is w^{(2)}_{12}: layers count from 1, nodes from 0.

Not for what a single lesson measures, nor for drawing (see `drawn_net.py`).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from backlit.formula import readable
from backlit.language import Words
from backlit.lessons.kind import Knob
from backlit.lessons.l03_artificial_neural_networks.lesson import COLUMNS

if TYPE_CHECKING:  # importing these imports Keras
    from backlit.data import Dataset
    from backlit.explain import Explanation

LAYERS, UNITS, N_OUTPUTS = 3, 3, 2
RATE = 1.0  # plain descent; squared error and sigmoid make small gradients
NOTHING = np.zeros(0)
ROW = Knob(
    "row",
    Words(en="which unseen tumour, counted from the largest loss", zh="哪一个未见过的肿瘤，从损失最大的数起"),
    3,
    low=0,
    high=84,
)
Number = tuple[str, int, tuple[int, ...]]  # letter, layer, place


def tumours() -> "Dataset":
    """Two measurements of a tumour, standardised, and a column of zeros and ones for each class.

    Returns:
        A Dataset whose targets are amounts, so that squared error is their loss.

    Source:
        street-1993 (data).
    """
    import backlit as bl
    from backlit.data import one_hot

    data = bl.load("breast-cancer")
    return replace(
        data,
        inputs=np.ascontiguousarray(data.inputs[:, COLUMNS]),
        targets=one_hot(data.targets, n_classes=N_OUTPUTS),
        task="regression",
        feature_names=tuple(data.feature_names[i] for i in COLUMNS),
        preparation=None,
        recipe=None,
    )


def traced_network(*, layers: int = LAYERS, units: int = UNITS) -> Any:
    """Dense layers with tanh and two outputs with sigmoid, for squared error: every node has a slope of its own.

    Args:
        layers: Layers with weights, the outputs' included.
        units: Nodes of each hidden layer.

    Returns:
        A compiled Keras model whose layers are named `layer_1`, `layer_2`, ….
    """
    import keras

    hidden = [keras.layers.Dense(units, "tanh", name=f"layer_{l}") for l in range(1, layers)]  # noqa: E741  the letter
    outputs = keras.layers.Dense(N_OUTPUTS, "sigmoid", name=f"layer_{layers}")
    model = keras.Sequential([keras.Input((len(COLUMNS),)), *hidden, outputs])
    model.compile(loss="mean_squared_error")
    return model


def trained(*, seed: int, epochs: int, layers: int = LAYERS, units: int = UNITS) -> tuple[Any, "Dataset"]:
    """Trains the network on the tumours.

    Args:
        seed: Of the first weights.
        epochs: Passes over the training rows; 0 leaves the first weights.
        layers: Layers with weights.
        units: Nodes of each hidden layer.

    Returns:
        The trained Keras model, compiled, and the data.
    """
    import backlit as bl

    data = tumours()
    model = traced_network(layers=layers, units=units)
    run = bl.fit(
        model,
        data,
        epochs=epochs,
        optimizer="sgd",
        learning_rate=RATE,
        metrics=[],
        seeds=[seed],
        save=False,
        verbose=False,
    )
    model.set_weights(run.weights(0))
    return model, data


@dataclass(frozen=True, eq=False)
class Followed:
    """A pass of one sample, or of a batch, whose numbers are found by their letters.

    Attributes:
        explanation: The pass, forward and back.
    """

    explanation: "Explanation"

    @cached_property
    def n_layers(self) -> int:
        """L, the number of the last layer."""
        return max(node.number for node in self.explanation.graph.nodes)

    @cached_property
    def w(self) -> tuple[np.ndarray, ...]:
        """Weights of each layer, (k, j)."""
        return self._given("w", self.explanation.trace.given)

    @cached_property
    def b(self) -> tuple[np.ndarray, ...]:
        """Biases of each layer."""
        return self._given("b", self.explanation.trace.given)

    @cached_property
    def z(self) -> tuple[np.ndarray, ...]:
        """Weighted sums of each layer; of several samples, the sample first."""
        return self._values("z", self.explanation.trace.values, NOTHING)

    @cached_property
    def a(self) -> tuple[np.ndarray, ...]:
        """What each layer hands on; entry 0 is the inputs."""
        return self._values("a", self.explanation.trace.values, self.explanation.trace.inputs)

    @cached_property
    def y(self) -> np.ndarray:
        """What the outputs should be."""
        return self._lone(self.explanation.trace.given[-1])

    @property
    def cost(self) -> float:
        """C, the loss."""
        return self.explanation.loss

    @cached_property
    def dw(self) -> tuple[np.ndarray, ...]:
        """∂C/∂w."""
        return self._given("w", self._slopes.given)

    @cached_property
    def db(self) -> tuple[np.ndarray, ...]:
        """∂C/∂b."""
        return self._given("b", self._slopes.given)

    @cached_property
    def dz(self) -> tuple[np.ndarray, ...]:
        """∂C/∂z."""
        return self._values("z", self._slopes.values, NOTHING)

    @cached_property
    def da(self) -> tuple[np.ndarray, ...]:
        """∂C/∂a."""
        return self._values("a", self._slopes.values, self._slopes.inputs)

    @property
    def widths(self) -> tuple[int, ...]:
        """Nodes of each layer, the inputs first."""
        return (self.w[1].shape[0], *(w.shape[1] for w in self.w[1:]))

    @property
    def n_numbers(self) -> int:
        """How many weights and biases."""
        return sum(part.size for part in (*self.w, *self.b))

    def numbers(self, letters: str = "wb") -> Iterator[Number]:
        """Every number with one of these letters, layer by layer.

        Args:
            letters: Of w, b, z, a.

        Yields:
            Letter, layer, place.
        """
        for layer in range(1, self.n_layers + 1):
            for letter in letters:
                for place in np.ndindex(getattr(self, letter)[layer].shape):
                    yield letter, layer, place

    def gradient(self) -> np.ndarray:
        """∂C/∂ every weight and bias, in the order of `numbers()`."""
        return np.array([getattr(self, f"d{letter}")[layer][place] for letter, layer, place in self.numbers()])

    def ordered(self, by_place: Mapping[int, np.ndarray]) -> np.ndarray:
        """Arrays of the shapes of the weights as one row, in the order of `numbers()`.

        Args:
            by_place: An array for the place of each weight in the graph's `given`.

        Returns:
            One number for each weight and bias.
        """
        return np.array([by_place[self._place_of_given(one, layer)][at] for one, layer, at in self.numbers()])

    def moved(self, number: Number, by: float) -> tuple[np.ndarray, ...]:
        """All values of the pass with one number moved; the last is C.

        Args:
            number: A weight, a bias, a weighted sum, or what a node hands on.
            by: How far.

        Returns:
            One array for each node of the graph, the batch first. A sum that is moved is not computed again.
        """
        from backlit.explain.forward_pass import run_forward

        letter, layer, place = number
        graph, trace = self.explanation.graph, self.explanation.trace
        if letter in "wb":
            at = self._place_of_given(letter, layer)
            given = [np.array(array) if i == at else array for i, array in enumerate(trace.given)]
            given[at][place] += by
            return run_forward(graph, given, trace.inputs).values
        sample = place if len(place) > 1 else (0, *place)
        if layer == 0:
            inputs = np.array(trace.inputs)
            inputs[sample] += by
            return run_forward(graph, trace.given, inputs).values
        start = self._place_of_value(letter, layer)
        values = list(trace.values)
        values[start] = np.array(values[start])
        values[start][sample] += by
        for later in range(start + 1, len(values)):  # the nodes form a chain, so all that is behind depends on it
            node = graph.nodes[later]
            arrays = [values[i] for i in node.inputs]
            values[later], _ = node.operation.forward(*arrays, **trace.given_of(graph, later))
        return tuple(values)

    def cost_after(self, number: Number, by: float) -> float:
        """C with one number moved.

        Args:
            number: Which.
            by: How far.

        Returns:
            The loss.
        """
        return float(self.moved(number, by)[-1])

    def nudged(self, number: Number, size: float) -> float:
        """The slope of C along one number, without calculus: moved up, moved down, subtracted, divided.

        Args:
            number: Which.
            size: How far to each side.

        Returns:
            (C(+size) − C(−size)) / (2 size).
        """
        return (self.cost_after(number, size) - self.cost_after(number, -size)) / (2 * size)

    def stepped(self, change: np.ndarray) -> float:
        """C with every weight and bias moved at once.

        Args:
            change: How far, in the order of `numbers()`.

        Returns:
            The loss.
        """
        from backlit.explain.forward_pass import run_forward

        given = [np.array(array) for array in self.explanation.trace.given]
        for (letter, layer, place), by in zip(self.numbers(), change, strict=True):
            given[self._place_of_given(letter, layer)][place] += by
        return float(run_forward(self.explanation.graph, given, self.explanation.trace.inputs).values[-1])

    def _place_of_value(self, letter: str, layer: int) -> int:
        symbols = [node.symbol for node in self.explanation.graph.nodes]
        return symbols.index(f"{letter}^{{({layer})}}")

    def _place_of_given(self, letter: str, layer: int) -> int:
        symbols = [given.symbol for given in self.explanation.graph.given]
        return symbols.index(f"{letter}^{{({layer})}}")

    @property
    def _slopes(self) -> Any:
        return self.explanation.slopes

    def _given(self, letter: str, arrays: Any) -> tuple[np.ndarray, ...]:
        layers = range(1, self.n_layers + 1)
        return (NOTHING, *(np.asarray(arrays[self._place_of_given(letter, layer)]) for layer in layers))

    def _values(self, letter: str, arrays: Any, first: Any) -> tuple[np.ndarray, ...]:
        layers = range(1, self.n_layers + 1)
        return (
            self._lone(first),
            *(self._lone(arrays[self._place_of_value(letter, layer)]) for layer in layers),
        )

    def _lone(self, values: np.ndarray) -> np.ndarray:
        """One sample without its axis; several as they are."""
        return values[0] if len(self.explanation.trace.inputs) == 1 and values.ndim > 1 else values


def follow(model: Any, x: np.ndarray, y: np.ndarray) -> Followed:
    """A pass of one sample or of a batch, forward and back, in float64.

    Args:
        model: The traced network.
        x: Inputs.
        y: Targets.

    Returns:
        Its numbers by their letters.
    """
    from backlit import explain

    return Followed(explain.backprop(model, x, y, check=False))


def follow_unseen(model: Any, data: "Dataset", *, row: int) -> Followed:
    """A pass of a test row.

    Args:
        model: The traced network.
        data: The tumours.
        row: Which, counted from the one with the largest loss.

    Returns:
        Its numbers by their letters.
    """
    rows, targets = data.test
    losses = np.mean((np.asarray(model(rows), np.float64) - targets) ** 2, axis=1)
    place = np.argsort(-losses, kind="stable")[min(row, len(rows) - 1)]
    return follow(model, rows[place], targets[place])


def name_of(number: Number) -> str:
    """A number as the notation writes it, in plain signs.

    Args:
        number: Letter, layer, place.

    Returns:
        For example `w⁽²⁾₁₃`.

    Example:
        >>> name_of(("w", 2, (0, 2)))
        'w⁽²⁾₁₃'
    """
    letter, layer, place = number
    return readable(rf"{letter}^{{({layer})}}_{{{''.join(str(i + 1) for i in place)}}}")
