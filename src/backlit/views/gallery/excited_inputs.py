"""The input that excites each filter of the last convolution layer most."""

from collections.abc import Sequence
from dataclasses import dataclass

from backlit import explain
from backlit.explain import Excited
from backlit.explain.convolutions import convolutions_of
from backlit.language import Words
from backlit.measure.examples import as_pictures, few_training_rows
from backlit.measure.subject import AbstractSubject
from backlit.views.image_grid import Tile, image_grid, own_range
from backlit.views.kind import View
from backlit.views.moving import Moving

MOST_FILTERS = 16
MOST_ROWS = 1_024  # whose range the images keep within


@dataclass(frozen=True, eq=False)
class LayerExcited:
    """What excites the filters of one layer.

    Attributes:
        layer: Its name.
        excited: Images and activations.
    """

    layer: str
    excited: Excited


def read(subject: AbstractSubject) -> LayerExcited | None:
    """Climbs to the inputs that excite the last convolution layer.

    Args:
        subject: A run.

    Returns:
        One image a filter; None where no member finished, inputs are no pictures, or the model has no convolution.
    """
    if not subject.finished or len(getattr(subject.model, "inputs", None) or []) != 1:
        return None
    names = convolutions_of(subject.model)
    data = few_training_rows(subject.best_data, most=MOST_ROWS)
    rows = data.train[0]
    if not names or as_pictures(rows) is None:
        return None
    return LayerExcited(names[-1], explain.filters(subject.model, names[-1], data=rows).excited)


def draw(found: LayerExcited) -> Sequence[Moving]:
    """Draws one image a filter.

    Args:
        found: Images and activations.

    Returns:
        One grid.
    """
    images = as_pictures(found.excited.images)
    assert images is not None, "bug in backlit: excited inputs that are no pictures"
    shown = images[:MOST_FILTERS]
    tiles = [
        Tile(
            image,
            label=Words(en=str(i + 1), zh=str(i + 1)),
            note=_note(float(found.excited.reached[i]), float(found.excited.start[i])),
        )
        for i, image in enumerate(shown)
    ]
    en, zh = f"Inputs that excite the filters of {found.layer} most", f"最能激活 {found.layer} 层滤波器的输入"
    if len(shown) < len(images):
        en, zh = f"{en}: the first {len(shown)} of {len(images)}", f"{zh}：{len(images)} 个中的前 {len(shown)} 个"
    about = Words(en="Each was grown from faint noise.", zh="每一幅都从微弱的噪声开始，逐步优化而成。")
    return (
        image_grid("excited-inputs", title=Words(en=en, zh=zh), tiles=tiles, about=about, value_range=own_range(shown)),
    )


def _note(reached: float, start: float) -> Words:
    return Words(
        en=f"activation {reached:.3g}, {start:.3g} for the noise", zh=f"激活值 {reached:.3g}，噪声为 {start:.3g}"
    )


VIEW = View(
    name="excited-inputs",
    title=Words(en="Inputs that excite filters most", zh="最能激活滤波器的输入"),
    about=Words(
        en="Pictures grown from noise until a filter answers as strongly as it can: what it looks for. They are "
        "no samples of the data.",
        zh="从噪声出发不断修改图像，直到某个滤波器的响应最强：它们显示滤波器在找什么，并不是数据中的样本。",
    ),
    part="inside",
    read=read,
    draw=draw,
    place=85,
    is_heavy=True,
)
