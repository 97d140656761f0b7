"""Local derivatives of one operation: how its outputs answer to one number that goes in.

The chain rule multiplies a local derivative with the gradient at the output, and adds over outputs. Backpropagation
never forms these factors one by one; who wants to see them as numbers, or to follow one path, takes them from here.

They come from the operation's own way back: it is linear in the gradient that it is given, so a gradient of one at a
single output brings back this output's derivatives.

Not for whole Jacobians of large layers: outputs that do not depend on the number are left out first.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from backlit.explain.ops import Operation

Place = tuple[int, ...]


@dataclass(frozen=True)
class Local:
    """The derivatives of an operation's outputs by one number.

    Attributes:
        places: Indices of the outputs that depend on it, one row each.
        derivatives: ∂output/∂number for each.
    """

    places: np.ndarray
    derivatives: np.ndarray


def local_derivatives(
    operation: Operation,
    inputs: Sequence[np.ndarray],
    given: Mapping[str, np.ndarray],
    *,
    by: int | str,
    place: Place,
) -> Local:
    """Derivatives of all outputs by one entry of an input or a weight.

    Args:
        operation: Which.
        inputs: What goes in.
        given: Its weights.
        by: Number of the input, or name of the weight.
        place: Index of the entry.

    Returns:
        Those outputs that depend on it. Where an output lies on a flat piece (a ReLU below 0) it does not.

    Example:
        >>> from backlit.explain.ops.dense import Dense
        >>> weights = {"kernel": np.array([[3.0, 4.0]])}
        >>> local_derivatives(Dense(), [np.array([[2.0]])], weights, by=0, place=(0, 0)).derivatives.tolist()
        [3.0, 4.0]
    """
    value, back = operation.forward(*inputs, **given)
    if isinstance(by, str) and operation.is_linear_in_weights:
        lone = {name: np.zeros_like(array) for name, array in given.items() if name in _weights(back, value)}
        lone[by][place] = 1.0
        shares, _ = operation.forward(*inputs, **{**given, **lone})
        places = np.argwhere(shares != 0)
        return Local(places, shares[tuple(places.T)])
    places = _dependents(operation, inputs, given, value, by=by, place=place)
    derivatives = np.empty(len(places))
    for i, output in enumerate(places):
        one = np.zeros_like(value)
        one[tuple(output)] = 1.0
        gradients = back(one)
        found = gradients.inputs[by] if isinstance(by, int) else gradients.weights[by]
        derivatives[i] = 0.0 if found is None else found[place]
    return Local(places, derivatives)


def _weights(back: object, value: np.ndarray) -> Mapping[str, np.ndarray]:
    """Which given arrays are weights: those that get a gradient."""
    return back(np.zeros_like(value)).weights  # pyright: ignore[reportCallIssue]  a Backward


def _dependents(
    operation: Operation,
    inputs: Sequence[np.ndarray],
    given: Mapping[str, np.ndarray],
    value: np.ndarray,
    *,
    by: int | str,
    place: Place,
) -> np.ndarray:
    """Indices of the outputs that change when the number is moved a little to either side."""
    changed = np.zeros(value.shape, bool)
    for shift in (1e-3, -1e-3):
        moved_inputs, moved_given = list(inputs), dict(given)
        array = np.array(inputs[by] if isinstance(by, int) else given[by], np.float64)
        array[place] += shift * max(1.0, abs(array[place]))
        if isinstance(by, int):
            moved_inputs[by] = array
        else:
            moved_given[by] = array
        moved, _ = operation.forward(*moved_inputs, **moved_given)
        changed |= moved != value
    return np.argwhere(changed)
