from types import SimpleNamespace

import numpy as np
import polars as pl

from backlit.language import Words
from backlit.lessons.parts import curves, epochs_knob, rate_knob, spread_line


class TwoMembers(SimpleNamespace):
    def __len__(self):
        return 2


def test_curves_are_one_line_a_member_with_a_gap_where_it_stopped():
    history = pl.DataFrame(
        {
            "member": [1, 0, 0, 0, 0],
            "epoch": [1, 2, 1, 1, 1],
            "split": ["validation", "validation", "validation", "train", "validation"],
            "metric": ["loss", "loss", "loss", "loss", "accuracy"],
            "value": [0.5, 0.25, 0.75, 9.0, 8.0],
        }
    )
    np.testing.assert_array_equal([[0.75, 0.25], [0.5, np.nan]], curves(TwoMembers(history=history), "loss"))
    assert [[9.0], [None]] == [
        [None if np.isnan(value) else value for value in line]
        for line in curves(TwoMembers(history=history), "loss", split="train").tolist()
    ]


def test_a_line_with_its_spread():
    line = spread_line(Words(en="a", zh="甲"), [1, 2], np.array([[1.0, 4.0], [3.0, 4.0]]))
    assert ([2.0, 4.0], [1.0, 4.0], [3.0, 4.0]) == (line.y.tolist(), line.lo.tolist(), line.hi.tolist())


def test_knobs_have_the_names_that_claims_turn():
    assert (rate_knob(0.1).name, rate_knob(0.1).read("0")) == ("rate", 0.0)
    assert (epochs_knob(5, high=9).name, epochs_knob(5, high=9).read("9")) == ("epochs", 9)
