"""Fine-tuning: what is kept of a base, what learns in which stage, and what the shipped base knows."""

import keras
import numpy as np
import pytest

import backlit as bl
from backlit.data import from_arrays, load
from backlit.errors import ModelError, SettingError
from backlit.models.bases import BASES, card_of, shipped_base
from backlit.modes import reusing

QUIET = {"save": False, "verbose": False}


@pytest.fixture(scope="module")
def base():
    """Reads four numbers, tells two classes; batch normalisation in between, with averages that no batch has."""
    layers = keras.layers
    model = keras.Sequential(
        [
            keras.Input((4,)),
            layers.Dense(6, "relu", name="first"),
            layers.BatchNormalization(name="norm"),
            layers.Dense(5, "relu", name="second"),
            layers.Dropout(0.5, name="drop"),
            layers.Dense(2, "softmax", name="old"),
        ],
        name="base",
    )
    rng = np.random.default_rng(0)
    model.set_weights([rng.normal(size=weight.shape).astype(np.float32) ** 2 for weight in model.weights])
    return model


@pytest.fixture(scope="module")
def iris():
    return load("iris")


def weights_of(run, member, name):
    """Values of one layer's weights in a member."""
    return [np.asarray(weight) for weight in run[member].model.get_layer(name).get_weights()]


def is_same(values, others):
    return all(np.array_equal(one, other) for one, other in zip(values, others, strict=True))


def test_the_old_head_makes_room_for_a_new_one(base, iris):
    network = reusing.with_new_head(base, iris)
    assert [layer.name for layer in network.layers[1:]] == ["first", "norm", "second", "drop", "head"]
    assert network.output_shape == (None, 3)
    assert network.layers[-1].activation.__name__ == "softmax"
    assert is_same(network.get_layer("first").get_weights(), base.get_layer("first").get_weights())
    assert base.output_shape == (None, 2)


@pytest.mark.parametrize(("source", "activation"), [("iris", "softmax"), ("linnerud", "linear")])
def test_the_head_suits_the_task(source, activation):
    data = load(source)
    width = data.input_shape[0]
    base = keras.Sequential([keras.Input((width,)), keras.layers.Dense(3), keras.layers.Dense(1)])
    network = reusing.with_new_head(base, data)
    assert network.layers[-1].activation.__name__ == activation
    assert network.output_shape == (None, data.output_size)


def test_a_base_without_a_head_is_averaged_over_places():
    layers = keras.layers
    base = keras.Sequential([keras.Input((8, 8, 1)), layers.Conv2D(3, 3, name="conv"), layers.BatchNormalization()])
    network = reusing.with_new_head(base, load("digits"))
    assert [type(layer).__name__ for layer in network.layers[-2:]] == ["GlobalAveragePooling2D", "Dense"]
    assert network.layers[-1].input.shape == (None, 3)


def test_layers_of_an_inner_model_are_frozen_one_by_one(iris):
    inner = keras.Sequential([keras.Input((4,)), keras.layers.Dense(5, name="a"), keras.layers.Dense(4, name="b")])
    base = keras.Sequential([keras.Input((4,)), inner, keras.layers.Dense(2)])
    network = reusing.with_new_head(base, iris)
    ready = reusing.frozen_but(network, ["b"], batch_norm_learns=False, data=iris)
    assert [layer.name for layer in reusing.body_layers(ready)] == ["a", "b"]
    assert [layer.trainable for layer in reusing.body_layers(ready)] == [False, True]
    # b: 5×4 + 4; head: 4×3 + 3; a: 4×5 + 5
    assert reusing.n_params(ready) == (24 + 15, 25)


@pytest.mark.parametrize(
    ("which", "names"),
    [
        ("none", []),
        ("half", ["second"]),
        ("all", ["first", "second"]),
        (0, []),
        (1, ["second"]),
        (["first"], ["first"]),
    ],
)
def test_which_layers_a_stage_lets_learn(base, iris, which, names):
    assert names == reusing.chosen_layers(reusing.with_new_head(base, iris), which)


@pytest.fixture(scope="module")
def staged(base, iris):
    return bl.fine_tune(base, iris, stages="staged", epochs=3, learning_rate=0.01, seeds=2, **QUIET)


def test_each_stage_lets_more_of_the_base_learn(base, staged):
    assert staged.learning == ((), ("second",), ("first", "second"))
    first, second = (base.get_layer(name).get_weights() for name in ("first", "second"))
    for member in (0, 1):
        assert is_same(first, weights_of(staged.runs[0], member, "first"))
        assert is_same(second, weights_of(staged.runs[0], member, "second"))
        assert is_same(first, weights_of(staged.runs[1], member, "first"))
        assert not is_same(second, weights_of(staged.runs[1], member, "second"))
        assert not is_same(first, weights_of(staged.runs[2], member, "first"))


def test_batch_normalisation_keeps_what_it_brought_along(base, staged):
    norm = base.get_layer("norm").get_weights()
    for run in staged.runs:
        assert is_same(norm, weights_of(run, 0, "norm"))


def test_a_stage_goes_on_where_the_one_before_ended(base, iris):
    stages = [bl.Stage("none", epochs=2), bl.Stage("none", epochs=0)]
    found = bl.fine_tune(base, iris, stages=stages, seeds=2, **QUIET)
    heads = [[weights_of(run, member, "head") for member in (0, 1)] for run in found.runs]
    assert is_same(heads[0][0], heads[1][0])
    assert is_same(heads[0][1], heads[1][1])
    assert not is_same(heads[0][0], heads[0][1])  # a head for each seed


def test_the_table_counts_what_learns(staged):
    table = staged.table
    assert table["stage"].to_list() == [1, 2, 3]
    # head 5×3 + 3; second 6×5 + 5; first 4×6 + 6; the four numbers for each of six in `norm` stand still
    assert table["learned"].to_list() == [18, 18 + 35, 18 + 35 + 30]
    assert table["frozen"].to_list() == [35 + 30 + 24, 30 + 24, 24]
    assert table["learning_rate"].to_list() == pytest.approx([0.01, 0.001, 0.001])
    assert table["epochs"].to_list() == [1, 1, 1]
    assert table["n"].to_list() == [2, 2, 2]


def test_training_mode_lets_the_averages_drift_though_the_body_is_frozen(base, iris):
    found = bl.fine_tune(base, iris, stages="frozen", batch_norm="training", epochs=2, seeds=2, **QUIET)
    assert is_same(base.get_layer("first").get_weights(), weights_of(found.run, 0, "first"))
    gamma, beta, mean, variance = base.get_layer("norm").get_weights()
    new_gamma, _, new_mean, new_variance = weights_of(found.run, 0, "norm")
    assert not np.array_equal(mean, new_mean)
    assert not np.array_equal(variance, new_variance)
    # It began with the base's scale and moved it by a few steps of the optimiser: it was not drawn anew, which is 1.
    assert np.abs(new_gamma - gamma).max() < 0.05 < np.abs(gamma - 1).max()
    assert beta.shape == (6,)


def test_all_starts_from_the_base_and_scratch_does_not(base, iris):
    first = base.get_layer("first").get_weights()
    kept = bl.fine_tune(base, iris, stages="all", epochs=0, seeds=2, **QUIET)
    assert is_same(first, weights_of(kept.run, 0, "first"))
    drawn = bl.fine_tune(base, iris, stages="scratch", epochs=0, seeds=2, **QUIET)
    assert not is_same(first, weights_of(drawn.run, 0, "first"))
    assert not is_same(weights_of(drawn.run, 0, "first"), weights_of(drawn.run, 1, "first"))
    assert drawn.params == ((18 + 35 + 30 + 12, 12),)  # scale and shift learn, two averages do not
    assert "drawn anew" in drawn.say()


def test_the_base_is_not_changed(base, iris):
    before = [np.array(weight) for weight in base.get_weights()]
    bl.fine_tune(base, iris, stages="all", epochs=1, learning_rate=0.1, **QUIET)
    assert is_same(before, base.get_weights())
    assert all(layer.trainable for layer in base.layers)


def test_a_run_and_a_file_can_be_bases(tmp_path, iris):
    model = keras.Sequential([keras.layers.Dense(3, name="hidden"), keras.layers.Dense(3, "softmax")])
    run = bl.fit(model, iris, epochs=1, save=False, verbose=False)
    path = run.save(tmp_path / "base.keras")
    hidden = run.model.get_layer("hidden").get_weights()
    for one in (run, path, str(path)):
        found = bl.fine_tune(one, iris, stages="frozen", epochs=1, **QUIET)
        assert is_same(hidden, weights_of(found.run, 0, "hidden"))


def test_epochs_are_shared_by_the_stages_that_name_none(base, iris):
    stages = [{"layers": "none"}, bl.Stage(1, epochs=4, learning_rate=0.5), bl.Stage("all")]
    found = bl.fine_tune(base, iris, stages=stages, epochs=7, learning_rate=0.1, **QUIET)
    assert [stage.epochs for stage in found.stages] == [2, 4, 1]
    assert [stage.learning_rate for stage in found.stages] == pytest.approx([0.1, 0.5, 0.01])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"stages": "stagd"}, "received `stagd`. Did you mean `staged`"),
        ({"stages": []}, "a list of `Stage`"),
        ({"stages": [{"layer": 1}]}, "received `layer`"),
        ({"stages": [bl.Stage(3)]}, "how many of the 2 layers before the head, received 3"),
        ({"stages": [bl.Stage(["first_"])]}, "received `first_`. Did you mean `first`"),
        ({"batch_norm": "frozen"}, "received 'frozen'"),
        ({"epochs": -1}, "epochs"),
    ],
)
def test_wrong_arguments(base, iris, options, message):
    with pytest.raises(SettingError, match=message):
        bl.fine_tune(base, iris, **options, **QUIET)


def test_bases_that_cannot_carry_a_head(iris):
    with pytest.raises(ModelError, match=r"received `shape-base`\. Did you mean `shapes-base`"):
        bl.fine_tune("shape-base", iris, **QUIET)
    with pytest.raises(SettingError, match=r"received `int`\. Shipped with backlit: `shapes-base`"):
        bl.fine_tune(3, iris, **QUIET)
    with pytest.raises(ModelError, match="layers with weights before the last one, received none"):
        bl.fine_tune(keras.Sequential([keras.Input((4,)), keras.layers.Dense(2)]), iris, **QUIET)
    with pytest.raises(ModelError, match="which is not built"):
        bl.fine_tune(keras.Sequential([keras.layers.Dense(2)]), iris, **QUIET)


@pytest.mark.parametrize("name", BASES)
def test_a_shipped_base_is_what_its_card_says(name):
    card, model = card_of(name), shipped_base(name)
    assert card.name == name
    assert card.n_params == model.count_params()
    assert (None, *card.reads) == model.input_shape
    assert not model.compiled


def test_the_shapes_base_knows_what_it_learned():
    card, model = card_of("shapes-base"), shipped_base("shapes-base")
    names = {"shape": slice(0, 4), "texture": slice(4, 8), "colour": slice(8, 14)}
    assert set(card.learned) == set(names)
    for name, columns in names.items():
        data = load("shapes", n=225, target=name, seed=77, validation_split=0, test_split=0)
        known = load("shapes", n=225, seed=77, validation_split=0, test_split=0).class_ids < 4
        outputs = np.asarray(model(data.inputs[known]))[:, columns]
        found = float((outputs.argmax(1) == data.class_ids[known]).mean())
        # 150 rows: three standard errors of a share p are 3·√(p(1 − p)/150); 0.05 more where p is nearly 1
        p = card.learned[name]
        assert abs(found - p) < 3 * np.sqrt(p * (1 - p) / 150) + 0.05


def test_a_base_is_told_of_pixels_that_are_not_scaled():
    images = np.full((8, 32, 32, 3), 200.0, np.float32)
    found = bl.fine_tune("shapes-base", from_arrays(images, [0, 1] * 4), stages="frozen", epochs=0, **QUIET)
    assert "these reach from 200 to 200: scale them" in found.say()
