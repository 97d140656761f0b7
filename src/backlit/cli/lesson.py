"""`backlit lessons` and `backlit lesson N`: read a lesson, guess, run it, turn its knobs, answer its exercises."""

import sys
from typing import Annotated, Any

import typer

from backlit.language import Language, language, listed, say, text

Number = Annotated[str, typer.Argument(metavar="N", help=str(text("Number of the lesson: 7 or 07.")))]
Run = Annotated[bool, typer.Option("--run", help=str(text("Run its experiment and fill in the numbers.")))]
GuessOption = Annotated[
    str | None, typer.Option("--guess", metavar="LETTER", help=str(text("Your answer to the question before running.")))
]
Set = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="KNOB=VALUE", help=str(text("Turn a knob of the experiment; may be repeated."))),
]
Seed = Annotated[str, typer.Option(metavar="N", help=str(text("What the experiment draws its randomness from.")))]
Answer = Annotated[
    list[str] | None,
    typer.Option(metavar="I=ANSWER", help=str(text("Check the answer to exercise I, as 2=0.35; may be repeated."))),
]
Solutions = Annotated[bool, typer.Option("--solutions", help=str(text("Show the answers to the exercises.")))]
Both = Annotated[bool, typer.Option("--both", help=str(text("Show the page in both languages, run once.")))]
Report = Annotated[
    str | None,
    typer.Option(
        "--report",
        metavar="FILE",
        help=str(text("Run it and write its page, in both languages and with all figures, to an HTML file.")),
    ),
]


def register(app: typer.Typer) -> None:
    """Adds the commands.

    Args:
        app: The command line.
    """
    app.command("lessons", help=str(text("List the lessons.")))(show_lessons)
    app.command("lesson", help=str(text("Read a lesson, run its experiment, turn its knobs, answer its exercises.")))(
        show_lesson
    )


def show_lessons() -> int:
    """Prints number and name of every lesson.

    Returns:
        The exit code.
    """
    from rich.console import Console
    from rich.table import Table

    from backlit.lessons import lessons

    console = Console()
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), show_header=False)
    for lesson in lessons():
        table.add_row(f"{lesson.number:>2}", lesson.title.say(language()))
    console.print(table)
    console.print(say(text("Read one: `backlit lesson 9`. Run it: `backlit lesson 9 --run`.")), highlight=False)
    return 0


def show_lesson(
    number: Number,
    run: Run = False,
    guess: GuessOption = None,
    set_: Set = None,
    seed: Seed = "0",
    answer: Answer = None,
    solutions: Solutions = False,
    both: Both = False,
    report: Report = None,
) -> int:
    """Shows a lesson; runs it if it is asked to, or if something needs its numbers.

    Args:
        number: Of the lesson.
        run: Whether to run the experiment.
        guess: The learner's letter; asked for on a terminal if it is missing.
        set_: Knobs, each as `name=value`.
        seed: Of the experiment.
        answer: Answers to check, each as `number=answer`.
        solutions: Whether to show the right answers.
        both: Whether to show the page in both languages.
        report: Where to write the page as HTML, or None.

    Returns:
        The exit code.
    """
    from rich.console import Console

    from backlit.cli import _values
    from backlit.lessons import find_lesson, run_lesson
    from backlit.lessons.outcome import SEED, read_answers
    from backlit.lessons.page import show_page
    from backlit.lessons.registry import read_prose
    from backlit.views.saving import require_page_path

    console = Console()
    lesson = find_lesson(number)
    turned = dict(_values.named("--set", one) for one in set_ or [])
    knobs = lesson.settings(turned)
    answers = read_answers(lesson, answer or [])
    letter = lesson.guess.read(guess) if guess is not None else None
    drawn_from = int(SEED.read(seed))
    what = text("Writing the page of lesson {number}", number=lesson.number)
    page_path = require_page_path(report, what=what) if report is not None else None
    languages: tuple[Language, ...] = ("zh", "en") if both else (language(),)

    def show(spoken: Language, outcome: Any, part: Any = "all") -> None:
        page = read_prose(lesson.number, spoken)
        show_page(console, page, lesson=lesson, language=spoken, knobs=knobs, outcome=outcome, part=part)

    if not (run or answers or solutions or turned or letter or page_path):
        for spoken in languages:
            show(spoken, None)
        _tell_knobs(console, lesson, knobs)
        command = f"backlit lesson {lesson.number} --run"
        console.print(say(text("Make your guess, then run it: `{command}`", command=command)), highlight=False)
        return 0

    reads_page = not (answers or solutions or (page_path and not run))
    if reads_page and letter is None and sys.stdin.isatty() and sys.stdout.isatty():
        show(languages[0], None, "before")
        letter = _ask(lesson)
        part = "after"
    else:
        part = "all"
    outcome = run_lesson(lesson, knobs=turned, seed=drawn_from)
    if reads_page:
        _tell_guess(console, outcome, letter)
        for i, spoken in enumerate(languages):
            show(spoken, outcome, part if i == 0 else "all")
        _tell_knobs(console, lesson, knobs)
        _tell_next(console, outcome)
    elif letter is not None:
        _tell_guess(console, outcome, letter)
    _tell_answers(console, outcome, answers, solutions=solutions)
    if page_path is not None:
        outcome.report(page_path)
        words = text("The page of lesson {number} is in `{path}`.", number=lesson.number, path=page_path)
        console.print(say(words), highlight=False, soft_wrap=True)
    return 0


def _ask(lesson: Any) -> str:
    """Asks until one of the letters is typed."""
    from backlit.errors import LessonError

    while True:
        try:
            return lesson.guess.read(typer.prompt(say(text("Your guess"))))
        except LessonError as error:
            typer.echo(error.say(language()))


def _tell_guess(console: Any, outcome: Any, letter: str | None) -> None:
    if letter is None:
        words = text("No guess was made; it was {right}.", right=outcome.right_guess)
    elif letter == outcome.right_guess:
        words = text("You guessed {letter}: right.", letter=letter)
    else:
        words = text("You guessed {letter}; it is {right}. See why.", letter=letter, right=outcome.right_guess)
    console.print(say(words), style="bold", highlight=False)
    console.print()


def _tell_knobs(console: Any, lesson: Any, knobs: Any) -> None:
    from rich.table import Table

    console.print(say(text("Knobs of this lesson (`--set NAME=VALUE`):")), style="bold", highlight=False)
    table = Table.grid(padding=(0, 2, 0, 0))
    for knob in lesson.knobs:
        choices = " | ".join(knob.choices)
        table.add_row(f"  {knob.name}={knobs[knob.name]}", knob.words.say(language()), choices)
    console.print(table)
    console.print()


def _tell_next(console: Any, outcome: Any) -> None:
    from backlit.sources import cite

    lesson = outcome.lesson
    if lesson.findings:
        console.print(say(text("The doctor's findings about this: {codes}.", codes=listed(lesson.findings))))
    console.print(say(text("Sources:")), style="bold")
    for key in lesson.sources:
        console.print(f"  {cite(key)}", highlight=False)
    console.print()
    example = f"backlit lesson {lesson.number} --answer 1=…"
    console.print(say(text("Took {wall:.1f} s.", wall=outcome.wall_s)), highlight=False)
    console.print(say(text("Check an answer with the same knobs: `{command}`", command=example)), highlight=False)


def _tell_answers(console: Any, outcome: Any, answers: dict[int, float], *, solutions: bool) -> None:
    for number, given in sorted(answers.items()):
        if outcome.check_answer(number, given):
            words = text("Exercise {number}: right.", number=number)
        else:
            words = text("Exercise {number}: {given:g} is not it yet.", number=number, given=given)
        console.print(say(words), highlight=False)
    if solutions:
        for number, exercise in enumerate(outcome.lesson.exercises, 1):
            right = format(exercise.answer(outcome.result), exercise.spec)
            console.print(say(text("Exercise {number}: {right}", number=number, right=right)), highlight=False)
