"""The loss of the member that is shown."""

import polars as pl
import pytest

from backlit.measure.losses import loss_curve
from tests.measure.probed_stand_in import Probed
from tests.measure.stand_in import rows_of

DATA = rows_of([[0.0], [1.0]], [0, 1])


def run_with(train, validation, *, best=0, n=1):
    rows = [
        {"member": member, "epoch": epoch + 1, "split": split, "metric": metric, "value": value * (member + 1)}
        for member in range(n)
        for split, values in (("train", train), ("validation", validation))
        for metric in ("loss", "accuracy")
        for epoch, value in enumerate(values)
    ]
    return Probed(*[[]] * n, history=pl.DataFrame(rows), best=best, data=DATA)


def test_both_splits_of_the_best_member():
    found = loss_curve(run_with([0.5, 0.25], [0.75, 0.5], best=1, n=2))
    assert ([1, 2], "nat") == (found.epochs.tolist(), found.unit)
    assert [[1.0, 0.5], [1.5, 1.0]] == [line.values.tolist() for line in found.lines]
    assert "training" == found.lines[0].words.en
    assert 1 == found.shown.member


@pytest.mark.parametrize(("values", "expected"), [([1.0, 0.02], False), ([1.0, 0.005], True), ([1.0, 0.0], False)])
def test_a_wide_span_is_drawn_by_factors(values, expected):
    assert expected == loss_curve(run_with(values, [])).is_wide


@pytest.mark.parametrize("values", [[1.0], [1.0, float("nan")]])
def test_one_finite_loss_is_no_curve(values):
    assert loss_curve(run_with(values, [0.5, 0.4])) is None
