"""Losses of Keras and one that is a plain function, on a dense network."""

from collections.abc import Callable
from typing import Any

import keras
from keras import losses, optimizers

from tests.engine.cases.kind import Case, network


def _loss(name: str, loss: Callable[[], Any], targets: str, activation: str = "linear", **options: Any) -> Case:
    return Case(
        name,
        "losses",
        network(lambda: optimizers.SGD(0.02, momentum=0.5), loss=loss, activation=activation, **options),
        targets,
    )


LOSSES = [
    _loss("mean-squared-error", losses.MeanSquaredError, "amounts"),
    _loss("mean-absolute-error", losses.MeanAbsoluteError, "amounts"),
    _loss("mean-absolute-percentage-error", lambda: losses.MeanAbsolutePercentageError(), "counts", "softplus"),
    _loss("mean-squared-logarithmic-error", losses.MeanSquaredLogarithmicError, "counts", "softplus"),
    _loss("huber", lambda: losses.Huber(0.5), "amounts"),
    _loss("log-cosh", losses.LogCosh, "amounts"),
    _loss("poisson", losses.Poisson, "counts", "softplus"),
    _loss("cosine-similarity", losses.CosineSimilarity, "amounts"),
    _loss("kl-divergence", losses.KLDivergence, "one-hot", "softmax"),
    _loss("hinge", losses.Hinge, "signs"),
    _loss("squared-hinge", losses.SquaredHinge, "signs"),
    _loss("categorical-hinge", losses.CategoricalHinge, "one-hot"),
    _loss("binary-crossentropy", lambda: losses.BinaryCrossentropy(label_smoothing=0.1), "labels", "sigmoid"),
    _loss("binary-focal-crossentropy", lambda: losses.BinaryFocalCrossentropy(from_logits=True), "labels"),
    _loss(
        "categorical-crossentropy", lambda: losses.CategoricalCrossentropy(label_smoothing=0.1), "one-hot", "softmax"
    ),
    _loss("categorical-crossentropy-logits", lambda: losses.CategoricalCrossentropy(from_logits=True), "one-hot"),
    _loss("categorical-focal-crossentropy", losses.CategoricalFocalCrossentropy, "one-hot", "softmax"),
    _loss("categorical-generalised-crossentropy", losses.CategoricalGeneralizedCrossEntropy, "classes", "softmax"),
    _loss("sparse-categorical-crossentropy", losses.SparseCategoricalCrossentropy, "classes", "softmax"),
    _loss("dice", losses.Dice, "one-hot", "sigmoid"),
    _loss("tversky", losses.Tversky, "one-hot", "sigmoid"),
    _loss("circle", lambda: losses.Circle(gamma=4.0), "classes", "tanh"),
    _loss("loss-weighted", losses.MeanSquaredError, "amounts", loss_weights=0.3),
    _loss("loss-summed", lambda: losses.MeanSquaredError(reduction="sum"), "amounts"),
    _loss("loss-function", lambda: _cubed_error, "amounts"),
]


def _cubed_error(targets: Any, predictions: Any) -> Any:
    return keras.ops.mean(keras.ops.power(keras.ops.abs(targets - predictions), 3), axis=-1)
