"""Members with rows of their own: each is what it would be alone on those rows, whoever else is there."""

from dataclasses import replace

import keras
import numpy as np
import pytest

from backlit.data import Splits, bags, folds, from_arrays, given_rows, load, subsets
from backlit.engine.own_rows import group_rows
from backlit.errors import SettingError
from tests.engine.populations import blobs, dense, difference, images, one_block, one_by_one, same, train_placed

REQUEST = {"optimizer": "adam", "epochs": 3, "batch_size": 8, "metrics": ["accuracy"], "seeds": [0]}


def alone(model, data, splits, **request):
    """The same training of one network on data that are split so."""
    return train_placed(model, replace(data, splits=splits), one_by_one(1), **request)


@pytest.mark.parametrize(
    "deals", [folds(3), bags(3), given_rows([[0, 1, 2, 3], [8, 9, 10, 11]])], ids=lambda deals: deals.names[0]
)
def test_a_mapped_member_is_bit_for_bit_the_same_alone(deals):
    # 24 rows that train and 9 that validate: three folds of 11, bags of 24; the last batch is short.
    data = blobs(24, n_validation=9)
    together = train_placed(dense(8), data, rows=deals, **REQUEST)
    assert 1 == len(together.trained.groups), "one program"
    assert 1 == together.trained.groups[0].placement.block, "mapped without being asked"
    for member, splits in enumerate(deals.rows(data)):
        assert splits.train.tolist() == together.splits_of(member).train.tolist()
        one = alone(dense(8), data, splits, **REQUEST)
        assert same(together[member], one), f"member {member}"
    assert not same(together[0], together[1])


def test_members_side_by_side_are_close_to_themselves_alone():
    data = blobs(24, n_validation=6)
    together = train_placed(dense(8), data, one_block(3), rows=folds(3), **REQUEST)
    assert 3 == together.trained.groups[0].placement.block
    for member, splits in enumerate(folds(3).rows(data)):
        assert difference(together[member], alone(dense(8), data, splits, **REQUEST)) < 1e-5


def test_a_convolution_with_dropout_and_folds():
    model = keras.Sequential(
        [
            keras.layers.Conv2D(2, 3, activation="relu"),
            keras.layers.Flatten(),
            keras.layers.Dropout(0.3),
            keras.layers.Dense(3, "softmax"),
        ]
    )
    data = images(21)
    together = train_placed(model, data, rows=folds(3), **REQUEST)
    one = alone(model, data, folds(3).rows(data)[1], **REQUEST)
    assert same(together[1], one)


def test_augmentation_knows_the_range_of_the_images_that_the_member_trains_on():
    # Brightness goes by the range of the training images: row 0 is far brighter than all others.
    data = images(21)
    pixels = data.inputs.copy()
    pixels[0] += 50
    data = replace(data, inputs=pixels)
    model = keras.Sequential([keras.layers.Flatten(), keras.layers.Dense(3, "softmax")])
    request = {**REQUEST, "augment": {"brightness": 0.3, "shift": 0.2}}
    run = train_placed(model, data, rows=folds(3), **request)
    for member, splits in enumerate(folds(3).rows(data)):
        assert same(run[member], alone(model, data, splits, **request)), f"member {member}"


def test_folds_and_seeds_cross_and_the_order_of_members_does_not_matter():
    data = blobs(24)
    request = {**REQUEST, "learning_rate": [0.03, 0.01], "seeds": [4, 5]}
    run = train_placed(dense(8), data, rows=folds(3), **request)
    assert ("learning_rate", "fold", "seed") == run.axes
    assert 12 == len(run)
    assert [0, 0, 1, 1, 2, 2] * 2 == run.members["fold"].to_list()
    turned = train_placed(dense(8), data, rows=folds(3), **{**request, "learning_rate": [0.01, 0.03], "seeds": [5, 4]})
    at = {key: i for i, key in enumerate(turned.members.select("learning_rate", "fold", "seed").iter_rows())}
    for member, key in enumerate(run.members.select("learning_rate", "fold", "seed").iter_rows()):
        assert same(run[member], turned[at[key]])


def test_rows_of_different_counts_are_programs_of_their_own():
    # 25 rows in 3 folds: 9, 8 and 8 validate, so 16, 17 and 17 train.
    data = from_arrays(np.zeros((25, 6), "float32"), np.arange(25) % 3)
    run = train_placed(dense(4), data, rows=folds(3), **{**REQUEST, "seeds": [0, 1]})
    sizes = [run.splits_of(member).sizes[:2] for member in range(6)]
    assert {(16, 9), (17, 8)} == set(sizes)
    assert 2 == len(run.trained.groups)
    assert "Rows of their own, a program for each number of them: `fold`." in str(run.plan)
    one = train_placed(dense(4), blobs(24), rows=folds(3), **REQUEST)
    assert "Rows of their own: `fold`." in str(one.plan)
    assert "Traced (numbers inside a program): `seed`." in str(one.plan)


def test_members_that_all_have_the_same_rows_are_a_group_like_any_other():
    data = blobs(24, n_validation=6)
    run = train_placed(dense(8), data, rows=subsets([12, 18]), **{**REQUEST, "seeds": [0, 1, 2, 3]})
    assert [12, 18] == [one.group.structure["n_rows"] for one in run.trained.groups]
    for one in run.trained.groups:
        assert not one.group.has_own_order
        rows = group_rows(run.experiment, data, one.group)
        assert rows.places is None
        assert 6 == len(rows.validation["inputs"])
    for splits, member in zip(subsets([12, 18]).rows(data), (0, 4), strict=True):
        plain = train_placed(dense(8), replace(data, splits=splits), **{**REQUEST, "seeds": [0, 1, 2, 3]})
        for seed in range(4):
            assert same(plain[seed], run[member + seed])


def test_validation_values_are_what_keras_says_of_those_rows():
    data = blobs(24)
    run = train_placed(dense(8), data, rows=folds(3), **REQUEST)
    scores = run.evaluate("validation")
    for member, one in enumerate(run):
        last = one.members.row(0, named=True)
        loss, accuracy = run[member].model.evaluate(*run.data_of(member).validation, verbose=0)
        assert loss == pytest.approx(last["val_loss"], rel=1e-5)
        assert accuracy == pytest.approx(last["val_accuracy"], rel=1e-5)
        assert loss == pytest.approx(scores["loss"][member], rel=1e-5)
    trained = run.evaluate("train")
    assert trained["loss"][1] == pytest.approx(run[1].model.evaluate(*run.data_of(1).train, verbose=0)[0], rel=1e-5)


def test_by_hand():
    """w starts at 1; one step on the member's own row moves it by -rate · 2 (w x - y) x."""
    data = from_arrays(np.array([[1.0], [2.0], [3.0]], "float32"), np.zeros((3, 1), "float32"), task="regression")
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1, use_bias=False, kernel_initializer="ones")])
    deals = given_rows([[0], [1], [1, 1]], validation=[[2], [2], [0]])
    run = train_placed(model, data, rows=deals, optimizer="sgd", learning_rate=0.1, epochs=1, batch_size=4, loss="mse")
    # x = 1: 1 - 0.1 · 2 · 1 = 0.8; x = 2: 1 - 0.1 · 2 · 4 = 0.2; twice the same row is the same mean.
    assert [0.8, 0.2, 0.2] == [pytest.approx(float(run.weights(member)[0][0, 0]), rel=1e-6) for member in range(3)]
    # Validation: (3 · 0.8)² = 5.76, (3 · 0.2)² = 0.36, (1 · 0.2)² = 0.04.
    assert [5.76, 0.36, 0.04] == [pytest.approx(value, rel=1e-5) for value in run.members["val_loss"]]


def test_early_stopping_watches_each_members_own_rows():
    data = blobs(24)
    request = {**REQUEST, "epochs": 30, "learning_rate": 0.1, "early_stopping": 1}
    run = train_placed(dense(8), data, rows=folds(3), **request)
    assert "stopped early" in run.members["status"].to_list()
    for member, splits in enumerate(folds(3).rows(data)):
        assert same(run[member], alone(dense(8), data, splits, **request))


def test_class_weights_and_weights_of_rows_go_with_the_rows():
    data = blobs(24)
    weighted = replace(data, sample_weight=np.linspace(0.5, 2, 24).astype("float32"))
    for given, request in ((weighted, {}), (data, {"class_weight": {0: 1.0, 1: 5.0, 2: 0.5}})):
        run = train_placed(dense(8), given, rows=folds(3), **REQUEST, **request)
        for member, splits in enumerate(folds(3).rows(given)):
            assert same(run[member], alone(dense(8), given, splits, **REQUEST, **request))
    assert not same(run[0], train_placed(dense(8), data, rows=folds(3), **REQUEST)[0])


def test_probes_look_at_the_rows_that_the_member_trains_on():
    data = blobs(24)
    request = {**REQUEST, "probes": ["loss", "gradient_norm"]}
    run = train_placed(dense(8), data, rows=folds(3), **request)
    assert same(run[0], train_placed(dense(8), data, rows=folds(3), **REQUEST)[0]), "looking changes nothing"
    for member, splits in enumerate(folds(3).rows(data)):
        one = alone(dense(8), data, splits, **request)
        mine, theirs = run[member].probes, one.probes
        assert len(mine) == len(theirs)
        np.testing.assert_allclose(mine["value"].to_numpy(), theirs["value"].to_numpy(), rtol=1e-5)


def test_where_a_member_diverged_is_found_on_its_own_rows():
    # The row with the huge input is row 4; only the second member trains on it.
    inputs = np.ones((6, 1), "float32")
    inputs[4] = 1e30
    data = from_arrays(inputs, np.zeros((6, 1), "float32"), task="regression")
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1, kernel_initializer="ones")])
    request = {"optimizer": "sgd", "learning_rate": 0.01, "epochs": 2, "batch_size": 1, "loss": "mse", "shuffle": False}
    run = train_placed(model, data, rows=given_rows([[0, 1, 2], [0, 4, 5]]), **request)
    assert ["finished", "diverged"] == run.members["status"].to_list()
    found = run.divergence()
    assert (1, (1,)) == (found.step, found.rows), "the second of its own rows"
    assert 1e30 == pytest.approx(run.data_of(1).train[0][found.rows[0], 0])
    # 1e30 times the weight is a number still, and its square is none.
    assert "loss" == found.stage
    assert max(found.extremes[-1].outputs.values()) > 1e29


def test_each_fold_of_a_table_is_prepared_by_the_rows_that_it_trains_on():
    data = load("iris", validation_split=0, test_split=0)
    run = train_placed(dense(4, n_features=4), data, rows=folds(3), **{**REQUEST, "seeds": [0, 1]})
    (only,) = run.trained.groups
    # 150 rows, once for each fold and not once for each member; 50 of them validate.
    rows = group_rows(run.experiment, data, only.group)
    assert (450, 6, (6, 50)) == (len(rows.train["inputs"]), len(rows.places), rows.held_out.shape)
    for member in (0, 2, 4):
        own = run.data_of(member)
        assert np.allclose(0, own.train[0].mean(0), atol=1e-5)
        one = train_placed(dense(4, n_features=4), own, one_by_one(1), **REQUEST)
        assert same(run[member], one)


def test_extreme_rows_of_another_part_do_not_reach_a_member():
    """Poisoned validation and test rows change nothing of what the folds that do not train on them learn."""
    data = load("iris")
    splits = folds(3).rows(data)
    poisoned = data.coded.copy()
    poisoned[[*splits[0].validation, *data.splits.test]] = 1e6
    sick = replace(data, inputs=data.preparation.apply(poisoned), coded=poisoned)
    healthy, hurt = (train_placed(dense(4, n_features=4), each, rows=folds(3), **REQUEST) for each in (data, sick))
    assert all(np.array_equal(a, b) for a, b in zip(healthy.weights(0), hurt.weights(0), strict=True))
    assert not all(np.array_equal(a, b) for a, b in zip(healthy.weights(1), hurt.weights(1), strict=True))


def test_predictions_and_test_rows():
    data = load("digits")
    model = keras.Sequential([keras.layers.Flatten(), keras.layers.Dense(10, "softmax")])
    run = train_placed(model, data, rows=folds(2), seeds=[0], epochs=1, batch_size=64)
    for member in range(2):
        expected = run[member].model.predict(data.test[0], verbose=0)
        np.testing.assert_allclose(run.predict(data.test[0], member=member), expected, rtol=1e-5, atol=1e-7)
    assert 2 == len(run.evaluate("test"))


def test_seeds_that_go_with_the_rows():
    data = blobs(24, n_validation=6)
    lists = [list(range(0, 12)), list(range(12, 24))]
    run = train_placed(dense(8), data, rows=given_rows(lists, seeds=[3, 4]), epochs=2, optimizer="adam")
    assert ("deal", "seed") == run.axes
    for member, seed in enumerate((3, 4)):
        splits = Splits.of_rows(lists[member], data.splits.validation)
        assert same(run[member], alone(dense(8), data, splits, seeds=[seed], epochs=2, optimizer="adam"))


@pytest.mark.parametrize(
    ("request_", "message"),
    [
        ({"rows": 5}, r"`folds\(…\)`, `bags\(…\)`, .* received `int`"),
        ({"rows": given_rows([[0]], seeds=[1]), "seeds": 2}, "each name once, received `seed` twice"),
        ({"rows": bags(2), "early_stopping": 2}, "validation rows, because it watches `val_loss`, received none"),
    ],
)
def test_what_cannot_be_dealt(request_, message):
    with pytest.raises(SettingError, match=message):
        train_placed(dense(4), blobs(12), **request_)
