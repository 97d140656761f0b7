"""What each convolution layer makes of one picture."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from backlit import explain
from backlit.explain.convolutions import convolutions_of
from backlit.language import Words
from backlit.measure.by_layer import evenly
from backlit.measure.examples import Examples, examples_of
from backlit.measure.subject import AbstractSubject
from backlit.views.image_grid import Tile, image_grid, own_range
from backlit.views.kind import View
from backlit.views.moving import Moving

MOST_LAYERS = 4
MOST_MAPS = 32
MOST_PIXELS = 64  # of a map's longer side; ours: it is drawn about that large


@dataclass(frozen=True, eq=False)
class LayerMaps:
    """The maps of one layer.

    Attributes:
        layer: Its name.
        maps: For one sample.
        sample: Which.
    """

    layer: str
    maps: Float[np.ndarray, "height width filter"]
    sample: Examples


def read(subject: AbstractSubject) -> tuple[LayerMaps, ...] | None:
    """The maps of at most four convolution layers for one sample.

    Args:
        subject: A run.

    Returns:
        From the input to the output; None where no member finished, or no layer has maps.
    """
    if not subject.finished or len(getattr(subject.model, "inputs", None) or []) != 1:
        return None
    model, sample = subject.model, examples_of(subject)
    filters = [explain.filters(model, name) for name in convolutions_of(model)]
    filters = [one for one in filters if one.kernels.ndim == 4]
    chosen = [filters[i] for i in evenly(len(filters), MOST_LAYERS)] if filters else []
    return tuple(LayerMaps(one.layer, one.feature_maps(sample.inputs)[0], sample) for one in chosen) or None


def draw(layers: Sequence[LayerMaps]) -> Sequence[Moving]:
    """Draws one grid a layer.

    Args:
        layers: Their maps.

    Returns:
        The grids.
    """
    return [_grid(one) for one in layers]


def _grid(one: LayerMaps) -> Moving:
    n = one.maps.shape[-1]
    stride = -(-max(one.maps.shape[:2]) // MOST_PIXELS)
    maps = np.moveaxis(one.maps[::stride, ::stride], -1, 0)[:MOST_MAPS]
    tiles = [Tile(each, label=Words(en=str(i + 1), zh=str(i + 1))) for i, each in enumerate(maps)]
    name = one.sample.names[0]
    en, zh = f"Feature maps of {one.layer}", f"{one.layer} 层的特征图"
    if name:
        en, zh = f"{en} for one sample: {name}", f"{zh}（一个样本：{name}）"
    if len(maps) < n:
        en, zh = f"{en}, the first {len(maps)} of {n}", f"{zh}，{n} 个中的前 {len(maps)} 个"
    return image_grid(
        f"feature-maps-{one.layer.replace('_', '-').replace('.', '-')}",
        title=Words(en=en, zh=zh),
        tiles=tiles,
        about=Words(en="The brighter, the stronger the filter answers there.", zh="越亮，滤波器在该处的响应越强。"),
        value_range=own_range(maps),
    )


VIEW = View(
    name="feature-maps",
    title=Words(en="Feature maps", zh="特征图"),
    about=Words(
        en="What each filter makes of one picture: where its pattern is found, the map is bright. A map dark for "
        "every picture belongs to a dead filter.",
        zh="每个滤波器对一张图像的输出：找到其模式的地方就亮。对所有图像都暗的特征图，属于死亡的滤波器。",
    ),
    part="inside",
    read=read,
    draw=draw,
    place=55,
)
