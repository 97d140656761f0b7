"""Unseen rows on the plane of the last hidden layer's two largest principal components, coloured by class."""

from collections.abc import Sequence

import numpy as np

from backlit.language import Words
from backlit.measure.embedded import Embedding, embedding
from backlit.views.chart import Axis, Chart, Series
from backlit.views.kind import View

MOST_CLASSES = 20
"""Classes that can be told apart by colour and mark. Source: ours."""

ORDINALS = (Words(en="1", zh="第一"), Words(en="2", zh="第二"))


def draw(found: Embedding) -> Sequence[Chart]:
    """Draws the points, a colour and mark a class.

    Args:
        found: Points with their classes.

    Returns:
        One chart.
    """
    counts = np.bincount(found.classes, minlength=len(found.class_names))
    present = np.flatnonzero(counts)
    shown = np.sort(np.argsort(-counts, kind="stable")[: min(len(present), MOST_CLASSES)])
    en, zh = "principal components", "主成分"
    if len(shown) < len(present):
        n, total = len(shown), len(present)
        en, zh = f"the {n} largest of {total} classes", f"{total} 类中样本最多的 {n} 类"
    split = found.split_words
    title = Words(en=f"Layer “{found.layer}”: {en} ({split.en})", zh=f"层“{found.layer}”：{zh}（{split.zh}）")
    series = tuple(
        Series(
            Words(en=found.class_names[i], zh=found.class_names[i]),
            found.points[found.classes == i, 0],
            found.points[found.classes == i, 1],
            kind="points",
        )
        for i in shown
    )
    x, y = (
        Axis(
            Words(
                en=f"component {ordinal.en}: {share:.0%} of the variance",
                zh=f"{ordinal.zh}主成分（占方差的 {share:.0%}）",
            )
        )
        for ordinal, share in zip(ORDINALS, found.shares, strict=True)
    )
    return (Chart("embedding", title, x, y, series),)


VIEW = View(
    name="embedding",
    title=Words(en="Last hidden layer", zh="最后的隐藏层"),
    about=Words(
        en="What the last hidden layer makes of rows that the network never saw, on its two principal components: the "
        "directions in which its outputs differ most. Classes that lie apart are easy for the output layer; those in "
        "a heap are confused.",
        zh="最后一个隐藏层对网络从未见过的样本的输出，投影到前两个主成分（差异最大的两个方向）上。"
        "分得开的类别，输出层很容易判断；挤在一起的容易混淆。",
    ),
    part="inside",
    read=embedding,
    draw=draw,
    place=60,
)
