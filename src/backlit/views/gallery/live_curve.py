"""The loss of the best member after each epoch, as a curve that can grow and be walked along."""

from collections.abc import Sequence

from backlit.language import Words
from backlit.measure.losses import LossCurve, loss_curve
from backlit.views.kind import View
from backlit.views.moving import Moving
from backlit.views.short_numbers import short_numbers


def draw(curve: LossCurve) -> Sequence[Moving]:
    """Draws one line a split.

    Args:
        curve: Losses.

    Returns:
        One figure.
    """
    series = [
        {"name": {"en": line.words.en, "zh": line.words.zh}, "values": short_numbers(line.values)}
        for line in curve.lines
    ]
    unit = f" [{curve.unit}]" if curve.unit else ""
    data = {
        "x": [int(epoch) for epoch in curve.epochs],
        "series": series,
        "xName": {"en": "epoch", "zh": "轮次"},
        "yName": {"en": f"loss{unit}", "zh": f"损失{unit}"},
        "isLog": curve.is_wide,
    }
    ends = [(line.words, line.values[0], line.values[-1]) for line in curve.lines]
    alternative = Words(
        en=f"Loss over {len(curve.epochs)} epochs. "
        + " ".join(f"{words.en}: from {first:.3g} to {last:.3g}." for words, first, last in ends),
        zh=f"{len(curve.epochs)} 个轮次的损失。"
        + "".join(f"{words.zh}：从 {first:.3g} 到 {last:.3g}。" for words, first, last in ends),
    )
    title = curve.shown.titled(Words(en="Loss, epoch by epoch", zh="逐轮次的损失"))
    return (Moving("live_curve", "live-curve", title=title, data=data, alternative=alternative),)


VIEW = View(
    name="live-curve",
    title=Words(en="Loss, epoch by epoch", zh="逐轮次的损失"),
    about=Words(
        en="The loss of the best network; the same figure grows while a network trains. The arrow keys walk along it.",
        zh="最好的网络的损失；训练进行时，同一幅图会实时延长。可用方向键沿曲线查看。",
    ),
    part="training",
    read=loss_curve,
    draw=draw,
    place=90,
)
