"""What a reader of layers writes into: nodes one after another, weights once each.

    def read_dense(layer, build, inputs):
        sums = build.add(Dense(), inputs, {"kernel": layer.kernel, "bias": layer.bias}, letter="z")
        return build.activated(layer.activation, sums)

A reader takes a Keras layer, a Builder, and the places of the nodes that the layer is applied to, and returns the place
of the layer's output. Each file of this folder has a table `READERS`, which `model.py` collects.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NoReturn

import keras

from backlit.errors import ModelError
from backlit.explain._keras_private import Called
from backlit.explain.graph import Given, Graph, Node
from backlit.explain.ops import Operation
from backlit.explain.ops.activations import CURVES, Activation
from backlit.explain.ops.softmax import Softmax
from backlit.language import listed, text

Reader = Callable[[Any, "Builder", tuple[int, ...]], int]
# In formulas a weight has one letter; others keep their Keras name.
LETTERS = {
    "kernel": "w",
    "depthwise_kernel": "w",
    "pointwise_kernel": "v",
    "recurrent_kernel": "u",
    "bias": "b",
    "gamma": r"\gamma",
    "beta": r"\beta",
    "embeddings": "e",
    "moving_mean": r"\mu",
    "moving_variance": r"{\sigma^2}",
    "scale": r"\gamma",
}


class Builder:
    """Collects the nodes of a network.

    Args:
        is_training: Whether dropout drops and batch normalisation uses the batch's own statistics.
        input_rank: Axes of the inputs, batch included.
        weights: All weights of the model, in Keras's order.

    Attributes:
        is_training: As given.
        layer: The layer that is being read.
        called: How it is called; for layers whose inputs have names.
    """

    def __init__(self, *, is_training: bool, input_rank: int, weights: Sequence[keras.Variable]) -> None:
        self.is_training, self._input_rank = is_training, input_rank
        self.layer: Any = None
        self.called = Called()
        self._nodes: list[Node] = []
        self._given = [
            Given("trainable" if variable.trainable else "fixed", variable.path, variable.name, tuple(variable.shape))
            for variable in weights
        ]
        self._place_of = {id(variable): place for place, variable in enumerate(weights)}
        self._number_of: dict[str, int] = {}

    def add(
        self,
        operation: Operation,
        inputs: tuple[int, ...],
        weights: Mapping[str, Any] | None = None,
        *,
        letter: str = "a",
        mark: str = "",
    ) -> int:
        """Adds one operation of the layer that is being read.

        Args:
            operation: What is computed.
            inputs: Places of the nodes whose values go in.
            weights: The operation's name of a weight, to its Keras variable; None for a weight that is not there.
            letter: Of the value's symbol: z for weighted sums, a for what a layer hands on.
            mark: Beside the weights' letters, where a layer has several of a kind: q for those of the queries.

        Returns:
            The place of the new node.
        """
        number = self._number_of.setdefault(self.layer.name, len(self._number_of) + 1)
        given = {}
        for name, variable in (weights or {}).items():
            if variable is not None:
                given[name] = self._place_of[id(variable)]
                known = self._given[given[name]]
                own = LETTERS.get(name, _as_text(name))
                marked = f"{{{own}_{mark}}}" if mark else own
                self._given[given[name]] = Given(known.kind, known.path, f"{marked}^{{({number})}}", known.shape)
        return self._append(Node(self.layer.name, number, operation, inputs, given, rf"{letter}^{{({number})}}"))

    def add_masked(self, operation: Operation, inputs: tuple[int, ...], shape: tuple[int | None, ...]) -> int:
        """Adds an operation that is given a mask, which chance draws: dropout.

        Args:
            operation: Takes the weight `mask`.
            inputs: Places of the nodes whose values go in.
            shape: Of the mask; None for the batch.

        Returns:
            The place of the new node.
        """
        number = self._number_of.setdefault(self.layer.name, len(self._number_of) + 1)
        self._given.append(Given("mask", f"{self.layer.name}/mask", rf"m^{{({number})}}", shape))
        given = {"mask": len(self._given) - 1}
        return self._append(Node(self.layer.name, number, operation, inputs, given, rf"a^{{({number})}}"))

    def activated(self, activation: Any, place: int) -> int:
        """Adds a layer's activation function, unless it is linear.

        Args:
            activation: A function of `keras.activations`.
            place: Of the node that it is applied to.

        Returns:
            The place of the activation's node, or the same place.

        Raises:
            ModelError: If the function is not known.
        """
        name = getattr(activation, "__name__", str(activation))
        if name == "linear":
            return place
        if name == "softmax":
            return self.add(Softmax(), (place,))
        return self.add(Activation(self.curve_of(activation, others=("softmax",))), (place,))

    def curve_of(self, activation: Any, *, others: tuple[str, ...] = ()) -> str:
        """The name of an activation function that works on every number alone.

        Args:
            activation: A function of `keras.activations`.
            others: Which else may stand here, for the error.

        Returns:
            A name of `CURVES`.

        Raises:
            ModelError: If the function is not known.
        """
        name = getattr(activation, "__name__", str(activation))
        if name in CURVES and activation is keras.activations.get(name):
            return name
        raise ModelError(
            "explain-activation",
            what=text("Explaining the layer `{layer}`", layer=self.layer.name),
            expected=text("one of the activation functions {names}", names=listed([*CURVES, *others])),
            received=text("`{name}`", name=name),
            fix=text("Use one of these, or explain a model without this layer."),
        )

    def place_of(self, variable: Any) -> int:
        """Place, in `Graph.given`, of a weight of the model."""
        return self._place_of[id(variable)]

    def is_first_use(self) -> bool:
        """Whether the layer that is being read has no nodes yet: a layer may be called several times."""
        return self.layer.name not in self._number_of

    def unsupported(self, received: str, *, expected: str = "") -> NoReturn:
        """Refuses a setting of the layer that is being read.

        Args:
            received: The setting, as in the layer's code.
            expected: What is supported instead, as in code.

        Raises:
            ModelError: Always.
        """
        raise ModelError(
            "explain-setting",
            what=text("Explaining the layer `{layer}`", layer=self.layer.name),
            expected=text("`{code}`", code=expected) if expected else text("the layer's usual settings"),
            received=text("`{code}`", code=received),
            fix=text("Change the setting, or explain a model without this layer."),
        )

    def graph(self, output: int) -> Graph:
        """The finished network.

        Args:
            output: Place of the node whose value the network puts out.

        Returns:
            The graph.
        """
        return Graph(tuple(self._nodes), tuple(self._given), output, self.is_training, self._input_rank)

    def _append(self, node: Node) -> int:
        self._nodes.append(node)
        return len(self._nodes) - 1


def _as_text(name: str) -> str:
    return rf"\text{{{name}}}"
