"""A filter of the first convolution slides over a piece of a sample, position by position; then pooling does."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from backlit import explain
from backlit.explain import Sliding
from backlit.language import Words
from backlit.measure.subject import AbstractSubject
from backlit.measure.window_samples import WindowSample, window_samples
from backlit.views.kind import View
from backlit.views.moving import Moving
from backlit.views.short_numbers import short_numbers

INPUT = {"en": "input", "zh": "输入"}
KERNEL = {"en": "kernel", "zh": "卷积核"}
OUTPUT = {"en": "output", "zh": "输出"}


@dataclass(frozen=True, eq=False)
class Slide:
    """A window and all its positions.

    Attributes:
        sample: The window and what it slides over.
        sliding: Its positions.
    """

    sample: WindowSample
    sliding: Sliding


def read(subject: AbstractSubject) -> tuple[Slide, ...] | None:
    """Slides the windows of the first convolution and of the first pooling layer.

    Args:
        subject: A run.

    Returns:
        One or two; None where the network has no such layer.
    """
    samples = window_samples(subject)
    return None if samples is None else tuple(Slide(sample, _slide(sample)) for sample in samples)


def draw(slides: Sequence[Slide]) -> Sequence[Moving]:
    """Draws each window.

    Args:
        slides: Windows and their positions.

    Returns:
        One figure a window.
    """
    return [_figure(one) for one in slides]


def _slide(sample: WindowSample) -> Sliding:
    if sample.kernel is None:
        return explain.pooling(
            sample.picture, size=sample.size, strides=sample.strides, padding=sample.padding, kind=sample.kind
        )
    return explain.convolution(
        sample.picture, sample.kernel, bias=sample.bias, strides=sample.strides, padding=sample.padding
    )


def _figure(one: Slide) -> Moving:
    sample, sliding = one.sample, one.sliding
    (top, bottom), (left, right) = sliding.padding
    data = {
        "kind": sliding.kind,
        "image": short_numbers(np.pad(sliding.image, sliding.padding)),
        "kernel": None if sliding.kernel is None else short_numbers(sliding.kernel),
        "bias": short_numbers(sliding.bias),
        "strides": sample.strides,
        "padding": {"top": top, "bottom": bottom, "left": left, "right": right},
        "output": short_numbers(sliding.output),
        "positions": [
            {"row": at.row, "column": at.column, "patch": short_numbers(at.patch), "sum": short_numbers(at.value)}
            for at in sliding
        ],
        "words": {"image": INPUT, "kernel": KERNEL, "output": OUTPUT},
    }
    title = _title(sample)
    rows, columns = sliding.output.shape
    high, wide = sample.size
    alternative = Words(
        en=f"{title.en}. A window of {high} × {wide} takes {len(sliding)} positions on {sample.picture.shape[0]} × "
        f"{sample.picture.shape[1]} numbers and gives {rows} × {columns}; the first: {sliding.positions[0]}.",
        zh=f"{title.zh}。{high} × {wide} 的窗口在 {sample.picture.shape[0]} × {sample.picture.shape[1]} 个数上取 "
        f"{len(sliding)} 个位置，得到 {rows} × {columns} 的输出；第一个：{sliding.positions[0]}。",
    )
    name = "convolution-steps" if sample.kernel is not None else "pooling-steps"
    return Moving("sliding", name, title=title, data=data, alternative=alternative)


def _title(sample: WindowSample) -> Words:
    if sample.kernel is None:
        en = "Max pooling" if sample.kind == "max" else "Average pooling"
        zh = "最大池化" if sample.kind == "max" else "平均池化"
        return Words(
            en=f"{en} of {sample.layer} on map {sample.channel + 1} of {sample.n_channels}",
            zh=f"{sample.layer} 层的{zh}（第 {sample.channel + 1} 个特征图，共 {sample.n_channels} 个）",
        )
    en = f"Filter {sample.filter + 1} of {sample.n_filters} of {sample.layer}, position by position"
    zh = f"{sample.layer} 层的第 {sample.filter + 1} 个滤波器（共 {sample.n_filters} 个），逐个位置"
    if sample.n_channels > 1:
        en += f" (channel {sample.channel + 1} of {sample.n_channels} alone)"
        zh += f"（{sample.n_channels} 个通道中只取第 {sample.channel + 1} 个）"
    return Words(en=en, zh=zh)


VIEW = View(
    name="convolution-steps",
    title=Words(en="Convolution, step by step", zh="逐步看卷积"),
    about=Words(
        en="The framed window slides over a piece of a sample; below stand the products and their sum, which goes into "
        "the output before the activation function. The arrow keys move the window.",
        zh="带框的窗口在样本的一小块上滑动；下面写出各乘积与它们的和，即激活函数之前的输出。可用方向键移动窗口。",
    ),
    part="inside",
    read=read,
    draw=draw,
    place=65,
)
