"""Which column members are compared by."""

import pytest

from backlit.measure.final_metric import FinalMetric, final_metric
from tests.measure.stand_in import StandIn, rows_of

DATA = rows_of([[0.0], [1.0]], [0, 1])
AMOUNTS = rows_of([[0.0], [1.0]], [[0.5], [1.5]], task="regression")


@pytest.mark.parametrize(
    ("columns", "metrics", "expected"),
    [
        (("loss", "accuracy", "val_loss", "val_accuracy"), ("loss", "accuracy"), FinalMetric("val_accuracy")),
        (("loss", "accuracy"), ("loss", "accuracy"), FinalMetric("accuracy")),
        (("loss", "val_loss"), ("loss",), FinalMetric("val_loss", "nat")),
        ((), ("loss",), None),
    ],
)
def test_the_first_metric_that_is_not_the_loss_on_validation_rows(columns, metrics, expected):
    run = StandIn(members=[dict.fromkeys(columns, 0.5)], metrics=metrics, data=DATA)
    assert expected == final_metric(run)


def test_the_loss_of_amounts_has_no_unit():
    assert FinalMetric("loss") == final_metric(StandIn(members=[{"loss": 1.0}], data=AMOUNTS))


@pytest.mark.parametrize(
    ("column", "expected"), [("val_loss", True), ("val_mean_absolute_error", True), ("val_accuracy", False)]
)
def test_losses_and_errors_are_better_low(column, expected):
    assert expected == FinalMetric(column).is_better_low
