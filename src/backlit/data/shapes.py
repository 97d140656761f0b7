"""Drawn colour images, 32 × 32, where four things vary freely: shape, texture, colour, place.

Each image has one value of each, dealt out independently and equally often, so that any of
them can be the class while the other three are distraction. The same seed draws the same
images whatever `target` is: a network trained on the shape can be asked about the texture.

    >>> data = make_shapes(n=24, target="colour")
    >>> data.input_shape, data.class_names[:2]
    ((32, 32, 3), ('red', 'green'))

A shape is a signed distance d (pixels, negative inside), and the ink at a pixel is
clip(1/2 − d, 0, 1), which makes edges soft as in a photograph.
"""

from collections.abc import Callable

import numpy as np
from jaxtyping import Float

from backlit.data.catalog import Entry
from backlit.data.dataset import Dataset, Splits
from backlit.data.options import Number, require_amount, require_choice, require_count
from backlit.language import text

Plane = Float[np.ndarray, "sample height width"]
Size = Float[np.ndarray, "sample 1 1"]

COLOURS = {
    "red": (0.90, 0.15, 0.15),
    "green": (0.15, 0.65, 0.20),
    "blue": (0.15, 0.30, 0.90),
    "yellow": (0.95, 0.80, 0.10),
    "purple": (0.60, 0.20, 0.80),
    "cyan": (0.10, 0.75, 0.80),
}
PLACES = {"top left": (-1, -1), "top right": (1, -1), "bottom left": (-1, 1), "bottom right": (1, 1)}

_CHUNK = 500


def make_shapes(
    *, n: int = 2000, target: str = "shape", size: int = 32, noise: Number = 0.03, seed: int = 0
) -> Dataset:
    """Images of one shape each, with texture and colour, somewhere on a light ground.

    Args:
        n: Number of images.
        target: What the class is: "shape", "texture", "colour" or "place".
        size: Height and width in pixels.
        noise: Standard deviation of what is added to each pixel value.
        seed: Of the draw.

    Returns:
        RGB images from 0 to 1; 6 shapes, 4 textures, 6 colours or 4 places as classes.
    """
    factors = {"shape": SHAPES, "texture": TEXTURES, "colour": COLOURS, "place": PLACES}
    n = require_count("n", n, least=max(len(values) for values in factors.values()))
    size = require_count("size", size, least=8, most=256)
    noise = require_amount("noise", noise, most=1)
    target = require_choice("target", target, tuple(factors))
    random = np.random.default_rng(seed)
    chosen = {name: random.permutation(np.arange(n) % len(values)) for name, values in factors.items()}
    geometry = {
        "centre": random.uniform(0.12, 0.36, (n, 2)) * np.array(list(PLACES.values()))[chosen["place"]],
        "radius": random.uniform(0.44, 0.60, n),
        "angle": random.uniform(-0.3, 0.3, n),
        "texture_angle": random.uniform(0, np.pi, n),
        "ground": random.uniform(0.80, 0.95, n),
    }
    inks = np.array(list(COLOURS.values()))[chosen["colour"]] + random.uniform(-0.06, 0.06, (n, 3))
    images = np.empty((n, size, size, 3), np.float32)
    for start in range(0, n, _CHUNK):
        rows = slice(start, start + _CHUNK)
        picture = _draw(
            chosen["shape"][rows], chosen["texture"][rows], inks[rows], {k: v[rows] for k, v in geometry.items()}, size
        )
        picture += noise * random.standard_normal(picture.shape)
        images[rows] = picture.clip(0, 1)
    return Dataset(
        "shapes",
        images,
        chosen[target].astype(np.int32),
        task="classification",
        splits=Splits.of_rows(range(n)),
        class_names=tuple(factors[target]),
    )


def _draw(
    shapes: np.ndarray, textures: np.ndarray, inks: np.ndarray, geometry: dict[str, np.ndarray], size: int
) -> Float[np.ndarray, "sample height width 3"]:
    axis = (np.arange(size) + 0.5) / size * 2 - 1  # pixel centres from -1 to 1
    x = axis[None, None, :] - geometry["centre"][:, 0, None, None]
    y = axis[None, :, None] - geometry["centre"][:, 1, None, None]
    per_pixel = size / 2
    u, v = _rotated(x, y, geometry["angle"])
    ink = np.empty(u.shape)
    for kind, distance in enumerate(SHAPES.values()):
        rows = shapes == kind
        d = distance(u[rows], v[rows], geometry["radius"][rows, None, None])
        ink[rows] = (0.5 - d * per_pixel).clip(0, 1)
    u, v = _rotated(x, y, geometry["texture_angle"])
    light = np.empty(u.shape)
    for kind, pattern in enumerate(TEXTURES.values()):
        rows = textures == kind
        light[rows] = pattern(u[rows], v[rows])
    tone = 0.3 + 0.7 * light  # dark parts keep 30 % of the colour
    body = inks[:, None, None, :] * tone[..., None]
    ground = geometry["ground"][:, None, None, None]
    return ground + ink[..., None] * (body - ground)


def _rotated(x: np.ndarray, y: np.ndarray, angle: np.ndarray) -> tuple[Plane, Plane]:
    cos, sin = np.cos(angle)[:, None, None], np.sin(angle)[:, None, None]
    return x * cos + y * sin, y * cos - x * sin


def _circle(x: Plane, y: Plane, r: Size) -> Plane:
    return np.hypot(x, y) - 0.9 * r


def _square(x: Plane, y: Plane, r: Size) -> Plane:
    return np.maximum(abs(x), abs(y)) - 0.8 * r


def _triangle(x: Plane, y: Plane, r: Size) -> Plane:
    slope = 3**0.5 / 2  # three half planes, each at distance r/2 from the centre
    return np.maximum(y, np.maximum(slope * x, -slope * x) - y / 2) - 0.5 * r


def _cross(x: Plane, y: Plane, r: Size) -> Plane:
    along, across = np.maximum(abs(x), abs(y)), np.minimum(abs(x), abs(y))
    return np.maximum(along - r, across - 0.3 * r)


def _ring(x: Plane, y: Plane, r: Size) -> Plane:
    return abs(np.hypot(x, y) - 0.72 * r) - 0.24 * r


def _star(x: Plane, y: Plane, r: Size) -> Plane:
    tenth = np.pi / 5
    angle = abs((np.arctan2(x, -y) + tenth) % (2 * tenth) - tenth)  # 0 at a tip, π/5 at a notch
    length = np.hypot(x, y)
    notch = 0.45
    edge = np.array([notch * np.cos(tenth) - 1, notch * np.sin(tenth)])  # from tip (r, 0) to notch, per r
    normal = np.array([edge[1], -edge[0]]) / np.hypot(*edge)
    return (length * np.cos(angle) - 1.1 * r) * normal[0] + length * np.sin(angle) * normal[1]


def _solid(x: Plane, _y: Plane) -> Plane:
    return np.ones_like(x)


def _stripes(x: Plane, _y: Plane) -> Plane:
    return (0.5 + 1.5 * np.sin(_FREQUENCY * x)).clip(0, 1)


def _checks(x: Plane, y: Plane) -> Plane:
    return (0.5 + 2 * np.sin(0.8 * _FREQUENCY * x) * np.sin(0.8 * _FREQUENCY * y)).clip(0, 1)


def _dots(x: Plane, y: Plane) -> Plane:
    waves = np.cos(_FREQUENCY * x) + np.cos(_FREQUENCY * y)  # 2 in the middle of a dot
    return 1 - (2 * (waves - 0.4)).clip(0, 1)


_FREQUENCY = 2 * np.pi / 0.33  # one period in 0.33 of the half width: 5.3 of 32 pixels

SHAPES: dict[str, Callable[[Plane, Plane, Size], Plane]] = {
    "circle": _circle,
    "square": _square,
    "triangle": _triangle,
    "cross": _cross,
    "ring": _ring,
    "star": _star,
}
TEXTURES: dict[str, Callable[[Plane, Plane], Plane]] = {
    "solid": _solid,
    "stripes": _stripes,
    "checks": _checks,
    "dots": _dots,
}

ENTRIES = (Entry("shapes", make_shapes, text("drawn colour images 32 × 32: shape, texture, colour or place")),)
