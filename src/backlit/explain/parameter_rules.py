"""The parameters of each kind of layer, as products that are added up: window × channels × filters + biases.

A rule is written from the layer's settings and the width of what comes in; see `counting.py` for what is made of it.
A new kind of layer is one function and one entry of `_RULES`.

Source:
    hochreiter-schmidhuber-1997 (the gates of an LSTM); ioffe-szegedy-2015, algorithm 1 (γ and β).
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import keras

from backlit.explain.columns import joined
from backlit.language import Words

Product = tuple[int, ...]
_K = keras.layers


@dataclass(frozen=True)
class Group:
    """Some products that are added, and what the sum is multiplied by: `4×(3×5 + 5×5 + 5)`.

    Attributes:
        terms: The products that are added.
        times: Factors in front of the sum.
    """

    terms: tuple[Product, ...]
    times: Product = ()

    @property
    def count(self) -> int:
        """The value."""
        return math.prod(self.times) * sum(math.prod(term) for term in self.terms)

    def __str__(self) -> str:
        inside = " + ".join(joined(term) for term in self.terms)
        return f"{joined(self.times)}×({inside})" if self.times else inside


def rule_of(layer: Any) -> tuple[list[Group], Words] | None:
    """The rule of a layer that is known, by its exact class: a subclass may have weights of its own.

    Args:
        layer: A Keras layer that is built.

    Returns:
        The groups that are added up, and what their factors are; None for a layer that is not known.
    """
    if type(layer) is _K.TimeDistributed:
        return rule_of(layer.layer)
    if type(layer) is _K.Bidirectional:
        return _both_ways(layer)
    if type(layer) is _K.RNN:
        return rule_of(layer.cell)
    known = _RULES.get(type(layer))
    return (known[0](layer), known[1]) if known else None


def _both_ways(layer: Any) -> tuple[list[Group], Words] | None:
    there, back = rule_of(layer.forward_layer), rule_of(layer.backward_layer)
    if there is None or back is None:
        return None
    if there[0] != back[0]:
        return there[0] + back[0], there[1]
    groups = [Group(group.terms, (2, *group.times)) for group in there[0]]
    return groups, Words(en=f"2 directions × ({there[1].en})", zh=f"2 个方向 ×（{there[1].zh}）")


def _dense(layer: Any) -> list[Group]:
    return [Group(((layer.kernel.shape[0], layer.units), *_bias(layer, layer.units)))]


def _convolution(layer: Any) -> list[Group]:
    channels = _channels(layer) // layer.groups
    return [Group(((*layer.kernel_size, channels, layer.filters), *_bias(layer, layer.filters)))]


def _transposed(layer: Any) -> list[Group]:
    return [Group(((*layer.kernel_size, layer.filters, _channels(layer)), *_bias(layer, layer.filters)))]


def _depthwise(layer: Any) -> list[Group]:
    channels, each = _channels(layer), layer.depth_multiplier
    biases = ((channels, each),) if layer.use_bias else ()
    return [Group(((*layer.kernel_size, channels, each), *biases))]


def _separable(layer: Any) -> list[Group]:
    channels, each = _channels(layer), layer.depth_multiplier
    first, second = (*layer.kernel_size, channels, each), (channels, each, layer.filters)
    return [Group((first, second, *_bias(layer, layer.filters)))]


def _recurrent(n_sums: int) -> Callable[[Any], list[Group]]:
    """The rule of a recurrent layer whose cell makes `n_sums` weighted sums for each unit: 1, LSTM 4, GRU 3."""

    def rule(layer: Any) -> list[Group]:
        cell = getattr(layer, "cell", layer)
        biases: tuple[Product, ...] = _bias(cell, cell.units)
        if biases and getattr(cell, "reset_after", False):
            biases = ((2, cell.units),)
        terms = ((cell.kernel.shape[0], cell.units), (cell.units, cell.units), *biases)
        return [Group(terms, (n_sums,) if n_sums > 1 else ())]

    return rule


def _attention(layer: Any) -> list[Group]:
    heads, width = layer.num_heads, layer.key_dim
    query, key, value = (part.kernel.shape[0] for part in (layer.query_dense, layer.key_dense, layer.value_dense))
    out = layer.output_dense.kernel.shape[-1]
    groups: list[Group] = []
    for inputs, size in ((query, width), (key, width), (value, layer.value_dim)):
        terms = ((inputs, heads, size), *(((heads, size),) if layer.use_bias else ()))
        if groups and groups[-1].terms == terms:
            groups[-1] = Group(terms, (math.prod(groups[-1].times) + 1,))
        else:
            groups.append(Group(terms))
    return [*groups, Group(((heads, layer.value_dim, out), *_bias(layer, out)))]


def _batch_normalisation(layer: Any) -> list[Group]:
    [n] = layer.moving_mean.shape
    learned = layer.scale + layer.center
    return [Group((*_times(learned, (n,)), (2, n)))]


def _layer_normalisation(layer: Any) -> list[Group]:
    learned = layer.scale + layer.center
    weight = layer.gamma if layer.scale else layer.beta
    return [Group(_times(learned, tuple(weight.shape)) if learned else ())]


def _embedding(layer: Any) -> list[Group]:
    return [Group(((layer.input_dim, layer.output_dim),))]


def _prelu(layer: Any) -> list[Group]:
    return [Group((tuple(layer.alpha.shape),))]


def _bias(layer: Any, n: int) -> tuple[Product, ...]:
    return ((n,),) if layer.use_bias else ()


def _times(n: int, shape: Product) -> tuple[Product, ...]:
    return ((n, *shape) if n > 1 else shape,) if n else ()


def _channels(layer: Any) -> int:
    """Channels that come in, from the layer's note of what it accepts."""
    axis = -1 if layer.data_format == "channels_last" else 1
    return int(layer.input_spec.axes[axis])


BY_SHAPE = Words(en="the shapes of its weights", zh="按各权重的形状")
NONE = Words(en="no parameters", zh="没有参数")
NESTED = Words(en="the sum over its layers", zh="其中各层之和")
_WINDOW = Words(
    en="window × channels in × filters + one bias per filter", zh="窗口 × 输入通道数 × 滤波器数 + 每个滤波器一个偏置"
)
_DEPTHWISE = Words(
    en="window × channels × filters per channel + one bias per output channel",
    zh="窗口 × 通道数 × 每个通道的滤波器数 + 每个输出通道一个偏置",
)
_SEPARABLE = Words(
    en="window × channels × filters per channel, then 1×1: those channels × filters + one bias per filter",
    zh="窗口 × 通道数 × 每个通道的滤波器数，再加 1×1 卷积：这些通道 × 滤波器数 + 每个滤波器一个偏置",
)
_TRANSPOSED = Words(
    en="window × filters × channels in + one bias per filter", zh="窗口 × 滤波器数 × 输入通道数 + 每个滤波器一个偏置"
)
_ONE_SUM = Words(
    en="inputs × units + units × units (its own last output) + one bias per unit",
    zh="输入数 × 单元数 + 单元数 × 单元数（来自上一时刻的输出）+ 每个单元一个偏置",
)
_LSTM = Words(
    en="4 (three gates and the candidate) × (inputs × units + units × units + one bias per unit)",
    zh="4（三个门和候选状态）×（输入数 × 单元数 + 单元数 × 单元数 + 每个单元一个偏置）",
)
_GRU = Words(
    en="3 (two gates and the candidate) × (inputs × units + units × units + biases; two per unit with `reset_after`)",
    zh="3（两个门和候选状态）×（输入数 × 单元数 + 单元数 × 单元数 + 偏置；`reset_after` 时每个单元两个）",
)
_ATTENTION = Words(
    en="query, key, value: width × heads × size of a head + biases; output: heads × size × width + biases",
    zh="查询、键、值：宽度 × 头数 × 每头大小 + 偏置；输出：头数 × 每头大小 × 宽度 + 偏置",
)
_BATCH = Words(
    en="γ and β of each channel learn; mean and variance of each channel are kept, not learned",
    zh="每个通道的 γ 和 β 参与学习；每个通道的均值和方差只作记录，不参与学习",
)
_LAYER = Words(en="γ and β of each feature", zh="每个特征的 γ 和 β")

_RULES: dict[type, tuple[Callable[[Any], list[Group]], Words]] = {
    _K.Dense: (_dense, Words(en="inputs × units + one bias per unit", zh="输入数 × 单元数 + 每个单元一个偏置")),
    **dict.fromkeys((_K.Conv1D, _K.Conv2D, _K.Conv3D), (_convolution, _WINDOW)),
    **dict.fromkeys((_K.Conv1DTranspose, _K.Conv2DTranspose, _K.Conv3DTranspose), (_transposed, _TRANSPOSED)),
    **dict.fromkeys((_K.DepthwiseConv1D, _K.DepthwiseConv2D), (_depthwise, _DEPTHWISE)),
    **dict.fromkeys((_K.SeparableConv1D, _K.SeparableConv2D), (_separable, _SEPARABLE)),
    **dict.fromkeys((_K.SimpleRNN, _K.SimpleRNNCell), (_recurrent(1), _ONE_SUM)),
    **dict.fromkeys((_K.LSTM, _K.LSTMCell), (_recurrent(4), _LSTM)),
    **dict.fromkeys((_K.GRU, _K.GRUCell), (_recurrent(3), _GRU)),
    _K.MultiHeadAttention: (_attention, _ATTENTION),
    _K.BatchNormalization: (_batch_normalisation, _BATCH),
    _K.LayerNormalization: (_layer_normalisation, _LAYER),
    _K.Embedding: (_embedding, Words(en="words × size of a vector", zh="词数 × 向量大小")),
    _K.PReLU: (_prelu, Words(en="one slope each, shared along axes of size 1", zh="每处一个斜率，大小为 1 的轴上共用")),
}
