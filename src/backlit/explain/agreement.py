"""Is the arithmetic right? The same gradients by two other roads: JAX's autodiff of Keras, and central differences.

    autodiff       `jax.grad` of the Keras model itself, in float64: Keras's layers and loss, none of ours
    differences    (C(w + h) − C(w − h)) / 2h for some entries of each weight, h = 1e-6

Where a nudge carries a number over a kink (a ReLU's zero), no difference quotient is right; such entries are counted
and left out.

Source:
    baydin-2018, section 2.1 (central differences and their error).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import jax
import keras
import numpy as np

from backlit.explain.backward_pass import Slopes
from backlit.explain.float64 import as_float64, in_float64
from backlit.explain.forward_pass import Trace, run_forward
from backlit.explain.graph import Graph
from backlit.explain.reading.losses import loss_name

STEP = 1e-6
# Where a gradient is 0 because its terms cancel (a bias in front of batch normalisation), both roads leave rounding
# errors of the terms: entries below ROUNDING of the network's largest gradient. They are compared with CANCELLED of it.
ROUNDING, CANCELLED = 1e-11, 1e-6
# A difference of two losses knows them to their last digits only: about 2e-16 C / h. Gradients below this share of the
# loss are compared with it.
VISIBLE = 1e-4
ENTRIES = 40  # of each weight, drawn anew for each call with the same seed
AUTODIFF_LIMIT, DIFFERENCES_LIMIT = 1e-8, 1e-5
# Compiling takes longer than computing, and a third less when XLA does not optimise.
QUICKLY = {"xla_backend_optimization_level": 0}


@dataclass(frozen=True)
class Agreement:
    """How far the gradients are from those of the two other roads.

    Attributes:
        autodiff: For each weight, the largest difference from `jax.grad`, as a share of the tensor's largest entry.
        loss_difference: Of the loss itself, as a share of it.
        differences: For each weight, the largest difference from a central difference, as a share of the same.
        n_entries: How many entries were nudged.
        n_kinks: How many of them crossed a kink and were left out.
    """

    autodiff: dict[str, float]
    loss_difference: float
    differences: dict[str, float]
    n_entries: int
    n_kinks: int

    @property
    def worst_autodiff(self) -> float:
        """The largest of all differences from `jax.grad`, the loss's included."""
        return max([self.loss_difference, *self.autodiff.values()])

    @property
    def worst_difference(self) -> float:
        """The largest of all differences from central differences."""
        return max(self.differences.values(), default=0.0)

    @property
    def holds(self) -> bool:
        """Whether both stay below their limits, 1e-8 and 1e-5."""
        return bool(self.worst_autodiff <= AUTODIFF_LIMIT and self.worst_difference <= DIFFERENCES_LIMIT)


def compare(
    model: keras.Model, graph: Graph, trace: Trace, slopes: Slopes, *, targets: Any, loss: Any = None, seed: int = 0
) -> Agreement:
    """Takes both other roads.

    Args:
        model: The Keras model that was read.
        graph: What was read, with the loss.
        trace: The forward pass.
        slopes: The backward pass.
        targets: As Keras takes them.
        loss: As `model.compile` takes it; None for the model's own.
        seed: Which entries are nudged.

    Returns:
        The differences.
    """
    value, by_weight = autodiff(model, graph, trace, targets=targets, loss=loss)
    found = {}
    largest = max(float(np.abs(slope).max(initial=0.0)) for slope in slopes.values if slope is not None)
    for place, theirs in by_weight.items():
        ours = slopes.given[place]
        ours = np.zeros_like(theirs) if ours is None else ours
        found[graph.given[place].path] = _relative(ours, theirs, largest=largest)
    ours_loss = float(trace.values[-1])
    near, n_entries, n_kinks = _differences(graph, trace, slopes, seed=seed)
    return Agreement(found, abs(ours_loss - value) / max(abs(value), 1e-12), near, n_entries, n_kinks)


def autodiff(
    model: keras.Model, graph: Graph, trace: Trace, *, targets: Any, loss: Any = None
) -> tuple[float, dict[int, np.ndarray]]:
    """Loss and gradients as JAX derives them from the Keras model, in float64.

    Args:
        model: The Keras model.
        graph: What was read of it.
        trace: A forward pass, for inputs, weights and masks.
        targets: As Keras takes them.
        loss: As `model.compile` takes it; None for the model's own.

    Returns:
        The loss, and the gradient for the place of each weight that learns.
    """
    weights = [np.asarray(trace.given[i]) for i in range(len(model.weights))]
    loss_of = _keras_loss(model, loss)
    with in_float64():
        copy = as_float64(model, weights, masks=masks_by_layer(graph, trace))
        places = {id(variable): i for i, variable in enumerate(copy.weights)}
        learned = [places[id(variable)] for variable in copy.trainable_variables]
        fixed = [jax.numpy.asarray(variable.value) for variable in copy.non_trainable_variables]
        inputs, wanted = jax.numpy.asarray(trace.inputs), _as_targets(targets)

        def value(trainable: Sequence[jax.Array]) -> jax.Array:
            called: Any = copy.stateless_call(trainable, fixed, inputs, training=graph.is_training)
            return loss_of(wanted, called[0])

        trainable = [jax.numpy.asarray(variable.value) for variable in copy.trainable_variables]
        found, gradients = jax.jit(jax.value_and_grad(value), compiler_options=QUICKLY)(trainable)
        return float(found), {i: np.asarray(one) for i, one in zip(learned, gradients, strict=True)}


def masks_by_layer(graph: Graph, trace: Trace) -> dict[str, np.ndarray]:
    """The masks of dropout of a pass, by the name of their layer."""
    return {node.layer: trace.given[node.given["mask"]] for node in graph.nodes if "mask" in node.given}


def _keras_loss(model: keras.Model, loss: Any) -> Any:
    """Keras's own loss of a batch, in the precision of the predictions."""
    given = loss if loss is not None else model.loss
    known = keras.losses.get(given)
    per_row: Any = known.call if isinstance(known, keras.losses.Loss) else known
    is_sparse = loss_name(model, loss).startswith("sparse_")

    def value(targets: jax.Array, outputs: jax.Array) -> jax.Array:
        wanted = targets if is_sparse else targets.reshape(outputs.shape).astype(outputs.dtype)
        return jax.numpy.mean(per_row(wanted, outputs))

    return value


def _as_targets(targets: Any) -> jax.Array:
    return jax.numpy.asarray(np.asarray(targets))


def _relative(ours: np.ndarray, theirs: np.ndarray, *, largest: float) -> float:
    """Largest difference, as a share of the largest entry; see `ROUNDING` where all entries are 0 but for rounding."""
    own = float(np.abs(theirs).max(initial=0.0))
    scale = own if own > ROUNDING * largest else CANCELLED * largest
    return float(np.abs(ours - theirs).max(initial=0.0)) / max(scale, 1e-300)


def _differences(graph: Graph, trace: Trace, slopes: Slopes, *, seed: int) -> tuple[dict[str, float], int, int]:
    rng = np.random.default_rng(seed)
    worst: dict[str, float] = {}
    n_entries = n_kinks = 0
    for place in graph.places("trainable"):
        slope = slopes.given[place]
        if slope is None:
            continue
        scale = max(float(np.abs(slope).max(initial=0.0)), VISIBLE * abs(float(trace.values[-1])), 1e-12)
        worst[graph.given[place].path] = 0.0
        for flat in rng.permutation(slope.size)[:ENTRIES]:
            at = np.unravel_index(flat, slope.shape)
            above, below = (_nudged(graph, trace, place, at, shift) for shift in (STEP, -STEP))
            n_entries += 1
            if _pieces(graph, above) != _pieces(graph, below):
                n_kinks += 1
                continue
            quotient = float(above.values[-1] - below.values[-1]) / (2 * STEP)
            path = graph.given[place].path
            worst[path] = max(worst[path], abs(quotient - float(slope[at])) / scale)
    return worst, n_entries, n_kinks


def _nudged(graph: Graph, trace: Trace, place: int, at: tuple[Any, ...], shift: float) -> Trace:
    given = list(trace.given)
    given[place] = np.array(given[place])
    given[place][at] += shift
    return run_forward(graph, given, trace.inputs)


def _pieces(graph: Graph, trace: Trace) -> list[bytes]:
    """On which smooth piece of its operation each number of a pass lies."""
    found = []
    for place, node in enumerate(graph.nodes):
        pieces = node.operation.pieces(*trace.inputs_of(graph, place), **trace.given_of(graph, place))
        if pieces is not None:
            found.append(np.asarray(pieces).tobytes())
    return found
