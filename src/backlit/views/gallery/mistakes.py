"""The mistakes of which the best member is most sure: pictures, or cards for tables and sentences."""

from collections.abc import Sequence

from backlit.language import Words
from backlit.measure.mistaken import Mistaken, SureMistake, mistaken
from backlit.views.cards import Card, Cards
from backlit.views.image_grid import Tile, image_grid
from backlit.views.kind import Figure, View
from backlit.views.row_cards import card_lines, card_numbers

MOST_LETTERS = 5
"""Letters of both class names together, up to which the probability fits below a picture. Source: ours."""


def draw(found: Mistaken) -> Sequence[Figure]:
    """Draws the mistakes.

    Args:
        found: The surest first.

    Returns:
        An image grid, or cards.
    """
    n, total, rows = len(found.mistakes), found.n_mistakes, found.n_rows
    split = found.split_words
    if n < total:
        en, zh = f"The {n} most confident of {total} mistakes", f"{total} 个错误中最有把握的 {n} 个"
    else:
        en, zh = "All mistakes, the most confident first", "全部错误，最有把握的在前"
    title = Words(en=f"{en} ({split.en})", zh=f"{zh}（{split.zh}）")
    if found.pictures is not None:
        about = Words(
            en=f"{total} of {rows} rows are wrong. Below each: true class → predicted class, the surest first.",
            zh=f"{rows} 个样本中有 {total} 个预测错了。图下是真实类别 → 预测类别，最有把握的排在最前。",
        )
        pictures = found.pictures
        tiles = [
            Tile(pixels, _label(one), _note(one)) for one, pixels in zip(found.mistakes, pictures.pixels, strict=True)
        ]
        levels, columns = (pictures.lowest, pictures.highest), 8 if _are_short(found.mistakes) else 6
        return (image_grid("mistakes", title=title, tiles=tiles, about=about, value_range=levels, columns=columns),)
    cards = tuple(
        Card(
            Words(en=_heading(one), zh=_heading(one)),
            lines=(_note(one), *card_lines(told)),
            numbers=card_numbers(told),
            tone="bad",
        )
        for one, told in zip(found.mistakes, found.told, strict=True)
    )
    about = Words(
        en=f"{total} of {rows} rows are wrong. True class → predicted class; the surest first.",
        zh=f"{rows} 个样本中有 {total} 个预测错了。真实类别 → 预测类别，最有把握的排在最前。",
    )
    return (Cards("mistakes", title=title, cards=cards, about=about),)


def _are_short(mistakes: Sequence[SureMistake]) -> bool:
    return max(len(one.true) + len(one.predicted) for one in mistakes) <= MOST_LETTERS


def _heading(one: SureMistake) -> str:
    return f"{one.true} → {one.predicted}"


def _label(one: SureMistake) -> Words:
    sure = f"  {one.confidence:.0%}" if len(one.true) + len(one.predicted) <= MOST_LETTERS else ""
    return Words(en=_heading(one) + sure, zh=_heading(one) + sure)


def _note(one: SureMistake) -> Words:
    sure, left = f"{one.confidence:.0%}", f"{one.chance_of_true:.1%}"
    return Words(
        en=f"row {one.row}: {sure} sure of {one.predicted}; {left} for {one.true}, which is true",
        zh=f"行号 {one.row}：预测为 {one.predicted} 的概率 {sure}；真实类别 {one.true} 的概率只有 {left}",
    )


VIEW = View(
    name="mistakes",
    title=Words(en="Most confident mistakes", zh="最有把握的错误"),
    about=Words(
        en="Rows that the network never saw and answered wrongly, the most confident answer first. They show what it "
        "has not understood, or a label that is wrong.",
        zh="网络从未见过、又答错了的样本，最有把握的排在最前。它们说明网络还没弄懂什么，或者标签本身有错。",
    ),
    part="scores",
    read=mistaken,
    draw=draw,
    place=30,
)
