"""Changed images inside a training: for training batches alone, the same bits again, one program, mixed targets."""

from dataclasses import replace

import jax.numpy as jnp
import keras
import numpy as np
import pytest

import backlit as bl
from backlit.data import from_arrays
from backlit.data.augment import TRANSFORMS
from backlit.engine import Trainer, read_request
from backlit.engine.augmentation.draws import draw_bits, uniform
from backlit.engine.devices import Placement
from backlit.engine.prepare import NETWORKS
from backlit.errors import SettingError
from backlit.store import Store
from tests.engine.populations import blobs, dense, difference, one_block, one_by_one, same, train_placed

L = keras.layers
EVERYTHING = {transform.name: transform.example for transform in TRANSFORMS if not transform.needs_rgb}
REQUEST = {"optimizer": "sgd", "learning_rate": 0.05, "epochs": 2, "batch_size": 8, "seeds": [0]}
ALONE = Placement(n_devices=1, block=1, n_slots=1)


def pictures(n_rows=20, *, n_validation=6, channels=1, seed=5):
    rng = np.random.default_rng(seed)
    n = n_rows + n_validation
    x, y = rng.uniform(size=(n, 6, 6, channels)).astype("float32"), np.arange(n) % 3
    held_out = (x[n_rows:], y[n_rows:]) if n_validation else None
    return from_arrays(x[:n_rows], y[:n_rows], validation=held_out)


def convolutional(**settings):
    layers = [L.Conv2D(4, 3, activation="relu", **settings), L.MaxPooling2D(), L.Flatten(), L.Dense(3, "softmax")]
    return keras.Sequential([keras.Input((6, 6, 1)), *layers])


def flat():
    return keras.Sequential([keras.Input((6, 6, 1)), L.Flatten(), L.Dense(3, "softmax")])


def values(run, split, metric="loss"):
    history = run.history
    return history.filter((history["split"] == split) & (history["metric"] == metric))["value"].to_numpy()


# Which images


def test_a_step_sees_what_a_preview_shows():
    data = pictures(8)
    augment = {"rotation": 25, "shift": 0.2, "brightness": 0.3, "noise": 0.05, "cutout": 0.3}
    request = {**REQUEST, "epochs": 1, "shuffle": False, "seeds": [3]}
    one_step = train_placed(convolutional(), data, ALONE, augment=augment, **request)
    shown = bl.augmented(data, augment, seed=3)
    by_hand = train_placed(convolutional(), from_arrays(shown, data.train[1]), ALONE, **request)
    assert difference(one_step, by_hand) < 1e-5
    plain = train_placed(convolutional(), data, ALONE, **request)
    assert difference(one_step, plain) > 1e-3


def test_only_training_batches_are_changed():
    request = {**REQUEST, "learning_rate": 0.0, "metrics": ["accuracy"]}
    plain = train_placed(convolutional(), pictures(), **request)
    changed = train_placed(convolutional(), pictures(), augment=EVERYTHING, probes=["gradient_norm"], **request)
    for metric in ("loss", "accuracy"):
        assert np.array_equal(values(plain, "validation", metric), values(changed, "validation", metric))
    assert plain.evaluate("train").equals(changed.evaluate("train"))
    first, second = values(changed, "train")
    assert first != second, "both epochs saw the same changes"
    assert abs(values(plain, "train") - values(changed, "train")).min() > 1e-4
    looked = train_placed(convolutional(), pictures(), probes=["gradient_norm"], **request)
    assert looked.probes["value"].to_list() == changed.probes["value"].to_list()


# The same bits


def test_a_member_of_a_mapped_population_has_the_bits_that_it_has_alone():
    augment = {**EVERYTHING, "rotation": [5.0, 25.0]}
    population = train_placed(convolutional(), pictures(), one_by_one(4), augment=augment, **{**REQUEST, "seeds": 2})
    for member, (angle, seed) in enumerate([(5.0, 0), (5.0, 1), (25.0, 0), (25.0, 1)]):
        alone = train_placed(
            convolutional(),
            pictures(),
            ALONE,
            augment={**EVERYTHING, "rotation": angle},
            **{**REQUEST, "seeds": [seed]},
        )
        assert same(population[member], alone)
    assert not same(population[0], population[2])


def test_members_side_by_side_see_what_they_see_one_after_another():
    request = {**REQUEST, "augment": EVERYTHING, "seeds": 3}
    side_by_side, one_after_another = (
        train_placed(flat(), pictures(), placement, **request) for placement in (one_block(3), one_by_one(3))
    )
    for member in range(3):
        assert difference(side_by_side[member], one_after_another[member]) < 1e-5


def test_chunks_and_a_restart_change_no_bit():
    request = {**REQUEST, "settings": {"learning_rate": REQUEST["learning_rate"]}}
    del request["learning_rate"]
    experiment, ingredients = read_request(convolutional(), pictures(), augment=EVERYTHING, **request)
    whole, in_steps, again = (Trainer(experiment, ingredients) for _ in range(3))
    whole.train()
    for _ in range(4):
        in_steps.advance(1)
    again.go_on([], in_steps.training.snapshot())
    again.train()
    expected, actual = (trainer.trained().groups[0].result for trainer in (whole, again))
    for one, other in zip(expected.kept["trainable"], actual.kept["trainable"], strict=True):
        assert np.array_equal(one, other)
    assert np.array_equal(expected.records["loss"], actual.records["loss"])


def test_slices_and_shared_steps_see_the_same_images(monkeypatch):
    request = {**REQUEST, "augment": EVERYTHING, "seeds": [4]}
    whole = train_placed(convolutional(), pictures(24), ALONE, **request)
    two_cores = Placement(n_devices=1, block=1, n_slots=1, n_shares=2)
    shared = train_placed(convolutional(), pictures(24), two_cores, **request)
    assert 1e-9 < difference(whole, shared) < 1e-4
    monkeypatch.setattr("backlit.engine.template.n_slices", lambda *_: 2)
    NETWORKS.forget()
    in_slices = train_placed(convolutional(), pictures(24), ALONE, **request)
    NETWORKS.forget()
    assert difference(whole, in_slices) < 1e-4
    assert not same(whole, in_slices)


def test_members_with_rows_of_their_own_have_the_bits_that_they_have_alone():
    data = pictures(24)
    request = {**REQUEST, "augment": EVERYTHING}
    population = train_placed(flat(), data, one_by_one(3), rows=bl.folds(3), **request)
    for member in range(3):
        own = replace(data, splits=population.splits_of(member), recipe=None)
        assert same(population[member], train_placed(flat(), own, ALONE, **request))


# One program


def test_strengths_are_numbers_of_one_program():
    NETWORKS.forget()
    request = {**REQUEST, "seeds": 2}
    run = train_placed(flat(), pictures(), augment={"rotation": [5, 10, 20], "shift": 0.1}, **request)
    assert 1 == len(run.trained.groups)
    assert ("augment.rotation", "seed") == run.axes
    assert [5.0, 5.0, 10.0, 10.0, 20.0, 20.0] == run.members["augment.rotation"].to_list()
    train_placed(flat(), pictures(), augment={"rotation": [1, 2, 3], "shift": 0.3}, **request)
    assert 1 == sum(len(network.programs) for network in NETWORKS._held.values())


def test_a_strength_of_zero_is_another_program_without_the_change():
    run = train_placed(flat(), pictures(), augment={"shift": [0.0, 0.1, 0.2]}, **REQUEST)
    assert [(0,), (1, 2)] == [one.group.members for one in run.trained.groups]
    assert "A group of its own where it is zero: `augment.shift`." in str(run.plan)
    plain = train_placed(flat(), pictures(), **REQUEST)
    assert difference(run[0], plain) < 1e-6
    assert "augment" not in str(plain.plan)


def test_other_borders_are_other_programs():
    run = train_placed(
        flat(), pictures(), augment={"shift": 0.3, "fill": ["nearest", "constant", "reflect"]}, **REQUEST
    )
    assert 3 == len(run.trained.groups)
    assert difference(run[0], run[1]) > 1e-4
    assert difference(run[0], run[2]) > 1e-4


def test_a_kept_run_is_repeated_with_its_changes():
    run = bl.fit(flat(), pictures(), augment={"rotation": [10, 20], "mix_up": 0.3}, verbose=False, **REQUEST)
    assert 0.3 == bl.open_run(run.id).experiment.settings["augment.mix_up"]
    again = Store().rerun("last", data=pictures(), save=False)
    assert run.history.equals(again.history)
    assert all(same(run[member], again[member]) for member in range(2))


def test_a_stream_changes_strengths():
    request = {**REQUEST, "save": False, "augment": {"shift": 0.1}}
    stream = bl.stream(flat(), pictures(), **request)
    next(stream)
    stream.change(**{"augment.shift": 0.5})
    for _ in stream:
        pass
    assert difference(stream.run, train_placed(flat(), pictures(), **{**REQUEST, "augment": {"shift": 0.1}})) > 1e-5


# Mix-up


def share_of(n, *, strength, seed=0, step=0):
    bits = draw_bits(jnp.uint32(seed), jnp.int32(step), n_examples=n)
    return strength * np.asarray(uniform(bits, "mix_up"), np.float64)


def test_mix_up_by_hand():
    # prediction = w · x with w = 1, loss (w · x − y)². Image 0 is (0.2, y 1), image 1 (0.8, y 3). With the shares a
    # and b that are drawn, the mixtures are x0 = 0.2 + 0.6 a and x1 = 0.8 − 0.6 b, and the gradient is the mean of
    # 2 x0 [(1 − a)(x0 − 1) + a (x0 − 3)] and 2 x1 [(1 − b)(x1 − 3) + b (x1 − 1)].
    x, y = np.array([0.2, 0.8], "float32").reshape(2, 1, 1, 1), np.array([[1.0], [3.0]], "float32")
    model = keras.Sequential(
        [keras.Input((1, 1, 1)), L.Flatten(), L.Dense(1, use_bias=False, kernel_initializer="ones")]
    )
    request = {"optimizer": "sgd", "learning_rate": 0.1, "epochs": 1, "batch_size": 2, "shuffle": False}
    run = train_placed(model, from_arrays(x, y, task="regression"), augment={"mix_up": 0.5}, **request)
    a, b = share_of(2, strength=0.5)
    x0, x1 = 0.2 + 0.6 * a, 0.8 - 0.6 * b
    halves = [
        2 * x0 * ((1 - a) * (x0 - 1) + a * (x0 - 3)),
        2 * x1 * ((1 - b) * (x1 - 3) + b * (x1 - 1)),
    ]
    np.testing.assert_allclose(run.weights(0)[0], [[1 - 0.1 * np.mean(halves)]], rtol=1e-5)
    losses = [(1 - a) * (x0 - 1) ** 2 + a * (x0 - 3) ** 2, (1 - b) * (x1 - 3) ** 2 + b * (x1 - 1) ** 2]
    np.testing.assert_allclose(values(run, "train"), [np.mean(losses)], rtol=1e-5)


@pytest.mark.parametrize("is_weighted", [False, True])
def test_mixed_classes_are_soft_targets_and_penalties_count_once(is_weighted):
    # Cross-entropy with the target (1 − λ) · own + λ · other is the mixture of the two losses.
    data = pictures(8, n_validation=0)
    weight = np.linspace(0.5, 2, 8).astype("float32") if is_weighted else None
    if is_weighted:
        data = from_arrays(*data.train, sample_weight=weight)
    request = {**REQUEST, "epochs": 1, "shuffle": False, "l2": 0.1}
    mixed = train_placed(convolutional(kernel_regularizer="l2"), data, ALONE, augment={"mix_up": 0.5}, **request)
    share = share_of(8, strength=0.5).astype("float32")
    x, y = data.train[0], np.eye(3, dtype="float32")[data.train[1]]
    own = share[:, None, None, None]
    soft = (1 - share[:, None]) * y + share[:, None] * np.roll(y, -1, axis=0)
    by_hand = from_arrays(x + own * (np.roll(x, -1, axis=0) - x), soft, task="regression", sample_weight=weight)
    expected = train_placed(
        convolutional(kernel_regularizer="l2"), by_hand, ALONE, loss="categorical_crossentropy", metrics=[], **request
    )
    assert difference(mixed, expected) < 1e-5
    np.testing.assert_allclose(values(mixed, "train"), values(expected, "train"), rtol=1e-5)


def test_mix_up_is_refused_where_weights_of_examples_do_not_add_up():
    model = flat()
    model.compile("sgd", keras.losses.SparseCategoricalCrossentropy(reduction="mean_with_sample_weight"))
    with pytest.raises(SettingError, match=r"`augment.mix_up`: expected a loss that is a sum over the examples"):
        train_placed(model, pictures(), augment={"mix_up": 0.2}, epochs=1)
    train_placed(model, pictures(), augment={"noise": 0.2}, epochs=1)

    class Own(keras.Model):
        def __init__(self, **keywords):
            super().__init__(**keywords)
            self.out = L.Dense(3, "softmax")

        def call(self, inputs):
            return self.out(keras.ops.reshape(inputs, (-1, 36)))

        def compute_loss(self, *arguments, **keywords):
            return super().compute_loss(*arguments, **keywords)

    with pytest.raises(SettingError, match="another kind"):
        train_placed(Own(), pictures(), augment={"mix_up": 0.2}, epochs=1)


# Divergence, errors


def test_a_divergence_is_looked_for_in_the_changed_images():
    # The network reads the left pixel alone, exp(1) there. Flipped, it is 100, and exp(100) is more than float32 holds.
    x = np.tile(np.array([1.0, 100.0], "float32").reshape(1, 1, 2, 1), (2, 1, 1, 1))
    first = keras.initializers.Constant([[1.0], [0.0]])
    left = L.Dense(1, use_bias=False, name="left", kernel_initializer=first)
    model = keras.Sequential(
        [keras.Input((1, 2, 1)), L.Flatten(), left, L.Activation("exponential", name="grow"), L.Dense(1)]
    )
    data = from_arrays(x, np.zeros((2, 1), "float32"), task="regression")
    request = {"optimizer": "sgd", "learning_rate": 0.0, "batch_size": 1, "epochs": 1}
    assert [None] == train_placed(model, data, **request).members["diverged_step"].to_list()
    divergence = train_placed(model, data, augment={"flip_horizontal": 1.0}, **request).divergence()
    assert ("forward", "grow", 0) == (divergence.stage, divergence.layer, divergence.step)
    assert 100.0 == divergence.extremes[-1].outputs["left"]


def test_data_without_images_are_refused():
    with pytest.raises(SettingError, match=r"`augment.rotation`: expected images"):
        train_placed(dense(4), blobs(), augment={"rotation": 10})
    with pytest.raises(SettingError, match=r"`augment.shift`: expected images"):
        train_placed(dense(4), blobs(), vary={"augment.shift": [0.1, 0.2]})
    with pytest.raises(SettingError, match=r"received `augment.shifts`. Did you mean `augment.shift`\?"):
        train_placed(flat(), pictures(), vary={"augment.shifts": [0.1, 0.2]})
