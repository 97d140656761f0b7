"""The loss as a curve that grows."""

import numpy as np
import pytest

from backlit.language import Words
from backlit.measure.losses import LossCurve, LossLine
from backlit.measure.shown import Shown
from backlit.views.gallery.live_curve import VIEW


def test_a_line_a_split():
    train = LossLine(Words(en="training", zh="训练集"), np.array([2.0, 1.0, 0.001]))
    other = LossLine(Words(en="validation", zh="验证集"), np.array([2.0, np.nan, 0.5]))
    [figure] = VIEW.draw(LossCurve(np.array([1, 2, 3]), (train, other), "nat", Shown(0, 1)))
    assert [1, 2, 3] == figure.data["x"]
    assert [[2, 1, 0.001], [2, None, 0.5]] == [one["values"] for one in figure.data["series"]]
    assert ({"en": "loss [nat]", "zh": "损失 [nat]"}, True) == (figure.data["yName"], figure.data["isLog"])
    assert "Loss over 3 epochs. training: from 2 to 0.001. validation: from 2 to 0.5." == figure.alternative.en


def test_of_a_real_run_it_is_the_best_members_history(sweep):
    [figure] = VIEW.draw(VIEW.read(sweep))
    rows = [
        row for row in sweep.history.iter_rows(named=True) if row["member"] == sweep.best and row["metric"] == "loss"
    ]
    for one, split in zip(figure.data["series"], ("train", "validation"), strict=True):
        assert [row["value"] for row in rows if row["split"] == split] == pytest.approx(one["values"], rel=1e-3)
    assert figure.title.en.endswith("(the best of 15 members)")
