"""Figures in Jupyter, and in what nbconvert makes of a notebook.

    charts          Plotly's own MIME type, which JupyterLab and VS Code draw; beside it HTML for nbconvert, whose page
                    gets Plotly's script from the first chart of the kernel
    moving figures  an anywidget where that is installed, which can be changed from Python; beside it a frame that
                    holds all it needs, for nbconvert and for Jupyter without anywidget
    cards           HTML

Nothing is loaded from anywhere. A page of nbconvert shows the HTML if it is told to: widgets and MathJax of its own
templates come from the network (`tests/views/test_example_notebook.py` has the settings).

Not for what is shown (see `shown.py`).
"""

import json
import sys
from collections.abc import Mapping, Sequence
from html import escape
from importlib.util import find_spec
from itertools import count
from typing import Any

from backlit.language import Language, Words
from backlit.measure.subject import AbstractSubject
from backlit.views.cards import Cards
from backlit.views.chart import Chart
from backlit.views.chart_figure import describe, draw_figure
from backlit.views.kind import Figure
from backlit.views.moving import Moving
from backlit.views.page import Block, cards_html, escaped, figure_block, make_page, page_text, said, table_html
from backlit.views.page.drawn import chart_height
from backlit.views.page.parts import plotly_script
from backlit.views.reading import read_view
from backlit.views.registry import find_view
from backlit.views.report_parts import population_html
from backlit.views.settings import settings_of
from backlit.views.shown import Shown, figure_text
from backlit.views.theme import Theme

PLOTLY = "application/vnd.plotly.v1+json"
WIDGET = "application/vnd.jupyter.widget-view+json"
FRAME_HEIGHT = 420  # pixels, until the page in it has said how high it is

_numbers = count()


def show_view(subject: AbstractSubject, name: str, *, language: Language, theme: Theme = "light") -> Shown:
    """A view of a run, ready to be shown anywhere.

    Args:
        subject: The run.
        name: Of the view.
        language: Of what is written.
        theme: For a light or a dark ground.

    Returns:
        The figures.

    Raises:
        SettingError: If there is no such view, or it does not apply to this run.
    """
    view, figures = read_view(subject, name)
    return Shown(view, figures, language=language, theme=theme)


def display_figures(figures: Sequence[Figure], *, language: Language, theme: Theme) -> None:
    """Shows figures in the notebook, one output each.

    Args:
        figures: Charts, cards, moving figures.
        language: Of what is written.
        theme: For a light or a dark ground.
    """
    from IPython.display import display

    for figure in figures:
        display(figure_bundle(figure, language=language, theme=theme), raw=True)


def display_run(subject: AbstractSubject, *, language: Language) -> None:
    """Shows a run in the notebook: how it was made, its population, and its curves.

    Args:
        subject: The run.
        language: Of what is written.
    """
    from IPython.display import display

    display({"text/html": run_html(subject, language=language), "text/plain": repr(subject)}, raw=True)
    curves = find_view("curves")
    found = curves.read(subject) if _is_notebook() else None
    if found is not None:
        display_figures(curves.draw(found), language=language, theme="light")


def run_html(subject: AbstractSubject, *, language: Language) -> str:
    """A run as a small table.

    Args:
        subject: The run.
        language: Of what is written.

    Returns:
        HTML with its style.
    """
    name = subject.id or subject.experiment.data.name
    title = Words(en=f"Run {name}", zh=f"运行 {name}")
    one = (language,)
    pairs = [(said(key, languages=one), said(value, languages=one)) for key, value in settings_of(subject)]
    table = table_html((), pairs)
    return _styled(f"<h4>{said(title, languages=one)}</h4>{table}{population_html(subject)}", language, "light")


def figure_bundle(figure: Figure, *, language: Language, theme: Theme) -> dict[str, Any]:
    """A figure in all the forms that a notebook may choose from.

    Args:
        figure: A chart, cards or a moving figure.
        language: Of what is written.
        theme: For a light or a dark ground.

    Returns:
        MIME type to data.
    """
    bundle: dict[str, Any] = {"text/plain": figure_text(figure, language=language)}
    if isinstance(figure, Chart):
        drawn = draw_figure(figure, language=language, theme=theme)
        drawn.update_layout(height=chart_height(figure))
        plain = json.loads(drawn.to_json() or "{}")
        html = _chart_html(plain, describe(figure, language), chart_height(figure))
        return {**bundle, PLOTLY: plain, "text/html": html}
    if isinstance(figure, Cards):
        title = f"<h4>{said(figure.title, languages=(language,))}</h4>"
        return {**bundle, "text/html": _styled(title + cards_html(figure, languages=(language,)), language, theme)}
    frame = frame_html([figure_block(figure)], title=figure.title, language=language, theme=theme)
    return {**bundle, **_widget_bundle(figure, language, theme), "text/html": frame}


def frame_html(body: Sequence[str | Block], *, title: Words, language: Language, theme: Theme) -> str:
    """A page in a frame of its own, which its script cannot leave.

    Args:
        body: HTML and figures.
        title: What the frame is called for whoever cannot see it.
        language: Of what is written.
        theme: For a light or a dark ground.

    Returns:
        HTML.
    """
    page = make_page(title=title, body=body, language=language, theme=theme, has_buttons=False)
    return (
        f'<iframe title="{escaped(title.say(language))}" srcdoc="{escape(page)}" '
        f'style="width: 100%; height: {FRAME_HEIGHT}px; border: none;"></iframe>'
    )


def _chart_html(figure: Mapping[str, Any], alternative: str, height: int) -> str:
    """A chart for nbconvert: it waits for Plotly's script, which the first chart of a kernel brings along."""
    place = f"backlit-chart-{next(_numbers)}"
    data = json.dumps({"data": figure["data"], "layout": figure["layout"]}, ensure_ascii=False).replace("<", "\\u003c")
    return (
        f"{_plotly_once()}"
        f'<div id="{place}" role="img" aria-label="{escaped(alternative)}" style="height: {height}px"></div>\n'
        f"<script>(() => {{\nconst figure = {data};\n"
        "const draw = () => (window.Plotly ? "
        f'Plotly.newPlot("{place}", figure.data, figure.layout, {{ responsive: true, displaylogo: false }}) : '
        "setTimeout(draw, 50));\ndraw();\n})();</script>"
    )


_has_plotly = False


def _plotly_once() -> str:
    """Plotly's script for the first chart, nothing for the others; running all cells anew gives it again."""
    global _has_plotly
    if _has_plotly:
        return ""
    _has_plotly = True
    return f"<script>{plotly_script()}</script>\n"


def _styled(inner: str, language: Language, theme: Theme) -> str:
    """Our HTML inside somebody else's page: our style holds only in its element."""
    return (
        f"<style>{page_text('page.css')}</style>"
        f'<div class="backlit" data-language="{language}" data-theme="{theme}">{inner}</div>'
    )


def _widget_bundle(figure: Moving, language: Language, theme: Theme) -> dict[str, Any]:
    """The moving figure as a widget; nothing where anywidget is not installed: the frame shows it, too."""
    if not _is_notebook() or find_spec("anywidget") is None:
        return {}
    from backlit.views.widget import moving_widget

    widget = moving_widget(figure, language=language, theme=theme)
    return {WIDGET: {"version_major": 2, "version_minor": 0, "model_id": widget.model_id}}


def _is_notebook() -> bool:
    """Whether a Jupyter kernel shows what is displayed; a terminal's IPython has none, and plain Python no IPython."""
    if "IPython" not in sys.modules:
        return False
    from IPython.core.getipython import get_ipython

    shell = get_ipython()
    return shell is not None and "IPKernelApp" in shell.config
