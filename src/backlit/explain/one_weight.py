r"""Which single weight is meant: a layer's name, or a weight's path, and the indices of the entry.

    ("dense_1", 2, 0)        entry (2, 0) of the kernel of the layer `dense_1`
    ("dense_1/bias", 0)      entry 0 of its bias

Indices count from 0, as in Python; formulas count from 1.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from backlit.errors import SettingError, did_you_mean
from backlit.explain.graph import Graph
from backlit.language import Text, text

MAIN = ("kernel", "embeddings", "gamma", "scale", "depthwise_kernel")  # what a layer's name alone means


@dataclass(frozen=True)
class OneWeight:
    r"""One number among the weights.

    Attributes:
        place: Of its array in `Graph.given`.
        index: Its indices there.
        path: Of the array, such as `dense_1/kernel`.
        symbol: Of the number, in LaTeX, for example `w^{(2)}_{3,1}`.
    """

    place: int
    index: tuple[int, ...]
    path: str
    symbol: str


def find_weight(graph: Graph, weight: Any) -> OneWeight:
    """Finds the weight that is meant.

    Args:
        graph: The network.
        weight: Name of a layer or path of a weight, then its indices: `("dense_1", 2, 0)`.

    Returns:
        Where it is.

    Raises:
        SettingError: If there is no such weight, or it does not learn.
    """
    if not isinstance(weight, Sequence) or isinstance(weight, str) or not weight or not isinstance(weight[0], str):
        raise _wrong(
            text("a layer's name and the indices of an entry of its kernel"),
            text("`{value}`", value=repr(weight)),
            text('Write for example `weight=("dense", 0, 0)`, or `("dense/bias", 0)`.'),
        )
    name, *index = weight
    places = _places_of(graph, name)
    if len(places) != 1:
        learned = [graph.given[place].path for place in places or graph.places("trainable")]
        raise _wrong(
            text("the name of a layer that learns, or the path of a weight"),
            text("`{value}`, which fits {n} weights", value=name, n=len(places)),
            did_you_mean(name, learned if places or "/" in name else _layers(graph)),
        )
    given = graph.given[places[0]]
    shape = given.shape
    assert shape is not None, "bug in backlit: a weight without a shape"
    are_whole = all(isinstance(i, int) and not isinstance(i, bool) for i in index)
    fits = are_whole and len(index) == len(shape) and all(0 <= i < (n or 0) for i, n in zip(index, shape, strict=True))
    if not fits:
        raise _wrong(
            text("indices of an entry of `{path}`, whose shape is {shape}", path=given.path, shape=shape),
            text("{index}", index=tuple(index)),
            text("Write for example `weight={example}`.", example=repr((name, *(0 for _ in shape)))),
        )
    entry = ",".join(str(i + 1) for i in index)
    return OneWeight(places[0], tuple(index), given.path, f"{given.symbol}_{{{entry}}}")


def _places_of(graph: Graph, name: str) -> list[int]:
    """Places of the weights that a name fits: a whole path, the end of one, a layer's own name for one, a layer."""
    learned = graph.places("trainable")
    exact = [place for place in learned if graph.given[place].path == name]
    ending = [place for place in learned if graph.given[place].path.endswith(f"/{name}")]
    if exact or ending:
        return exact or ending
    layer, _, key = name.rpartition("/")
    for of, keys in ((name, MAIN), (layer, (key,))):
        for wanted in keys:
            found = [node.given[wanted] for node in graph.nodes if node.layer == of and wanted in node.given]
            found = [place for place in dict.fromkeys(found) if place in learned]
            if found:
                return found
    return []


def _layers(graph: Graph) -> list[str]:
    learned = set(graph.places("trainable"))
    return list(dict.fromkeys(node.layer for node in graph.nodes if learned & set(node.given.values())))


def _wrong(expected: Text, received: Text, fix: Text) -> SettingError:
    return SettingError(
        "explain-weight", what=text("Finding the weight"), expected=expected, received=received, fix=fix
    )
