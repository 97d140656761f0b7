"""What the probes measured, as one line a layer over training: outputs, weights, gradients, steps.

    layer_lines(run, "dead_units")       a number of each layer's outputs
    weight_lines(run, "weight_norm")     of each layer's weights together: √(‖kernel‖² + ‖bias‖²)
    kernel_lines(run, "update_ratio")    of each weight by itself, biases left out

Layers stand in the order of the model. Of more than eight, eight are shown that are evenly spread over the depth, the
first and the last among them.

Not for looks across the layers at one time (see `flow.py`), nor for distributions (see `distributions.py`).
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
import polars as pl
from jaxtyping import Float

from backlit.measure.shown import Shown, shown_probes
from backlit.measure.subject import AbstractSubject

MOST_LINES = 8
"""Lines that a reader can tell apart: as many as there are colours."""
START_AT_ZERO = ("bias", "beta")
"""Weights that are 0 before the first step, so that a step relative to them says nothing for a long time."""


@dataclass(frozen=True, eq=False)
class LayerLine:
    """One layer over training.

    Attributes:
        layer: Its name, or that of a weight in it.
        epochs: Of the looks; 0 is before the first step.
        values: What was measured; NaN where it has no value.
        spread: Standard deviation around each value, or None.
    """

    layer: str
    epochs: Float[np.ndarray, " look"]
    values: Float[np.ndarray, " look"]
    spread: Float[np.ndarray, " look"] | None = None


@dataclass(frozen=True, eq=False)
class LayerLines:
    """All layers of one member over training.

    Attributes:
        lines: At most eight, from the input to the output.
        n_layers: How many there are in all.
        shown: Whose.
    """

    lines: tuple[LayerLine, ...]
    n_layers: int
    shown: Shown

    @property
    def values(self) -> Float[np.ndarray, " value"]:
        """All finite values."""
        values = np.concatenate([line.values for line in self.lines])
        return values[np.isfinite(values)]

    @property
    def span(self) -> float:
        """The largest value over the smallest above zero; 1 where there is none."""
        values = self.values[self.values > 0]
        return float(values.max() / values.min()) if len(values) else 1.0


def layer_lines(subject: AbstractSubject, probe: str) -> LayerLines | None:
    """A quantity of each layer's outputs.

    Args:
        subject: A run.
        probe: Such as `dead_units`.

    Returns:
        One line a layer; None where the probe saw fewer than two moments.
    """
    return _lines(subject, probe, lambda frame: frame)


def activation_lines(subject: AbstractSubject) -> LayerLines | None:
    """Mean and spread of each layer's outputs.

    Args:
        subject: A run.

    Returns:
        One line a layer with its spread; None where they were not measured.
    """
    means, spreads = layer_lines(subject, "activation_mean"), layer_lines(subject, "activation_spread")
    if means is None or spreads is None:
        return None
    spread_of = {line.layer: line.values for line in spreads.lines}
    lines = tuple(LayerLine(one.layer, one.epochs, one.values, spread_of[one.layer]) for one in means.lines)
    return LayerLines(lines, means.n_layers, means.shown)


def weight_lines(subject: AbstractSubject, probe: str) -> LayerLines | None:
    """The length of each layer's weights, or of their gradients, all weights of the layer together.

    Args:
        subject: A run.
        probe: `weight_norm` or `gradient_norm`.

    Returns:
        One line a layer; None where the probe saw fewer than two moments.
    """
    return _lines(subject, probe, of_layers)


def kernel_lines(subject: AbstractSubject, probe: str) -> LayerLines | None:
    """A quantity of each weight that does not start at 0; the weight is named where a layer has several of them.

    Args:
        subject: A run.
        probe: Such as `update_ratio`.

    Returns:
        One line a weight; None where the probe saw fewer than two moments.
    """
    return _lines(subject, probe, _of_kernels)


def of_layers(frame: pl.DataFrame) -> pl.DataFrame:
    """Lengths of the weights of each layer, put together to that of the layer.

    Args:
        frame: Rows of one probe.

    Returns:
        One row a layer and look.
    """
    lengths = (pl.col("value") ** 2).sum().sqrt()
    return frame.group_by("layer", "step", "epoch", maintain_order=True).agg(lengths)


def evenly(n: int, most: int) -> list[int]:
    """At most so many of n places, evenly spread, the first and the last among them.

    Args:
        n: How many there are.
        most: How many are wanted, at least 2.

    Returns:
        Rising numbers from 0.

    Example:
        >>> evenly(3, 8), evenly(9, 3)
        ([0, 1, 2], [0, 4, 8])
    """
    return np.unique(np.linspace(0, n - 1, min(n, most)).round().astype(int)).tolist()


def _lines(subject: AbstractSubject, probe: str, gathered: Callable[[pl.DataFrame], pl.DataFrame]) -> LayerLines | None:
    found = shown_probes(subject)
    if found is None:
        return None
    shown, frame = found
    frame = frame.filter((pl.col("probe") == probe) & pl.col("layer").is_not_null())
    if frame.is_empty() or frame["step"].n_unique() < 2:
        return None
    groups = list(gathered(frame).group_by("layer", maintain_order=True))
    lines = tuple(_line(*groups[i]) for i in evenly(len(groups), MOST_LINES))
    return LayerLines(lines, len(groups), shown)


def _line(key: Iterable[object], frame: pl.DataFrame) -> LayerLine:
    frame = frame.sort("step")
    [name] = key
    return LayerLine(str(name), frame["epoch"].to_numpy(), frame["value"].to_numpy())


def _of_kernels(frame: pl.DataFrame) -> pl.DataFrame:
    """Each weight under the name of its layer, and of its own where the layer has several."""
    last = pl.col("weight").str.split("/").list.last()
    frame = frame.filter(~last.is_in(START_AT_ZERO))
    is_alone = pl.col("weight").n_unique().over("layer") == 1
    name = pl.when(is_alone).then(pl.col("layer")).otherwise(pl.col("layer") + "/" + pl.col("weight"))
    return frame.with_columns(name.alias("layer"))
