"""Small drawn sets with two coordinates, where a decision boundary can be seen.

| name | what a straight line does | what is needed |
| --- | --- | --- |
| blobs | separates them | nothing hidden |
| moons, circles, xor | fails | one hidden layer |
| spirals | fails | several layers, or a wide one |
| regression-1d | misses the wave | one hidden layer |

Coordinates are about -1..1 and are trained as they are. `noise` is the standard deviation of
what is added to both coordinates (for regression-1d, to the target), in the same unit.
"""

import numpy as np
from jaxtyping import Float

from backlit.data.catalog import Entry
from backlit.data.dataset import Dataset, Splits
from backlit.data.options import Number, require_amount, require_count
from backlit.language import text


def make_moons(*, n: int = 600, noise: Number = 0.1, seed: int = 0) -> Dataset:
    """Two half circles that reach into each other.

    Args:
        n: Number of points.
        noise: Spread added to the coordinates.
        seed: Of the draw.

    Returns:
        Two classes of equal size.

    Source:
        pedregosa-2011, sklearn.datasets.make_moons; here centred, and angles drawn at random.
    """
    random, labels = _start(n, seed, n_classes=2)
    angle = random.uniform(0, np.pi, n)
    upper = np.stack([np.cos(angle) - 0.5, np.sin(angle) - 0.25], axis=1)
    return _points("moons", np.where(labels[:, None] == 0, upper, -upper), labels, noise, random, "pedregosa-2011")


def make_circles(*, n: int = 600, noise: Number = 0.08, factor: Number = 0.5, seed: int = 0) -> Dataset:
    """One circle inside another.

    Args:
        n: Number of points.
        noise: Spread added to the coordinates.
        factor: Radius of the inner circle; the outer one has radius 1.
        seed: Of the draw.

    Returns:
        Two classes of equal size: 0 outside, 1 inside.

    Source:
        pedregosa-2011, sklearn.datasets.make_circles; here angles are drawn at random.
    """
    factor = require_amount("factor", factor, most=1)
    random, labels = _start(n, seed, n_classes=2)
    radius = np.where(labels == 0, 1.0, factor)
    return _points("circles", _polar(radius, random.uniform(0, 2 * np.pi, n)), labels, noise, random, "pedregosa-2011")


def make_spirals(
    *, n: int = 600, noise: Number = 0.02, classes: int = 2, turns: Number = 1.5, seed: int = 0
) -> Dataset:
    """Arms that wind around each other from the centre out.

    Args:
        n: Number of points.
        noise: Spread added to the coordinates.
        classes: Number of arms.
        turns: How often each arm goes round; more is harder.
        seed: Of the draw.

    Returns:
        One class an arm.

    Source:
        lang-witbrock-1988; here points are drawn at random, and the number of arms is free.
    """
    classes = require_count("classes", classes, least=2)
    turns = require_amount("turns", turns)
    random, labels = _start(n, seed, n_classes=classes)
    along = np.sqrt(random.uniform(0.01, 1, n))  # the root keeps points evenly dense along the arm
    angle = 2 * np.pi * (turns * along + labels / classes)
    return _points("spirals", _polar(along, angle), labels, noise, random, "lang-witbrock-1988")


def make_blobs(*, n: int = 600, noise: Number = 0.15, classes: int = 3, seed: int = 0) -> Dataset:
    """Round clouds, their centres evenly on a circle of radius 0.7.

    Args:
        n: Number of points.
        noise: Standard deviation of each cloud.
        classes: Number of clouds.
        seed: Of the draw.

    Returns:
        One class a cloud.

    Source:
        pedregosa-2011, sklearn.datasets.make_blobs; here the centres are fixed.
    """
    classes = require_count("classes", classes, least=2)
    random, labels = _start(n, seed, n_classes=classes)
    centres = _polar(np.full(n, 0.7), 2 * np.pi * labels / classes)
    return _points("blobs", centres, labels, noise, random, "pedregosa-2011")


def make_xor(*, n: int = 600, noise: Number = 0.0, seed: int = 0) -> Dataset:
    """A square whose opposite quarters belong together: class 1 where the signs differ.

    Args:
        n: Number of points.
        noise: Spread added to the coordinates after they got their class.
        seed: Of the draw.

    Returns:
        Two classes of equal size.

    Source:
        minsky-papert-1969.
    """
    random, labels = _start(n, seed, n_classes=2)
    size = random.uniform(0.05, 1, (n, 2))
    sign = random.choice([-1.0, 1.0], n)
    signs = np.stack([sign, np.where(labels == 1, -sign, sign)], axis=1)
    return _points("xor", size * signs, labels, noise, random, "minsky-papert-1969")


def make_regression_1d(*, n: int = 300, noise: Number = 0.1, seed: int = 0) -> Dataset:
    """A wave on a slope: y = sin(2πx) / 2 + x / 2, for x from -1 to 1.

    Args:
        n: Number of points.
        noise: Spread added to y.
        seed: Of the draw.

    Returns:
        One column in, one amount out.
    """
    n = require_count("n", n, least=2)
    noise = require_amount("noise", noise)
    random = np.random.default_rng(seed)
    x = random.uniform(-1, 1, (n, 1))
    y = np.sin(2 * np.pi * x) / 2 + x / 2 + noise * random.standard_normal((n, 1))
    return Dataset(
        "regression-1d",
        x.astype(np.float32),
        y.astype(np.float32),
        task="regression",
        splits=Splits.of_rows(range(n)),
        feature_names=("x",),
    )


def _start(n: int, seed: int, *, n_classes: int) -> tuple[np.random.Generator, np.ndarray]:
    """A generator and labels 0, 1, … in turn, as equal in number as n allows."""
    n = require_count("n", n, least=n_classes)
    return np.random.default_rng(seed), np.arange(n) % n_classes


def _polar(radius: np.ndarray, angle: np.ndarray) -> Float[np.ndarray, "sample 2"]:
    return np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1)


def _points(
    name: str, points: np.ndarray, labels: np.ndarray, noise: Number, random: np.random.Generator, source: str
) -> Dataset:
    noise = require_amount("noise", noise)
    points = points + noise * random.standard_normal(points.shape)
    n_classes = int(labels.max()) + 1
    return Dataset(
        name,
        points.astype(np.float32),
        labels.astype(np.int32),
        task="classification",
        splits=Splits.of_rows(range(len(points))),
        class_names=tuple(str(label) for label in range(n_classes)),
        feature_names=("x", "y"),
        source=source,
    )


ENTRIES = (
    Entry("moons", make_moons, text("two half circles, 2 columns, 2 classes")),
    Entry("circles", make_circles, text("a circle in a circle, 2 columns, 2 classes")),
    Entry("spirals", make_spirals, text("winding arms, 2 columns, 2 classes or more")),
    Entry("blobs", make_blobs, text("round clouds, 2 columns, 3 classes or more")),
    Entry("xor", make_xor, text("opposite quarters of a square, 2 columns, 2 classes")),
    Entry("regression-1d", make_regression_1d, text("a wave on a slope, 1 column, 1 amount")),
)
