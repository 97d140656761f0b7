"""Directions through the weights of a network: two of them span the plane of a loss surface.

    random   each filter (all weights into one unit) is drawn, then scaled to the length that it has in the network
    path     the first two principal directions of the weights that training passed

Not for the losses on the plane: see `surface.py`.

Source:
    li-2018, section 4 (filter-wise scaling; biases and the factors of normalisation stay) and section 7 (principal
    directions of the path). There the moves are measured from the last weights, here from their mean.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from backlit.errors import SettingError
from backlit.language import text

Weights = Sequence[np.ndarray]
Kind = Literal["path", "random", "given"]


@dataclass(frozen=True, eq=False)
class Plane:
    """A plane through the weights of a network.

    Attributes:
        kind: How its directions were chosen.
        first: The first direction, one array for each weight that learns.
        second: The second.
    """

    kind: Kind
    first: tuple[np.ndarray, ...]
    second: tuple[np.ndarray, ...]


def choose_plane(given: Any, end: Weights, passed: np.ndarray | None, *, seed: int) -> Plane:
    """The plane that was asked for.

    Args:
        given: `"path"`, `"random"`, two lists of arrays, or None for the path's where there is one, else random ones.
        end: The weights of the network that learn.
        passed: From `read_path`, or None.
        seed: Of random directions.

    Returns:
        Two directions, each with the shapes of the weights.

    Raises:
        SettingError: If there is no path, or the directions have other shapes.

    Example:
        >>> plane = choose_plane("random", [np.array([[3.0, 0.0], [4.0, 1.0]]), np.ones(2)], None, seed=0)
        >>> np.linalg.norm(plane.first[0], axis=0).round(6).tolist(), plane.first[1].tolist()  # √(3² + 4²), √(0² + 1²)
        ([5.0, 1.0], [0.0, 0.0])
    """
    if isinstance(given, str) and given == "path" and passed is None:
        raise SettingError(
            "surface-no-path",
            what=text("Drawing a loss surface"),
            expected=text("weights that training passed"),
            received=text('`directions="path"` without a `path`'),
            fix=text("Pass `[snapshot.weights() for snapshot in stream.snapshots]`, all of one member."),
        )
    if isinstance(given, str) and given == "random":
        return _random_plane(end, seed)
    if given is None or (isinstance(given, str) and given == "path"):
        return _random_plane(end, seed) if passed is None else _path_plane(end, passed)
    if isinstance(given, Sequence) and len(given) == 2 and all(_fits(one, end) for one in given):
        first, second = (tuple(np.asarray(array, np.float64) for array in one) for one in given)
        return Plane("given", first, second)
    raise SettingError(
        "surface-directions",
        what=text("Drawing a loss surface"),
        expected=text(
            '`"path"`, `"random"`, or two lists of arrays with shapes {shapes}', shapes=[one.shape for one in end]
        ),
        received=text("`{value}`", value=given) if isinstance(given, str) else text("other shapes"),
        fix=text("Leave `directions` out to have them chosen."),
    )


def read_path(path: Any, end: Weights) -> np.ndarray:
    """The weights that training passed, as rows.

    Args:
        path: Lists of arrays, those that learn first.
        end: The weights of the network that learn, for their shapes.

    Returns:
        (snapshot, weight): all weights that learn, one after another.

    Raises:
        SettingError: If there are fewer than three, or shapes differ.
    """
    snapshots = [list(one)[: len(end)] for one in path] if isinstance(path, Sequence) else []
    if len(snapshots) < 3 or not all(_fits(one, end) for one in snapshots):
        other = next((one for one in snapshots if not _fits(one, end)), [])
        raise SettingError(
            "surface-path",
            what=text("Reading the path of training"),
            expected=text("three lists of arrays or more, with shapes {shapes}", shapes=[one.shape for one in end]),
            received=text("{n} lists", n=len(snapshots))
            if len(snapshots) < 3
            else text("shapes {shapes}", shapes=[np.shape(array) for array in other]),
            fix=text("Pass `[snapshot.weights() for snapshot in stream.snapshots]`, all of one member."),
        )
    return np.stack([_flat(one) for one in snapshots])


def project(passed: np.ndarray, end: Weights, plane: Plane) -> tuple[np.ndarray, float]:
    """Where a path falls onto a plane.

    Args:
        passed: From `read_path`.
        end: The weights through which the plane goes.
        plane: The plane.

    Returns:
        (snapshot, 2): places on both axes; and the share of the path's variance that the plane shows, from 0 to 1.
    """
    axes = np.stack([_flat(plane.first), _flat(plane.second)], 1)
    places = np.linalg.lstsq(axes, (passed - _flat(end)).T, rcond=None)[0].T
    moves = passed - passed.mean(0)
    shown = (places - places.mean(0)) @ axes.T
    total = float((moves**2).sum())
    return places, float((shown**2).sum()) / total if total else 1.0


def _path_plane(end: Weights, passed: np.ndarray) -> Plane:
    _, _, principal = np.linalg.svd(passed - passed.mean(0), full_matrices=False)
    first, second = np.vstack([principal, np.zeros_like(principal)])[:2]  # a network of one weight has no second
    return Plane("path", _shaped(first, end), _shaped(second, end))


def _random_plane(end: Weights, seed: int) -> Plane:
    rng = np.random.default_rng(seed)
    return Plane("random", _random(end, rng), _random(end, rng))


def _random(end: Weights, rng: np.random.Generator) -> tuple[np.ndarray, ...]:
    """A direction whose filters are as long as those of the network."""
    direction = []
    for weight in end:
        drawn = rng.standard_normal(weight.shape)
        if weight.ndim < 2:
            direction.append(np.zeros(weight.shape))
            continue
        axes = tuple(range(weight.ndim - 1))
        lengths = np.sqrt((drawn**2).sum(axes, keepdims=True))
        direction.append(drawn / lengths * np.sqrt((weight**2).sum(axes, keepdims=True)))
    return tuple(direction)


def _fits(weights: Any, end: Weights) -> bool:
    return isinstance(weights, Sequence) and [np.shape(one) for one in weights] == [one.shape for one in end]


def _flat(weights: Weights) -> np.ndarray:
    return np.concatenate([np.asarray(one, np.float64).ravel() for one in weights])


def _shaped(flat: np.ndarray, like: Weights) -> tuple[np.ndarray, ...]:
    cuts = np.cumsum([one.size for one in like])[:-1]
    return tuple(part.reshape(one.shape) for part, one in zip(np.split(flat, cuts), like, strict=True))
