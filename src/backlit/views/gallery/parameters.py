"""How many parameters each layer has."""

from collections.abc import Sequence

import numpy as np

from backlit import explain
from backlit.explain import Parameters
from backlit.language import Words
from backlit.measure.by_layer import evenly
from backlit.measure.subject import AbstractSubject
from backlit.views.chart import Axis, Chart, Series
from backlit.views.kind import View
from backlit.views.layer_charts import layer_words

MOST_BARS = 24  # whose names can be read
WIDE_SPAN = 100.0  # largest over smallest bar; ours: from there on the smallest cannot be seen


def read(subject: AbstractSubject) -> Parameters | None:
    """Counts the parameters of the best member.

    Args:
        subject: A run.

    Returns:
        The counts; None where no member finished, or nothing has parameters.
    """
    if not subject.finished:
        return None
    found = explain.parameters(subject.model)
    return found if found.total else None


def draw(counted: Parameters) -> Sequence[Chart]:
    """Draws a bar a layer that has parameters; those that do not learn stand beside.

    Args:
        counted: The counts.

    Returns:
        One chart.
    """
    layers = [layer for layer in counted.layers if layer.count]
    kept = [layers[i] for i in evenly(len(layers), MOST_BARS)]
    learn, fixed = (np.array([getattr(layer, name) for layer in kept], float) for name in ("trainable", "fixed"))
    counts = np.concatenate([learn, fixed])
    counts = counts[counts > 0]
    is_log = bool(counts.max() / counts.min() > WIDE_SPAN)
    places = np.arange(len(kept))
    series = [Series(Words(en="learnable", zh="可学习"), places, _shown(learn, is_log=is_log), kind="bars")]
    if fixed.any():
        words = Words(en="not learnable", zh="不可学习")
        series.append(Series(words, places, _shown(fixed, is_log=is_log), kind="bars"))
    en, zh = f"{counted.total:,} parameters by layer", f"各层的参数，共 {counted.total:,} 个"
    if len(kept) < len(layers):
        en, zh = f"{en}: {len(kept)} of {len(layers)} layers", f"{zh}：{len(layers)} 层中的 {len(kept)} 层"
    return (
        Chart(
            "parameters",
            title=Words(en=en, zh=zh),
            x=Axis(
                Words(en="layer, from the input to the output", zh="层（从输入到输出）"),
                labels=tuple(layer_words(layer.layer) for layer in kept),
            ),
            y=Axis(Words(en="parameters", zh="参数个数"), is_log=is_log),
            series=tuple(series),
        ),
    )


def _shown(counts: np.ndarray, *, is_log: bool) -> np.ndarray:
    """0 has no place on a logarithmic axis."""
    return np.where(counts > 0, counts, np.nan) if is_log else counts


VIEW = View(
    name="parameters",
    title=Words(en="Parameters by layer", zh="各层的参数"),
    about=Words(
        en="How many numbers each layer holds. Most of them often sit in one dense layer behind a flattened picture.",
        zh="每一层有多少个参数。多数参数往往集中在展平图像之后的那个全连接层里。",
    ),
    part="model",
    read=read,
    draw=draw,
    place=20,
)
