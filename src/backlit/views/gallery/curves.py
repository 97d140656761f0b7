"""Loss and metric over the epochs, with the spread of the seeds and the epoch at which training stopped early."""

from collections.abc import Sequence

import numpy as np

from backlit.language import Words, both
from backlit.measure.seed_bands import Band, MetricBands, seed_bands
from backlit.views.chart import Axis, Chart, Series
from backlit.views.kind import View
from backlit.views.setting_words import setting_words, spaced
from backlit.views.terminal.words import metric_words

EPOCH = Axis(Words(en="epoch", zh="轮次"), is_whole=True)


def draw(measured: Sequence[MetricBands]) -> Sequence[Chart]:
    """Draws one chart a metric.

    Args:
        measured: Lines with their spread.

    Returns:
        The charts.
    """
    return [_chart(one) for one in measured]


def _chart(one: MetricBands) -> Chart:
    words = both(metric_words(one.metric, "validation" if one.by else ""))
    title = words
    if one.by:
        names = setting_words(one.by)
        title = Words(en=f"{words.en} by {names.en}", zh=spaced(f"{words.zh}（按{names.zh}）"))
    if one.n_left_out:
        n, total = len(one.bands), len(one.bands) + one.n_left_out
        title = Words(en=f"{title.en}: the best {n} of {total}", zh=f"{title.zh}：最好的 {n} 条，共 {total} 条")
    title = Words(en=title.en[0].upper() + title.en[1:], zh=title.zh)
    series = [_line(band) for band in one.bands]
    stops = [(band.stop, band.mean[np.searchsorted(band.epochs, band.stop)]) for band in one.bands if band.stop]
    if stops:
        early = Words(en="stopped early", zh="提前停止")
        series.append(Series(early, [stop for stop, _ in stops], [value for _, value in stops], kind="points"))
    return Chart(f"curves-{one.metric.replace('_', '-')}", title, EPOCH, Axis(words, unit=one.unit), tuple(series))


def _line(band: Band) -> Series:
    has_band = bool(np.isfinite(band.lo).any())
    return Series(band.words, band.epochs, band.mean, lo=band.lo if has_band else (), hi=band.hi if has_band else ())


VIEW = View(
    name="curves",
    title=Words(en="Learning curves", zh="学习曲线"),
    about=Words(
        en="Loss and metric after each epoch. A gap that opens between training and validation is overfitting. The "
        "band is the 95 % interval of the mean over the seeds.",
        zh="每个轮次之后的损失和指标。训练集与验证集之间的差距越来越大，就是过拟合。色带是各随机种子均值的 95% 区间。",
    ),
    part="training",
    read=seed_bands,
    draw=draw,
    place=10,
)
