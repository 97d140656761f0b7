"""What filters are asked about: drawn images with known shape, texture and colour, and drawn edges with known angle.

    rows = drawn_rows(480, seed=1)            images of `shapes`, with the properties of each
    edges = drawn_edges(480, seed=1)          half planes in the same colours: a straight edge in one of four angles
    before = untrained_like(model, seed=1)    the same network with random filters

Not for the shares themselves: see `backlit.measure.selectivity`.

Source:
    glorot-bengio-2010, equation 16 (the random filters).
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

N_ANGLES = 4
ROUND = ("circle", "ring")
SIZE = 32


@dataclass(frozen=True)
class Rows:
    """Images and what is known of each.

    Attributes:
        images: (row, down, across, channel), from 0 to 1.
        properties: Name to one value for each row.
    """

    images: np.ndarray
    properties: dict[str, np.ndarray]


def drawn_rows(n: int, *, seed: int) -> Rows:
    """Images of `shapes` with their curve (round or angular outline), shape, texture and colour.

    Args:
        n: How many.
        seed: Of the draw.

    Returns:
        Images and properties.
    """
    import backlit as bl

    drawn = {name: bl.load("shapes", n=n, target=name, seed=seed) for name in ("shape", "texture", "colour")}
    values = {name: np.asarray(data.class_names)[data.class_ids] for name, data in drawn.items()}
    return Rows(drawn["shape"].inputs, {"curve": np.isin(values["shape"], ROUND), **values})


def drawn_edges(n: int, *, seed: int) -> Rows:
    """Half planes of colour on a light ground: everything is free but the angle of the edge, which is one of four.

    Args:
        n: How many.
        seed: Of the draw.

    Returns:
        Images, and the angle of each edge as a number from 0 to 3; the coloured side may be either.
    """
    from backlit.data.shapes import COLOURS

    random = np.random.default_rng([seed, 1])
    angle = random.permutation(np.arange(n) % N_ANGLES)
    turned = np.pi * (angle / N_ANGLES + random.integers(0, 2, n))
    colours = np.array(list(COLOURS.values()))[random.permutation(np.arange(n) % len(COLOURS))]
    ground = random.uniform(0.80, 0.95, (n, 1))
    axis = (np.arange(SIZE) + 0.5) / SIZE * 2 - 1
    across, down = np.cos(turned)[:, None, None] * axis, np.sin(turned)[:, None, None] * axis[:, None]
    beyond = (across + down - random.uniform(-0.15, 0.15, n)[:, None, None]) * SIZE / 2  # pixels from the edge
    ink = (0.5 - beyond).clip(0, 1)[..., None]
    images = ground[:, None, None] + ink * (colours - ground)[:, None, None]
    images += 0.03 * random.standard_normal(images.shape)
    return Rows(images.clip(0, 1).astype(np.float32), {"edge": angle})


def untrained_like(model: Any, *, seed: int) -> Any:
    """A network of the same layers whose kernels are drawn anew, as Keras would have drawn them.

    Args:
        model: A Keras model.
        seed: Of the draw.

    Returns:
        Another model.
    """
    import keras

    random = np.random.default_rng(seed)
    fresh: Any = keras.models.clone_model(model)
    for weight in fresh.weights:
        if weight.name == "kernel":
            *window, n_in, n_out = weight.shape
            limit = (6 / (np.prod(window) * (n_in + n_out))) ** 0.5
            weight.assign(random.uniform(-limit, limit, weight.shape).astype(np.float32))
    return fresh


def answers(model: Any, images: np.ndarray, *, only_middle: bool = False) -> list[np.ndarray]:
    """How strongly each filter answers to each image: the largest number of its map, for every convolution.

    Args:
        model: A Keras model with an activation layer behind each convolution.
        images: (row, down, across, channel).
        only_middle: Whether the outer half of each map is left out, where padding makes edges of its own.

    Returns:
        (row, filter) for each convolution.
    """
    import keras

    maps: list[Any] = [layer.output for layer in model.layers if isinstance(layer, keras.layers.Activation)]
    if only_middle:
        maps = [keras.layers.Cropping2D(each.shape[1] // 4)(each) for each in maps]
    opened = keras.Model(model.inputs[0], [keras.layers.GlobalMaxPooling2D()(each) for each in maps])
    return [np.asarray(each, float) for each in opened(images)]
