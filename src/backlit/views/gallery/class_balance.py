"""Rows of each class by split; for amounts the histogram of the targets."""

from collections.abc import Sequence

import numpy as np

from backlit.language import Words
from backlit.measure.balance import ClassCounts, TargetHistogram, balance
from backlit.views.chart import Axis, Chart, Series
from backlit.views.kind import View

ROWS = Axis(Words(en="rows", zh="样本数"), is_whole=True)


def draw(found: ClassCounts | Sequence[TargetHistogram]) -> Sequence[Chart]:
    """Draws the counts as bars, a colour a split.

    Args:
        found: Of classes, or of ranges of amounts.

    Returns:
        One chart; for several amounts one each.
    """
    if isinstance(found, ClassCounts):
        return (_classes(found),)
    return tuple(_amounts(one) for one in found)


def _classes(found: ClassCounts) -> Chart:
    n, total = len(found.names), found.n_classes
    title = Words(en="Rows of each class", zh="各类别的样本数")
    if found.has_several:
        title = Words(en="Rows of each label", zh="各标签的样本数")
    if n < total:
        title = Words(en=f"{title.en}: the {n} largest of {total}", zh=f"{title.zh}：{total} 类中最多的 {n} 类")
    labels = tuple(Words(en=name, zh=name) for name in found.names)
    words = Words(en="label", zh="标签") if found.has_several else Words(en="class", zh="类别")
    series = _bars(found.splits, np.arange(n), found.counts)
    return Chart("class-balance", title, Axis(words, labels=labels), ROWS, series)


def _amounts(found: TargetHistogram) -> Chart:
    number = f" {found.number}" if found.number else ""
    words = Words(en=f"target{number}", zh=f"目标值{number}")
    of = f"{number} " if number else ""
    middles = (found.edges[:-1] + found.edges[1:]) / 2
    name = f"target-histogram-{found.number}" if found.number else "target-histogram"
    title = Words(en=f"Distribution of the target{number}", zh=f"目标值{of}的分布")
    return Chart(name, title, Axis(words), ROWS, _bars(found.splits, middles, found.counts))


def _bars(splits: Sequence[Words], places: np.ndarray, counts: np.ndarray) -> tuple[Series, ...]:
    return tuple(Series(words, places, rows, kind="bars") for words, rows in zip(splits, counts, strict=True))


VIEW = View(
    name="class-balance",
    title=Words(en="Class balance", zh="类别分布"),
    about=Words(
        en="How many rows each class has, in each split. A class with few rows is learned badly and hardly moves the "
        "accuracy. For amounts: how the targets are distributed.",
        zh="每个类别在各个划分中有多少样本。样本少的类别学不好，对准确率的影响也很小。回归任务则显示目标值的分布。",
    ),
    part="data",
    read=balance,
    draw=draw,
    place=10,
)
