r"""What each layer does to the shape of a sample, and why the result has the size that it has.

    shapes(model)
    layer    shape before  shape after  how it comes about
    conv     28×28×1       26×26×32     (28 − 3)/1 + 1 = 26; one channel per filter
    pool     26×26×32      13×13×32     (26 − 2)/2 + 1 = 13; each channel by itself
    flatten  13×13×32      5408         13 × 13 × 32 = 5408

Shapes are those of Keras's own graph; the equations are computed here, and must come to the same.

Not for the values: see `sliding.py` for a window position by position.

Source:
    dumoulin-visin-2016, sections 2 and 4 (transposed convolution).
"""

from dataclasses import dataclass
from typing import Any

import keras

from backlit.errors import ModelError
from backlit.explain._keras_private import Shape, calls_of
from backlit.explain.columns import columns, joined
from backlit.explain.shape_rules import why
from backlit.formula import readable
from backlit.language import Language, Words, language, text


@dataclass(frozen=True)
class LayerShape:
    """What one layer does to the shape.

    Attributes:
        layer: Its Keras name.
        kind: Its class, such as `Conv2D`.
        before: Shape of each input, without the batch.
        after: Shape of each output, without the batch.
        formulas: How sizes come about, in LaTeX; one for all axes for which it is the same.
        words: What else happens, such as `one channel per filter`.
        depth: 0; 1 for the layers of a model that is used as a layer, and so on.
    """

    layer: str
    kind: str
    before: tuple[Shape, ...]
    after: tuple[Shape, ...]
    formulas: tuple[str, ...]
    words: Words
    depth: int = 0

    def why(self, spoken: Language) -> str:
        """Formulas and words in one line."""
        separator = "；" if spoken == "zh" else "; "
        return separator.join([*map(readable, self.formulas), self.words.say(spoken)])


@dataclass(frozen=True)
class Shapes:
    """The shapes on the way through a model.

    Attributes:
        name: Of the model.
        layers: One for each use of a layer, in the order of computing.
    """

    name: str
    layers: tuple[LayerShape, ...]

    def __getitem__(self, layer: str) -> LayerShape:
        """A layer by its name, where it is first used."""
        for one in self.layers:
            if one.layer == layer:
                return one
        raise KeyError(f"no layer {layer!r}; there are {', '.join(one.layer for one in self.layers)}")

    def say(self, spoken: Language) -> str:
        """A table, a line for each layer.

        Args:
            spoken: Language.

        Returns:
            Lines of plain text.
        """
        head = [text("layer"), text("shape before"), text("shape after"), text("how it comes about")]
        rows = [[words.say(spoken) for words in head]]
        rows += [
            [
                "  " * one.depth + one.layer,
                ", ".join(map(joined, one.before)),
                ", ".join(map(joined, one.after)),
                one.why(spoken),
            ]
            for one in self.layers
        ]
        return "\n".join(columns(rows))

    def __str__(self) -> str:
        return self.say(language())


def shapes(model: keras.Model) -> Shapes:
    """What each layer of a model does to the shape of a sample.

    Args:
        model: Built; Sequential or functional.

    Returns:
        Shapes before and after each layer, and how the sizes come about.

    Raises:
        ModelError: If the model is not built, or is a subclass of `keras.Model`, whose code cannot be read.

    Example:
        >>> import backlit, keras
        >>> model = keras.Sequential([keras.Input((28, 28, 1)), keras.layers.Conv2D(32, 3, name="conv")])
        >>> shapes(model)["conv"].why("en")
        '(28 − 3)/1 + 1 = 26; one channel per filter'

    Source:
        dumoulin-visin-2016, section 2.4.
    """
    is_known_form = isinstance(model, keras.Sequential) or type(model).__name__ == "Functional"
    if not is_known_form or not model.built:
        raise ModelError(
            "explain-shapes",
            what=text("Following the shapes through `{name}`", name=model.name),
            expected=text("a built Sequential or functional model"),
            received=text("a model that is not built yet")
            if is_known_form
            else text("`{kind}`, whose code cannot be read", kind=type(model).__name__),
            fix=text("Begin the model with `keras.Input(shape)`, or take the trained `run.model`."),
        )
    return Shapes(model.name, tuple(_walked(model, 0)))


def _walked(model: Any, depth: int) -> list[LayerShape]:
    found = []
    for layer, before, after in calls_of(model):
        formulas, words = why(layer, before, after)
        unique = tuple(dict.fromkeys(formulas))
        found.append(LayerShape(layer.name, type(layer).__name__, before, after, unique, words, depth))
        if isinstance(layer, keras.Sequential) or type(layer).__name__ == "Functional":
            found += _walked(layer, depth + 1)
    return found
