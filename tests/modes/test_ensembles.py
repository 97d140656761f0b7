"""`bl.ensemble`: what members are trained on, how they predict together, and the file that plain Keras reads."""

from typing import Any

import keras
import numpy as np
import polars as pl
import pytest

import backlit as bl
from backlit.data import Dataset, Splits
from backlit.errors import SettingError
from backlit.measure.combining import samme_weight, vote_shares


@pytest.fixture(scope="module")
def run(net, blobs, quick):
    return bl.fit(net(), blobs, seeds=3, learning_rate=0.1, **quick)


def test_the_mean_of_a_runs_members(run, blobs):
    crowd = bl.ensemble.mean(run)
    inputs = blobs.test[0]
    expected = np.mean([run.predict(inputs, member=i) for i in range(3)], axis=0)
    assert np.allclose(expected, crowd.predict(inputs), atol=1e-6)
    assert crowd.predict(inputs).dtype == np.float32


def test_the_vote_of_a_runs_members(run, blobs):
    crowd = bl.ensemble.vote(run)
    outputs = np.stack([run.predict(blobs.test[0], member=i) for i in range(3)])
    assert np.allclose(vote_shares(outputs), crowd.predict(blobs.test[0]), atol=1e-6)


def test_some_members_only(run, blobs):
    crowd = bl.ensemble.mean(run, members=[2])
    assert np.allclose(run.predict(blobs.test[0], member=2), crowd.predict(blobs.test[0]), atol=1e-6)


def test_scores_of_the_whole_beside_those_of_its_members(run, blobs):
    crowd = bl.ensemble.mean(run)
    own = run.evaluate("test")["accuracy"].to_numpy()
    assert crowd.members["accuracy"].to_list() == pytest.approx(own.tolist())
    row = crowd.evaluate("test").filter(pl.col("metric") == "accuracy").to_dicts()[0]
    accuracy = (crowd.predict(blobs.test[0]).argmax(1) == blobs.test[1]).mean()
    assert (row["ensemble"], row["members"]) == pytest.approx((accuracy, own.mean()))
    assert row["best_member"] == pytest.approx(own.max())
    assert row["gain"] == pytest.approx(accuracy - own.mean(), abs=1e-6)


def test_a_lower_loss_is_a_gain(run):
    row = bl.ensemble.mean(run).evaluate("test").to_dicts()[0]
    assert row["metric"] == "loss"
    assert row["gain"] == pytest.approx(row["members"] - row["ensemble"])
    # −ln is convex: the loss of the mean is never above the mean of the losses
    assert row["gain"] >= 0


@pytest.mark.slow
@pytest.mark.parametrize("how", ["mean", "vote"])
@pytest.mark.parametrize("last", ["softmax", None])
def test_plain_keras_reads_the_file(net, blobs, quick, tmp_path, in_fresh_python, how, last):
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=last is None)
    run = bl.fit(net(last=last), blobs, seeds=3, learning_rate=0.1, loss=loss, **quick)
    crowd = getattr(bl.ensemble, how)(run)
    path = crowd.save(tmp_path / "crowd.keras")
    np.save(tmp_path / "rows.npy", blobs.inputs)
    code = (
        "import os; os.environ['KERAS_BACKEND'] = 'jax'\n"
        "import sys, keras, numpy as np\n"
        f"model = keras.saving.load_model({str(path)!r})\n"
        f"np.save({str(tmp_path / 'out.npy')!r}, model.predict(np.load({str(tmp_path / 'rows.npy')!r}), verbose=0))\n"
        "print('backlit' in sys.modules)"
    )
    assert in_fresh_python(code) == "False"
    assert np.allclose(crowd.predict(blobs.inputs), np.load(tmp_path / "out.npy"), rtol=1e-5, atol=1e-6)


def test_the_model_evaluates_as_the_ensemble_does(run, blobs):
    crowd = bl.ensemble.mean(run)
    loss, accuracy = crowd.model.evaluate(*blobs.test, verbose=0)
    own = dict(crowd.evaluate("test").select("metric", "ensemble").rows())
    assert (loss, accuracy) == pytest.approx((own["loss"], own["accuracy"]), rel=1e-4)


def test_one_output_for_two_classes(net, quick, tmp_path):
    rng = np.random.default_rng(0)
    inputs = rng.normal(size=(60, 4)).astype("float32")
    data = Dataset(
        "two",
        inputs,
        (inputs[:, 0] > 0).astype("int32"),
        task="classification",
        splits=Splits.of_rows(range(40), (), range(40, 60)),
    )
    run = bl.fit(net(n_classes=1, last="sigmoid"), data, seeds=3, loss="binary_crossentropy", **quick)
    for crowd in (bl.ensemble.mean(run), bl.ensemble.vote(run)):
        assert (20, 1) == crowd.predict(data.test[0]).shape
        model: Any = keras.saving.load_model(crowd.save(tmp_path / "two.keras"))
        assert np.allclose(crowd.predict(inputs), model.predict(inputs, verbose=0), atol=1e-6)


def test_labels_are_voted_on_one_by_one(quick, tmp_path):
    rng = np.random.default_rng(0)
    inputs = rng.normal(size=(40, 3)).astype("float32")
    data = Dataset(
        "labels",
        inputs,
        (inputs > 0).astype("float32"),
        task="multi-label",
        splits=Splits.of_rows(range(30), (), range(30, 40)),
    )
    run = bl.fit(keras.Sequential([keras.layers.Dense(3, "sigmoid")]), data, seeds=3, **quick)
    crowd = bl.ensemble.vote(run)
    votes = np.mean([run.predict(inputs, member=i) > 0.5 for i in range(3)], axis=0)
    assert np.allclose(votes, crowd.predict(inputs), atol=1e-6)
    model: Any = keras.saving.load_model(crowd.save(tmp_path / "labels.keras"))
    assert np.allclose(votes, model.predict(inputs, verbose=0), atol=1e-6)


def test_regression_takes_the_mean(slope, quick, tmp_path):
    model = keras.Sequential([keras.layers.Dense(1)])
    crowd = bl.ensemble.bag(model, slope, n=3, **quick)
    assert ["loss", "mean_absolute_error"] == crowd.evaluate()["metric"].to_list()
    saved: Any = keras.saving.load_model(crowd.save(tmp_path / "m.keras"))
    assert np.allclose(crowd.predict(slope.inputs), saved.predict(slope.inputs, verbose=0), atol=1e-6)
    with pytest.raises(SettingError, match="expected classes or labels to vote for, received a regression task"):
        bl.ensemble.bag(model, slope, how="vote", **quick)
    with pytest.raises(SettingError, match="received `regression`"):
        bl.ensemble.boost(model, slope, **quick)


def test_bags_have_rows_and_weights_of_their_own(net, blobs, quick):
    crowd = bl.ensemble.bag(net(), blobs, n=4, seeds=2, **quick)
    assert (2, 4) == (len(crowd.copies), len(crowd))
    run = crowd.runs[0]
    bags = [run.splits_of(member).train.tolist() for member in range(8)]
    assert 8 == len({tuple(bag) for bag in bags})
    assert all(len(bag) == 60 and set(bag) <= set(range(60)) for bag in bags)
    # 60 rows drawn 60 times hold 60 · (1 − (1 − 1/60)^60) = 38.1 different ones on average
    assert 33 < np.mean([len(set(bag)) for bag in bags]) < 43
    assert 1 == len(run.trained.groups)
    first = [run.members["seed"][member] for member in range(8)]
    assert list(range(8)) == first


@pytest.mark.slow
def test_copies_are_alike_however_many_there_are(net, blobs, quick):
    one = bl.ensemble.bag(net(), blobs, n=2, seeds=[1], **quick)
    two = bl.ensemble.bag(net(), blobs, n=2, seeds=[0, 1], **quick)
    assert np.allclose(one.predict(blobs.inputs), two.copy(1).predict(blobs.inputs), atol=1e-5)


def test_the_effect_is_the_paired_difference_over_copies(net, blobs, quick):
    crowd = bl.ensemble.bag(net(), blobs, n=3, seeds=3, **quick)
    gains = crowd.evaluate("test").filter(pl.col("metric") == "accuracy")["gain"].to_numpy()
    found = crowd.effect(split="test")
    assert found.n == 3
    assert found.mean == pytest.approx(gains.mean())
    assert found.lo is not None
    assert found.lo < found.mean
    with pytest.raises(SettingError, match="received `acc`"):
        crowd.effect("acc")


def test_boosting_redoes_the_arithmetic_of_samme(net, blobs, quick):
    crowd = bl.ensemble.boost(net(), blobs, n=3, learning_rate=0.05, **quick)
    weights = np.full(60, 1 / 60)
    for part in crowd.parts:
        wrong = part.run.predict(blobs.inputs[:60], member=part.member).argmax(1) != blobs.targets[:60]
        expected = samme_weight(max(weights[wrong].sum(), 1 / 120), n_classes=3)
        assert part.weight == pytest.approx(expected)
        weights = weights * np.where(wrong, np.exp(expected), 1)
        weights /= weights.sum()
    votes = np.stack([part.run.predict(blobs.test[0], member=part.member) for part in crowd.parts])
    expected = vote_shares(votes, np.array([part.weight for part in crowd.parts]))
    assert np.allclose(expected, crowd.predict(blobs.test[0]), atol=1e-6)


def test_rows_that_were_missed_are_drawn_more_often(net, blobs):
    crowd = bl.ensemble.boost(net(), blobs, n=2, seeds=6, learning_rate=0.03, epochs=2, save=False, verbose=False)
    first, second = crowd.runs
    shares = []
    for member in range(6):
        wrong = first.predict(blobs.inputs[:60], member=member).argmax(1) != blobs.targets[:60]
        drawn = second.splits_of(member).train
        shares.append((np.isin(drawn, np.flatnonzero(wrong)).mean(), wrong.mean()))
    drawn_share, wrong_share = np.mean(shares, axis=0)
    assert drawn_share > wrong_share + 0.05


@pytest.mark.slow
def test_seeds_are_boosted_side_by_side(net, blobs, quick):
    crowd = bl.ensemble.boost(net(), blobs, n=2, seeds=3, learning_rate=0.05, **quick)
    assert [3, 3] == [len(run) for run in crowd.runs]
    assert 3 == len(crowd.copies)


def test_who_makes_no_mistake_is_told(net, blobs):
    # Classes that lie ten times as far apart as they scatter.
    inputs = (blobs.inputs / 10 + 3 * np.eye(4)[blobs.targets]).astype("float32")
    data = Dataset("apart", inputs, blobs.targets, task="classification", splits=blobs.splits)
    crowd = bl.ensemble.boost(net(), data, n=2, epochs=30, learning_rate=0.05, save=False, verbose=False)
    assert any("no mistake on the training rows" in str(note) for note in crowd.notes)
    assert np.isfinite(crowd.members["weight"].to_numpy()).all()


def test_who_only_guesses_has_no_vote(net, blobs, quick):
    with pytest.raises(SettingError, match="expected networks that are better than guessing, received 2 networks"):
        bl.ensemble.boost(
            keras.Sequential([keras.layers.Dense(3, "softmax", kernel_initializer="zeros")]),
            blobs,
            n=2,
            learning_rate=0.0,
            **quick,
        )


def test_a_table_is_saved_with_its_preparation(quick, tmp_path):
    from backlit.models.files import from_keras_file
    from backlit.models.shipped import shipped

    model = keras.Sequential([keras.layers.Dense(3, "softmax")])
    crowd = bl.ensemble.bag(model, "iris", n=2, **quick)
    path = crowd.save(tmp_path / "iris.keras")
    found = shipped(from_keras_file(path), path)
    assert found.data.class_names == crowd.data.class_names
    raw = crowd.data.preparation.undo(crowd.data.inputs)
    loaded: Any = keras.saving.load_model(path)
    given = loaded.predict(raw.astype("float32"), verbose=0)
    assert np.allclose(crowd.predict(crowd.data.inputs), given, atol=1e-5)


def test_folds_of_a_table_do_not_make_an_ensemble(quick):
    model = keras.Sequential([keras.layers.Dense(3, "softmax")])
    run = bl.fit(model, "iris", rows=bl.folds(3), **quick)
    with pytest.raises(SettingError, match="received folds of a table, each prepared by its own rows"):
        bl.ensemble.mean(run)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda _, run: bl.ensemble.mean(run, members=[7]), "received member 7"),
        (lambda _, run: bl.ensemble.mean(run, members=[]), "received none"),
        (lambda _, run: bl.ensemble.mean(run).evaluate("tset"), "received `tset`"),
        (lambda _, run: bl.ensemble.mean(run).save("gone/x.keras"), "received `gone/x.keras`"),
        (lambda net, run: bl.ensemble.bag(net(), run.data, n=1), "expected `n`, a whole number of at least 2"),
        (lambda net, run: bl.ensemble.bag(net(), run.data, how="mode"), "received `mode`"),
        (lambda net, run: bl.ensemble.bag(net(), run.data, learning_rate=[0.1, 1.0]), "several of `learning_rate`"),
        (lambda net, run: bl.ensemble.boost(net(), run.data, n=1), "expected `n`, a whole number of at least 2"),
    ],
)
def test_mistakes(net, run, call, words):
    with pytest.raises(SettingError, match=words):
        call(net, run)


def test_it_says_what_it_found(run):
    assert "3 networks together: accuracy" in bl.ensemble.mean(run).say()
    bl.set_language("zh")
    assert "3 个网络" in bl.ensemble.mean(run).say()
