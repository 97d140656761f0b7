"""What the filters of a convolution layer are, what they make of a picture, and what excites them.

    found = filters(run.model, "conv2d_1", data=run.data)
    found.kernels                    (height, width, channel, filter)
    found.feature_maps(picture)      the layer's output
    found.excited.images             the input that excites each filter most; .reached, .start: how much
    found.top()                      the rows of the data that do, and where on the map

What takes time is computed when it is first asked for, with the weights as they were when `filters` was called.

Not for why the network decides as it does: see `saliency.py`. Whether a filter answers to the shape, the texture or the
colour is measured by `backlit.measure.selectivity`.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import keras
import numpy as np
from jaxtyping import Float

from backlit.errors import DataError, ModelError, SettingError
from backlit.explain.convolutions import biases_of, convolutions_of, find_convolution, kernels_of
from backlit.explain.excitation import Ascent, Excited, Range, excite
from backlit.explain.strongest import Top, feature_maps, find_peaks, find_top
from backlit.explain.watched import Weights, held_weights, read_rows, reads_numbers
from backlit.language import listed, text


@dataclass(frozen=True, eq=False)
class Filters:
    """The filters of one convolution layer.

    Attributes:
        model: Whose; its weights may change, those here stay as they were.
        layer: Keras's name of the layer.
        kernels: One for each filter; those of other kinds of layers brought into this form (`convolutions.py`).
        biases: One for each filter; zeros where the layer has none.
        weights: Of the whole model, as they were.
        rows: The data, or None.
        ascent: How `excited` climbs.
        seed: Of its noise.
        n_top: How many rows `top` gives.
    """

    model: keras.Model
    layer: str
    kernels: Float[np.ndarray, "*window channel filter"]
    biases: Float[np.ndarray, " filter"]
    weights: Weights
    rows: np.ndarray | None
    ascent: Ascent
    seed: int
    n_top: int

    def __len__(self) -> int:
        """How many filters."""
        return self.kernels.shape[-1]

    def __repr__(self) -> str:
        return f"<Filters: {len(self)} of `{self.layer}`, {'×'.join(map(str, self.kernels.shape[:-1]))}>"

    @cached_property
    def excited(self) -> Excited:
        """The input that excites each filter most, by gradient ascent, all filters in one program.

        Returns:
            Images, and the activations reached and at the start.

        Raises:
            DataError: If the size of an input is not known.
            ModelError: If the model reads words.
        """
        what = text("Looking for what excites the filters of `{layer}`", layer=self.layer)
        if reads_numbers(self.model):
            raise ModelError(
                "filters-tokens",
                what=what,
                expected=text("inputs that can change by a little"),
                received=text("a model with an `Embedding`, which reads whole numbers"),
                fix=text("`top(data)` shows the rows of the data that excite each filter most."),
            )
        shape = self.model.inputs[0].shape[1:] if self.rows is None else self.rows.shape[1:]
        if None in shape:
            raise DataError(
                "filters-size",
                what=what,
                expected=text("inputs of a known size"),
                received=text("shape {shape}", shape=shape),
                fix=text("Pass `data=`, whose rows have a size."),
            )
        layer = find_convolution(self.model, self.layer)
        span = _range(self.rows, shape, is_channels_first=layer.data_format == "channels_first")
        return excite(self.model, layer, self.weights, shape, span=span, ascent=self.ascent, seed=self.seed)

    def feature_maps(self, x: Any) -> Float[np.ndarray, "sample *space filter"]:
        """What the layer puts out.

        Args:
            x: One sample without the batch axis, or several.

        Returns:
            A map for each filter, the batch first.

        Raises:
            DataError: If the sample does not fit the model.
        """
        return feature_maps(self.model, self.layer, self.weights, read_rows(self.model, x))

    def peaks(self, data: Any = None) -> Float[np.ndarray, "sample filter"]:
        """The largest activation on each filter's map, for every row; `selectivity` asks what they depend on.

        Args:
            data: A Dataset (all its rows) or rows; None for the data given to `filters`.

        Returns:
            One for each row and filter.

        Raises:
            DataError: If there is no data, or it does not fit the model.
        """
        return find_peaks(self.model, self.layer, self.weights, self._rows(data))

    def top(self, data: Any = None, *, n: int | None = None) -> Top:
        """The rows that excite each filter most, and where.

        Args:
            data: A Dataset (all its rows) or rows; None for the data given to `filters`.
            n: How many for each filter; None for `n_top`.

        Returns:
            Row numbers, activations and positions, the strongest first.

        Raises:
            DataError: If there is no data, or it does not fit the model.
        """
        most = self.n_top if n is None else _at_least("n", n, 1)
        return find_top(self.model, self.layer, self.weights, self._rows(data), n=most)

    def _rows(self, data: Any) -> np.ndarray:
        if data is not None:
            return read_rows(self.model, data)
        if self.rows is not None:
            return self.rows
        raise DataError(
            "filters-data",
            what=text("Looking for the rows that excite the filters of `{layer}`", layer=self.layer),
            expected=text("data"),
            received=text("none"),
            fix=text("Write `top(data)`, or give `filters` the data at once: `filters(model, data=data)`."),
        )


def filters(
    model: keras.Model,
    layer: str | None = None,
    *,
    data: Any = None,
    steps: int = Ascent.steps,
    rate: float | int = Ascent.rate,
    decay: float | int = Ascent.decay,
    variation: float | int = Ascent.variation,
    jitter: int = Ascent.jitter,
    seed: int = 0,
    top: int = 9,
) -> Filters:
    """The filters of a convolution layer: kernels, feature maps, and what excites each of them most.

    Args:
        model: Built, with one input; layers of models inside it count, too.
        layer: Name of the convolution layer; None for the first one.
        data: A Dataset or rows: `top` looks through them, and `excited` keeps within their range, which is 0 to 1
            without data.
        steps: Of the ascent, at least 1.
        rate: Length of its first step, as a share of the data's range; 0 or more.
        decay: How strongly pixels are drawn to the data's mean; 0 or more.
        variation: How strongly differences between neighbours are held down; 0 or more.
        jitter: By how many pixels the image is shifted at most while it forms; 0 or more.
        seed: Of the noise from which the ascent begins.
        top: How many rows `top()` gives for each filter, at least 1.

    Returns:
        The filters.

    Raises:
        DataError: If the data do not fit the model.
        ModelError: If the model has no such convolution layer, or several inputs.
        SettingError: If a number is out of its range.

    Example:
        >>> edge = keras.layers.Conv2D(1, (1, 2), use_bias=False, name="edge")
        >>> model = keras.Sequential([keras.Input((1, 4, 1)), edge])
        >>> edge.set_weights([np.array([-1.0, 1.0], "float32").reshape(1, 2, 1, 1)])
        >>> found = filters(model, jitter=0)
        >>> [round(float(pixel), 1) for pixel in found.excited.images[0, 0, 1:3, 0]]  # dark, then bright
        [0.0, 1.0]

    Source:
        erhan-2009; the brakes on the ascent and their sources stand in `excitation.py`.
    """
    found = find_convolution(model, layer)
    _require_one_input(model)
    ascent = Ascent(
        steps=_at_least("steps", steps, 1),
        rate=_at_least("rate", rate, 0),
        decay=_at_least("decay", decay, 0),
        variation=_at_least("variation", variation, 0),
        jitter=_at_least("jitter", jitter, 0),
    )
    return Filters(
        model=model,
        layer=found.name,
        kernels=kernels_of(found),
        biases=biases_of(found),
        weights=held_weights(model),
        rows=None if data is None else read_rows(model, data),
        ascent=ascent,
        seed=seed,
        n_top=_at_least("top", top, 1),
    )


def _require_one_input(model: keras.Model) -> None:
    inputs = getattr(model, "inputs", None) or []
    if len(inputs) != 1:
        raise ModelError(
            "filters-inputs",
            what=text("Looking for the filters of `{name}`", name=model.name),
            expected=text("a Sequential or functional model with one input"),
            received=text("{n} inputs", n=len(inputs)),
            fix=text("Convolution layers: {names}.", names=listed(f"`{name}`" for name in convolutions_of(model))),
        )


def _at_least(name: str, value: Any, least: int) -> Any:
    if not isinstance(value, bool) and isinstance(value, int | float | np.number) and value >= least:
        return value
    raise SettingError(
        "filters-number",
        what=text("Looking at filters"),
        expected=text("`{name}` of at least {least}", name=name, least=least),
        received=text("{value}", value=value),
        fix=text("Leave it out for the usual value."),
    )


def _range(rows: np.ndarray | None, shape: tuple[int, ...], *, is_channels_first: bool) -> Range:
    """Smallest, largest and mean number of each channel."""
    channel = 0 if is_channels_first else len(shape) - 1
    size = [n if axis == channel else 1 for axis, n in enumerate(shape)]
    if rows is None:
        zeros = np.zeros(size, np.float32)
        return Range(zeros, zeros + np.float32(1), zeros + np.float32(0.5))
    axes = tuple(axis for axis in range(rows.ndim) if axis != channel + 1)
    low, high = rows.min(axes).reshape(size), rows.max(axes).reshape(size)
    high = np.where(high > low, high, low + 1)  # a channel that never changes
    mean = rows.mean(axes, dtype=np.float64).reshape(size)
    return Range(*(each.astype(np.float32) for each in (low, high, mean)))
