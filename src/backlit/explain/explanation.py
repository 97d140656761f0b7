r"""Every number of one pass through a network, forward and back, and the proof that they are right.

    explanation = backprop(run.model, *data[0])
    print(explanation)                        # every step, in the chosen language
    explanation.gradients["sequential/dense/kernel"]    # ∂C/∂w, in float64
    explanation.agreement                     # against jax.grad and central differences

Not for training with these rules: see `reference.py`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np

from backlit.errors import DataError
from backlit.explain.agreement import Agreement, compare
from backlit.explain.backward_pass import Slopes, run_backward
from backlit.explain.forward_pass import Trace, run_forward
from backlit.explain.graph import Graph
from backlit.explain.ops.dropout import Dropout
from backlit.explain.reading import read_model, with_loss
from backlit.explain.reading.losses import loss_name, targets_for
from backlit.explain.steps import Step, backward_steps, forward_steps
from backlit.language import Language, language, text


@dataclass(frozen=True)
class Explanation:
    """The steps of a pass, in the order of computing.

    Attributes:
        name: Of the model.
        graph: The network as a list of operations.
        trace: Every value of the forward pass.
        slopes: Every gradient, or None for a forward pass alone.
        steps: Every array with its formula.
        agreement: How far the gradients are from those of the two other roads; None where they were not asked.
    """

    name: str
    graph: Graph
    trace: Trace
    slopes: Slopes | None
    steps: tuple[Step, ...]
    agreement: Agreement | None

    def __iter__(self) -> Iterator[Step]:
        return iter(self.steps)

    def __len__(self) -> int:
        return len(self.steps)

    def __getitem__(self, number: int) -> Step:
        """The step of a number, from 1 as it is shown."""
        if not 1 <= number <= len(self.steps):
            raise IndexError(f"expected a step from 1 to {len(self.steps)}, received {number}")
        return self.steps[number - 1]

    @property
    def output(self) -> np.ndarray:
        """What the network puts out, the batch first."""
        return self.trace.values[self.graph.output]

    @property
    def loss(self) -> float:
        """The loss; NaN for a forward pass alone."""
        return float("nan") if self.slopes is None else float(self.trace.values[-1])

    @property
    def gradients(self) -> Mapping[str, np.ndarray]:
        """∂C/∂weight by the weight's path, such as `sequential/dense/kernel`; empty for a forward pass alone."""
        if self.slopes is None:
            return {}
        return {
            self.graph.given[place].path: np.zeros_like(self.trace.given[place]) if slope is None else slope
            for place in self.graph.places("trainable")
            for slope in [self.slopes.given[place]]
        }

    def of_layer(self, layer: str) -> tuple[Step, ...]:
        """The steps of one layer.

        Args:
            layer: Its Keras name.

        Returns:
            Its steps; none if there is no such layer.
        """
        return tuple(step for step in self.steps if step.layer == layer)

    def say(self, spoken: Language, *, entries: int = 3) -> str:
        """The whole derivation as text.

        Args:
            spoken: Language.
            entries: How many entries of each array are shown with their arithmetic; the largest ones.

        Returns:
            Lines of plain text.
        """
        from backlit.explain.telling import tell

        return tell(self, spoken, entries=entries)

    def __str__(self) -> str:
        return self.say(language())


def forward(model: keras.Model, x: Any, *, training: bool = False, seed: int = 0) -> Explanation:
    """Every number of the forward pass of one sample, or of a batch.

    Args:
        model: Built; Sequential or functional, with layers that can be explained.
        x: One sample as the model takes it, without the batch axis, or a batch.
        training: Whether dropout drops and batch normalisation uses the batch's own statistics.
        seed: Of the masks that dropout draws.

    Returns:
        The steps, from the inputs to the output.

    Raises:
        DataError: If the sample does not fit the model.
        ModelError: If the model cannot be read; all layers that are not known are named.

    Example:
        >>> import backlit, keras
        >>> model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1, kernel_initializer="ones")])
        >>> float(forward(model, [2.0]).output[0, 0])
        2.0
    """
    graph = read_model(model, training=training)
    inputs = read_inputs(model, x)
    trace = run_forward(graph, given_arrays(model, graph, inputs, seed=seed), inputs)
    return Explanation(model.name, graph, trace, None, tuple(forward_steps(graph, trace)), None)


def backprop(
    model: keras.Model,
    x: Any,
    y: Any,
    *,
    loss: Any = None,
    training: bool = False,
    seed: int = 0,
    check: bool = True,
) -> Explanation:
    """Every number of the forward and the backward pass of one sample, or of a batch.

    Args:
        model: Built; Sequential or functional, with layers that can be explained.
        x: One sample as the model takes it, without the batch axis, or a batch.
        y: Its target, or one for each sample of the batch, as `fit` takes them.
        loss: As `model.compile` takes it; None for the loss that the model was compiled with.
        training: Whether dropout drops and batch normalisation uses the batch's own statistics.
        seed: Of the masks that dropout draws, and of the entries that are checked by differences.
        check: Whether to compare with `jax.grad` and central differences, which takes a second.

    Returns:
        The steps, from the inputs to the loss and back, and how well they agree.

    Raises:
        DataError: If sample or target do not fit the model.
        ModelError: If the model cannot be read; all layers that are not known are named.

    Example:
        >>> import backlit, keras
        >>> model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1, kernel_initializer="ones", name="d")])
        >>> found = backprop(model, [2.0], [5.0], loss="mean_squared_error")
        >>> float(found.loss), found.gradients[model.weights[0].path].tolist()  # (2 − 5)², 2 (2 − 5) 2
        (9.0, [[-12.0]])
        >>> found.agreement.holds
        True

    Source:
        rumelhart-1986, section "Learning by back-propagating errors".
    """
    graph, trace, targets = loss_pass(model, x, y, loss=loss, training=training, seed=seed)
    slopes = run_backward(graph, trace)
    agreement = compare(model, graph, trace, slopes, targets=targets, loss=loss, seed=seed) if check else None
    steps = tuple(backward_steps(graph, trace, slopes))
    return Explanation(model.name, graph, trace, slopes, steps, agreement)


def loss_pass(
    model: keras.Model, x: Any, y: Any, *, loss: Any = None, training: bool = False, seed: int = 0
) -> tuple[Graph, Trace, np.ndarray]:
    """The forward pass to the loss, without steps.

    Args:
        model: As for `backprop`.
        x: As for `backprop`.
        y: As for `backprop`.
        loss: As for `backprop`.
        training: As for `backprop`.
        seed: As for `backprop`.

    Returns:
        The network with its loss, the pass, and the targets as Keras takes them, the batch first.
    """
    graph = with_loss(read_model(model, training=training), model, loss)
    inputs = read_inputs(model, x)
    targets = np.asarray(y)
    if len(inputs) == 1 and (targets.ndim == 0 or targets.shape[0] != 1):
        targets = targets[None]
    given = given_arrays(model, graph, inputs, seed=seed)
    outputs = run_forward(graph, [*given, np.zeros(_batched(model.output_shape, len(inputs)))], inputs)
    wanted = targets_for(loss_name(model, loss), targets, outputs.values[graph.output])
    return graph, run_forward(graph, [*given, wanted], inputs), targets


def read_inputs(model: keras.Model, x: Any) -> np.ndarray:
    """A batch from one sample or several.

    Args:
        model: Whose inputs.
        x: One sample without the batch axis, or a batch.

    Returns:
        (batch, …), in float64.

    Raises:
        DataError: If the shape does not fit.
    """
    wanted = tuple(model.input_shape)
    found = np.asarray(x, np.float64)
    batch = found[None] if found.ndim == len(wanted) - 1 else found
    fits = batch.ndim == len(wanted) and all(
        size is None or size == given for size, given in zip(wanted[1:], batch.shape[1:], strict=True)
    )
    if not fits or batch.size == 0:
        raise DataError(
            "explain-sample",
            what=text("Reading the sample for `{name}`", name=model.name),
            expected=text("shape {shape}, or several of them", shape=wanted[1:]),
            received=text("shape {shape}", shape=found.shape),
            fix=text("Pass one row of the data, for example `data[0]`."),
        )
    return batch


def given_arrays(model: keras.Model, graph: Graph, inputs: np.ndarray, *, seed: int = 0) -> list[np.ndarray]:
    """The weights of a model in float64, and masks for its dropout.

    Args:
        model: Whose weights.
        graph: What was read of it.
        inputs: The batch, for the masks' shapes.
        seed: Of the masks.

    Returns:
        One array for each of `graph.given`, targets apart.
    """
    given = [np.asarray(weight, np.float64) for weight in model.get_weights()]
    rng = np.random.default_rng(seed)
    rates = {
        node.given["mask"]: node.operation
        for node in graph.nodes
        if "mask" in node.given and isinstance(node.operation, Dropout)
    }
    for place in graph.places("mask"):
        shape = graph.given[place].shape
        assert shape is not None, "bug in backlit: a mask without a shape"
        given.append(rates[place].draw_mask(rng, _batched(shape, len(inputs))))
    return given


def _batched(shape: tuple[int | None, ...], n: int) -> tuple[int, ...]:
    return tuple(n if size is None else size for size in shape)
