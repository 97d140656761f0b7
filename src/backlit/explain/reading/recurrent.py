"""Recurrent layers, and a dense layer at every step of a sequence."""

from typing import Any

import keras

from backlit.explain.ops.gru import GRU
from backlit.explain.ops.lstm import LSTM
from backlit.explain.ops.simple_rnn import SimpleRNN
from backlit.explain.reading.builder import Builder, Reader
from backlit.explain.reading.dense import READERS as DENSE_READERS

OF_EVERY_STEP = (keras.layers.Dense, keras.layers.Activation)  # they work on the last axis alone


def _recurrent(layer: Any, build: Builder, inputs: tuple[int, ...]) -> int:
    if len(inputs) > 1:
        build.unsupported("initial_state=…", expected="initial_state=None")
    for setting in ("return_state", "stateful"):
        if getattr(layer, setting):
            build.unsupported(f"{setting}=True", expected=f"{setting}=False")
    for setting in ("dropout", "recurrent_dropout"):
        if build.is_training and getattr(layer, setting):
            build.unsupported(f"{setting}={getattr(layer, setting)}", expected=f"{setting}=0")
    weights = {
        "kernel": layer.cell.kernel,
        "recurrent_kernel": layer.cell.recurrent_kernel,
        "bias": layer.cell.bias,
    }
    return build.add(_operation(layer, build), inputs, weights, letter="h")


def _operation(layer: Any, build: Builder) -> SimpleRNN | LSTM | GRU:
    settings: dict[str, Any] = {
        "units": layer.units,
        "returns_sequences": layer.return_sequences,
        "is_backwards": layer.go_backwards,
        "activation": build.curve_of(layer.activation),
    }
    if isinstance(layer, keras.layers.SimpleRNN):
        return SimpleRNN(**settings)
    settings["recurrent_activation"] = build.curve_of(layer.recurrent_activation)
    if isinstance(layer, keras.layers.LSTM):
        return LSTM(**settings)
    if not layer.reset_after:
        build.unsupported("reset_after=False", expected="reset_after=True")
    return GRU(**settings)


def _of_every_step(layer: Any, build: Builder, inputs: tuple[int, ...]) -> int:
    inner = layer.layer
    if type(inner) not in OF_EVERY_STEP:
        build.unsupported(f"TimeDistributed({type(inner).__name__}(…))", expected="TimeDistributed(Dense(…))")
    return DENSE_READERS[type(inner)](inner, build, inputs)


READERS: dict[type, Reader] = {
    keras.layers.SimpleRNN: _recurrent,
    keras.layers.LSTM: _recurrent,
    keras.layers.GRU: _recurrent,
    keras.layers.TimeDistributed: _of_every_step,
}
