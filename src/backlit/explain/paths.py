r"""The chain rule along single paths: every way by which one weight moves the loss, as a product of factors.

A weight changes the sums it is in, these change the nodes behind them, and so on to the loss. Along one path the local
derivatives multiply; over all paths the products add up to the gradient.

    ∂C/∂w = Σ over paths   ∂z/∂w × ∂a/∂z × ∂z'/∂a × … × ∂C/∂a

There are soon more paths than anybody can list: from a weight of the first of three layers of 100 nodes 100 × 100. So
the largest are found, and all others counted and added, without listing them. From the loss backwards each number
learns from those behind it three things: how many paths lead on from it, what they add up to, and its largest few.

Paths through a flat piece (a ReLU below 0) or a weight of 0 carry nothing, and are no paths here.

Not for gradients of all weights, which backpropagation gives at once: see `explanation.py`.

Source:
    rumelhart-1986, equations 4 to 8; baydin-2018, section 3.2. The largest few are found by dynamic programming, as the
    k best of a chain of choices are: bellman-kalaba-1960.
"""

import heapq
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import keras

from backlit.errors import DataError, ModelError, SettingError
from backlit.explain.explanation import loss_pass
from backlit.explain.forward_pass import Trace
from backlit.explain.graph import Graph
from backlit.explain.local import local_derivatives
from backlit.explain.one_weight import OneWeight, find_weight
from backlit.explain.ops.written import number, product
from backlit.formula import readable
from backlit.language import Language, language, text

MOST_FACTORS = 50_000  # local derivatives that are formed, one by one; ours: 18,000 of three dense 128 take about 1 s

Vertex = tuple[int, tuple[int, ...]]  # a node's place in the graph, and the index of one of its numbers


@dataclass(frozen=True)
class Factor:
    r"""One local derivative on a path.

    Attributes:
        symbol: In LaTeX, for example `\frac{\partial z^{(1)}_{1}}{\partial w^{(1)}_{3,1}}`.
        value: Its value.
        layer: Name of the layer whose operation it belongs to.
    """

    symbol: str
    value: float
    layer: str


@dataclass(frozen=True)
class Path:
    """One way from the weight to the loss.

    Attributes:
        factors: From the weight to the loss.
        product: What the path adds to the gradient.
    """

    factors: tuple[Factor, ...]
    product: float

    @property
    def symbols(self) -> str:
        """The factors' symbols, in LaTeX, as the chain rule writes them."""
        return r" \cdot ".join(factor.symbol for factor in self.factors)

    @property
    def numbers(self) -> str:
        """The factors' values, in LaTeX."""
        return product([factor.value for factor in self.factors])


@dataclass(frozen=True)
class Paths:
    """All ways from one weight to the loss.

    Attributes:
        weight: Path of its array and its index, such as `("dense_1/kernel", 2, 0)`.
        symbol: Of the gradient, in LaTeX.
        paths: Those that contribute most, largest first.
        remainder: What all others add up to.
        total: What all paths add up to: the gradient.
        n_paths: How many paths there are.
    """

    weight: tuple[str | int, ...]
    symbol: str
    paths: tuple[Path, ...]
    remainder: float
    total: float
    n_paths: int

    def __iter__(self) -> Iterator[Path]:
        return iter(self.paths)

    def __len__(self) -> int:
        return len(self.paths)

    def say(self, spoken: Language) -> str:
        """The paths as text, one after another, and what they add up to.

        Args:
            spoken: Language.

        Returns:
            Lines of plain text.
        """
        gradient = readable(self.symbol)
        if not self.paths:
            flat = text("{gradient} = 0: each way from this weight to the loss is cut off.", gradient=gradient)
            return flat.say(spoken)
        lines = [text("{gradient}: the sum over {n:,} paths", gradient=gradient, n=self.n_paths).say(spoken)]
        for i, path in enumerate(self.paths, 1):
            lines.append(f"{i:>3}  {readable(path.symbols)}")
            lines.append(f"     = {readable(path.numbers)} = {readable(number(path.product))}")
        shown = sum(path.product for path in self.paths)
        left = self.n_paths - len(self.paths)
        lines.append(text("These paths add up to {value}.", value=readable(number(shown))).say(spoken))
        if left:
            rest = readable(number(self.remainder))
            lines.append(text("The {n:,} others add up to {value}.", n=left, value=rest).say(spoken))
        lines.append(f"{gradient} = {readable(number(self.total))}")
        return "\n".join(lines)

    def __str__(self) -> str:
        return self.say(language())


def path(model: keras.Model, x: Any, y: Any, *, weight: Any, most: Any = 20, loss: Any = None) -> Paths:
    """The paths from one weight to the loss of one sample, as products of local derivatives.

    Args:
        model: Built; as for `backprop`.
        x: One sample.
        y: Its target.
        weight: Name of a layer, or path of a weight, and the indices of an entry: `("dense_1", 2, 0)`.
        most: How many paths are listed; the others are counted and added up.
        loss: As `model.compile` takes it; None for the loss that the model was compiled with.

    Returns:
        The largest paths, what the others add up to, and the gradient.

    Raises:
        DataError: If there are several samples, or they do not fit.
        ModelError: If the model cannot be read, or too many numbers depend on the weight.
        SettingError: If there is no such weight, or `most` is no whole number of at least 1.

    Example:
        >>> import backlit, keras, numpy as np
        >>> dense = keras.layers.Dense
        >>> model = keras.Sequential([keras.Input((1,)), dense(2, name="hidden"), dense(1, name="out")])
        >>> model.set_weights([np.array([[2.0, 7.0]]), np.zeros(2), np.array([[3.0], [5.0]]), np.zeros(1)])
        >>> found = path(model, [1.0], [40.0], weight=("hidden", 0, 0), loss="mean_squared_error")
        >>> [factor.value for factor in found.paths[0].factors]  # x, the weight behind, 2 (3 × 2 + 5 × 7 − 40)
        [1.0, 3.0, 2.0]
        >>> found.total, found.n_paths
        (6.0, 1)
    """
    if isinstance(most, bool) or not isinstance(most, int) or most < 1:
        raise SettingError(
            "explain-most",
            what=text("Listing paths"),
            expected=text("`most` a whole number of at least {least}", least=1),
            received=text("`{value}`", value=repr(most)),
            fix=text("Write for example `most=20`."),
        )
    graph, trace, _ = loss_pass(model, x, y, loss=loss)
    if len(trace.inputs) != 1:
        raise DataError(
            "explain-one-sample",
            what=text("Following the paths of a weight"),
            expected=text("one sample"),
            received=text("{n}", n=len(trace.inputs)),
            fix=text("Pass one row of the data and its target; a batch's gradient is the mean of its rows'."),
        )
    where = find_weight(graph, weight)
    edges = _edges_from(graph, trace, where)
    ways = _ways_to_the_loss(edges, len(graph.nodes) - 1, most)
    first = ways[None]
    shown = tuple(_written(graph, where, steps, value) for value, steps in _unrolled(first.best))
    remainder = first.total - sum(one.product for one in shown) if first.count > len(shown) else 0.0
    symbol = rf"\frac{{\partial C}}{{\partial {where.symbol}}}"
    return Paths((where.path, *where.index), symbol, shown, remainder, first.total, first.count)


@dataclass(frozen=True)
class _Edge:
    """From a number to one that depends on it directly."""

    to: Vertex
    factor: float


@dataclass(frozen=True)
class _Ways:
    """What a number knows of the paths that lead from it to the loss.

    Attributes:
        count: How many.
        total: What they add up to.
        best: The largest, each as its product and its edges: (edge, (edge, (… ()))), so that ends are shared.
    """

    count: int
    total: float
    best: tuple[tuple[float, tuple[Any, ...]], ...]


def _edges_from(graph: Graph, trace: Trace, weight: OneWeight) -> dict[Vertex | None, list[_Edge]]:
    """All numbers that depend on the weight, each with what depends on it directly; None is the weight itself."""
    edges: dict[Vertex | None, list[_Edge]] = {None: []}
    reached: dict[int, list[tuple[int, ...]]] = {}
    n_factors = 0
    for place, node in enumerate(graph.nodes):
        inputs, given = trace.inputs_of(graph, place), trace.given_of(graph, place)
        starts: list[tuple[Vertex | None, int | str, tuple[int, ...]]] = [
            (None, name, weight.index) for name, i in node.given.items() if i == weight.place
        ]
        for which, source in enumerate(node.inputs):
            starts += [((source, index), which, index) for index in reached.get(source, ())]
        found: dict[tuple[int, ...], None] = {}
        for start, by, index in starts:
            local = local_derivatives(node.operation, inputs, given, by=by, place=index)
            own = edges.setdefault(start, [])
            for output, factor in zip(local.places.tolist(), local.derivatives.tolist(), strict=True):
                if factor:
                    own.append(_Edge((place, tuple(output)), factor))
                    found[tuple(output)] = None
            n_factors += len(local.derivatives)
            if n_factors > MOST_FACTORS:
                raise _too_large(weight)
        reached[place] = list(found)
    return edges


def _ways_to_the_loss(edges: dict[Vertex | None, list[_Edge]], last: int, most: int) -> dict[Vertex | None, _Ways]:
    """From the loss backwards: each number's paths are those of the numbers behind it, one factor longer."""
    ways: dict[Vertex | None, _Ways] = {(last, ()): _Ways(1, 1.0, ((1.0, ()),))}
    starts = sorted((start for start in edges if start is not None), reverse=True)
    for start in (*starts, None):
        count, total, best = 0, 0.0, []
        for edge in edges[start]:
            behind = ways.get(edge.to)
            if behind is None:
                continue  # nothing that the loss depends on
            count += behind.count
            total += edge.factor * behind.total
            best += [(edge.factor * value, (edge, chain)) for value, chain in behind.best]
        ways[start] = _Ways(count, total, tuple(heapq.nlargest(most, best, key=lambda one: abs(one[0]))))
    return ways


def _unrolled(best: tuple[tuple[float, tuple[Any, ...]], ...]) -> Iterator[tuple[float, list[_Edge]]]:
    for value, chain in best:
        steps = []
        while chain:
            edge, chain = chain
            steps.append(edge)
        yield value, steps


def _written(graph: Graph, weight: OneWeight, steps: list[_Edge], value: float) -> Path:
    factors, below = [], weight.symbol
    for edge in steps:
        place, index = edge.to
        node = graph.nodes[place]
        above = node.symbol + (f"_{{{','.join(str(i + 1) for i in index[1:])}}}" if len(index) > 1 else "")
        factors.append(Factor(rf"\frac{{\partial {above}}}{{\partial {below}}}", edge.factor, node.layer))
        below = above
    return Path(tuple(factors), value)


def _too_large(weight: OneWeight) -> ModelError:
    return ModelError(
        "explain-paths-size",
        what=text("Following the paths of a weight"),
        expected=text("at most {most:,} local derivatives between the weight and the loss", most=MOST_FACTORS),
        received=text("more behind `{path}`", path=weight.path),
        fix=text("Take a weight of a later layer, or a smaller network; `explain.backprop` has no such limit."),
    )
