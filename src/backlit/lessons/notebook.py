"""A lesson in Jupyter: prose as HTML, and each figure in the form that the notebook draws best.

    from backlit.lessons import find_lesson, run_lesson
    run_lesson(find_lesson(20))               shown below the cell, in the language of the process
    run_lesson(find_lesson(20)).page("zh")    in Chinese

In a terminal's IPython the same parts are shown as text. Not for files: see `report.py`.
"""

import re
from dataclasses import dataclass
from html import unescape

from backlit.language import Language
from backlit.lessons.outcome import Outcome
from backlit.lessons.report import lesson_parts, lesson_style, title_of
from backlit.lessons.typeset import Formulas
from backlit.views.notebook import display_figures
from backlit.views.page import escaped, page_text
from backlit.views.theme import Theme

_SHEET = re.compile(r"<style>.*?</style>|<svg width=\"0\".*?</svg>", re.DOTALL)
_FORMULA = re.compile(r"<svg [^>]*aria-label=\"([^\"]*)\".*?</svg>", re.DOTALL)
_TAG = re.compile(r"<[^>]+>")


@dataclass(frozen=True)
class LessonPage:
    """A lesson's page, to be shown by a notebook.

    Attributes:
        outcome: The lesson after running.
        language: Of the page.
        theme: For a light or a dark ground.
    """

    outcome: Outcome
    language: Language
    theme: Theme = "light"

    def _ipython_display_(self) -> None:
        """Shows the page below the cell."""
        display_lesson(self.outcome, language=self.language, theme=self.theme)


def display_lesson(outcome: Outcome, *, language: Language, theme: Theme = "light") -> None:
    """Shows a lesson below the cell.

    Args:
        outcome: The lesson after running.
        language: Of the page.
        theme: For a light or a dark ground.
    """
    from IPython.display import display

    formulas = Formulas()
    title = f"<h1>{escaped(title_of(outcome.lesson).say(language))}</h1>"
    text = [title]

    def show_text() -> None:
        html = "".join(text)
        if html:
            whole = _framed(formulas.glyphs(html) + html, language, theme)
            display({"text/html": whole, "text/plain": _plain(html)}, raw=True)
        text.clear()

    for part in lesson_parts(outcome, formulas, languages=(language,)):
        if isinstance(part, str):
            text.append(part)
        else:
            show_text()
            display_figures((part,), language=language, theme=theme)
    show_text()


def _framed(inner: str, language: Language, theme: Theme) -> str:
    """HTML with our style, which holds only inside it."""
    return (
        f"<style>{page_text('page.css')}{lesson_style()}</style>"
        f'<div class="backlit" data-language="{language}" data-theme="{theme}">{inner}</div>'
    )


def _plain(html: str) -> str:
    """What is left where HTML cannot be shown."""
    words = _TAG.sub("", _FORMULA.sub(r"\1", _SHEET.sub("", html)))
    return unescape(re.sub(r"\n{3,}", "\n\n", words)).strip()
