"""Writes the derivation of one sample through the 2-3-2 network, in both languages, to docs/derivation*.md.

    python -m tools.derivation

Weights have one decimal, so that every line can be redone by hand; one hidden neuron is silent. A test writes the pages
again and compares.
"""

from pathlib import Path

import backlit  # before keras, whose backend it chooses

# isort: split
import keras
import numpy as np

from backlit import explain
from backlit.language import Language

DOCS = Path(__file__).resolve().parent.parent / "docs"
PAGES: dict[Language, Path] = {"en": DOCS / "derivation.md", "zh": DOCS / "derivation.zh.md"}
WEIGHTS = (
    [[0.5, -0.4, 0.2], [0.3, 0.8, -0.6]],
    [0.1, 0.0, -0.1],
    [[0.7, -0.2], [-0.5, 0.4], [0.9, 0.6]],
    [0.0, 0.2],
)
SAMPLE, LABEL = [1.0, 2.0], 1
WORDS: dict[Language, str] = {
    "en": """# One sample through a network, and back

Every number of one training step of the smallest network of the course.
It has two inputs, three hidden neurons with ReLU and two outputs with softmax; the loss is cross-entropy.
Each line can be redone with a pocket calculator.
The last one says how far the gradients are from those of `jax.grad` and of central differences.
`[3]` is the number of a step; "from" says which steps it was computed from.
Index pairs such as (2,1) name input and neuron, counted from 1.

Written by `python -m tools.derivation`.
On your own network: `print(bl.explain.backprop(model, x, y).say("en", entries=100))`, or `backlit explain RUN`.
""",
    "zh": """# 一个样本走过网络，再走回来

课程里最小的网络做一步训练时的每一个数：两个输入，三个用 ReLU 的隐藏神经元，两个用 softmax 的输出，损失是交叉熵。
每一行都可以用计算器重算；最后一行说明梯度与 `jax.grad`、与中心差分相差多少。
`[3]` 是步骤的编号，“由……得出”说明它由哪些步骤算出。
(2,1) 这样的下标依次指输入和神经元，从 1 数起。

由 `python -m tools.derivation` 写成。
换成自己的网络：`print(bl.explain.backprop(model, x, y).say("zh", entries=100))`，或 `backlit explain RUN`。
""",
}


def model() -> keras.Model:
    """The 2-3-2 network of the course, with the weights above.

    Returns:
        A compiled model.
    """
    network = keras.Sequential(
        [
            keras.Input((2,)),
            keras.layers.Dense(3, "relu", name="hidden"),
            keras.layers.Dense(2, "softmax", name="output"),
        ]
    )
    network.set_weights([np.array(weight) for weight in WEIGHTS])
    network.compile("sgd", "sparse_categorical_crossentropy")
    return network


def page(language: Language) -> str:
    """One page.

    Args:
        language: In which language.

    Returns:
        Markdown.
    """
    found = explain.backprop(model(), SAMPLE, LABEL)
    return f"{WORDS[language]}\n```text\n{found.say(language, entries=100)}\n```\n"


def main() -> None:
    """Writes both pages."""
    for language, path in PAGES.items():
        path.write_text(page(language), encoding="utf-8")


if __name__ == "__main__":
    assert backlit.__version__
    main()
