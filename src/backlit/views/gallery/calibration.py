"""Whether the best member is as often right as it is sure, and how many rows say so."""

from collections.abc import Sequence

import numpy as np

from backlit.language import Words
from backlit.measure.reliability import Reliability, reliability
from backlit.views.chart import Axis, Chart, Series
from backlit.views.kind import View

CONFIDENCE = Words(en="confidence (largest probability)", zh="置信度（最大的概率）")


def draw(found: Reliability) -> Sequence[Chart]:
    """Draws accuracy over confidence, and the rows of each bin.

    Args:
        found: The bins.

    Returns:
        Two charts.
    """
    bins, split = found.bins, found.split_words
    filled = bins.n_rows > 0
    network = Words(en="this network", zh="这个网络")
    ideal = Words(en="as often right as sure", zh="理想情形：置信度等于准确率")
    error = f"{bins.error:.3f}"
    compared = Chart(
        "calibration",
        title=Words(
            en=f"Calibration ({split.en}): expected calibration error {error}",
            zh=f"校准（{split.zh}）：期望校准误差 {error}",
        ),
        x=Axis(CONFIDENCE),
        y=Axis(Words(en="accuracy", zh="准确率")),
        series=(
            Series(network, bins.confidence[filled], bins.accuracy[filled]),
            Series(ideal, (0.0, 1.0), (0.0, 1.0)),
        ),
    )
    rows = Words(en="rows", zh="样本数")
    middles = (bins.edges[:-1] + bins.edges[1:]) / 2
    counted = Chart(
        "calibration-rows",
        title=Words(en=f"How sure the network is ({split.en})", zh=f"网络有多确定（{split.zh}）"),
        x=Axis(CONFIDENCE),
        y=Axis(rows, is_whole=True),
        series=(Series(rows, middles, np.asarray(bins.n_rows), kind="bars"),),
    )
    return compared, counted


VIEW = View(
    name="calibration",
    title=Words(en="Calibration", zh="校准"),
    about=Words(
        en="Rows in ten bins by how sure the network is, and the share of them that is right. Below the dashed line it "
        "is surer than it should be. Bins of few rows stray by chance: the second chart counts them.",
        zh="把样本按网络的置信度分成十组，看每组中答对的比例。在虚线之下，说明网络过于自信。样本很少的组会有偶然的偏差，第二张图给出每组的样本数。",
    ),
    part="scores",
    read=reliability,
    draw=draw,
    place=20,
)
