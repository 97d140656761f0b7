"""Figures of one view, in the form that the place asks for: Plotly, text, HTML, a file.

    shown = run.plot("curves")
    shown[0].update_layout(height=300)   an ordinary Plotly figure
    print(shown)                         drawn with characters
    shown.save("curves.html")            a page that opens from disk

In Jupyter it shows itself (see `notebook.py`). Not for choosing what is shown (see `reading.py`).
"""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, overload

from backlit.language import Language, text
from backlit.views.cards import Cards
from backlit.views.chart import Chart
from backlit.views.chart_figure import draw_figure
from backlit.views.chart_terminal import draw_chart
from backlit.views.kind import Figure, View
from backlit.views.moving import Moving
from backlit.views.page import figure_block, make_page, said
from backlit.views.saving import write_page
from backlit.views.theme import Theme

if TYPE_CHECKING:
    import plotly.graph_objects as go


class Shown(Sequence[Any]):
    """The figures of a view.

    As a sequence it holds Plotly figures for charts, and Cards or Moving figures as they are.

    Args:
        view: Whose they are.
        figures: What it drew.
        language: Of everything that is written in them.
        theme: For a light or a dark ground.

    Attributes:
        figures: What the view drew, as plain data.
    """

    def __init__(self, view: View, figures: Sequence[Figure], *, language: Language, theme: Theme = "light") -> None:
        self.figures = tuple(figures)
        self._view = view
        self._language: Language = language
        self._theme: Theme = theme

    def __len__(self) -> int:
        """How many figures."""
        return len(self.figures)

    @overload
    def __getitem__(self, place: int) -> "go.Figure | Cards | Moving": ...

    @overload
    def __getitem__(self, place: slice) -> "list[go.Figure | Cards | Moving]": ...

    def __getitem__(self, place: int | slice) -> Any:
        """One figure, or some of them."""
        if isinstance(place, slice):
            return [self._as_figure(figure) for figure in self.figures[place]]
        return self._as_figure(self.figures[place])

    def __repr__(self) -> str:
        return f"<Shown {self._view.name}: {', '.join(figure.name for figure in self.figures)}>"

    def __str__(self) -> str:
        return self.text()

    def text(self, *, width: int = 80) -> str:
        """The figures drawn with characters; of a moving figure what it shows in words.

        Args:
            width: Columns to fill.

        Returns:
            Lines.
        """
        return "\n\n".join(figure_text(figure, language=self._language, width=width) for figure in self.figures)

    def save(self, path: str | Path) -> Path:
        """Writes the figures as a page that opens from disk, with buttons for language and theme.

        Args:
            path: Where to; ends in `.html`.

        Returns:
            The path.

        Raises:
            SettingError: If the path does not end in `.html` or its folder is missing.
        """
        blocks = [figure_block(figure) for figure in self.figures]
        head = f'<h1>{said(self._view.title)}</h1><p class="about">{said(self._view.about)}</p>'
        page = make_page(title=self._view.title, header=head, body=blocks, language=self._language, theme=self._theme)
        return write_page(page, path, what=text("Saving the figures"))

    def _repr_html_(self) -> str:
        """HTML for whoever asks for nothing else; in Jupyter `_ipython_display_` comes first."""
        from backlit.views.notebook import figure_bundle

        bundles = [figure_bundle(figure, language=self._language, theme=self._theme) for figure in self.figures]
        return "\n".join(bundle["text/html"] for bundle in bundles)

    def _ipython_display_(self) -> None:
        """Shows the figures, one output each."""
        from backlit.views.notebook import display_figures

        display_figures(self.figures, language=self._language, theme=self._theme)

    def _as_figure(self, figure: Figure) -> "go.Figure | Cards | Moving":
        if isinstance(figure, Chart):
            return draw_figure(figure, language=self._language, theme=self._theme)
        return figure


def figure_text(figure: Figure, *, language: Language, width: int = 80) -> str:
    """One figure as text.

    Args:
        figure: A chart, cards or a moving figure.
        language: In which.
        width: Columns to fill.

    Returns:
        Lines.
    """
    if isinstance(figure, Chart):
        return draw_chart(figure, language=language, width=width)
    if isinstance(figure, Cards):
        return figure.say(language)
    return f"{figure.title.say(language)}\n{figure.alternative.say(language)}"
