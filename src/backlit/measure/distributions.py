"""How the outputs of each layer are distributed, over training, on one scale of values.

The probe's bins follow the layer: sixteen from mean − 4 spreads to mean + 4 spreads of that look. Here they are dealt
out again over bins that stay, so that a layer whose outputs grow is seen to grow. Inside a bin of the probe the values
are taken as evenly spread, so the shares still add up to 1.

    probe   mean 0, spread 1:  … 0.5 in [−0.5, 0), 0.5 in [0, 0.5) …
    here    bins of width 1:   0.5 in [−1, 0), 0.5 in [0, 1)

Not for numbers that sum a layer up: see `by_layer.py`.

Source:
    glorot-bengio-2010, figures 2 to 4 (activations by layer over training).
"""

from dataclasses import dataclass

import numpy as np
import polars as pl
from jaxtyping import Float

from backlit.engine.probes.activation_histogram import REACH
from backlit.measure.by_layer import evenly
from backlit.measure.shown import Shown, shown_probes
from backlit.measure.subject import AbstractSubject

MOST_LAYERS = 6
N_BINS = 32
EDGE_SHARE = (
    0.002  # of the values, at either end, that may lie beyond the bins; ours: a few far ones press the rest flat
)


@dataclass(frozen=True, eq=False)
class LayerDistribution:
    """The outputs of one layer over training.

    Attributes:
        layer: Its name.
        epochs: Of the looks.
        centres: Of the bins, in the unit of the output.
        shares: Of the outputs in each bin, from 0 to 1.
    """

    layer: str
    epochs: Float[np.ndarray, " look"]
    centres: Float[np.ndarray, " bin"]
    shares: Float[np.ndarray, "look bin"]


@dataclass(frozen=True, eq=False)
class Distributions:
    """The outputs of the layers.

    Attributes:
        layers: At most six, from the input to the output.
        n_layers: How many there are in all.
        shown: Whose.
    """

    layers: tuple[LayerDistribution, ...]
    n_layers: int
    shown: Shown


def activation_distributions(subject: AbstractSubject) -> Distributions | None:
    """Reads the histograms of the probes.

    Args:
        subject: A run.

    Returns:
        The distributions; None where the probes of means, spreads and histograms did not all look twice.
    """
    found = shown_probes(subject)
    if found is None:
        return None
    shown, frame = found
    wide = {
        name: frame.filter(pl.col("probe") == f"activation_{name}").sort("step", "bin", maintain_order=True)
        for name in ("histogram", "mean", "spread")
    }
    names = wide["histogram"]["layer"].unique(maintain_order=True).to_list()
    order = frame["layer"].unique(maintain_order=True).to_list()
    names = sorted(names, key=order.index)
    if not names or any(one.is_empty() for one in wide.values()) or wide["mean"]["step"].n_unique() < 2:
        return None
    chosen = [names[i] for i in evenly(len(names), MOST_LAYERS)]
    layers = [_layer(name, {key: one.filter(pl.col("layer") == name) for key, one in wide.items()}) for name in chosen]
    found = tuple(one for one in layers if one is not None)
    return Distributions(found, len(names), shown) if found else None


def _layer(name: str, frames: dict[str, pl.DataFrame]) -> LayerDistribution | None:
    means, spreads = frames["mean"]["value"].to_numpy(), frames["spread"]["value"].to_numpy()
    shares = frames["histogram"]["value"].to_numpy().reshape(len(means), -1)
    # A layer whose outputs are all alike has no histogram; one that diverged has no mean.
    good = np.isfinite(means) & np.isfinite(spreads) & (spreads > 0) & np.isfinite(shares).all(1)
    if good.sum() < 2:
        return None
    epochs, means, spreads, shares = (one[good] for one in (frames["mean"]["epoch"].to_numpy(), means, spreads, shares))
    edges = means[:, None] + spreads[:, None] * np.linspace(-REACH, REACH, shares.shape[1] + 1)
    low, high = _ends(edges, shares)
    bins = np.linspace(low, high, N_BINS + 1)
    return LayerDistribution(name, epochs, (bins[:-1] + bins[1:]) / 2, rebinned(edges, shares, bins))


def rebinned(
    edges: Float[np.ndarray, "look edge"], shares: Float[np.ndarray, "look old"], bins: Float[np.ndarray, " new_edge"]
) -> Float[np.ndarray, "look new"]:
    """Deals shares in some bins out over others; what lies beyond the new ones counts in the outermost.

    Args:
        edges: Of the old bins, rising, one more than there are bins.
        shares: In the old bins, adding up to 1.
        bins: Edges of the new ones, rising.

    Returns:
        Shares in the new bins, adding up to 1.

    Example:
        >>> old = np.array([[0.0, 1.0, 2.0]]), np.array([[0.4, 0.6]])
        >>> rebinned(*old, np.array([0.0, 0.5, 2.0])).round(6).tolist()     # 0.4 / 2, and the rest
        [[0.2, 0.8]]
    """
    below = np.concatenate([np.zeros((len(shares), 1)), shares.cumsum(1)], 1)
    at = np.stack([np.interp(bins, *pair, left=0.0, right=1.0) for pair in zip(edges, below, strict=True)])
    at[:, 0], at[:, -1] = 0.0, 1.0
    return np.diff(at, axis=1)


def _ends(edges: np.ndarray, shares: np.ndarray) -> tuple[float, float]:
    """Where the bins begin and end: all but a few values of every look lie between."""
    below = np.concatenate([np.zeros((len(shares), 1)), shares.cumsum(1)], 1)
    first = np.argmax(below > EDGE_SHARE, axis=1) - 1
    last = np.argmax(below >= 1 - EDGE_SHARE, axis=1)
    rows = np.arange(len(shares))
    return float(edges[rows, first].min()), float(edges[rows, last].max())
