"""The page of a lesson: Markdown whose numbers come from the outcome, and how a terminal shows it.

A page is `zh.md` or `en.md` beside `lesson.py`, with sections marked `## Heading {#anchor}`. In it

    {{ loss_after:.3f }}        an attribute of the result; also `{{ losses[0]:.3f }}`
    {{ knob.rate:g }}           a knob; the only kind allowed under {#guess}, because it is known before running
    {{ claim[falls].limit:g }}  the limit of a claim
    $…$ and $$…$$               formulas in LaTeX
    ![caption](chart:surface)   a chart of the lesson, or a moving figure
    [words](lesson:9)           a link to another lesson

so that no number of the prose is typed in. Not for what is measured (see `kind.py`).
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from string import Formatter
from typing import TYPE_CHECKING, Any, Literal

from backlit.formula import readable
from backlit.language import Language, text
from backlit.lessons.chinese import reflowed, wrapped
from backlit.lessons.kind import Lesson, Value
from backlit.lessons.outcome import Outcome
from backlit.views.chart import Chart
from backlit.views.chart_terminal import draw_chart
from backlit.views.moving import Moving

if TYPE_CHECKING:
    from rich.console import Console

BLANK = "▢"
PLACEHOLDER = re.compile(r"\{\{\s*([^{}:\s]+)\s*(?::([^{}\s]*))?\s*\}\}")
HEADING = re.compile(r"^(#{1,4}) +(.*?)(?: +\{#([a-z0-9-]+)\})?$", re.MULTILINE)
CHART = re.compile(r"^!\[([^\]]*)\]\(chart:([a-z0-9-]+)\)$", re.MULTILINE)
LESSON_LINK = re.compile(r"\[([^\]]*)\]\(lesson:(\d+)\)")
BLOCK_FORMULA = re.compile(r"\$\$(.+?)\$\$", re.DOTALL)
INLINE_FORMULA = re.compile(r"(?<![\\$])\$([^$\n]+?)\$")
CODE_BLOCK = re.compile(r"^```[^\n]*\n.*?^```$", re.MULTILINE | re.DOTALL)
MOST_COLUMNS = 100
REQUIRED_ANCHORS = ("guess", "experiment", "arithmetic", "claims", "exercises", "further")


@dataclass(frozen=True)
class Section:
    """A part of a page, from one heading to the next.

    Attributes:
        level: Number of `#`.
        title: The heading.
        anchor: What links call it, or "".
        body: Everything below the heading.
    """

    level: int
    title: str
    anchor: str
    body: str


def sections(source: str) -> tuple[Section, ...]:
    """Splits a page at its headings; headings inside code do not count.

    Args:
        source: Markdown.

    Returns:
        The sections in order; text before the first heading is left out.
    """
    hidden = CODE_BLOCK.sub(lambda found: found[0].replace("#", "\0"), source)
    marks = list(HEADING.finditer(hidden))
    ends = [mark.start() for mark in marks[1:]] + [len(source)]
    return tuple(
        Section(len(mark[1]), mark[2], mark[3] or "", source[mark.end() : end].strip("\n"))
        for mark, end in zip(marks, ends, strict=True)
    )


def placeholders(source: str) -> tuple[tuple[str, str], ...]:
    """Every placeholder of a page, in order: expression and format."""
    return tuple((found[1], found[2] or "") for found in PLACEHOLDER.finditer(source))


def fill(source: str, *, lesson: Lesson, knobs: Mapping[str, Value], outcome: Outcome | None = None) -> str:
    """Puts numbers into a page.

    Args:
        source: Markdown with placeholders.
        lesson: Whose page.
        knobs: Every knob's value.
        outcome: What was measured; None leaves a blank box for everything that is not known before running.

    Returns:
        Markdown without placeholders.
    """
    known = {"knob": _Names(knobs), "claim": {claim.name: claim for claim in lesson.claims}}

    def number(found: re.Match[str]) -> str:
        name = re.split(r"[.\[]", found[1])[0]
        if name not in known and outcome is None:
            return BLANK
        values = known if name in known else {name: getattr(outcome.result, name)}  # pyright: ignore[reportOptionalMemberAccess]  checked above
        value, _ = Formatter().get_field(found[1], (), values)
        return format(value, found[2] or "")

    return PLACEHOLDER.sub(number, source)


def show_page(
    console: "Console",
    source: str,
    *,
    lesson: Lesson,
    language: Language,
    knobs: Mapping[str, Value],
    outcome: Outcome | None = None,
    part: Literal["all", "before", "after"] = "all",
) -> None:
    """Prints a page to a terminal.

    Args:
        console: Where to.
        source: The page as written.
        lesson: Whose page.
        language: Of the page.
        knobs: Every knob's value.
        outcome: What was measured, or None before running.
        part: What stands `before` running (up to the guess), what comes `after`, or all.
    """
    everything = sections(source)
    cut = [section.anchor for section in everything].index("guess") + 1
    chosen = {"all": everything, "before": everything[:cut], "after": everything[cut:]}[part]
    width = min(console.width, MOST_COLUMNS)
    for section in chosen:
        console.print(_markdown(f"{'#' * section.level} {section.title}"), width=width)
        body = fill(section.body, lesson=lesson, knobs=knobs, outcome=outcome)
        for piece in _parts(body, outcome):
            if isinstance(piece, Chart | Moving):
                console.print()
                drawn = _drawn(piece, language, width)
                console.print(drawn, markup=False, highlight=False, soft_wrap=True)
                console.print()
            else:
                console.print(_markdown(for_terminal(piece, language, columns=width)), width=width)
        if section.anchor == "claims" and outcome is not None:
            console.print()
            console.print(_claims_table(outcome, language), width=width)
        console.print()


def _drawn(figure: Chart | Moving, language: Language, width: int) -> str:
    """A chart as lines of text; of a moving figure, what it says in words."""
    if isinstance(figure, Chart):
        return draw_chart(figure, language=language, width=width)
    return wrapped(f"▦ {figure.alternative.say(language)}", columns=width).replace("\\\n", "\n")


def for_terminal(source: str, language: Language, *, columns: int = 80) -> str:
    """Markdown that a terminal can show: formulas as text, links as words, Chinese broken between its signs.

    Args:
        source: Markdown, placeholders filled.
        language: Of the page.
        columns: Width of the terminal.

    Returns:
        Markdown.
    """
    source = BLOCK_FORMULA.sub(lambda found: f"```text\n{readable(found[1])}\n```", source)
    pieces = re.split(f"({CODE_BLOCK.pattern})", source, flags=re.MULTILINE | re.DOTALL)
    return "".join(
        piece if piece.startswith("```") else _prose_for_terminal(piece, language, columns) for piece in pieces
    )


def _prose_for_terminal(source: str, language: Language, columns: int) -> str:
    source = INLINE_FORMULA.sub(lambda found: f"`{readable(found[1])}`", source)
    source = LESSON_LINK.sub(lambda found: f"*{found[1]}*", source)
    return reflowed(source, columns=columns) if language == "zh" else source


def _parts(body: str, outcome: Outcome | None) -> Iterator[Any]:
    """Markdown and figures in turn; before running, a figure is its caption."""
    place = 0
    for found in CHART.finditer(body):
        if body[place : found.start()].strip():
            yield body[place : found.start()]
        yield outcome.charts[found[2]] if outcome is not None else f"*{BLANK} {found[1]}*"
        place = found.end()
    if body[place:].strip():
        yield body[place:]


def _claims_table(outcome: Outcome, language: Language) -> Any:
    from rich.table import Table

    table = Table(box=None, pad_edge=False, show_edge=False)
    for heading in (text("Claim"), text("Measured"), text("Limit"), text("Holds"), text("Break it")):
        table.add_column(heading.say(language), overflow="fold")
    for one in outcome.judgements:
        broken = " ".join(f"--set {name}={value}" for name, value in one.claim.null.items())
        table.add_row(
            f"{one.claim.words.say(language)}\n[dim]{one.claim.quantity.say(language)}[/dim]",
            f"{one.value:.3g}",
            f"{one.claim.sign} {one.claim.limit:g}",
            (text("yes") if one.holds else text("NO")).say(language),
            f"[dim]{broken}[/dim]",
        )
    return table


def _markdown(source: str) -> Any:
    from rich.markdown import Markdown

    return Markdown(source)


class _Names:
    """Names as attributes, for placeholders such as `knob.rate`."""

    def __init__(self, values: Mapping[str, Value]) -> None:
        self.__dict__.update(values)
