r"""Is a function linear? Numbers that prove it is not, or none.

A linear function keeps multiples and sums:

    f(a x) = a f(x)          f(x + y) = f(x) + f(y)          for every a, x, y

One counterexample disproves it for good. ReLU, with x < 0 and a = −1:

    f(−1 · x) = max(0, −x) = −x > 0          −1 · f(x) = −max(0, x) = 0

so the left side is not the right one: ReLU is not linear. The other way round, numbers prove nothing: that none of a
few hundred attempts failed makes linearity likely, and no more. What is called a straight line, 3x + 1, is not linear
in this sense but *affine*: less its value at 0 it is.

    >>> found = linearity("relu")
    >>> found.is_linear, found.scaling[0].say()
    (False, 'a = −1, x = 1: f(a x) = f(−1) = 0, but a f(x) = −1 · 1 = −1')
    >>> linearity(lambda x: 3 * x).is_linear, linearity(lambda x: 3 * x + 1).is_affine
    (True, True)

Not for whole networks: without activation functions these are affine, whatever their depth.

Source:
    goodfellow-2016, section 6.1 (why hidden units must not be linear).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from backlit.errors import SettingError, did_you_mean
from backlit.explain.ops.activations import CURVES
from backlit.explain.ops.softmax import Softmax
from backlit.explain.ops.written import number
from backlit.formula import readable
from backlit.language import Language, Text, language, text

FACTORS = (-1.0, 2.0, 0.5, -2.0, 3.0, 0.0)
NUMBERS = (1.0, -1.0, 2.0, -2.0, 0.5, -0.5, 3.0, -3.0, 8.0, -8.0)
"""Large ones too: a function may be straight near 0 and bend further out, as `hard_sigmoid` does."""
TOLERANCE = 1e-5
"""Largest difference, as a share of the numbers that are compared, that is put down to rounding in 32 bits."""
SHOWN = 3  # counterexamples of each kind that `say` writes down

RELU_PROOF = (
    r"f(-1 \cdot x) = \max(0, -x) = -x > 0 \; (x < 0)",
    r"-1 \cdot f(x) = -\max(0, x) = 0 \; (x < 0)",
)


@dataclass(frozen=True, eq=False)
class Equation:
    """Both sides of one equation that a linear function fulfils, with numbers in: where they differ, a counterexample.

    Attributes:
        kind: `scaling` for f(a x) = a f(x), `adding` for f(x + y) = f(x) + f(y).
        a: The factor; None for `adding`.
        x: A number, or a vector for functions of vectors.
        y: The same; None for `scaling`.
        of_x: f(x).
        of_y: f(y); None for `scaling`.
        left: f(a x), or f(x + y).
        right: a f(x), or f(x) + f(y).
    """

    kind: Literal["scaling", "adding"]
    a: float | None
    x: np.ndarray
    y: np.ndarray | None
    of_x: np.ndarray
    of_y: np.ndarray | None
    left: np.ndarray
    right: np.ndarray

    @property
    def gap(self) -> float:
        """The largest difference between left and right."""
        return float(np.abs(self.left - self.right).max())

    @property
    def latex(self) -> tuple[str, str]:
        """Both sides with the numbers in, in LaTeX."""
        left, right = _written(self.left), _written(self.right)
        if self.a is not None:
            a = number(self.a)
            return (
                f"f(a x) = f({_written(self.a * self.x)}) = {left}",
                rf"a f(x) = {a} \cdot {_written(self.of_x, in_product=True)} = {right}",
            )
        assert self.y is not None, "bug in backlit: a sum of one"
        assert self.of_y is not None, "bug in backlit: a sum of one"
        return (
            f"f(x + y) = f({_written(self.x + self.y)}) = {left}",
            f"f(x) + f(y) = {_written(self.of_x)} + {_written(self.of_y, in_product=True)} = {right}",
        )

    def say(self, spoken: Language = "en") -> str:
        """One line.

        Args:
            spoken: Language.

        Returns:
            The numbers and both sides.
        """
        first = f"a = {number(self.a)}" if self.a is not None else f"x = {_written(self.x)}"
        second = f"x = {_written(self.x)}" if self.y is None else f"y = {_written(self.y)}"
        left, right = map(readable, self.latex)
        words = text("{numbers}: {left}, but {right}", numbers=readable(f"{first}, {second}"), left=left, right=right)
        return words.say(spoken)

    def __str__(self) -> str:
        return self.say(language())


@dataclass(frozen=True)
class Linearity:
    """What was found about a function.

    Attributes:
        name: Of the function.
        scaling: Where f(a x) is not a f(x), the simplest numbers first.
        adding: Where f(x + y) is not f(x) + f(y).
        n_tried: How many equations were tried in all.
        at_zero: f(0).
        is_affine: Whether f(x) − f(0) has no counterexample: true of linear functions, too.
        proof: For ReLU the proof with letters, in LaTeX, left side and right side; else empty.
    """

    name: str
    scaling: tuple[Equation, ...]
    adding: tuple[Equation, ...]
    n_tried: int
    at_zero: np.ndarray
    is_affine: bool
    proof: tuple[str, ...] = ()

    @property
    def counterexamples(self) -> tuple[Equation, ...]:
        """All of them, those of scaling first."""
        return self.scaling + self.adding

    @property
    def is_linear(self) -> bool:
        """Whether no counterexample was found: a proof if False, else a strong hint."""
        return not self.counterexamples

    @property
    def verdict(self) -> Text:
        """The answer in one sentence."""
        if self.is_linear:
            return text(
                "No counterexample to {name} being linear among {n} equations (which is no proof).",
                name=f"`{self.name}`",
                n=self.n_tried,
            )
        if self.is_affine:
            return text(
                "{name} is not linear but affine: f(0) = {value}, not 0; f(x) − f(0) has no counterexample.",
                name=f"`{self.name}`",
                value=readable(_written(self.at_zero)),
            )
        return text(
            "{name} is not linear: {n} of {n_tried} equations fail.",
            name=f"`{self.name}`",
            n=len(self.counterexamples),
            n_tried=self.n_tried,
        )

    def say(self, spoken: Language) -> str:
        """The verdict, a few counterexamples of each kind, and the proof where there is one.

        Args:
            spoken: Language.

        Returns:
            Lines of plain text.
        """
        lines = [self.verdict.say(spoken)]
        for found in (self.scaling, self.adding):
            lines += [f"  {one.say(spoken)}" for one in found[:SHOWN]]
            if len(found) > SHOWN:
                lines.append(f"  … {text('{n:,} more', n=len(found) - SHOWN).say(spoken)}")
        if self.proof:
            lines += [text("With letters, for every x < 0:").say(spoken), *(f"  {readable(one)}" for one in self.proof)]
        return "\n".join(lines)

    def __str__(self) -> str:
        return self.say(language())


def linearity(function: Any, *, size: int | None = None) -> Linearity:
    """Searches for numbers that prove a function not linear.

    Args:
        function: Name of an activation function, `softmax`, or a function of one number; of one vector with `size`.
        size: Length of the vectors that it takes; None for a function of numbers, and for 3 with `softmax`.

    Returns:
        The counterexamples.

    Raises:
        SettingError: If the name is not known, or `size` is below 1.

    Example:
        >>> linearity("relu").adding[0].say()
        'x = 1, y = −1: f(x + y) = f(0) = 0, but f(x) + f(y) = 1 + 0 = 1'
        >>> import numpy as np
        >>> linearity(lambda v: v @ np.array([[1.0], [2.0]]), size=2).is_linear  # a dense layer without bias
        True
    """
    name, apply = _function(function)
    if size is None and name == "softmax" and isinstance(function, str):
        size = 3
    if size is not None and size < 1:
        raise SettingError(
            "explain-linearity-size",
            what=text("Searching for counterexamples"),
            expected=text("`{name}` of at least 1", name="size"),
            received=text("{value}", value=size),
            fix=text("Give the length of the vectors that the function takes."),
        )
    inputs = _inputs(size)
    with np.errstate(all="ignore"):
        at_zero = apply(np.zeros_like(inputs[0]))

    def lifted(x: np.ndarray) -> np.ndarray:
        return np.asarray(apply(x) - at_zero)

    equations, moved = _equations(apply, inputs), _equations(lifted, inputs)
    failed = [one for one in equations if _fails(one)]
    return Linearity(
        name,
        scaling=tuple(one for one in failed if one.kind == "scaling"),
        adding=tuple(one for one in failed if one.kind == "adding"),
        n_tried=len(equations),
        at_zero=at_zero,
        is_affine=bool(moved) and not any(_fails(one, offset=at_zero) for one in moved),
        proof=RELU_PROOF if name == "relu" else (),
    )


def _function(function: Any) -> tuple[str, Callable[[np.ndarray], np.ndarray]]:
    """Name, and the function from array to array; functions of numbers get a plain number, so that `if` works there."""
    if callable(function):
        name = getattr(function, "__name__", type(function).__name__)
        shown = "f" if name == "<lambda>" else name
        return shown, lambda x: np.asarray(function(float(x) if x.ndim == 0 else x), np.float64)
    if function == "softmax":
        return "softmax", lambda x: Softmax().forward(x)[0]
    if function in CURVES:
        curve = CURVES[function].function
        return function, lambda x: np.asarray(curve(np.atleast_1d(x)), np.float64).reshape(x.shape)
    names = [*CURVES, "softmax"]
    raise SettingError(
        "explain-linearity-function",
        what=text("Searching for counterexamples"),
        expected=text("a function, or the name of an activation function"),
        received=text("`{name}`", name=function),
        fix=did_you_mean(str(function), names),
    )


def _inputs(size: int | None) -> list[np.ndarray]:
    """The grid: numbers, or vectors that hold them in turn."""
    if size is None:
        return [np.asarray(value) for value in NUMBERS]
    steps = range(len(NUMBERS))
    return [np.array([NUMBERS[(start + 3 * i) % len(NUMBERS)] for i in range(size)]) for start in steps]


def _equations(apply: Callable[[np.ndarray], np.ndarray], inputs: Sequence[np.ndarray]) -> list[Equation]:
    """All that are tried; those where the function has no finite value are left out."""
    found = []
    with np.errstate(all="ignore"):
        for a in FACTORS:
            for x in inputs:
                of_x, left = apply(x), apply(np.asarray(a * x))
                found.append(Equation("scaling", a, x, None, of_x, None, left, np.asarray(a * of_x)))
        for i, x in enumerate(inputs):
            for y in [*inputs[i + 1 :], x]:  # x + x last: two different numbers say more
                of_x, of_y, left = apply(x), apply(y), apply(np.asarray(x + y))
                found.append(Equation("adding", None, x, y, of_x, of_y, left, np.asarray(of_x + of_y)))
    return [one for one in found if np.isfinite(one.left).all() and np.isfinite(one.right).all()]


def _fails(equation: Equation, *, offset: Any = 0.0) -> bool:
    """Whether the sides differ by more than rounding can, given the size of what they were made of."""
    parts = [equation.left, equation.right, equation.of_x, np.asarray(offset)]
    parts += [] if equation.of_y is None else [equation.of_y]
    scale = max(float(np.abs(part).max()) for part in parts)
    return equation.gap > TOLERANCE * scale


def _written(value: Any, *, in_product: bool = False) -> str:
    """A number, or a vector in brackets."""
    if np.ndim(value) == 0:
        return number(float(value), in_product=in_product)
    return f"[{', '.join(number(float(one)) for one in np.ravel(value))}]"
