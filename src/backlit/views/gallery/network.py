"""The network itself: units and maps with their activations for one sample, and the weights between them."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from backlit.language import Language, Words
from backlit.measure.network_picture import Column, NetworkPicture, network_picture
from backlit.views.kind import View
from backlit.views.layer_charts import layers_left_out
from backlit.views.moving import Moving
from backlit.views.short_numbers import short_numbers

INPUT = Words(en="input", zh="输入")


def draw(picture: NetworkPicture) -> Sequence[Moving]:
    """Draws the columns.

    Args:
        picture: What is drawn.

    Returns:
        One figure.
    """
    name = picture.sample.names[0]
    en, zh = "The network and one sample", "网络与一个样本"
    if name:
        en, zh = f"{en}: {name}", f"{zh}：{name}"
    notes = layers_left_out(len(picture.columns) - 1, picture.n_layers)
    data = {"layers": [_column(one) for one in picture.columns], "weights": [_edges(one) for one in picture.edges]}
    return (
        Moving(
            "network",
            "network",
            title=picture.shown.titled(Words(en=en, zh=zh), *notes),
            data=data,
            alternative=Words(en=_told(picture, "en"), zh=_told(picture, "zh")),
        ),
    )


def _column(column: Column) -> dict[str, Any]:
    name = {"en": INPUT.en, "zh": INPUT.zh} if not column.name else column.name
    if column.units is not None:
        names = list(column.unit_names) or None
        values = short_numbers(column.units)
        return {"name": name, "kind": "units", "values": values, "names": names, "more": column.n_more}
    assert column.maps is not None, "bug in backlit: a column without activations"
    maps = short_numbers(column.maps.reshape(len(column.maps), -1))
    _, height, width = column.maps.shape
    return {"name": name, "kind": "maps", "maps": maps, "height": height, "width": width, "more": column.n_more}


def _edges(edges: np.ndarray | None) -> list[list[int | float]] | None:
    if edges is None:
        return None
    return [
        [int(one), int(other), weight]
        for (one, other), weight in zip(edges[:, :2], short_numbers(edges[:, 2]), strict=True)
    ]


def _told(picture: NetworkPicture, spoken: Language) -> str:
    """The columns in words, and what is strongest at the end."""
    parts = [_column_words(column, spoken) for column in picture.columns]
    last = picture.columns[-1]
    en, zh = f"From the input to the output: {'; '.join(parts)}.", f"从输入到输出：{'；'.join(parts)}。"
    if last.units is not None and len(last.units) > 1:
        best = int(last.units.argmax())
        name = last.unit_names[best] if last.unit_names else str(best + 1)
        en += f" The strongest unit of the last layer is {name}, {last.units[best]:.3g}."
        zh += f"最后一层最强的单元是 {name}，{last.units[best]:.3g}。"
    return en if spoken == "en" else zh


def _column_words(column: Column, spoken: Language) -> str:
    n = len(column) + column.n_more
    name = column.name or INPUT.say(spoken)
    if column.maps is None:
        return f"{name}, {n} units" if spoken == "en" else f"{name}，{n} 个单元"
    _, height, width = column.maps.shape
    if spoken == "en":
        return f"{name}, {n} map{'s' * (n > 1)} of {height} × {width}"
    return f"{name}，{n} 个 {height} × {width} 的特征图"


VIEW = View(
    name="network",
    title=Words(en="The network", zh="网络"),
    about=Words(
        en="Circles are units and squares are feature maps, coloured by what they put out for this sample; lines are "
        "weights, blue below zero and orange above, the thicker the larger. The arrow keys walk through it.",
        zh="圆是单元，方块是特征图，颜色是它们对这个样本的输出；连线是权重，蓝色为负，橙色为正，越粗越大。可用方向键逐个查看。",
    ),
    part="model",
    read=network_picture,
    draw=draw,
    place=10,
)
