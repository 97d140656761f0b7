"""Layers, each between inputs and three logits; all of them in populations too."""

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
from keras import layers

from tests.engine.cases.kind import IMAGE, LINE, N_CLASSES, TABLE, TOKENS, VOLUME, Case


def _through(shape: tuple[int, ...], middle: Callable[[Any], Any]) -> Callable[[], keras.Model]:
    """A model that sends its inputs through `middle` and reads three logits off the result."""

    def build() -> keras.Model:
        inputs = keras.Input(shape, dtype="int32" if shape == TOKENS else None)
        hidden = middle(inputs)
        hidden = layers.Flatten(name="flat")(hidden) if len(hidden.shape) > 2 else hidden
        model = keras.Model(inputs, layers.Dense(N_CLASSES, name="head")(hidden))
        model.compile(
            keras.optimizers.SGD(0.05, momentum=0.9), keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        )
        return model

    return build


def _stack(*parts: Any) -> Callable[[Any], Any]:
    def middle(hidden: Any) -> Any:
        for part in parts:
            hidden = part(hidden)
        return hidden

    return middle


def _merged(inputs: Any) -> Any:
    left, right = layers.Dense(5, "tanh")(inputs), layers.Dense(5, "sigmoid")(inputs)
    merges = (layers.Add, layers.Subtract, layers.Multiply, layers.Average, layers.Maximum, layers.Minimum)
    parts = [merge()([left, right]) for merge in merges]
    return layers.Concatenate()([*parts, layers.Dot(axes=1)([left, right])])


def _every_activation(inputs: Any) -> Any:
    # all that Keras names but `glu`, which halves a width that Dense does not know of; each in a branch of its own.
    names = (
        "celu elu exponential gelu hard_shrink hard_sigmoid hard_silu hard_tanh leaky_relu linear log_sigmoid "
        "log_softmax mish relu relu6 selu sigmoid silu soft_shrink softmax softplus softsign sparse_plus tanh "
        "tanh_shrink"
    )
    return layers.Concatenate()([layers.Dense(4, name, name=name)(inputs) for name in names.split()])


def _attended(kind: Any, **options: Any) -> Callable[[Any], Any]:
    def middle(inputs: Any) -> Any:
        query, value = layers.Dense(4)(inputs), layers.Dense(4)(inputs)
        return kind(**options)([query, value])

    return middle


def _self_attended(layer: Callable[[], Any], **options: Any) -> Callable[[Any], Any]:
    def middle(inputs: Any) -> Any:
        attended = layer()(inputs, inputs, **options)
        return attended[0] if options else attended

    return middle


def _adapted(inputs: Any) -> Any:
    layer = layers.Normalization()
    layer.adapt(np.random.default_rng(1).normal(2.0, 3.0, (50, 6)))
    return layers.Dense(4, "tanh")(layer(inputs))


def _of(layer: Callable[..., Any], *arguments: Any, **options: Any) -> Callable[[Any], Any]:
    """The layer, made only when the case is."""
    return lambda hidden: layer(*arguments, **options)(hidden)


def _layer(name: str, shape: tuple[int, ...], middle: Callable[[Any], Any], **options: Any) -> Case:
    return Case(name, "layers", _through(shape, middle), in_population=True, **options)


_DENSE = _of(layers.Dense, 5, "tanh")
_WIDE = _of(layers.Dense, 8)
LAYERS = [
    _layer("dense", TABLE, _stack(_of(layers.Dense, 8, "relu"), _of(layers.Dense, 5, "relu", use_bias=False))),
    _layer("dense-over-time", LINE, _of(layers.Dense, 4, "relu")),
    _layer("einsum-dense", LINE, _of(layers.EinsumDense, "abc,cf->abf", output_shape=(8, 4), bias_axes="f")),
    _layer(
        "flatten-reshape-permute",
        IMAGE,
        _stack(_of(layers.Permute, (3, 1, 2)), _of(layers.Reshape, (12, 6)), _of(layers.Flatten), _DENSE),
    ),
    _layer("repeat-vector", TABLE, _stack(_of(layers.RepeatVector, 3), _DENSE)),
    _layer("conv1d", LINE, _of(layers.Conv1D, 4, 3, activation="relu")),
    _layer("conv1d-causal", LINE, _of(layers.Conv1D, 4, 2, padding="causal", dilation_rate=2, activation="tanh")),
    _layer("conv2d", IMAGE, _stack(_of(layers.Conv2D, 4, 3, activation="relu"), _of(layers.Conv2D, 3, 2))),
    _layer("conv2d-strided", IMAGE, _of(layers.Conv2D, 4, 3, strides=2, padding="same", activation="relu")),
    _layer("conv2d-dilated-grouped", IMAGE, _of(layers.Conv2D, 4, 2, dilation_rate=2, groups=2)),
    _layer("conv3d", VOLUME, _of(layers.Conv3D, 3, 2, padding="same", activation="relu")),
    _layer("depthwise1d", LINE, _of(layers.DepthwiseConv1D, 3, depth_multiplier=2)),
    _layer("depthwise2d", IMAGE, _of(layers.DepthwiseConv2D, 3, padding="same", activation="relu")),
    _layer("separable1d", LINE, _of(layers.SeparableConv1D, 4, 3, activation="relu")),
    _layer("separable2d", IMAGE, _of(layers.SeparableConv2D, 4, 3, depth_multiplier=2)),
    _layer("conv1d-transposed", LINE, _of(layers.Conv1DTranspose, 3, 3, strides=2)),
    _layer("conv2d-transposed", IMAGE, _of(layers.Conv2DTranspose, 3, 3, strides=2, padding="same")),
    _layer("conv3d-transposed", VOLUME, _of(layers.Conv3DTranspose, 2, 2, strides=2)),
    _layer("max-pooling1d", LINE, _stack(_of(layers.Conv1D, 4, 2), _of(layers.MaxPooling1D))),
    _layer("max-pooling2d", IMAGE, _stack(_of(layers.Conv2D, 4, 3, padding="same"), _of(layers.MaxPooling2D))),
    _layer("max-pooling3d", VOLUME, _stack(_of(layers.Conv3D, 2, 1), _of(layers.MaxPooling3D))),
    _layer("average-pooling1d", LINE, _stack(_of(layers.Conv1D, 4, 2), _of(layers.AveragePooling1D, 2))),
    _layer(
        "average-pooling2d",
        IMAGE,
        _stack(_of(layers.Conv2D, 4, 3), _of(layers.AveragePooling2D, 2, padding="same", strides=1)),
    ),
    _layer("average-pooling3d", VOLUME, _stack(_of(layers.Conv3D, 2, 1), _of(layers.AveragePooling3D, 2))),
    _layer(
        "adaptive-pooling",
        IMAGE,
        _stack(_of(layers.Conv2D, 3, 1), _of(layers.AdaptiveAveragePooling2D, 4), _of(layers.AdaptiveMaxPooling2D, 2)),
    ),
    _layer(
        "global-pooling1d",
        LINE,
        lambda x: layers.Concatenate()(
            [layers.GlobalAveragePooling1D()(_DENSE(x)), layers.GlobalMaxPooling1D()(_DENSE(x))]
        ),
    ),
    _layer(
        "global-pooling2d",
        IMAGE,
        lambda x: layers.Concatenate()(
            [layers.GlobalAveragePooling2D()(_DENSE(x)), layers.GlobalMaxPooling2D()(_DENSE(x))]
        ),
    ),
    _layer(
        "global-pooling3d",
        VOLUME,
        lambda x: layers.Concatenate()(
            [layers.GlobalAveragePooling3D()(_DENSE(x)), layers.GlobalMaxPooling3D()(_DENSE(x))]
        ),
    ),
    _layer(
        "padding1d",
        LINE,
        _stack(
            _of(layers.ZeroPadding1D, 2), _of(layers.Conv1D, 3, 3), _of(layers.Cropping1D, 1), _of(layers.UpSampling1D)
        ),
    ),
    _layer(
        "padding2d",
        IMAGE,
        _stack(_of(layers.ZeroPadding2D), _of(layers.Conv2D, 3, 3), _of(layers.Cropping2D), _of(layers.UpSampling2D)),
    ),
    _layer(
        "padding3d",
        VOLUME,
        _stack(_of(layers.ZeroPadding3D), _of(layers.Conv3D, 2, 2), _of(layers.Cropping3D), _of(layers.UpSampling3D)),
    ),
    _layer(
        "resizing", IMAGE, _stack(_of(layers.Conv2D, 2, 1), _of(layers.Resizing, 4, 4), _of(layers.CenterCrop, 3, 3))
    ),
    _layer(
        "batch-normalisation",
        TABLE,
        _stack(_of(layers.Dense, 8, name="before"), _of(layers.BatchNormalization), _of(layers.ReLU)),
        n_rows=12,
        has_validation=True,
        zero_gradient=("before/bias",),
    ),
    _layer(
        "batch-normalisation2d",
        IMAGE,
        _stack(_of(layers.Conv2D, 3, 2, use_bias=False), _of(layers.BatchNormalization, momentum=0.9)),
        has_validation=True,
    ),
    _layer("layer-normalisation", TABLE, _stack(_WIDE, _of(layers.LayerNormalization))),
    _layer("group-normalisation", IMAGE, _stack(_of(layers.Conv2D, 4, 1), _of(layers.GroupNormalization, 2))),
    _layer("unit-normalisation", TABLE, _stack(_WIDE, _of(layers.UnitNormalization))),
    _layer("rms-normalisation", TABLE, _stack(_WIDE, _of(layers.RMSNormalization))),
    _layer("spectral-normalisation", TABLE, lambda x: layers.SpectralNormalization(layers.Dense(5))(x)),
    _layer("normalisation-adapted", TABLE, _adapted),
    _layer("rescaling", TABLE, _stack(_of(layers.Rescaling, 0.5, offset=0.1), _DENSE)),
    _layer("dropout", TABLE, _stack(_WIDE, _of(layers.Dropout, 0.4)), n_rows=12, has_validation=True),
    _layer(
        "dropout-alpha-gaussian",
        TABLE,
        _stack(_WIDE, _of(layers.AlphaDropout, 0.2), _of(layers.GaussianDropout, 0.3), _of(layers.GaussianNoise, 0.1)),
    ),
    _layer("dropout-spatial", IMAGE, _stack(_of(layers.Conv2D, 4, 2), _of(layers.SpatialDropout2D, 0.3))),
    _layer(
        "augmentation",
        IMAGE,
        _stack(_of(layers.RandomFlip), _of(layers.RandomTranslation, 0.2, 0.2), _of(layers.Conv2D, 3, 3)),
    ),
    _layer("embedding", TOKENS, _of(layers.Embedding, 10, 4)),
    _layer(
        "embedding-masked-lstm",
        TOKENS,
        _stack(_of(layers.Embedding, 10, 4, mask_zero=True), _of(layers.LSTM, 4)),
        has_validation=True,
    ),
    _layer("masking-gru", LINE, _stack(_of(layers.Masking, 0.0), _of(layers.GRU, 4))),
    _layer("category-encoding", TOKENS, _stack(_of(layers.CategoryEncoding, 10), _DENSE)),
    _layer("simple-rnn", LINE, _of(layers.SimpleRNN, 5)),
    _layer("lstm", LINE, _of(layers.LSTM, 5)),
    _layer(
        "lstm-stacked", LINE, _stack(_of(layers.LSTM, 4, return_sequences=True), _of(layers.LSTM, 3, go_backwards=True))
    ),
    _layer("lstm-dropout", LINE, _of(layers.LSTM, 4, dropout=0.2, recurrent_dropout=0.2)),
    _layer("gru", LINE, _of(layers.GRU, 5)),
    _layer("gru-reset-before", LINE, _of(layers.GRU, 5, reset_after=False)),
    _layer("bidirectional", LINE, lambda x: layers.Bidirectional(layers.LSTM(3))(x)),
    _layer(
        "bidirectional-summed",
        LINE,
        lambda x: layers.Bidirectional(layers.GRU(3, return_sequences=True), merge_mode="sum")(x),
    ),
    _layer("time-distributed", LINE, lambda x: layers.TimeDistributed(layers.Dense(3, "relu"))(x)),
    _layer("rnn-of-cells", LINE, lambda x: layers.RNN([layers.LSTMCell(3), layers.GRUCell(3)])(x)),
    _layer("conv-lstm", IMAGE, _stack(_of(layers.Reshape, (3, 6, 4)), _of(layers.ConvLSTM1D, 3, 2))),
    _layer("attention", LINE, _attended(layers.Attention, use_scale=True)),
    _layer("attention-additive", LINE, _attended(layers.AdditiveAttention)),
    # A constant on every key shifts all scores of a query alike, and softmax does not see it. Asking for the scores
    # takes Keras's other way.
    _layer(
        "attention-multi-head",
        LINE,
        _self_attended(lambda: layers.MultiHeadAttention(2, 3)),
        zero_gradient=("key/bias",),
    ),
    _layer(
        "attention-grouped",
        LINE,
        _self_attended(lambda: layers.GroupQueryAttention(4, 4, 2)),
        zero_gradient=("key/bias",),
    ),
    _layer(
        "attention-multi-head-unfused",
        LINE,
        _self_attended(lambda: layers.MultiHeadAttention(2, 3), return_attention_scores=True),
        zero_gradient=("key/bias",),
    ),
    _layer(
        "attention-grouped-unfused",
        LINE,
        _self_attended(lambda: layers.GroupQueryAttention(4, 4, 2), return_attention_scores=True),
        zero_gradient=("key/bias",),
    ),
    _layer("merges", TABLE, _merged),
    _layer("activations", TABLE, _every_activation),
    _layer(
        "activation-layers",
        TABLE,
        lambda x: layers.Concatenate()(
            [
                layers.ReLU(max_value=1.0)(_WIDE(x)),
                layers.LeakyReLU()(_WIDE(x)),
                layers.PReLU()(_WIDE(x)),
                layers.ELU()(_WIDE(x)),
                layers.Softmax()(_WIDE(x)),
                layers.Activation("gelu")(_WIDE(x)),
            ]
        ),
    ),
    _layer("activity-regularisation", TABLE, _stack(_WIDE, _of(layers.ActivityRegularization, l1=0.01, l2=0.02))),
    _layer("lambda", TABLE, _stack(_WIDE, _of(layers.Lambda, lambda x: x * keras.ops.sigmoid(x)))),
]
