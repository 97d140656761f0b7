r"""Steps: every number of a pass, with its formula, the formula with the numbers in, and the steps that it used.

    1  x            given
    2  w^{(1)}      given
    3  z^{(1)}      z_j = Σ w_kj x_k + b_j      uses 1, 2
    …
    9  ∂C/∂w^{(1)}  ∂C/∂w_kj = x_k ∂C/∂z_j      uses 1, 8

A Step holds a whole array; `arithmetic(place)` writes the sum behind one of its entries.

Not for computing (see `forward_pass.py`, `backward_pass.py`) nor for showing (see `explanation.py`).
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from backlit.explain.backward_pass import Slopes
from backlit.explain.forward_pass import Trace
from backlit.explain.graph import INPUT, Graph, Node
from backlit.explain.local import Place, local_derivatives
from backlit.explain.ops.kind import input_macro
from backlit.explain.ops.losses import Loss
from backlit.explain.ops.written import number, sum_of_products
from backlit.language import Words

Kind = Literal["given", "value", "loss", "gradient"]


@dataclass(frozen=True)
class Step:
    r"""One array of a pass.

    Attributes:
        number: From 1, in the order of computing.
        kind: Given, computed forward, the loss, or a gradient.
        layer: Name of the Keras layer; `inputs` and `loss` for what belongs to none.
        words: What it is.
        symbol: In LaTeX, for example `z^{(1)}` or `\frac{\partial C}{\partial w^{(1)}}`.
        formula: How an entry is computed, in LaTeX; "" for what is given.
        value: The array, the batch first where it has one.
        uses: Numbers of the steps that it is computed from.
        arithmetic: Writes the formula of one entry with its numbers in.
        is_of_batch: Whether the first axis is the batch: for values and their gradients, not for weights and theirs.
    """

    number: int
    kind: Kind
    layer: str
    words: Words
    symbol: str
    formula: str
    value: np.ndarray
    uses: tuple[int, ...] = ()
    arithmetic: Callable[[Place], str] = field(default=lambda _: "", repr=False)
    is_of_batch: bool = True

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of the array."""
        return self.value.shape

    def entry(self, place: Place) -> str:
        r"""The symbol of one entry, counted from 1 as in the formulas: `z^{(1)}_{2}`.

        The sample's number is left out where there is only one.

        Args:
            place: Index of the entry.

        Returns:
            LaTeX.
        """
        shown = place[1:] if self._has_lone_sample() else place
        if not shown:
            return self.symbol
        index = ",".join(str(i + 1) for i in shown)
        if self.kind == "gradient":
            slope, mark, road = self.symbol.partition(_ALONG)
            return slope.removesuffix("}") + f"_{{{index}}}}}" + mark + road
        return f"{self.symbol}_{{{index}}}"

    def _has_lone_sample(self) -> bool:
        return self.is_of_batch and self.value.ndim > 0 and self.value.shape[0] == 1


_ALONG = r" \vert"  # ∂C/∂a | z: the part of ∂C/∂a that comes by way of z


def symbol_of_slope(symbol: str) -> str:
    """The symbol of the gradient by something."""
    return rf"\frac{{\partial C}}{{\partial {symbol}}}"


def forward_steps(graph: Graph, trace: Trace) -> list[Step]:
    """Steps of a forward pass: what is given before its first use, then each value.

    Args:
        graph: The network, with its loss or without.
        trace: Its forward pass.

    Returns:
        The steps in order.
    """
    return _Writer(graph, trace).forward()


def backward_steps(graph: Graph, trace: Trace, slopes: Slopes) -> list[Step]:
    """Steps of a forward and a backward pass.

    Args:
        graph: The network with its loss.
        trace: Its forward pass.
        slopes: Its backward pass.

    Returns:
        The steps in order: forward, then from the loss back to the first layer.
    """
    writer = _Writer(graph, trace)
    writer.forward()
    return writer.backward(slopes)


_GIVEN_WORDS = {
    "trainable": Words(en="learned weight", zh="可学习的权重"),
    "fixed": Words(en="weight that does not learn", zh="不参与学习的权重"),
    "mask": Words(en="mask of dropout", zh="随机失活的掩码"),
    "targets": Words(en="targets", zh="目标"),
}


def _macro(name: str) -> str:
    r"""What a formula writes for a weight: `\RECURRENTKERNEL` for `recurrent_kernel`."""
    return "\\" + name.upper().replace("_", "")


_MACRO = re.compile(r"\\[A-Z]+(?![A-Za-z])")
_INDEXED = rf"({_MACRO.pattern})(?:_\w|_\{{[^{{}}]*\}})?"
_ADDED, _MULTIPLIED = re.compile(rf" \+ {_INDEXED}"), re.compile(rf"{_INDEXED} ?")


def with_symbols(formula: str, names: Mapping[str, str]) -> str:
    r"""A formula of an operation with the symbols of a network; a weight that a layer does not have is left out.

    Args:
        formula: With macros.
        names: Macro to symbol.

    Returns:
        LaTeX.

    Example:
        >>> with_symbols(r"\OUT_j = \KERNEL_j \IN_j + \BIAS_j", {r"\OUT": "z", r"\IN": "x", r"\KERNEL": "w"})
        'z_j = w_j x_j'
    """

    def kept(match: re.Match[str]) -> str:
        return match[0] if match[1] in names else ""

    left = _MULTIPLIED.sub(kept, _ADDED.sub(kept, formula))
    return _MACRO.sub(lambda match: names[match[0]], left)


def _part_words(layer: str) -> Words:
    return Words(en=f"part of the gradient, by way of {layer}", zh=f"梯度的一部分，经由 {layer}")


def _input_name(which: int) -> str:
    return "input" if which == 0 else f"input_{which + 1}"


class _Writer:
    """Collects steps, and remembers which step holds what."""

    def __init__(self, graph: Graph, trace: Trace) -> None:
        self._graph, self._trace = graph, trace
        self._steps: list[Step] = []
        self._of_value: dict[int, int] = {}
        self._of_given: dict[int, int] = {}
        self._of_slope: dict[int, int] = {}

    def forward(self) -> list[Step]:
        words = Words(en="inputs", zh="输入")
        self._of_value[INPUT] = self._add("given", "inputs", words, "x", "", self._trace.inputs)
        for place, node in enumerate(self._graph.nodes):
            for i in node.given.values():
                if i not in self._of_given:
                    known = self._graph.given[i]
                    is_batch = known.kind in ("mask", "targets")
                    self._of_given[i] = self._add(
                        "given",
                        node.layer,
                        _GIVEN_WORDS[known.kind],
                        known.symbol,
                        "",
                        np.asarray(self._trace.given[i]),
                        of_batch=is_batch,
                    )
            inputs, given = self._trace.inputs_of(self._graph, place), self._trace.given_of(self._graph, place)
            value = self._trace.values[place]
            self._of_value[place] = self._add(
                "loss" if isinstance(node.operation, Loss) else "value",
                node.layer,
                node.operation.words,
                node.symbol,
                self._in_symbols(node, node.operation.formula),
                value,
                uses=(*(self._of_value[i] for i in node.inputs), *(self._of_given[i] for i in node.given.values())),
                arithmetic=lambda at, node=node, value=value, inputs=inputs, given=given: node.operation.arithmetic(
                    at, value, *inputs, **given
                ),
            )
        return self._steps

    def backward(self, slopes: Slopes) -> list[Step]:
        """From the last node to the first: the gradient at its value, then those by its weights."""
        last = len(self._graph.nodes) - 1
        for place in range(last, INPUT - 1, -1):
            slope = slopes.inputs if place == INPUT else slopes.values[place]
            if slope is None:
                continue
            if place != last:
                self._slope_of_value(place, slope)
            if place != INPUT:
                self._slopes_of_weights(place, slopes)
        return self._steps

    def _slope_of_value(self, place: int, slope: np.ndarray) -> None:
        """The gradient at a value: from each operation that used it, and their sum if there are several."""
        node = self._graph.nodes[place] if place != INPUT else None
        symbol = symbol_of_slope(node.symbol if node else "x")
        layer = node.layer if node else "inputs"
        users = [
            (user, which)
            for user, other in enumerate(self._graph.nodes)
            for which, source in enumerate(other.inputs)
            if source == place and self._is_reached(user)
        ]
        words = Words(en="gradient at what the layer puts out", zh="对该层输出的梯度")
        if node is None:
            words = Words(en="gradient at the inputs", zh="对输入的梯度")
        elif node.symbol.startswith("z"):
            words = Words(en="gradient at the weighted sums", zh="对加权和的梯度")
        is_lone = len(users) == 1
        parts = []
        for user, which in users:
            value = slope if is_lone else self._handed_back(user, which)
            if value is None:
                continue  # numbers of rows, which an embedding takes
            via = self._graph.nodes[user]
            parts.append(
                self._add(
                    "gradient",
                    layer,
                    words if is_lone else _part_words(via.layer),
                    symbol if is_lone else rf"{symbol}{_ALONG}_{{{via.symbol}}}",
                    self._in_symbols(self._graph.nodes[user], self._rule(user, _input_name(which))),
                    value,
                    uses=self._used_by_rule(user, _input_name(which)),
                    arithmetic=lambda at, user=user, which=which: self._chain(user, which, at),
                )
            )
        self._of_slope[place] = parts[0]
        if len(parts) > 1:
            arrays = [self._steps[part - 1].value for part in parts]
            self._of_slope[place] = self._add(
                "gradient",
                layer,
                words,
                symbol,
                rf"{symbol} = \sum \text{{of the parts}}",
                slope,
                uses=tuple(parts),
                arithmetic=lambda at: sum_of_products([(array[at],) for array in arrays]),
            )

    def _slopes_of_weights(self, place: int, slopes: Slopes) -> None:
        node = self._graph.nodes[place]
        for name, i in node.given.items():
            gradient = slopes.given[i]
            users = [
                (user, key)
                for user, other in enumerate(self._graph.nodes)
                for key, at in other.given.items()
                if at == i
            ]
            if gradient is None or self._graph.given[i].kind != "trainable" or users[0] != (place, name):
                continue  # a weight that is used twice is written down at its first use, which comes last
            symbol = symbol_of_slope(self._graph.given[i].symbol)
            self._add(
                "gradient",
                node.layer,
                Words(en="gradient by the weight", zh="对权重的梯度"),
                symbol,
                self._in_symbols(node, self._rule(place, name)),
                gradient,
                uses=tuple(dict.fromkeys(step for user, key in users for step in self._used_by_rule(user, key))),
                arithmetic=lambda at, users=users: " + ".join(self._chain(user, key, at) for user, key in users),
                of_batch=False,
            )

    def _rule(self, place: int, name: str) -> str:
        rules = self._graph.nodes[place].operation.rules
        return rules.get(name) or rules["input"]

    def _is_reached(self, place: int) -> bool:
        """Whether the loss depends on a node's value."""
        return place in self._of_slope or place == len(self._graph.nodes) - 1

    def _handed_back(self, user: int, which: int) -> np.ndarray | None:
        return self._trace.backs[user](self._upstream(user)).inputs[which]

    def _upstream(self, place: int) -> np.ndarray:
        """The gradient at a node's value."""
        if place == len(self._graph.nodes) - 1:
            return np.ones_like(self._trace.values[place])
        return self._steps[self._of_slope[place] - 1].value

    def _used_by_rule(self, place: int, name: str) -> tuple[int, ...]:
        """The steps whose symbols a rule names: the gradient at the value, and what else its formula needs."""
        node, rule = self._graph.nodes[place], self._rule(place, name)
        steps = [self._of_slope[place]] if place in self._of_slope else []
        named = set(_MACRO.findall(re.sub(r"\\partial \\[A-Z]+", "", rule)))
        if r"\OUT" in named or place not in self._of_slope:
            steps.append(self._of_value[place])
        steps += [self._of_value[source] for which, source in enumerate(node.inputs) if input_macro(which) in named]
        steps += [self._of_given[i] for key, i in node.given.items() if _macro(key) in named]
        return tuple(dict.fromkeys(steps))

    def _chain(self, place: int, by: int | str, at: Place) -> str:
        """Local derivative times gradient, for each output of a node that depends on the entry."""
        inputs, given = self._trace.inputs_of(self._graph, place), self._trace.given_of(self._graph, place)
        operation, upstream = self._graph.nodes[place].operation, self._upstream(place)
        own = operation.gradient_arithmetic(by, at, upstream, *inputs, **given)
        if own is not None:
            return own
        local = local_derivatives(operation, inputs, given, by=by, place=at)
        slopes = upstream[tuple(local.places.T)] if len(local.places) else np.zeros(0)
        return sum_of_products(zip(local.derivatives, np.atleast_1d(slopes), strict=True))

    def _in_symbols(self, node: Node, formula: str) -> str:
        """A formula with the symbols of the network in the place of the operation's own."""
        names = {r"\OUT": node.symbol}
        for which, source in enumerate(node.inputs):
            names[input_macro(which)] = "x" if source == INPUT else self._graph.nodes[source].symbol
        for name, i in node.given.items():
            names[_macro(name)] = self._graph.given[i].symbol
        return with_symbols(formula, names)

    def _add(
        self,
        kind: Kind,
        layer: str,
        words: Words,
        symbol: str,
        formula: str,
        value: np.ndarray,
        *,
        uses: tuple[int, ...] = (),
        arithmetic: Callable[[Place], str] | None = None,
        of_batch: bool = True,
    ) -> int:
        n = len(self._steps) + 1
        write = arithmetic or (lambda at: number(float(value[at])))
        self._steps.append(Step(n, kind, layer, words, symbol, formula, value, uses, write, of_batch))
        return n
