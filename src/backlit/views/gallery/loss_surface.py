"""The loss over a plane through the weights of the best member, and the way that training took."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from backlit import explain
from backlit.explain import Surface as LossSurface
from backlit.language import Words
from backlit.measure.examples import few_training_rows
from backlit.measure.seed_bands import is_cross_entropy
from backlit.measure.shown import Shown, shown_member
from backlit.measure.subject import AbstractSubject
from backlit.views.chart import Axis, Chart, Series, Surface
from backlit.views.kind import View

LEAST_PASSED = 3  # snapshots that span a plane
SIZE = 25  # points on each axis
MOST_ROWS = 512  # ours: the loss of so many rows is within a few percent of that of all
FEWEST_ROWS = 64
MOST_NUMBERS = 2**17  # of all rows' inputs together; ours: a small CNN on colour pictures then takes seconds


@dataclass(frozen=True, eq=False)
class Landscape:
    """A loss surface and what it is of.

    Attributes:
        surface: The surface.
        unit: Of the loss.
        shown: Whose.
    """

    surface: LossSurface
    unit: str
    shown: Shown


def read(subject: AbstractSubject) -> Landscape | None:
    """The loss around the best member, on some training rows: over the plane of its path where a stream kept one.

    Args:
        subject: A run.

    Returns:
        The surface; None where no member finished, or it has no weights that learn.
    """
    if not subject.finished or not subject.model.trainable_variables:
        return None
    data = subject.best_data
    data = few_training_rows(data, most=most_rows(data.input_shape))
    path = subject.weight_path()
    surface = explain.loss_surface(subject, data, size=SIZE, path=path if len(path) >= LEAST_PASSED else None)
    return Landscape(surface, "nat" if is_cross_entropy(subject) else "", shown_member(subject))


def most_rows(shape: tuple[int, ...]) -> int:
    """On how many rows the loss is computed: fewer where each is large.

    Args:
        shape: Of one input.

    Returns:
        From 64 to 512.

    Example:
        >>> most_rows((8, 8, 1)), most_rows((28, 28, 1)), most_rows((64, 64, 3))
        (512, 167, 64)
    """
    return int(np.clip(MOST_NUMBERS // np.prod(shape), FEWEST_ROWS, MOST_ROWS))


def draw(landscape: Landscape) -> Sequence[Chart]:
    """Draws lines of equal loss, the network itself, and the path where there is one.

    Args:
        landscape: The loss over the plane.

    Returns:
        One chart.
    """
    surface = landscape.surface
    en, zh = f"Loss around the network, on {surface.n_rows:,} rows", f"网络附近的损失（{surface.n_rows:,} 个样本）"
    series = []
    if surface.path is not None:
        series.append(Series(Words(en="path of training", zh="训练路径"), surface.path[:, 0], surface.path[:, 1]))
        en, zh = (
            f"{en}: the plane shows {surface.share:.0%} of the path",
            f"{zh}：该平面含路径方差的 {surface.share:.0%}",
        )
    series.append(Series(Words(en="the network", zh="网络所在处"), np.zeros(1), np.zeros(1), kind="points"))
    is_path = surface.plane.kind == "path"
    along = (
        (Words(en="first principal direction of the path", zh="路径的第一主方向"), "α"),
        (Words(en="second principal direction of the path", zh="路径的第二主方向"), "β"),
    )
    random = ((Words(en="a random direction", zh="随机方向一"), "α"), (Words(en="another one", zh="随机方向二"), "β"))
    x, y = (Axis(Words(en=f"{one.en}, {sign}", zh=f"{one.zh} {sign}")) for one, sign in (along if is_path else random))
    return (
        Chart(
            "loss-surface",
            title=landscape.shown.titled(Words(en=en, zh=zh)),
            x=x,
            y=y,
            series=tuple(series),
            surface=Surface(
                Words(en="loss", zh="损失"), surface.alphas, surface.betas, surface.losses, unit=landscape.unit
            ),
        ),
    )


VIEW = View(
    name="loss-surface",
    title=Words(en="Loss surface", zh="损失曲面"),
    about=Words(
        en="The loss on a plane through the weights of the trained network, which lies at the mark. A wide, smooth "
        "bowl is easy to descend into. It is a slice: what looks like a bowl may be a ridge in a third direction.",
        zh="在穿过训练后权重的一个平面上的损失，标记处是网络本身。宽而平滑的碗形容易下降。"
        "这只是一个切面：看上去像碗的地方，在第三个方向上也可能是山脊。",
    ),
    part="inside",
    read=read,
    draw=draw,
    place=80,
    is_heavy=True,
)
