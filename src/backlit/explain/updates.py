r"""One update of one weight: old weight, gradient, the optimiser's state, new weight, each line with its numbers.

    ∂C/∂w = −0.42
    w_new = w_old − η ∂C/∂w = 0.5 − 0.1 × (−0.42) = 0.542

Not for the rules themselves (see `optimisers.py`) nor for many steps (see `reference.py`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import keras
import numpy as np

from backlit.explain.backward_pass import run_backward
from backlit.explain.explanation import loss_pass
from backlit.explain.one_weight import find_weight
from backlit.explain.ops.written import number
from backlit.explain.optimisers import G, Line, Optimiser
from backlit.explain.reading.optimisers import read_optimizer, read_state
from backlit.formula import readable
from backlit.language import Language, language, text


@dataclass(frozen=True)
class Update:
    r"""One update of one weight.

    Attributes:
        weight: Path of its array and its index, such as `("dense_1/kernel", 2, 0)`.
        symbol: Of the weight, in LaTeX.
        optimiser: The rule, with its numbers.
        n_steps: Which step of the optimiser this is, from 1.
        old: The weight before.
        gradient: ∂C/∂w, over the batch.
        lines: The update, line by line; the last is the new weight.
        before: What the optimiser had kept for this weight, by name; empty for plain gradient descent.
        after: What it keeps now.
    """

    weight: tuple[str | int, ...]
    symbol: str
    optimiser: Optimiser
    n_steps: int
    old: float
    gradient: float
    lines: tuple[Line, ...]
    before: Mapping[str, float] = field(default_factory=dict)
    after: Mapping[str, float] = field(default_factory=dict)

    @property
    def new(self) -> float:
        """The weight after it."""
        return self.lines[-1].value

    def say(self, spoken: Language) -> str:
        """The update as text.

        Args:
            spoken: Language.

        Returns:
            Lines of plain text.
        """
        head = text(
            "Step {n} of {rule}, for w = {symbol}",
            n=self.n_steps,
            rule=self.optimiser.words.say(spoken),
            symbol=readable(self.symbol),
        )
        lines = [head.say(spoken), "  " + readable(f"{G} = {number(self.gradient)}")]
        lines += [
            "  " + readable(f"{line.symbol} = {line.formula} = {line.numbers} = {number(line.value)}")
            for line in self.lines
        ]
        return "\n".join(lines)

    def __str__(self) -> str:
        return self.say(language())


def step(
    model: keras.Model,
    x: Any,
    y: Any,
    *,
    weight: Any,
    optimizer: Any = None,
    learning_rate: Any = None,
    momentum: Any = None,
    loss: Any = None,
    training: bool = True,
    seed: int = 0,
) -> Update:
    """One update of one weight, written out; the model is not changed.

    Args:
        model: Built; as for `backprop`.
        x: One sample, or the batch of the step.
        y: Its target, or one for each sample.
        weight: Name of a layer, or path of a weight, and the indices of an entry: `("dense_1", 2, 0)`.
        optimizer: `"sgd"`, `"adam"` or a Keras optimiser of these kinds; None for the model's own, or SGD where it is
            not compiled. What it has kept from steps that it took with this model goes into the update.
        learning_rate: Instead of the optimiser's own; None keeps it.
        momentum: Of SGD, instead of the optimiser's own; None keeps it.
        loss: As `model.compile` takes it; None for the loss that the model was compiled with.
        training: Whether dropout drops and batch normalisation uses the batch's own statistics, as in training.
        seed: Of the masks that dropout draws.

    Returns:
        The update.

    Raises:
        DataError: If sample or target do not fit the model.
        ModelError: If the model or the optimiser cannot be read.
        SettingError: If there is no such weight, or a number is out of its range.

    Example:
        >>> import backlit, keras
        >>> model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1, kernel_initializer="ones", name="d")])
        >>> model.compile(keras.optimizers.SGD(0.1), "mean_squared_error")
        >>> update = step(model, [2.0], [5.0], weight=("d", 0, 0))
        >>> print(update.say("en"))  # 2 (2 − 5) 2 = −12
        Step 1 of stochastic gradient descent, for w = w⁽¹⁾_(1,1)
          ∂C/∂w = −12
          w_new = w_old − η ∂C/∂w = 1 − 0.1 × (−12) = 2.2
    """
    graph, trace, _ = loss_pass(model, x, y, loss=loss, training=training, seed=seed)
    slope = run_backward(graph, trace)
    where = find_weight(graph, weight)
    given = optimizer if optimizer is not None else getattr(model, "optimizer", None) or "sgd"
    rule = read_optimizer(given, learning_rate=learning_rate, momentum=momentum)
    n_before, states = read_state(given, rule, model)
    gradients = slope.given[where.place]
    gradient = 0.0 if gradients is None else float(gradients[where.index])
    old = float(trace.given[where.place][where.index])
    state = states[graph.places("trainable").index(where.place)]
    before = {name: float(np.asarray(array)[where.index]) for name, array in state.items()}
    _, after = rule.update(old, gradient, before, step=n_before + 1)
    return Update(
        (where.path, *where.index),
        where.symbol,
        rule,
        n_before + 1,
        old,
        gradient,
        rule.lines(old, gradient, before, step=n_before + 1),
        before,
        {name: float(value) for name, value in after.items()},
    )
