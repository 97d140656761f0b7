"""Which classes are taken for which: rows are the true classes, columns what the best member says."""

from collections.abc import Sequence

import numpy as np

from backlit.language import Words
from backlit.measure.judged import Judged, judge
from backlit.views.chart import Axis, Chart, Surface
from backlit.views.kind import View

MOST_NAMED = 25  # classes whose counts are written into the cells


def draw(judged: Judged) -> Sequence[Chart]:
    """Draws the confusion matrix.

    Args:
        judged: Predictions beside the truth.

    Returns:
        One chart.
    """
    names = tuple(Words(en=name, zh=name) for name in judged.class_names)
    places = np.arange(len(names), dtype=float)
    counts = judged.confusion.astype(float)
    surface = Surface(
        Words(en="rows", zh="样本数"),
        x=places,
        y=places,
        height=np.where(counts > 0, counts, np.nan),
        form="cells",
        spec=".0f" if len(names) <= MOST_NAMED else "",
    )
    return (
        Chart(
            "confusion-matrix",
            title=Words(en=f"Confusion matrix ({judged.split_words.en})", zh=f"混淆矩阵（{judged.split_words.zh}）"),
            x=Axis(Words(en="predicted class", zh="预测类别"), labels=names),
            y=Axis(Words(en="true class", zh="真实类别"), labels=names),
            surface=surface,
        ),
    )


VIEW = View(
    name="confusion-matrix",
    title=Words(en="Confusion matrix", zh="混淆矩阵"),
    about=Words(
        en="Each row counts the samples of one true class by the class that the network chose. What lies off the "
        "diagonal are mistakes.",
        zh="每一行是一个真实类别的样本，按网络给出的类别计数；对角线以外的都是错误。",
    ),
    part="scores",
    read=judge,
    draw=draw,
    place=10,
)
