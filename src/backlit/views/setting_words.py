"""Names of settings as people read them: `learning_rate` is "learning rate", and 学习率 in Chinese.

What the glossary does not know, such as an argument of the user's own building function, stays as it is written.
"""

import re
from collections.abc import Sequence

from backlit.language import Words, glossary

_SETTINGS = {
    "epochs": Words(en="epochs", zh="轮次数"),
    "l1": Words(en="strength of l1", zh="L1 正则化强度"),
    "l2": Words(en="strength of l2", zh="L2 正则化强度"),
    "dropout": Words(en="dropout rate", zh="随机失活率"),
    "units": Words(en="units", zh="神经元数"),
    "activation": Words(en="activation function", zh="激活函数"),
    "n_rows": Words(en="training rows", zh="训练样本数"),
    "flip_horizontal": Words(en="flip horizontal", zh="水平翻转"),
    "flip_vertical": Words(en="flip vertical", zh="垂直翻转"),
    "rotation": Words(en="rotation", zh="旋转"),
    "zoom_in": Words(en="zoom in", zh="放大"),
    "zoom_out": Words(en="zoom out", zh="缩小"),
    "crop": Words(en="crop", zh="裁剪"),
    "shift": Words(en="shift", zh="平移"),
    "brightness": Words(en="brightness", zh="亮度"),
    "contrast": Words(en="contrast", zh="对比度"),
    "saturation": Words(en="saturation", zh="饱和度"),
    "hue": Words(en="hue", zh="色相"),
    "noise": Words(en="noise", zh="噪声"),
    "cutout": Words(en="cutout", zh="遮挡"),
    "mix_up": Words(en="mix-up", zh="混合"),
    "fold": Words(en="fold", zh="折"),
    "repeat": Words(en="repeat", zh="重复"),
    "bag": Words(en="bag", zh="自助样本"),
}


def setting_words(names: Sequence[str]) -> Words:
    """One setting, or several that vary together, in both languages.

    Args:
        names: As `fit` takes them, at least one.

    Returns:
        The words, a stroke between several.

    Example:
        >>> setting_words(["learning_rate"]), setting_words(["depth", "l2"]).en
        (Words(en='learning rate', zh='学习率'), 'depth / strength of l2')
    """
    found = [_words(name) for name in names]
    return Words(en=" / ".join(one.en for one in found), zh=" / ".join(one.zh for one in found))


def spaced(chinese: str) -> str:
    """Chinese with a space where it meets letters or digits, as Chinese typesetting has it.

    Args:
        chinese: Put together from parts.

    Returns:
        With the spaces.

    Example:
        >>> spaced("l2对验证准确率的影响")
        'l2 对验证准确率的影响'
    """
    return re.sub(r"(?<=[一-鿿])(?=[A-Za-z0-9])|(?<=[A-Za-z0-9])(?=[一-鿿])", " ", chinese)


def _words(name: str) -> Words:
    plain = name.replace("_", " ")
    if plain in glossary():
        return Words(en=plain, zh=glossary()[plain])
    return _SETTINGS.get(name, Words(en=name, zh=name))
