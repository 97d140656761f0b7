"""What each convolution of a network is asked: what excites its filters, and what is left when a picture is shuffled.

    found = ask(model, "conv_4", pictures, shuffled, climb=Climb(rate=0.1, steps=128, is_braked=True), seed=0)
    found.reached / found.best      how far beyond the pictures the ascent has come
    found.left                      1: the pieces of a picture are as good as the whole; 0: as good as any picture

`left` compares the pictures that excite a filter most with the same pictures in pieces, both less what the filter gives
to pictures in general: (pieces − general) / (whole − general).

Not for the ascent itself: see `backlit.explain.filters`.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

N_STRONGEST = 5  # pictures of each filter that are looked at in pieces
FREE = {"decay": 0, "variation": 0, "jitter": 0}  # an ascent without brakes


@dataclass(frozen=True)
class Climb:
    """How the ascent goes.

    Attributes:
        rate: Length of the first step, as a share of the pictures' range.
        steps: How many.
        is_braked: Whether what no picture has is held down.
    """

    rate: float
    steps: int
    is_braked: bool


@dataclass(frozen=True)
class Asked:
    """What the filters of one convolution have answered.

    Attributes:
        images: The input that excites each filter most, (filter, row, column, channel).
        reached: How much it does.
        best: How much the best picture does.
        top: Numbers of the pictures that excite each filter most, (filter, place).
        left: Of what the top pictures have over all pictures, the share that is left in pieces, for each filter.
    """

    images: np.ndarray
    reached: np.ndarray
    best: np.ndarray
    top: np.ndarray
    left: np.ndarray


def ask(model: Any, layer: str, pictures: np.ndarray, shuffled: np.ndarray, *, climb: Climb, seed: int) -> Asked:
    """Asks the filters of one convolution.

    Args:
        model: A Keras model.
        layer: Name of the convolution.
        pictures: What it has never seen, (row, down, across, channel).
        shuffled: The same pictures in pieces.
        climb: How the ascent goes.
        seed: Of its noise.

    Returns:
        What they answer.
    """
    import backlit as bl

    brakes = {} if climb.is_braked else FREE
    found = bl.explain.filters(
        model, layer, data=pictures, rate=climb.rate, steps=climb.steps, seed=seed, top=N_STRONGEST, **brakes
    )
    top = found.top()
    return Asked(
        images=found.excited.images,
        reached=found.excited.reached.astype(float),
        best=top.activations[:, 0].astype(float),
        top=top.rows,
        left=left_of(found, shuffled),
    )


def left_of(found: Any, shuffled: np.ndarray) -> np.ndarray:
    """What shuffling leaves of the strongest answers.

    Args:
        found: The filters, with their pictures.
        shuffled: The same pictures in pieces.

    Returns:
        One share for each filter.
    """
    whole, pieces = (np.asarray(each, float) for each in (found.peaks(), found.peaks(shuffled)))
    strongest = np.argsort(-whole, axis=0, kind="stable")[:N_STRONGEST]
    general = whole.mean(0)
    excess = [np.take_along_axis(each, strongest, axis=0).mean(0) - general for each in (whole, pieces)]
    return excess[1] / excess[0]


def in_pieces(pictures: np.ndarray, *, tiles: int, seed: int) -> np.ndarray:
    """Cuts each picture into square tiles and puts them together in an order of its own.

    Args:
        pictures: (row, down, across, channel).
        tiles: Along each side; 1 leaves a picture whole.
        seed: Of the orders.

    Returns:
        Pictures of the same size, made of the same pixels.

    Example:
        >>> picture = np.arange(4.0).reshape(1, 2, 2, 1)
        >>> sorted(in_pieces(picture, tiles=2, seed=0).ravel().tolist())
        [0.0, 1.0, 2.0, 3.0]
    """
    n, side, channels = len(pictures), pictures.shape[1], pictures.shape[-1]
    size = side // tiles
    cut = pictures.reshape(n, tiles, size, tiles, size, channels).transpose(0, 1, 3, 2, 4, 5)
    flat = cut.reshape(n, tiles**2, size, size, channels)
    orders = np.random.default_rng([20, seed]).permuted(np.tile(np.arange(tiles**2), (n, 1)), axis=1)
    mixed = np.take_along_axis(flat, orders[:, :, None, None, None], axis=1)
    return mixed.reshape(n, tiles, tiles, size, size, channels).transpose(0, 1, 3, 2, 4, 5).reshape(pictures.shape)


def receptive_sides(layers: Any) -> tuple[int, ...]:
    """How many pixels of the input a number of each convolution's map can see, along one side.

    Every window widens what is seen by its side less one, counted in steps of its own input; a stride makes every later
    step longer.

    Args:
        layers: Those of a Keras Sequential, from the first.

    Returns:
        Pixels, for each convolution.

    Source:
        dumoulin-visin-2016, section 2 (windows and strides).
    """
    import keras

    seen, step, sides = 1, 1, []
    for layer in layers:
        if isinstance(layer, keras.layers.Conv2D):
            seen += (layer.kernel_size[0] - 1) * step
            step *= layer.strides[0]
            sides.append(seen)
        elif isinstance(layer, keras.layers.MaxPooling2D):
            seen += (layer.pool_size[0] - 1) * step
            step *= layer.strides[0]
    return tuple(sides)


def roughness(images: np.ndarray) -> float:
    """Mean difference between neighbouring pixels.

    Args:
        images: (row, down, across, channel).

    Returns:
        At least 0, in the unit of the pixels.
    """
    return float(np.mean([np.abs(np.diff(images, axis=axis)).mean() for axis in (1, 2)]))
