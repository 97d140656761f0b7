"""What the run's augmentation makes of one training picture."""

from collections.abc import Sequence

from backlit.data.augment import BY_NAME
from backlit.language import Words
from backlit.measure.augmented import AugmentedPicture, augmented_picture
from backlit.views.image_grid import Tile, image_grid, own_range
from backlit.views.kind import View
from backlit.views.moving import Moving

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
    changes = [f"{name} {strength:g}" for name, strength in picture.strengths.items()]
    title = Words(en=f"Augmentation: {', '.join(changes)}", zh=f"数据增强：{'、'.join(changes)}")
    meanings = [(name, BY_NAME[name].words) for name in picture.strengths]
    about = Words(
        en="; ".join(f"{name}: {words.say('en')}" for name, words in meanings) + ".",
        zh="；".join(f"{name}：{words.say('zh')}" for name, words in meanings) + "。",
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
