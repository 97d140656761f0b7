"""Every number of one forward and backward pass of a small network, step by step."""

from collections.abc import Sequence
from typing import Any

from backlit import explain
from backlit.errors import ModelError
from backlit.explain import Explanation, Step
from backlit.explain.telling import agreement_words, equation, shown_places
from backlit.formula import readable
from backlit.language import Words, both
from backlit.measure.examples import examples_of
from backlit.measure.subject import AbstractSubject
from backlit.views.kind import View
from backlit.views.moving import Moving

MOST_STEPS = 60
MOST_PARAMETERS = 5_000  # ours: sums of more terms than such a network has are no longer read
NO_LAYERS = ("inputs", "loss")  # names of `explain` for what belongs to no layer
N_ENTRIES = 3  # of each array that are written out, the largest


def read(subject: AbstractSubject) -> Explanation | None:
    """Explains one sample, if the network is small enough to be read.

    Args:
        subject: A run.

    Returns:
        The steps; None where no member finished, or the network is too large or has layers that cannot be explained.
    """
    if not subject.finished or subject.model.count_params() > MOST_PARAMETERS:
        return None
    sample = examples_of(subject)
    try:
        found = explain.backprop(subject.model, sample.inputs[0], sample.targets[0])
    except ModelError:  # a layer or a loss that `explain` does not know
        return None
    return found if len(found) <= MOST_STEPS else None


def draw(explanation: Explanation) -> Sequence[Moving]:
    """Draws the steps.

    Args:
        explanation: Of one pass.

    Returns:
        One figure.
    """
    agreement = None if explanation.agreement is None else both(agreement_words(explanation.agreement))
    data = {
        "steps": [_step(step) for step in explanation],
        "agreement": None if agreement is None else {"en": agreement.en, "zh": agreement.zh},
    }
    n_back = sum(step.kind == "gradient" for step in explanation)
    n = len(explanation) - n_back
    alternative = Words(
        en=f"One sample there and back: {n} steps to the loss, {explanation.loss:.4g}, and {n_back} steps "
        "back to the gradients of all weights.",
        zh=f"一个样本的前向与反向传播：{n} 步得到损失 {explanation.loss:.4g}，再用 {n_back} 步得到全部权重的梯度。",
    )
    title = Words(en="Backpropagation, step by step", zh="逐步看反向传播")
    return (Moving("steps", "backprop-steps", title=title, data=data, alternative=alternative),)


def _step(step: Step) -> dict[str, Any]:
    formula = step.formula if not step.formula or "=" in step.formula else f"{step.symbol} = {step.formula}"
    return {
        "number": step.number,
        "kind": step.kind,
        "layer": "" if step.layer in NO_LAYERS else step.layer,
        "words": {"en": step.words.en, "zh": step.words.zh},
        "symbol": readable(step.symbol),
        "formula": readable(formula) if formula else "",
        "shape": " × ".join(map(str, step.shape)),
        "uses": list(step.uses),
        "equations": [equation(step, place) for place in shown_places(step, N_ENTRIES)],
    }


VIEW = View(
    name="backprop-steps",
    title=Words(en="Backpropagation, step by step", zh="逐步看反向传播"),
    about=Words(
        en="Every array of one pass: how it is computed, its largest entries with the numbers in, and the steps it "
        "uses. The arrow keys walk through the steps, Enter goes to the first one that is used.",
        zh="一次传播中的每个数组：怎样算出，最大的几个元素代入数字的算式，以及用到了哪些步骤。"
        "可用方向键逐步查看，按回车键跳到所用的第一个步骤。",
    ),
    part="inside",
    read=read,
    draw=draw,
    place=70,
    is_heavy=True,
)
