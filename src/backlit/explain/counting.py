r"""How many parameters each layer has, as a formula that can be redone by hand.

    parameters(model)
    layer   kind    parameters             learnable  not learnable
    conv    Conv2D  3×3×1×32 + 32 = 320          320              0
    dense   Dense   5408×10 + 10 = 54090      54,090              0

The rule of a layer is written from its settings (window, filters, units) and the width of what comes in, not read off
its weights; where rule and weights disagree, as for a layer with extra weights, the weights' shapes are shown instead
and said so. Weights that layers share are counted once in the sum.

Not for what the weights do to an input: see `explanation.py`.

Source:
    lecun-bottou-1998, section II.B (counting the weights that a convolution shares).
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import keras

from backlit.errors import ModelError
from backlit.explain.columns import columns
from backlit.explain.parameter_rules import BY_SHAPE, NESTED, NONE, Group, Product, rule_of
from backlit.language import Language, Words, language, text

_K = keras.layers


@dataclass(frozen=True)
class LayerCount:
    """The parameters of one layer.

    Attributes:
        layer: Its Keras name.
        kind: Its class, such as `Conv2D`.
        formula: How many, without the result, such as `3×3×1×32 + 32`; `0` for none.
        count: How many.
        trainable: How many of them learn.
        words: What the factors of the formula are.
        inside: The layers of a model that is used as a layer.
    """

    layer: str
    kind: str
    formula: str
    count: int
    trainable: int
    words: Words
    inside: tuple["LayerCount", ...] = ()

    @property
    def fixed(self) -> int:
        """How many do not learn: frozen ones, and statistics."""
        return self.count - self.trainable

    @property
    def equation(self) -> str:
        """Formula and result, such as `3×3×1×32 + 32 = 320`."""
        return self.formula if self.formula == str(self.count) else f"{self.formula} = {self.count}"

    @property
    def latex(self) -> str:
        """The equation in LaTeX."""
        return self.equation.replace("×", r" \times ")


@dataclass(frozen=True)
class Parameters:
    """The parameters of a model.

    Attributes:
        name: Of the model.
        layers: One for each layer, those without parameters included; inputs left out.
        total: How many in all, shared ones once.
        trainable: How many of them learn.
    """

    name: str
    layers: tuple[LayerCount, ...]
    total: int
    trainable: int

    @property
    def fixed(self) -> int:
        """How many do not learn."""
        return self.total - self.trainable

    @property
    def n_shared(self) -> int:
        """How many are named by several layers, and are counted once in `total`."""
        return sum(layer.count for layer in self.layers) - self.total

    def __getitem__(self, layer: str) -> LayerCount:
        """One layer by its name, also one inside a model that is used as a layer."""
        found = {one.layer: one for _, one in reversed(list(_walked(self.layers)))}
        if layer not in found:
            raise KeyError(f"no layer {layer!r}; there are {', '.join(found)}")
        return found[layer]

    def say(self, spoken: Language) -> str:
        """A table: a line for each layer, the sum, and what the factors are.

        Args:
            spoken: Language.

        Returns:
            Lines of plain text.
        """
        head = [text("layer"), text("kind"), text("parameters"), text("learnable"), text("not learnable")]
        rows = [[words.say(spoken) for words in head]]
        legend: dict[str, Words] = {}
        for depth, one in _walked(self.layers):
            rows.append(["  " * depth + one.layer, one.kind, one.equation, f"{one.trainable:,}", f"{one.fixed:,}"])
            if one.count:
                legend.setdefault(one.kind, one.words)
        rows.append([text("in all").say(spoken), "", f"{self.total:,}", f"{self.trainable:,}", f"{self.fixed:,}"])
        lines = columns(rows, right=(3, 4))
        if self.n_shared:
            lines += ["", text("{n:,} parameters are shared by layers and counted once.", n=self.n_shared).say(spoken)]
        if legend:
            lines += ["", *columns([[kind, words.say(spoken)] for kind, words in legend.items()])]
        return "\n".join(lines)

    def __str__(self) -> str:
        return self.say(language())


def parameters(model: keras.Model) -> Parameters:
    """How many parameters each layer of a model has, and why.

    Args:
        model: Any model that is built.

    Returns:
        A count with its formula for each layer, and the sums.

    Raises:
        ModelError: If the model, or a layer of it, has no weights yet because nothing told it the inputs' shape.

    Example:
        >>> import backlit, keras
        >>> model = keras.Sequential([keras.Input((28, 28, 1)), keras.layers.Conv2D(32, 3, name="conv")])
        >>> found = parameters(model)
        >>> found["conv"].equation, found.total
        ('3×3×1×32 + 32 = 320', 320)

    Source:
        lecun-bottou-1998, section II.B.
    """
    if not model.built:
        raise _not_built(model.name)
    learns = {id(weight) for weight in model.trainable_weights}
    layers = [_count(layer, learns) for layer in model.layers if not isinstance(layer, _K.InputLayer)]
    inside = {id(weight) for layer in model.layers for weight in layer.weights}
    own = [weight for weight in model.weights if id(weight) not in inside]
    if own:  # a subclassed model may hold weights that belong to no layer
        layers.append(_count_of(model.name, type(model).__name__, [Group(_shapes(own))], BY_SHAPE, own, learns))
    return Parameters(model.name, tuple(layers), _size(model.weights), _size(model.trainable_weights))


def _count(layer: Any, learns: set[int]) -> LayerCount:
    if not layer.built:
        raise _not_built(layer.name)
    kind, weights = type(layer).__name__, list(layer.weights)
    if isinstance(layer, keras.Model):
        inside = tuple(_count(one, learns) for one in layer.layers if not isinstance(one, _K.InputLayer))
        terms = tuple((one.count,) for one in inside if one.count)
        if sum(one.count for one in inside) == _size(weights):
            return _count_of(layer.name, kind, [Group(terms)], NESTED, weights, learns, inside=inside)
    known = rule_of(layer)
    if known is not None and sum(group.count for group in known[0]) == _size(weights):
        return _count_of(layer.name, kind, *known, weights, learns)
    words = BY_SHAPE if weights else NONE
    return _count_of(layer.name, kind, [Group(_shapes(weights))], words, weights, learns)


def _count_of(
    name: str,
    kind: str,
    groups: Iterable[Group],
    words: Words,
    weights: Sequence[Any],
    learns: set[int],
    *,
    inside: tuple[LayerCount, ...] = (),
) -> LayerCount:
    formula = " + ".join(str(group) for group in groups if group.terms) or "0"
    count = sum(group.count for group in groups)
    trainable = _size([weight for weight in weights if id(weight) in learns])
    return LayerCount(name, kind, formula, count, trainable, words, inside)


def _walked(layers: Iterable[LayerCount], depth: int = 0) -> Iterable[tuple[int, LayerCount]]:
    for layer in layers:
        yield depth, layer
        yield from _walked(layer.inside, depth + 1)


def _shapes(weights: Iterable[Any]) -> tuple[Product, ...]:
    return tuple(tuple(weight.shape) for weight in weights)


def _size(weights: Iterable[Any]) -> int:
    return sum(math.prod(weight.shape) for weight in weights)


def _not_built(name: str) -> ModelError:
    return ModelError(
        "explain-not-built",
        what=text("Counting the parameters of `{name}`", name=name),
        expected=text("a built model"),
        received=text("a model that is not built yet"),
        fix=text("Begin the model with `keras.Input(shape)`, or take the trained `run.model`."),
    )
