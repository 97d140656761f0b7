"""The one place of `explain` that touches what Keras does not promise to keep; each function has a test of its own.

`run_symbolically`    a model's graph, walked with anything in the place of tensors   (`_run_through_graph`)
"""

from collections.abc import Callable
from typing import Any

import keras


def run_symbolically(model: keras.Model, inputs: tuple[int, ...], visit: Callable[[Any, tuple[int, ...]], int]) -> int:
    """Walks through a model, operation by operation, with numbers of nodes in the place of tensors.

    Args:
        model: Sequential or functional, built.
        inputs: What stands for its inputs.
        visit: Takes an operation and what stands for its inputs; returns what stands for its output.

    Returns:
        What stands for the model's output.
    """
    functional: Any = model._functional if isinstance(model, keras.Sequential) else model

    def call(operation: Any) -> Callable[..., _Place]:
        def called(*args: Any, **kwargs: Any) -> _Place:
            places = [leaf for leaf in keras.tree.flatten((args, kwargs)) if isinstance(leaf, _Place)]
            return _Place(visit(operation, tuple(place.number for place in places)))

        return called

    out = functional._run_through_graph([_Place(number) for number in inputs], operation_fn=call)
    [place] = keras.tree.flatten(out)
    return place.number


class _Place:
    """The number of a node, as an object that Keras's walk takes for a tensor."""

    def __init__(self, number: int) -> None:
        self.number = number
