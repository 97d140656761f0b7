"""What a lesson is: prose in two languages, and an experiment whose numbers fill the prose and are judged by claims.

    knobs + seed  ──measure──▶  result  ──▶  the numbers in the prose, charts, claims, the guess, the exercises

`measure` is a function of the lesson's knobs and a seed. It returns the lesson's own frozen dataclass, the *result*;
every other part is a function of the result, so that a learner who turns a knob sees the whole page change.

A claim is one number and a limit. Its *null variant* is a setting of knobs that takes the mechanism away (rate zero,
sign turned, targets shuffled): there the same number must lie on the wrong side of the same limit. So every claim can
be broken by the learner, too.

    >>> claim = Claim(
    ...     "loss-falls",
    ...     words=Words(en="Training lowers the loss.", zh="训练使损失下降。"),
    ...     quantity=Words(en="loss after / before", zh="训练后损失 / 训练前损失"),
    ...     value=lambda result: result["after"] / result["before"],
    ...     below=0.5,
    ...     null={"rate": 0.0},
    ... )
    >>> claim.holds({"before": 2.0, "after": 0.4}), claim.holds({"before": 2.0, "after": 2.0})
    (True, False)

The prose itself stands in `zh.md` and `en.md` beside `lesson.py`; see `page.py`.
Not for running (see `outcome.py`) nor for finding lessons (see `registry.py`).
"""

import inspect
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from backlit.errors import LessonError, did_you_mean
from backlit.language import Words, text, verbatim
from backlit.views.chart import Chart
from backlit.views.moving import Moving

Value = bool | int | float | str


@dataclass(frozen=True)
class Knob:
    """One setting of a lesson that a learner may turn: `--set rate=0.1`.

    Attributes:
        name: The argument of `measure` that it sets.
        words: What it is, in a few words.
        default: Its value unless turned; its type is the knob's type.
        choices: What it may be, or empty.
        low: Smallest number allowed.
        high: Largest number allowed.
    """

    name: str
    words: Words
    default: Value
    choices: tuple[str, ...] = ()
    low: int | float = -math.inf
    high: int | float = math.inf

    def read(self, written: Value) -> Value:
        """The knob's value from what a learner wrote.

        Args:
            written: Text from the command line, or a value.

        Returns:
            A value of the type of the default.

        Raises:
            LessonError: If it cannot be read, or lies outside what is allowed.
        """
        value = self._converted(written)
        is_known = not self.choices or value in self.choices
        is_inside = not isinstance(value, int | float) or self.low <= value <= self.high
        if value is None or not is_known or not is_inside:
            raise LessonError(
                "knob-value",
                what=text("Setting the knob `{name}`", name=self.name),
                expected=self._expected(),
                received=text("`{value}`", value=written),
                fix=did_you_mean(str(written), self.choices)
                if self.choices
                else text("Write for example `{name}={default}`.", name=self.name, default=self.default),
            )
        return value

    def reach(self) -> str:
        """What it may be, in signs that every language reads.

        Returns:
            For example `0 … 0.5`, `on | off`, `≥ 1`.
        """
        if self.choices or isinstance(self.default, bool):
            return " | ".join(self.choices or ("true", "false"))
        if math.isinf(self.high):
            return "" if math.isinf(self.low) else f"≥ {self.low:g}"
        return f"≤ {self.high:g}" if math.isinf(self.low) else f"{self.low:g} … {self.high:g}"

    def _converted(self, written: Value) -> Value | None:
        if isinstance(self.default, bool):
            return {"true": True, "yes": True, "false": False, "no": False}.get(str(written).lower())
        if isinstance(self.default, str):
            return str(written)
        try:
            number = float(written)
        except ValueError:
            return None
        if isinstance(self.default, int):
            return int(number) if number.is_integer() else None
        return number if math.isfinite(number) else None

    def _expected(self) -> Any:
        if self.choices:
            return text("one of its choices")
        if isinstance(self.default, bool):
            return text("`true` or `false`")
        if isinstance(self.default, int):
            return text("a whole number from {low} to {high}", low=self.low, high=self.high)
        return text("a number from {low} to {high}", low=self.low, high=self.high)


@dataclass(frozen=True)
class Claim:
    """What must be seen to hold: a number of the result on one side of a limit.

    Attributes:
        name: A kebab-case name, as prose and tests call it.
        words: The claim, in one sentence.
        quantity: What the number is, with its unit if it has one.
        value: The number, from the result.
        null: Knobs that take the mechanism away; there the claim must fail.
        below: The number must be smaller than this; or
        above: the number must be larger than this. Exactly one of the two; it holds the margin.
    """

    name: str
    words: Words
    quantity: Words
    value: Callable[[Any], float]
    null: Mapping[str, Value]
    below: int | float | None = None
    above: int | float | None = None

    def __post_init__(self) -> None:
        """A claim without a limit, or with two, is our own mistake."""
        assert (self.below is None) != (self.above is None), f"bug in backlit: claim {self.name} needs one limit"

    @property
    def limit(self) -> int | float:
        """What the number is compared with."""
        return self.below if self.below is not None else self.above  # pyright: ignore[reportReturnType]  one is set

    @property
    def sign(self) -> str:
        """`<` or `>`."""
        return "<" if self.below is not None else ">"

    def holds(self, result: Any) -> bool:
        """Whether the claim holds for a result; a number that is not finite never does.

        Args:
            result: What `measure` returned.

        Returns:
            True if the number is on the right side of the limit.
        """
        value = float(self.value(result))
        if not math.isfinite(value):
            return False
        return value < self.limit if self.below is not None else value > self.limit


@dataclass(frozen=True)
class Guess:
    """The question before running: its text and lettered options stand in the prose under `{#guess}`.

    Attributes:
        options: The letters, one for each option of the prose.
        answer: The letter that the result shows to be right.
    """

    options: str
    answer: Callable[[Any], str]

    def read(self, written: str) -> str:
        """The letter that a learner chose.

        Args:
            written: What was typed.

        Returns:
            One of the options.

        Raises:
            LessonError: If it is none of them.
        """
        letter = written.strip().upper()
        if len(letter) != 1 or letter not in self.options:
            raise LessonError(
                "guess-option",
                what=text("Reading the guess"),
                expected=text("one letter of {options}", options=", ".join(self.options)),
                received=text("`{value}`", value=written),
                fix=text("Write for example `--guess {letter}`.", letter=self.options[0]),
            )
        return letter


@dataclass(frozen=True)
class Exercise:
    """An exercise with a number for an answer: its text is an item of the prose's list under `{#exercises}`.

    Attributes:
        answer: The right number, from the result, so that it fits the learner's own knobs.
        tolerance: How far an answer may be off, as a share of the right one (of 1 where that is smaller than 1e-9).
        spec: How the right answer is shown.
    """

    answer: Callable[[Any], float]
    tolerance: int | float = 0.02
    spec: str = ".4g"

    def is_right(self, result: Any, given: int | float) -> bool:
        """Whether an answer is right.

        Args:
            result: What `measure` returned.
            given: The learner's answer.

        Returns:
            True within the tolerance.
        """
        right = float(self.answer(result))
        scale = abs(right) if abs(right) > 1e-9 else 1.0
        return abs(given - right) <= self.tolerance * scale + 1e-12


@dataclass(frozen=True)
class Lesson:
    """One lesson, without its prose.

    Attributes:
        number: From 1 to 36, as in its folder's name.
        title: Its name.
        measure: The experiment: `measure(*, seed, <knobs>)` returns the result, a frozen dataclass.
        charts: The figures of a result: at least two, each shown in the prose by `![…](chart:name)`.
        guess: The question before running.
        knobs: What can be turned; the arguments of `measure` except the seed.
        claims: What must be seen to hold; at least two.
        exercises: Three or more, in the order of the prose.
        lessons: Numbers of the lessons to go to from here.
        findings: Codes of the doctor's findings that this lesson explains.
        sources: Keys of `sources.py`.
        quick: Knobs that make a run of a second, for tests; all claims hold there, too.
    """

    number: int
    title: Words
    measure: Callable[..., Any]
    charts: Callable[[Any], tuple[Chart | Moving, ...]]
    guess: Guess
    knobs: tuple[Knob, ...]
    claims: tuple[Claim, ...]
    exercises: tuple[Exercise, ...]
    lessons: tuple[int, ...] = ()
    findings: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    quick: Mapping[str, Value] | None = None

    def __post_init__(self) -> None:
        """Knobs that are not the arguments of `measure` are our own mistake."""
        wanted = set(inspect.signature(self.measure).parameters) - {"seed"}
        have = {knob.name for knob in self.knobs}
        assert wanted == have, f"bug in backlit: lesson {self.number} measures by {wanted}, has knobs {have}"

    def settings(self, turned: Mapping[str, Value] | None = None) -> dict[str, Value]:
        """Every knob's value.

        Args:
            turned: Knobs by name that are not at their default, as text or as values.

        Returns:
            Name to value.

        Raises:
            LessonError: If there is no such knob, or it cannot have this value.
        """
        by_name = {knob.name: knob for knob in self.knobs}
        for name in turned or {}:
            if name not in by_name:
                raise LessonError(
                    "knob-unknown",
                    what=text("Setting the knobs of lesson {number}", number=self.number),
                    expected=text("one of its knobs"),
                    received=verbatim(f"`{name}`"),
                    fix=did_you_mean(name, by_name),
                )
        values = {name: knob.default for name, knob in by_name.items()}
        return values | {name: by_name[name].read(value) for name, value in (turned or {}).items()}

    def claim(self, name: str) -> Claim:
        """The claim of a name; a name that is not there is our own mistake."""
        return next(claim for claim in self.claims if claim.name == name)
