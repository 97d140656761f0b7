"""Random small networks over all layers that can be explained, drawn with Hypothesis.

A network begins as an image, a sequence, a row of tokens or a vector; it passes a few blocks of its kind, becomes a
sequence or a vector, passes blocks of that kind, and ends in a head that fits a loss. Sizes stay small: a network
computes in milliseconds, and no two axes have to be equal for a mistake to show.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
from hypothesis import strategies as st

from backlit.explain.ops.activations import CURVES
from backlit.explain.ops.losses import PENALTIES

layers, ops = keras.layers, keras.ops
N_TOKENS = 7
# Exponential functions of sums grow without bounds in a deep network, and no difference quotient is exact there.
CURVE_NAMES = sorted(set(CURVES) - {"exponential"})
Block = Callable[[Callable[..., Any], Any], Any]


@dataclass(frozen=True)
class Network:
    """A network with data for one pass.

    Attributes:
        model: A Keras model.
        x: A batch.
        y: Its targets.
        loss: A name of Keras's.
    """

    model: keras.Model
    x: np.ndarray
    y: np.ndarray
    loss: Any


def _curve(draw):
    return draw(st.sampled_from(CURVE_NAMES))


def _size(draw, low=1, high=4):
    return draw(st.integers(low, high))


def _is(draw):
    return draw(st.booleans())


def _dense(draw, x):
    return layers.Dense(_size(draw), _curve(draw), use_bias=_is(draw))(x)


def _convolution(draw, x):
    n_axes = len(x.shape) - 2
    kind = draw(st.sampled_from(["Conv", "SeparableConv", "DepthwiseConv"]))
    settings: dict[str, Any] = {"padding": draw(st.sampled_from(["valid", "same"])), "use_bias": _is(draw)}
    if _is(draw):
        settings["strides"] = 2
    elif kind != "DepthwiseConv" and min(x.shape[1:-1]) > 3 and _is(draw):
        settings["dilation_rate"] = 2
    if kind != "DepthwiseConv":
        settings["filters"] = _size(draw)
    return getattr(layers, f"{kind}{n_axes}D")(kernel_size=2, activation=_curve(draw), **settings)(x)


def _causal(draw, x):
    return layers.Conv1D(_size(draw), 2, padding="causal", dilation_rate=_size(draw, high=2))(x)


def _pooling(draw, x):
    n_axes = len(x.shape) - 2
    kind = draw(st.sampled_from(["MaxPooling", "AveragePooling"]))
    padding = draw(st.sampled_from(["valid", "same"]))
    return getattr(layers, f"{kind}{n_axes}D")(2, strides=_size(draw, high=2), padding=padding)(x)


def _padding(draw, x):
    return getattr(layers, f"ZeroPadding{len(x.shape) - 2}D")(_size(draw, high=2))(x)


def _cropping(draw, x):
    if min(x.shape[1:-1]) < 4:
        return _padding(draw, x)
    return getattr(layers, f"Cropping{len(x.shape) - 2}D")(1)(x)


def _upsampling(draw, x):
    if max(x.shape[1:-1]) > 5:
        return _pooling(draw, x)
    return getattr(layers, f"UpSampling{len(x.shape) - 2}D")(2)(x)


def _normalisation(draw, x):
    settings = {"scale": _is(draw), "center": _is(draw)}
    kind = draw(st.sampled_from(["BatchNormalization", "LayerNormalization", "RMSNormalization"]))
    return getattr(layers, kind)(**(settings if kind != "RMSNormalization" else {}))(x)


def _batch(draw, x):
    return layers.BatchNormalization(scale=_is(draw), center=_is(draw))(x)


def _dropout(draw, x):
    return layers.Dropout(draw(st.sampled_from([0.0, 0.2, 0.5])))(x)


def _spatial_dropout(draw, x):
    return getattr(layers, f"SpatialDropout{len(x.shape) - 2}D")(0.3)(x)


def _activation(draw, x):
    kinds = ["activation", "relu", "leaky", "elu", *(["softmax"] if x.shape[-1] > 1 else [])]
    kind = draw(st.sampled_from(kinds))
    makers = {
        "activation": lambda: layers.Activation(_curve(draw)),
        "relu": layers.ReLU,
        "leaky": lambda: layers.LeakyReLU(negative_slope=0.3),
        "elu": lambda: layers.ELU(alpha=0.7),
        "softmax": layers.Softmax,
    }
    return makers[kind]()(x)


def _fixed(draw, x):
    if _is(draw):
        return layers.Rescaling(0.5, offset=0.1)(x)
    return layers.Normalization(axis=None, mean=0.2, variance=0.7)(x)


def _written(draw, x):
    made = draw(st.sampled_from([lambda x: 2 * x - 1, lambda x: 1 - x / 3.0, lambda x: -x, lambda x: x + 0.5]))
    return made(x)


def _meeting(draw, x):
    """Branches of equal shape that meet again."""
    n = draw(st.integers(2, 3))
    others = [layers.Dense(x.shape[-1], _curve(draw))(x) for _ in range(n - 1)]
    kind = draw(st.sampled_from(["Add", "Subtract", "Average", "Multiply", "Maximum", "Minimum", "Concatenate", "+*"]))
    if kind == "+*":
        return x + others[0] * x
    return getattr(layers, kind)()([x, others[0]] if kind == "Subtract" else [x, *others])


def _recurrent(draw, x, *, returns_sequences=True):
    kind = draw(st.sampled_from(["SimpleRNN", "LSTM", "GRU"]))
    settings: dict[str, Any] = {"go_backwards": _is(draw), "use_bias": _is(draw)}
    if _is(draw):
        settings["activation"] = _curve(draw)
    if kind != "SimpleRNN" and _is(draw):
        settings["recurrent_activation"] = "hard_sigmoid"
    return getattr(layers, kind)(_size(draw), return_sequences=returns_sequences, **settings)(x)


def _attention(draw, x):
    others = _dense(draw, x) if _is(draw) else x
    return layers.MultiHeadAttention(_size(draw, high=2), _size(draw, high=3), use_bias=_is(draw))(x, others)


def _every_step(draw, x):
    return layers.TimeDistributed(layers.Dense(_size(draw), _curve(draw)))(x)


def _turned(draw, x):
    return layers.Permute((2, 1))(x)


ANYWHERE: list[Block] = [_normalisation, _batch, _dropout, _activation, _fixed, _written, _meeting]
IMAGE: list[Block] = [_convolution, _convolution, _pooling, _padding, _cropping, _upsampling, _spatial_dropout]
SEQUENCE: list[Block] = [
    *(_convolution, _causal, _pooling, _padding, _cropping, _upsampling, _spatial_dropout),
    *(_recurrent, _recurrent, _attention, _attention, _every_step, _turned, _dense),
]
VECTOR: list[Block] = [_dense, _dense]


def _to_sequence(draw, x):
    return layers.Reshape((-1, x.shape[-1]))(x)


def _to_vector(draw, x):
    n_axes = len(x.shape) - 2
    ways = ["Flatten", "GlobalMaxPooling", "GlobalAveragePooling", "mean", *(["recurrent"] * 2 if n_axes == 1 else [])]
    way = draw(st.sampled_from(ways))
    if way == "Flatten":
        return layers.Flatten()(x)
    if way == "mean":
        return ops.mean(x, axis=list(range(1, n_axes + 1)))
    if way == "recurrent":
        return _recurrent(draw, x, returns_sequences=False)
    return getattr(layers, f"{way}{n_axes}D")()(x)


def _through(draw, x, blocks, most):
    for block in draw(st.lists(st.sampled_from([*blocks, *ANYWHERE]), min_size=1, max_size=most)):
        x = block(draw, x)
    return x


def _loss(draw):
    """A loss with the activation that makes its predictions, and how its targets are drawn."""
    name = draw(st.sampled_from(sorted(PENALTIES)))
    if name.endswith("_from_logits"):
        kind = {"b": keras.losses.BinaryCrossentropy, "c": keras.losses.CategoricalCrossentropy}[name[0]]
        return kind(from_logits=True), None, "flags" if name[0] == "b" else "shares"
    made = {
        "categorical_crossentropy": ("softmax", "shares"),
        "kl_divergence": ("softmax", "shares"),
        "binary_crossentropy": ("sigmoid", "flags"),
        "poisson": ("softplus", "positive"),
        "mean_squared_logarithmic_error": ("softplus", "positive"),
        "hinge": (None, "flags"),
        "squared_hinge": (None, "flags"),
    }
    activation, targets = made.get(name, (None, "numbers"))
    return name, activation, targets


def _targets(rng, kind, shape):
    numbers = rng.normal(size=shape)
    if kind == "shares":
        return np.exp(numbers) / np.exp(numbers).sum(-1, keepdims=True)
    return {"flags": (numbers > 0) * 1.0, "positive": np.abs(numbers), "numbers": numbers}[kind]


def draw_network(draw, start):
    """A network of random layers, weights and data.

    Not a strategy: Keras takes random numbers of its own while a model is built, which a strategy may not.

    Args:
        draw: Of `st.data()`.
        start: `image`, `sequence`, `tokens` or `vector`.

    Returns:
        Everything that a pass needs.
    """
    number = draw(st.integers(0, 2**32 - 1))
    keras.utils.set_random_seed(number)
    rng = np.random.default_rng(number)
    shapes = {
        "image": (_size(draw, 4, 6), _size(draw, 4, 6), _size(draw, 1, 2)),
        "sequence": (_size(draw, 3, 6), _size(draw, 2, 3)),
        "tokens": (_size(draw, 3, 6),),
        "vector": (_size(draw, 2, 5),),
    }
    inputs = keras.Input(shapes[start], dtype="int32" if start == "tokens" else "float32")
    x = inputs
    if start == "tokens":
        x = layers.Embedding(N_TOKENS, _size(draw, 2, 3))(x)
    if start == "image":
        x = _through(draw, x, IMAGE, 4)
        x = _to_sequence(draw, x) if _is(draw) else _to_vector(draw, x)
    if len(x.shape) == 3:
        x = _to_vector(draw, _through(draw, x, SEQUENCE, 4))
    x = _through(draw, x, VECTOR, 3)
    loss, activation, targets = _loss(draw)
    model = keras.Model(inputs, layers.Dense(_size(draw, 2, 3), activation)(x))
    for variable in model.weights:
        value = np.asarray(variable.value)
        moved = value + rng.normal(scale=0.3, size=value.shape)
        variable.assign((np.abs(moved) if "variance" in variable.path else moved).astype("float32"))
    n = _size(draw, 2, 4)
    batch = (
        rng.integers(0, N_TOKENS, (n, *shapes[start])) if start == "tokens" else rng.normal(size=(n, *shapes[start]))
    )
    return Network(model, batch, _targets(rng, targets, (n, model.output_shape[-1])), loss)
