"""Learning curves: lines with the spread of their seeds, and where training stopped early."""

import numpy as np

from backlit.language import Words
from backlit.measure.seed_bands import Band, MetricBands
from backlit.views.gallery.curves import draw

NAN = float("nan")


def band(name, mean, *, half=None, stop=None):
    mean = np.array(mean)
    lo, hi = (np.full(len(mean), NAN),) * 2 if half is None else (mean - half, mean + half)
    return Band(Words(en=name, zh=name), np.arange(1, len(mean) + 1), mean, lo, hi, stop)


def drawn(*bands, metric="loss", unit="nat", by=(), n_left_out=0):
    [chart] = draw((MetricBands(metric, unit, by, bands, n_left_out, 3),))
    return chart


def test_one_network_has_no_band():
    [line] = drawn(band("training", [2.0, 1.0, 0.5])).series
    assert (line.kind, list(line.x), list(line.y), len(line.lo)) == ("line", [1, 2, 3], [2.0, 1.0, 0.5], 0)


def test_seeds_have_a_band():
    [line] = drawn(band("training", [2.0, 1.0], half=0.25)).series
    assert (list(line.lo), list(line.hi)) == ([1.75, 0.75], [2.25, 1.25])


def test_where_training_stopped_early_is_a_point_on_its_line():
    _, _, early = drawn(band("training", [2.0, 1.0, 0.5], stop=2), band("validation", [3.0, 2.0, 2.5], stop=3)).series
    assert (early.kind, early.words.zh, list(early.x), list(early.y)) == ("points", "提前停止", [2, 3], [1.0, 2.5])


def test_the_title_says_what_tells_lines_apart_and_what_is_left_out():
    chart = drawn(band("0.1", [0.5, 0.9]), metric="val_accuracy", unit="", by=("learning_rate",), n_left_out=4)
    assert chart.title.en == "Validation accuracy by learning rate: the best 1 of 5"
    assert chart.title.zh == "验证准确率（按学习率）：最好的 1 条，共 5 条"
    assert (chart.x.is_whole, chart.y.unit) == (True, "")
