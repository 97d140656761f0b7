"""The figures of lesson 20: five grids of images and two charts.

Not for what is measured (see `lesson.py`).
"""

from typing import TYPE_CHECKING

import numpy as np

from backlit.language import Words
from backlit.views.chart import Axis, Chart, Series
from backlit.views.image_grid import Tile, image_grid, signed_range
from backlit.views.moving import Moving

if TYPE_CHECKING:
    from backlit.lessons.l20_visualising_filters.lesson import Result

KINDS = (Words(en="trained", zh="训练过的"), Words(en="random", zh="随机的"))
PIXELS = (0.0, 1.0)
PIXEL_DECIMALS = 2  # of a picture; finer steps of brightness cannot be seen, and the page stays small


def charts(result: "Result") -> tuple[Chart | Moving, ...]:
    """Kernels, maps, excited inputs, top pictures and pieces; how far beyond the pictures, and what pieces leave.

    Args:
        result: What was measured.

    Returns:
        The figures.
    """
    return (
        _kernels(result),
        _maps(result),
        _excited(result),
        _beyond(result),
        *_pictures(result),
        _left(result),
        _kinds(result),
    )


def _kernels(result: "Result") -> Moving:
    return image_grid(
        "kernels",
        title=Words(en="The kernels of the first convolution", zh="第一层卷积的卷积核"),
        tiles=[
            Tile(kernel, label=_number(i), value_range=signed_range(kernel))
            for i, kernel in enumerate(result.kernels, 1)
        ],
        about=Words(
            en="Weights as colours: grey is zero, brighter is positive, darker is negative.",
            zh="用颜色表示权重：灰色是零，亮的为正，暗的为负。",
        ),
    )


def _maps(result: "Result") -> Moving:
    n_layers, n_shown = result.maps.shape[:2]
    return image_grid(
        "maps",
        title=Words(en="One picture in the feature maps of each convolution", zh="一张图像在每层卷积里的特征图"),
        tiles=[
            Tile(result.maps[layer, i], label=_place(layer, i), value_range=signed_range(result.maps[layer, i]))
            for layer in range(n_layers)
            for i in range(n_shown)
        ],
        about=Words(
            en="Each row is a convolution, from the first to the last; orange is positive, blue is negative.",
            zh="每行一层卷积，从第一层到最后一层；橙色为正，蓝色为负。",
        ),
        columns=n_shown,
    )


def _excited(result: "Result") -> Moving:
    n_layers, n_shown = result.excited.shape[:2]
    return image_grid(
        "excited",
        title=Words(en="What was made for the filters of each convolution", zh="为每层卷积的滤波器生成的输入"),
        tiles=[
            _picture(result.excited[layer, i], _place(layer, i)) for layer in range(n_layers) for i in range(n_shown)
        ],
        about=Words(
            en="Each row is a convolution, from the first to the last; patterns become wider and richer.",
            zh="每行一层卷积，从第一层到最后一层；图案越来越大，越来越丰富。",
        ),
        value_range=PIXELS,
        columns=n_shown,
    )


def _beyond(result: "Result") -> Chart:
    lo, middle, hi = np.array([np.quantile(own, [0.25, 0.5, 0.75]) for own in result.ratios]).T
    return Chart(
        "beyond",
        title=Words(
            en="Activation by the made input, over that by the best picture",
            zh="生成的输入引起的激活值，是最好的图像的几倍",
        ),
        x=_convolutions(),
        y=Axis(Words(en="made / best picture", zh="生成的 / 最好的图像")),
        series=(
            Series(
                Words(en="median and quartiles of the filters", zh="各滤波器的中位数与四分位数"),
                _places(result),
                middle,
                lo=lo,
                hi=hi,
            ),
            Series(Words(en="the best picture", zh="最好的图像"), _places(result), np.ones(len(middle))),
        ),
    )


def _pictures(result: "Result") -> tuple[Moving, Moving]:
    """Top pictures beside what was made, and pictures beside their pieces."""
    n_pictures = result.tops.shape[1] - 1
    in_row = [
        Words(en="made", zh="生成的"),
        *(Words(en=f"picture {i}", zh=f"图像 {i}") for i in range(1, n_pictures + 1)),
    ]
    pairs = zip(result.pairs[0], result.pairs[1], strict=True)
    return (
        image_grid(
            "tops",
            title=Words(
                en="Filters of the last convolution: what was made, and the best pictures",
                zh="最后一层卷积的滤波器：生成的输入与最好的图像",
            ),
            tiles=[_picture(one, label) for row in result.tops for one, label in zip(row, in_row, strict=True)],
            about=Words(
                en="Each row is a filter: what was made for it, then the pictures it answers to most, the best first.",
                zh="每行一个滤波器：先是为它生成的输入，再是它反应最强的几张图像，最好的在前。",
            ),
            value_range=PIXELS,
            columns=len(in_row),
        ),
        image_grid(
            "pieces",
            title=Words(en="Pictures, and the same in pieces", zh="图像，与打成碎片的同一张图像"),
            tiles=[
                _picture(one, label)
                for pair in pairs
                for one, label in zip(
                    pair, (Words(en="whole", zh="完整"), Words(en="in pieces", zh="碎片")), strict=True
                )
            ],
            about=Words(
                en="Each picture stands beside itself, cut into tiles that are put together in another order.",
                zh="每张图像的旁边，是把它切成小块、换个次序拼起来的样子。",
            ),
            value_range=PIXELS,
            columns=2 * result.pairs.shape[1],
        ),
    )


def _left(result: "Result") -> Chart:
    return Chart(
        "left",
        title=Words(
            en="What is left of the strongest answers when the picture is in pieces",
            zh="图像打成碎片之后，最强的反应还剩多少",
        ),
        x=_convolutions(),
        y=Axis(Words(en="share that is left", zh="剩下的比例")),
        series=tuple(
            Series(words, _places(result), own)
            for words, own in zip(KINDS, (result.kept, result.kept_random), strict=True)
        ),
    )


def _kinds(result: "Result") -> Chart:
    names = (Words(en="shape", zh="形状"), Words(en="texture", zh="纹理"), Words(en="colour", zh="颜色"))
    left = Words(en="share that is left", zh="剩下的比例")
    return Chart(
        "kinds",
        title=Words(
            en="What is left in pieces, by what filters of the last convolution answer to",
            zh="最后一层卷积的滤波器，按对什么有反应来分，打成碎片之后还剩多少",
        ),
        x=Axis(Words(en="answers most to", zh="对什么反应最强"), labels=names),
        y=Axis(left),
        series=(Series(left, range(len(names)), result.left_by, kind="bars"),),
    )


def _convolutions() -> Axis:
    return Axis(Words(en="convolution", zh="第几层卷积"), is_whole=True)


def _places(result: "Result") -> list[int]:
    return list(range(1, len(result.n_filters) + 1))


def _picture(pixels: np.ndarray, label: Words) -> Tile:
    return Tile(np.round(np.clip(pixels, *PIXELS), PIXEL_DECIMALS), label=label)


def _number(i: int) -> Words:
    return Words(en=f"no. {i}", zh=f"第 {i} 个")


def _place(layer: int, i: int) -> Words:
    return Words(en=f"layer {layer + 1}, no. {i + 1}", zh=f"第 {layer + 1} 层 {i + 1} 号")
