"""Which rows of a data set excite each filter most, and where.

    a filter's peak for a row = the largest activation on its map

The rows are read in batches; of each only the best so far are kept, so that a data set of any length fits.

Not for inputs that no data set has: see `excitation.py`.

Source:
    zeiler-fergus-2014, section 4 (the rows with the largest activations of each feature map).
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import jax.numpy as jnp
import keras
import numpy as np
from jaxtyping import Float, Int

from backlit.explain.convolutions import find_convolution
from backlit.explain.watched import Weights, kept_program, watch

BATCH = 256


@dataclass(frozen=True, eq=False)
class Top:
    """The rows that excite each filter most, the strongest first; of equal ones the first in the data.

    Attributes:
        rows: Their numbers in the data.
        activations: The largest activation on the filter's map for that row.
        positions: Where on the map it is; the first of equal ones, row by row.
        map_shape: Of the map: a position over it is a place in the picture, as a share of its size.
    """

    rows: Int[np.ndarray, "filter place"]
    activations: Float[np.ndarray, "filter place"]
    positions: Int[np.ndarray, "filter place axis"]
    map_shape: tuple[int, ...]


def find_top(model: keras.Model, layer: str, weights: Weights, rows: np.ndarray, *, n: int) -> Top:
    """The rows that excite each filter of a layer most.

    Args:
        model: Built, with one input.
        layer: Name of the convolution layer.
        weights: The model's.
        rows: As the model takes them.
        n: How many for each filter; at most as many as there are rows.

    Returns:
        Rows, activations and positions.
    """
    best: tuple[np.ndarray, ...] | None = None
    map_shape: tuple[int, ...] = ()
    for start, (peaks, places, shape) in _batches(model, layer, weights, rows):
        map_shape = shape
        numbers = np.broadcast_to(np.arange(start, start + len(peaks))[:, None], peaks.shape)
        found = (peaks, numbers, places)
        joined = found if best is None else [np.concatenate(pair) for pair in zip(best, found, strict=True)]
        order = np.argsort(-joined[0], axis=0, kind="stable")[:n]  # stable: of equal rows, the earlier
        best = tuple(np.take_along_axis(each, order, axis=0) for each in joined)
    assert best is not None, "bug in backlit: no rows"
    activations, numbers, places = (each.T for each in best)
    return Top(numbers, activations, np.stack(np.unravel_index(places, map_shape), axis=-1), map_shape)


def find_peaks(
    model: keras.Model, layer: str, weights: Weights, rows: np.ndarray
) -> Float[np.ndarray, "sample filter"]:
    """The largest activation on each filter's map, for each row.

    Args:
        model: Built, with one input.
        layer: Name of the convolution layer.
        weights: The model's.
        rows: As the model takes them.

    Returns:
        One for each row and filter.
    """
    return np.concatenate([peaks for _, (peaks, _, _) in _batches(model, layer, weights, rows)])


def feature_maps(
    model: keras.Model, layer: str, weights: Weights, rows: np.ndarray
) -> Float[np.ndarray, "sample *space filter"]:
    """What a layer puts out.

    Args:
        model: Built, with one input.
        layer: Name of the convolution layer.
        weights: The model's.
        rows: As the model takes them.

    Returns:
        The maps, the filters last.
    """
    return np.asarray(kept_program(model, ("maps", layer), lambda model_now: _maps(model_now, layer))(weights, rows))


def _batches(
    model: keras.Model, layer: str, weights: Weights, rows: np.ndarray
) -> Iterator[tuple[int, tuple[np.ndarray, np.ndarray, tuple[int, ...]]]]:
    """Batch by batch: its first row; peaks, their flat places on the map, and the map's shape."""
    run = kept_program(model, ("peaks", layer), lambda model_now: _peaks(model_now, layer))
    size = min(BATCH, len(rows))
    for start in range(0, len(rows), size):
        batch = rows[start : start + size]
        n = len(batch)
        if n < size:  # one shape, so one compilation
            batch = np.concatenate([batch, np.repeat(batch[-1:], size - n, axis=0)])
        peaks, places, ones = run(weights, batch)
        yield start, (np.asarray(peaks)[:n], np.asarray(places)[:n], ones.shape)


def _maps(model_now: Callable[[], keras.Model], name: str) -> Callable[..., Any]:
    def maps(weights: Any, rows: Any) -> Any:
        model = model_now()
        layer = find_convolution(model, name)
        outputs = watch(model, weights, rows, [layer]).calls[0].outputs
        outputs = jnp.moveaxis(outputs, 1, -1) if layer.data_format == "channels_first" else outputs
        return outputs.astype(jnp.promote_types(outputs.dtype, jnp.float32))

    return maps


def _peaks(model_now: Callable[[], keras.Model], name: str) -> Callable[..., Any]:
    def peaks(weights: Any, rows: Any) -> Any:
        outputs = _maps(model_now, name)(weights, rows)
        flat = outputs.reshape(len(rows), -1, outputs.shape[-1])
        return flat.max(1), flat.argmax(1), jnp.ones(outputs.shape[1:-1], jnp.bool)

    return peaks
