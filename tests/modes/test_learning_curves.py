"""`learning_curve`: which rows each network has, how long it trains, what is said of more rows."""

from dataclasses import replace

import numpy as np
import pytest

import backlit as bl
from backlit.data import Dataset, Splits
from backlit.errors import DataError, SettingError
from backlit.language import text
from backlit.measure.power_law import PowerLaw
from backlit.modes.learning_curves import _sizes


@pytest.fixture(scope="module")
def curve(net, blobs, quick):
    return bl.learning_curve(net(), blobs, sizes=[32, 8, 60], seeds=2, batch_size=8, **quick)


def test_larger_sets_hold_the_smaller_ones_and_seeds_have_their_own(curve):
    assert (8, 32, 60) == curve.sizes
    small, middle, large = ([set(run.splits_of(member).train.tolist()) for member in range(2)] for run in curve.runs)
    for member in range(2):
        assert small[member] < middle[member] < large[member]
        assert set(range(60)) == large[member]
    assert small[0] != small[1]


def test_all_sizes_take_as_many_steps(curve):
    # 60 rows in batches of 8 are 8 steps an epoch, 16 in two; 32 rows 4 an epoch, so 4 epochs; 8 rows 1, so 16.
    assert [16, 4, 2] == [run.experiment.epochs for run in curve.runs]
    assert "as many steps each as 2 epochs of the largest take" in str(curve.lines()[0])


def test_or_as_many_epochs(net, blobs, quick):
    curve = bl.learning_curve(net(), blobs, sizes=[8, 60], seeds=1, equal="epochs", **quick)
    assert [2, 2] == [run.experiment.epochs for run in curve.runs]
    assert "2 epochs each" in str(curve.lines()[0])


def test_scores_are_those_of_the_validation_rows(curve, blobs):
    inputs, targets = blobs.validation
    for row, (run, member) in zip(
        curve.scores.to_dicts(), [(run, member) for run in curve.runs for member in range(2)], strict=True
    ):
        expected = (run.predict(inputs, member=member).argmax(1) == targets).mean()
        assert row["accuracy"] == pytest.approx(expected)
    assert "accuracy" == curve.metric


def test_the_summary_has_an_interval_over_seeds(curve):
    table = curve.summary()
    assert [8, 32, 60] == table["n_rows"].to_list()
    values = curve.scores["accuracy"].to_numpy().reshape(3, 2)
    assert table["mean"].to_list() == pytest.approx(values.mean(1).tolist())


def test_too_few_sizes_predict_nothing_and_say_why(curve):
    assert curve.law is None
    assert "No prediction for more rows: 3 numbers of rows are too few" in str(curve.lines()[-1])


def test_a_law_is_told_with_its_gain(curve, monkeypatch):
    curve = replace(curve)  # what is measured once is not measured again
    law = PowerLaw(a=2.0, b=0.5, c=0.05, rows=60, gain=0.0756, lo=0.05, hi=0.1)
    monkeypatch.setattr("backlit.modes.learning_curves.fit_power_law", lambda *_: (law, None))
    lines = [str(line) for line in curve.lines()]
    assert lines[1] == "Error of `accuracy`: 2 · n^−0.50 + 0.05."
    assert lines[2] == "Twice as many rows (120) would take 0.0756 from the error, 95 % interval 0.05 to 0.1."


def test_regression_is_judged_by_the_loss(slope, quick):
    import keras

    model = keras.Sequential([keras.layers.Dense(1)])
    curve = bl.learning_curve(model, slope, sizes=[10, 30], seeds=2, **quick)
    assert "loss" == curve.metric
    assert not curve.is_better_larger


def test_sizes_of_their_own():
    # 60 rows: 60, 30, 15, 7, 3, and 60 // 32 = 1, which is too few, so 2
    assert (2, 3, 7, 15, 30, 60) == _sizes(None, 60, text("Drawing a learning curve"))


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"sizes": [10]}, "at least 2 different `sizes`, none above the 60 training rows, received"),
        ({"sizes": [10, 61]}, r"none above the 60 training rows, received \[10, 61\]"),
        ({"equal": "step"}, "received `step`. Did you mean `steps`"),
        ({"learning_rate": [0.1, 0.01]}, "expected one value for each setting, received several of `learning_rate`"),
        ({"vary": {"units": [4, 8]}}, "received several of `vary`"),
        ({"epochs": 0}, "expected `epochs`, a whole number of at least 1, received 0"),
        ({"seeds": 0}, "expected `seeds`, a whole number of at least 1, received 0"),
    ],
)
def test_mistakes(net, blobs, arguments, words):
    with pytest.raises(SettingError, match=words):
        bl.learning_curve(net(), blobs, **arguments)


def test_without_rows_that_judge(net, blobs):
    data = Dataset("d", blobs.inputs, blobs.targets, task="classification", splits=Splits.of_rows(np.arange(90)))
    with pytest.raises(DataError, match="expected validation rows, which judge, received none"):
        bl.learning_curve(net(), data)


def test_a_metric_that_is_not_there(curve):
    with pytest.raises(SettingError, match="received `acc`"):
        curve.summary("acc")
