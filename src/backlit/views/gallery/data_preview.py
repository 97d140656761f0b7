"""A few training rows of each class, or from the smallest to the largest amount."""

from collections.abc import Sequence

from backlit.language import Words
from backlit.measure.preview import Preview, preview
from backlit.views.cards import Card, Cards
from backlit.views.image_grid import Tile, image_grid
from backlit.views.kind import Figure, View
from backlit.views.row_cards import card_lines, card_numbers


def draw(found: Preview) -> Sequence[Figure]:
    """Draws the rows.

    Args:
        found: Rows with their labels.

    Returns:
        An image grid, or cards.
    """
    title = Words(en="Examples of the training rows", zh="训练样本举例")
    if found.has_amounts:
        labels = [Words(en=f"target {label}", zh=f"目标值 {label}") for label in found.labels]
    else:
        labels = [Words(en=label, zh=label) for label in found.labels]
    if found.pictures is not None:
        about = Words(en="As the network is shown them.", zh="网络看到的就是这样。")
        tiles = [Tile(pixels, label) for pixels, label in zip(found.pictures.pixels, labels, strict=True)]
        levels = found.pictures.lowest, found.pictures.highest
        return (image_grid("data-preview", title=title, tiles=tiles, about=about, value_range=levels, columns=10),)
    cards = tuple(
        Card(label, lines=card_lines(told), numbers=card_numbers(told))
        for label, told in zip(labels, found.told, strict=True)
    )
    return (Cards("data-preview", title=title, cards=cards),)


VIEW = View(
    name="data-preview",
    title=Words(en="Examples", zh="样本举例"),
    about=Words(
        en="A few training rows of each class, as the network is shown them. Would you know the class yourself?",
        zh="每个类别的几个训练样本，就是网络看到的样子。换作你，能认出类别吗？",
    ),
    part="data",
    read=preview,
    draw=draw,
    place=20,
)
