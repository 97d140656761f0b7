"""The kernels of the first convolution layer."""

from collections.abc import Sequence

import numpy as np

from backlit import explain
from backlit.explain.convolutions import convolutions_of
from backlit.explain.filters import Filters
from backlit.language import Words
from backlit.measure.subject import AbstractSubject
from backlit.views.image_grid import Tile, image_grid, signed_range
from backlit.views.kind import View
from backlit.views.moving import Moving

MOST_KERNELS = 64


def read(subject: AbstractSubject) -> Filters | None:
    """The filters of the first convolution over two axes.

    Args:
        subject: A run.

    Returns:
        The filters; None where no member finished, or the model has none.
    """
    if not subject.finished or len(getattr(subject.model, "inputs", None) or []) != 1:
        return None
    found = (explain.filters(subject.model, name) for name in convolutions_of(subject.model))
    return next((one for one in found if one.kernels.ndim == 4), None)


def draw(filters: Filters) -> Sequence[Moving]:
    """Draws one image a filter.

    Args:
        filters: Of one layer.

    Returns:
        One grid.
    """
    kernels = np.moveaxis(filters.kernels, -1, 0)[:MOST_KERNELS]
    n_channels = kernels.shape[-1]
    has_colours = n_channels == 3
    shown = kernels if has_colours else kernels.mean(-1)
    tiles = [
        Tile(kernel, label=Words(en=str(i + 1), zh=str(i + 1)), note=_note(float(filters.biases[i])))
        for i, kernel in enumerate(shown)
    ]
    en, zh = f"Kernels of {filters.layer}", f"{filters.layer} 层的卷积核"
    if len(kernels) < len(filters):
        en, zh = f"{en}: the first {len(kernels)} of {len(filters)}", f"{zh}：{len(filters)} 个中的前 {len(kernels)} 个"
    if n_channels not in (1, 3):
        en, zh = f"{en} (mean over {n_channels} channels)", f"{zh}（{n_channels} 个通道的均值）"
    if has_colours:
        about = Words(en="Colours are weights: grey is zero.", zh="颜色是权重：灰色为零。")
    else:
        about = Words(en="Blue is a negative weight, orange a positive one.", zh="蓝色为负权重，橙色为正权重。")
    return (
        image_grid("kernels", title=Words(en=en, zh=zh), tiles=tiles, about=about, value_range=signed_range(shown)),
    )


def _note(bias: float) -> Words:
    return Words(en=f"bias {bias:.3g}", zh=f"偏置 {bias:.3g}")


VIEW = View(
    name="kernels",
    title=Words(en="Kernels", zh="卷积核"),
    about=Words(
        en="The weights that each filter of the first convolution slides over the picture. Blue beside orange is an "
        "edge that the filter looks for; speckles mean that it has learned little.",
        zh="第一个卷积层的每个滤波器在图像上滑动时所用的权重。蓝橙相邻，是它在找的边缘；杂乱的斑点说明它还没学到什么。",
    ),
    part="inside",
    read=read,
    draw=draw,
    place=50,
)
