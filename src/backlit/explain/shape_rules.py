r"""Why each kind of layer gives the size that it gives: an equation for each axis, and a few words.

For windows the equations are those of `output_size.py`; other layers add, multiply or keep sizes. What Keras says is
what counts: an equation that came to another size would stop here.

Source:
    dumoulin-visin-2016, sections 2 and 4 (transposed convolution).
"""

import math
from collections.abc import Callable, Sequence
from typing import Any

import keras

from backlit.explain._keras_private import Shape
from backlit.explain.output_size import output_size, reach, size_equation
from backlit.language import Words

Why = tuple[list[str], Words]
_K = keras.layers


def why(layer: Any, before: tuple[Shape, ...], after: tuple[Shape, ...]) -> Why:
    """How the sizes of a layer's output come about.

    Args:
        layer: A Keras layer, or a model that is used as one.
        before: Shapes of its inputs, without the batch.
        after: Shapes of its outputs.

    Returns:
        An equation in LaTeX for each axis that has one, and words for the others.
    """
    inner = layer.layer if type(layer) is _K.TimeDistributed else layer
    skipped = 1 if inner is not layer else 0  # the steps of time, which stay
    for kinds, rule in _RULES:
        if type(inner) in kinds:
            return rule(inner, tuple(shape[skipped:] for shape in before), after[0][skipped:])
    if isinstance(layer, keras.Model):
        return [], Words(en="its layers follow", zh="其中各层见下")
    return [], _STAYS if set(before) == set(after) else Words(en="as Keras says", zh="以 Keras 给出的为准")


def _spatial(layer: Any, shape: Shape) -> Shape:
    """The axes along which a window slides."""
    is_last = getattr(layer, "data_format", "channels_last") == "channels_last"  # some layers know no other
    return shape[:-1] if is_last else shape[1:]


def _window(words: Words, size: str) -> Callable[[Any, tuple[Shape, ...], Shape], Why]:
    """The rule of a layer with a window: convolution, pooling."""

    def rule(layer: Any, before: tuple[Shape, ...], after: Shape) -> Why:
        formulas = []
        dilation = getattr(layer, "dilation_rate", (1,) * len(layer.strides))
        axes = zip(_spatial(layer, before[0]), getattr(layer, size), layer.strides, _each(layer, dilation), strict=True)
        for (n, kernel, stride, apart), result in zip(axes, _spatial(layer, after), strict=True):
            setting: dict[str, Any] = {
                "kernel": kernel,
                "stride": stride,
                "padding": layer.padding,
                "dilation": apart,
            }
            assert n is None or output_size(n, **setting) == result, "bug in backlit: another size than Keras's"
            formulas.append(size_equation(n, **setting))
        return formulas, words

    return rule


def _each(layer: Any, value: Any) -> tuple[int, ...]:
    return (value,) * len(layer.strides) if isinstance(value, int) else tuple(value)


def _transposed(layer: Any, before: tuple[Shape, ...], after: Shape) -> Why:
    formulas = []
    extra = layer.output_padding
    given = (None,) * len(layer.strides) if extra is None else _each(layer, extra)
    axes = zip(
        _spatial(layer, before[0]),
        layer.kernel_size,
        layer.strides,
        _each(layer, layer.dilation_rate),
        given,
        _spatial(layer, after),
        strict=True,
    )
    for n, kernel, stride, apart, more, result in axes:
        written, k = "n" if n is None else str(n), reach(kernel, apart)
        if layer.padding == "same" and more is None:
            formula = rf"{written} \cdot {stride}"
        elif layer.padding == "same":
            formula = rf"({written} - 1) \cdot {stride} + {k % 2} + {more}"
        else:
            more = max(stride - k, 0) if more is None else more
            formula = rf"({written} - 1) \cdot {stride} + {k}" + (f" + {more}" if more else "")
        formulas.append(formula if n is None else f"{formula} = {result}")
    return formulas, _PER_FILTER


def _changed(each: Callable[[Any], Sequence[Any]], write: Callable[[str, Any], str], words: Words) -> Any:
    """The rule of a layer that changes the length of each spatial axis by its setting: padding, cropping, repeating."""

    def rule(layer: Any, before: tuple[Shape, ...], after: Shape) -> Why:
        axes = zip(_spatial(layer, before[0]), each(layer), _spatial(layer, after), strict=True)
        formulas = []
        for n, setting, result in axes:
            formula = write("n" if n is None else str(n), setting)
            formulas.append(formula if n is None else f"{formula} = {result}")
        return formulas, words

    return rule


def _reshaped(_: Any, before: tuple[Shape, ...], after: Shape) -> Why:
    left, right = ([n for n in shape if n is not None] for shape in (before[0], after))
    if len(left) < len(before[0]) or len(right) < len(after):
        return [], _ORDER
    assert math.prod(left) == math.prod(right), "bug in backlit: numbers got lost in a reshape"
    if len(left) == len(right) == 1:
        return [], _ORDER
    sides = (r" \times ".join(map(str, shape)) or "1" for shape in (left, right))
    return [" = ".join(sides)], _ORDER


def _concatenated(layer: Any, before: tuple[Shape, ...], after: Shape) -> Why:
    axis = layer.axis if layer.axis < 0 else layer.axis - 1
    parts = [shape[axis] for shape in before]
    words = Words(en="side by side", zh="并排拼接")
    if None in parts:
        return [], words
    return [f"{' + '.join(map(str, parts))} = {after[axis]}"], words


def _recurrent(layer: Any, *_: Any) -> Why:
    if layer.return_sequences:
        return [], Words(en="one number per unit, at each step of time", zh="每个时间步、每个单元一个数")
    return [], Words(en="one number per unit, after the last step of time", zh="最后一个时间步之后，每个单元一个数")


def _said(en: str, zh: str) -> Callable[[Any, tuple[Shape, ...], Shape], Why]:
    return lambda *_: ([], Words(en=en, zh=zh))


def _names(pattern: str, ranks: str = "123") -> tuple[type, ...]:
    return tuple(getattr(_K, pattern.format(rank)) for rank in ranks)


_STAYS = Words(en="the shape stays", zh="形状不变")
_ORDER = Words(en="the same numbers in the same order", zh="数值与顺序都不变")
_PER_FILTER = Words(en="one channel per filter", zh="每个滤波器一个通道")
_ALONE = Words(en="each channel by itself", zh="各通道分别进行")
_ZEROS = Words(en="zeros around", zh="四周补零")
_CUT = Words(en="cut off at the edges", zh="裁去边缘")
_REPEATED = Words(en="each place repeated", zh="每个位置重复")
_PER_CHANNEL = Words(
    en="each channel by itself, then all channels per filter", zh="先各通道分别卷积，再由每个滤波器合并"
)
_DEPTHWISE = Words(en="`depth_multiplier` channels from each channel", zh="每个通道得到 `depth_multiplier` 个通道")

_RULES: tuple[tuple[tuple[type, ...], Callable[[Any, tuple[Shape, ...], Shape], Why]], ...] = (
    (_names("Conv{}D"), _window(_PER_FILTER, "kernel_size")),
    (_names("SeparableConv{}D", "12"), _window(_PER_CHANNEL, "kernel_size")),
    (_names("DepthwiseConv{}D", "12"), _window(_DEPTHWISE, "kernel_size")),
    (_names("MaxPooling{}D") + _names("AveragePooling{}D"), _window(_ALONE, "pool_size")),
    (_names("Conv{}DTranspose"), _transposed),
    (
        _names("GlobalMaxPooling{}D") + _names("GlobalAveragePooling{}D"),
        _said("one number per channel", "每个通道一个数"),
    ),
    (
        _names("ZeroPadding{}D"),
        _changed(lambda layer: _pairs(layer.padding), lambda n, ends: f"{n} + {ends[0]} + {ends[1]}", _ZEROS),
    ),
    (
        _names("Cropping{}D"),
        _changed(lambda layer: _pairs(layer.cropping), lambda n, ends: f"{n} - {ends[0]} - {ends[1]}", _CUT),
    ),
    (
        _names("UpSampling{}D"),
        _changed(
            lambda layer: (layer.size,) if isinstance(layer.size, int) else layer.size,
            lambda n, times: rf"{n} \cdot {times}",
            _REPEATED,
        ),
    ),
    ((_K.Flatten, _K.Reshape), _reshaped),
    ((_K.Concatenate,), _concatenated),
    ((_K.Dense,), _said("one number per unit", "每个单元一个数")),
    ((_K.Embedding,), _said("each class number becomes a vector", "每个类别编号变成一个向量")),
    ((_K.SimpleRNN, _K.LSTM, _K.GRU, _K.RNN), _recurrent),
    ((_K.MultiHeadAttention,), _said("one vector for each query", "每个查询一个向量")),
    ((_K.Permute,), _said("the axes change places", "各轴交换位置")),
    ((_K.RepeatVector,), _said("the same vector several times", "同一个向量重复多次")),
)


def _sizes(layer: Any) -> tuple[int, ...]:
    return (layer.size,) if isinstance(layer.size, int) else tuple(layer.size)


def _pairs(setting: Any) -> list[tuple[int, int]]:
    """Ends of each axis; Keras keeps one pair alone for a layer with one axis."""
    return [tuple(setting)] if isinstance(setting[0], int) else [tuple(pair) for pair in setting]
