"""The confusion matrix: counts in cells, nothing where there are none, names on both sides."""

import numpy as np

from backlit.measure.judged import Judged
from backlit.views.gallery.confusion_matrix import MOST_NAMED, draw


def judged(targets, predicted, n):
    chances = np.eye(n)[predicted]
    names = tuple(f"class {i}" for i in range(n))
    rows = np.arange(len(targets))
    return Judged("test", rows, np.zeros((len(rows), 2)), np.array(targets), chances, names)


def test_rows_are_true_classes_and_columns_predictions():
    [chart] = draw(judged([0, 0, 0, 1], [0, 0, 1, 1], 2))
    assert np.array_equal(chart.surface.height, [[2, 1], [np.nan, 1]], equal_nan=True)
    assert (chart.surface.form, chart.surface.spec) == ("cells", ".0f")
    assert (chart.y.words.en, chart.x.words.en) == ("true class", "predicted class")
    assert [one.en for one in chart.x.labels] == ["class 0", "class 1"]
    assert chart.title.zh == "混淆矩阵（测试集）"


def test_many_classes_have_no_numbers():
    n = MOST_NAMED + 1
    [chart] = draw(judged(list(range(n)), list(range(n)), n))
    assert chart.surface.spec == ""
