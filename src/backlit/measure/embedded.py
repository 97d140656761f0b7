"""What the last hidden layer makes of unseen rows, laid flat: the two directions in which its outputs differ most.

    outputs (row, 64)  ──principal components──▶  (row, 2), and the share of the variance that each of the two keeps

Classes that lie apart here are told apart by the last layer without effort; classes that lie in a heap are those that
it confuses. What two directions do not keep is not seen: the shares say how much that is.

Not for distances: two points that lie together may be far apart in the directions that are left out.

Source:
    pearson-1901 (principal components).
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int

from backlit.errors import ModelError
from backlit.language import Words
from backlit.measure.activations import last_hidden, outputs_of
from backlit.measure.judged import judge
from backlit.measure.subject import AbstractSubject

MOST_ROWS = 1000
"""Rows that are projected. Source: ours, more points hide each other."""


@dataclass(frozen=True, eq=False)
class Embedding:
    """Rows on the plane of a layer's two largest principal components.

    Attributes:
        layer: Name of the layer.
        points: One a row.
        classes: True classes of the rows.
        class_names: Names of the classes.
        shares: Of the variance, which each of the two components keeps; 0 to 1.
        split_words: Which rows.
    """

    layer: str
    points: Float[np.ndarray, "row 2"]
    classes: Int[np.ndarray, " row"]
    class_names: tuple[str, ...]
    shares: tuple[float, float]
    split_words: Words


def embedding(subject: AbstractSubject) -> Embedding | None:
    """Projects what the best member's last hidden layer makes of rows that it never saw.

    Args:
        subject: A run.

    Returns:
        The points; None unless the task is classification, a member finished, and a hidden layer of at least two
        outputs can be looked at, which differ from row to row.
    """
    judged = judge(subject)
    if judged is None:
        return None
    kept = np.arange(len(judged.rows))
    if len(kept) > MOST_ROWS:
        kept = np.sort(np.random.default_rng(0).choice(kept, MOST_ROWS, replace=False))
    try:
        layer = last_hidden(subject.model)
        outputs = outputs_of(subject.model, layer, judged.inputs[kept])
    except ModelError:  # no hidden layer, or a model that does not say how its layers are connected
        return None
    found = principal_plane(outputs.reshape(len(kept), -1).astype(np.float64))
    if found is None:
        return None
    points, shares = found
    return Embedding(layer, points, judged.targets[kept], judged.class_names, shares, judged.split_words)


def principal_plane(
    outputs: Float[np.ndarray, "row output"],
) -> tuple[Float[np.ndarray, "row 2"], tuple[float, float]] | None:
    """The two largest principal components of some rows.

    Args:
        outputs: Numbers of each row.

    Returns:
        A point a row, and the share of the variance along each of its two directions; None for fewer than two columns
        or three rows, for rows that are all equal, or where a number is not finite.

    Example:
        >>> line = np.array([[0.0, 0.0], [1.0, 1.0], [2.0, 2.0]])      # all of it lies along one direction
        >>> points, shares = principal_plane(line)
        >>> np.abs(points[:, 0]).round(2).tolist(), round(shares[0], 2)
        ([1.41, 0.0, 1.41], 1.0)

    Source:
        pearson-1901.
    """
    from sklearn.decomposition import PCA

    if min(outputs.shape[1], len(outputs) - 1) < 2 or not np.isfinite(outputs).all():
        return None
    if (outputs == outputs[:1]).all():
        return None
    components = PCA(n_components=2, random_state=0).fit(outputs)
    first, second = (float(share) for share in components.explained_variance_ratio_)
    return components.transform(outputs), (first, second)
