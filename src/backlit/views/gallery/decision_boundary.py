"""What the best member says everywhere on the plane of two features, with the rows that it never saw."""

from collections.abc import Sequence

from backlit.language import Words
from backlit.measure.plane import Plane, plane
from backlit.views.chart import Axis, Chart, Series, Surface
from backlit.views.kind import View


def draw(found: Plane) -> Sequence[Chart]:
    """Draws the regions: for two classes how sure the network is, for more the class that it chooses.

    Args:
        found: Probabilities on a grid, and rows.

    Returns:
        One chart.
    """
    names = found.class_names
    points = tuple(
        Series(Words(en=f"class {name}", zh=f"类别 {name}"), *found.points[found.classes == i].T, kind="points")
        for i, name in enumerate(names)
    )
    if len(names) == 2:  # colours run from the first class's points to the second's, pale where both are as probable
        first, second = names
        words = Words(en=f"probability of {second} less that of {first}", zh=f"{second} 的概率减 {first} 的概率")
        surface = Surface(
            words, found.x, found.y, (found.chances[..., 1] - found.chances[..., 0]).round(3), scale="diverging"
        )
    else:
        words = Words(en="predicted class", zh="预测类别")
        chosen = found.chances.argmax(-1).astype(float)
        surface = Surface(words, found.x, found.y, chosen, form="cells", scale="classes")
    return (
        Chart(
            "decision-boundary",
            title=Words(en=f"Decision boundary ({found.split_words.en})", zh=f"决策边界（{found.split_words.zh}）"),
            x=_axis(found, 0),
            y=_axis(found, 1),
            series=points,
            surface=surface,
        ),
    )


def _axis(found: Plane, side: int) -> Axis:
    name = found.names[side]
    prepared = Words(en=f"{name} (prepared)", zh=f"{name}（预处理后）")
    return Axis(prepared if found.is_prepared else Words(en=name, zh=name))


VIEW = View(
    name="decision-boundary",
    title=Words(en="Decision boundary", zh="决策边界"),
    about=Words(
        en="Each place of the plane in the colour of the class that the network would choose there. Points are rows "
        "that it never saw, in the colour of their true class: a point on ground of another colour is a mistake.",
        zh="平面上每个位置都着上网络在该处会选的类别的颜色。点是网络从未见过的样本，按真实类别着色：点的颜色与底色不同，就是错误。",
    ),
    part="scores",
    read=plane,
    draw=draw,
    place=8,
)
