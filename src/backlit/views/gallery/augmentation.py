"""What the run's augmentation makes of one training picture."""

from collections.abc import Sequence

from backlit.data.augment import BY_NAME
from backlit.language import Words
from backlit.measure.augmented import AugmentedPicture, augmented_picture
from backlit.views.image_grid import Tile, image_grid, own_range
from backlit.views.kind import View
from backlit.views.moving import Moving
from backlit.views.setting_words import setting_words

MOST_PIXELS = 64  # of a picture's longer side; ours: it is drawn about that large


def draw(picture: AugmentedPicture) -> Sequence[Moving]:
    """Draws the picture and its versions.

    Args:
        picture: What was changed.

    Returns:
        One grid.
    """
    stride = -(-max(picture.original.shape[:2]) // MOST_PIXELS)
    tiles = [Tile(picture.original[::stride, ::stride], label=Words(en="original", zh="原图"))]
    tiles += [
        Tile(version[::stride, ::stride], label=Words(en=str(i + 1), zh=str(i + 1)))
        for i, version in enumerate(picture.versions)
    ]
    names = {name: setting_words([name]) for name in picture.strengths}
    changes = [(names[name], strength) for name, strength in picture.strengths.items()]
    title = Words(
        en=f"Augmentation: {', '.join(f'{words.en} {strength:g}' for words, strength in changes)}",
        zh=f"数据增强：{'、'.join(f'{words.zh} {strength:g}' for words, strength in changes)}",
    )
    meanings = [(words, BY_NAME[name].words) for name, words in names.items()]
    about = Words(
        en="; ".join(f"{words.en}: {meaning.say('en')}" for words, meaning in meanings) + ".",
        zh="；".join(f"{words.zh}：{meaning.say('zh')}" for words, meaning in meanings) + "。",
    )
    return (
        image_grid(
            "augmentation",
            title=picture.shown.titled(title),
            tiles=tiles,
            about=about,
            value_range=own_range(picture.original),
        ),
    )


VIEW = View(
    name="augmentation",
    title=Words(en="Augmentation", zh="数据增强"),
    about=Words(
        en="One training picture as it is, and as training may see it: it is changed anew in every step. If you can no "
        "longer tell what it shows, the changes are too strong.",
        zh="一张训练图像的原样，以及训练时可能看到的样子：每一步都会重新变换。如果连你都认不出来了，变换就太强了。",
    ),
    part="data",
    read=augmented_picture,
    draw=draw,
    place=60,
)
