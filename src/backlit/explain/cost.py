r"""What a gradient costs: backpropagation against one forward difference for each weight.

Counted are *multiply-adds*, one product added to a sum, from the shapes of the operations. A weight that is used at m
places takes m of them: in a dense layer m is the batch, in a convolution batch × windows, in a recurrent layer batch ×
steps. On the way back the same products come twice, once for the weights (input × gradient) and once for the inputs
(weight × gradient); the second is not needed where nothing before the layer learns. So

    backpropagation    1 forward + 1 backward pass  ≈  3 forward passes, whatever the number of weights
    differences        (C(w + h) − C) / h for each of n weights: n + 1 forward passes

    >>> import backlit, keras
    >>> model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(3, "tanh"), keras.layers.Dense(1)])
    >>> found = cost(model, [1.0, 2.0], [0.5], loss="mean_squared_error")
    >>> found.forward, found.backward, found.n_weights  # 2·3 + 3·1; 2·3 + 2·(3·1); 2·3 + 3 + 3·1 + 1
    (9, 12, 13)
    >>> found.differences, found.ratio  # (13 + 1)·9; over 9 + 12
    (126, 6.0)

Biases, activation functions, pooling, normalisation and losses are left out of the count: they grow with the outputs
and not with the weights. How many numbers they make stands beside it. Not for the speed of the compiled engine.

Source:
    baydin-2018, sections 2.1 and 3.2; rumelhart-1986.
"""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np

from backlit.explain.backward_pass import run_backward
from backlit.explain.columns import columns
from backlit.explain.explanation import loss_pass
from backlit.explain.forward_pass import Trace, run_forward
from backlit.explain.graph import Graph
from backlit.explain.multiply_adds import LayerCost, count_layers
from backlit.language import Language, language, text

REPEATS = 21  # of what is timed; medians count, because other programs get in between
MOST_PASSES = 200  # that are timed for differences; with more weights the rest is taken to last as long
STEP = 1e-6  # of a difference


@dataclass(frozen=True)
class Seconds:
    """What both roads took in NumPy, on this machine.

    Attributes:
        backprop_s: A forward and a backward pass, the median of some; these rules also hand back to the inputs.
        differences_s: A forward pass for each weight, and one more: their number times the median of one.
        n_timed: How many of those passes were run; fewer than all where the weights are many.
    """

    backprop_s: float
    differences_s: float
    n_timed: int

    @property
    def ratio(self) -> float:
        """How many times as long differences take."""
        return self.differences_s / self.backprop_s


@dataclass(frozen=True)
class Cost:
    """What the gradient by all weights takes on two roads.

    Attributes:
        name: Of the model.
        n_samples: In the batch that was counted.
        layers: In the order of computing; those that compute nothing are left out.
        seconds: Measured, where that was asked for.
    """

    name: str
    n_samples: int
    layers: tuple[LayerCost, ...]
    seconds: Seconds | None = None

    @property
    def n_weights(self) -> int:
        """How many numbers learn."""
        return sum(one.n_weights for one in self.layers)

    @property
    def forward(self) -> int:
        """Multiply-adds of one forward pass."""
        return sum(one.forward for one in self.layers)

    @property
    def backward(self) -> int:
        """Multiply-adds of one backward pass."""
        return sum(one.backward for one in self.layers)

    @property
    def backpropagation(self) -> int:
        """Multiply-adds of a forward and a backward pass."""
        return self.forward + self.backward

    @property
    def differences(self) -> int:
        """Multiply-adds of one forward difference for each weight: a pass for each, and one that all share."""
        return (self.n_weights + 1) * self.forward

    @property
    def elementwise(self) -> int:
        """Numbers that one forward pass makes without multiply-adds."""
        return sum(one.elementwise for one in self.layers)

    @property
    def ratio(self) -> float:
        """How many times as much differences take; NaN for a network without multiply-adds."""
        return self.differences / self.backpropagation if self.backpropagation else math.nan

    def say(self, spoken: Language) -> str:
        """A table by layer, both roads, and what was left out.

        Args:
            spoken: Language.

        Returns:
            Lines of plain text.
        """
        head = [
            text("layer"),
            text("learnable"),
            text("forward pass"),
            text("backward pass"),
            text("forward differences"),
        ]
        rows = [[words.say(spoken) for words in head]]
        passes = self.n_weights + 1
        for one in self.layers:
            numbers = (one.n_weights, one.forward, one.backward, passes * one.forward)
            rows.append([one.layer, *(f"{n:,}" for n in numbers)])
        totals = (self.n_weights, self.forward, self.backward, self.differences)
        rows.append([text("in all").say(spoken), *(f"{n:,}" for n in totals)])
        lines = [
            text("Multiply-adds for a batch of {n}", n=self.n_samples),
            text(
                "Backpropagation: one forward and one backward pass, {n:,} multiply-adds, {times:.2f} forward passes.",
                n=self.backpropagation,
                times=self.backpropagation / self.forward if self.forward else math.nan,
            ),
            text(
                "One forward difference for each weight: {passes:,} forward passes, {n:,} multiply-adds, "
                "{ratio:,.1f} times as many.",
                passes=passes,
                n=self.differences,
                ratio=self.ratio,
            ),
            text(
                "Not counted: biases, activation functions, pooling, normalisation, the loss; "
                "a forward pass makes {n:,} numbers that way.",
                n=self.elementwise,
            ),
        ]
        if self.seconds is not None:
            lines.append(self._measured(self.seconds))
        first, *others = (line.say(spoken) for line in lines)
        return "\n".join([first, *columns(rows, right=(1, 2, 3, 4)), "", *others])

    def __str__(self) -> str:
        return self.say(language())

    def _measured(self, seconds: Seconds) -> Any:
        values = {
            "backprop": seconds.backprop_s * 1e3,
            "differences": seconds.differences_s,
            "ratio": seconds.ratio,
            "n": seconds.n_timed,
        }
        if seconds.n_timed == self.n_weights + 1:
            return text(
                "Measured in NumPy: backpropagation {backprop:.3g} ms, differences {differences:.3g} s, "
                "{ratio:,.0f} times as long ({n:,} passes).",
                **values,
            )
        return text(
            "Measured in NumPy: backpropagation {backprop:.3g} ms, differences {differences:.3g} s, "
            "{ratio:,.0f} times as long ({n:,} passes timed, the others taken to last as long).",
            **values,
        )


def cost(model: keras.Model, x: Any, y: Any, *, loss: Any = None, timed: bool = False) -> Cost:
    """Counts what a gradient takes by backpropagation and by one forward difference for each weight.

    Args:
        model: Built; Sequential or functional, with layers that can be explained.
        x: One sample as the model takes it, without the batch axis, or a batch.
        y: Its target, or one for each sample of the batch, as `fit` takes them.
        loss: As `model.compile` takes it; None for the loss that the model was compiled with.
        timed: Whether both roads are run in NumPy and timed, too.

    Returns:
        The counts by layer.

    Raises:
        DataError: If sample or target do not fit the model.
        ModelError: If the model cannot be read; all layers that are not known are named.

    Example:
        >>> import backlit, keras
        >>> model = keras.Sequential([keras.Input((784,)), keras.layers.Dense(10)])
        >>> found = cost(model, [0.0] * 784, [0.0] * 10, loss="mean_squared_error")
        >>> found.forward, found.backward, round(found.ratio)
        (7840, 7840, 3926)

    Source:
        baydin-2018, section 3.2.
    """
    graph, trace, _ = loss_pass(model, x, y, loss=loss)
    return Cost(model.name, len(trace.inputs), count_layers(graph, trace), _timed(graph, trace) if timed else None)


def _timed(graph: Graph, trace: Trace) -> Seconds:
    def backprop() -> None:
        run_backward(graph, run_forward(graph, trace.given, trace.inputs))

    backprop()  # the first time is slower: NumPy's memory and the caches are cold
    both = [_seconds(backprop) for _ in range(REPEATS)]
    entries = [(place, i) for place in graph.places("trainable") for i in range(trace.given[place].size)]
    n_passes = min(len(entries) + 1, MOST_PASSES)
    given = [np.array(array) for array in trace.given]
    passes = [_seconds(lambda: run_forward(graph, given, trace.inputs))]
    for place, i in entries[: n_passes - 1]:
        before = given[place].flat[i]
        given[place].flat[i] = before + STEP
        passes.append(_seconds(lambda: run_forward(graph, given, trace.inputs)))
        given[place].flat[i] = before
    return Seconds(float(np.median(both)), float(np.median(passes)) * (len(entries) + 1), n_passes)


def _seconds(run: Callable[[], Any]) -> float:
    start = time.perf_counter()
    run()
    return time.perf_counter() - start
