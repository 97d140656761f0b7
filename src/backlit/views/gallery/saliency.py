"""Which pixels the decision hangs on: pictures beside the size of the gradient of the chosen class's score."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from backlit import explain
from backlit.errors import ModelError
from backlit.language import Words
from backlit.measure.examples import Examples, examples_of
from backlit.measure.shown import Shown, shown_member
from backlit.measure.subject import AbstractSubject
from backlit.views.image_grid import Tile, image_grid, own_range
from backlit.views.kind import View
from backlit.views.moving import Moving

N_ROWS = 8
MOST_PIXELS = 64  # of a picture's longer side; ours: it is drawn about that large


@dataclass(frozen=True, eq=False)
class Salient:
    """Some rows and what their decisions hang on.

    Attributes:
        examples: The rows.
        pictures: The same as pictures.
        maps: Size of the gradient of each row's largest score, at each pixel the largest over the channels.
        chosen: Names of the classes that the network chose.
        shown: Whose.
    """

    examples: Examples
    pictures: Float[np.ndarray, "row height width channel"]
    maps: Float[np.ndarray, "row height width"]
    chosen: tuple[str, ...]
    shown: Shown


def read(subject: AbstractSubject) -> Salient | None:
    """Asks for the gradients of a few rows.

    Args:
        subject: A run.

    Returns:
        The rows; None where no member finished, the rows are no pictures, or the model puts out no scores of classes.
    """
    data = subject.data
    if not subject.finished or data.task != "classification":
        return None
    examples = examples_of(subject, N_ROWS)
    pictures = examples.pictures
    if pictures is None:
        return None
    try:
        found = explain.saliency(subject.model, examples.inputs)
    except ModelError:  # several inputs, or outputs that are no vector of scores
        return None
    names = data.class_names or tuple(str(i) for i in range(data.n_classes))
    chosen = tuple(names[i] if len(names) > i else str(i) for i in found.of.tolist())
    maps = np.abs(found.values.reshape(pictures.shape)).max(-1).astype(np.float64)
    return Salient(examples, pictures.astype(np.float64), maps, chosen, shown_member(subject))


def draw(salient: Salient) -> Sequence[Moving]:
    """Draws each picture, and beside it the size of the gradient.

    Args:
        salient: Rows and gradients.

    Returns:
        One grid.
    """
    stride = -(-max(salient.pictures.shape[1:3]) // MOST_PIXELS)
    n_channels = salient.pictures.shape[-1]
    tiles = []
    rows = zip(salient.pictures, salient.maps, salient.examples.names, salient.chosen, strict=True)
    for picture, sizes, true, chosen in rows:
        note = Words(en=f"true class {true}, predicted {chosen}", zh=f"真实类别 {true}，预测 {chosen}")
        tiles.append(Tile(picture[::stride, ::stride], label=_same(true), note=note, value_range=own_range(picture)))
        grey = np.repeat(sizes[::stride, ::stride, None], n_channels, axis=2)
        tiles.append(Tile(grey, label=_same(f"→ {chosen}"), note=note, value_range=(0.0, float(sizes.max()) or 1.0)))
    title = Words(en="What the decision hangs on: |∂score/∂pixel|", zh="判断依赖哪些像素：|∂得分/∂像素|")
    about = Words(
        en="Each picture with its class, followed by the size of the gradient of the predicted class's score.",
        zh="每张图像标有真实类别，右边是预测类别的得分对各像素梯度的大小。",
    )
    return (image_grid("saliency", title=salient.shown.titled(title), tiles=tiles, about=about),)


def _same(name: str) -> Words:
    return Words(en=name, zh=name)


VIEW = View(
    name="saliency",
    title=Words(en="What decisions hang on", zh="显著性"),
    about=Words(
        en="Beside each picture, bright pixels are those whose change moves the score of the predicted class most. "
        "It says what the score hangs on, not that the network is right to look there.",
        zh="每张图像右边，越亮的像素，改变它就越能改变预测类别的得分。它说明得分依赖什么，并不说明网络看对了地方。",
    ),
    part="inside",
    read=read,
    draw=draw,
    place=60,
    is_heavy=True,  # 2.7 s where the gradient is not compiled yet
)
