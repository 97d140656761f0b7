"""`cross_validate`: who judges whom, what the score is, and that nothing leaks."""

from dataclasses import replace

import keras
import numpy as np
import polars as pl
import pytest

import backlit as bl
from backlit.data import Dataset
from backlit.errors import SettingError
from backlit.measure.intervals import fold_interval


@pytest.fixture(scope="module")
def found(net, blobs, quick):
    return bl.cross_validate(net(), blobs, folds=3, seeds=2, learning_rate=0.1, **quick)


def test_every_row_but_those_of_the_test_is_judged_once(found):
    held = np.sort(np.concatenate([fold.rows for fold in found.folds]))
    assert list(range(75)) == held.tolist()
    assert len(found.run) == 6
    assert [50] * 3 == [fold.n_train for fold in found.folds]


def test_scores_are_those_of_each_network_on_its_fold(found, blobs):
    table = found.scores
    assert ["member", "repeat", "fold", "seed", "loss", "accuracy"] == table.columns
    for row in table.to_dicts():
        rows = found.folds[row["fold"]].rows
        predicted = found.run.predict(blobs.inputs[rows], member=row["member"]).argmax(1)
        assert row["accuracy"] == pytest.approx((predicted == blobs.targets[rows]).mean())
    assert [0, 0, 1, 1, 2, 2] == table["fold"].to_list()
    assert [0, 1, 0, 1, 0, 1] == table["seed"].to_list()


def test_the_summary_is_the_interval_of_fold_means(found):
    [row] = found.summary().to_dicts()
    means = found.scores.group_by("fold", maintain_order=True).agg(pl.col("accuracy").mean())["accuracy"].to_list()
    expected = fold_interval(means, n_train=50, n_held=25)
    assert (expected.mean, expected.lo, expected.hi) == (row["mean"], row["lo"], row["hi"])
    assert ("accuracy", 6, 0) == (row["metric"], row["n"], row["n_diverged"])
    assert row["fold_std"] == pytest.approx(np.std(means, ddof=1))


def test_out_of_fold_predictions_are_the_mean_of_the_seeds(found, blobs):
    outputs = found.out_of_fold
    assert np.isnan(outputs[75:]).all()
    rows = found.folds[1].rows
    own = [found.run.predict(blobs.inputs[rows], member=member) for member in (2, 3)]
    assert np.allclose(np.mean(own, axis=0), outputs[rows], atol=1e-6)


def test_the_confusion_table_counts_every_judged_row(found):
    counts = found.confusion.drop("actual").to_numpy()
    assert [25, 25, 25] == counts.sum(1).tolist()
    correct = (found.out_of_fold[:75].argmax(1) == found.data.targets[:75]).sum()
    assert np.trace(counts) == correct


def test_it_says_what_it_found(found):
    lines = [str(line) for line in found.lines()]
    assert lines[0] == "Cross-validation: 3 folds × 2 seeds."
    assert lines[1].startswith("accuracy 0.")
    assert "95 % interval" in lines[1]
    bl.set_language("zh")
    assert "交叉验证" in found.say()


def test_a_member_that_could_see_its_fold_would_do_better(net, blobs):
    # Labels at random: nothing to learn but by heart. A network that judged rows it trained on would score far above
    # one third; over 4 folds x 3 seeds the mean of 75 rows scatters by sqrt(2/9 / 75) = 0.054.
    labels = np.random.default_rng(1).integers(0, 3, len(blobs)).astype("int32")
    data = Dataset("noise", blobs.inputs, labels, task="classification", splits=blobs.splits)
    found = bl.cross_validate(net(32), data, folds=4, seeds=3, epochs=60, learning_rate=0.03, save=False, verbose=False)
    by_heart = found.run.evaluate("train")["accuracy"].to_numpy().mean()
    assert by_heart > 0.7
    assert abs(found.summary()["mean"][0] - 1 / 3) < 3 * 0.054


def test_repeats_deal_anew(net, blobs, quick):
    found = bl.cross_validate(net(), blobs, folds=2, repeats=3, seeds=1, **quick)
    assert [0, 0, 1, 1, 2, 2] == found.scores["repeat"].to_list()
    first, second = found.folds[0].rows.tolist(), found.folds[2].rows.tolist()
    assert first != second
    assert found.scores["seed"].to_list() == [0] * 6
    assert np.isfinite(found.out_of_fold[:75]).all()


def test_groups_stay_together(net, blobs, quick):
    groups = np.arange(90) // 5
    found = bl.cross_validate(net(), blobs, folds=3, seeds=1, groups=groups, **quick)
    for fold in found.folds:
        assert not set(groups[fold.rows]) & set(groups[found.run.splits_of(fold.number).train])


def test_regression(slope, quick):
    model = keras.Sequential([keras.layers.Dense(1)])
    found = bl.cross_validate(model, slope, folds=4, seeds=1, **quick)
    [row] = found.summary("loss").to_dicts()
    assert row["lo"] < row["mean"] < row["hi"]
    assert (40, 1) == found.out_of_fold.shape
    with pytest.raises(SettingError, match="received `regression`"):
        _ = found.confusion


def test_under_early_stopping_the_judges_do_not_choose_the_epoch(net, blobs):
    found = bl.cross_validate(net(), blobs, folds=3, seeds=1, epochs=6, early_stopping=1, save=False, verbose=False)
    for member, fold in enumerate(found.folds):
        own = found.run.splits_of(member)
        assert not set(own.validation) & set(fold.rows)
        assert not set(own.train) & set(fold.rows)
        assert fold.n_train == len(own.train)
        rows = fold.rows
        predicted = found.run.predict(blobs.inputs[rows], member=member).argmax(1)
        accuracy = (predicted == blobs.targets[rows]).mean()
        assert found.scores["accuracy"][member] == pytest.approx(accuracy)


def test_a_table_is_prepared_by_the_rows_that_train(quick):
    # One row is a million: in the fold that holds it out, it moves no mean. In the others it does.
    table = bl.load("iris")
    raw = np.array(table.coded)
    raw[table.splits.train[0], 0] = 1e6
    prepared = table.preparation.on(raw[table.splits.train])
    spoilt = replace(table, coded=raw, preparation=prepared, inputs=prepared.apply(raw), recipe=None)
    model = keras.Sequential([keras.layers.Dense(3, "softmax")])
    found = bl.cross_validate(model, spoilt, folds=3, seeds=1, **quick)
    for member, fold in enumerate(found.folds):
        own = found.run.data_of(member)
        train = own.inputs[own.splits.train]
        assert np.abs(train.mean(0)).max() < 1e-3
        assert np.abs(train.std(0) - 1).max() < 1e-3
        holds_it = table.splits.train[0] in fold.rows
        assert (np.abs(own.inputs[fold.rows]).max() > 1e4) == holds_it


def test_several_settings_are_summarised_one_by_one(net, blobs, quick):
    found = bl.cross_validate(net(), blobs, folds=2, seeds=2, learning_rate=[0.1, 1e-6], **quick)
    assert [0.1, 1e-6] == found.summary()["learning_rate"].to_list()
    assert {"learning_rate": 0.1} == found.best
    assert len(found.run) == 8
    # Only the better setting predicts: with the other one the outputs would be those of untrained networks.
    best = [m for m in range(8) if found.run.members["learning_rate"][m] == 0.1 and found._fold_of(m).number == 0]
    rows = found.folds[0].rows
    own = np.mean([found.run.predict(blobs.inputs[rows], member=m) for m in best], axis=0)
    assert np.allclose(own, found.out_of_fold[rows], atol=1e-6)


def test_diverged_members_are_counted_and_left_out(net, blobs, quick):
    found = bl.cross_validate(net(), blobs, folds=2, seeds=1, optimizer="sgd", learning_rate=[0.1, 1e30], **quick)
    good, bad = found.summary().to_dicts()
    assert (2, 0) == (good["n"], good["n_diverged"])
    assert (0, 2, None) == (bad["n"], bad["n_diverged"], bad["mean"])
    assert "no fold finished" in str(found.lines()[2])


def test_it_is_kept_like_every_run(net, blobs):
    found = bl.cross_validate(net(), blobs, folds=2, seeds=1, epochs=1, verbose=False)
    assert bl.open_run(found.run.id).members["val_loss"].to_list() == found.run.members["val_loss"].to_list()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"folds": 1}, "expected `folds`, a whole number of at least 2, received 1"),
        ({"folds": 2.5}, "a whole number of at least 2, received 2.5"),
        ({"repeats": 0}, "expected `repeats`, a whole number of at least 1, received 0"),
    ],
)
def test_mistakes(net, blobs, arguments, words):
    with pytest.raises(SettingError, match=words):
        bl.cross_validate(net(), blobs, **arguments)


def test_a_metric_that_is_not_there(found):
    with pytest.raises(SettingError, match="received `acc`"):
        found.summary("acc")
