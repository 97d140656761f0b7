r"""What an operation is: arrays in, one array out, and the way back.

    value, back = operation.forward(*inputs, **weights)
    gradients = back(gradient_at_value)

`forward` computes with plain NumPy and returns, beside the value, the function that carries a gradient back through
it: from ∂C/∂value it makes ∂C/∂input for each input and ∂C/∂weight for each weight. Nothing else is kept; the numbers
that the way back needs are those that `forward` had in hand. Chaining these functions is backpropagation.

    >>> class Doubled(Operation):
    ...     words = Words(en="doubled", zh="加倍")
    ...     formula = r"\OUT = 2 \IN"
    ...     rules = {"input": r"\frac{\partial C}{\partial \IN} = 2 \frac{\partial C}{\partial \OUT}"}
    ...
    ...     def forward(self, a):
    ...         return 2 * a, lambda slope: Gradients((2 * slope,))
    ...
    ...     def arithmetic(self, place, value, a):
    ...         return f"2 × {a[place]:g}"
    >>> value, back = Doubled().forward(np.array([3.0]))
    >>> value.item(), back(np.array([0.5])).inputs[0].item()
    (6.0, 1.0)

All arrays are float64 with the batch first. Formulas are LaTeX in the course's notation, with `\OUT` for the value,
`\IN`, `\INB`, `\INC` … for the inputs, and each weight's name in capitals (`\KERNEL`, `\BIAS`) for the weight; who
shows them puts the symbols of the network in their place, and leaves out a weight that a layer does not have. Not for
reading Keras layers: see `reading/`.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np

from backlit.language import Words

Array = np.ndarray


@dataclass(frozen=True)
class Gradients:
    """What a gradient becomes on its way back through one operation.

    Attributes:
        inputs: ∂C/∂input, one for each input, in its shape; None for an input that has no gradient (class numbers).
        weights: ∂C/∂weight by the weight's name; weights that do not learn may be left out.
    """

    inputs: tuple[Array | None, ...]
    weights: Mapping[str, Array] = field(default_factory=dict)


Backward = Callable[[Array], Gradients]


class Operation(ABC):
    """One operation. Its settings (a stride, a rate) are fields of a frozen dataclass; weights are arguments.

    Attributes:
        words: What it is, in a few words.
        formula: How one entry of the value is computed.
        rules: How a gradient comes back: `input` (`input_2` for the second) and each weight's name to a formula.
        is_linear_in_weights: Whether the value is a sum of weights times numbers, so that the share of one weight is
            what the operation makes of it alone.
    """

    words: ClassVar[Words]
    formula: ClassVar[str]
    rules: ClassVar[Mapping[str, str]]
    is_linear_in_weights: ClassVar[bool] = True

    @abstractmethod
    def forward(self, *inputs: Any, **weights: Any) -> tuple[Array, Backward]:
        """Computes the value.

        Args:
            *inputs: One array for each input, the batch first.
            **weights: One array for each weight.

        Returns:
            The value, and the function that carries a gradient back.
        """

    @abstractmethod
    def arithmetic(self, place: tuple[int, ...], value: Array, *inputs: Any, **weights: Any) -> str:
        """The formula of one entry with its numbers in, in LaTeX.

        Args:
            place: Index of the entry, the sample first.
            value: What `forward` made.
            *inputs: What it was made of.
            **weights: And with.

        Returns:
            The right side of the equation, without the result.
        """

    def gradient_arithmetic(
        self,
        by: int | str,
        place: tuple[int, ...],
        slope: Array,
        *inputs: Any,
        **weights: Any,
    ) -> str | None:
        """One entry of a gradient with its numbers in, where there is a shorter way than local derivative × gradient.

        Args:
            by: Number of the input, or name of the weight.
            place: Index of the entry.
            slope: The gradient at the value.
            *inputs: As for `forward`.
            **weights: As for `forward`.

        Returns:
            LaTeX; None for the sum, over outputs, of local derivative times gradient.
        """
        return None

    def pieces(self, *inputs: Any, **weights: Any) -> Array | None:
        """On which smooth piece each number lies, for operations that have kinks; None for smooth ones.

        Args:
            *inputs: As for `forward`.
            **weights: As for `forward`.

        Returns:
            Whole numbers: two calls that give the same lie on one smooth piece.
        """
        return None


def input_macro(which: int) -> str:
    r"""What a formula writes for an input.

    Args:
        which: From 0.

    Returns:
        `\IN`, `\INB`, `\INC`, … and `\INBA` after `\INZ`.

    Example:
        >>> [input_macro(which) for which in (0, 1, 2, 26)]
        ['\\IN', '\\INB', '\\INC', '\\INBA']
    """
    letters = ""
    while which:
        which, letter = divmod(which, 26)
        letters = chr(ord("A") + letter) + letters
    return rf"\IN{letters}"
