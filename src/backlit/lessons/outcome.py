"""Runs a lesson: knobs and a seed in, an Outcome out, which pages and exercises read.

    outcome = run_lesson(find_lesson(7))     in a notebook it shows itself
    outcome.page("zh"), outcome.report("lesson-07.html")

Not for what a lesson measures (see its `lesson.py`) nor for showing it (see `page.py`).
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from backlit.errors import LessonError
from backlit.language import Words, text, verbatim
from backlit.lessons.kind import Claim, Knob, Lesson, Value
from backlit.views.chart import Chart
from backlit.views.moving import Moving

if TYPE_CHECKING:  # Plotly is imported when a page is shown
    from backlit.lessons.notebook import LessonPage

SEED = Knob("seed", Words(en="seed", zh="随机种子"), 0, low=0, high=2**31 - 1)


@dataclass(frozen=True)
class Judgement:
    """A claim beside its number.

    Attributes:
        claim: What was claimed.
        value: The measured number.
        holds: Whether it is on the right side of the limit.
    """

    claim: Claim
    value: float
    holds: bool


@dataclass(frozen=True)
class Outcome:
    """A lesson after running.

    Attributes:
        lesson: Which.
        knobs: Every knob's value.
        seed: What the experiment drew its randomness from.
        result: What `measure` returned.
        wall_s: Seconds it took, compilation included.
    """

    lesson: Lesson
    knobs: Mapping[str, Value]
    seed: int
    result: Any
    wall_s: float

    @cached_property
    def judgements(self) -> tuple[Judgement, ...]:
        """Every claim with its number."""
        return tuple(
            Judgement(claim, float(claim.value(self.result)), claim.holds(self.result)) for claim in self.lesson.claims
        )

    @cached_property
    def charts(self) -> dict[str, Chart | Moving]:
        """Figures by name."""
        return {chart.name: chart for chart in self.lesson.charts(self.result)}

    @property
    def right_guess(self) -> str:
        """The letter of the option that the result shows to be right."""
        return self.lesson.guess.answer(self.result)

    def check_answer(self, number: int, given: float) -> bool:
        """Whether the answer to an exercise is right.

        Args:
            number: Of the exercise, from 1.
            given: The answer.

        Returns:
            True within the exercise's tolerance.
        """
        return self.lesson.exercises[number - 1].is_right(self.result, given)

    def page(self, language: str | None = None) -> "LessonPage":
        """The lesson's page for a notebook, which shows it below the cell.

        Args:
            language: `en` or `zh`; None takes that of the process.

        Returns:
            The page.

        Raises:
            SettingError: If there is no such language.
        """
        from backlit.lessons.notebook import LessonPage
        from backlit.views.asked import asked_language

        return LessonPage(self, asked_language(language))

    def _ipython_display_(self) -> None:
        """Shows the lesson in a notebook, in the language of the process."""
        self.page()._ipython_display_()

    def report(self, path: str | Path, *, language: str | None = None, theme: str = "auto") -> Path:
        """Writes the lesson's page: one file that opens anywhere and loads nothing.

        Args:
            path: Where to; ends in `.html`. A file of that name is replaced.
            language: `en` or `zh`, shown first (the page has both); None takes that of the process.
            theme: `light`, `dark`, or `auto` for that of the reader's system.

        Returns:
            The path.

        Raises:
            SettingError: If the path does not end in `.html`, its folder is missing, or there is no such language.
        """
        from backlit.lessons.report import lesson_page
        from backlit.views.asked import asked_language, asked_theme
        from backlit.views.saving import require_page_path, write_page

        what = text("Writing the page of lesson {number}", number=self.lesson.number)
        path = require_page_path(path, what=what)
        page = lesson_page(self, language=asked_language(language), theme=asked_theme(theme, may_be_auto=True))
        return write_page(page, path, what=what)


def run_lesson(lesson: Lesson, *, knobs: Mapping[str, Value] | None = None, seed: int = 0) -> Outcome:
    """Runs a lesson's experiment.

    Args:
        lesson: Which.
        knobs: Knobs that are turned, by name.
        seed: What the experiment draws its randomness from; at least 0.

    Returns:
        The outcome.

    Raises:
        LessonError: If a knob or the seed is wrong.
    """
    SEED.read(seed)
    settings = lesson.settings(knobs)
    started = time.perf_counter()
    result = lesson.measure(seed=seed, **settings)
    return Outcome(lesson, settings, seed, result, time.perf_counter() - started)


def read_answers(lesson: Lesson, written: list[str]) -> dict[int, float]:
    """Answers to exercises as written on the command line.

    Args:
        lesson: Whose exercises.
        written: Each as `2=0.35`.

    Returns:
        Number of the exercise to answer.

    Raises:
        LessonError: If one cannot be read, or there is no such exercise.
    """
    answers = {}
    for one in written:
        number, _, value = one.partition("=")
        try:
            answers[int(number)] = float(value)
        except ValueError:
            answers[0] = 0.0
        if not set(answers) <= set(range(1, len(lesson.exercises) + 1)):
            raise LessonError(
                "answer-form",
                what=text("Reading the answer to an exercise"),
                expected=text("`number=answer` with a number from 1 to {last}", last=len(lesson.exercises)),
                received=verbatim(f"`{one}`"),
                fix=text("Write for example `--answer 2=0.35`."),
            )
    return answers
