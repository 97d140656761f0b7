"""How long the gradient of each layer's weights is, in order of depth: does it vanish or explode on its way back?"""

from collections.abc import Sequence

import numpy as np

from backlit.language import Words
from backlit.measure.flow import GradientFlow, gradient_flow
from backlit.views.chart import Axis, Chart, Series
from backlit.views.kind import View
from backlit.views.layer_charts import layer_words


def draw(measured: GradientFlow) -> Sequence[Chart]:
    """Draws one line a look.

    Args:
        measured: Gradients by layer.

    Returns:
        One chart.
    """
    places = np.arange(len(measured.layers))
    norms = np.where(measured.norms > 0, measured.norms, np.nan)  # 0 has no place on a logarithmic axis
    series = tuple(
        Series(_when(step, epoch), places, row)
        for step, epoch, row in zip(measured.steps, measured.epochs, norms, strict=True)
    )
    title = Words(en="Gradient by depth", zh="各层梯度（按深度）")
    return (
        Chart(
            "gradient-flow",
            title=measured.shown.titled(title),
            x=Axis(
                Words(en="layer, from the input to the output", zh="层（从输入到输出）"),
                labels=tuple(layer_words(name) for name in measured.layers),
            ),
            y=Axis(Words(en="length of the gradient (L2 norm)", zh="梯度的 L2 范数"), is_log=True),
            series=series,
        ),
    )


def _when(step: int, epoch: float) -> Words:
    if step == 0:
        return Words(en="before the first step", zh="第一步之前")
    if epoch == int(epoch):
        return Words(en=f"after epoch {int(epoch)}", zh=f"第 {int(epoch)} 轮次之后")
    return Words(en=f"after step {step}", zh=f"第 {step} 步之后")


VIEW = View(
    name="gradient-flow",
    title=Words(en="Gradient by depth", zh="各层梯度"),
    about=Words(
        en="The length of the gradient of each layer's weights. A line that falls steeply towards the input is a "
        "vanishing gradient, one that rises towards it an exploding one. A gap is a gradient of exactly 0.",
        zh="每一层权重梯度的长度。越靠近输入越陡地下降，就是梯度消失；越靠近输入越上升，就是梯度爆炸。"
        "断开处的梯度恰好为 0。",
    ),
    part="inside",
    read=gradient_flow,
    draw=draw,
    place=25,
)
