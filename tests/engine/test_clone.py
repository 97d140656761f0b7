"""Any Keras model trains, and the model that is given stays as it was."""

import keras
import numpy as np
import pytest
from keras import layers

import backlit as bl
from backlit.data import from_arrays
from backlit.errors import ModelError
from tests.engine.populations import blobs, dense, same, train_placed

SCE = "sparse_categorical_crossentropy"


class Scaled(layers.Layer):
    """A layer of the user's own that Keras's registry does not know."""

    def __init__(self, factor=1.0, **options):
        super().__init__(**options)
        self.factor = factor

    def build(self, input_shape):
        self.scale = self.add_weight(shape=(input_shape[-1],), initializer="ones", name="scale")

    def call(self, inputs):
        return inputs * self.scale * self.factor

    def get_config(self):
        return {**super().get_config(), "factor": self.factor}


class Subclassed(keras.Model):
    """A model written as a class."""

    def __init__(self, units=8, **options):
        super().__init__(**options)
        self.units = units
        self.hidden, self.norm = layers.Dense(units, "relu"), layers.BatchNormalization()
        self.head = layers.Dense(3, "softmax")

    def call(self, inputs, training=False):
        return self.head(self.norm(self.hidden(inputs), training=training))

    def get_config(self):
        return {**super().get_config(), "units": self.units}


class Unwritable(keras.Model):
    def __init__(self, width):
        super().__init__()
        self.head = layers.Dense(width[0], "softmax")

    def call(self, inputs):
        return self.head(inputs)


def bent(values):
    return keras.ops.where(values > 0, values, 0.1 * values)


def own_loss(targets, predictions):
    return keras.ops.mean(
        keras.ops.square(keras.ops.one_hot(keras.ops.cast(targets, "int32"), 3) - predictions), axis=-1
    )


def own_metric(targets, predictions):
    return keras.ops.max(predictions, axis=-1)


def train_like_keras(model, data, *, epochs=3):
    """Keras's own training of the same model over unshuffled rows; the model changes."""
    history = model.fit(*data.train, epochs=epochs, batch_size=8, shuffle=False, verbose=0)
    return history.history, model.get_weights()


def check_like_keras(model, data, *, rtol=1e-5):
    model(data.inputs[:1])  # builds what cannot tell its shapes
    before = model.get_weights()
    run = bl.fit(model, data, epochs=3, batch_size=8, shuffle=False, save=False, verbose=False)
    assert all(np.array_equal(a, b) for a, b in zip(before, model.get_weights(), strict=True))
    history, _ = train_like_keras(model, data)
    for name, values in history.items():
        ours = run.history.filter(run.history["metric"] == name)["value"].to_numpy()
        np.testing.assert_allclose(ours, values, rtol=1e-4, err_msg=name)
    for a, b in zip(run.model.get_weights(), model.get_weights(), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-6)
    return run


def functional(middle):
    inputs = keras.Input((6,))
    return keras.Model(inputs, layers.Dense(3, "softmax")(middle(inputs)))


MODELS = {
    "layer of one's own": lambda: functional(lambda x: Scaled(2.0)(layers.Dense(4)(x))),
    "layer of one's own inside a wrapper": lambda: keras.Sequential(
        [keras.Input((6,)), layers.Reshape((3, 2)), layers.TimeDistributed(Scaled(2.0)), layers.Flatten(),
         layers.Dense(3, "softmax")]
    ),
    "lambda layer": lambda: functional(layers.Lambda(lambda x: keras.ops.multiply(keras.ops.tanh(x), 2.0))),
    "lambda layer in a nested model": lambda: functional(
        keras.Sequential([keras.Input((6,)), layers.Lambda(lambda x: keras.ops.tanh(x)), layers.Dense(4)])
    ),
    "activation of one's own": lambda: functional(layers.Dense(4, activation=bent)),
    "activation that is a lambda": lambda: functional(layers.Dense(4, activation=lambda x: keras.ops.sin(x))),
    "initialiser of one's own": lambda: functional(
        layers.Dense(4, "tanh", kernel_initializer=lambda shape, dtype=None: keras.ops.full(shape, 0.1, dtype))
    ),
}  # fmt: skip


QUICK = ("layer of one's own", "lambda layer in a nested model", "activation that is a lambda")


@pytest.mark.parametrize("name", [pytest.param(n, marks=() if n in QUICK else pytest.mark.slow) for n in MODELS])
def test_what_only_the_user_knows_is_kept(name):
    model = MODELS[name]()
    model.compile(keras.optimizers.SGD(0.1), SCE, metrics=["accuracy"])
    check_like_keras(model, blobs(16))


@pytest.mark.slow
@pytest.mark.parametrize("name", ["layer of one's own", "lambda layer", "activation of one's own"])
def test_members_of_such_models_equal_themselves_alone(name):
    model = MODELS[name]()
    run = train_placed(model, blobs(16), seeds=[0, 1], optimizer="sgd", epochs=1)
    for a, b in zip(run[1].weights(0), train_placed(model, blobs(16), seeds=[1], epochs=1, optimizer="sgd").weights(0),
                    strict=True):  # fmt: skip
        np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-7)


def test_a_subclassed_model():
    model = Subclassed(5)
    model(np.zeros((1, 6), "float32"))
    model.compile(keras.optimizers.SGD(0.1), SCE)
    check_like_keras(model, blobs(16))


def test_a_subclassed_model_that_is_not_built_is_built_for_the_data():
    run = train_placed(Subclassed(5), blobs(16), seeds=2)
    assert (6, 5) == run.weights(0)[0].shape


def test_a_loss_and_a_metric_that_are_functions():
    model = dense(4)
    model.compile(keras.optimizers.SGD(0.1), own_loss, metrics=[own_metric])
    run = check_like_keras(model, blobs(16))
    assert ["loss", "own_metric"] == run.metric_names
    assert any("own_loss" in words for words in run.experiment.unwritable)


def test_weighted_metrics_and_loss_weights_are_honoured():
    data = from_arrays(*blobs(16).train, sample_weight=np.arange(16) / 8)
    model = dense(4)
    model.compile(keras.optimizers.SGD(0.1), SCE, loss_weights=0.5, metrics=["accuracy"], weighted_metrics=["accuracy"])
    run = bl.fit(model, data, epochs=2, batch_size=8, shuffle=False, save=False, verbose=False)
    history = model.fit(
        *data.train, sample_weight=data.sample_weight, epochs=2, batch_size=8, shuffle=False, verbose=0
    ).history
    assert {"loss", "accuracy", "weighted_accuracy"} == set(history) == set(run.metric_names)
    for name, values in history.items():
        ours = run.history.filter(run.history["metric"] == name)["value"].to_numpy()
        np.testing.assert_allclose(ours, values, rtol=1e-5, err_msg=name)


def test_mixed_precision():
    policy = keras.config.dtype_policy()
    keras.config.set_dtype_policy("mixed_float16")
    try:
        model = dense(8)
        model.compile(keras.optimizers.Adam(0.01), SCE)  # Keras wraps it in a LossScaleOptimizer
    finally:
        keras.config.set_dtype_policy(policy)
    assert "float16" == model.layers[0].compute_dtype
    run = bl.fit(model, blobs(16), epochs=3, batch_size=8, shuffle=False, save=False, verbose=False)
    history, weights = train_like_keras(model, blobs(16))
    ours = run.history["value"].to_numpy()
    np.testing.assert_allclose(ours, history["loss"], rtol=2e-3)
    for a, b in zip(run.weights(0), weights, strict=True):
        assert a.dtype == b.dtype
        np.testing.assert_allclose(a, b, rtol=2e-3, atol=2e-3)


def test_an_optimiser_that_fit_is_given_scales_the_loss_in_mixed_precision_as_compile_would():
    policy = keras.config.dtype_policy()
    keras.config.set_dtype_policy("mixed_float16")
    model = dense(8)
    keras.config.set_dtype_policy(policy)
    run = bl.fit(model, blobs(16), optimizer="adam", epochs=0, save=False, verbose=False)
    assert isinstance(run.model.optimizer, keras.optimizers.LossScaleOptimizer)


def test_the_given_model_is_not_changed_in_any_part():
    model = dense(8, optimizer=keras.optimizers.Adam(0.01), metrics=["accuracy"])
    data = blobs(16)
    model.train_on_batch(*data.train)
    parts = (model.variables, model.optimizer.variables, model.metrics_variables)
    before = [[np.array(v.value) for v in part] for part in parts]
    config, compiled = model.get_config(), model.get_compile_config()
    optimizer, loss, functions = model.optimizer, model.loss, [layer.call for layer in model.layers]
    bl.fit(model, data, learning_rate=[0.1, 0.2], epochs=2, dropout=None, save=False, verbose=False)
    for part, values in zip(parts, before, strict=True):
        assert all(np.array_equal(v.value, old) for v, old in zip(part, values, strict=True))
    assert model.compiled
    assert config == model.get_config()
    assert compiled == model.get_compile_config()
    assert optimizer is model.optimizer
    assert loss is model.loss
    assert functions == [layer.call for layer in model.layers]


def test_training_goes_on_from_the_weights_and_the_optimisers_state():
    data, make = blobs(16), lambda: dense(8, optimizer=keras.optimizers.Adam(0.01))
    keras.utils.set_random_seed(1)
    model = make()
    twice = keras.models.clone_model(model)
    twice.set_weights(model.get_weights())
    twice.compile(keras.optimizers.Adam(0.01), SCE)
    first = bl.fit(model, data, epochs=2, batch_size=8, shuffle=False, save=False, verbose=False)
    second = bl.fit(first.model, data, epochs=2, batch_size=8, shuffle=False, save=False, verbose=False)
    _, weights = train_like_keras(twice, data, epochs=4)
    assert 8 == int(second.model.optimizer.iterations.value)
    for a, b in zip(second.weights(0), weights, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-6)


def test_another_optimiser_does_not_take_over_the_state_of_the_compiled_one():
    model = dense(8, optimizer=keras.optimizers.SGD(0.001))
    model.train_on_batch(*blobs(16).train)
    run = bl.fit(model, blobs(16), optimizer=keras.optimizers.SGD(0.5), epochs=0, save=False, verbose=False)
    assert 0.5 == float(run.model.optimizer.learning_rate)
    assert 0 == int(run.model.optimizer.iterations.value)


def test_frozen_layers_keep_their_weights_when_seeds_draw_anew():
    model = keras.Sequential([keras.Input((6,)), layers.Dense(5, "tanh"), layers.Dense(3, "softmax")])
    model.layers[0].trainable = False
    kept = model.layers[0].get_weights()
    run = train_placed(model, blobs(16), seeds=3)
    for member in range(3):
        trained = run[member].model.layers[0].get_weights()
        assert all(np.array_equal(a, b) for a, b in zip(kept, trained, strict=True))
    assert not np.array_equal(run.weights(0)[0], run.weights(1)[0])


def test_loaded_weights_are_drawn_anew_only_when_told():
    model = dense(4)
    model.set_weights([weights + 1 for weights in model.get_weights()])
    with pytest.raises(ModelError, match="received weights that were loaded, trained or set"):
        train_placed(model, blobs(16), seeds=2)
    run = train_placed(model, blobs(16), seeds=2, reinitialise=True, epochs=0)
    assert np.abs(run.weights(0)[0] - model.get_weights()[0]).max() > 0.1


def test_an_untouched_lstm_may_be_drawn_anew():
    # Its bias starts at 1 for the forget gate, which no initialiser of the layer says.
    model = keras.Sequential([keras.Input((4, 2)), layers.LSTM(3), layers.Dense(3, "softmax")])
    data = from_arrays(np.zeros((8, 4, 2), "float32"), np.arange(8) % 3)
    run = train_placed(model, data, seeds=2, epochs=0)
    assert [0, 0, 0, 1, 1, 1, 0, 0, 0, 0, 0, 0] == run.weights(0)[2].tolist()


def test_what_normalization_has_learned_is_kept_whatever_the_seed():
    layer = layers.Normalization()
    layer.adapt(np.array([[1.0] * 6, [5.0] * 6]))  # mean 3, standard deviation 2
    model = keras.Sequential([keras.Input((6,)), layer, layers.Dense(3, "softmax")])
    for run in (train_placed(model, blobs(16), epochs=0), train_placed(model, blobs(16), seeds=2, epochs=0)[1]):
        inner = run.model.layers[0]
        np.testing.assert_allclose(np.asarray(inner(np.full((1, 6), 5.0, "float32"))), np.ones((1, 6)), rtol=1e-6)
        inputs = blobs(16).inputs
        np.testing.assert_allclose(run.predict(inputs), np.asarray(run.model(inputs)), rtol=1e-5)


def test_the_same_first_weights_alone_and_in_a_population_for_every_initialiser():
    kinds = ("glorot_uniform", "orthogonal", "he_normal", "truncated_normal", "random_uniform", "lecun_normal")
    middle = [layers.Dense(6, "tanh", kernel_initializer=kind) for kind in kinds]
    model = keras.Sequential([keras.Input((6,)), *middle, layers.Dense(3, "softmax")])
    run = train_placed(model, blobs(8), seeds=[0, 5], epochs=0)
    assert same(run[1], train_placed(model, blobs(8), seeds=[5], epochs=0))
    square = run.weights(1)[2]
    np.testing.assert_allclose(square.T @ square, np.eye(6), atol=1e-5)


@pytest.mark.parametrize(
    ("model", "data", "match"),
    [
        (lambda: Unwritable([3]), lambda: blobs(8), "received `Unwritable`"),
        (lambda: dense(n_features=5), lambda: blobs(8), r"its first layer reads \(batch, 5\)"),
        (
            lambda: keras.Sequential([layers.Conv2D(2, 3), layers.Flatten(), layers.Dense(3)]),
            lambda: blobs(8),
            r"inputs of shape \(batch, 6\)",
        ),
        (lambda: dense(n_classes=2), lambda: blobs(8), "received 2 outputs"),
        (
            lambda: dense(4, n_classes=5, loss="categorical_crossentropy"),
            lambda: blobs(8),
            r"targets \(batch,\) that loss",
        ),
        (
            lambda: keras.Model([a := keras.Input((6,)), b := keras.Input((6,))], [layers.Add()([a, b])]),
            lambda: blobs(8),
            "2 inputs and 1 outputs",
        ),
    ],
)
def test_a_model_that_does_not_fit_is_refused(model, data, match):
    with pytest.raises(ModelError, match=match):
        train_placed(model(), data())


@pytest.mark.parametrize(
    ("targets", "width", "activation", "loss"),
    [
        (np.arange(8) % 3, 3, "softmax", "sparse_categorical_crossentropy"),
        (np.eye(3, dtype="float32")[np.arange(8) % 3], 3, "softmax", "categorical_crossentropy"),
        (np.arange(8) % 2, 1, "sigmoid", "binary_crossentropy"),
        (np.array([[1, 1, 0], [0, 1, 1]] * 4), 3, "sigmoid", "binary_crossentropy"),
        (np.linspace(0, 1, 8) ** 2, 1, None, "mean_squared_error"),
    ],
)
def test_the_loss_is_chosen_by_the_task_and_said(targets, width, activation, loss):
    model = keras.Sequential([layers.Dense(width, activation)])
    run = train_placed(model, from_arrays(np.ones((8, 2), "float32"), targets), epochs=1)
    assert f"Loss: `{loss}`, chosen from the task." in {str(note) for note in run.trained.notes}
    assert loss == run.model.loss.name
    assert not getattr(run.model.loss, "from_logits", False)


def test_logits_are_told_by_the_last_activation():
    run = train_placed(keras.Sequential([layers.Dense(3)]), blobs(8), epochs=1)
    assert run.model.loss.from_logits
