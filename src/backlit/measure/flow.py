"""The gradient of each layer's weights in order of depth, at the first, a middle and the last look.

    layer       dense_1   dense_2   dense_3   dense_4
    gradient    1e-7      1e-5      1e-3      0.1          vanishing: smaller from layer to layer towards the input

Not for each layer over training: see `by_layer.py`.

Source:
    glorot-bengio-2010, section 4.2.2 (gradients of the weights, layer by layer).
"""

from dataclasses import dataclass

import numpy as np
import polars as pl
from jaxtyping import Float

from backlit.measure.by_layer import of_layers
from backlit.measure.shown import Shown, shown_probes
from backlit.measure.subject import AbstractSubject


@dataclass(frozen=True, eq=False)
class GradientFlow:
    """Lengths of gradients by layer.

    Attributes:
        layers: Names, from the input to the output.
        steps: Steps done before each look.
        epochs: The same in epochs.
        norms: Length of the gradient by all weights of the layer.
        shown: Whose.
    """

    layers: tuple[str, ...]
    steps: tuple[int, ...]
    epochs: tuple[float, ...]
    norms: Float[np.ndarray, "look layer"]
    shown: Shown


def gradient_flow(subject: AbstractSubject) -> GradientFlow | None:
    """The gradients at the first, the middle and the last look.

    Args:
        subject: A run.

    Returns:
        Three looks, or fewer where fewer were taken; None where gradients of fewer than two layers were measured.
    """
    found = shown_probes(subject)
    if found is None:
        return None
    shown, frame = found
    frame = of_layers(frame.filter((pl.col("probe") == "gradient_norm") & pl.col("layer").is_not_null()))
    layers = frame["layer"].unique(maintain_order=True).to_list()
    if len(layers) < 2:
        return None
    looks = frame.select("step", "epoch").unique().sort("step")
    steps, epochs = looks["step"].to_numpy(), looks["epoch"].to_numpy()
    middle = int(np.abs(epochs - epochs[-1] / 2).argmin())
    chosen = sorted({0, middle, len(steps) - 1})
    value = {(layer, step): norm for layer, step, norm in frame.select("layer", "step", "value").iter_rows()}
    norms = np.array([[value.get((layer, steps[i]), np.nan) for layer in layers] for i in chosen])
    return GradientFlow(
        tuple(layers), tuple(int(steps[i]) for i in chosen), tuple(float(epochs[i]) for i in chosen), norms, shown
    )
