"""Training in plain NumPy and float64, out of the rules of this package alone: forward, back, a step, again.

    fitted = bl.reference.fit(model, data, epochs=5, optimizer="sgd", learning_rate=0.1)
    fitted.losses           the loss of every step
    fitted.epoch_losses     their mean over each epoch
    fitted.model            a Keras model with these weights

This is the whole of training, in a loop that can be read to its end; the compiled engine (`backlit.fit`) must come to
the same numbers, and a test holds it to 1e-9 over 50 steps. Rows come in the engine's order. What dropout draws is not
the engine's, which draws with JAX; all else is.

Not for training in earnest: it is slow, one network at a time, and knows SGD, momentum and Adam.

Source:
    rumelhart-1986, section "Learning by back-propagating errors"; bottou-2018, algorithm 4.1 (stochastic gradient).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import keras
import numpy as np

from backlit.data import Dataset, load
from backlit.engine import epoch_order
from backlit.errors import DataError, SettingError
from backlit.explain.backward_pass import run_backward
from backlit.explain.explanation import given_arrays, read_inputs
from backlit.explain.forward_pass import Trace, run_forward
from backlit.explain.graph import Graph
from backlit.explain.ops.batch_normalisation import BatchNormalisation
from backlit.explain.ops.dropout import Dropout
from backlit.explain.optimisers import Optimiser
from backlit.explain.reading import read_model, with_loss
from backlit.explain.reading.losses import loss_name, targets_for
from backlit.explain.reading.optimisers import read_optimizer
from backlit.language import text


@dataclass(frozen=True, eq=False)
class Fitted:
    """A network after training.

    Attributes:
        losses: The loss of every step, before the step.
        epoch_losses: Their mean over each epoch, each batch counted by its rows.
        weights: In Keras's order, as `model.get_weights` gives them, in float64.
        optimiser: The rule that moved them.
        given: The model that training began with; it is not changed.
    """

    losses: np.ndarray
    epoch_losses: np.ndarray
    weights: tuple[np.ndarray, ...]
    optimiser: Optimiser
    given: keras.Model

    @cached_property
    def model(self) -> keras.Model:
        """A copy of the model with these weights, in the model's own precision."""
        copy = keras.models.clone_model(self.given)
        if not copy.built:
            copy.build(self.given.input_shape)
        copy.set_weights(list(self.weights))
        if self.given.compiled:
            copy.compile_from_config(self.given.get_compile_config())
        return copy

    def __repr__(self) -> str:
        return f"<Fitted: {self.given.name}, {len(self.losses)} steps>"


def fit(
    model: keras.Model,
    data: Any,
    *,
    epochs: Any,
    batch_size: Any = 32,
    optimizer: Any = "sgd",
    learning_rate: Any = None,
    momentum: Any = None,
    loss: Any = None,
    shuffle: bool = True,
    data_seed: int = 0,
    seed: int = 0,
) -> Fitted:
    """Trains a network, step by step, in NumPy.

    Args:
        model: Built; Sequential or functional, with layers that can be explained. It is not changed.
        data: A Dataset, whose training rows are taken, or what `load` takes: a catalogue name, (inputs, targets).
        epochs: Passes over the training rows; at least 0.
        batch_size: Examples of one step; the last step of an epoch takes what is left.
        optimizer: `"sgd"`, `"adam"`, a Keras optimiser of these kinds, a rule of `explain.optimisers`, or None for the
            one that the model was compiled with.
        learning_rate: Instead of the optimiser's own; None keeps it.
        momentum: Of SGD, instead of the optimiser's own; None keeps it.
        loss: As `model.compile` takes it; None for the loss that the model was compiled with.
        shuffle: Whether each epoch has an order of its own, the engine's for this `data_seed`.
        data_seed: Of the orders.
        seed: Of the masks that dropout draws.

    Returns:
        Losses and weights.

    Raises:
        DataError: If the rows do not fit the model, or count differently.
        ModelError: If the model or the optimiser cannot be read.
        SettingError: If a number is out of its range.

    Example:
        >>> import backlit, keras
        >>> model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1, use_bias=False)])
        >>> model.set_weights([np.array([[1.0]])])
        >>> rows = np.array([[1.0]]), np.array([[3.0]])  # C = (w − 3)², so w − 3 shrinks by 1 − 2 × 0.25 each step
        >>> fitted = fit(model, rows, epochs=2, learning_rate=0.25, loss="mean_squared_error")
        >>> fitted.losses.tolist(), fitted.weights[0].tolist()
        ([4.0, 1.0], [[2.5]])
    """
    _require_whole(epochs=epochs, batch_size=batch_size, data_seed=data_seed, seed=seed)
    asked = optimizer if optimizer is not None else getattr(model, "optimizer", None)
    rule = read_optimizer(asked, learning_rate=learning_rate, momentum=momentum)
    graph = with_loss(read_model(model, training=True), model, loss)
    inputs, targets = _rows(model, data, loss)
    weights = [np.asarray(weight, np.float64) for weight in model.get_weights()]
    learned = graph.places("trainable")
    states = {place: rule.start(weights[place]) for place in learned}
    rng = np.random.default_rng(seed)
    losses: list[float] = []
    epoch_losses: list[float] = []
    for epoch in range(epochs):
        order = epoch_order(len(inputs), data_seed=data_seed, epoch=epoch, shuffle=shuffle)
        total = 0.0
        for start in range(0, len(order), batch_size):
            rows = order[start : start + batch_size]
            given = [*weights, *_draw_masks(graph, rng, len(rows)), targets[rows]]
            trace = run_forward(graph, given, inputs[rows])
            slopes = run_backward(graph, trace)
            for place in learned:
                gradient = slopes.given[place]
                gradient = np.zeros_like(weights[place]) if gradient is None else gradient
                step = len(losses) + 1
                new, states[place] = rule.update(weights[place], gradient, states[place], step=step)
                weights[place] = np.asarray(new)
            for place, average in _moved_averages(graph, trace).items():
                weights[place] = average
            losses.append(float(trace.values[-1]))
            total += losses[-1] * len(rows)
        epoch_losses.append(total / len(order))
    return Fitted(np.array(losses), np.array(epoch_losses), tuple(weights), rule, model)


def _rows(model: keras.Model, data: Any, loss: Any) -> tuple[np.ndarray, np.ndarray]:
    """The training rows, in float64, with targets in the form that the loss takes."""
    dataset = data if isinstance(data, Dataset) else load(data)
    if dataset.sample_weight is not None:
        raise DataError(
            "reference-weights",
            what=text("Training in NumPy"),
            expected=text("rows that count equally"),
            received=text("weights of the rows"),
            fix=text("Leave the weights out, or train with `backlit.fit`."),
        )
    inputs = read_inputs(model, dataset.train[0])
    plain = read_model(model)
    first = run_forward(plain, given_arrays(model, plain, inputs[:1]), inputs[:1]).values[plain.output]
    return inputs, targets_for(loss_name(model, loss), dataset.train[1], np.zeros((len(inputs), *first.shape[1:])))


def _draw_masks(graph: Graph, rng: np.random.Generator, n_rows: int) -> list[np.ndarray]:
    """A mask for each dropout of the network, drawn anew in every step."""
    operations = {node.given["mask"]: node.operation for node in graph.nodes if "mask" in node.given}
    masks = []
    for place in graph.places("mask"):
        operation, shape = operations[place], graph.given[place].shape
        assert isinstance(operation, Dropout), "bug in backlit: a mask that nobody draws"
        assert shape is not None, "bug in backlit: a mask without a shape"
        masks.append(operation.draw_mask(rng, tuple(n_rows if size is None else size for size in shape)))
    return masks


def _moved_averages(graph: Graph, trace: Trace) -> dict[int, np.ndarray]:
    """The moving averages of batch normalisation after a step, by their place."""
    moved: dict[int, np.ndarray] = {}
    for place, node in enumerate(graph.nodes):
        if isinstance(node.operation, BatchNormalisation) and node.operation.moving is not None:
            mean, variance = node.operation.moving
            old: Sequence[np.ndarray] = [moved.get(i, trace.given[i]) for i in (mean, variance)]
            [x] = trace.inputs_of(graph, place)
            moved[mean], moved[variance] = node.operation.moved(x, mean=old[0], variance=old[1])
    return moved


def _require_whole(**counts: Any) -> None:
    for name, value in counts.items():
        least = 1 if name == "batch_size" else 0
        if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < least:
            raise SettingError(
                "reference-count",
                what=text("Reading `{name}`", name=name),
                expected=text("a whole number of at least {least}", least=least),
                received=text("`{value}`", value=repr(value)),
                fix=text("Write for example `{name}={example}`.", name=name, example=max(least, 1)),
            )
